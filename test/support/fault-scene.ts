import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { DAY_MS, HOUR_MS, isoTime } from '../../src/clock.ts';
import { isTempName } from '../../src/ledger/atomic-file.ts';
import { isObject, parseObject } from '../../src/session/json-object.ts';
import type { CliOptions } from './cli.ts';
import { addMachine, createFleet, type Fleet, gitIn, pushAll } from './machines.ts';
import {
  cacheEntries,
  claudeTranscript,
  finishedArtifacts,
  loginEntries,
  marker,
  recording,
  withoutHtml,
} from './sample-ledger.ts';
import { standInCalls, writeStandInClaude } from './stand-in-claude.ts';
import { writeFiles } from './temporary-folder.ts';

/** A clone with its remote, a home with a cache, and sessions of each kind that a pass treats in a way of its own. */
export interface FaultScene {
  readonly fleet: Fleet;
  /** What `runCli` is to be started with. */
  readonly machine: CliOptions;
  /** Above all of them. */
  readonly folder: string;
  /** Lines of recordings and of the agent's transcript. None of them may ever be nowhere. */
  readonly lines: readonly string[];
}

export const TOKEN = ['ghp', 'a1B2c3D4'.repeat(5)].join('_');
const TOKEN_GONE = '[REDACTED_GITHUB_TOKEN]';
const CACHE = '.cache/sageox/sessions/ledger/sessions';
const START = Date.UTC(2026, 2, 6, 10);

const at = (days: number) => START + days * DAY_MS;
const nameOf = (days: number, id: string) => `${isoTime(at(days)).slice(0, 16).replace(':', '-')}-mia-${id}`;

/** Role -> name. */
export const SESSIONS = {
  finished: nameOf(0, 'OxFini'),
  incomplete: nameOf(1, 'OxInco'),
  unsummarised: nameOf(2, 'OxUnsu'),
  abandoned: nameOf(3, 'OxAban'),
  cached: nameOf(4, 'OxCach'),
  worthless: nameOf(5, 'OxWort'),
  local: nameOf(6, 'OxLoca'),
  ghost: nameOf(7, 'OxGhos'),
  live: nameOf(8, 'OxLive'),
} as const;

const GOOD = {
  title: 'Find the entry that was lost',
  summary: 'An entry was looked for in all the places where it could be, and there it was, as it had always been.',
  key_actions: ['Looked in the tree', 'Looked in the cache', 'Looked in the trash'],
  outcome: 'success',
  topics_found: ['care'],
  quality_score: 0.8,
};

/** In `folder`, which is empty. */
export async function createFaultScene(folder: string): Promise<FaultScene> {
  const fleet = await createFleet(folder, 0);
  const { env, ...place } = addMachine(fleet, 'mia');
  const [root, home] = [place.cwd, path.join(folder, 'mia', 'home')];
  const transcript = path.join(home, 'transcripts', '5f0c7a54-27d5-4f5e-9a53-1d1f4a7a9c11.jsonl');
  const deadPid = spawnSync('true').pid;
  const raw = (days: number, id: string, said: string) =>
    recording(at(days), 'mia', id, [...loginEntries(at(days)), { type: 'user', content: said }]);
  const put = (where: string, name: string, files: Readonly<Record<string, string>>) =>
    writeFiles(path.join(where, name), files);
  const inTree = path.join(root, 'sessions');
  const inCache = path.join(home, CACHE);
  put(inTree, SESSIONS.finished, { 'raw.jsonl': raw(0, 'OxFini', 'well done'), ...finishedArtifacts() });
  put(inTree, SESSIONS.incomplete, {
    'raw.jsonl': recording(at(1), 'mia', 'OxInco', cacheEntries(at(1))),
    ...withoutHtml(finishedArtifacts()),
  });
  put(inTree, SESSIONS.unsummarised, { 'raw.jsonl': raw(2, 'OxUnsu', 'thank you') });
  writeFiles(root, { '.gitignore': '.recording.json\n' });
  pushAll(root, 'record sessions');
  writeFiles(home, { [path.relative(home, transcript)]: claudeTranscript(at(3)) });
  put(inTree, SESSIONS.abandoned, { '.recording.json': marker(at(3), 'OxAban', deadPid, transcript) });
  put(inCache, SESSIONS.cached, { 'raw.jsonl': raw(4, 'OxCach', `use ${TOKEN} to log in`) });
  put(inCache, SESSIONS.worthless, { 'raw.jsonl': raw(5, 'OxWort', 'nothing came of it') });
  put(inCache, SESSIONS.local, { 'raw.jsonl': raw(6, 'OxLoca', 'for myself') });
  put(inTree, SESSIONS.ghost, { '.recording.json': marker(at(7), 'OxGhos', deadPid) });
  put(inTree, SESSIONS.live, {
    'raw.jsonl': recording(at(8), 'mia', 'OxLive', loginEntries(at(8)).slice(0, 2), false),
    '.recording.json': marker(Date.now(), 'OxLive', process.pid),
  });
  await writeStandInClaude(fleet.claudeFolder, {
    calls: [{ answer: JSON.stringify(GOOD) }],
    whenPromptHas: [
      { text: 'nothing came of it', act: { answer: JSON.stringify({ ...GOOD, quality_category: 'skip' }) } },
      { text: 'for myself', act: { answer: JSON.stringify({ ...GOOD, quality_category: 'local_only' }) } },
    ],
  });
  const machine = { ...place, env: { ...env, HOME: home } };
  const scene = { fleet, machine, folder, lines: [] };
  return { ...scene, lines: recordedLines(scene) };
}

/** How often the agent was asked. */
export async function callsOf({ fleet }: FaultScene): Promise<number> {
  return (await standInCalls(fleet.claudeFolder)).length;
}

/** How many runs of the agent a process began. */
export function callsIn(steps: readonly string[]): number {
  return steps.filter((step) => /^spawn \S*claude -p /.test(step)).length;
}

/** How many of so many runs were under way when the process ended: nobody has their answers. */
export function callsInFlight({ machine }: FaultScene, started: number): number {
  const state = path.join(machine.cwd, '.git', 'agentwork', 'state.json');
  const { usage = {} } = existsSync(state) ? JSON.parse(readFileSync(state, 'utf8')) : {};
  const noted = Object.values<Record<string, { runs: number }>>(usage).flatMap((day) => Object.values(day));
  return started - noted.reduce((sum, { runs }) => sum + runs, 0);
}

/** What was recorded and is nowhere now, neither as it was nor without its secret. */
export function lostLines(scene: FaultScene): string[] {
  const there = new Set(recordedLines(scene));
  return scene.lines.filter((line) => !there.has(line) && !there.has(line.replaceAll(TOKEN, TOKEN_GONE)));
}

/** Time goes by for what a killed pass left half written: while it is young it could be somebody else's. */
export function letLeftoversAge({ folder }: FaultScene): void {
  const then = (Date.now() - HOUR_MS) / 1000;
  const isYoung = (file: string) => isTempName(path.basename(file)) || file.includes('/trash/.origins/');
  for (const file of filesBelow(path.join(folder, 'mia')).filter(isYoung)) utimesSync(file, then, then);
}

/** What nobody will look at again once all is done; what lies in the trash goes with it. */
export function leftoversOf({ fleet, machine, folder }: FaultScene): string[] {
  const files = filesBelow(path.join(folder, 'mia')).map((file) => path.relative(folder, file));
  const isLeft = (file: string) =>
    /agentwork-tmp|pass\.lock|\.lock$|fast_import_crash|\/tmp\/|index-lock|branch-move|redactions\//.test(file);
  const isRef = (line: string) => line.includes('refs/agentwork/');
  const refs = [fleet.remote, machine.cwd].flatMap((where) => gitIn(where, 'for-each-ref').split('\n').filter(isRef));
  const changes = gitIn(machine.cwd, 'status', '--porcelain', '--untracked-files=all').split('\n').filter(Boolean);
  const isLive = (line: string) => line.includes(SESSIONS.live);
  return [
    ...files.filter((file) => isLeft(file) && !file.includes('/trash/')),
    ...refs,
    ...changes.filter((line) => !isLive(line)),
  ];
}

const NO_OUTCOME = [
  /\/\.git\/(?!agentwork\/trash\/)/,
  /claude-config/,
  /agentwork-tmp$/,
  // What was half made, and in whose place the whole was put, is kept like anything else.
  /\/trash\/(\.origins\/)?[^/]*\.(raw\.jsonl|summary\.md|summary\.json|session\.html|session\.md)([-.]\d+)?(\.json)?$/,
];

/** All that stands at the remote, in the clone, in the cache and in the trash, but for ids and times. */
export function outcomeOf({ fleet, folder }: FaultScene): Readonly<Record<string, string>> {
  const isOurs = (file: string) => !NO_OUTCOME.some((pattern) => pattern.test(path.relative(folder, file)));
  const onDisk = filesBelow(path.join(folder, 'mia')).filter(isOurs);
  const pushed = gitIn(fleet.remote, 'ls-tree', '-r', '--format=%(path) %(objectname)', 'main').split('\n');
  return Object.fromEntries([
    ...onDisk.map((file) => [plain(path.relative(folder, file), folder), plain(readFileSync(file, 'utf8'), folder)]),
    ...pushed.map((line) => {
      const [file = '', blob = ''] = line.split(' ');
      return [`remote/${file}`, plain(gitIn(fleet.remote, 'cat-file', 'blob', blob), folder).trimEnd()];
    }),
  ]);
}

/** Without what may differ between two runs that end in the same. */
function plain(text: string, folder: string): string {
  return (
    inOrder(text)
      .replaceAll(folder, 'FOLDER')
      // What was begun to be put away under its own name gets the next one.
      .replaceAll(`${SESSIONS.worthless}.2`, SESSIONS.worthless)
      .replace(/"(?:sha256|content_hash|oid)":\s*"[^"]*"/g, '"DIGEST"')
      .replace(/"(?:size|bytes|duration_ms|cost_usd|tokens_in|tokens_out|attempts)":\s*[\d.]+/g, '"FIGURE"')
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'ID')
      .replace(isToday(), 'TIME')
  );
}

/** What is merged into a file that is there comes in another order. */
function inOrder(text: string): string {
  const value = parseObject(text);
  if (value === undefined) return text;
  const sorted = (_: string, each: unknown) =>
    isObject(each) ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1))) : each;
  return JSON.stringify(value, sorted, 2);
}

const isToday = () => new RegExp(`${isoTime(Date.now()).slice(0, 8)}\\d\\dT[\\d:.]+Z`, 'g');

function recordedLines({ folder }: Pick<FaultScene, 'folder'>): string[] {
  const isRecording = (file: string) => /raw\.jsonl(\.\d+)?$|transcripts\/.*\.jsonl$/.test(file);
  const recordings = filesBelow(path.join(folder, 'mia')).filter(isRecording);
  return recordings.flatMap((file) => readFileSync(file, 'utf8').split('\n')).filter((line) => line !== '');
}

function filesBelow(file: string): string[] {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return stat?.isFile() ? [file] : [];
  return readdirSync(file).flatMap((name) => filesBelow(path.join(file, name)));
}
