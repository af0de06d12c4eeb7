import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, isoTime } from '../../src/clock.ts';
import { LedgerGit } from '../../src/ledger/git/ledger-git.ts';
import { type SurveyedSession, type SurveyOptions, surveySession, surveySessions } from '../../src/ledger/survey.ts';
import { classifySession, isPushOnly, isWork } from '../../src/session/classify.ts';
import { secondClone, type TemporaryLedger, temporaryLedger } from '../support/ledger-dir.ts';
import { loginEntries, marker, recording } from '../support/sample-ledger.ts';
import { writeFiles } from '../support/temporary-folder.ts';

const START = Date.parse('2026-03-06T10:00:00Z');
const NOW = START + 3 * DAY_MS;
const ENTRIES = loginEntries(START);
const RAW = recording(START, 'ryan', 'Ox7f3a', ENTRIES);

type Files = Readonly<Record<string, string>>;
type Clone = Pick<TemporaryLedger, 'root' | 'git'>;

const inLedger = (name: string, files: Files) =>
  Object.fromEntries(Object.entries(files).map(([file, content]) => [`sessions/${name}/${file}`, content]));

const SUMMARY = { title: 'Fix the login', summary: 's', key_actions: ['a'], outcome: 'success', topics_found: [] };

/** All artifacts, made of so many entries; null leaves out of how many. */
function artifacts(entries: number | null = ENTRIES.length, summary: object = SUMMARY): Files {
  const origin = { version: 1, agent: 'claude', input: { sha256: 'a'.repeat(64), bytes: RAW.length, entries } };
  const text = JSON.stringify({ ...summary, ...(entries !== null && { agentwork: origin }) });
  return { 'summary.md': '#', 'session.html': '<p>', 'session.md': '#', 'summary.json': text };
}

const FINISHED = { 'raw.jsonl': RAW, ...artifacts() };

function optionsOf({ root, environment }: TemporaryLedger, more: Partial<SurveyOptions> = {}): SurveyOptions {
  return {
    ledger: { sessionsDir: path.join(root, 'sessions'), repoId: path.basename(root) },
    caches: [path.join(root, '.sageox/cache/sessions')],
    remembered: () => undefined,
    journal: [],
    git: new LedgerGit(root, environment),
    ...more,
  };
}

async function survey(ledger: TemporaryLedger, more: Partial<SurveyOptions> = {}) {
  const sessions = await surveySessions(optionsOf(ledger, more));
  return Object.fromEntries(sessions.map((session) => [session.ledgerName, session]));
}

const verdictOf = (session: SurveyedSession | undefined) => session && classifySession(session.facts, NOW);
const ruleOf = (session: SurveyedSession | undefined) => verdictOf(session)?.rule;

function commit({ root, git }: Clone, files: Files): void {
  writeFiles(root, files);
  git('add', '--all');
  git('commit', '--quiet', '--message', 'finish');
}

/** Another machine commits and pushes these files. */
function colleaguePushes(ledger: TemporaryLedger, files: Files): void {
  const clone = secondClone(ledger);
  commit(clone, files);
  clone.git('push', '--quiet', 'origin', 'HEAD:main');
}

describe('what HEAD and its upstream have of a finished session', () => {
  test('committed and pushed: there is nothing to do', async () => {
    const { a } = await survey(temporaryLedger(inLedger('a', FINISHED)));
    expect(a?.facts).toMatchObject({ isCommitted: true, isPushed: true });
    expect(verdictOf(a)).toMatchObject({ verdict: 'finished', rule: 'complete' });
  });

  test('not committed: that is work', async () => {
    const ledger = temporaryLedger(inLedger('a', FINISHED));
    writeFiles(ledger.root, inLedger('b', FINISHED));
    const { a, b } = await survey(ledger);
    expect([a, b].map(ruleOf)).toEqual(['complete', 'not_committed']);
    expect(b && isWork(classifySession(b.facts, NOW))).toBe(true);
    expect(b?.facts).toMatchObject({ isCommitted: false });
    expect(b?.facts.isPushed).not.toBe(true);
  });

  test('begun by a pass that was killed: what stands in HEAD may be older', async () => {
    const { a } = await survey(temporaryLedger(inLedger('a', FINISHED)), { journal: ['a'] });
    expect(a?.facts.isCommitted).toBe(false);
    expect(ruleOf(a)).toBe('not_committed');
  });

  test('committed and not pushed: the push at the end of a pass is all that it needs', async () => {
    const ledger = temporaryLedger(inLedger('a', FINISHED));
    commit(ledger, inLedger('b', FINISHED));
    const { a, b } = await survey(ledger);
    expect(a?.facts).toMatchObject({ isCommitted: true, isPushed: true });
    expect(b?.facts).toMatchObject({ isCommitted: true, isPushed: false });
    const verdict = classifySession(b?.facts ?? a?.facts ?? fail(), NOW);
    expect(verdict).toMatchObject({ verdict: 'unpushed', rule: 'not_pushed' });
    expect({ isWork: isWork(verdict), isPushOnly: isPushOnly(verdict) }).toEqual({ isWork: false, isPushOnly: true });
    ledger.git('push', '--quiet');
    expect(ruleOf((await survey(ledger)).b)).toBe('complete');
  });

  test('renamed and not pushed: both its names wait for the push', async () => {
    const ledger = temporaryLedger(inLedger('a', FINISHED));
    ledger.git('mv', 'sessions/a', 'sessions/b');
    ledger.git('commit', '--quiet', '--message', 'rename');
    expect((await survey(ledger)).b?.facts.isPushed).toBe(false);
  });

  test('at a remote that is empty: nothing is pushed yet', async () => {
    const ledger = temporaryLedger();
    commit(ledger, inLedger('a', FINISHED));
    const { a } = await survey(ledger);
    expect(a?.facts).toMatchObject({ isCommitted: true, isPushed: false });
    expect(ruleOf(a)).toBe('not_pushed');
  });

  test.each<[string, (ledger: TemporaryLedger) => void]>([
    ['on a branch that follows none', ({ git }) => git('branch', '--unset-upstream')],
    ['without a remote', ({ git }) => git('remote', 'remove', 'origin')],
    ['on a detached HEAD', ({ git }) => git('checkout', '--quiet', '--detach')],
  ])('%s nobody can tell what is pushed, and that keeps nobody busy', async (_, prepare) => {
    const ledger = temporaryLedger(inLedger('a', FINISHED));
    prepare(ledger);
    commit(ledger, inLedger('b', FINISHED));
    const { a, b } = await survey(ledger);
    expect([a, b].map(ruleOf)).toEqual(['complete', 'complete']);
    for (const session of [a, b]) expect(session?.facts.isCommitted).toBe(true);
    for (const session of [a, b]) expect(session?.facts.isPushed).toBeUndefined();
  });

  test('is not asked of what is not finished, or where git is left out', async () => {
    const ledger = temporaryLedger({ ...inLedger('a', FINISHED), ...inLedger('b', { 'raw.jsonl': RAW }) });
    const { b } = await survey(ledger);
    const { a } = await survey(ledger, { git: null });
    for (const session of [a, b]) {
      expect(session?.facts.isCommitted).toBeUndefined();
      expect(session?.facts.isPushed).toBeUndefined();
    }
  });
});

describe('what a colleague has finished and this clone has not pulled', () => {
  test('is finished as soon as git has heard of it, and the work tree is not touched', async () => {
    const ledger = temporaryLedger(inLedger('a', { 'raw.jsonl': RAW }));
    colleaguePushes(ledger, inLedger('a', artifacts()));
    expect(ruleOf((await survey(ledger)).a)).toBe('missing');
    ledger.git('fetch', '--quiet');
    const head = ledger.git('rev-parse', 'HEAD');
    const { a } = await survey(ledger);
    expect(a?.facts).toMatchObject({ finishedIn: 'origin/main', missing: expect.arrayContaining(['summary.json']) });
    expect(verdictOf(a)).toEqual({
      verdict: 'finished',
      rule: 'finished_at_remote',
      reason: 'origin/main has it finished; git pull brings it here',
    });
    expect([ledger.git('rev-parse', 'HEAD'), ledger.git('status', '--porcelain')]).toEqual([head, '']);
    ledger.git('pull', '--quiet', '--ff-only');
    expect(ruleOf((await survey(ledger)).a)).toBe('complete');
  });

  test('is not read where it is larger than anything that would be read here', async () => {
    const ledger = temporaryLedger(inLedger('a', { 'raw.jsonl': RAW }));
    const summary = JSON.parse(artifacts()['summary.json'] ?? '');
    const huge = JSON.stringify({ ...summary, pad: 'x'.repeat(16 * 1024 * 1024) });
    colleaguePushes(ledger, inLedger('a', { ...artifacts(), 'summary.json': huge }));
    ledger.git('fetch', '--quiet');
    expect(ruleOf((await survey(ledger)).a)).toBe('missing');
    ledger.git('pull', '--quiet', '--ff-only');
    expect(ruleOf((await survey(ledger)).a)).toBe('missing');
  });

  test('is finished under whatever name the remote and its branch have', async () => {
    const ledger = temporaryLedger(inLedger('a', { 'raw.jsonl': RAW }));
    colleaguePushes(ledger, inLedger('a', artifacts()));
    ledger.git('remote', 'rename', 'origin', 'team');
    ledger.git('fetch', '--quiet', 'team');
    expect((await survey(ledger)).a?.facts.finishedIn).toBe('team/main');
  });

  test('is finished for a recording in a cache, too', async () => {
    const ledger = temporaryLedger({ '.gitignore': '.sageox/cache/\n' });
    colleaguePushes(ledger, inLedger('a', { ...FINISHED, 'meta.json': '{"agent_id":"Ox7f3a"}' }));
    ledger.git('fetch', '--quiet');
    writeFiles(ledger.root, { '.sageox/cache/sessions/a/raw.jsonl': RAW });
    const { a } = await survey(ledger);
    expect(a?.facts.place).toBe('cache');
    expect(ruleOf(a)).toBe('finished_at_remote');
  });

  test('stays a recording as long as its recorder lives here', async () => {
    const ledger = temporaryLedger(inLedger('a', { 'raw.jsonl': RAW }));
    colleaguePushes(ledger, inLedger('a', artifacts()));
    ledger.git('fetch', '--quiet');
    const living = JSON.stringify({ ...JSON.parse(marker(START, 'Ox7f3a', process.pid)), started_at: undefined });
    writeFiles(ledger.root, inLedger('a', { '.recording.json': living }));
    expect(ruleOf((await survey(ledger)).a)).toBe('pid_alive');
  });

  const { 'session.html': _, ...withoutHtml } = artifacts();
  const longer = recording(START, 'ryan', 'Ox7f3a', [...ENTRIES, { type: 'user', content: 'And the logout?' }]);
  const meta = (more: object) => ({ 'meta.json': JSON.stringify({ session_name: 'a', ...more }) });

  test('is finished when all of it stands there, of at least as many entries as are here', async () => {
    const start = isoTime(START);
    const cases: Record<string, readonly [isFinished: boolean, local: string, remote: Files]> = {
      'a summary that does not say of how many entries it is': [true, longer, artifacts(null)],
      'a summary of more entries than are here': [true, RAW, artifacts(99)],
      'a meta.json that says the same': [
        true,
        RAW,
        { ...artifacts(), ...meta({ agent_id: 'Ox7f3a', created_at: start }) },
      ],
      'a torn meta.json': [true, RAW, { ...artifacts(), 'meta.json': '{"agent_id":' }],
      'another agent: in the tree the name is the place': [
        true,
        RAW,
        { ...artifacts(), ...meta({ agent_id: 'OxOther' }) },
      ],
      'no session.html': [false, RAW, withoutHtml],
      'a torn summary': [false, RAW, { ...artifacts(), 'summary.json': '{"title":"Fix' }],
      'a summary without a title': [false, RAW, artifacts(21, { ...SUMMARY, title: '' })],
      'a diagnosis for a title': [false, RAW, artifacts(21, { ...SUMMARY, title: 'Summary generation failed' })],
      'a summary of fewer entries than are here': [false, longer, artifacts()],
    };
    const files = (pick: (entry: (typeof cases)[string]) => Files): Files =>
      Object.assign({}, ...Object.entries(cases).map(([name, entry]) => inLedger(name, pick(entry))));
    const ledger = temporaryLedger(files(([, local]) => ({ 'raw.jsonl': local })));
    colleaguePushes(
      ledger,
      files(([, , remote]) => remote),
    );
    ledger.git('fetch', '--quiet');
    const found = await survey(ledger);
    for (const [name, [isFinished]] of Object.entries(cases))
      expect(ruleOf(found[name]), name).toBe(isFinished ? 'finished_at_remote' : 'missing');
  });

  test('is another one when a recording in a cache only bears the same name', async () => {
    const ledger = temporaryLedger({ '.gitignore': '.sageox/cache/\n' });
    const told = [{ agent_id: 'OxOther' }, { agent_id: 'Ox7f3a', created_at: isoTime(START + 20_000) }];
    const files = told.map((more, index) => inLedger(`s${index}`, { ...FINISHED, ...meta(more) }));
    colleaguePushes(ledger, Object.assign({}, ...files));
    ledger.git('fetch', '--quiet');
    for (const index of told.keys()) writeFiles(ledger.root, { [`.sageox/cache/sessions/s${index}/raw.jsonl`]: RAW });
    const { s0, s1 } = await survey(ledger);
    expect([s0, s1].map((session) => session?.facts.finishedIn)).toEqual([undefined, undefined]);
    expect([s0, s1].map(ruleOf)).toEqual(['missing', 'missing']);
  });

  test('is not looked for on a detached HEAD, or where the branch follows none', async () => {
    const ledger = temporaryLedger(inLedger('a', { 'raw.jsonl': RAW }));
    colleaguePushes(ledger, inLedger('a', artifacts()));
    ledger.git('fetch', '--quiet');
    ledger.git('branch', '--unset-upstream');
    expect(ruleOf((await survey(ledger)).a)).toBe('missing');
    ledger.git('branch', '--quiet', '--set-upstream-to=origin/main');
    expect(ruleOf((await survey(ledger)).a)).toBe('finished_at_remote');
    ledger.git('checkout', '--quiet', '--detach');
    expect(ruleOf((await survey(ledger)).a)).toBe('missing');
  });
});

describe('a marker that came through git', () => {
  /** A process that lives, and a transcript that is there: both are ours, and neither is the recording's. */
  const shared = ({ scratch }: TemporaryLedger) => {
    writeFiles(scratch, { 'mine.jsonl': '{}\n' });
    const text = marker(START, 'Ox7f3a', process.pid, path.join(scratch, 'mine.jsonl'));
    return JSON.stringify({ ...JSON.parse(text), started_at: undefined });
  };
  const GLOBS = ['plain', 'a*', 'ab', 'wh?t', 'what', '[xy]', 'x'];

  async function expectShared(ledger: TemporaryLedger, isShared: Readonly<Record<string, boolean>>): Promise<void> {
    const sessions = await survey(ledger);
    const found = Object.entries(sessions).map(([name, { facts }]) => [name, facts.isMarkerShared]);
    expect(Object.fromEntries(found)).toEqual(isShared);
    for (const [name, { folder, facts }] of Object.entries(sessions)) {
      const process = isShared[name] ? 'unknown' : 'alive';
      expect(facts.recorder, name).toMatchObject({ process });
      expect('pid' in (facts.recorder ?? {}), name).toBe(!isShared[name]);
      expect(facts.transcript.kind, name).toBe(isShared[name] ? 'none' : 'there');
      const again = await surveySession(folder, 'ledger', optionsOf(ledger));
      expect(again?.facts.isMarkerShared, name).toBe(isShared[name]);
    }
  }

  test.each(['a*', 'wh?t', '[xy]'])('is another machine’s, in one folder called %s', async (name) => {
    const ledger = temporaryLedger({ 'README.md': 'ledger\n' });
    writeFiles(ledger.root, inLedger(name, { '.recording.json': shared(ledger) }));
    await expectShared(ledger, { [name]: false });
    ledger.git('add', '--all');
    await expectShared(ledger, { [name]: true });
  });

  test('is another machine’s in one of many folders, and says nothing of those whose name its name could stand for', async () => {
    const ledger = temporaryLedger({ 'README.md': 'ledger\n' });
    const files = (name: string) => inLedger(name, { '.recording.json': shared(ledger) });
    for (const name of GLOBS) writeFiles(ledger.root, files(name));
    const tracked = ['a*', 'what', 'x'];
    const literally = tracked.map((name) => `:(literal)sessions/${name}/.recording.json`);
    ledger.git('add', '--', ...literally);
    await expectShared(ledger, Object.fromEntries(GLOBS.map((name) => [name, tracked.includes(name)])));
  });

  test('is another machine’s in a cache of the clone, into which a commit brought it', async () => {
    const ledger = temporaryLedger({ 'README.md': 'ledger\n' });
    const cache = path.join(ledger.root, '.sageox/cache/sessions');
    for (const name of ['mine', 'theirs']) writeFiles(cache, { [`${name}/.recording.json`]: shared(ledger) });
    ledger.git('add', path.join(cache, 'theirs'));
    const options = { ...optionsOf(ledger), caches: [cache] };
    const found = await surveySessions(options);
    expect(found.map(({ facts }) => [facts.name, facts.isMarkerShared, facts.transcript.kind])).toEqual([
      ['mine', false, 'there'],
      ['theirs', true, 'none'],
    ]);
    const again = await surveySession(path.join(cache, 'theirs'), 'cache', options);
    expect(again?.facts).toMatchObject({ isMarkerShared: true, transcript: { kind: 'none' } });
  });

  test('does not make a ghost of a recording of somebody else', async () => {
    const ledger = temporaryLedger({ 'README.md': 'ledger\n' });
    writeFiles(ledger.root, inLedger('a', { '.recording.json': marker(START, 'Ox7f3a', 2 ** 22 + 1) }));
    const judge = async (now: number) => {
      const { a } = await survey(ledger);
      return a && classifySession(a.facts, now);
    };
    expect(await judge(NOW)).toMatchObject({ verdict: 'ghost' });
    ledger.git('add', '--all');
    expect(await judge(START + HOUR_MS)).toMatchObject({ verdict: 'recording', rule: 'time_not_reached' });
    expect(await judge(NOW)).toMatchObject({
      verdict: 'header-only',
      reason: 'nothing was recorded here: its marker came through git from another machine',
    });
  });

  test('is asked of git in ledgers with a commit and without', async () => {
    const ledger = temporaryLedger();
    writeFiles(ledger.root, inLedger('a', { '.recording.json': shared(ledger) }));
    await expectShared(ledger, { a: false });
    ledger.git('add', '--all');
    await expectShared(ledger, { a: true });
  });
});

function fail(): never {
  throw new Error('no such session');
}
