import { rmSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { LedgerGit } from '../../../src/ledger/git/ledger-git.ts';
import { gitLedger, runGit, writeScript } from '../../support/ledger-dir.ts';
import { temporaryFolder, writeFiles } from '../../support/temporary-folder.ts';

describe('somebody’s unfinished business', () => {
  /** Two branches that both changed one file. */
  function conflict() {
    const ledger = gitLedger({ 'a.txt': 'one\n' });
    ledger.git('checkout', '--quiet', '-b', 'other');
    writeFiles(ledger.root, { 'a.txt': 'two\n' });
    ledger.git('commit', '--quiet', '--all', '-m', 'two');
    ledger.git('checkout', '--quiet', 'main');
    writeFiles(ledger.root, { 'a.txt': 'three\n' });
    ledger.git('commit', '--quiet', '--all', '-m', 'three');
    return ledger;
  }

  test.each([
    ['a merge', ['merge', 'other']],
    ['a rebase', ['rebase', 'other']],
    ['a rebase', ['rebase', '--apply', 'other']],
    ['a cherry-pick', ['cherry-pick', 'other']],
    ['a revert', ['revert', '--no-edit', 'main~1']],
    ['a bisect', ['bisect', 'start']],
  ])('such as %s is left alone', async (what, command) => {
    const ledger = conflict();
    await ledger.ours.readiness.requireQuiet();
    attempt(() => ledger.git(...command));
    await expect(ledger.ours.readiness.requireQuiet()).rejects.toThrow(
      expect.objectContaining({ code: 'LEDGER_BUSY', message: expect.stringContaining(`${what} is under way`) }),
    );
  });

  test('such as unmerged files of a stash is left alone', async () => {
    const ledger = conflict();
    writeFiles(ledger.root, { 'a.txt': 'four\n' });
    ledger.git('stash');
    ledger.git('checkout', '--quiet', 'other');
    attempt(() => ledger.git('stash', 'pop'));
    await expect(ledger.ours.readiness.requireQuiet()).rejects.toThrow('there are unmerged files');
  });

  test('in another work tree of the clone is no concern', async () => {
    const ledger = conflict();
    const tree = path.join(ledger.scratch, 'tree');
    ledger.git('worktree', 'add', '--quiet', tree, 'other');
    attempt(() => runGit(tree, ledger.environment, 'merge', 'main'));
    await ledger.ours.readiness.requireQuiet();
    await expect(new LedgerGit(tree, ledger.environment).readiness.requireQuiet()).rejects.toThrow(
      'a merge is under way',
    );
  });

  test('is none where there is no commit yet, or staged work', async () => {
    await gitLedger({}).ours.readiness.requireQuiet();
    const ledger = gitLedger();
    writeFiles(ledger.root, { 'README.md': 'new' });
    ledger.git('add', '.');
    await ledger.ours.readiness.requireQuiet();
  });
});

describe('looking', () => {
  test('finds the files of HEAD below a folder, whatever their names', async () => {
    const names = ['sessions/a b/x', 'sessions/ü/y\nz', 'sessions/"q"/z'];
    const ledger = gitLedger(Object.fromEntries([...names, 'other/x'].map((name) => [name, ''])));
    writeFiles(ledger.root, { 'sessions/new': '' });
    ledger.git('add', '.');
    expect([...(await ledger.ours.filesIn('HEAD', 'sessions'))].sort()).toEqual(names.sort());
    expect(await ledger.ours.filesIn('HEAD', 'nowhere')).toEqual(new Set());
  });

  test('finds nothing in a ledger without a commit', async () => {
    expect(await gitLedger({}).ours.filesIn('HEAD', 'sessions')).toEqual(new Set());
  });

  test('knows what is tracked: committed or staged, a file or anything in a folder', async () => {
    const ledger = gitLedger({ 'sessions/a/raw.jsonl': '', 'sessions/[b]/raw.jsonl': '' });
    writeFiles(ledger.root, { 'sessions/c/raw.jsonl': '', 'sessions/b/raw.jsonl': '', 'sessions/d/raw.jsonl': '' });
    ledger.git('add', 'sessions/c');
    const tracked = (name: string) => ledger.ours.isTracked(name);
    expect(await tracked('sessions/a/raw.jsonl')).toBe(true);
    expect(await tracked('sessions/a')).toBe(true);
    expect(await tracked('sessions/[b]')).toBe(true);
    expect(await tracked('sessions/c')).toBe(true);
    expect(await tracked('sessions/b')).toBe(false);
    expect(await tracked('sessions/d/raw.jsonl')).toBe(false);
  });

  test('wants a git that is not too old', async () => {
    const ledger = gitLedger();
    await ledger.ours.readiness.requireVersion();
    const folder = path.join(temporaryFolder(), 'bin');
    writeScript(path.join(folder, 'git'), 'echo "git version 2.33.8"');
    const old = new LedgerGit(ledger.root, { ...ledger.environment, PATH: `${folder}:${process.env.PATH}` });
    await expect(old.readiness.requireVersion()).rejects.toMatchObject({
      code: 'GIT_TOO_OLD',
      message: 'git version 2.33.8 is too old: agentwork needs git 2.34 or later',
    });
  });

  test('wants a branch to commit to', async () => {
    const ledger = gitLedger({ a: '' });
    await ledger.ours.readiness.requireBranch();
    ledger.git('switch', '--quiet', '--detach');
    await expect(ledger.ours.readiness.requireBranch()).rejects.toThrow('is on no branch (detached HEAD)');
  });

  test('has no files of a commit that is not there, and says so where its tree is broken', async () => {
    const ledger = gitLedger({ 'sessions/a': '' });
    expect([...(await ledger.ours.filesIn('HEAD', 'sessions'))]).toEqual(['sessions/a']);
    expect([...(await ledger.ours.filesIn('no-such', 'sessions'))]).toEqual([]);
    const tree = ledger.git('rev-parse', 'HEAD:sessions').trim();
    rmSync(path.join(ledger.root, '.git', 'objects', tree.slice(0, 2), tree.slice(2)));
    await expect(ledger.ours.filesIn('HEAD', 'sessions')).rejects.toMatchObject({ code: 'GIT_FAILED' });
  });

  test('asks who commits here, and says how to tell git', async () => {
    const ledger = gitLedger();
    const require = () => new LedgerGit(ledger.root, ledger.environment).readiness.requireIdentity();
    await require();
    ledger.git('config', '--add', 'user.name', ' ');
    await expect(ledger.ours.readiness.requireIdentity()).rejects.toThrow('git does not know who commits');
    ledger.git('config', '--add', 'user.name', 'Mia Again');
    await ledger.ours.readiness.requireIdentity();
    ledger.git('config', '--unset', 'user.email');
    await expect(require()).rejects.toThrow(
      expect.objectContaining({
        code: 'NO_IDENTITY',
        suggestions: ['git config --global user.name "Your Name"', 'git config --global user.email you@example.com'],
      }),
    );
  });
});

/** For commands that end in the conflict that is wanted. */
function attempt(command: () => unknown): void {
  try {
    command();
  } catch {
    // The conflict.
  }
}
