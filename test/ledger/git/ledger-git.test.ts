import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { gitEnvironment, KEPT_GIT_VARIABLES } from '../../../src/ledger/git/environment.ts';
import { LedgerGit } from '../../../src/ledger/git/ledger-git.ts';
import { gitMessage, refusalReason } from '../../../src/ledger/git/message.ts';
import { runGit, secondClone, type TemporaryLedger, temporaryLedger } from '../../support/ledger-dir.ts';
import { writeFiles } from '../../support/temporary-folder.ts';

const RAW = 'sessions/a/raw.jsonl';

/** A ledger with one commit, and the git of a pass on it. */
function ledgerWith(files: Readonly<Record<string, string>> = { 'README.md': 'a ledger\n' }) {
  const ledger = temporaryLedger(files);
  const git = new LedgerGit(ledger.root, ledger.environment);
  const commit = (...names: readonly string[]) => git.commit(names, 'finalize\n', ledger.scratch);
  return { ...ledger, ours: git, commit };
}

/** What a commit changed: `M\tREADME.md`. */
const changesOf = (ledger: Pick<TemporaryLedger, 'git'>, commit = 'HEAD') =>
  ledger.git('show', '--format=', '--name-status', '--no-renames', '-z', '--root', commit).replaceAll('\0', ' ').trim();
const status = (ledger: Pick<TemporaryLedger, 'git'>) =>
  ledger.git('status', '--porcelain=v1', '-z').split('\0').filter(Boolean);

describe('a commit', () => {
  test('holds the named files and nothing else, whatever else is staged, changed or new', async () => {
    const ledger = ledgerWith({ 'staged.txt': '1', 'dirty.txt': '1', 'gone.txt': '1' });
    writeFiles(ledger.root, { 'staged.txt': '2', 'dirty.txt': '2', 'new.txt': 'x', 'added.txt': 'y', [RAW]: '{}\n' });
    ledger.git('add', 'staged.txt', 'added.txt');
    ledger.git('rm', '--quiet', 'gone.txt');
    const commit = await ledger.commit(RAW);
    expect(commit).toBe(ledger.git('rev-parse', 'HEAD'));
    expect(changesOf(ledger)).toBe(`A ${RAW}`);
    expect(status(ledger)).toEqual(['A  added.txt', ' M dirty.txt', 'D  gone.txt', 'M  staged.txt', '?? new.txt']);
  });

  test('carries the message as it is, and the author whom git knows', async () => {
    const ledger = ledgerWith();
    writeFiles(ledger.root, { [RAW]: '{}\n' });
    const message = 'finalize 2 sessions\n\n#1-session\n"quoted" $HOME\n';
    await ledger.ours.commit([RAW], message, ledger.scratch);
    expect(ledger.git('log', '-1', '--format=%B').trimEnd()).toBe(message.trimEnd());
    expect(ledger.git('log', '-1', '--format=%an <%ae>|%cn <%ce>')).toBe(
      'Test Person <test@example.com>|Test Person <test@example.com>',
    );
  });

  test('takes every name for what it is', async () => {
    const ledger = ledgerWith();
    const names = [
      'sessions/a b/raw.jsonl',
      'sessions/*/raw.jsonl',
      'sessions/[ab]/raw.jsonl',
      ':(glob)y/raw.jsonl',
      ':x',
      '!x',
      '--all',
      '~/x',
      'sessions/"a\'b"/raw.jsonl',
      'sessions/a\\b/raw.jsonl',
      'sessions/a\nb/raw.jsonl',
      'sessions/日本語-äöü-\u{1f680}/raw.jsonl',
    ];
    writeFiles(
      ledger.root,
      Object.fromEntries([...names, 'sessions/a/raw.jsonl', 'y/raw.jsonl', 'x'].map((name) => [name, name])),
    );
    for (const name of names) {
      await ledger.commit(name);
      expect(changesOf(ledger)).toBe(`A ${name}`);
    }
  });

  test('holds what an ignore rule of the ledger or of the user hides', async () => {
    const ledger = ledgerWith({ '.gitignore': '*.jsonl\nsessions/\n' });
    const [excludes, config] = ['excludes', 'gitconfig'].map((name) => path.join(ledger.scratch, name)) as [
      string,
      string,
    ];
    writeFileSync(excludes, '*.html\n');
    writeFileSync(config, `[core]\n\texcludesFile = ${excludes}\n`);
    const git = new LedgerGit(ledger.root, { ...ledger.environment, GIT_CONFIG_GLOBAL: config });
    const html = 'sessions/a/session.html';
    writeFiles(ledger.root, { [RAW]: '{}\n', [html]: '<p>' });
    await git.commit([RAW, html], 'finalize\n', ledger.scratch);
    expect(changesOf(ledger)).toBe(`A ${RAW} A ${html}`);
  });

  test('of what is committed already is none, and no failure', async () => {
    const ledger = ledgerWith();
    writeFiles(ledger.root, { [RAW]: '{}\n', 'untracked.txt': '' });
    await ledger.commit(RAW);
    const head = ledger.git('rev-parse', 'HEAD');
    expect(await ledger.commit(RAW)).toBeUndefined();
    rmSync(path.join(ledger.root, 'untracked.txt'));
    expect(await ledger.commit(RAW)).toBeUndefined();
    writeFiles(ledger.root, { 'README.md': 'changed, and not ours\n' });
    expect(await ledger.commit(RAW)).toBeUndefined();
    ledger.git('add', 'README.md');
    expect(await ledger.commit(RAW)).toBeUndefined();
    expect(ledger.git('rev-parse', 'HEAD')).toBe(head);
  });

  test('takes away a file that is gone from the disk', async () => {
    const ledger = ledgerWith({ 'sessions/a/.recording.json': '{}', 'sessions/b/.recording.json': '{}' });
    rmSync(path.join(ledger.root, 'sessions'), { recursive: true });
    await ledger.commit('sessions/a/.recording.json');
    expect(changesOf(ledger)).toBe('D sessions/a/.recording.json');
    expect(status(ledger)).toEqual([' D sessions/b/.recording.json']);
  });

  test('is the first of a ledger that has none', async () => {
    const ledger = ledgerWith({});
    writeFiles(ledger.root, { [RAW]: '{}\n', 'other.txt': '' });
    expect(await ledger.commit(RAW)).toBe(ledger.git('rev-parse', 'HEAD'));
    expect(changesOf(ledger)).toBe(`A ${RAW}`);
    expect(status(ledger)).toEqual(['?? other.txt']);
  });

  test('goes onto a detached HEAD as onto a branch', async () => {
    const ledger = ledgerWith();
    ledger.git('checkout', '--quiet', '--detach');
    writeFiles(ledger.root, { [RAW]: '{}\n' });
    expect(await ledger.commit(RAW)).toBe(ledger.git('rev-parse', 'HEAD'));
  });

  test('takes in files that a sparse checkout leaves out', async () => {
    const ledger = ledgerWith({ 'kept/x': '1', 'sessions/old/raw.jsonl': '{}\n' });
    ledger.git('sparse-checkout', 'set', 'kept');
    writeFiles(ledger.root, { [RAW]: '{}\n' });
    await ledger.commit(RAW);
    expect(changesOf(ledger)).toBe(`A ${RAW}`);
    expect(ledger.git('ls-tree', '-r', '--name-only', 'HEAD')).toContain('sessions/old/raw.jsonl');
  });

  test.each([['pre-commit'], ['commit-msg'], ['prepare-commit-msg']])(
    'is not for the %s hook to judge',
    async (hook) => {
      const ledger = ledgerWith();
      writeHook(path.join(ledger.root, '.git'), hook, 'exit 1');
      writeFiles(ledger.root, { [RAW]: '{}\n' });
      expect(await ledger.commit(RAW)).toBe(ledger.git('rev-parse', 'HEAD'));
    },
  );

  test('of a file that is nowhere is refused, and the reason names it', async () => {
    const ledger = ledgerWith();
    const head = ledger.git('rev-parse', 'HEAD');
    writeFiles(ledger.root, { [RAW]: '{}\n' });
    await expect(ledger.commit(RAW, 'sessions/gone/raw.jsonl')).rejects.toThrow(
      expect.objectContaining({ code: 'GIT_FAILED', message: expect.stringContaining('sessions/gone/raw.jsonl') }),
    );
    expect(ledger.git('rev-parse', 'HEAD')).toBe(head);
  });

  test('waits for its turn: two at once are two commits', async () => {
    const ledger = ledgerWith();
    writeFiles(ledger.root, { [RAW]: '1', 'sessions/b/raw.jsonl': '2' });
    const [first, second] = await Promise.all([ledger.commit(RAW), ledger.commit('sessions/b/raw.jsonl')]);
    expect(ledger.git('rev-list', '-2', 'HEAD')).toBe(`${second}\n${first}`);
  });

  test('is refused while another git holds the index, and says so', async () => {
    const ledger = ledgerWith();
    writeFiles(ledger.root, { [RAW]: '{}\n', '.git/index.lock': '' });
    await expect(ledger.commit(RAW)).rejects.toThrow(/index\.lock/);
  });

  test('leaves no file behind in its scratch folder', async () => {
    const ledger = ledgerWith();
    writeFiles(ledger.root, { [RAW]: '{}\n' });
    await ledger.commit(RAW);
    await ledger.commit('nowhere').catch(() => undefined);
    expect(readdirSync(ledger.scratch)).toEqual(['.keep']);
  });

  test('holds a thousand files', async () => {
    const ledger = ledgerWith();
    const names = Array.from({ length: 1000 }, (_, index) => `sessions/${'long-name-'.repeat(8)}${index}/raw.jsonl`);
    writeFiles(ledger.root, Object.fromEntries(names.map((name) => [name, name])));
    await ledger.commit(...names);
    expect(ledger.git('ls-tree', '-r', '--name-only', 'HEAD').split('\n')).toHaveLength(1001);
  });
});

describe('somebody’s unfinished business', () => {
  /** Two branches that both changed one file. */
  function conflict() {
    const ledger = ledgerWith({ 'a.txt': 'one\n' });
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
    await ledger.ours.requireQuiet();
    attempt(() => ledger.git(...command));
    await expect(ledger.ours.requireQuiet()).rejects.toThrow(
      expect.objectContaining({ code: 'LEDGER_BUSY', message: expect.stringContaining(`${what} is under way`) }),
    );
  });

  test('such as unmerged files of a stash is left alone', async () => {
    const ledger = conflict();
    writeFiles(ledger.root, { 'a.txt': 'four\n' });
    ledger.git('stash');
    ledger.git('checkout', '--quiet', 'other');
    attempt(() => ledger.git('stash', 'pop'));
    await expect(ledger.ours.requireQuiet()).rejects.toThrow('there are unmerged files');
  });

  test('in another work tree of the clone is no concern', async () => {
    const ledger = conflict();
    const tree = path.join(ledger.scratch, 'tree');
    ledger.git('worktree', 'add', '--quiet', tree, 'other');
    attempt(() => runGit(tree, ledger.environment, 'merge', 'main'));
    await ledger.ours.requireQuiet();
    await expect(new LedgerGit(tree, ledger.environment).requireQuiet()).rejects.toThrow('a merge is under way');
  });

  test('is none where there is no commit yet, or staged work', async () => {
    await ledgerWith({}).ours.requireQuiet();
    const ledger = ledgerWith();
    writeFiles(ledger.root, { 'README.md': 'new' });
    ledger.git('add', '.');
    await ledger.ours.requireQuiet();
  });
});

describe('a push', () => {
  /** A ledger with a commit of ours that the remote lacks. */
  async function ahead(files?: Record<string, string>) {
    const ledger = ledgerWith(files);
    writeFiles(ledger.root, { [RAW]: '{}\n' });
    await ledger.commit(RAW);
    return ledger;
  }
  const remoteHead = (ledger: TemporaryLedger) => runGit(ledger.remote, ledger.environment, 'rev-parse', 'main');

  test('brings the commits to the remote', async () => {
    const ledger = await ahead();
    expect(await ledger.ours.unpushed('sessions')).toBe(1);
    expect(await ledger.ours.push()).toBe('done');
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

  test('is refused where the remote has moved on; nothing is forced, and the commit stays', async () => {
    const ledger = await ahead();
    const other = secondClone(ledger);
    writeFiles(other.root, { 'other.txt': '' });
    other.git('add', '.');
    other.git('commit', '--quiet', '-m', 'other');
    other.git('push', '--quiet', 'origin', 'main');
    const [theirs, mine] = [remoteHead(ledger), ledger.git('rev-parse', 'HEAD')];
    expect(await ledger.ours.push()).toEqual({
      refused: 'the remote has commits that this clone lacks (run `git pull --rebase`; the next pass pushes)',
    });
    expect([remoteHead(ledger), ledger.git('rev-parse', 'HEAD')]).toEqual([theirs, mine]);
    ledger.git('fetch', '--quiet');
    expect(await ledger.ours.push()).toMatchObject({ refused: expect.stringContaining('this clone lacks') });
  });

  test('that a hook of the remote refuses is told in the hook’s words', async () => {
    const ledger = await ahead();
    writeHook(ledger.remote, 'pre-receive', 'echo "no pushes on fridays" >&2; exit 1');
    const outcome = await ledger.ours.push();
    expect(outcome).toMatchObject({ refused: expect.stringContaining('no pushes on fridays') });
    expect(outcome).toMatchObject({ refused: expect.stringContaining('pre-receive hook declined') });
    expect(await ledger.ours.unpushed('sessions')).toBe(1);
  });

  test('that a hook of the clone refuses is told, too', async () => {
    const ledger = await ahead();
    writeHook(path.join(ledger.root, '.git'), 'pre-push', 'echo "run the checks first" >&2; exit 1');
    expect(await ledger.ours.push()).toMatchObject({ refused: expect.stringContaining('run the checks first') });
  });

  test('to a remote that is gone says so', async () => {
    const ledger = await ahead();
    rmSync(ledger.remote, { recursive: true });
    expect(await ledger.ours.push()).toMatchObject({
      refused: expect.stringContaining('does not appear to be a git repository'),
    });
  });

  test('has nowhere to go without a remote', async () => {
    const ledger = await ahead();
    ledger.git('remote', 'remove', 'origin');
    expect(await ledger.ours.hasRemote()).toBe(false);
    expect(await ledger.ours.push()).toBe('off');
    expect(await ledger.ours.unpushed('sessions')).toBeUndefined();
  });

  test('of a branch without upstream says how to give it one', async () => {
    const ledger = await ahead();
    ledger.git('branch', '--unset-upstream');
    expect(await ledger.ours.unpushed('sessions')).toBeUndefined();
    expect(await ledger.ours.push()).toEqual({
      refused: 'the branch has no upstream (run `git push --set-upstream origin HEAD` once)',
    });
  });

  test('of a detached HEAD is refused with git’s words', async () => {
    const ledger = await ahead();
    ledger.git('checkout', '--quiet', '--detach');
    expect(await ledger.ours.unpushed('sessions')).toBeUndefined();
    expect(await ledger.ours.push()).toMatchObject({ refused: expect.stringContaining('not currently on a branch') });
  });

  test('is the first to a remote that is empty', async () => {
    const ledger = ledgerWith({});
    writeFiles(ledger.root, { [RAW]: '{}\n' });
    expect(await ledger.ours.unpushed('sessions')).toBeUndefined();
    await ledger.commit(RAW);
    expect(await ledger.ours.unpushed('sessions')).toBe(1);
    expect(await ledger.ours.push()).toBe('done');
    expect(remoteHead(ledger)).toBe(ledger.git('rev-parse', 'HEAD'));
  });
});

describe('looking', () => {
  test('finds the files of HEAD below a folder, whatever their names', async () => {
    const names = ['sessions/a b/x', 'sessions/ü/y\nz', 'sessions/"q"/z'];
    const ledger = ledgerWith(Object.fromEntries([...names, 'other/x'].map((name) => [name, ''])));
    writeFiles(ledger.root, { 'sessions/new': '' });
    ledger.git('add', '.');
    expect([...(await ledger.ours.filesIn('HEAD', 'sessions'))].sort()).toEqual(names.sort());
    expect(await ledger.ours.filesIn('HEAD', 'nowhere')).toEqual(new Set());
  });

  test('finds nothing in a ledger without a commit', async () => {
    expect(await ledgerWith({}).ours.filesIn('HEAD', 'sessions')).toEqual(new Set());
  });

  test('knows what is tracked: committed or staged, a file or anything in a folder', async () => {
    const ledger = ledgerWith({ 'sessions/a/raw.jsonl': '', 'sessions/[b]/raw.jsonl': '' });
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

  test('asks who commits here, and says how to tell git', async () => {
    const ledger = ledgerWith();
    await ledger.ours.requireIdentity();
    ledger.git('config', '--unset', 'user.email');
    await expect(ledger.ours.requireIdentity()).rejects.toThrow(
      expect.objectContaining({
        code: 'NO_IDENTITY',
        suggestions: ['git config --global user.name "Your Name"', 'git config --global user.email you@example.com'],
      }),
    );
  });
});

describe('the environment of a hook', () => {
  test('does not reach our git: not its repository, its index, its author', async () => {
    const ledger = ledgerWith();
    const victim = ledgerWith({ 'victim.txt': '' });
    writeFiles(ledger.root, { [RAW]: '{}\n' });
    const victimHead = victim.git('rev-parse', 'HEAD');
    const hook = {
      GIT_DIR: path.join(victim.root, '.git'),
      GIT_WORK_TREE: victim.root,
      GIT_INDEX_FILE: path.join(victim.root, '.git', 'index'),
      GIT_PREFIX: 'sub/',
      GIT_AUTHOR_NAME: 'Somebody Else',
      GIT_AUTHOR_EMAIL: 'else@example.com',
      GIT_AUTHOR_DATE: '2001-01-01T00:00:00Z',
      GIT_COMMITTER_NAME: 'Somebody Else',
      GIT_EDITOR: ':',
      GIT_EXEC_PATH: '/nowhere',
      GIT_CONFIG_PARAMETERS: "'user.name=Somebody Else'",
      GIT_LITERAL_PATHSPECS: '0',
      EDITOR: 'vi',
      VISUAL: 'vi',
      PAGER: 'less',
    };
    for (const [name, value] of Object.entries({ ...ledger.environment, ...hook })) vi.stubEnv(name, value);
    try {
      const git = new LedgerGit(ledger.root);
      await git.requireQuiet();
      await git.commit([RAW], 'finalize\n', ledger.scratch);
      expect(await git.push()).toBe('done');
    } finally {
      vi.unstubAllEnvs();
    }
    expect(changesOf(ledger)).toBe(`A ${RAW}`);
    expect(ledger.git('log', '-1', '--format=%an %cn')).toBe('Test Person Test Person');
    expect(ledger.git('log', '-1', '--format=%ad', '--date=format:%Y')).not.toBe('2001');
    expect(victim.git('rev-parse', 'HEAD')).toBe(victimHead);
    expect(status(victim)).toEqual([]);
  });

  test('keeps how to reach a remote, and git starts with it', async () => {
    const names = [...KEPT_GIT_VARIABLES, 'SSH_ASKPASS', 'HTTPS_PROXY', 'SSH_AUTH_SOCK'];
    const ledger = ledgerWith();
    for (const name of names) {
      const environment = { ...ledger.environment, [name]: name === 'GIT_CONFIG_NOSYSTEM' ? '1' : '/dev/null' };
      expect(gitEnvironment(environment)[name]).toBe(environment[name]);
      expect(await new LedgerGit(ledger.root, environment).hasRemote()).toBe(true);
    }
  });

  test('is spoken to in one language, never asks, and never takes a lock to look', () => {
    expect(gitEnvironment({ LC_ALL: 'de_DE.UTF-8', LANG: 'de_DE.UTF-8', GIT_TERMINAL_PROMPT: '1' })).toMatchObject({
      LC_ALL: 'C',
      GIT_TERMINAL_PROMPT: '0',
      GIT_OPTIONAL_LOCKS: '0',
    });
  });

  test('loses every variable of git that is not kept, in any case', () => {
    const hook = {
      GIT_DIR: 'x',
      git_dir: 'x',
      GIT_NEW_THING: 'x',
      GIT_CONFIG_PARAMETERS: 'x',
      Editor: 'x',
      A: undefined,
    };
    expect(gitEnvironment({ ...hook, PATH: '/bin' })).toEqual({ ...gitEnvironment({}), PATH: '/bin' });
  });
});

test.each([
  ['fatal: not a git repository\n', 'not a git repository'],
  ['error: one\nhint: do this\n\nfatal: two', 'one; two'],
  ['x'.repeat(600), 'x'.repeat(500)],
])('git’s words %j in one line', (text, expected) => {
  expect(gitMessage(new Error(text))).toBe(expected);
});

test.each([
  [' ! [rejected] main -> main (fetch first)', 'the remote has commits that this clone lacks'],
  [' ! [rejected] main -> main (non-fast-forward)', 'the remote has commits that this clone lacks'],
  ['fatal: The current branch main has no upstream branch.', 'the branch has no upstream'],
  ['git push: remote: denied\n ! [remote rejected] main', 'remote: denied; ! [remote rejected] main'],
])('a push refused with %j', (message, reason) => {
  expect(refusalReason(message)).toMatch(new RegExp(`^${reason.replace(/[[\]]/g, '\\$&')}`));
});

function writeHook(gitDir: string, name: string, script: string): void {
  const file = path.join(gitDir, 'hooks', name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

/** For commands that end in the conflict that is wanted. */
function attempt(command: () => unknown): void {
  try {
    command();
  } catch {
    // The conflict.
  }
}
