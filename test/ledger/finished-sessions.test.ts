import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { DAY_MS } from '../../src/clock.ts';
import { FinishedSessions } from '../../src/ledger/finished-sessions.ts';
import { LedgerGit } from '../../src/ledger/git/ledger-git.ts';
import { type SurveyOptions, surveySessions } from '../../src/ledger/survey.ts';
import { classifySession } from '../../src/session/classify.ts';
import { Chance } from '../support/chance.ts';
import { temporaryLedger } from '../support/ledger-dir.ts';
import { finishedArtifacts, loginEntries, recording } from '../support/sample-ledger.ts';
import { writeFiles } from '../support/temporary-folder.ts';

const START = Date.UTC(2026, 2, 6, 10);

/** A session whose summary tells what it was made of. */
function finishedSession(agent: string): Readonly<Record<string, string>> {
  const raw = recording(START, 'mia', agent, loginEntries(START));
  const artifacts = finishedArtifacts();
  const input = {
    sha256: createHash('sha256').update(raw).digest('hex'),
    bytes: Buffer.byteLength(raw),
    entries: loginEntries(START).length,
  };
  const summary = {
    ...JSON.parse(artifacts['summary.json'] ?? '{}'),
    agentwork: { version: 1, agent: 'claude', input },
  };
  return { 'raw.jsonl': raw, ...artifacts, 'summary.json': JSON.stringify(summary) };
}

const nameOf = (number: number) => `2026-03-06T10-00-mia-Ox${(0xa000 + number).toString(16)}`;

/** A ledger with so many finished sessions, and the looks that one takes at it. */
function scene(sessions: number) {
  const files = Array.from({ length: sessions }, (_, number) =>
    Object.entries(finishedSession(`Ox${number}`)).map(([file, text]) => [`sessions/${nameOf(number)}/${file}`, text]),
  );
  const ledger = temporaryLedger(Object.fromEntries(files.flat()));
  const sessionsDir = path.join(ledger.root, 'sessions');
  const stateDir = path.join(ledger.root, '.git', 'agentwork');
  const cache = path.join(ledger.scratch, 'cache');
  mkdirSync(stateDir);
  const git = new LedgerGit(ledger.root, ledger.environment);
  // As if all that the test does had been done a minute ago.
  const clock = { lead: 60_000 };
  const now = () => Date.now() + clock.lead;
  /** Sessions that the last look had in its hands when it ended. */
  const held: string[] = [];
  const base: SurveyOptions = {
    ...{ ledger: { sessionsDir, repoId: 'ledger' }, caches: [cache], remembered: () => undefined, journal: [], git },
  };
  const survey = async (options: SurveyOptions) => {
    const found = await surveySessions(options);
    return found.map((session) => ({ session, verdict: classifySession(session.facts, now()) }));
  };
  const told = (judged: Awaited<ReturnType<typeof survey>>) =>
    Object.fromEntries(judged.map(({ session, verdict }) => [session.ledgerName, verdict.verdict]));
  const knows = (more: object = {}) =>
    new FinishedSessions({
      ...{ sessionsDir, stateDir, git, clock: now, rules: '', always: () => [], leastSessions: 1, ...more },
    });
  return {
    ...ledger,
    ...{ sessionsDir, stateDir, cache, clock, held },
    at: (number: number, file = '') => path.join(sessionsDir, nameOf(number), file),
    setBack: (ms: number) => {
      clock.lead -= ms;
    },
    commitAll(message = 'more') {
      ledger.git('add', '--all');
      ledger.git('commit', '--quiet', '--allow-empty', '--message', message);
      ledger.git('push', '--quiet', '--force', 'origin', 'HEAD');
    },
    /** Of all sessions, trusting nothing. */
    everything: async () => told(await survey(base)),
    /** As a pass does it, with what others left, and leaving something to the next; `leftOut`: without being read. */
    async look(more: object = {}, meanwhile = () => {}) {
      const finished = knows(more);
      const found: Record<string, string> = {};
      const leave = finished.leaveFinished.bind(finished);
      finished.leaveFinished = async (...words) => {
        const left = await leave(...words);
        for (const name of left) found[name] = 'finished';
        return left;
      };
      const judged = await survey({ ...base, finished });
      meanwhile();
      await finished.note();
      const verdicts = { ...told(judged), ...found };
      held.splice(0, held.length, ...judged.map(({ session }) => session.ledgerName));
      return { verdicts, leftOut: finished.leftOut - Object.keys(found).length };
    },
  };
}

type Scene = ReturnType<typeof scene>;

/** Of all sessions, those left out as what they were taken for. */
async function answerOf(scene: Scene, more: object = {}): Promise<object> {
  const { verdicts, leftOut } = await scene.look(more);
  const names = readdirSync(scene.sessionsDir).filter((name) => name.startsWith('2026') && !(name in verdicts));
  expect(names).toHaveLength(leftOut);
  return { ...Object.fromEntries(names.map((name) => [name, 'finished'])), ...verdicts };
}

describe('what is known to be finished', () => {
  test('is not looked at again', async () => {
    const ledger = scene(3);
    expect(await ledger.look()).toEqual({ verdicts: await ledger.everything(), leftOut: 0 });
    expect(await ledger.look()).toEqual({ verdicts: {}, leftOut: 3 });
  });

  test('does not hide what is not, or not yet', async () => {
    const ledger = scene(3);
    rmSync(ledger.at(1, 'session.html'));
    mkdirSync(path.join(ledger.sessionsDir, 'empty'));
    await ledger.look();
    expect(await ledger.look()).toEqual({ verdicts: { [nameOf(1)]: 'missing-artifacts' }, leftOut: 2 });
    writeFiles(path.join(ledger.sessionsDir, 'empty'), { 'raw.jsonl': finishedSession('Ox9')['raw.jsonl'] ?? '' });
    expect((await ledger.look()).verdicts).toMatchObject({ empty: 'missing-artifacts' });
  });

  test('stays so where nothing but other sessions came, left, or were committed', async () => {
    const ledger = scene(3);
    await ledger.look();
    writeFiles(ledger.at(3), finishedSession('Ox3'));
    expect(await ledger.look(), 'not committed').toEqual({ verdicts: { [nameOf(3)]: 'unpushed' }, leftOut: 3 });
    ledger.commitAll();
    expect(await ledger.look()).toEqual({ verdicts: { [nameOf(3)]: 'finished' }, leftOut: 3 });
    expect(await ledger.look()).toEqual({ verdicts: {}, leftOut: 4 });
    ledger.git('rm', '-r', '--quiet', `sessions/${nameOf(0)}`);
    ledger.commitAll();
    expect(await ledger.look()).toEqual({ verdicts: {}, leftOut: 3 });
  });

  test('is looked at again where it is named, held in a cache, or not pushed any more', async () => {
    const ledger = scene(4);
    await ledger.look();
    expect(await ledger.look({ always: () => [nameOf(1)] })).toEqual({
      verdicts: { [nameOf(1)]: 'finished' },
      leftOut: 3,
    });
    writeFiles(path.join(ledger.cache, nameOf(2)), { '.held': '' });
    expect((await ledger.look()).verdicts).toEqual(await pick(ledger, 2));
    rmSync(ledger.cache, { recursive: true });
    ledger.git(
      'update-ref',
      'refs/remotes/origin/main',
      ledger.git('commit-tree', '-m', 'x', `${ledger.git('mktree', '--missing')}`),
    );
    expect(Object.values((await ledger.look()).verdicts)).toEqual(Array(4).fill('unpushed'));
  });

  test('is compared, file by file, once a day, and when it is asked for', async () => {
    const ledger = scene(3);
    await ledger.look();
    rmSync(ledger.at(1, 'session.md'));
    expect((await ledger.look()).leftOut, 'nothing tells of it').toBe(3);
    expect(await ledger.look({ isFull: true })).toEqual({ verdicts: { [nameOf(1)]: 'missing-artifacts' }, leftOut: 2 });
    expect((await ledger.look()).leftOut).toBe(2);
    appendFileSync(ledger.at(0, 'raw.jsonl'), `${JSON.stringify({ type: 'user', content: 'more' })}\n`);
    expect((await ledger.look()).verdicts).not.toHaveProperty(nameOf(0));
    ledger.clock.lead += DAY_MS;
    expect((await ledger.look()).verdicts).toMatchObject({ [nameOf(0)]: 'stale-artifacts' });
  });

  test('is looked at again where HEAD has lost it, by a full look, too', async () => {
    const ledger = scene(3);
    await ledger.look();
    ledger.git('rm', '-r', '--cached', '--quiet', `sessions/${nameOf(1)}`);
    ledger.git('commit', '--quiet', '--message', 'keep it here');
    ledger.git('push', '--quiet');
    expect(await ledger.look({ isFull: true })).toEqual({ verdicts: { [nameOf(1)]: 'unpushed' }, leftOut: 2 });
    expect(await ledger.look()).toEqual({ verdicts: { [nameOf(1)]: 'unpushed' }, leftOut: 2 });
  });

  test('is held by no look once it is judged, unless somebody asks for it', async () => {
    const ledger = scene(4);
    rmSync(ledger.at(1, 'session.md'));
    const { verdicts } = await ledger.look({ always: () => [nameOf(2)] });
    expect(ledger.held).toEqual([nameOf(1), nameOf(2)]);
    expect(verdicts).toEqual(await ledger.everything());
  });

  test('is not what lost a file after it was read', async () => {
    const ledger = scene(3);
    await ledger.look({}, () => rmSync(ledger.at(1, 'session.md')));
    expect((await ledger.look({ isFull: true })).verdicts).toMatchObject({ [nameOf(1)]: 'missing-artifacts' });
  });

  test('is not left out, and uncounted, where the index is damaged', async () => {
    const ledger = scene(3);
    rmSync(ledger.at(2, 'session.md'));
    await ledger.look();
    const file = path.join(ledger.stateDir, 'finished');
    const [first = '', ...rest] = readFileSync(file, 'latin1').split('\n');
    writeFileSync(file, `${first}\n${rest.join('\n').replaceAll('\n', 'x')}`, 'latin1');
    ledger.git('checkout', '--quiet', '.');
    expect((await ledger.look()).verdicts).toEqual({ [nameOf(2)]: 'finished' });
    expect(Object.keys((await ledger.look()).verdicts), 'nothing is known any more').toHaveLength(3);
    expect((await ledger.look()).leftOut).toBe(3);
  });

  test.each<[string, (ledger: Scene) => void, object?]>([
    ['other rules', () => {}, { rules: 'others' }],
    ['a copy of the clone', ({ sessionsDir }) => replace(sessionsDir)],
    ['a clock that was set back', (ledger) => ledger.setBack(30_000)],
    ['an index that is torn', ({ stateDir }) => writeFileSync(path.join(stateDir, 'finished'), '{"version":2,')],
    ['an index without its end', ({ stateDir }) => shorten(path.join(stateDir, 'finished'))],
    [
      'an index of another version',
      ({ stateDir }) => edit(path.join(stateDir, 'finished'), '"version":2', '"version":1'),
    ],
    ['no index', ({ stateDir }) => rmSync(path.join(stateDir, 'finished'))],
    [
      'a commit that is gone',
      ({ stateDir }) =>
        edit(path.join(stateDir, 'finished'), /"commit":".....(.*"tree":")...../, '"commit":"00000$100000'),
    ],
  ])('is compared for %s', async (_, change, more) => {
    const ledger = scene(2);
    await ledger.look();
    rmSync(ledger.at(1, 'session.md'));
    expect((await ledger.look()).leftOut).toBe(2);
    change(ledger);
    expect((await ledger.look(more)).verdicts).toMatchObject({ [nameOf(1)]: 'missing-artifacts' });
  });

  test('is not what changed a moment ago: it may change again in the same tick of the clock', async () => {
    const ledger = scene(2);
    ledger.clock.lead = 0;
    await ledger.look();
    expect((await ledger.look()).leftOut).toBe(0);
    ledger.clock.lead = 3000;
    await ledger.look();
    expect((await ledger.look()).leftOut).toBe(2);
  });

  test('is left to nobody in a small ledger, where a look costs nothing', async () => {
    const ledger = scene(2);
    await ledger.look({ leastSessions: 3 });
    expect(existsSync(path.join(ledger.stateDir, 'finished'))).toBe(false);
  });
});

async function pick(ledger: Scene, number: number): Promise<object> {
  const all: Record<string, string> = await ledger.everything();
  return { [nameOf(number)]: all[nameOf(number)] };
}

function replace(folder: string): void {
  cpSync(folder, `${folder}-2`, { recursive: true, preserveTimestamps: true });
  rmSync(folder, { recursive: true });
  renameSync(`${folder}-2`, folder);
}

const edit = (file: string, from: string | RegExp, to: string) =>
  writeFileSync(file, readFileSync(file, 'latin1').replace(from, to), 'latin1');

const shorten = (file: string) => writeFileSync(file, readFileSync(file).subarray(0, -1));

/** What anybody may do to a ledger. `isSeen`: a quick look sees it. */
const DEEDS: readonly { readonly isSeen: boolean; readonly does: (ledger: Scene, chance: Chance) => void }[] = [
  { isSeen: true, does: (ledger, chance) => writeFiles(ledger.at(chance.between(0, 20)), finishedSession('Ox7')) },
  { isSeen: true, does: (ledger, chance) => rmSync(ledger.at(chance.between(0, 8)), { recursive: true, force: true }) },
  { isSeen: true, does: (ledger) => ledger.commitAll() },
  { isSeen: true, does: ({ git }) => git('checkout', '--quiet', '--force', '-B', 'other', 'main~0') },
  {
    isSeen: true,
    does(ledger, chance) {
      appendFileSync(existing(ledger, chance, 'raw.jsonl'), `${JSON.stringify({ type: 'user', content: 'more' })}\n`);
      ledger.commitAll();
    },
  },
  {
    isSeen: true,
    does(ledger, chance) {
      rmSync(existing(ledger, chance, 'summary.md'), { force: true });
      ledger.commitAll();
      ledger.git('checkout', '--quiet', '--force', 'HEAD~1');
      ledger.git('checkout', '--quiet', '--force', '-B', 'main');
    },
  },
  { isSeen: true, does: ({ git }) => git('clean', '--quiet', '--force', '-d') },
  { isSeen: true, does: ({ git }) => git('reset', '--quiet', '--soft', git('rev-list', '--max-parents=0', 'HEAD')) },
  {
    isSeen: true,
    does: (ledger, chance) => renameSync(existing(ledger, chance), ledger.at(100 + chance.between(0, 900))),
  },
  { isSeen: true, does: (ledger) => ledger.setBack(10_000) },
  {
    isSeen: false,
    does: (ledger, chance) => appendFileSync(existing(ledger, chance, 'raw.jsonl'), '{"type":"user"}\n'),
  },
  { isSeen: false, does: (ledger, chance) => rmSync(existing(ledger, chance, 'session.md'), { force: true }) },
  { isSeen: false, does: (ledger, chance) => writeFileSync(existing(ledger, chance, 'summary.json'), '{"title":') },
  { isSeen: false, does: (ledger, chance) => writeFileSync(existing(ledger, chance, '.held'), '') },
  { isSeen: false, does: (ledger, chance) => restoreBackup(existing(ledger, chance)) },
];

function existing({ sessionsDir }: Scene, chance: Chance, file = ''): string {
  const names = readdirSync(sessionsDir).filter((name) => name.startsWith('2026'));
  return path.join(sessionsDir, chance.one(names), file);
}

/** Something else of the same size, with the times that it had before. */
function restoreBackup(folder: string): void {
  const file = path.join(folder, 'summary.json');
  if (!existsSync(file)) return;
  const { atime, mtime, size } = statSync(file);
  writeFileSync(file, 'x'.repeat(size));
  utimesSync(file, atime, mtime);
}

test('the same is answered as if nothing was known, whatever is done to a ledger: at once, or by the full look', async () => {
  for (const seed of [1, 2, 3]) {
    const chance = new Chance(seed);
    const ledger = scene(9);
    await ledger.look();
    let isUnseen = false;
    for (let step = 0; step < 25; step += 1) {
      const deed = DEEDS[chance.between(0, DEEDS.length - 1)];
      deed?.does(ledger, chance);
      isUnseen ||= deed?.isSeen === false;
      const isFull = isUnseen && chance.between(0, 1) === 0;
      const answer = await answerOf(ledger, { isFull });
      if (isUnseen && !isFull) continue;
      isUnseen = false;
      expect(answer, `seed ${seed}, step ${step}`).toEqual(await ledger.everything());
    }
  }
});
