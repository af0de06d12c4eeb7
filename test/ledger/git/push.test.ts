import { rmSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  gitLedger,
  runGit,
  secondClone,
  statusOf,
  type TemporaryLedger,
  writeScript,
} from '../../support/ledger-dir.ts';
import { writeFiles } from '../../support/temporary-folder.ts';

const RAW = 'sessions/a/raw.jsonl';

describe('a push', () => {
  /** A ledger with a commit of ours that the remote lacks. */
  async function ahead(files?: Record<string, string>) {
    const ledger = gitLedger(files);
    writeFiles(ledger.root, { [RAW]: '{}\n' });
    await ledger.commit(RAW);
    return ledger;
  }
  const remoteHead = (ledger: TemporaryLedger) => runGit(ledger.remote, ledger.environment, 'rev-parse', 'main');

  test('brings the commits to the remote', async () => {
    const ledger = await ahead();
    expect(await ledger.ours.unpushed('sessions')).toBe(1);
    expect(await ledger.push()).toMatchObject({ outcome: 'done' });
    expect(remoteHead(ledger)).toBe(ledger.git('rev-parse', 'HEAD'));
    expect(await ledger.ours.unpushed('sessions')).toBe(0);
  });

  test('counts only commits below the folder', async () => {
    const ledger = await ahead();
    writeFiles(ledger.root, { 'README.md': 'mine\n' });
    ledger.git('commit', '--quiet', '--all', '-m', 'mine');
    expect(await ledger.ours.unpushed('sessions')).toBe(1);
    expect(await ledger.ours.unpushed('nowhere')).toBe(0);
  });

  test('of a branch that is behind goes on top of what others pushed', async () => {
    const ledger = await ahead();
    const other = secondClone(ledger);
    writeFiles(other.root, { 'other.txt': '' });
    other.git('add', '.');
    other.git('commit', '--quiet', '-m', 'other');
    other.git('push', '--quiet', 'origin', 'main');
    const theirs = remoteHead(ledger);
    expect(await ledger.push()).toMatchObject({ outcome: 'done' });
    expect(ledger.git('log', '-2', '--format=%s', 'origin/main')).toBe('finalize session a\nother');
    expect(ledger.git('rev-parse', 'HEAD', 'HEAD~1')).toBe(`${remoteHead(ledger)}\n${theirs}`);
    expect(statusOf(ledger)).toEqual([]);
  });

  test('that a hook of the remote refuses is told in the hook’s words', async () => {
    const ledger = await ahead();
    writeScript(path.join(ledger.remote, 'hooks', 'pre-receive'), 'echo "no pushes on fridays" >&2; exit 1');
    expect(await ledger.push()).toMatchObject({
      outcome: { refused: 'no pushes on fridays; [remote rejected] (pre-receive hook declined)', kind: 'hook' },
    });
    expect(await ledger.ours.unpushed('sessions')).toBe(1);
  });

  test('that a hook of the clone refuses is told, too', async () => {
    const ledger = await ahead();
    writeScript(path.join(ledger.root, '.git', 'hooks', 'pre-push'), 'echo "run the checks first" >&2; exit 1');
    expect(await ledger.push()).toMatchObject({ outcome: { refused: 'run the checks first', kind: 'hook' } });
  });

  test('to a remote that is gone says so', async () => {
    const ledger = await ahead();
    rmSync(ledger.remote, { recursive: true });
    expect(await ledger.push()).toMatchObject({
      outcome: { refused: expect.stringContaining('does not appear to be a git repository'), kind: 'gone' },
    });
  });

  test('has nowhere to go without a remote', async () => {
    const ledger = await ahead();
    ledger.git('remote', 'remove', 'origin');
    expect(await ledger.ours.hasRemote()).toBe(false);
    expect(await ledger.push()).toMatchObject({ outcome: 'off' });
    expect(await ledger.ours.unpushed('sessions')).toBeUndefined();
  });

  test('of a branch without upstream says how to give it one', async () => {
    const ledger = await ahead();
    ledger.git('branch', '--unset-upstream');
    expect(await ledger.ours.unpushed('sessions')).toBeUndefined();
    expect(await ledger.push()).toMatchObject({
      outcome: { refused: 'the branch has no upstream (run `git push --set-upstream origin HEAD` once)' },
    });
  });

  test('of a detached HEAD is refused with git’s words', async () => {
    const ledger = await ahead();
    ledger.git('checkout', '--quiet', '--detach');
    expect(await ledger.ours.unpushed('sessions')).toBeUndefined();
    expect(await ledger.push()).toMatchObject({
      outcome: { refused: expect.stringContaining('not currently on a branch') },
    });
  });

  test('is the first to a remote that is empty', async () => {
    const ledger = gitLedger({});
    writeFiles(ledger.root, { [RAW]: '{}\n' });
    expect(await ledger.ours.unpushed('sessions')).toBeUndefined();
    await ledger.commit(RAW);
    expect(await ledger.ours.unpushed('sessions')).toBe(1);
    expect(await ledger.push()).toMatchObject({ outcome: 'done' });
    expect(remoteHead(ledger)).toBe(ledger.git('rev-parse', 'HEAD'));
  });
});
