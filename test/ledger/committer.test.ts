import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { SECOND_MS } from '../../src/clock.ts';
import { type CommitReport, Committer } from '../../src/ledger/committer.ts';
import { readDigest } from '../../src/ledger/raw-file.ts';
import { gitLedger } from '../support/ledger-dir.ts';
import { PATIENCE } from '../support/patience.ts';
import { writeFiles } from '../support/temporary-folder.ts';

afterEach(() => {
  vi.useRealTimers();
});

const raw = (session: string) => `sessions/${session}/raw.jsonl`;

/** A committer on a ledger with one commit, and what it reported. */
function committerOf(onCommit?: (report: CommitReport) => Promise<void>) {
  const ledger = gitLedger();
  const reports: CommitReport[] = [];
  const committer = new Committer(ledger.branch, new AbortController().signal, async (report) => {
    reports.push(report);
    await onCommit?.(report);
  });
  const finish = (...sessions: readonly string[]) => {
    for (const session of sessions) {
      writeFiles(ledger.root, { [raw(session)]: `${session}\n` });
      committer.add({ session, files: [raw(session)] });
    }
  };
  const subjects = () => ledger.git('log', '--format=%s').split('\n').slice(0, -1);
  return { ...ledger, committer, reports, finish, subjects };
}

describe('finished sessions', () => {
  test('go into one commit, and are reported with its id', async () => {
    const { committer, reports, finish, subjects, git } = committerOf();
    finish('a', 'b');
    await committer.flush();
    expect(subjects()).toEqual(['finalize 2 sessions']);
    expect(git('show', '--format=', '--name-only').split('\n').sort()).toEqual([raw('a'), raw('b')]);
    expect(reports).toEqual([{ sessions: ['a', 'b'], commit: git('rev-parse', 'HEAD') }]);
  });

  test('wait at most two seconds for others, then are committed without being asked', async () => {
    const { finish, subjects, reports } = committerOf();
    vi.useFakeTimers();
    finish('a');
    vi.advanceTimersByTime(1 * SECOND_MS);
    finish('b');
    vi.advanceTimersByTime(1 * SECOND_MS - 1);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(1);
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
    await vi.waitFor(() => expect(reports).toHaveLength(1), PATIENCE);
    expect(subjects()).toEqual(['finalize 2 sessions']);
  });

  test('that come while a commit is made go into the next', async () => {
    const { committer, finish, subjects } = committerOf();
    finish('a');
    const first = committer.flush();
    await new Promise((resolve) => setImmediate(resolve));
    finish('b');
    await Promise.all([first, committer.flush()]);
    expect(subjects()).toEqual(['finalize session b', 'finalize session a']);
  });

  test('are none: then nothing is committed and nothing reported', async () => {
    const { committer, reports, subjects } = committerOf();
    await committer.flush();
    await committer.flush();
    expect([reports, subjects()]).toEqual([[], []]);
  });

  test.each([
    ['together', []],
    ['one by one, as another cannot be', ['c']],
  ])('whose summary somebody took away are told apart where they are committed %s', async (_, impossible) => {
    const { committer, reports, finish, root, git } = committerOf();
    finish('a');
    for (const session of impossible) committer.add({ session, files: [raw(session)] });
    writeFiles(root, { 'sessions/b/summary.json': '{"old": 1}' });
    git('add', 'sessions/b');
    git('commit', '--quiet', '--message', 'an older summary');
    const file = path.join(root, 'sessions/b/summary.json');
    writeFiles(root, { 'sessions/b/summary.json': '{"new": 1}' });
    const { sha256 } = readDigest(file, 0);
    committer.add({ session: 'b', files: ['sessions/b/summary.json'], written: [{ file, sha256 }] });
    git('stash', 'push', '--quiet');
    await committer.flush();
    const error = 'somebody changed its files before they were committed';
    const others = reports.filter(({ sessions }) => !sessions.some((session) => impossible.includes(session)));
    expect(others).toEqual([
      { sessions: ['a'], commit: git('rev-parse', 'HEAD') },
      { sessions: ['b'], error, isBusy: false },
    ]);
  });

  test('that are handed over twice are named once', async () => {
    const { committer, reports, finish, subjects } = committerOf();
    finish('a', 'a');
    await committer.flush();
    expect(subjects()).toEqual(['finalize session a']);
    expect(reports[0]?.sessions).toEqual(['a']);
  });

  test('that are committed already are reported without a commit', async () => {
    const { committer, reports, finish } = committerOf();
    finish('a');
    await committer.flush();
    committer.add({ session: 'a', files: [raw('a')] });
    await committer.flush();
    expect(reports[1]).toEqual({ sessions: ['a'], commit: undefined });
  });
});

describe('a session that cannot be committed', () => {
  test('is reported with git’s reason', async () => {
    const { committer, reports } = committerOf();
    committer.add({ session: 'gone', files: [raw('gone')] });
    await committer.flush();
    expect(reports).toEqual([{ sessions: ['gone'], error: expect.stringContaining(raw('gone')), isBusy: false }]);
  });

  test('does not keep the others from being committed', async () => {
    const { root, committer, reports, finish, subjects, git } = committerOf();
    finish('a', 'gone', 'b');
    rmSync(path.join(root, 'sessions', 'gone'), { recursive: true });
    await committer.flush();
    expect(reports).toEqual([
      { sessions: ['a'], commit: git('rev-parse', 'HEAD~1') },
      { sessions: ['gone'], error: expect.stringContaining(raw('gone')), isBusy: false },
      { sessions: ['b'], commit: git('rev-parse', 'HEAD') },
    ]);
    expect(subjects()).toEqual(['finalize session b', 'finalize session a']);
  });

  test('leaves the next ones to be committed', async () => {
    const { committer, reports, finish } = committerOf();
    committer.add({ session: 'gone', files: [raw('gone')] });
    await committer.flush();
    finish('a');
    await committer.flush();
    expect(reports[1]).toMatchObject({ sessions: ['a'], commit: expect.any(String) });
  });
});

test('what a rebase of the user keeps from being committed goes with the next commit', async () => {
  const { root, branch, committer, reports, finish, subjects } = committerOf();
  const rebase = path.join(root, '.git', 'rebase-merge');
  mkdirSync(rebase);
  const commit = vi.spyOn(branch, 'commit');
  vi.useFakeTimers();
  finish('a');
  vi.advanceTimersByTime(2 * SECOND_MS);
  vi.useRealTimers();
  await vi.waitFor(() => expect(commit).toHaveBeenCalledOnce(), PATIENCE);
  await expect(commit.mock.results[0]?.value).rejects.toThrow('a rebase is under way');
  expect(reports).toEqual([]);
  rmSync(rebase, { recursive: true });
  finish('b');
  await committer.flush();
  expect(subjects()).toEqual(['finalize 2 sessions']);
  expect(reports).toHaveLength(1);
});

test('what a rebase keeps from being committed to the end is told', async () => {
  const { root, committer, reports, finish } = committerOf();
  mkdirSync(path.join(root, '.git', 'rebase-merge'));
  finish('a', 'b');
  await committer.flush();
  expect(reports).toEqual([
    { sessions: ['a', 'b'], error: expect.stringContaining('a rebase is under way'), isBusy: true },
  ]);
});

test('a commit that Ctrl-C ended with us is made all the same', async () => {
  const ledger = gitLedger();
  const controller = new AbortController();
  const commit = ledger.branch.commit.bind(ledger.branch);
  const interrupted = Object.assign(ledger.branch, {
    commit: async (...request: Parameters<typeof commit>) => {
      if (controller.signal.aborted) return commit(...request);
      controller.abort();
      throw new Error('git was killed');
    },
  });
  const reports: CommitReport[] = [];
  const committer = new Committer(interrupted, controller.signal, async (report) => void reports.push(report));
  writeFiles(ledger.root, { [raw('a')]: '' });
  committer.add({ session: 'a', files: [raw('a')] });
  await committer.flush();
  expect(reports).toEqual([{ sessions: ['a'], commit: ledger.git('rev-parse', 'HEAD') }]);
  expect(ledger.git('log', '-1', '--format=%s')).toBe('finalize session a');
});

describe('who hears of a commit and fails', () => {
  const failOnce = () => {
    const failures = [new Error('disk full')];
    return async () => {
      const failure = failures.pop();
      if (failure) throw failure;
    };
  };

  test('is heard by whoever flushes, and later commits are made all the same', async () => {
    const { committer, finish, subjects } = committerOf(failOnce());
    finish('a');
    await expect(committer.flush()).rejects.toThrow('disk full');
    finish('b');
    await committer.flush();
    expect(subjects()).toEqual(['finalize session b', 'finalize session a']);
  });

  test('does not end the process when nobody waits, but is heard by the next who does', async () => {
    const { committer, finish, reports, subjects } = committerOf(failOnce());
    vi.useFakeTimers();
    finish('a');
    vi.advanceTimersByTime(2 * SECOND_MS);
    vi.useRealTimers();
    await vi.waitFor(() => expect(reports).toHaveLength(1), PATIENCE);
    finish('b');
    await expect(committer.flush()).rejects.toThrow('disk full');
    expect(subjects()).toEqual(['finalize session b', 'finalize session a']);
    await committer.flush();
  });
});
