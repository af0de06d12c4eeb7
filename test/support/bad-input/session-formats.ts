import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { withAttributes } from '../../../src/session/file-storage.ts';
import { buildMeta, formatMeta } from '../../../src/session/meta.ts';
import { formatSummaryJson } from '../../../src/session/summary.ts';
import { richDocument } from '../rich-document.ts';
import { createSampleLedger, loginEntries, marker, recording } from '../sample-ledger.ts';
import { buffers, fixturesCalled, type InputFormat } from './input-format.ts';
import { NAME, NO_PID, SECRET, SessionScene, START } from './session-scene.ts';

const TOLD = { type: 'user', content: `use ${SECRET} to log in` };
const RAW = recording(START, 'ryan', 'Ox7f3a', [TOLD, ...loginEntries(START)]);
const CAPTURED = recording(START, 'ryan', 'Ox7f3a', [TOLD, ...loginEntries(START).slice(0, 3)], false);
const AGENT_SESSION = '5f0c7a54-27d5-4f5e-9a53-1d1f4a7a9c11';

/** A file of a session that may be bad, and what lies beside it. */
export interface SessionFile {
  readonly name: string;
  readonly thousands: number;
  readonly samples: readonly Buffer[];
  /** In the session's folder, or absolute. */
  readonly file: string;
  readonly others: Readonly<Record<string, string>>;
}

/** Every one of them; the agent's own transcript lies at `transcript`. */
export function sessionFiles(transcript: string): readonly SessionFile[] {
  samples ??= sampleLedgerFiles();
  const document = richDocument();
  const summary = Buffer.from(formatSummaryJson({ ...document.summary, agentwork: ORIGIN }));
  const meta = Buffer.from(formatMeta(buildMeta(undefined, metaSources(document))));
  const lost = (adapter: string, changes: object = {}) =>
    JSON.stringify({ ...JSON.parse(marker(START, 'Ox7f3a', NO_PID, transcript)), adapter_name: adapter, ...changes });
  const full = lost('claude-code', MARKER_EXTRAS);
  const raws = [...samples('raw.jsonl'), ...fixturesCalled(/jsonl$/, 'generic-transcripts')];
  const file = (name: string, thousands: number, those: readonly Buffer[], others = {}, file = name): SessionFile => ({
    ...{ name, thousands, samples: those, file, others },
  });
  return [
    file('raw.jsonl', 4, raws),
    file('Git LFS pointer', 6, buffers(POINTER, POINTER.replaceAll('\n', '\r\n')), {}, 'raw.jsonl'),
    file('meta.json', 4, [...samples('meta.json'), meta], { 'raw.jsonl': RAW }),
    file('summary.json', 4, [...samples('summary.json'), summary], { 'raw.jsonl': RAW }),
    file('.recording.json', 4, [...samples('.recording.json'), ...buffers(full)], { 'raw.jsonl': CAPTURED }),
    file('raw.jsonl.append.json', 2, buffers(JOURNAL), { 'raw.jsonl': CAPTURED, '.recording.json': full }),
    ...TRANSCRIPTS.map(([adapter, pattern, folder]) => {
      const others = { '.recording.json': lost(adapter) };
      return file(`${adapter} transcript`, 2, fixturesCalled(pattern, folder), others, transcript);
    }),
  ];
}

/** The same where a pass finds them, and what it adds to. */
export function sessionFormats(place: string): readonly InputFormat[] {
  const scene = new SessionScene(place);
  const files = sessionFiles(path.join(scene.projects, '-home-dev-shop', `${AGENT_SESSION}.jsonl`));
  return [
    ...files.map(({ file, others, ...format }) => {
      return { ...format, read: (bytes: Buffer) => scene.read(others, file, bytes) };
    }),
    {
      name: '.gitattributes',
      thousands: 4,
      samples: ATTRIBUTES,
      read: (bytes) => withAttributes(bytes.toString('utf8'), ['raw.jsonl', 'session.html']),
    },
  ];
}

export const ATTRIBUTES = buffers(
  withAttributes('', ['raw.jsonl']) ?? '',
  '* text=auto\n*.html -diff\n[attr]lfs filter=lfs\n',
);

let samples: ((name: string) => readonly Buffer[]) | undefined;

const TRANSCRIPTS = [
  ['claude-code', /jsonl$/, 'claude-transcripts'],
  ['codex', /jsonl$/, 'codex-transcripts'],
  ['gemini', /jsonl?$/, 'gemini-transcripts'],
  ['generic', /jsonl$/, 'generic-transcripts'],
] as const;

const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'4d7a2146'.repeat(8)}\nsize 182330\n`;
const JOURNAL = JSON.stringify({ raw_size: 100, final_size: CAPTURED.length, old_offset: 0, new_offset: 2000 });
const ORIGIN = {
  version: 1,
  input: { sha256: 'a'.repeat(64), bytes: 100, entries: 3 },
  agent: 'claude',
  model: 'claude-haiku-4-5',
  runs: 1,
  tokens_in: 4000,
  tokens_out: 900,
  cost_usd: 0.01,
  redactions: 2,
} as const;
const MARKER_EXTRAS = {
  agent_session_id: AGENT_SESSION,
  native_sessions: [{ id: AGENT_SESSION }],
  stopped_at: '2026-03-06T12:00:00Z',
  last_hook_at: '2026-03-06T11:00:00Z',
  start_offset: 0,
  source_offset: 0,
  lifecycle: [
    { action: 'pause', at: '2026-03-06T10:10:00Z', offset: 100 },
    { action: 'resume', at: '2026-03-06T10:20:00Z', offset: 900 },
    { action: 'pause', at: '2026-03-06T10:30:00Z' },
  ],
};

function metaSources({ header, outline, summary }: ReturnType<typeof richDocument>) {
  const files = { 'raw.jsonl': { storage: 'lfs', oid: `sha256:${'b'.repeat(64)}`, size: 1e6 } } as const;
  return { name: NAME, repoId: 'ledger', header, outline, summary, files, wasRecovered: true };
}

/** Reads files of one name from all sessions of the sample ledger. */
function sampleLedgerFiles(): (name: string) => readonly Buffer[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'agentwork-test-'));
  const { root, sessions } = createSampleLedger(path.join(folder, 'sample'), START);
  const files = new Map<string, Buffer[]>();
  for (const name of ['raw.jsonl', 'meta.json', 'summary.json', '.recording.json']) {
    const places = Object.values(sessions).map((session) => path.join(root, 'sessions', session, name));
    files.set(name, places.flatMap(bufferIfThere));
  }
  rmSync(folder, { recursive: true });
  return (name) => files.get(name) ?? [];
}

function bufferIfThere(file: string): readonly Buffer[] {
  try {
    return [readFileSync(file)];
  } catch {
    return []; // Not every session has every file.
  }
}
