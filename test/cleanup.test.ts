import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { PlannedRemoval } from '../src/cleanup/removal.ts';
import { applyCleanup, planCleanup, type Removal, runCleanup } from '../src/cleanup.ts';
import { DAY_MS, HOUR_MS, isoTime, MINUTE_MS } from '../src/clock.ts';
import { openLedger } from '../src/ledger/ledger.ts';
import type { SurveyOptions } from '../src/ledger/survey.ts';
import { listTrash, moveToTrash, trashFolder } from '../src/ledger/trash/trash.ts';
import { ARTIFACTS } from '../src/session/facts.ts';
import { StateStore } from '../src/state.ts';
import { secondClone, type TemporaryLedger, temporaryLedger } from './support/ledger-dir.ts';
import { writeFiles } from './support/temporary-folder.ts';

const NOW = Date.UTC(2026, 2, 6, 12);
const DEAD_PID = spawnSync(process.execPath, ['--version']).pid;
const SESSION = '2026-03-06T10-00-ryan-Ox7f3a';

type Files = Readonly<Record<string, string>>;

const HEADER = `${JSON.stringify({ type: 'header', metadata: { agent_id: 'Ox7f3a', created_at: isoTime(NOW - DAY_MS) } })}\n`;
const ENTRY = `${JSON.stringify({ type: 'user', content: 'find out why' })}\n`;
const RAW = `${HEADER}${ENTRY}${JSON.stringify({ type: 'assistant', content: 'it was the cache '.repeat(20) })}\n`;
const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 18233\n`;
const SUMMARY = JSON.stringify({ title: 'T', summary: 's', key_actions: ['a'], outcome: 'success', topics_found: [] });
const FINISHED = { 'summary.md': '#', 'summary.json': SUMMARY, 'session.html': '<p>', 'session.md': '#' };
const COMPLETE = { 'raw.jsonl': RAW, 'meta.json': '{}', ...FINISHED };

const marker = (more: object = {}) =>
  JSON.stringify({ agent_id: 'Ox7f3a', started_at: isoTime(NOW - 3 * HOUR_MS), parent_pid: DEAD_PID, ...more });

/** A recorder that runs. */
const LIVING = { parent_pid: process.pid, started_at: isoTime(Date.now()) };

interface Scene extends TemporaryLedger {
  readonly sessionsDir: string;
  /** In the clone's own tree, where git ignores it. */
  readonly cache: string;
  readonly stateDir: string;
  readonly temporary: string;
  /** Folder of a cached session -> what is remembered of it. */
  readonly memories: Map<string, ReturnType<SurveyOptions['remembered']>>;
  inLedger(name: string, files: Files): string;
  inCache(name: string, files: Files): string;
  plan(now?: number): Promise<PlannedRemoval[]>;
}

async function openScene(committed: Files = { 'sessions/.gitignore': '' }): Promise<Scene> {
  const clone = temporaryLedger({ '.gitignore': '.sageox/\n', ...committed });
  const { root, scratch, environment } = clone;
  const ledger = await openLedger(root, { cwd: root, environment });
  const cache = path.join(root, '.sageox', 'cache', 'sessions');
  const temporary = path.join(scratch, 'tmp');
  const memories: Scene['memories'] = new Map();
  for (const folder of [cache, temporary, ledger.stateDir]) mkdirSync(folder, { recursive: true });
  const survey = {
    ledger,
    caches: [cache],
    remembered: (key: string) => memories.get(key),
    journal: [],
    git: ledger.git,
  };
  const write = (base: string) => (name: string, files: Files) => {
    writeFiles(path.join(base, name), files);
    return path.join(base, name);
  };
  return {
    ...clone,
    sessionsDir: ledger.sessionsDir,
    stateDir: ledger.stateDir,
    cache,
    temporary,
    memories,
    inLedger: write(ledger.sessionsDir),
    inCache: write(cache),
    plan: (now = NOW) => planCleanup({ survey, stateDir: ledger.stateDir, now, pushedCopies: 'go', temporary }),
  };
}

const rowsOf = (plan: readonly PlannedRemoval[]) => plan.map(({ row }) => row);
const places = (rows: readonly Removal[]) => rows.map((row) => [row.kind, row.path]);

function noTrouble(message: string): never {
  throw new Error(message);
}

/** Plans, checks that the real run says the same rows, and returns what is gone. */
async function clean(scene: Scene, now = NOW): Promise<readonly Removal[]> {
  const plan = await scene.plan(now);
  const removed = await applyCleanup(plan, noTrouble);
  expect(JSON.stringify(removed)).toBe(JSON.stringify(rowsOf(plan)));
  return removed;
}

/** Every path below a folder, without git's own. */
function treeOf(folder: string): readonly string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => !/^\.git(\/|$)/.test(name)).sort();
}

function age(file: string, ageMs: number): void {
  utimesSync(file, new Date(NOW - ageMs), new Date(NOW - ageMs));
}

describe('a ghost', () => {
  test('goes with its folder when nothing but the marker is in it', async () => {
    const scene = await openScene();
    const ghosts = [
      scene.inLedger('a', { '.recording.json': marker() }),
      scene.inCache('b', { '.recording.json': marker() }),
    ];
    expect(places(await clean(scene))).toEqual(ghosts.map((folder) => ['ghost', folder]));
    expect(ghosts.filter(existsSync)).toEqual([]);
    expect(await scene.plan()).toEqual([]);
  });

  test('in a cache loses its marker alone when more is in its folder, and that is what is said', async () => {
    const scene = await openScene();
    const folder = scene.inCache('a', { '.recording.json': marker(), 'raw.jsonl': HEADER, 'notes.txt': 'mine' });
    expect(places(await clean(scene))).toEqual([['ghost', path.join(folder, '.recording.json')]]);
    expect(readdirSync(folder).sort()).toEqual(['notes.txt', 'raw.jsonl']);
  });

  test.each([
    ['raw.jsonl', HEADER],
    ['notes.txt', 'mine'],
    ['.needs-summary', '{}'],
  ])('in the ledger keeps everything when there is also %s', async (name, content) => {
    const scene = await openScene();
    const folder = scene.inLedger('a', { '.recording.json': marker(), [name]: content });
    expect(await clean(scene)).toEqual([]);
    expect(readdirSync(folder).sort()).toEqual(['.recording.json', name].sort());
  });

  test('is where it was scanned, not where its marker says', async () => {
    const scene = await openScene();
    const other = scene.inLedger('other', { 'raw.jsonl': RAW });
    const ghost = scene.inCache('a', { '.recording.json': marker({ session_path: other, output_file: other }) });
    expect(places(await clean(scene))).toEqual([['ghost', ghost]]);
    expect(readdirSync(other)).toEqual(['raw.jsonl']);
  });

  const nearMisses: [string, Files, object?][] = [
    ['whose process lives', {}, LIVING],
    ['without a pid', {}, { parent_pid: 0 }],
    ['that started eight minutes ago', {}, { started_at: isoTime(NOW - 8 * MINUTE_MS) }],
    ['with an entry', { 'raw.jsonl': RAW }],
    ['with a line that cannot be read', { 'raw.jsonl': `${HEADER}no json\n` }],
    ['with a pointer', { 'raw.jsonl': POINTER }],
    ['that is held', { '.held': '{}' }],
    ['whose meta.json cannot be read', { 'meta.json': '{' }],
    ['with all artifacts', FINISHED],
  ];
  test.each(nearMisses)('is no recording %s', async (_, files, more = {}) => {
    const scene = await openScene();
    scene.inCache('a', { '.recording.json': marker(more), ...files });
    scene.inLedger('b', { '.recording.json': marker(more), ...files });
    const before = treeOf(scene.root);
    expect(await clean(scene)).toEqual([]);
    expect(treeOf(scene.root)).toEqual(before);
  });

  test('is no recording whose transcript can be recovered', async () => {
    const scene = await openScene();
    const transcript = path.join(scene.scratch, 'transcript.jsonl');
    writeFileSync(transcript, ENTRY);
    scene.inCache('a', { '.recording.json': marker({ session_file: transcript }) });
    expect(await clean(scene)).toEqual([]);
  });

  test('in a cache is no recording of another ledger', async () => {
    const scene = await openScene();
    scene.inCache('a', { '.recording.json': marker({ repo_id: 'somebody-else' }) });
    expect(await clean(scene)).toEqual([]);
  });

  test('is no link, whatever it leads to, and no folder whose recording is none', async () => {
    const scene = await openScene();
    const elsewhere = path.join(scene.scratch, 'elsewhere');
    writeFiles(elsewhere, { '.recording.json': marker() });
    symlinkSync(elsewhere, path.join(scene.cache, 'linked'));
    const folder = scene.inCache('odd', { '.recording.json': marker() });
    mkdirSync(path.join(folder, 'raw.jsonl'));
    symlinkSync(
      path.join(elsewhere, '.recording.json'),
      path.join(scene.inCache('bent', { x: '' }), '.recording.json'),
    );
    expect(await clean(scene)).toEqual([]);
    expect(readdirSync(elsewhere)).toEqual(['.recording.json']);
  });

  test('that git tracks stays: git would bring it back', async () => {
    const scene = await openScene({ 'sessions/a/.recording.json': marker() });
    expect(await clean(scene)).toEqual([]);
    expect(scene.git('status', '--porcelain')).toBe('');
  });

  test('outside the clone goes as well', async () => {
    const scene = await openScene();
    const cache = path.join(scene.scratch, 'far');
    writeFiles(cache, { 'a/.recording.json': marker() });
    const ledger = await openLedger(scene.root, { cwd: scene.root, environment: scene.environment });
    const survey = { ledger, caches: [cache], remembered: () => undefined, journal: [], git: ledger.git };
    const { stateDir, temporary } = scene;
    const plan = await planCleanup({ survey, stateDir, now: NOW, pushedCopies: 'stay', temporary });
    expect(places(rowsOf(plan))).toEqual([['ghost', path.join(cache, 'a')]]);
  });

  const changes: [string, (folder: string) => void][] = [
    ['its recorder has started again', (folder) => writeFileSync(path.join(folder, '.recording.json'), marker(LIVING))],
    ['its marker was touched', (folder) => age(path.join(folder, '.recording.json'), 0)],
    ['a recording came', (folder) => writeFileSync(path.join(folder, 'raw.jsonl'), RAW)],
    ['anything else came', (folder) => writeFileSync(path.join(folder, 'notes.txt'), '')],
    ['it is held', (folder) => writeFileSync(path.join(folder, '.held'), '{}')],
    [
      'a link took its place',
      (folder) => {
        renameSync(folder, `${folder}.moved`);
        symlinkSync(`${folder}.moved`, folder);
      },
    ],
    ['it is gone', (folder) => rmSync(folder, { recursive: true })],
  ];
  test.each(changes)('is left alone when, since the plan, %s', async (_, change) => {
    const scene = await openScene();
    const folders = [
      scene.inLedger('a', { '.recording.json': marker() }),
      scene.inCache('b', { '.recording.json': marker() }),
    ];
    const plan = await scene.plan();
    folders.forEach(change);
    const before = treeOf(scene.root);
    expect(await applyCleanup(plan, noTrouble)).toEqual([]);
    expect(treeOf(scene.root)).toEqual(before);
  });
});

describe('a stub', () => {
  /** Nothing happened in this folder for so long. */
  function stub(folder: string, ageMs: number): string {
    for (const name of readdirSync(folder)) age(path.join(folder, name), ageMs);
    age(folder, ageMs);
    return folder;
  }

  test.each([
    ['a header', HEADER],
    ['nothing', ''],
    ['a header and blank lines', `${HEADER}\n\n`],
  ])('that holds %s goes after 48 hours', async (_, raw) => {
    const scene = await openScene();
    const folder = stub(scene.inCache('a', { 'raw.jsonl': raw }), 49 * HOUR_MS);
    expect(places(await clean(scene))).toEqual([['stub', folder]]);
    expect(existsSync(folder)).toBe(false);
  });

  const nearMisses: [string, Files][] = [
    ['an entry', { 'raw.jsonl': HEADER + ENTRY }],
    ['a pointer', { 'raw.jsonl': POINTER }],
    ['a torn line', { 'raw.jsonl': '{"type":"us' }],
    ['anything beside it', { 'raw.jsonl': HEADER, 'events.jsonl': ENTRY }],
    ['a live marker', { 'raw.jsonl': HEADER, '.recording.json': marker(LIVING) }],
    ['a hold', { 'raw.jsonl': HEADER, '.held': '' }],
    ['no recording at all', { 'notes.txt': 'mine' }],
  ];
  test.each(nearMisses)('is nothing with %s', async (_, files) => {
    const scene = await openScene();
    const folder = stub(scene.inCache('a', files), 30 * DAY_MS);
    expect(await clean(scene)).toEqual([]);
    expect(readdirSync(folder).sort()).toEqual(Object.keys(files).sort());
  });

  test('stays while folder or file is younger', async () => {
    const scene = await openScene();
    stub(scene.inCache('young', { 'raw.jsonl': HEADER }), 47 * HOUR_MS);
    const touched = stub(scene.inCache('touched', { 'raw.jsonl': HEADER }), 50 * HOUR_MS);
    age(path.join(touched, 'raw.jsonl'), HOUR_MS);
    const filled = stub(scene.inCache('filled', { 'raw.jsonl': HEADER }), 50 * HOUR_MS);
    age(filled, HOUR_MS);
    expect(await clean(scene)).toEqual([]);
  });

  test('stays in the ledger', async () => {
    const scene = await openScene();
    stub(scene.inLedger('a', { 'raw.jsonl': HEADER }), 50 * HOUR_MS);
    expect(await clean(scene)).toEqual([]);
  });

  test.each([
    ['an entry', ENTRY],
    ['a blank line', '\n'],
  ])('is left alone when %s came since the plan', async (_, more) => {
    const scene = await openScene();
    const folder = stub(scene.inCache('a', { 'raw.jsonl': HEADER }), 50 * HOUR_MS);
    const plan = await scene.plan();
    expect(plan).toHaveLength(1);
    appendFileSync(path.join(folder, 'raw.jsonl'), more);
    expect(await applyCleanup(plan, noTrouble)).toEqual([]);
    expect(readFileSync(path.join(folder, 'raw.jsonl'), 'utf8')).toBe(HEADER + more);
  });
});

describe('a copy in a cache', () => {
  const committed = (files: Files = COMPLETE, name = SESSION) =>
    Object.fromEntries(Object.entries(files).map(([file, content]) => [`sessions/${name}/${file}`, content]));
  const digest = (text: string) => createHash('sha256').update(text).digest('hex');
  const ORIGINAL = RAW.replace('find out why', 'find out why, with sk-secret');

  /** A staged session: its copy in the cache, and the memory of it. */
  function staged(scene: Scene, more: object = {}): string {
    const folder = scene.inCache(SESSION, { 'raw.jsonl': ORIGINAL, 'meta.json': '{}' });
    const recording = { path: folder, bytes: Buffer.byteLength(ORIGINAL), sha256: digest(ORIGINAL) };
    scene.memories.set(folder, { verdict: 'staged', staged_as: SESSION, recording, ...more });
    return folder;
  }

  test('goes to the trash, whole, when the remote has the session', async () => {
    const scene = await openScene(committed());
    const folder = staged(scene);
    const [row] = await clean(scene);
    expect(row).toEqual({
      kind: 'pushed-copy',
      path: folder,
      reason: `origin/main has it as sessions/${SESSION}; moved to the trash`,
    });
    const [entry] = listTrash(scene.stateDir);
    expect(entry).toMatchObject({
      name: SESSION,
      putAwayAtMs: NOW,
      origin: { path: folder, reason: `pushed as sessions/${SESSION}` },
    });
    expect(readFileSync(path.join(entry?.path ?? '', 'raw.jsonl'), 'utf8')).toBe(ORIGINAL);
    expect(existsSync(folder)).toBe(false);
    expect(await scene.plan()).toEqual([]);
  });

  test('may have another name in the ledger', async () => {
    const scene = await openScene(committed(COMPLETE, 'other-2'));
    const folder = staged(scene, { staged_as: 'other-2' });
    expect(places(await clean(scene))).toEqual([['pushed-copy', folder]]);
  });

  const files = ['raw.jsonl', ...ARTIFACTS, 'meta.json'] as const;
  test.each(files)('stays when the remote lacks %s', async (name) => {
    const { [name]: _, ...rest } = COMPLETE;
    const scene = await openScene(committed(rest));
    staged(scene);
    expect(await clean(scene)).toEqual([]);
  });

  const memories: [string, object][] = [
    ['nobody knows the bytes that were staged', { recording: undefined }],
    ['nobody knows the name that it got', { staged_as: undefined }],
    ['another name was given than the remote has', { staged_as: 'somebody-else' }],
    ['it was judged otherwise', { verdict: 'local_only' }],
  ];
  test.each(memories)('stays when %s', async (_, memory) => {
    const scene = await openScene(committed());
    staged(scene, memory);
    expect(await clean(scene)).toEqual([]);
  });

  test('stays when a digest is not known of it', async () => {
    const scene = await openScene(committed());
    const folder = staged(scene);
    scene.memories.set(folder, {
      verdict: 'staged',
      staged_as: SESSION,
      recording: { path: folder, bytes: Buffer.byteLength(ORIGINAL) },
    });
    expect(await clean(scene)).toEqual([]);
  });

  const changes: [string, (folder: string) => void][] = [
    ['it has grown', (folder) => appendFileSync(path.join(folder, 'raw.jsonl'), ENTRY)],
    [
      'it changed to the same length',
      (folder) => writeFileSync(path.join(folder, 'raw.jsonl'), ORIGINAL.replace('cache', 'queue')),
    ],
    ['it is recorded', (folder) => writeFileSync(path.join(folder, '.recording.json'), marker())],
    ['it is held', (folder) => writeFileSync(path.join(folder, '.held'), '')],
  ];
  test.each(changes)('stays when %s', async (_, change) => {
    const scene = await openScene(committed());
    change(staged(scene));
    expect(await clean(scene)).toEqual([]);
  });

  test.each(changes)('stays when, since the plan, %s', async (_, change) => {
    const scene = await openScene(committed());
    const folder = staged(scene);
    const plan = await scene.plan();
    expect(plan).toHaveLength(1);
    change(folder);
    expect(await applyCleanup(plan, noTrouble)).toEqual([]);
    expect(existsSync(folder)).toBe(true);
    expect(listTrash(scene.stateDir)).toEqual([]);
  });

  test('stays while a commit of its session is not pushed, and goes after the push', async () => {
    const scene = await openScene(committed());
    const folder = staged(scene);
    scene.inLedger(SESSION, { 'summary.md': '# better' });
    scene.git('commit', '--quiet', '--all', '--message', 'better');
    expect(await clean(scene)).toEqual([]);
    scene.git('push', '--quiet');
    expect(places(await clean(scene))).toEqual([['pushed-copy', folder]]);
  });

  test('goes although a commit of another session is not pushed', async () => {
    const scene = await openScene(committed());
    const folder = staged(scene);
    scene.inLedger('other', { 'raw.jsonl': RAW });
    scene.git('add', '--all');
    scene.git('commit', '--quiet', '--message', 'other');
    expect(places(await clean(scene))).toEqual([['pushed-copy', folder]]);
  });

  test('stays when the remote has another recording than this clone committed', async () => {
    const scene = await openScene(committed());
    staged(scene);
    const second = secondClone(scene);
    writeFileSync(path.join(second.root, 'sessions', SESSION, 'raw.jsonl'), RAW.slice(0, -200));
    second.git('commit', '--quiet', '--all', '--message', 'shorten');
    second.git('push', '--quiet');
    scene.git('fetch', '--quiet');
    expect(await clean(scene)).toEqual([]);
  });

  test('stays when the remote has a pointer for a recording: what that stands for cannot be seen', async () => {
    const scene = await openScene(committed({ ...COMPLETE, 'raw.jsonl': POINTER }));
    staged(scene);
    expect(await clean(scene)).toEqual([]);
  });

  test('stays where the branch follows none', async () => {
    const scene = await openScene(committed());
    staged(scene);
    scene.git('branch', '--quiet', '--unset-upstream');
    expect(await clean(scene)).toEqual([]);
  });

  test('costs no question to git when nothing was staged', async () => {
    const scene = await openScene();
    scene.inCache('a', { 'raw.jsonl': RAW });
    rmSync(path.join(scene.root, '.git', 'HEAD'));
    expect(await clean(scene)).toEqual([]);
  });
});

describe('a temp file', () => {
  const TEMP = '.summary.md.0a1b2c3d4e5f.agentwork-tmp';

  test('of a killed pass goes from the ledger at once, and from elsewhere when it is ten minutes old', async () => {
    const scene = await openScene();
    const own = path.join(scene.inLedger('a', { [TEMP]: 'torn', 'raw.jsonl': RAW }), TEMP);
    const cached = path.join(scene.inCache('b', { [TEMP]: 'torn', 'raw.jsonl': RAW }), TEMP);
    const state = path.join(scene.stateDir, TEMP);
    writeFileSync(state, 'torn');
    for (const file of [cached, state]) age(file, 9 * MINUTE_MS);
    expect(places(await clean(scene))).toEqual([['temp-file', own]]);
    for (const file of [cached, state]) age(file, 11 * MINUTE_MS);
    expect(places(await clean(scene))).toEqual([
      ['temp-file', cached],
      ['temp-file', state],
    ]);
  });

  test('may be a copy that was in the making, of a folder beside what is scanned, of a file beside a session', async () => {
    const scene = await openScene();
    const beside = [path.join(scene.root, 'sessions'), scene.cache];
    const copies = [scene.stateDir, ...beside, scene.root, path.dirname(scene.cache)].map((folder) => {
      const copy = path.join(folder, '.copy.0a1b2c3d4e5f.agentwork-tmp');
      if (beside.includes(folder)) writeFiles(folder, { [path.basename(copy)]: RAW });
      else writeFiles(copy, { 'raw.jsonl': RAW });
      age(copy, 11 * MINUTE_MS);
      return copy;
    });
    expect(places(await clean(scene)).sort()).toEqual(copies.map((copy) => ['temp-file', copy]).sort());
    expect(copies.filter(existsSync)).toEqual([]);
  });

  test('may be the record of what never came into the trash', async () => {
    const scene = await openScene();
    await moveToTrash(scene.inCache('a', { 'raw.jsonl': RAW }), 'a', scene.stateDir, NOW);
    const orphan = path.join(trashFolder(scene.stateDir), '.origins', 'b.json');
    writeFileSync(orphan, '{}');
    age(orphan, 9 * MINUTE_MS);
    expect(await clean(scene)).toEqual([]);
    age(orphan, 11 * MINUTE_MS);
    expect(places(await clean(scene))).toEqual([['temp-file', orphan]]);
    expect(listTrash(scene.stateDir)).toMatchObject([{ name: 'a', origin: { reason: 'put away by a pass' } }]);
  });

  test('is nothing else: no link, no folder, no name that is merely like it, nothing that git tracks', async () => {
    const scene = await openScene({ [`sessions/c/${TEMP}`]: 'added by hand' });
    const folder = scene.inLedger('a', { 'summary.md.agentwork-tmp': 'mine', 'raw.jsonl': RAW });
    symlinkSync(path.join(folder, 'raw.jsonl'), path.join(folder, TEMP));
    mkdirSync(path.join(scene.inLedger('b', { 'raw.jsonl': RAW }), TEMP));
    expect(await clean(scene)).toEqual([]);
  });
});

describe('the folder of an agent', () => {
  function agentFolder(scene: Scene, name: string, ageMs = HOUR_MS): string {
    const folder = path.join(scene.temporary, name);
    mkdirSync(folder);
    age(folder, ageMs);
    return folder;
  }

  test('goes when the pass that made it is dead', async () => {
    const scene = await openScene();
    const folder = agentFolder(scene, `agentwork-${DEAD_PID}-a1B2c3`);
    writeFileSync(path.join(folder, 'left'), '');
    symlinkSync(scene.root, path.join(folder, 'link'));
    age(folder, HOUR_MS);
    expect(places(await clean(scene))).toEqual([['agent-folder', folder]]);
    expect(existsSync(folder)).toBe(false);
    expect(existsSync(scene.root)).toBe(true);
  });

  test('goes when another process got the id of the pass that made it', async () => {
    const scene = await openScene();
    const folder = agentFolder(scene, `agentwork-${process.pid}-a1B2c3`, 30 * DAY_MS);
    utimesSync(folder, new Date(0), new Date(0));
    expect(places(await clean(scene))).toEqual([['agent-folder', folder]]);
  });

  test('stays while the pass lives, while it is young, and when it is none', async () => {
    const scene = await openScene();
    const alive = agentFolder(scene, `agentwork-${process.pid}-a1B2c3`);
    utimesSync(alive, new Date(), new Date());
    agentFolder(scene, `agentwork-${DEAD_PID}-yOung1`, 9 * MINUTE_MS);
    agentFolder(scene, 'agentwork-test-a1B2c3');
    agentFolder(scene, `agentwork-${DEAD_PID}-a1B2c3-mine`);
    agentFolder(scene, 'agentwork-0-a1B2c3');
    writeFileSync(path.join(scene.temporary, `agentwork-${DEAD_PID}-a1B2c4`), 'a file');
    symlinkSync(scene.root, path.join(scene.temporary, `agentwork-${DEAD_PID}-a1B2c5`));
    expect(await clean(scene, Date.now() + HOUR_MS)).toEqual([
      expect.objectContaining({ path: path.join(scene.temporary, `agentwork-${DEAD_PID}-yOung1`) }),
    ]);
    expect(await clean(scene)).toEqual([]);
    expect(readdirSync(scene.temporary)).toHaveLength(6);
  });

  test.runIf(process.getuid?.() === 0)('of another user stays', async () => {
    const scene = await openScene();
    const folder = agentFolder(scene, `agentwork-${DEAD_PID}-a1B2c3`);
    expect(spawnSync('chown', ['12345', folder]).status).toBe(0);
    expect(await clean(scene)).toEqual([]);
  });
});

describe('a cleanup', () => {
  /** One of each kind. */
  async function sceneOfAll(): Promise<Scene & { readonly expected: readonly (readonly [string, string])[] }> {
    const committed = Object.fromEntries(
      Object.entries(COMPLETE).map(([name, text]) => [`sessions/${SESSION}/${name}`, text]),
    );
    const scene = await openScene(committed);
    const old = await moveToTrash(scene.inCache('old', { 'raw.jsonl': RAW }), 'old', scene.stateDir, NOW - 31 * DAY_MS);
    const ghost = scene.inLedger('ghost', { '.recording.json': marker() });
    const fuller = scene.inCache('fuller', { '.recording.json': marker(), 'raw.jsonl': HEADER });
    const stub = scene.inCache('stub', { 'raw.jsonl': HEADER });
    for (const file of [path.join(stub, 'raw.jsonl'), stub]) age(file, 3 * DAY_MS);
    const copy = scene.inCache('copy', { 'raw.jsonl': RAW });
    const recording = {
      path: copy,
      bytes: Buffer.byteLength(RAW),
      sha256: createHash('sha256').update(RAW).digest('hex'),
    };
    scene.memories.set(copy, { verdict: 'staged', staged_as: SESSION, recording });
    const temp = path.join(
      scene.inLedger(SESSION, { '.x.0a1b2c3d4e5f.agentwork-tmp': '' }),
      '.x.0a1b2c3d4e5f.agentwork-tmp',
    );
    const agent = path.join(scene.temporary, `agentwork-${DEAD_PID}-a1B2c3`);
    mkdirSync(agent);
    age(agent, HOUR_MS);
    const expected = [
      ['ghost', path.join(fuller, '.recording.json')],
      ['ghost', ghost],
      ['stub', stub],
      ['pushed-copy', copy],
      ['temp-file', temp],
      ['agent-folder', agent],
      ['expired-trash', old],
    ] as const;
    return { ...scene, expected };
  }

  test('lists in a dry run, byte for byte, what the real run then does, and afterwards nothing', async () => {
    const scene = await sceneOfAll();
    const before = treeOf(scene.root);
    const planned = rowsOf(await scene.plan());
    expect(places(planned)).toEqual(scene.expected);
    expect(treeOf(scene.root)).toEqual(before);
    expect(JSON.stringify(await clean(scene))).toBe(JSON.stringify(planned));
    expect(planned.map((row) => row.path).filter(existsSync)).toEqual([]);
    expect(await scene.plan()).toEqual([]);
  });

  test('goes on from wherever it was killed', async () => {
    for (const done of [1, 3, 5]) {
      const scene = await sceneOfAll();
      const plan = await scene.plan();
      await applyCleanup(plan.slice(0, done), noTrouble);
      expect(JSON.stringify(await clean(scene))).toBe(JSON.stringify(rowsOf(plan).slice(done)));
    }
  });

  test('tells what it cannot remove, and removes the rest', async () => {
    const scene = await sceneOfAll();
    const plan = await scene.plan();
    const failing = {
      row: { path: '/x', kind: 'ghost', reason: '' } as const,
      remove: () => {
        throw new Error('busy');
      },
    };
    const told: string[] = [];
    const removed = await applyCleanup([failing, ...plan], (message) => told.push(message));
    expect(told).toEqual(['cannot remove /x: busy']);
    expect(removed).toEqual(rowsOf(plan));
  });

  test('takes the memories from the state of the clone, and a stale lock from a dead pass', async () => {
    const scene = await sceneOfAll();
    const { store } = await StateStore.open(scene.stateDir);
    for (const [key, memory] of scene.memories) if (memory) store.remember(key, memory);
    await store.save();
    const record = { id: 'x', pid: DEAD_PID, host: hostname(), started_at: isoTime(NOW), heartbeat_at: isoTime(NOW) };
    writeFileSync(path.join(scene.stateDir, 'pass.lock'), JSON.stringify(record));
    const ledger = await openLedger(scene.root, { cwd: scene.root, environment: scene.environment });
    const world = { clock: () => NOW, environment: scene.environment, onTrouble: noTrouble };
    const run = async (isDryRun: boolean) => {
      const rows = await runCleanup(ledger, world, { config: { sessionCache: [], exclude: [] }, isDryRun });
      return rows.filter(({ kind }) => kind !== 'agent-folder');
    };
    const planned = await run(true);
    const expected = scene.expected.filter(([kind]) => kind !== 'agent-folder');
    expect(places(planned)).toEqual([...expected, ['stale-lock', path.join(scene.stateDir, 'pass.lock')]]);
    expect(JSON.stringify(await run(false))).toBe(JSON.stringify(planned));
    expect(readdirSync(scene.stateDir).sort()).toEqual(['state.json', 'trash']);
    expect(await run(false)).toEqual([]);
  });

  test('of trash waits for 30 days from the move, with or without a record of it', async () => {
    const scene = await openScene();
    const kept = await moveToTrash(scene.inCache('a', { 'raw.jsonl': RAW }), 'a', scene.stateDir, NOW - 30 * DAY_MS);
    age(kept, 100 * DAY_MS);
    const legacy = path.join(trashFolder(scene.stateDir), 'legacy');
    mkdirSync(legacy);
    age(legacy, 30 * DAY_MS);
    expect(await clean(scene)).toEqual([]);
    expect(places(await clean(scene, NOW + 1))).toEqual(
      expect.arrayContaining([
        ['expired-trash', kept],
        ['expired-trash', legacy],
      ]),
    );
    expect(treeOf(trashFolder(scene.stateDir))).toEqual(['.origins']);
  });

  test('of trash follows no link', async () => {
    const scene = await openScene();
    const elsewhere = path.join(scene.scratch, 'elsewhere');
    writeFiles(elsewhere, { x: 'y' });
    mkdirSync(trashFolder(scene.stateDir));
    symlinkSync(elsewhere, path.join(trashFolder(scene.stateDir), 'link'));
    expect(await clean(scene, Date.now() + 31 * DAY_MS)).toHaveLength(1);
    expect(readFileSync(path.join(elsewhere, 'x'), 'utf8')).toBe('y');
  });

  test('of nothing is nothing', async () => {
    const scene = await openScene();
    expect(await clean(scene)).toEqual([]);
  });
});
