import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { DAY_MS, isoTime } from '../../src/clock.ts';
import { LedgerGit } from '../../src/ledger/git/ledger-git.ts';
import { memoryKey } from '../../src/ledger/recording-stamp.ts';
import { readSessionFiles } from '../../src/ledger/session-facts.ts';
import { type SurveyedSession, type SurveyOptions, surveySession, surveySessions } from '../../src/ledger/survey.ts';
import { ARTIFACTS } from '../../src/session/facts.ts';
import { type TemporaryLedger, temporaryLedger } from '../support/ledger-dir.ts';
import { temporaryFolder, writeFiles } from '../support/temporary-folder.ts';

const NAME = '2026-03-06T10-00-ryan-Ox7f3a';
const START = Date.UTC(2026, 2, 6, 10);

interface Recorded {
  readonly agent?: string;
  readonly session?: string;
  readonly start?: number;
  readonly repo?: string;
}

/** A recording of so many entries. */
function recording(entries: number, { agent = 'Ox7f3a', session, start = START, repo }: Recorded = {}): string {
  const metadata = { agent_id: agent, session_id: session, created_at: isoTime(start), repo_id: repo };
  const words = Array.from({ length: entries }, (_, index) =>
    JSON.stringify({ type: 'user', content: `word ${index}` }),
  );
  return [JSON.stringify({ type: 'header', metadata }), ...words, ''].join('\n');
}

const summaryJson = (more: object = {}) =>
  JSON.stringify({ title: 'Fix it', summary: 's', key_actions: ['a'], outcome: 'success', topics_found: [], ...more });
const ARTIFACT_FILES = { 'summary.md': '#', 'summary.json': summaryJson(), 'session.html': '<p>', 'session.md': '#' };
const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 18233\n`;
const marker = (more: object = {}) =>
  JSON.stringify({ agent_id: 'Ox7f3a', started_at: isoTime(START), parent_pid: 0, ...more });

type Files = Readonly<Record<string, string>>;
type Sessions = Readonly<Record<string, Files>>;

function writeSessions(root: string, sessions: Sessions): void {
  mkdirSync(root, { recursive: true });
  for (const [name, files] of Object.entries(sessions)) writeFiles(path.join(root, name), files);
}

/** A ledger folder called `repo_1` with these sessions, and caches with those; without git. */
function scene(inLedger: Sessions, ...inCaches: readonly Sessions[]): SurveyOptions {
  const root = temporaryFolder();
  const sessionsDir = path.join(root, 'repo_1', 'sessions');
  writeSessions(sessionsDir, inLedger);
  const caches = inCaches.map((sessions, index) => {
    const cache = path.join(root, `cache-${index + 1}`);
    writeSessions(cache, sessions);
    return cache;
  });
  return { ledger: { sessionsDir, repoId: 'repo_1' }, caches, remembered: () => undefined, journal: [], git: null };
}

/** What a survey found, short: where, under which name in the ledger, and what stands in the way. */
const digest = (sessions: readonly SurveyedSession[]) =>
  sessions.map(({ ledgerName, facts, folder }) => {
    const obstacle = facts.foreign ?? facts.supersededBy;
    return [path.basename(path.dirname(folder)), ledgerName, ...(obstacle === undefined ? [] : [obstacle])].join(' | ');
  });
const survey = async (options: SurveyOptions) => digest(await surveySessions(options));

async function onlyOne(options: SurveyOptions): Promise<SurveyedSession> {
  const sessions = await surveySessions(options);
  expect(sessions).toHaveLength(1);
  return sessions[0] as SurveyedSession;
}

describe('a survey finds', () => {
  test('the sessions of the ledger and of its caches, by name', async () => {
    const raw = { 'raw.jsonl': recording(1) };
    const options = scene({ c: raw, a: raw }, { d: raw, b: raw });
    expect(await survey(options)).toEqual(['sessions | a', 'cache-1 | b', 'sessions | c', 'cache-1 | d']);
  });

  test('nothing where there is no folder of sessions, and no cache', async () => {
    const options = scene({});
    rmSync(options.ledger.sessionsDir, { recursive: true });
    expect(await survey({ ...options, caches: ['/nowhere'] })).toEqual([]);
  });

  test('what has a recording, the marker of one, or the draft of one, and nothing else', async () => {
    const options = scene({
      recorded: { 'raw.jsonl': '' },
      marked: { '.recording.json': marker() },
      draft: { 'meta.json': '{"draft":true}' },
      other: { 'meta.json': '{}' },
      empty: { '.keep': '' },
      artifacts: ARTIFACT_FILES,
    });
    writeFileSync(path.join(options.ledger.sessionsDir, 'flat.jsonl'), recording(1));
    expect(await survey(options)).toEqual(['sessions | draft', 'sessions | marked', 'sessions | recorded']);
  });

  test('no session in the folders of very old versions', async () => {
    const raw = { 'raw.jsonl': recording(1) };
    expect(await survey(scene({ raw, events: raw }, { raw, events: raw }))).toEqual([]);
  });

  test('names that could leave the tree or fool a terminal, and does not open them', async () => {
    const raw = { 'raw.jsonl': recording(1) };
    expect(await survey(scene({ '--force': raw, 'a\u001b[2J': raw }))).toEqual([
      'sessions | --force | the name starts with a dash',
      'sessions | a\u001b[2J | the name holds control characters',
    ]);
  });

  test('links in the place of sessions, and does not follow them', async () => {
    const options = scene({}, {});
    const elsewhere = path.join(options.caches[0] ?? '', '..', 'elsewhere');
    writeFiles(elsewhere, { 'raw.jsonl': recording(1), '.held': '' });
    symlinkSync(elsewhere, path.join(options.ledger.sessionsDir, 'link'));
    symlinkSync('/nowhere', path.join(options.caches[0] ?? '', 'broken'));
    expect(await survey(options)).toEqual([
      'cache-1 | broken | a symbolic link, not a folder',
      'sessions | link | a symbolic link, not a folder',
    ]);
  });

  test('a ledger that it cannot read is no empty ledger', async () => {
    const options = scene({});
    rmSync(options.ledger.sessionsDir, { recursive: true });
    writeFileSync(options.ledger.sessionsDir, '');
    await expect(survey(options)).rejects.toThrow(
      expect.objectContaining({ code: 'UNREADABLE', message: expect.stringContaining(options.ledger.sessionsDir) }),
    );
  });

  test('nothing changed on disk by looking', async () => {
    const options = scene(
      { [NAME]: { 'raw.jsonl': recording(2), '.recording.json': marker({ parent_pid: deadPid() }) } },
      { x: {} },
    );
    const look = () =>
      execFileSync('find', [path.dirname(options.caches[0] ?? ''), '-printf', '%p %s %T@ %C@\n'], { encoding: 'utf8' });
    const before = look();
    await surveySessions(options);
    expect(look()).toBe(before);
  });
});

describe('a session in a cache', () => {
  const longer = { 'raw.jsonl': recording(3) };
  const shorter = { 'raw.jsonl': recording(2) };
  const other = { 'raw.jsonl': recording(9, { agent: 'OxOther' }) };

  test.each<[string, readonly [Sessions, ...Sessions[]], readonly string[]]>([
    [
      'of the same recording as the ledger’s gives way',
      [{ [NAME]: longer }, { [NAME]: longer }],
      [`sessions | ${NAME}`, `cache-1 | ${NAME} | the ledger holds this recording, at least as long`],
    ],
    [
      'that is shorter than the ledger’s gives way',
      [{ [NAME]: longer }, { [NAME]: shorter }],
      [`sessions | ${NAME}`, `cache-1 | ${NAME} | the ledger holds this recording, at least as long`],
    ],
    [
      'that is longer than the ledger’s takes its name',
      [{ [NAME]: shorter }, { [NAME]: longer }],
      [`sessions | ${NAME}`, `cache-1 | ${NAME}`],
    ],
    [
      'of another recording than the ledger’s gets another name',
      [{ [NAME]: longer }, { [NAME]: other }],
      [`sessions | ${NAME}`, `cache-1 | ${NAME}-2`],
    ],
    [
      'of a third recording gets a third name',
      [{ [NAME]: longer, [`${NAME}-2`]: { 'raw.jsonl': recording(1, { agent: 'OxThird' }) } }, { [NAME]: other }],
      [`sessions | ${NAME}`, `sessions | ${NAME}-2`, `cache-1 | ${NAME}-3`],
    ],
    [
      'that the ledger has under its other name gives way',
      [{ [NAME]: longer, [`${NAME}-2`]: other }, { [NAME]: other }],
      [
        `sessions | ${NAME}`,
        `sessions | ${NAME}-2`,
        `cache-1 | ${NAME}-2 | the ledger holds this recording, at least as long`,
      ],
    ],
    [
      'that grew since the ledger got it under its other name takes that name',
      [{ [NAME]: longer, [`${NAME}-2`]: { 'raw.jsonl': recording(8, { agent: 'OxOther' }) } }, { [NAME]: other }],
      [`sessions | ${NAME}`, `sessions | ${NAME}-2`, `cache-1 | ${NAME}-2`],
    ],
    [
      'gives way to a pointer, of which nobody knows how long it is',
      [{ [NAME]: { 'raw.jsonl': POINTER } }, { [NAME]: longer }],
      [`sessions | ${NAME}`, `cache-1 | ${NAME} | the ledger holds this recording, at least as long`],
    ],
    [
      'takes the place of its own draft',
      [{ [NAME]: { 'meta.json': '{"draft":true}' } }, { [NAME]: longer }],
      [`sessions | ${NAME}`, `cache-1 | ${NAME}`],
    ],
    [
      'keeps off what cannot be read in the ledger',
      [{ [NAME]: { 'raw.jsonl/x': '' } }, { [NAME]: longer }],
      [`sessions | ${NAME}`, `cache-1 | ${NAME} | the ledger holds this recording, at least as long`],
    ],
    [
      'in two caches counts once, where it is found first',
      [{}, { [NAME]: longer }, { [NAME]: longer }],
      [`cache-1 | ${NAME}`],
    ],
    [
      'in two caches counts once under its other name, too',
      [{ [NAME]: longer }, { [NAME]: other }, { [NAME]: other }],
      [`sessions | ${NAME}`, `cache-1 | ${NAME}-2`],
    ],
    [
      'is found behind a shorter copy in another cache',
      [{ [NAME]: shorter }, { [NAME]: shorter }, { [NAME]: longer }],
      [`sessions | ${NAME}`, `cache-2 | ${NAME}`],
    ],
    [
      'is found behind another ledger’s of the same name',
      [{}, { [NAME]: { 'raw.jsonl': recording(1, { repo: 'repo_2' }) } }, { [NAME]: longer }],
      [`cache-1 | ${NAME} | a session of another ledger (repo_2)`, `cache-2 | ${NAME}`],
    ],
    [
      'of this ledger is ours',
      [{}, { [NAME]: { 'raw.jsonl': recording(1, { repo: 'repo_1' }) } }],
      [`cache-1 | ${NAME}`],
    ],
    [
      'of another ledger is not',
      [{}, { [NAME]: { 'raw.jsonl': recording(1, { repo: 'repo_2' }) } }],
      [`cache-1 | ${NAME} | a session of another ledger (repo_2)`],
    ],
    [
      'of another ledger is not, even if it is finished there',
      [{}, { [NAME]: { ...ARTIFACT_FILES, 'raw.jsonl': recording(1, { repo: 'repo_2' }) } }],
      [`cache-1 | ${NAME} | a session of another ledger (repo_2)`],
    ],
    [
      'of another ledger is not, even if it holds nothing yet',
      [{}, { [NAME]: { 'raw.jsonl': recording(0, { repo: 'repo_2' }), '.recording.json': marker() } }],
      [`cache-1 | ${NAME} | a session of another ledger (repo_2)`],
    ],
    [
      'whose marker names another ledger is not',
      [{}, { [NAME]: { '.recording.json': marker({ repo_id: 'repo_2' }) } }],
      [`cache-1 | ${NAME} | a session of another ledger (repo_2)`],
    ],
  ])('%s', async (_, [inLedger, ...inCaches], expected) => {
    expect((await survey(scene(inLedger, ...inCaches))).sort()).toEqual([...expected].sort());
  });

  test('is not put where the ledger has a link of its name', async () => {
    const options = scene({}, { [NAME]: longer });
    symlinkSync('/nowhere', path.join(options.ledger.sessionsDir, NAME));
    expect(await survey(options)).toEqual([
      `sessions | ${NAME} | a symbolic link, not a folder`,
      `cache-1 | ${NAME}-2`,
    ]);
    const folder = path.join(options.caches[0] ?? '', NAME);
    expect((await surveySession(folder, 'cache', options))?.ledgerName).toBe(`${NAME}-2`);
  });

  test('is foreign as soon as a link stands in its place', async () => {
    const options = scene({}, { [NAME]: longer });
    const folder = path.join(options.caches[0] ?? '', 'link');
    symlinkSync(path.join(options.caches[0] ?? '', NAME), folder);
    expect((await surveySession(folder, 'cache', options))?.facts.foreign).toBe('a symbolic link, not a folder');
  });

  test('of another ledger may lie in ours: then it is ours', async () => {
    expect(await survey(scene({ [NAME]: { 'raw.jsonl': recording(1, { repo: 'repo_2' }) } }))).toEqual([
      `sessions | ${NAME}`,
    ]);
  });

  test.each<[string, Recorded, Recorded, boolean]>([
    [
      'one session id, whatever else differs',
      { session: 's', agent: 'A' },
      { session: 's', agent: 'B', start: START + 1 },
      true,
    ],
    ['different session ids, whatever else is equal', { session: 's' }, { session: 't' }, false],
    ['one agent and start', {}, {}, true],
    ['one agent, and different starts', {}, { start: START + 60_000 }, false],
    ['one start, and different agents', {}, { agent: 'OxOther' }, false],
    ['a session id on one side alone, and one agent and start', { session: 's' }, {}, true],
  ])('is the same recording with %s', async (_, ledger, cache, isSame) => {
    const options = scene(
      { [NAME]: { 'raw.jsonl': recording(1, ledger) } },
      { [NAME]: { 'raw.jsonl': recording(2, cache) } },
    );
    expect(await survey(options)).toContain(isSame ? `cache-1 | ${NAME}` : `cache-1 | ${NAME}-2`);
  });

  test('is the same recording as a finished one that the ledger has', async () => {
    const finished = { ...ARTIFACT_FILES, 'raw.jsonl': recording(2) };
    expect(await survey(scene({ [NAME]: finished }, { [NAME]: longer }))).toContain(`cache-1 | ${NAME}`);
    expect(await survey(scene({ [NAME]: finished }, { [NAME]: other }))).toContain(`cache-1 | ${NAME}-2`);
  });

  test('is no longer than a pointer whose summary says that it had as many entries', async () => {
    const input = { sha256: 'a'.repeat(64), bytes: 1, entries: 2 };
    const finished = {
      ...ARTIFACT_FILES,
      'summary.json': summaryJson({ agentwork: { version: 1, input, agent: 'claude' } }),
    };
    const inLedger = { [NAME]: { ...finished, 'raw.jsonl': POINTER } };
    expect(await survey(scene(inLedger, { [NAME]: longer }))).toContain(`cache-1 | ${NAME}`);
    expect(await survey(scene(inLedger, { [NAME]: shorter }))).not.toContain(`cache-1 | ${NAME}`);
  });
});

describe('a hold', () => {
  const raw = { 'raw.jsonl': recording(1) };
  const heldNames = async (options: SurveyOptions) =>
    (await surveySessions(options))
      .filter(({ facts }) => facts.isHeld)
      .map(({ folder }) => path.basename(path.dirname(folder)));

  test('counts for the folder that it lies in', async () => {
    expect(await heldNames(scene({}, { [NAME]: { ...raw, '.held': 'torn {' } }))).toEqual(['cache-1']);
  });

  test('counts by name: for the session in the ledger, and in any other cache', async () => {
    expect(await heldNames(scene({ [NAME]: raw }, { [NAME]: { '.held': '' } }))).toEqual(['sessions']);
    expect(await heldNames(scene({}, { [NAME]: raw }, { [NAME]: { '.held': '' } }))).toEqual(['cache-1']);
    expect(await heldNames(scene({}, { [NAME]: raw }, { other: { ...raw, '.held': '' } }))).toEqual(['cache-2']);
  });

  test('counts for a session that was finished in its cache, too', async () => {
    const finished = { ...raw, ...ARTIFACT_FILES };
    expect(await heldNames(scene({}, { [NAME]: finished }, { [NAME]: { '.held': '' } }))).toEqual(['cache-1']);
  });

  test('is seen by the last look before a session is worked on, too', async () => {
    const options = scene({ [NAME]: raw }, { [NAME]: { '.held': '' } });
    const folder = path.join(options.ledger.sessionsDir, NAME);
    expect((await surveySession(folder, 'ledger', options))?.facts.isHeld).toBe(true);
  });
});

describe('what earlier passes remember', () => {
  const raw = { 'raw.jsonl': recording(2) };
  const judged = (options: SurveyOptions, more: object = {}) => {
    const folder = path.join(options.caches[0] ?? '', NAME);
    const recorded = { path: folder, bytes: statSync(path.join(folder, 'raw.jsonl')).size };
    const memory = { verdict: 'local_only' as const, reason: 'too small', recording: recorded, ...more };
    return { ...options, remembered: (key: string) => (key === folder ? memory : undefined) };
  };

  test('holds for the very recording', async () => {
    const { facts } = await onlyOne(judged(scene({}, { [NAME]: raw })));
    expect(facts.remembered).toEqual({ verdict: 'local_only', reason: 'too small' });
  });

  test('does not hold for a longer one, or one elsewhere', async () => {
    const options = scene({}, { [NAME]: raw });
    const bytes = recording(2).length;
    const elsewhere = await onlyOne(judged(options, { recording: { path: '/elsewhere', bytes } }));
    const shorter = await onlyOne(
      judged(options, { recording: { path: path.join(options.caches[0] ?? '', NAME), bytes: bytes - 1 } }),
    );
    expect([elsewhere.facts.remembered, shorter.facts.remembered]).toEqual([undefined, undefined]);
  });

  test('that a session was staged makes it give way', async () => {
    const { facts } = await onlyOne(judged(scene({}, { [NAME]: raw }), { verdict: 'staged' }));
    expect(facts.supersededBy).toBe('the ledger holds this recording');
  });

  test('is asked for by name in the ledger, and by folder in a cache', async () => {
    const options = scene({ [NAME]: raw }, { b: raw });
    const keys = (await surveySessions(options)).map(memoryKey);
    expect(keys).toEqual([NAME, path.join(options.caches[0] ?? '', 'b')]);
  });
});

describe('a session read afresh', () => {
  test('is what the survey sees', async () => {
    const options = scene(
      {
        a: { 'raw.jsonl': recording(1) },
        b: { 'raw.jsonl': recording(1) },
        'b-2': { 'raw.jsonl': recording(1, { agent: 'X' }) },
      },
      {
        a: { 'raw.jsonl': recording(2) },
        b: { 'raw.jsonl': recording(2, { agent: 'X' }) },
        c: { 'raw.jsonl': recording(1) },
      },
    );
    for (const session of await surveySessions(options)) {
      expect(await surveySession(session.folder, session.facts.place, options)).toEqual(session);
    }
  });

  test('that is gone is none, or says so', async () => {
    const options = scene({ [NAME]: {} });
    const session = await surveySession(path.join(options.ledger.sessionsDir, NAME), 'ledger', options);
    expect(session?.facts.unreadable ?? 'none').toMatch(/none|cannot be read/);
  });
});

describe('whether a finished session is committed', () => {
  const FINISHED = Object.fromEntries(
    Object.entries({ ...ARTIFACT_FILES, 'raw.jsonl': recording(1) }).map(([name, text]) => [
      `sessions/a/${name}`,
      text,
    ]),
  );
  const options = ({ root, environment }: TemporaryLedger, journal: readonly string[] = []): SurveyOptions => ({
    ledger: { sessionsDir: path.join(root, 'sessions'), repoId: 'ledger' },
    caches: [],
    remembered: () => undefined,
    journal,
    git: new LedgerGit(root, environment),
  });
  const isCommitted = async (survey: SurveyOptions) => (await onlyOne(survey)).facts.isCommitted;

  test('is told by HEAD', async () => {
    expect(await isCommitted(options(temporaryLedger(FINISHED)))).toBe(true);
  });

  test('is denied when HEAD lacks one artifact, staged or not', async () => {
    const { 'sessions/a/session.html': html = '', ...rest } = FINISHED;
    const ledger = temporaryLedger(rest);
    writeFiles(ledger.root, { 'sessions/a/session.html': html });
    expect(await isCommitted(options(ledger))).toBe(false);
    ledger.git('add', '.');
    expect(await isCommitted(options(ledger))).toBe(false);
  });

  test('is denied when a pass had begun to write it, and was killed', async () => {
    expect(await isCommitted(options(temporaryLedger(FINISHED), ['a']))).toBe(false);
  });

  test('is not asked of one that is not finished, or where git is left out', async () => {
    const ledger = temporaryLedger({ 'sessions/a/raw.jsonl': recording(1) });
    expect(await isCommitted(options(ledger))).toBeUndefined();
    expect(await isCommitted({ ...options(temporaryLedger(FINISHED)), git: null })).toBeUndefined();
  });

  test('is denied in a ledger without a commit', async () => {
    const ledger = temporaryLedger();
    writeFiles(ledger.root, FINISHED);
    expect(await isCommitted(options(ledger))).toBe(false);
  });
});

describe('the facts of a session', () => {
  /** The facts of a session with these files. */
  function factsOf(files: Files, more: (folder: string) => void = () => {}) {
    const folder = path.join(temporaryFolder(), NAME);
    writeSessions(path.dirname(folder), { [NAME]: files });
    more(folder);
    const session = readSessionFiles(folder, 'ledger');
    if (!session) throw new Error('no session');
    return session;
  }

  test.each<[string, string, object]>([
    ['with entries', recording(1), { kind: 'content' }],
    ['with a header alone', recording(0), { kind: 'header-only' }],
    ['with header and footer', `${recording(0)}{"type":"footer"}\n`, { kind: 'header-only' }],
    ['of nothing', '', { kind: 'empty' }],
    ['of blank lines', '\n\n', { kind: 'header-only' }],
    ['that is a pointer', POINTER, { kind: 'pointer', oid: 'a'.repeat(64) }],
    ['that nobody understands', 'what is this\n', { kind: 'content' }],
    ['that is torn in its first entry', `${recording(0)}{"type":"us`, { kind: 'content' }],
    ['with one very long line', JSON.stringify({ type: 'user', content: 'x'.repeat(300_000) }), { kind: 'content' }],
  ])('raw.jsonl %s', (_, raw, expected) => {
    expect(factsOf({ 'raw.jsonl': raw }).facts.raw).toMatchObject(expected);
  });

  test('raw.jsonl that is no plain file is foreign, and not opened', () => {
    const kinds = [
      (folder: string) => execFileSync('mkfifo', [path.join(folder, 'raw.jsonl')]),
      (folder: string) => mkdirSync(path.join(folder, 'raw.jsonl')),
      (folder: string) => symlinkSync('/etc/hostname', path.join(folder, 'raw.jsonl')),
    ];
    for (const make of kinds) expect(factsOf({ '.keep': '' }, make).facts.raw).toMatchObject({ kind: 'foreign' });
  });

  test.each<[string, Files, readonly string[]]>([
    ['all are there', ARTIFACT_FILES, []],
    ['none is there', {}, ARTIFACTS],
    ['one is empty', { ...ARTIFACT_FILES, 'session.html': '' }, ['session.html']],
    ['the summary is torn', { ...ARTIFACT_FILES, 'summary.json': '{"title":"Fi' }, ['summary.json']],
    ['the summary has no title', { ...ARTIFACT_FILES, 'summary.json': summaryJson({ title: '' }) }, ['summary.json']],
    [
      'the summary is a diagnosis',
      { ...ARTIFACT_FILES, 'summary.json': summaryJson({ title: 'Summary failed content validation: x' }) },
      ['summary.json'],
    ],
  ])('of the artifacts %s', (_, files, missing) => {
    expect(factsOf({ ...files, 'raw.jsonl': recording(1) }).facts.missing).toEqual(missing);
  });

  test('an artifact that is a folder or a link is missing', () => {
    const { facts } = factsOf({ ...ARTIFACT_FILES, 'raw.jsonl': recording(1) }, (folder) => {
      rmSync(path.join(folder, 'session.md'));
      symlinkSync('/etc/hostname', path.join(folder, 'session.md'));
      rmSync(path.join(folder, 'session.html'));
      mkdirSync(path.join(folder, 'session.html'));
    });
    expect(facts.missing).toEqual(['session.html', 'session.md']);
  });

  test.each<[string, string, SurveyedSession['facts']['meta']]>([
    ['an object', '{"title":"x"}', 'readable'],
    ['torn', '{"title":', 'unreadable'],
    ['a list', '[]', 'unreadable'],
    ['empty', '', 'unreadable'],
  ])('meta.json that is %s', (_, text, meta) => {
    expect(factsOf({ 'raw.jsonl': recording(1), 'meta.json': text }).facts.meta).toBe(meta);
  });

  test('a recording that grew is counted, when its summary says how long it was', () => {
    const input = { sha256: 'a'.repeat(64), bytes: recording(2).length, entries: 2 };
    const files = {
      ...ARTIFACT_FILES,
      'summary.json': summaryJson({ agentwork: { version: 1, input, agent: 'claude' } }),
    };
    expect(factsOf({ ...files, 'raw.jsonl': recording(2) }).facts.raw).not.toHaveProperty('entries');
    expect(factsOf({ ...files, 'raw.jsonl': recording(5) }).facts).toMatchObject({
      raw: { entries: 5 },
      summarised: input,
    });
  });

  test.runIf(process.getuid?.() === 0)('that others may list but not enter are facts, not failures', () => {
    const folder = temporaryFolder();
    writeSessions(folder, {
      a: { 'raw.jsonl': recording(1), '.recording.json': marker(), 'meta.json': '{}', ...ARTIFACT_FILES },
    });
    execFileSync('chmod', ['755', folder]);
    execFileSync('chmod', ['744', path.join(folder, 'a')]);
    expect(readAsNobody(folder, ['a'])).toEqual({ a: { unreadable: true, raw: 'missing', meta: 'missing' } });
  });

  describe('its recorder', () => {
    test.each<[string, object, string]>([
      ['runs', { parent_pid: process.pid, started_at: isoTime(Date.now()) }, 'alive'],
      ['is gone', { parent_pid: deadPid(), started_at: isoTime(Date.now()) }, 'dead'],
      [
        'has a pid that a later process has now',
        { parent_pid: process.pid, started_at: isoTime(START - 365 * DAY_MS) },
        'dead',
      ],
      ['runs, and nobody wrote down since when', { parent_pid: process.pid, started_at: undefined }, 'alive'],
      ['is of unknown pid', { parent_pid: 0 }, 'unknown'],
    ])('%s', (_, more, expected) => {
      expect(factsOf({ '.recording.json': marker(more) }).facts.recorder?.process).toBe(expected);
    });

    test('is looked up by its agent id where the marker names no pid', () => {
      const folder = path.join(temporaryFolder(), NAME);
      writeFiles(folder, { '.recording.json': marker() });
      const asked: string[] = [];
      const lookup = (agentId: string) => {
        asked.push(agentId);
        return process.pid;
      };
      expect(readSessionFiles(folder, 'ledger', { pidLookup: lookup })?.recording?.agentId).toBe('Ox7f3a');
      expect(asked).toEqual(['Ox7f3a']);
    });

    test('is of unknown pid, and as old as its marker, where that is torn', () => {
      const { facts, recording: parsed } = factsOf({ '.recording.json': '{"agent_id":' }, (folder) => {
        utimesSync(path.join(folder, '.recording.json'), new Date(START), new Date(START));
      });
      expect(parsed).toBeUndefined();
      expect(facts.recorder).toEqual({ recording: undefined, markerChangedAtMs: START, process: 'unknown' });
    });

    test('last wrote when recording or transcript last changed', () => {
      const transcript = path.join(temporaryFolder(), 't.jsonl');
      writeFileSync(transcript, 'x');
      utimesSync(transcript, new Date(START + 5000), new Date(START + 5000));
      const { facts } = factsOf(
        { 'raw.jsonl': recording(1), '.recording.json': marker({ session_file: transcript }) },
        (folder) => {
          utimesSync(path.join(folder, 'raw.jsonl'), new Date(START), new Date(START));
        },
      );
      expect(facts).toMatchObject({
        transcript: { kind: 'there', path: transcript, bytes: 1, foundBy: 'marker' },
        recorder: { lastGrowthMs: START + 5000 },
      });
    });

    test.each([
      ['relative', 'transcript.jsonl', 'none'],
      ['nowhere', '/nowhere/at/all.jsonl', 'none'],
      ['a folder', '/tmp', 'unclear'],
      ['a device', '/dev/null', 'unclear'],
      ['below a file', '/etc/hostname/x', 'none'],
      ['longer than any path', `/${'x'.repeat(5000)}`, 'none'],
      ['no path at all', '/tmp/a\u0000b', 'none'],
    ])('has no transcript where its path is %s', (...[, sessionFile, kind]) => {
      const { facts } = factsOf({ '.recording.json': marker({ session_file: sessionFile }) });
      expect(facts.transcript.kind).toBe(kind);
    });
  });

  test.runIf(process.getuid?.() === 0)('that others may not read are facts, not failures', () => {
    const folder = temporaryFolder();
    writeSessions(folder, {
      folder: { 'raw.jsonl': recording(1) },
      small: { 'raw.jsonl': recording(1), 'meta.json': '{}' },
      large: {
        'raw.jsonl': recording(9000),
        '.recording.json': marker({ session_file: path.join(folder, 'folder', 'raw.jsonl') }),
      },
    });
    execFileSync('chmod', ['-R', 'a+rX', folder]);
    execFileSync('chmod', ['700', path.join(folder, 'folder')]);
    for (const name of ['small/raw.jsonl', 'small/meta.json', 'large/raw.jsonl'])
      execFileSync('chmod', ['600', path.join(folder, name)]);
    expect(readAsNobody(folder, ['folder', 'small', 'large'])).toEqual({
      folder: { unreadable: true, raw: 'missing', meta: 'missing' },
      small: { unreadable: false, raw: 'unreadable', meta: 'unreadable' },
      large: { unreadable: false, raw: 'unreadable', meta: 'missing' },
    });
  });
});

/** The same look by a process that may read less than we: root may read everything. */
function readAsNobody(folder: string, names: readonly string[]): unknown {
  process.seteuid?.(65534);
  try {
    const facts = names.map((name) => readSessionFiles(path.join(folder, name), 'ledger')?.facts);
    return Object.fromEntries(
      names.map((name, index) => {
        const { unreadable, raw, meta } = facts[index] ?? {};
        return [name, { unreadable: unreadable !== undefined, raw: raw?.kind, meta }];
      }),
    );
  } finally {
    process.seteuid?.(0);
  }
}

function deadPid(): number {
  return spawnSync(process.execPath, ['--version']).pid;
}
