/**
 * What really went wrong in tools of this kind, each as a test. This file: what is found, what is left alone, and what
 * counts as living. The number is the lesson's; its rule is the name.
 *
 * Told of one pass instead of a daemon's scans: 18, a warning in every scan; 19, a wait for the lock of one session.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, isoTime, MINUTE_MS } from '../../src/clock.ts';
import { buildConfig } from '../../src/config.ts';
import { detectWork } from '../../src/detection.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import type { PidLookup } from '../../src/ledger/recorder.ts';
import { readSessionFiles } from '../../src/ledger/session-facts.ts';
import { type PassEvent, type PassOptions, runPass } from '../../src/pass.ts';
import { classifySession, isWork, type Verdict } from '../../src/session/classify.ts';
import { ARTIFACTS } from '../../src/session/facts.ts';
import { MockRunner } from '../../src/work/mock-runner.ts';
import { runJson } from '../support/cli.ts';
import { type TemporaryLedger, temporaryLedger } from '../support/ledger-dir.ts';
import { loginEntries, marker, recording } from '../support/sample-ledger.ts';
import { temporaryFolder, writeFiles } from '../support/temporary-folder.ts';

const START = Date.parse('2026-03-06T10:00:00Z');
const NOW = START + 3 * DAY_MS;
const NAME = '2026-03-06T10-00-ryan-Ox7f3a';
const OTHER = '2026-03-06T10-00-mia-OxOther';
const RAW = recording(START, 'ryan', 'Ox7f3a', loginEntries(START));
const STUB = recording(START, 'ryan', 'Ox7f3a', [], false);
const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 18233\n`;
/** Beyond what Linux gives out. */
const DEAD_PID = 2 ** 22 + 1;

const GOOD = JSON.stringify({
  title: 'Fix the login redirect loop',
  summary: 'Login ignored the page that people came from; now it returns them there, and only to pages of the site.',
  key_actions: ['Found the hard-coded target', 'Kept the target of the form', 'Added a check for own paths'],
  outcome: 'success',
  topics_found: ['auth'],
});

type Files = Readonly<Record<string, string>>;

const under = (folder: string, files: Files) =>
  Object.fromEntries(Object.entries(files).map(([name, content]) => [`${folder}/${name}`, content]));
const inLedger = (files: Files, name = NAME) => under(`sessions/${name}`, files);
const inCache = (files: Files, name = NAME) => under(`.sageox/cache/sessions/${name}`, files);
const cachedAt = ({ root }: TemporaryLedger, ...names: string[]) =>
  path.join(root, '.sageox/cache/sessions', NAME, ...names);
const at = ({ root }: TemporaryLedger, ...names: string[]) => path.join(root, 'sessions', NAME, ...names);
const read = (ledger: TemporaryLedger, file: string) => readFileSync(at(ledger, file), 'utf8');

/** A marker with other fields than those of the sample. */
const markerWith = (more: object, start = START) =>
  JSON.stringify({ ...JSON.parse(marker(start, 'Ox7f3a', DEAD_PID)), ...more });

/** A ledger whose files are committed, with others that git does not know. */
function ledgerWith(files: Files, committed: Files = {}): TemporaryLedger {
  const ledger = temporaryLedger({ '.gitignore': '.sageox/cache/\n', ...committed });
  writeFiles(ledger.root, files);
  return ledger;
}

interface PassSetup extends Partial<PassOptions> {
  readonly now?: number;
  readonly environment?: NodeJS.ProcessEnv;
  /** Happens while the agent thinks. */
  readonly meanwhile?: () => void;
}

/** A pass on a real disk, with an agent that always answers well. It commits where asked. */
async function pass(ledger: TemporaryLedger, setup: PassSetup = {}) {
  const { now = NOW, environment = ledger.environment, meanwhile = () => {}, ...options } = setup;
  const events: PassEvent[] = [];
  const runner = new MockRunner(true);
  runner.runFunc = async () => {
    meanwhile();
    return { output: GOOD, duration: 1, exitCode: 0 };
  };
  const world = {
    clock: () => now,
    environment,
    runner,
    tell: (event: PassEvent) => void (event.type === 'asking' || events.push(event)),
  };
  const report = await runPass(await open(ledger), world, optionsOf(options), new AbortController().signal);
  return { report, events, asked: runner.requests.length, sessions: report.results.map(({ session }) => session) };
}

const open = ({ root, environment }: TemporaryLedger) => openLedger(root, { cwd: root, environment });
const optionsOf = (options: Partial<PassOptions>): PassOptions => {
  return { config: buildConfig({}, {}, ''), sessions: [], again: false, limit: undefined, commit: false, ...options };
};

/** Name -> verdict of every session. */
async function verdicts(ledger: TemporaryLedger, now = NOW): Promise<Record<string, string>> {
  const world = { clock: () => now, environment: ledger.environment, tell: () => {} };
  const { all } = await detectWork(await open(ledger), world, optionsOf({}));
  return Object.fromEntries(all.map(({ session, verdict }) => [session.ledgerName, verdict.verdict]));
}

interface LookSetup {
  /** When every file was changed last. */
  readonly changedAt?: number;
  readonly now?: number;
  readonly pidLookup?: PidLookup;
}

/** The verdict on one real folder with these files. */
function judge(files: Files, { changedAt = START, now = NOW, pidLookup }: LookSetup = {}): Verdict {
  const folder = path.join(temporaryFolder(), NAME);
  writeFiles(folder, files);
  ageFolder(folder, changedAt);
  const session = readSessionFiles(folder, 'ledger', { pidLookup });
  if (!session) throw new Error('no session');
  return classifySession(session.facts, now);
}

function ageFolder(folder: string, epochMs: number): void {
  const time = new Date(epochMs);
  for (const name of readdirSync(folder)) utimesSync(path.join(folder, name), time, time);
  utimesSync(folder, time, time);
}

/** What Claude Code itself writes. */
function claudeTranscript(...said: readonly string[]): string {
  const lines = said.map((content, index) => ({
    type: index % 2 === 0 ? 'user' : 'assistant',
    uuid: `00000000-0000-4000-8000-00000000000${index}`,
    timestamp: isoTime(START + (index + 1) * MINUTE_MS),
    sessionId: '5f0c7a54-27d5-4f5e-9a53-1d1f4a7a9c11',
    cwd: '/home/dev/shop',
    message: { role: index % 2 === 0 ? 'user' : 'assistant', content },
  }));
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

test('1: a recording that crashed before it wrote a word is recovered from its agent’s transcript', async () => {
  const ledger = ledgerWith({
    'scratch/t.jsonl': claudeTranscript(`Why is the export empty? ${'It was full last month. '.repeat(3)}`, 'One day.'),
  });
  const transcript = path.join(ledger.root, 'scratch/t.jsonl');
  writeFiles(ledger.root, inLedger({ '.recording.json': marker(START, 'Ox7f3a', DEAD_PID, transcript) }));
  const { report } = await pass(ledger);
  expect(report.results).toMatchObject([{ session: NAME, success: true, agent: 'claude', recovery: { added: 2 } }]);
  expect(read(ledger, 'raw.jsonl')).toContain('Why is the export empty?');
  expect(existsSync(at(ledger, 'summary.json'))).toBe(true);
});

test('2: one command finishes what waits and ends, and what is left a moment later waits for no hour', async () => {
  const ledger = ledgerWith({});
  for (const name of [NAME, OTHER]) {
    writeFiles(ledger.root, inLedger({ 'raw.jsonl': RAW }, name));
    const { status, json } = await runJson(['finalize', '--agent', 'offline'], { cwd: ledger.root });
    expect({ status, results: json.results }).toMatchObject({ status: 0, results: [{ session: name, success: true }] });
  }
  expect(existsSync(path.join(ledger.root, '.git/agentwork/pass.lock'))).toBe(false);
});

describe('3: a dead pid, which may have been that of a shell, proves nothing within ten minutes of', () => {
  const spokenAt = (time: number) => [{ type: 'user', content: 'go on', timestamp: isoTime(time) }];

  test.each([
    ['its start', 9, 60 * 24, 60 * 24],
    ['its last hook', 60 * 24, 9, 60 * 24],
    ['the last word', 60 * 24, 60 * 24, 9],
  ])('%s', (_, started, hook, spoken) => {
    const ago = (minutes: number) => NOW - minutes * MINUTE_MS;
    const files = (later: number) => ({
      '.recording.json': markerWith({
        started_at: isoTime(ago(started + later)),
        last_hook_at: isoTime(ago(hook + later)),
      }),
      'raw.jsonl': recording(START, 'ryan', 'Ox7f3a', spokenAt(ago(spoken + later)), false),
    });
    expect(judge(files(0), { changedAt: NOW }).verdict).toBe('recording');
    expect(judge(files(2), { changedAt: NOW })).toMatchObject({ verdict: 'abandoned', rule: 'pid_dead' });
  });
});

describe('4: a recording is live when either process is alive,', () => {
  const alive = process.pid;

  test.each([
    ['that of its marker', alive, DEAD_PID],
    ['that of its marker, when nobody knows another', alive, 0],
    ['that which is looked up for its agent, when the marker names none', 0, alive],
    ['that which is looked up for its agent, when the marker names one that is gone', DEAD_PID, alive],
  ])('%s', (_, parent_pid, found) => {
    const files = { 'raw.jsonl': RAW, '.recording.json': markerWith({ parent_pid, started_at: undefined }) };
    const pidLookup = (agentId: string) => (agentId === 'Ox7f3a' ? found : 0);
    expect(judge(files, { pidLookup })).toMatchObject({ verdict: 'recording', rule: 'pid_alive' });
  });
});

describe('5: a file that is not empty has no content for that: it holds no entry with', () => {
  test.each([
    ['a header alone', STUB],
    ['a header of the other form', `${JSON.stringify({ _meta: { agent_id: 'Ox7f3a' } })}\n`],
    ['header and footer', recording(START, 'ryan', 'Ox7f3a', [])],
    ['blank lines', `${STUB}\n\n\n`],
  ])('%s', (_, raw) => {
    expect(judge({ 'raw.jsonl': raw })).toMatchObject({ verdict: 'header-only', rule: 'header_only' });
    const entry = JSON.stringify({ type: 'user', content: 'hello' });
    expect(isWork(judge({ 'raw.jsonl': `${raw}${entry}\n` }))).toBe(true);
  });
});

test('6: stubs that nobody goes on with are swept from caches, and never from the ledger', async () => {
  const stub = { 'raw.jsonl': STUB };
  const files = {
    ...inLedger(stub),
    ...inCache(stub, OTHER),
    ...inCache({ ...stub, '.recording.json': '{' }, 'marked'),
  };
  const ledger = ledgerWith(files);
  const caches = path.join(ledger.root, '.sageox/cache/sessions');
  for (const folder of [at(ledger), path.join(caches, OTHER), path.join(caches, 'marked')]) ageFolder(folder, START);
  await pass(ledger, { now: START + 47 * HOUR_MS });
  expect(existsSync(path.join(caches, OTHER))).toBe(true);
  const { events } = await pass(ledger);
  expect(events).toMatchObject([
    { type: 'removed', removal: { kind: 'stub' } },
    { type: 'found', sessions: 0 },
  ]);
  expect(readdirSync(caches)).toEqual(['marked']);
  expect(read(ledger, 'raw.jsonl')).toBe(STUB);
});

test('7: a pointer is never a ghost, whatever its marker says', async () => {
  const markers = {
    none: undefined,
    gone: markerWith({}),
    stopped: markerWith({ stopped_at: isoTime(START) }),
    silent: markerWith({ parent_pid: 0 }),
    torn: '{"agent_id":',
  };
  const files = Object.entries(markers).flatMap(([name, text]) => {
    const own = { 'raw.jsonl': POINTER, ...(text !== undefined && { '.recording.json': text }) };
    return [inLedger(own, name), inCache(own, `cached-${name}`)];
  });
  const ledger = ledgerWith(Object.assign({}, ...files));
  const folders = ['sessions', '.sageox/cache/sessions'].flatMap((parent) => {
    return readdirSync(path.join(ledger.root, parent)).map((name) => path.join(ledger.root, parent, name));
  });
  for (const folder of folders) ageFolder(folder, START);
  const content = () =>
    folders.map((folder) => [folder, readdirSync(folder), readFileSync(`${folder}/raw.jsonl`, 'utf8')]);
  const before = content();
  expect(new Set(Object.values(await verdicts(ledger)))).toEqual(new Set(['pointer']));
  const { asked, events } = await pass(ledger);
  expect({ asked, events }).toEqual({ asked: 0, events: [{ type: 'found', sessions: 0 }] });
  expect(content()).toEqual(before);
});

describe('8: what cannot be read as an entry is content all the same, and never nothing:', () => {
  test.each([
    ['a line of 300 KiB', JSON.stringify({ type: 'user', content: 'x'.repeat(300 * 1024) })],
    ['a line longer than any that is read', JSON.stringify({ type: 'user', content: 'x'.repeat(12 * 1024 * 1024) })],
    ['a line that is no JSON', 'what is this'],
    ['a torn line', '{"type":"user","content":"hel'],
  ])('%s', (_, line) => {
    for (const raw of [`${STUB}${line}\n`, `${line}\n`]) {
      expect(judge({ 'raw.jsonl': raw }).verdict).toBe('missing-artifacts');
      expect(judge({ 'raw.jsonl': raw, '.recording.json': markerWith({}) }).verdict).toBe('abandoned');
    }
  });

  test('a session of one line of 300 KiB is finished', async () => {
    const entries = [
      { type: 'user', content: 'x'.repeat(300 * 1024) },
      { type: 'assistant', content: 'That is long.' },
    ];
    const ledger = ledgerWith({}, inLedger({ 'raw.jsonl': recording(START, 'ryan', 'Ox7f3a', entries) }));
    expect((await pass(ledger)).report.results).toMatchObject([{ session: NAME, success: true, agent: 'claude' }]);
  });
});

describe('9: what cannot be read is not taken for missing or empty:', () => {
  test.each<[string, Files, string]>([
    ['a recording', { 'raw.jsonl': STUB }, 'raw.jsonl'],
    ['a recording whose process is gone', { 'raw.jsonl': STUB, '.recording.json': markerWith({}) }, 'raw.jsonl'],
    ['a whole folder', { 'raw.jsonl': STUB }, '.'],
  ])('%s', (_, files, locked) => {
    const parent = temporaryFolder();
    const folder = path.join(parent, NAME);
    writeFiles(folder, files);
    chmodSync(parent, 0o755);
    chmodSync(path.join(folder, locked), 0o000);
    const session = asNobody(() => readSessionFiles(folder, 'ledger'));
    chmodSync(path.join(folder, locked), 0o755);
    if (!session) throw new Error('it was taken for no session');
    const verdict = classifySession(session.facts, NOW);
    expect(verdict.verdict).toBe('unreadable');
    expect(isWork(verdict)).toBe(false);
  });

  test('a ledger', async () => {
    const ledger = ledgerWith(inLedger({ 'raw.jsonl': RAW }));
    rmSync(path.join(ledger.root, 'sessions'), { recursive: true });
    writeFileSync(path.join(ledger.root, 'sessions'), '');
    await expect(pass(ledger)).rejects.toMatchObject({ code: 'UNREADABLE' });
  });
});

/** Root may read everything; who is not root is nobody already. */
function asNobody<T>(look: () => T): T {
  if (process.getuid?.() !== 0) return look();
  process.seteuid?.(65534);
  try {
    return look();
  } finally {
    process.seteuid?.(0);
  }
}

describe('10: age alone does not end a draft;', () => {
  const now = Date.now();
  const ago = (ms: number) => isoTime(now - ms);

  test.each<[string, object | undefined, boolean]>([
    ['days of silence of an unknown process do not', { parent_pid: 0, started_at: ago(5 * DAY_MS) }, false],
    ['days without a marker do not', undefined, false],
    ['a process that lives does not', { parent_pid: process.pid, started_at: undefined }, false],
    ['a process that is gone for a moment does not', { started_at: ago(5 * MINUTE_MS) }, false],
    ['a process that is gone does', { started_at: ago(HOUR_MS) }, true],
    ['an explicit stop does', { parent_pid: process.pid, started_at: ago(HOUR_MS), stopped_at: ago(MINUTE_MS) }, true],
  ])('%s', (_, more, isOver) => {
    const files = {
      'raw.jsonl': RAW,
      'meta.json': JSON.stringify({ draft: true }),
      ...(more && { '.recording.json': markerWith(more) }),
    };
    const verdict = judge(files, { now });
    expect(isWork(verdict)).toBe(isOver);
    if (!isOver) expect(verdict.verdict).toBe('draft');
  });
});

describe('11: a meta.json that cannot be read is never replaced by one of our making', () => {
  test('when it is torn, empty, or no object', async () => {
    const torn = { a: '{"session_id":"ses_1","ti', b: '[]', c: '' };
    const names = Object.keys(torn);
    const files = Object.entries(torn).map(([name, meta]) => inLedger({ 'raw.jsonl': RAW, 'meta.json': meta }, name));
    const ledger = ledgerWith({}, Object.assign({}, ...files));
    expect(await verdicts(ledger)).toEqual({ a: 'unreadable', b: 'unreadable', c: 'unreadable' });
    const { asked, sessions } = await pass(ledger, { sessions: names, again: true });
    expect({ asked, sessions }).toEqual({ asked: 0, sessions: [] });
    expect(names.map((name) => read(ledger, `../${name}/meta.json`))).toEqual(Object.values(torn));
  });

  test('when it is torn while the agent thinks', async () => {
    const ledger = ledgerWith({}, inLedger({ 'raw.jsonl': RAW, 'meta.json': '{"session_id":"ses_1"}' }));
    await pass(ledger, { meanwhile: () => writeFileSync(at(ledger, 'meta.json'), '{"session_id":') });
    expect(read(ledger, 'meta.json')).toBe('{"session_id":');
  });
});

describe('12: a copy of somebody else’s session is neither summarised nor committed again', () => {
  test('when it was downloaded, whatever else lies in its folder', async () => {
    const stranger = { 'raw.jsonl': recording(START, 'mia', 'OxOther', loginEntries(START)), '.downloaded': '' };
    const copies: Record<string, Files> = {
      plain: stranger,
      marked: { ...stranger, '.recording.json': markerWith({}) },
      owed: { ...stranger, '.needs-summary': '{}' },
      empty: { ...stranger, 'raw.jsonl': STUB, '.recording.json': markerWith({}) },
    };
    const files = Object.entries(copies).map(([name, copy]) => inCache(copy, name));
    const ledger = ledgerWith(Object.assign({}, ...files));
    expect((await pass(ledger)).asked).toBe(0);
    expect((await pass(ledger, { sessions: Object.keys(copies), again: true })).asked).toBe(0);
    expect(existsSync(path.join(ledger.root, 'sessions'))).toBe(false);
    for (const [name, copy] of Object.entries(copies))
      expect(readdirSync(cachedAt(ledger, '..', name)).sort(), name).toEqual(Object.keys(copy).sort());
  });

  test('when the ledger has it finished, its recording in large file storage', async () => {
    const input = { sha256: 'a'.repeat(64), bytes: 18233, entries: 21 };
    const summary = JSON.stringify({ ...JSON.parse(GOOD), agentwork: { version: 1, agent: 'claude', input } });
    const artifacts = { 'summary.md': '#', 'session.html': '<p>', 'session.md': '#', 'summary.json': summary };
    const meta = JSON.stringify({ session_name: NAME, agent_id: 'Ox7f3a', summary_status: 'ok' });
    const ledger = ledgerWith(
      inCache({ 'raw.jsonl': RAW }),
      inLedger({ ...artifacts, 'raw.jsonl': POINTER, 'meta.json': meta }),
    );
    const { asked, sessions } = await pass(ledger);
    expect({ asked, sessions }).toEqual({ asked: 0, sessions: [] });
    expect(read(ledger, 'raw.jsonl')).toBe(POINTER);
  });
});

describe('13: a hold goes by the session’s name in every place, on every way, and fails closed', () => {
  const raw = { 'raw.jsonl': RAW };
  const places: Record<string, Files> = {
    beside: inLedger({ ...raw, '.held': '{}' }, 'beside'),
    cached: { ...inLedger(raw, 'cached'), ...inCache({ '.held': '{}' }, 'cached') },
    inLedger: { ...inLedger({ '.held': '{}' }, 'inLedger'), ...inCache(raw, 'inLedger') },
    torn: { ...inLedger(raw, 'torn'), ...inCache({ '.held': '{"held_at":' }, 'torn') },
    folder: { ...inLedger(raw, 'folder'), ...inCache({ '.held/x': '' }, 'folder') },
  };
  const offline = buildConfig({ agent: { flag: '--agent', value: 'offline' } }, {}, '');
  const nothing = { asked: 0, sessions: [] };

  test('wherever it lies and whatever it says', async () => {
    const names = Object.keys(places).sort();
    const ledger = ledgerWith(Object.assign({}, ...Object.values(places)));
    expect(await pass(ledger)).toMatchObject(nothing);
    expect(await pass(ledger, { sessions: names, again: true })).toMatchObject(nothing);
    expect(await pass(ledger, { config: offline })).toMatchObject(nothing);
    expect(await verdicts(ledger)).toEqual(Object.fromEntries(names.map((name) => [name, 'held'])));
  });

  test('when it is a link to nothing', async () => {
    const ledger = ledgerWith({ ...inLedger(raw), ...inCache({ x: '' }) });
    symlinkSync('/nowhere', cachedAt(ledger, '.held'));
    expect(await pass(ledger)).toMatchObject(nothing);
  });

  test('when it comes while the agent thinks', async () => {
    const ledger = ledgerWith({ ...inLedger(raw), ...inCache({ x: '' }) });
    const meanwhile = () => writeFiles(ledger.root, inCache({ '.held': '' }));
    const { report } = await pass(ledger, { commit: true, meanwhile });
    expect(report.results).toMatchObject([{ verdict: 'kept' }]);
    expect(readdirSync(at(ledger))).toEqual(['raw.jsonl']);
    expect(ledger.git('ls-files', 'sessions')).toBe('');
  });
});

test('14: a session in the cache of another environment is found, and one that lies in two caches is one', async () => {
  const ledger = ledgerWith({});
  const home = ledger.environment.HOME ?? '';
  const environment = { ...ledger.environment, XDG_CACHE_HOME: path.join(home, 'xdg') };
  const caches = ['.cache/sageox', 'Library/Caches/sageox', '.sageox/cache', 'xdg/sageox'];
  const names = caches.map((_, index) => `${NAME}${index}`);
  for (const [index, cache] of caches.entries()) {
    const raw = recording(START, 'ryan', `Ox7f3a${index}`, loginEntries(START));
    writeFiles(path.join(home, cache, 'sessions/ledger/sessions'), { [`${names[index]}/raw.jsonl`]: raw });
    writeFiles(path.join(home, cache, 'sessions/ledger/sessions'), { [`${NAME}/raw.jsonl`]: RAW });
  }
  const { sessions } = await pass(ledger, { environment });
  expect([...sessions].sort()).toEqual([NAME, ...names]);
});

test('15: a session that was found outside of the ledger is put into it before it is committed', async () => {
  const ledger = ledgerWith(inCache({ 'raw.jsonl': RAW }));
  const { report } = await pass(ledger, { commit: true });
  expect(report).toMatchObject({ push: { outcome: 'done' }, results: [{ success: true, verdict: 'share' }] });
  const committed = ledger.git('ls-tree', '-r', '--name-only', 'origin/main', 'sessions').split('\n');
  const expected = ['raw.jsonl', 'meta.json', ...ARTIFACTS].map((name) => `sessions/${NAME}/${name}`);
  expect(committed.sort()).toEqual(expected.sort());
});

test('16: the cleanup of a ghost acts on the folder that was scanned, not on the paths that its marker tells', async () => {
  const ledger = ledgerWith(inLedger({ '.recording.json': '{}', notes: 'mine' }, OTHER));
  const victim = path.join(ledger.root, 'sessions', OTHER);
  const paths = { session_path: victim, output_file: path.join(victim, 'raw.jsonl'), cache_dir: victim };
  writeFiles(ledger.root, inLedger({ '.recording.json': markerWith(paths) }));
  const { events } = await pass(ledger);
  expect(events[0]).toMatchObject({ type: 'removed', removal: { kind: 'ghost', path: at(ledger) } });
  expect(existsSync(at(ledger))).toBe(false);
  expect(readdirSync(victim).sort()).toEqual(['.recording.json', 'notes']);
});

test('17: a pid that a later process has now does not keep a recording alive', () => {
  const now = Date.now();
  const files = (started: number) => ({
    'raw.jsonl': RAW,
    '.recording.json': markerWith({ parent_pid: process.pid, started_at: isoTime(started) }),
  });
  expect(judge(files(now), { now })).toMatchObject({ verdict: 'recording', rule: 'pid_alive' });
  expect(judge(files(now - 365 * DAY_MS), { now })).toMatchObject({ verdict: 'abandoned', rule: 'pid_dead' });
});

test('18: a recording that cannot be understood is told once, and again only when it has changed', async () => {
  const ledger = ledgerWith({}, inLedger({ 'raw.jsonl': 'what is this\n' }));
  const troubles = async () => {
    const { report, events } = await pass(ledger);
    const warnings = events.filter(({ type }) => type === 'warning');
    return [...report.results.map(({ error }) => error?.code), ...warnings];
  };
  expect(await troubles()).toEqual(['BAD_TRANSCRIPT']);
  expect(await troubles()).toEqual([]);
  expect(await troubles()).toEqual([]);
  expect(await verdicts(ledger)).toEqual({ [NAME]: 'unreadable' });
  writeFileSync(at(ledger, 'raw.jsonl'), 'what is this now\n');
  expect(await troubles()).toEqual(['BAD_TRANSCRIPT']);
  expect(await troubles()).toEqual([]);
});

test('19: sessions that somebody is busy with make no other one wait: nothing is opened that could block', async () => {
  const pipes = ['raw.jsonl', '.recording.json', 'meta.json', 'summary.json', '.needs-summary', '.held'];
  const ledger = ledgerWith(inLedger({ 'raw.jsonl': RAW }));
  for (const name of pipes) {
    const busy = path.join(ledger.root, 'sessions', `busy-${name}`);
    writeFiles(busy, name === 'raw.jsonl' ? { notes: '' } : { 'raw.jsonl': STUB });
    execFileSync('mkfifo', [path.join(busy, name)]);
  }
  expect((await pass(ledger)).sessions).toEqual([NAME]);
});

test('20: a recording without a process of its own ends by the silence of its hooks', () => {
  const files = (hook: number) => ({
    'raw.jsonl': RAW,
    '.recording.json': markerWith({ parent_pid: 0, adapter_name: 'cursor', last_hook_at: isoTime(hook) }),
  });
  expect(judge(files(NOW - 23 * HOUR_MS))).toMatchObject({ verdict: 'recording', rule: 'time_not_reached' });
  expect(judge(files(NOW - 25 * HOUR_MS))).toMatchObject({ verdict: 'abandoned', rule: 'time_threshold' });
});

test('no lesson of this part has lost its test', () => {
  const own = readFileSync(new URL(import.meta.url), 'utf8');
  const numbers = [...own.matchAll(/^(?:test|describe)\('(\d+):/gm)].map(([, number]) => Number(number));
  expect(numbers).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
});
