import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { HOUR_MS } from '../src/clock.ts';
import { buildConfig } from '../src/config.ts';
import { openLedger } from '../src/ledger/ledger.ts';
import { type PassEvent, runPass, type World } from '../src/pass.ts';
import { exitStatusOf } from '../src/pass-report.ts';
import { readState } from '../src/state.ts';
import { MockRunner } from '../src/work/mock-runner.ts';
import { changesOf, runGit, statusOf, type TemporaryLedger, temporaryLedger } from './support/ledger-dir.ts';
import { LOGIN_ANSWER, loginEntries, recording } from './support/sample-ledger.ts';
import { writeFiles } from './support/temporary-folder.ts';

/** What the user of a clone does with git at certain moments of a pass. Disk and git are real. */

const START = Date.parse('2026-03-06T10:00:00Z');
const NOW = START + 48 * HOUR_MS;
const NAME = '2026-03-06T10-00-ryan-Ox7f3a';
const SUMMARY = `sessions/${NAME}/summary.json`;
const GOOD = LOGIN_ANSWER;

/** A session that waits in the tree, and a change of the user's own. */
function scene(): TemporaryLedger {
  const raw = recording(START, 'ryan', 'Ox7f3a', loginEntries(START));
  const ledger = temporaryLedger({ [`sessions/${NAME}/raw.jsonl`]: raw, 'notes.md': 'notes\n' });
  writeFiles(ledger.root, { 'notes.md': 'notes, changed\n' });
  return ledger;
}

/** A pass, with what the user does when it tells that something has happened; how it ended, and how often it asked. */
async function pass(ledger: TemporaryLedger, user: Partial<Record<PassEvent['type'], () => unknown>> = {}) {
  const runner = new MockRunner(true);
  runner.runFunc = async () => ({ output: JSON.stringify(GOOD), duration: 1, exitCode: 0, model: 'test-model' });
  const tell = ({ type }: PassEvent) => void user[type]?.();
  const world: World = { clock: () => NOW, environment: ledger.environment, runner, tell };
  const options = { config: buildConfig({}, {}, ''), sessions: [], again: false, limit: undefined, commit: true };
  const opened = await openLedger(ledger.root, { cwd: ledger.root, environment: ledger.environment });
  const report = await runPass(opened, world, options, new AbortController().signal);
  return { report, status: exitStatusOf(report), asked: runner.requests.length };
}

const inRemote = ({ remote, environment }: TemporaryLedger, ...words: readonly string[]) =>
  runGit(remote, environment, ...words);
const isFinishedAtRemote = (ledger: TemporaryLedger) =>
  inRemote(ledger, 'ls-tree', '-r', '--name-only', 'main').includes(SUMMARY);
const claimsOn = (ledger: TemporaryLedger) => inRemote(ledger, 'for-each-ref', 'refs/agentwork/claims').split('\n');
const memories = ({ root }: TemporaryLedger) => readState(path.join(root, '.git', 'agentwork')).state.sessions;

describe('what is written and not yet committed, and the user stashes,', () => {
  const stash = (ledger: TemporaryLedger) => ({ finished: () => ledger.git('stash', 'push', '--quiet', '-u') });

  test('is told, and committed once it is back, and nobody is asked again', async () => {
    const ledger = scene();
    expect(await pass(ledger, stash(ledger))).toMatchObject({ status: 3, asked: 1 });
    ledger.git('stash', 'pop', '--quiet');
    expect(await pass(ledger)).toMatchObject({ status: 0, asked: 0 });
    expect([isFinishedAtRemote(ledger), statusOf(ledger), memories(ledger)]).toEqual([true, [' M notes.md'], {}]);
  });

  test('is made again of the same answer where it does not come back', async () => {
    const ledger = scene();
    await pass(ledger, stash(ledger));
    expect(await pass(ledger)).toMatchObject({ status: 0, asked: 0 });
    expect(isFinishedAtRemote(ledger)).toBe(true);
    expect(JSON.parse(readFileSync(path.join(ledger.root, SUMMARY), 'utf8'))).toMatchObject({ provider: 'claude' });
    expect([claimsOn(ledger), memories(ledger)]).toEqual([[''], {}]);
  });
});

describe('a rebase that the user begins', () => {
  const rebase = ({ git }: TemporaryLedger) => {
    git('commit', '--quiet', '--all', '--message', 'mine');
    git('-c', 'sequence.editor=sed -i s/^pick/edit/', 'rebase', '--quiet', '--interactive', 'HEAD~1');
  };

  test.each(['found', 'started'] as const)(
    'when the pass has %s can go on, as nothing lies in its way',
    async (when) => {
      const ledger = scene();
      const { status, asked } = await pass(ledger, { [when]: () => rebase(ledger) });
      expect([status, asked]).toEqual([3, when === 'found' ? 0 : 1]);
      expect(statusOf(ledger)).toEqual([]);
      ledger.git('-c', 'core.editor=true', 'rebase', '--continue');
      expect((await pass(ledger)).asked).toBe(1 - asked);
      expect(isFinishedAtRemote(ledger)).toBe(true);
    },
  );
});

describe('a branch that the user switches to', () => {
  const goTo =
    ({ git }: TemporaryLedger) =>
    () =>
      git('switch', '--quiet', 'topic');

  test.each(['asking', 'found', 'started', 'finished', 'pushing'] as const)(
    'when the pass is at "%s" gets nothing of it',
    async (when) => {
      const ledger = scene();
      ledger.git('branch', 'topic');
      ledger.git('config', 'push.default', 'current');
      const { status, asked } = await pass(ledger, { [when]: goTo(ledger) });
      expect(status).toBe(3);
      expect(ledger.git('rev-parse', 'topic')).toBe(ledger.git('rev-parse', 'origin/main'));
      expect(inRemote(ledger, 'branch', '--format=%(refname:short)')).toBe('main');
      // What is finished and not there yet stays claimed.
      expect(claimsOn(ledger)[0] === '').toBe(asked === 0);
      ledger.git('switch', '--quiet', 'main');
      expect(await pass(ledger)).toMatchObject({ status: 0, asked: 1 - asked });
      expect([isFinishedAtRemote(ledger), statusOf(ledger)]).toEqual([true, [' M notes.md']]);
      expect(changesOf(ledger)).toContain(SUMMARY);
    },
  );
});

test('what is recorded while the agent is asked is summarised by the next pass, also where nothing follows', async () => {
  const ledger = scene();
  const raw = path.join(ledger.root, 'sessions', NAME, 'raw.jsonl');
  const more = { type: 'user', content: 'one more thing', timestamp: '2026-03-06T10:30:00Z' };
  const first = await pass(ledger, { started: () => appendFileSync(raw, `${JSON.stringify(more)}\n`) });
  expect(first).toMatchObject({ status: 0, asked: 1 });
  const entries = () => JSON.parse(readFileSync(path.join(ledger.root, SUMMARY), 'utf8')).agentwork.input.entries;
  expect(entries()).toBe(21);
  expect(await pass(ledger)).toMatchObject({ status: 0, asked: 1 });
  expect([entries(), (await pass(ledger)).asked]).toEqual([22, 0]);
  expect(inRemote(ledger, 'show', `main:sessions/${NAME}/raw.jsonl`)).toContain('one more thing');
});

test('a pass that nobody disturbs remembers no answer', async () => {
  const ledger = scene();
  expect(await pass(ledger)).toMatchObject({ status: 0, asked: 1 });
  expect([memories(ledger), existsSync(path.join(ledger.root, SUMMARY))]).toEqual([{}, true]);
});
