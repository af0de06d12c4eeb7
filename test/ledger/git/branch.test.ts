import { execFileSync } from 'node:child_process';
import { existsSync, linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { IndexFile } from '../../../src/ledger/git/index-file.ts';
import { GitProcess } from '../../../src/ledger/git/process.ts';
import {
  changesOf,
  type GitLedger,
  gitLedger,
  gitOf,
  pushFromElsewhere,
  runGit,
  statusOf,
  writeScript,
} from '../../support/ledger-dir.ts';
import { PATIENCE } from '../../support/patience.ts';
import { writeFiles } from '../../support/temporary-folder.ts';

const RAW = 'sessions/a/raw.jsonl';

describe('a commit', () => {
  test('holds the named files and nothing else, whatever else is staged, changed or new', async () => {
    const ledger = gitLedger({ 'staged.txt': '1', 'dirty.txt': '1', 'gone.txt': '1' });
    writeFiles(ledger.root, { 'staged.txt': '2', 'dirty.txt': '2', 'new.txt': 'x', 'added.txt': 'y', [RAW]: '{}\n' });
    ledger.git('add', 'staged.txt', 'added.txt');
    ledger.git('rm', '--quiet', 'gone.txt');
    const commit = await ledger.commit(RAW);
    expect(commit).toBe(ledger.git('rev-parse', 'HEAD'));
    expect(changesOf(ledger)).toBe(`A ${RAW}`);
    expect(statusOf(ledger)).toEqual(['A  added.txt', ' M dirty.txt', 'D  gone.txt', 'M  staged.txt', '?? new.txt']);
  });

  test('carries the message as it is, and the author whom git knows', async () => {
    const ledger = gitLedger();
    writeFiles(ledger.root, { [RAW]: '{}\n' });
    const message = 'finalize 2 sessions\n\n#1-session\n"quoted" $HOME\n';
    await ledger.branch.commit([RAW], message);
    expect(ledger.git('log', '-1', '--format=%B').trimEnd()).toBe(message.trimEnd());
    expect(ledger.git('log', '-1', '--format=%an <%ae>|%cn <%ce>')).toBe(
      'Test Person <test@example.com>|Test Person <test@example.com>',
    );
  });

  test('takes every name for what it is', async () => {
    const ledger = gitLedger();
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
    const ledger = gitLedger({ '.gitignore': '*.jsonl\nsessions/\n' });
    const [excludes, config] = ['excludes', 'gitconfig'].map((name) => path.join(ledger.scratch, name)) as [
      string,
      string,
    ];
    writeFileSync(excludes, '*.html\n');
    writeFileSync(config, `[core]\n\texcludesFile = ${excludes}\n`);
    const { commit } = gitOf({ ...ledger, environment: { ...ledger.environment, GIT_CONFIG_GLOBAL: config } });
    const html = 'sessions/a/session.html';
    writeFiles(ledger.root, { [RAW]: '{}\n', [html]: '<p>' });
    await commit(RAW, html);
    expect(changesOf(ledger)).toBe(`A ${RAW} A ${html}`);
  });

  test('of what is committed already is none, and no failure', async () => {
    const ledger = gitLedger();
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
    const ledger = gitLedger({ 'sessions/a/.recording.json': '{}', 'sessions/b/.recording.json': '{}' });
    rmSync(path.join(ledger.root, 'sessions'), { recursive: true });
    await ledger.commit('sessions/a/.recording.json');
    expect(changesOf(ledger)).toBe('D sessions/a/.recording.json');
    expect(statusOf(ledger)).toEqual([' D sessions/b/.recording.json']);
  });

  test('is the first of a ledger that has none', async () => {
    const ledger = gitLedger({});
    writeFiles(ledger.root, { [RAW]: '{}\n', 'other.txt': '' });
    expect(await ledger.commit(RAW)).toBe(ledger.git('rev-parse', 'HEAD'));
    expect(changesOf(ledger)).toBe(`A ${RAW}`);
    expect(statusOf(ledger)).toEqual(['?? other.txt']);
  });

  test('goes onto a detached HEAD as onto a branch', async () => {
    const ledger = gitLedger();
    ledger.git('checkout', '--quiet', '--detach');
    writeFiles(ledger.root, { [RAW]: '{}\n' });
    expect(await ledger.commit(RAW)).toBe(ledger.git('rev-parse', 'HEAD'));
  });

  test('takes in files that a sparse checkout leaves out', async () => {
    const ledger = gitLedger({ 'kept/x': '1', 'sessions/old/raw.jsonl': '{}\n' });
    ledger.git('sparse-checkout', 'set', 'kept');
    writeFiles(ledger.root, { [RAW]: '{}\n' });
    await ledger.commit(RAW);
    expect(changesOf(ledger)).toBe(`A ${RAW}`);
    expect(ledger.git('ls-tree', '-r', '--name-only', 'HEAD')).toContain('sessions/old/raw.jsonl');
  });

  test.each([['pre-commit'], ['commit-msg'], ['prepare-commit-msg']])(
    'is not for the %s hook to judge',
    async (hook) => {
      const ledger = gitLedger();
      writeScript(path.join(ledger.root, '.git', 'hooks', hook), 'exit 1');
      writeFiles(ledger.root, { [RAW]: '{}\n' });
      expect(await ledger.commit(RAW)).toBe(ledger.git('rev-parse', 'HEAD'));
    },
  );

  test('of a file that is nowhere is refused, and the reason names it', async () => {
    const ledger = gitLedger();
    const head = ledger.git('rev-parse', 'HEAD');
    writeFiles(ledger.root, { [RAW]: '{}\n' });
    await expect(ledger.commit(RAW, 'sessions/gone/raw.jsonl')).rejects.toThrow(
      expect.objectContaining({ code: 'GIT_FAILED', message: expect.stringContaining('sessions/gone/raw.jsonl') }),
    );
    expect(ledger.git('rev-parse', 'HEAD')).toBe(head);
  });

  test('waits for its turn: two at once are two commits', async () => {
    const ledger = gitLedger();
    writeFiles(ledger.root, { [RAW]: '1', 'sessions/b/raw.jsonl': '2' });
    const [first, second] = await Promise.all([ledger.commit(RAW), ledger.commit('sessions/b/raw.jsonl')]);
    expect(ledger.git('rev-list', '-2', 'HEAD')).toBe(`${second}\n${first}`);
  });

  test('is refused while another git holds the index, and says so', async () => {
    const ledger = gitLedger();
    writeFiles(ledger.root, { [RAW]: '{}\n', '.git/index.lock': '' });
    await expect(ledger.commit(RAW)).rejects.toThrow(/index\.lock/);
  });

  test('leaves no file behind in its scratch folder', async () => {
    const ledger = gitLedger();
    writeFiles(ledger.root, { [RAW]: '{}\n' });
    await ledger.commit(RAW);
    await ledger.commit('nowhere').catch(() => undefined);
    expect(readdirSync(ledger.scratch)).toEqual(['.keep']);
  });

  test('holds a thousand files', async () => {
    const ledger = gitLedger();
    const names = Array.from({ length: 1000 }, (_, index) => `sessions/${'long-name-'.repeat(8)}${index}/raw.jsonl`);
    writeFiles(ledger.root, Object.fromEntries(names.map((name) => [name, name])));
    await ledger.commit(...names);
    expect(ledger.git('ls-tree', '-r', '--name-only', 'HEAD').split('\n')).toHaveLength(1001);
  });
});

describe('a commit in a clone', () => {
  test.each([
    ['core.autocrlf', 'true'],
    ['core.autocrlf', 'input'],
    ['core.safecrlf', 'true'],
  ])('with %s=%s takes text of either line end', async (key, value) => {
    const ledger = gitLedger();
    ledger.git('config', 'core.autocrlf', 'input');
    ledger.git('config', key, value);
    writeFiles(ledger.root, { [RAW]: '{}\r\n{}\r\n', 'sessions/a/summary.md': '# a\n' });
    await ledger.commit(RAW, 'sessions/a/summary.md');
    expect(changesOf(ledger)).toBe(`A ${RAW} A sessions/a/summary.md`);
    expect(ledger.git('show', `HEAD:${RAW}`)).toBe('{}\n{}');
    expect(statusOf(ledger)).toEqual([]);
    expect(await ledger.commit(RAW)).toBeUndefined();
  });

  test('with a sparse index takes in what that leaves out', async () => {
    const ledger = gitLedger({ 'kept/x': '1', 'sessions/old/raw.jsonl': '{}\n', 'sessions/old/meta.json': '{}' });
    ledger.git('sparse-checkout', 'set', '--cone', '--sparse-index', 'kept');
    writeFiles(ledger.root, { [RAW]: '{}\n', 'sessions/old/raw.jsonl': '{}\n{}\n' });
    await ledger.commit(RAW, 'sessions/old/raw.jsonl');
    expect(changesOf(ledger)).toBe(`A ${RAW} M sessions/old/raw.jsonl`);
    expect(ledger.git('ls-tree', '-r', '--name-only', 'HEAD')).toContain('sessions/old/meta.json');
    expect(statusOf(ledger)).toEqual([]);
  });

  test('with a split index, and with an untracked cache', async () => {
    const ledger = gitLedger();
    ledger.git('update-index', '--split-index', '--untracked-cache');
    ledger.git('config', 'core.splitIndex', 'true');
    writeFiles(ledger.root, { [RAW]: '{}\n', 'other.txt': '' });
    await ledger.commit(RAW);
    expect(changesOf(ledger)).toBe(`A ${RAW}`);
    expect(statusOf(ledger)).toEqual(['?? other.txt']);
    ledger.git('fsck', '--no-progress');
  });

  test.each([
    ['partial', ['--filter=blob:none']],
    ['shallow', ['--depth=1']],
  ])('that is %s asks the remote for nothing', async (_, options) => {
    const ledger = gitLedger({ 'sessions/old/raw.jsonl': '{}\n', 'README.md': '' });
    ledger.git('commit', '--quiet', '--allow-empty', '-m', 'another');
    ledger.git('push', '--quiet');
    runGit(ledger.remote, ledger.environment, 'config', 'uploadpack.allowFilter', 'true');
    const root = path.join(ledger.scratch, 'part');
    const url = `file://${ledger.remote}`;
    runGit(ledger.scratch, ledger.environment, 'clone', '--quiet', '--no-checkout', ...options, url, root);
    runGit(root, ledger.environment, 'reset', '--quiet');
    runGit(root, ledger.environment, 'config', 'remote.origin.url', '/nowhere');
    for (const who of ['name', 'email']) runGit(root, ledger.environment, 'config', `user.${who}`, 'x');
    writeFiles(root, { [RAW]: '{}\n' });
    await gitOf({ ...ledger, root }).commit(RAW);
    expect(runGit(root, ledger.environment, 'show', '--format=', '--name-only')).toBe(RAW);
  });

  test('with a submodule leaves that as it is', async () => {
    const ledger = gitLedger();
    const module = gitLedger();
    ledger.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', module.root, 'module');
    ledger.git('commit', '--quiet', '-m', 'add a module');
    commitOf(path.join(ledger.root, 'module'), ledger.environment);
    writeFiles(ledger.root, { [RAW]: '{}\n' });
    await ledger.commit(RAW);
    expect(changesOf(ledger)).toBe(`A ${RAW}`);
    expect(statusOf(ledger)).toEqual([' M module']);
  });

  test('goes into the work tree that it is made in, whatever another one holds', async () => {
    const ledger = gitLedger();
    const root = path.join(ledger.scratch, 'tree');
    ledger.git('worktree', 'add', '--quiet', '-b', 'other', root);
    writeFiles(ledger.root, { '.git/index.lock': '' });
    writeFiles(root, { [RAW]: '{}\n' });
    const tree = gitOf({ ...ledger, root });
    const commit = await tree.commit(RAW);
    expect(ledger.git('rev-parse', 'other')).toBe(commit);
    expect(runGit(root, ledger.environment, 'status', '--porcelain')).toBe('');
    expect(changesOf(ledger, 'main')).toBe('A README.md');
  });

  test('leaves everything of the user’s as it was', async () => {
    const names = ['staged.txt', 'dirty.txt', 'both.txt', 'old-name.txt', 'deleted.txt', 'removed.txt'];
    const ledger = gitLedger(Object.fromEntries(names.map((name) => [name, `${name}\n`.repeat(9)])));
    writeFiles(ledger.root, { 'staged.txt': '2', 'both.txt': '2', 'intended.txt': 'x', 'added.txt': 'x' });
    ledger.git('add', 'staged.txt', 'both.txt', 'added.txt');
    ledger.git('add', '--intent-to-add', 'intended.txt');
    ledger.git('mv', 'old-name.txt', 'new-name.txt');
    ledger.git('rm', '--quiet', 'removed.txt');
    rmSync(path.join(ledger.root, 'deleted.txt'));
    writeFiles(ledger.root, { 'both.txt': '3', 'dirty.txt': '2', 'untracked.txt': '' });
    const [status, staged] = [statusOf(ledger), ledger.git('diff', '--cached')];
    writeFiles(ledger.root, { [RAW]: '{}\n' });
    await ledger.commit(RAW);
    expect([statusOf(ledger), ledger.git('diff', '--cached')]).toEqual([status, staged]);
    expect(changesOf(ledger)).toBe(`A ${RAW}`);
  });
});

describe('a signed commit', () => {
  /** A ledger whose commits are signed with a key that nobody else has. */
  function signing() {
    const ledger = gitLedger();
    const key = path.join(ledger.scratch, 'key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', key]);
    const signers = path.join(ledger.scratch, 'signers');
    writeFileSync(signers, `test@example.com ${readFileSync(`${key}.pub`, 'utf8')}`);
    const settings = { 'commit.gpgSign': 'true', 'gpg.format': 'ssh', 'user.signingKey': key };
    for (const [name, value] of Object.entries({ ...settings, 'gpg.ssh.allowedSignersFile': signers })) {
      ledger.git('config', name, value);
    }
    return ledger;
  }

  test('is signed as git itself would', async () => {
    const ledger = signing();
    writeFiles(ledger.root, { [RAW]: '{}\n' });
    expect(await ledger.commit(RAW)).toBe(ledger.git('rev-parse', 'HEAD'));
    expect(ledger.git('log', '-1', '--format=%G? %an|%cn|%s')).toBe('G Test Person|Test Person|finalize session a');
    expect(changesOf(ledger)).toBe(`A ${RAW}`);
    expect(statusOf(ledger)).toEqual([]);
  });

  test('is signed again on top of others’, and read whatever is said of signatures', async () => {
    const ledger = signing();
    ledger.git('config', 'log.showSignature', 'true');
    for (const session of ['a', 'b']) {
      writeFiles(ledger.root, { [`sessions/${session}/raw.jsonl`]: '{}\n' });
      await ledger.commit(`sessions/${session}/raw.jsonl`);
    }
    pushFromElsewhere(ledger, { 'other/x': '' });
    expect(await ledger.push()).toMatchObject({ outcome: 'done' });
    expect(ledger.git('log', '-2', '--no-show-signature', '--format=%G? %s', 'origin/main')).toBe(
      'G finalize session b\nG finalize session a',
    );
  });

  test('that cannot be signed is none, and nothing of it is staged', async () => {
    const ledger = signing();
    const signer = writeScript(path.join(ledger.scratch, 'signer'), 'echo "no key today" >&2; exit 1');
    ledger.git('config', 'gpg.ssh.program', signer);
    writeFiles(ledger.root, { [RAW]: '{}\n' });
    const index = readFileSync(path.join(ledger.root, '.git', 'index'));
    await expect(ledger.commit(RAW)).rejects.toThrow(
      expect.objectContaining({ code: 'GIT_FAILED', message: expect.stringContaining('no key today') }),
    );
    expect(readFileSync(path.join(ledger.root, '.git', 'index'))).toEqual(index);
    expect([ledger.git('log', '--format=%s'), statusOf(ledger)]).toEqual(['record sessions', ['?? sessions/']]);
  });
});

describe('somebody else at the same moment', () => {
  /** What somebody does right before our index is put in place, once. */
  function meanwhile(deed: () => unknown) {
    const install = IndexFile.prototype.install;
    vi.spyOn(IndexFile.prototype, 'install').mockImplementationOnce(function (this: IndexFile, copy, then) {
      deed();
      return install.call(this, copy, then);
    });
  }
  afterEach(() => void vi.restoreAllMocks());

  test('commits: ours is made on top of theirs', async () => {
    const ledger = gitLedger();
    writeFiles(ledger.root, { [RAW]: '{}\n', 'mine.txt': '' });
    meanwhile(() => {
      ledger.git('add', 'mine.txt');
      ledger.git('commit', '--quiet', '-m', 'mine');
    });
    await ledger.commit(RAW);
    expect(ledger.git('log', '--format=%s')).toBe('finalize session a\nmine\nrecord sessions');
    expect([changesOf(ledger), statusOf(ledger)]).toEqual([`A ${RAW}`, []]);
  });

  test('moves the branch without the index: ours is made on top of it', async () => {
    const ledger = gitLedger();
    writeFiles(ledger.root, { [RAW]: '{}\n' });
    meanwhile(() => {
      const commit = ledger.git('commit-tree', '-p', 'HEAD', '-m', 'mine', 'HEAD^{tree}');
      ledger.git('update-ref', 'refs/heads/main', commit);
    });
    await ledger.commit(RAW);
    expect(ledger.git('log', '--format=%s')).toBe('finalize session a\nmine\nrecord sessions');
    expect(statusOf(ledger)).toEqual([]);
  });

  test('stages: both are there', async () => {
    const ledger = gitLedger();
    writeFiles(ledger.root, { [RAW]: '{}\n', 'mine.txt': '' });
    meanwhile(() => ledger.git('add', 'mine.txt'));
    await ledger.commit(RAW);
    expect([changesOf(ledger), statusOf(ledger)]).toEqual([`A ${RAW}`, ['A  mine.txt']]);
  });

  test('commits with us: two passes at once are two commits', async () => {
    const ledger = gitLedger();
    const other = gitOf({ ...ledger, scratch: path.join(ledger.scratch, 'other') });
    writeFiles(ledger.root, { [RAW]: '1', 'sessions/b/raw.jsonl': '2' });
    await Promise.all([ledger.commit(RAW), other.commit('sessions/b/raw.jsonl')]);
    expect(ledger.git('ls-tree', '-r', '--name-only', 'HEAD').split('\n')).toHaveLength(3);
    expect(statusOf(ledger)).toEqual([]);
  });

  test('checks out another branch: nothing is committed to it, and nothing staged', async () => {
    const ledger = gitLedger();
    writeFiles(ledger.root, { [RAW]: '{}\n', 'sessions/b/raw.jsonl': '{}\n' });
    await ledger.commit(RAW);
    meanwhile(() => ledger.git('switch', '--quiet', '--create', 'topic', 'main~1'));
    await expect(ledger.commit('sessions/b/raw.jsonl')).rejects.toThrow('topic was checked out while the pass');
    expect(ledger.git('log', '-1', '--format=%s', 'topic')).toBe('record sessions');
    expect(statusOf(ledger)).toEqual(['?? sessions/']);
  });

  test.each([
    ['a merge', ['merge', 'other']],
    ['a rebase', ['rebase', 'other']],
  ])('begins %s: ours waits for its end', async (what, command) => {
    const ledger = gitLedger({ 'a.txt': 'one\n' });
    ledger.git('switch', '--quiet', '--create', 'other');
    writeFiles(ledger.root, { 'a.txt': 'two\n' });
    ledger.git('commit', '--quiet', '--all', '-m', 'two');
    ledger.git('switch', '--quiet', 'main');
    writeFiles(ledger.root, { 'a.txt': 'three\n' });
    ledger.git('commit', '--quiet', '--all', '-m', 'three');
    writeFiles(ledger.root, { [RAW]: '{}\n' });
    meanwhile(() => expect(() => ledger.git(...command)).toThrow());
    await expect(ledger.commit(RAW)).rejects.toThrow(`${what} is under way`);
    expect(statusOf(ledger)).toEqual(['UU a.txt', '?? sessions/']);
  });

  test('commits before ours is on the branch: theirs waits, and takes nothing of ours along', async () => {
    const ledger = gitLedger();
    writeFiles(ledger.root, { [RAW]: '{}\n', 'mine.txt': '' });
    ledger.git('add', 'mine.txt');
    const install = IndexFile.prototype.install;
    vi.spyOn(IndexFile.prototype, 'install').mockImplementationOnce(function (this: IndexFile, copy, then) {
      return install.call(this, copy, () => {
        expect(() => ledger.git('commit', '--quiet', '-m', 'mine')).toThrow('index.lock');
        return then();
      });
    });
    await ledger.commit(RAW);
    ledger.git('commit', '--quiet', '-m', 'mine');
    expect([changesOf(ledger), changesOf(ledger, 'HEAD~1')]).toEqual(['A mine.txt', `A ${RAW}`]);
  });

  test('has git throw away what no commit has yet: ours is made again, and git has nothing to complain of', async () => {
    const ledger = gitLedger();
    writeFiles(ledger.root, { [RAW]: '{}\n' });
    const { run } = GitProcess.prototype;
    let imports = 0;
    vi.spyOn(GitProcess.prototype, 'run').mockImplementation(function (this: GitProcess, words, call) {
      imports += words[0] === 'fast-import' ? 1 : 0;
      if (words[0] === 'fast-import' && imports === 1) ledger.git('prune', '--expire=now');
      return run.call(this, words, call);
    });
    expect(await ledger.commit(RAW)).toBe(ledger.git('rev-parse', 'HEAD'));
    expect(imports).toBe(2);
    expect([changesOf(ledger), statusOf(ledger)]).toEqual([`A ${RAW}`, []]);
    expect(readdirSync(path.join(ledger.root, '.git')).join()).not.toContain('crash');
  });

  test('holds the branch for good: ours is refused, and nothing of it stays staged', async () => {
    const ledger = gitLedger();
    writeFiles(ledger.root, { [RAW]: '{}\n', 'mine.txt': '', '.git/refs/heads/main.lock': '' });
    ledger.git('add', 'mine.txt');
    const index = readFileSync(path.join(ledger.root, '.git', 'index'));
    await expect(ledger.commit(RAW)).rejects.toThrow(/cannot lock ref 'refs\/heads\/main'/);
    expect(statusOf(ledger)).toEqual(['A  mine.txt', '?? sessions/']);
    expect(readFileSync(path.join(ledger.root, '.git', 'index'))).toEqual(index);
  });

  test('holds the branch of a clone without an index: there is none afterwards', async () => {
    const ledger = gitLedger({});
    writeFiles(ledger.root, { [RAW]: '{}\n', '.git/refs/heads/main.lock': '' });
    await expect(ledger.commit(RAW)).rejects.toThrow('cannot lock ref');
    expect(existsSync(path.join(ledger.root, '.git', 'index'))).toBe(false);
  });
});

describe('index.lock', () => {
  const isLocked = ({ root }: GitLedger) => existsSync(path.join(root, '.git', 'index.lock'));

  test('of others is waited for', async () => {
    const ledger = gitLedger();
    const lock = path.join(ledger.root, '.git', 'index.lock');
    writeFiles(ledger.root, { [RAW]: '{}\n', '.git/index.lock': '' });
    const commit = ledger.commit(RAW);
    await vi.waitFor(() => expect(readdirSync(ledger.scratch).join()).toContain('index-lock'), PATIENCE);
    rmSync(lock);
    expect(await commit).toBe(ledger.git('rev-parse', 'HEAD'));
  });

  test('of others is never taken away', async () => {
    const ledger = gitLedger();
    writeFiles(ledger.root, { '.git/index.lock': '' });
    expect(await ledger.branch.recover()).toEqual([]);
    expect(isLocked(ledger)).toBe(true);
  });

  test('of others is not ours because ours was there before', async () => {
    const ledger = gitLedger();
    const index = new IndexFile(ledger.ours.process, ledger.scratch);
    await index.edit(async () => {
      rmSync(path.join(ledger.root, '.git', 'index.lock'));
      writeFiles(ledger.root, { '.git/index.lock': 'theirs' });
    });
    expect(isLocked(ledger)).toBe(true);
  });

  test('of a killed pass of ours goes, and what it had staged is committed', async () => {
    const ledger = gitLedger();
    writeFiles(ledger.root, { [RAW]: '{}\n' });
    ledger.git('add', RAW);
    leaveLock(ledger);
    expect(await ledger.branch.recover()).toEqual(['a killed pass had left the index locked; it is free again']);
    expect([isLocked(ledger), await ledger.branch.recover()]).toEqual([false, []]);
    await ledger.commit(RAW);
    expect([changesOf(ledger), statusOf(ledger)]).toEqual([`A ${RAW}`, []]);
    expect(readdirSync(ledger.scratch)).toEqual(['.keep']);
  });

  test('of a killed pass in another work tree is left to a pass in that one', async () => {
    const ledger = gitLedger();
    const root = path.join(ledger.scratch, 'tree');
    ledger.git('worktree', 'add', '--quiet', '-b', 'other', root);
    leaveLock(ledger);
    const tree = gitOf({ ...ledger, root });
    writeFiles(root, { [RAW]: '{}\n' });
    expect([await tree.branch.recover(), isLocked(ledger)]).toEqual([[], true]);
    await tree.commit(RAW);
    expect([(await ledger.branch.recover()).length, isLocked(ledger)]).toEqual([1, false]);
  });
});

/** As a pass that was killed while it held the index. */
function leaveLock({ root, scratch }: GitLedger): void {
  const marker = path.join(scratch, 'index-lock-.git');
  writeFileSync(marker, '');
  linkSync(marker, path.join(root, '.git', 'index.lock'));
}

function commitOf(root: string, environment: NodeJS.ProcessEnv): void {
  const who = ['-c', 'user.name=x', '-c', 'user.email=x'];
  runGit(root, environment, ...who, 'commit', '--quiet', '--allow-empty', '-m', 'another');
}
