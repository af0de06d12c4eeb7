import {
  cpSync,
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { HOUR_MS, isoTime } from '../../src/clock.ts';
import { defined } from '../../src/session/json-object.ts';
import { bigSessionLines } from '../support/big-session.ts';
import { BIN, isolatedEnvironment } from '../support/cli.ts';
import { addMachine, gitIn, pushAll } from '../support/machines.ts';
import { finishedArtifacts, loginEntries, recording } from '../support/sample-ledger.ts';
import { writeStandInClaude } from '../support/stand-in-claude.ts';
import type { Figure } from './figure.ts';
import { printFigures } from './figure.ts';
import { type Comparison, type Program, sideBySide } from './side-by-side.ts';

const MEGABYTE = 1_000_000;
const PROGRAMS = fileURLToPath(new URL('programs.mjs', import.meta.url));
const START = Date.UTC(2024, 0, 1);
const NEW_SESSIONS = 50;
/** Entries of a recording of some 200 KB, and of one of 500 MB. */
const [USUAL_ENTRIES, MOST_ENTRIES] = [75, 180_000];
const ANSWER_MS = 2000;
const AGENTS = 4;
/** As many as `programs.mjs` starts. */
const CHATTY = 50;

/** How much of everything. */
interface Size {
  readonly sessions: number;
  /** Of the clone into which sessions are published. */
  readonly published: number;
  readonly unfinished: number;
  readonly asked: number;
  readonly entries: number;
  readonly rounds: number;
}

const QUICK: Size = { sessions: 1000, published: 200, unfinished: 10, asked: 4, entries: 4000, rounds: 1 };
const USUAL: Size = { sessions: 10_000, published: 2000, unfinished: 100, asked: 40, entries: 36_000, rounds: 5 };
const FULL: Size = {
  ...{ sessions: 100_000, published: 10_000, unfinished: 1000, asked: 100, entries: MOST_ENTRIES, rounds: 5 },
};

/** What a pass over a ledger of this size costs, beside programs that do the least of it. */
export async function ledgers({ isQuick, isFull }: { readonly isQuick: boolean; readonly isFull: boolean }) {
  const size = isQuick ? QUICK : isFull ? FULL : USUAL;
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'agentwork-bench-')));
  try {
    console.log(`${size.sessions} sessions, finished and committed, ${6 * size.sessions} files`);
    const figures = [
      ...(await start(folder, size)),
      ...finished(folder, size),
      ...publishing(folder, size),
      ...(await reading(folder, size)),
      ...offline(folder, size),
      ...(await asking(folder, size)),
      ...(await chatting(folder, size)),
    ];
    printFigures(figures);
    return figures;
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Nothing of the user's own takes part; the program is kept compiled, as it is for others. */
function isolated(cwd: string, claudeFolder?: string): Program['env'] {
  const { NODE_DISABLE_COMPILE_CACHE: _, ...env } = isolatedEnvironment(defined({ cwd, claudeFolder }));
  return { ...env, AGENTWORK_MAX_INVOCATIONS_PER_HOUR: '100000' };
}

const other = (cwd: string, command: Program['command'], more: Partial<Program> = {}): Program => ({
  ...{ command, cwd, env: isolated(cwd) },
  ...more,
});
const ours = (cwd: string, words: readonly string[], more?: Partial<Program>) =>
  other(cwd, [process.execPath, BIN, ...words], more);
const program = (cwd: string, way: string, place: string) => other(cwd, [process.execPath, PROGRAMS, way, place]);

async function start(folder: string, { rounds }: Size): Promise<readonly Figure[]> {
  const { root } = makeLedger(folder, 'small', 3);
  const node = other(root, [process.execPath, '-e', '0']);
  const compared = sideBySide(ours(root, ['status']), node, 3 * rounds);
  const most = Number(process.versions.node.split('.')[0]) < 22 ? 4 : 3.2;
  return rows('status of a small ledger', 'node -e 0', compared, { ratio: most, peakMb: 60 });
}

function finished(folder: string, size: Size): readonly Figure[] {
  const { sessions, rounds } = size;
  const ledger = makeLedger(folder, 'finished', sessions);
  const find = other(ledger.root, ['find', 'sessions', '-mindepth', '2', '-maxdepth', '2', '-type', 'f']);
  const pass = ours(ledger.root, ['finalize', '--agent', 'offline', '--no-push']);
  const summaries = program(ledger.root, 'summaries', path.join(ledger.root, 'sessions'));
  const first = sideBySide({ ...pass, before: () => ledger.forget() }, summaries, rounds);
  const idle = sideBySide(pass, find, rounds);
  const full = sideBySide({ ...pass, command: [...pass.command, '--full'] }, find, rounds);
  const fresh = sideBySide({ ...pass, before: () => ledger.addCommitted(NEW_SESSIONS) }, find, rounds);
  return [
    ...rows('first look', 'JSON.parse of summaries', first, { ratio: 2, at: size }),
    ...rows('nothing new', 'find', idle, { ratio: 0.08, at: size }),
    ...rows(`${NEW_SESSIONS} new sessions`, 'find', fresh, { ratio: 0.2, at: size }),
    ...rows('full look', 'find', full, { ratio: 1.2, peakMb: 120, at: size }),
  ];
}

function publishing(folder: string, size: Size): readonly Figure[] {
  const { published, rounds } = size;
  const [mine, theirs] = ['mine', 'theirs'].map((name) => makeLedger(folder, name, published));
  if (!mine || !theirs) return [];
  const shell = 'git add sessions && git commit --quiet --message finalize && git push --quiet';
  const compared = sideBySide(
    ours(mine.root, ['finalize', '--agent', 'offline'], { before: () => mine.addFinished(NEW_SESSIONS) }),
    other(theirs.root, ['sh', '-c', shell], { before: () => theirs.addFinished(NEW_SESSIONS) }),
    rounds,
  );
  return rows(`publish ${NEW_SESSIONS} sessions`, 'add, commit, push', compared, { ratio: 1.25, at: size });
}

async function reading(folder: string, { entries, rounds }: Size): Promise<readonly Figure[]> {
  const file = path.join(folder, 'raw.jsonl');
  await pipeline(Readable.from(bigSessionLines(entries)), createWriteStream(file));
  const compared = sideBySide(program(folder, 'read', file), program(folder, 'readline', file), rounds);
  const megabytes = (statSync(file).size / MEGABYTE).toFixed(0);
  return rows(`read ${megabytes} MB`, 'readline, JSON.parse', compared, { ratio: 0.35, peakMb: 100 });
}

function offline(folder: string, size: Size): readonly Figure[] {
  const { unfinished, rounds } = size;
  const ledger = makeLedger(folder, 'offline', 0);
  const raw = [...bigSessionLines(USUAL_ENTRIES)].join('');
  ledger.addCommitted(unfinished, () => ({ 'raw.jsonl': raw }));
  const pass = ours(ledger.root, ['finalize', '--agent', 'offline'], { before: () => ledger.reset() });
  const parse = program(ledger.root, 'recordings', path.join(ledger.root, 'sessions'));
  const compared = sideBySide(pass, parse, Math.min(rounds, 3));
  const kilobytes = (Buffer.byteLength(raw) / 1000).toFixed(0);
  const tenth = pass.command.concat('--limit', String(unfinished / 10)) as unknown as Program['command'];
  const linear = sideBySide(pass, { ...pass, command: tenth }, 1);
  return [
    ...rows(`${unfinished} of ${kilobytes} KB, offline`, 'JSON.parse of them', compared, { ratio: 20, at: size }),
    ...rows('all of them', 'a tenth', linear, { ratio: 10.5, at: size }),
  ];
}

/** What many agents print at once, through the runner, to the same programs read by lines. */
async function chatting(folder: string, { rounds }: Size): Promise<readonly Figure[]> {
  const events = path.join(folder, 'events.jsonl');
  writeFileSync(events, [...chatter(MEGABYTE)].join(''));
  const compared = sideBySide(program(folder, 'runner', events), program(folder, 'lines', events), rounds);
  return rows(`${CHATTY} agents of 1 MB`, 'execa by lines', compared, { ratio: 0.6, peakMb: 90 });
}

/** What `claude` prints as stream-json: thought by thought, then what came of it. */
function* chatter(bytes: number): Generator<string> {
  const said = {
    type: 'assistant',
    message: { content: [{ type: 'thinking', thinking: 'and so it goes '.repeat(60) }] },
  };
  const line = `${JSON.stringify(said)}\n`;
  for (let left = bytes; left > 0; left -= line.length) yield line;
  const usage = { input_tokens: 1000, output_tokens: 200 };
  const end = {
    type: 'result',
    subtype: 'success',
    is_error: false,
    result: '{"title":"t"}',
    usage,
    total_cost_usd: 0.01,
  };
  yield `${JSON.stringify(end)}\n`;
}

/** To the time in which four agents at once could have answered all. */
async function asking(folder: string, size: Size): Promise<readonly Figure[]> {
  const { asked } = size;
  const ledger = makeLedger(folder, 'asked', 0);
  ledger.addCommitted(asked, (at) => ({ 'raw.jsonl': recording(at, 'mia', 'OxA1', loginEntries(at)) }));
  const claude = path.join(folder, 'claude-bin');
  await writeStandInClaude(claude, { calls: [{ delayMs: ANSWER_MS }] });
  const env = isolated(ledger.root, claude);
  const pass = ours(ledger.root, ['finalize', '--concurrency', String(AGENTS)], { env });
  const ideal = String((Math.ceil(asked / AGENTS) * ANSWER_MS) / 1000);
  const compared = sideBySide({ ...pass, before: () => ledger.reset() }, other(ledger.root, ['sleep', ideal]), 1);
  const what = `${asked} agents of ${ANSWER_MS / 1000} s`;
  return rows(what, `${AGENTS} at once, nothing else`, compared, { ratio: 1.05, at: size });
}

/** The limits, and the size that they are of where it matters: those of `--full`. */
interface Most {
  readonly ratio: number;
  readonly peakMb?: number;
  readonly at?: Size;
}

function rows(
  what: string,
  to: string,
  { ratio, oursMs, referenceMs, peakMb }: Comparison,
  most: Most,
): readonly Figure[] {
  const value = `${ratio.toFixed(2)} × ${to} (${oursMs.toFixed(0)} to ${referenceMs.toFixed(0)} ms)`;
  const time = { what, value, amount: ratio, ...judged(ratio, most.ratio, most) };
  if (peakMb === undefined) return [time];
  const memory = { what: '', value: `${peakMb.toFixed(0)} MB`, amount: peakMb };
  return [time, most.peakMb === undefined ? memory : { ...memory, ...judged(peakMb, most.peakMb, most) }];
}

function judged(amount: number, limit: number, { at = FULL }: Most): Pick<Figure, 'goal' | 'isMet'> {
  const goal = `at most ${limit}`;
  return at === FULL ? { goal, isMet: amount <= limit } : { goal: `${goal} with --full` };
}

type Files = (startMs: number) => Readonly<Record<string, string>>;

const FINISHED: Files = (at) => ({
  'raw.jsonl': recording(at, 'mia', 'OxF1', loginEntries(at)),
  ...finishedArtifacts(),
});

/** A clone with its bare remote, and so many sessions that are finished, committed and pushed. */
function makeLedger(folder: string, name: string, sessions: number) {
  const place = path.join(folder, name);
  const remote = path.join(place, 'remote.git');
  mkdirSync(place);
  gitIn(place, 'init', '--quiet', '--bare', '--initial-branch=main', remote);
  const { cwd: root } = addMachine({ folder: place, remote, claudeFolder: '' }, 'mia');
  const git = (...words: readonly string[]) => gitIn(root, ...words);
  mkdirSync(path.join(root, 'sessions'));
  git('config', 'gc.auto', '0');
  let count = 0;
  const forget = () => rmSync(path.join(root, '.git', 'agentwork'), { recursive: true, force: true });
  let kept = '';
  const add = (some: number, files: Files) => {
    for (let left = some; left > 0; left -= 1) writeSession(root, count++, files);
  };
  const addCommitted = (some: number, files = FINISHED) => {
    add(some, files);
    pushAll(root, 'record sessions');
    kept = git('rev-parse', 'HEAD');
  };
  if (sessions > 0) addCommitted(sessions);
  // As a clone has them: the remote keeps what was pushed as one pack.
  cpSync(path.join(remote, 'objects', 'pack'), path.join(root, '.git', 'objects', 'pack'), { recursive: true });
  git('prune-packed', '--quiet');
  return {
    root,
    forget,
    /** Of others, as a pull brings them. */
    addCommitted,
    /** Which wait for nothing but the commit. */
    addFinished: (some: number) => add(some, FINISHED),
    /** As it was when it was kept, here and at the remote. */
    reset() {
      git('reset', '--quiet', '--hard', kept);
      git('clean', '--quiet', '--force', '-d');
      git('push', '--quiet', '--force', 'origin', `${kept}:refs/heads/main`);
      forget();
    },
  };
}

function writeSession(root: string, index: number, files: Files): void {
  const at = START + index * HOUR_MS;
  const name = `${isoTime(at).slice(0, 16).replace(':', '-')}-mia-Ox${(index + 4096).toString(16)}`;
  const folder = path.join(root, 'sessions', name);
  mkdirSync(folder);
  for (const [file, content] of Object.entries(files(at))) writeFileSync(path.join(folder, file), content);
}
