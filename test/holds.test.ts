import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCleanup } from '../src/cleanup.ts';
import { DAY_MS } from '../src/clock.ts';
import { buildConfig, type Config } from '../src/config.ts';
import { detectWork } from '../src/detection.ts';
import { openLedger } from '../src/ledger/ledger.ts';
import { moveToTrash } from '../src/ledger/trash/trash.ts';
import { type PassEvent, type PassOptions, runPass } from '../src/pass.ts';
import { runRestore } from '../src/restore.ts';
import { MockRunner } from '../src/work/mock-runner.ts';
import { RunError } from '../src/work/runner.ts';
import { runGit, type TemporaryLedger, temporaryLedger } from './support/ledger-dir.ts';
import { claudeTranscript, loginEntries, marker, recording } from './support/sample-ledger.ts';
import { writeFiles } from './support/temporary-folder.ts';

// What somebody asks to leave alone, on every way that leads to a session.

const START = Date.parse('2026-03-06T10:00:00Z');
const NOW = START + 3 * DAY_MS;
const NAME = '2026-03-06T10-00-ryan-Ox7f3a';
const OTHER = '2026-03-06T11-00-mia-OxOther';
/** Beyond what Linux gives out. */
const DEAD_PID = 2 ** 22 + 1;
const RAW = recording(START, 'ryan', 'Ox7f3a', loginEntries(START));
const LONGER = recording(START, 'ryan', 'Ox7f3a', [...loginEntries(START), { type: 'user', content: 'and then?' }]);
const OTHERS_RAW = recording(START + 60_000, 'mia', 'OxOther', loginEntries(START));
const STUB = recording(START, 'ryan', 'Ox7f3a', [], false);
/** Of a recorder that runs. */
const BEGUN = Date.now();
const LIVING = marker(BEGUN, 'Ox7f3a', process.pid);
/** Of one that is gone. */
const DEAD = marker(START, 'Ox7f3a', DEAD_PID);
const ANSWER = JSON.stringify({
  title: 'Fix the login redirect loop',
  summary: 'Login ignored the page that people came from; now it returns them there, and only to pages of the site.',
  key_actions: ['Found the hard-coded target', 'Kept the target of the form', 'Added a check for own paths'],
  outcome: 'success',
  topics_found: ['auth'],
});

type Files = Readonly<Record<string, string>>;

const under = (folder: string, files: Files) =>
  Object.fromEntries(Object.entries(files).map(([name, content]) => [`${folder}/${name}`, content]));
const inLedger = (files: Files, name = NAME) => under(`ledger/sessions/${name}`, files);
const inCache = (files: Files, name = NAME) => under(`ledger/.sageox/cache/sessions/${name}`, files);
/** Where a recorder that was started with another environment keeps its sessions. */
const inOtherCache = (files: Files, name = NAME) => under(`.sageox/cache/sessions/ledger/sessions/${name}`, files);

interface Scene extends TemporaryLedger {
  /** The home, with the ledger in it: what the functions above tell is below it. */
  readonly home: string;
}

function sceneWith(files: Files): Scene {
  const ledger = temporaryLedger({ '.gitignore': '.sageox/cache/\n' });
  const home = path.dirname(ledger.root);
  writeFiles(home, files);
  return { ...ledger, home };
}

interface Setup extends Partial<PassOptions> {
  readonly now?: number;
  /** What the agent does; it answers well without it. */
  readonly agent?: (call: number) => void;
  readonly hear?: (event: PassEvent) => void;
}

async function pass(scene: Scene, { now = NOW, agent = () => {}, hear = () => {}, ...options }: Setup = {}) {
  const runner = new MockRunner(true);
  let calls = 0;
  runner.runFunc = async () => {
    agent(calls++);
    return { output: ANSWER, duration: 1, exitCode: 0 };
  };
  const world = { clock: () => now, environment: scene.environment, runner, tell: hear, wait: async () => {} };
  const report = await runPass(await open(scene), world, optionsOf(options), new AbortController().signal);
  return { report, asked: runner.requests.length, sessions: report.results.map(({ session }) => session) };
}

const open = ({ root, environment }: Scene) => openLedger(root, { cwd: root, environment });
const CLAUDE = buildConfig({}, {}, 'global\0file:x\0agentwork.maxconcurrent\n1\0');
const OFFLINE = buildConfig({ agent: { flag: '--agent', value: 'offline' } }, {}, '');
const optionsOf = (options: Partial<PassOptions>): PassOptions => {
  return { config: CLAUDE, sessions: [], again: false, limit: undefined, commit: true, ...options };
};

/** What `detect` makes of a session: one verdict for each place in which it lies. */
async function verdictsOn(scene: Scene, name = NAME, config = CLAUDE): Promise<string[]> {
  const world = { clock: () => NOW, environment: scene.environment, tell: () => {} };
  const { all, waiting } = await detectWork(await open(scene), world, optionsOf({ config }));
  expect(waiting.filter(({ session }) => session.ledgerName === name)).toEqual([]);
  const found = all.filter(({ session }) => session.ledgerName === name);
  return found.map(({ verdict }) => `${verdict.verdict}: ${verdict.reason.replaceAll(scene.home, '~')}`).sort();
}

/** What a cleanup removes, as `kind path`. */
async function clean(scene: Scene, config = CLAUDE): Promise<string[]> {
  const world = { clock: () => NOW, environment: scene.environment, onTrouble: () => {} };
  const removed = await runCleanup(await open(scene), world, { config, isDryRun: false });
  return removed.map(({ kind, path: file }) => `${kind} ${path.relative(scene.home, file)}`);
}

/** Every file of the session in tree and caches with its bytes, and what git has of it here and at the remote. */
function everything(scene: Scene, name = NAME): Record<string, string> {
  const places = ['ledger/sessions', 'ledger/.sageox/cache/sessions', '.sageox/cache/sessions/ledger/sessions'];
  const files = places.flatMap((place) => filesBelow(path.join(scene.home, place, name)));
  const known = runGit(scene.remote, scene.environment, 'log', '--format=%H', '--all', '--', `sessions/${name}`);
  return {
    ...Object.fromEntries(files.map((file) => [path.relative(scene.home, file), contentOf(file)])),
    commits: scene.git('log', '--format=%H', '--', `sessions/${name}`),
    known,
  };
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return entries.map((name) => path.join(folder, name)).filter((file) => !lstatSync(file).isDirectory());
}

const contentOf = (file: string) => (lstatSync(file).isFile() ? readFileSync(file, 'utf8') : 'no file');

/** What a pass of an earlier day made of a recording, without any commit. */
async function finishedFiles(raw: string): Promise<Files> {
  const scene = sceneWith(inLedger({ 'raw.jsonl': raw }));
  await pass(scene, { commit: false, config: OFFLINE });
  const folder = path.join(scene.root, 'sessions', NAME);
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]));
}

const FINISHED = await finishedFiles(RAW);

/** Every way that leads to these sessions. */
function entrancesTo(sessions: readonly string[], config?: (agent: string) => Config): readonly [string, Setup][] {
  const [claude, offline] = config ? [config('claude'), config('offline')] : [CLAUDE, OFFLINE];
  return [
    ['finalize', { config: claude }],
    ['finalize NAME', { config: claude, sessions }],
    ['finalize --again NAME', { config: claude, sessions, again: true }],
    ['finalize --upgrade NAME', { config: claude, sessions, upgrade: true }],
    ['finalize without an agent', { config: offline }],
  ];
}

/** Every state in which a pass would do something for a session, by the name that it has in the test. */
const STATES: Record<string, (name: string) => Files> = {
  'in-ledger': (name) => inLedger({ 'raw.jsonl': RAW }, name),
  'in-cache': (name) => inCache({ 'raw.jsonl': RAW }, name),
  'longer-in-cache': (name) => ({
    ...inLedger({ ...FINISHED, 'raw.jsonl': RAW }, name),
    ...inCache({ 'raw.jsonl': LONGER }, name),
  }),
  uncommitted: (name) => inLedger(FINISHED, name),
  'finished-in-cache': (name) => inCache(FINISHED, name),
  grown: (name) => inLedger({ ...FINISHED, 'raw.jsonl': LONGER }, name),
  owed: (name) => inLedger({ ...FINISHED, '.needs-summary': '{}', 'raw.jsonl': LONGER }, name),
  'left-marker': (name) => inLedger({ ...FINISHED, '.recording.json': DEAD }, name),
  abandoned: (name) => inLedger({ 'raw.jsonl': RAW, '.recording.json': DEAD }, name),
  'abandoned-draft': (name) =>
    inLedger({ 'raw.jsonl': RAW, 'meta.json': '{"draft":true,"files":{}}', '.recording.json': DEAD }, name),
};
const STATE_NAMES = Object.keys(STATES).map((state) => `2026-03-06T10-00-ryan-${state}`);

/** A session in each of the states, and one more file for each. */
function everyState(more: (name: string) => Files = () => ({})): Files {
  const files = Object.values(STATES).map((state, index) => {
    const name = STATE_NAMES[index] ?? '';
    return { ...state(name), ...more(name) };
  });
  return Object.assign({}, ...files);
}

/** On every way nothing of these sessions is asked, written, committed or pushed. */
async function expectLeftAlone(scene: Scene, names: readonly string[] = [NAME], entrances = entrancesTo(names)) {
  const look = () => Object.fromEntries(names.map((name) => [name, everything(scene, name)]));
  const before = look();
  for (const [entrance, setup] of entrances) {
    const { asked, sessions } = await pass(scene, setup);
    expect({ entrance, asked, sessions, files: look() }).toEqual({ entrance, asked: 0, sessions: [], files: before });
  }
}

describe('a hold', () => {
  const places: [string, (files: Files, name?: string) => Files][] = [
    ['beside it in the ledger', inLedger],
    ['in a cache', inCache],
    ['in the cache of another environment', inOtherCache],
  ];

  test.each(places)('put %s holds a session in whatever state on every way', async (_, place) => {
    const scene = sceneWith(everyState((name) => place({ '.held': '{}' }, name)));
    await expectLeftAlone(scene, STATE_NAMES);
    for (const name of STATE_NAMES)
      expect(await verdictsOn(scene, name)).toContainEqual(expect.stringMatching(/^held: a \.held marker asks/));
  });

  test('is what keeps those sessions: without it, each is finished', async () => {
    const { sessions } = await pass(sceneWith(everyState()));
    expect([...sessions].sort()).toEqual([...STATE_NAMES].sort());
  });

  test('that lies elsewhere is named with its place', async () => {
    const scene = sceneWith({ ...inLedger({ 'raw.jsonl': RAW }), ...inOtherCache({ '.held': '' }) });
    expect(await verdictsOn(scene)).toEqual([
      `held: a .held marker asks to leave it alone (in ~/.sageox/cache/sessions/ledger/sessions/${NAME})`,
    ]);
  });

  test('counts whatever it is', async () => {
    const kinds: Record<string, (file: string) => void> = {
      folder: (file) => writeFiles(file, { x: '' }),
      link: (file) => symlinkSync('/nowhere', file),
      pipe: (file) => void execFileSync('mkfifo', [file]),
      empty: (file) => writeFiles(path.dirname(file), { '.held': '' }),
      torn: (file) => writeFiles(path.dirname(file), { '.held': '{"held_at":' }),
    };
    const names = Object.keys(kinds);
    const files = names.map((name) => ({ ...inLedger(FINISHED, name), ...inCache({ notes: '' }, name) }));
    const scene = sceneWith(Object.assign({}, ...files));
    for (const [name, put] of Object.entries(kinds))
      put(path.join(scene.root, '.sageox/cache/sessions', name, '.held'));
    await expectLeftAlone(scene, names);
  });

  test('counts where nobody can tell whether it is there', async () => {
    const scene = sceneWith(inLedger(FINISHED));
    const loop = path.join(scene.home, '.sageox/cache/sessions/ledger/sessions');
    writeFiles(scene.home, { '.sageox/cache/sessions/ledger/notes': '' });
    symlinkSync(loop, loop);
    await expectLeftAlone(scene);
  });

  test('on what lies in its cache holds what was staged of it under a number', async () => {
    const scene = sceneWith({
      ...inLedger({ ...FINISHED, 'raw.jsonl': OTHERS_RAW }),
      ...inLedger({ 'raw.jsonl': RAW }, `${NAME}-2`),
      ...inCache({ 'raw.jsonl': RAW, '.held': '' }),
    });
    expect((await pass(scene)).sessions).toEqual([]);
    expect(everything(scene, `${NAME}-2`)).toMatchObject({ commits: '', known: '' });
  });

  test('is no longer one when it is taken away', async () => {
    const scene = sceneWith({ ...inLedger(FINISHED), ...inCache({ '.held': '' }) });
    expect((await pass(scene)).sessions).toEqual([]);
    rmSync(path.join(scene.root, '.sageox/cache/sessions', NAME, '.held'));
    expect((await pass(scene)).sessions).toEqual([NAME]);
    expect(everything(scene).known).not.toBe('');
  });
});

test('a copy of somebody else’s session is left alone on every way', async () => {
  const copies: Record<string, (name: string) => Files> = {
    bare: (name) => inCache({ 'raw.jsonl': RAW, '.downloaded': '2026-03-06T10:00:00Z' }, name),
    'without-page': (name) => inCache({ ...FINISHED, 'session.html': '', '.downloaded': '' }, name),
    finished: (name) => inCache({ ...FINISHED, '.downloaded': '' }, name),
    abandoned: (name) => inCache({ '.downloaded': '', '.recording.json': DEAD }, name),
    'in-tree': (name) => inLedger({ 'raw.jsonl': RAW, '.downloaded': '' }, name),
    folder: (name) => inCache({ 'raw.jsonl': RAW, '.downloaded/x': '' }, name),
  };
  const names = Object.keys(copies);
  const scene = sceneWith(Object.assign({}, ...Object.entries(copies).map(([name, files]) => files(name))));
  await expectLeftAlone(scene, names);
  for (const name of names)
    expect(await verdictsOn(scene, name)).toEqual(['downloaded: a copy of a session that others finish']);
});

describe('a draft', () => {
  const draft = (more: object = {}) => JSON.stringify({ draft: true, files: {}, session_id: 'ses_1', ...more });

  test('is left alone on every way', async () => {
    const drafts: Record<string, (name: string) => Files> = {
      bare: (name) => inLedger({ 'meta.json': draft() }, name),
      recorded: (name) => inLedger({ 'meta.json': draft(), '.recording.json': LIVING }, name),
      'with-raw': (name) => inLedger({ 'raw.jsonl': RAW, 'meta.json': draft() }, name),
      old: (name) => inLedger({ 'raw.jsonl': RAW, 'meta.json': draft({ updated_at: '2020-01-01T00:00:00Z' }) }, name),
      'in-cache': (name) => inCache({ 'raw.jsonl': RAW, 'meta.json': draft() }, name),
      complete: (name) => inLedger({ ...FINISHED, 'meta.json': draft() }, name),
    };
    const names = Object.keys(drafts);
    const scene = sceneWith(Object.assign({}, ...Object.entries(drafts).map(([name, files]) => files(name))));
    await expectLeftAlone(scene, names);
    for (const name of names)
      expect(await verdictsOn(scene, name)).toEqual(['draft: a live session published a placeholder']);
  });

  test('that is recorded gets no copy from a cache put in its place', async () => {
    const scene = sceneWith({
      ...inLedger({ 'meta.json': draft(), '.recording.json': LIVING }),
      ...inCache({ 'raw.jsonl': recording(BEGUN, 'ryan', 'Ox7f3a', loginEntries(START)) }),
    });
    await expectLeftAlone(scene);
  });

  test('whose recorder is gone is finished', async () => {
    const scene = sceneWith(STATES['abandoned-draft']?.(NAME) ?? {});
    expect((await pass(scene)).sessions).toEqual([NAME]);
    expect(JSON.parse(contentOf(path.join(scene.root, 'sessions', NAME, 'meta.json')))).not.toHaveProperty('draft');
  });
});

describe('a session that agentwork.exclude leaves alone', () => {
  const config = (pattern: string, agent = 'claude') =>
    buildConfig({ agent: { flag: '--agent', value: agent } }, { AGENTWORK_EXCLUDE: pattern }, '');
  const where = { branch: 'private/talks', workspace_path: '/home/dev/talks/' };
  const header = (more: object) => {
    const [first = '', ...rest] = RAW.split('\n');
    const { metadata } = JSON.parse(first);
    return [JSON.stringify({ type: 'header', metadata: { ...metadata, ...more } }), ...rest].join('\n');
  };
  const deadMarker = (more: object) => JSON.stringify({ ...JSON.parse(marker(START, 'Ox7f3a', DEAD_PID)), ...more });

  const expectExcluded = (scene: Scene, pattern: string, names = [NAME]) =>
    expectLeftAlone(
      scene,
      names,
      entrancesTo(names, (agent) => config(pattern, agent)),
    );

  test('by its user is left alone in whatever state on every way', async () => {
    await expectExcluded(sceneWith(everyState()), 'user:ryan', STATE_NAMES);
  });

  test.each<[string, string, Files]>([
    ['the user of its header', 'user:r@example.com', inLedger({ 'raw.jsonl': header({ username: 'r@example.com' }) })],
    ['the user of meta.json', 'user:r@*', inLedger({ 'raw.jsonl': RAW, 'meta.json': '{"username":"r@example.com"}' })],
    ['the user of its name', 'user:ry?n', inLedger({ 'raw.jsonl': header({ username: 'Somebody' }) })],
    [
      'the user of its marker',
      'user:r@x',
      inLedger({ 'raw.jsonl': RAW, '.recording.json': deadMarker({ username: 'r@x' }) }),
    ],
    ['the branch of its header', 'branch:private/*', inLedger({ 'raw.jsonl': header(where) })],
    ['the branch of meta.json', 'branch:private/*', inLedger({ 'raw.jsonl': RAW, 'meta.json': JSON.stringify(where) })],
    [
      'the branch of its marker',
      'branch:private/*',
      inLedger({ 'raw.jsonl': RAW, '.recording.json': deadMarker(where) }),
    ],
    ['the path of its marker', 'path:/home/*/talks', inLedger({ '.recording.json': deadMarker(where) })],
    ['the path of its header', 'path:/home/dev/**', inCache({ 'raw.jsonl': header(where) })],
    ['the path of meta.json', 'path:**/talks', inLedger({ ...FINISHED, 'meta.json': JSON.stringify(where) })],
    ['the header of one that is finished', 'branch:private/*', inLedger({ ...FINISHED, 'raw.jsonl': header(where) })],
  ])('matches %s', async (_, pattern, files) => {
    const scene = sceneWith(files);
    const before = everything(scene);
    expect(await pass(scene, { config: config(pattern) })).toMatchObject({ asked: 0, sessions: [] });
    expect(everything(scene)).toEqual(before);
  });

  test.each([['branch:main'], ['path:/home/dev/shop']])(
    'matches what the agent’s own transcript tells: %s',
    async (pattern) => {
      const scene = sceneWith({ 'own.jsonl': claudeTranscript(START) });
      const file = path.join(scene.home, 'own.jsonl');
      const { branch: _, workspace_path: __, ...rest } = JSON.parse(marker(START, 'Ox7f3a', DEAD_PID, file));
      writeFiles(scene.home, inLedger({ '.recording.json': JSON.stringify(rest) }));
      expect((await pass(scene, { config: config(pattern) })).sessions).toEqual([]);
      expect((await pass(scene)).sessions).toEqual([NAME]);
    },
  );

  test('is the only one: others are finished', async () => {
    const scene = sceneWith({ ...inLedger({ 'raw.jsonl': RAW }), ...inLedger({ 'raw.jsonl': OTHERS_RAW }, OTHER) });
    expect((await pass(scene, { config: config('user:ryan') })).sessions).toEqual([OTHER]);
  });

  test('is held, or what it was where nothing is to be done', async () => {
    const scene = sceneWith({
      ...inLedger({ 'raw.jsonl': RAW }),
      ...inLedger({ 'raw.jsonl': RAW, '.recording.json': LIVING }, OTHER),
    });
    expect(await verdictsOn(scene, NAME, config('user:*'))).toEqual(['held: AGENTWORK_EXCLUDE excludes user:*']);
    expect(await verdictsOn(scene, OTHER, config('user:*'))).toEqual([expect.stringMatching(/^recording: /)]);
    await pass(scene);
    expect(await verdictsOn(scene, NAME, config('user:*'))).toEqual([
      'finished: all artifacts are there; AGENTWORK_EXCLUDE excludes user:*',
    ]);
    await expectExcluded(scene, 'user:*');
  });

  test('is not pushed when it was committed before, and is when the pattern is gone', async () => {
    const scene = sceneWith(inLedger({ 'raw.jsonl': RAW }));
    await pass(scene, { config: buildConfig({ push: { flag: '--no-push', value: 'false' } }, {}, '') });
    expect(everything(scene).commits).not.toBe('');
    await pass(scene, { config: config('user:ryan') });
    expect(everything(scene).known).toBe('');
    await pass(scene);
    expect(everything(scene).known).not.toBe('');
  });

  test.each<[string, Files]>([
    ['dead marker', inLedger({ '.recording.json': deadMarker({}) })],
    ['stub', inCache({ 'raw.jsonl': STUB })],
  ])('keeps its %s at a cleanup', async (_, files) => {
    const scene = sceneWith(files);
    const before = everything(scene);
    expect([await clean(scene, config('user:ryan')), everything(scene)]).toEqual([[], before]);
    utimesSync(path.join(scene.home, path.dirname(Object.keys(files)[0] ?? '')), new Date(START), new Date(START));
    utimesSync(path.join(scene.home, Object.keys(files)[0] ?? ''), new Date(START), new Date(START));
    expect(await clean(scene, config('user:mia'))).toHaveLength(1);
  });

  test('keeps its cached copy when the remote has it', async () => {
    const scene = sceneWith(inCache({ 'raw.jsonl': RAW }));
    await pass(scene);
    expect(await clean(scene, config('user:ryan'))).toEqual([]);
    expect(await clean(scene)).toEqual([`pushed-copy ledger/.sageox/cache/sessions/${NAME}`]);
  });
});

/** What somebody may put on a session at any time, and what comes off again. */
const MARKS: readonly [string, Files][] = [
  ['a hold beside it', inLedger({ '.held': '' })],
  ['a hold in a cache', inOtherCache({ '.held': '' })],
  ['the mark of a draft', inLedger({ 'meta.json': JSON.stringify({ draft: true, files: {} }) })],
  ['the mark of a download', inLedger({ '.downloaded': '' })],
];

describe.each(MARKS)('%s that comes late', (_, mark) => {
  const raw = { ...inLedger({ 'raw.jsonl': RAW }), ...inLedger({ 'raw.jsonl': OTHERS_RAW }, OTHER) };
  const put = (scene: Scene) => () => writeFiles(scene.home, mark);
  const takeAway = (scene: Scene) => {
    for (const file of Object.keys(mark)) rmSync(path.join(scene.home, file));
  };
  const untouched = (scene: Scene) => {
    const files = readdirSync(path.join(scene.root, 'sessions', NAME));
    expect(files.filter((name) => /^(summary|session)\./.test(name))).toEqual([]);
    expect(everything(scene)).toMatchObject({ commits: '', known: '' });
  };

  test('while another session is worked on counts before the agent is asked', async () => {
    const scene = sceneWith(raw);
    const { asked, report } = await pass(scene, { agent: put(scene), sessions: [NAME, OTHER] });
    const first = report.results.find(({ verdict }) => verdict === 'share')?.session;
    // Whichever came first was asked about, and is written unless the mark is its own.
    expect([asked, first]).toEqual(asked === 1 ? [1, OTHER] : [2, OTHER]);
    untouched(scene);
  });

  test('while the agent thinks keeps its answer, which is paid for once', async () => {
    const scene = sceneWith(inLedger({ 'raw.jsonl': RAW }));
    const { asked, report } = await pass(scene, { agent: put(scene) });
    expect({ asked, results: report.results }).toMatchObject({ asked: 1, results: [{ verdict: 'kept' }] });
    untouched(scene);
    takeAway(scene);
    expect(await pass(scene)).toMatchObject({ asked: 0, sessions: [NAME] });
    const summary = JSON.parse(contentOf(path.join(scene.root, 'sessions', NAME, 'summary.json')));
    expect(summary).toMatchObject({ title: 'Fix the login redirect loop', provider: 'claude' });
  });

  test('while the agent fails for good keeps the offline summary from being written', async () => {
    const scene = sceneWith(inLedger({ 'raw.jsonl': RAW }));
    const agent = (call: number) => {
      if (call === 2) put(scene)();
      throw new RunError('malformed', 'nonsense');
    };
    await pass(scene, { agent });
    untouched(scene);
  });
});

describe('what is committed', () => {
  const put = (scene: Scene) => (event: PassEvent) => {
    if (event.type === 'committed') writeFiles(scene.home, inOtherCache({ '.held': '' }));
  };
  const raw = { ...inLedger({ 'raw.jsonl': RAW }), ...inLedger({ 'raw.jsonl': OTHERS_RAW }, OTHER) };

  test('is not pushed when a hold came since; all others are', async () => {
    const scene = sceneWith(raw);
    const { report } = await pass(scene, { config: OFFLINE, hear: put(scene) });
    expect(report.push.outcome).toBe('done');
    expect(everything(scene).known).toBe('');
    expect(everything(scene, OTHER).known).not.toBe('');
    expect(await verdictsOn(scene)).toEqual([expect.stringMatching(/^held:/)]);
  });

  test('is not pushed by the next pass either, which says why', async () => {
    const scene = sceneWith(raw);
    await pass(scene, { config: buildConfig({ push: { flag: '--no-push', value: 'false' } }, {}, '') });
    expect(everything(scene).commits).not.toBe('');
    writeFiles(scene.home, inCache({ '.held': '' }));
    const warnings: string[] = [];
    const hear = (event: PassEvent) => void (event.type === 'warning' && warnings.push(event.message));
    await pass(scene, { hear });
    expect(everything(scene).known).toBe('');
    expect(everything(scene, OTHER).known).not.toBe('');
    expect(warnings).toEqual([expect.stringMatching(new RegExp(`^${NAME} is not pushed: a .held marker asks`))]);
  });

  test('is pushed when the hold is gone', async () => {
    const scene = sceneWith(raw);
    await pass(scene, { config: OFFLINE, hear: put(scene) });
    rmSync(path.join(scene.home, '.sageox'), { recursive: true });
    await pass(scene, { config: OFFLINE });
    expect(everything(scene).known).not.toBe('');
    expect(scene.git('status', '--porcelain')).toBe('');
  });
});

describe('a cleanup', () => {
  const dead = { '.recording.json': marker(START, 'Ox7f3a', DEAD_PID) };

  test.each<[string, Files, Files]>([
    ['a ghost', inLedger(dead), inOtherCache({ '.held': '' })],
    ['a ghost in a cache', inCache(dead), inOtherCache({ '.held': '' })],
    ['a ghost that is a copy of somebody else’s', inCache(dead), inCache({ '.downloaded': '' })],
    ['a stub', inCache({ 'raw.jsonl': STUB }), inOtherCache({ '.held': '' })],
    ['a stub that is a copy of somebody else’s', inCache({ 'raw.jsonl': STUB }), inCache({ '.downloaded': '' })],
    ['a stub that is a draft', inCache({ 'raw.jsonl': STUB }), inCache({ 'meta.json': '{"draft":true}' })],
  ])('takes %s away, and not when it is marked', async (_, files, mark) => {
    const marked = sceneWith({ ...files, ...mark });
    const before = everything(marked);
    expect([await clean(marked), everything(marked)]).toEqual([[], before]);
  });

  test.each<[string, (files: Files) => Files]>([
    ['beside it', inCache],
    ['in the ledger', inLedger],
    ['in another cache', inOtherCache],
  ])('leaves the cached copy of a pushed session when a hold lies %s', async (_, place) => {
    const scene = sceneWith(inCache({ 'raw.jsonl': RAW }));
    await pass(scene);
    expect(everything(scene).known).not.toBe('');
    writeFiles(scene.home, place({ '.held': '' }));
    expect(await clean(scene)).toEqual([]);
    rmSync(path.join(scene.home, Object.keys(place({ '.held': '' }))[0] ?? ''));
    expect(await clean(scene)).toEqual([`pushed-copy ledger/.sageox/cache/sessions/${NAME}`]);
  });

  test('brings what is held back from the trash, where no pass touches it', async () => {
    const scene = sceneWith({ ...inLedger({ 'raw.jsonl': RAW }), ...inCache({ '.held': '' }) });
    const { stateDir } = await open(scene);
    const before = everything(scene);
    await moveToTrash(path.join(scene.root, 'sessions', NAME), NAME, stateDir, NOW, 'a test');
    const world = { clock: () => NOW, onTrouble: () => {} };
    const [name = ''] = readdirSync(path.join(stateDir, 'trash')).filter((entry) => entry.includes(NAME));
    await runRestore(await open(scene), world, { name, isDryRun: false });
    expect(everything(scene)).toEqual(before);
    await expectLeftAlone(scene);
  });
});
