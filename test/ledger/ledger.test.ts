import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { isInLedger, openLedger } from '../../src/ledger/ledger.ts';
import { runGit, temporaryLedger } from '../support/ledger-dir.ts';
import { temporaryFolder, writeFiles } from '../support/temporary-folder.ts';

const FILES = { 'sessions/a/raw.jsonl': '{}\n' };
const noLedger = (message: string | RegExp) =>
  expect.objectContaining({
    code: 'NO_LEDGER',
    exitStatus: 10,
    message: expect.stringMatching(message),
    suggestions: [expect.stringContaining('--ledger DIR or AGENTWORK_LEDGER'), expect.stringContaining('sessions/')],
  });

describe('the named ledger', () => {
  test('is any clone, with or without sessions', async () => {
    const { root, environment } = temporaryLedger({ 'README.md': '' });
    expect(await openLedger(root, { cwd: '/', environment })).toMatchObject({
      root,
      sessionsDir: path.join(root, 'sessions'),
      stateDir: path.join(root, '.git', 'agentwork'),
      repoId: 'ledger',
    });
  });

  test('is no folder whose path has a line break: git would answer for another clone', async () => {
    const { root, environment } = temporaryLedger(FILES);
    const odd = `${root}\nand on`;
    mkdirSync(odd);
    runGit(odd, environment, 'init', '--quiet');
    await expect(openLedger(undefined, { cwd: odd, environment })).rejects.toThrow(noLedger('line break'));
    await expect(openLedger(odd, { cwd: '/', environment })).rejects.toThrow(noLedger('line break'));
  });

  test('may be named from where one stands, by a folder within it, or through a link', async () => {
    const { root, environment } = temporaryLedger(FILES);
    const link = path.join(path.dirname(root), 'link');
    symlinkSync(root, link);
    for (const [named, cwd] of [
      ['ledger', path.dirname(root)],
      [path.join(root, 'sessions', 'a'), '/'],
      ['..', path.join(root, 'sessions')],
      [link, '/'],
    ] as const) {
      expect((await openLedger(named, { cwd, environment })).root).toBe(root);
    }
  });

  test('is a clone without a commit, too', async () => {
    const { root, environment } = temporaryLedger();
    expect((await openLedger(root, { cwd: '/', environment })).root).toBe(root);
  });

  test('shares its state with the other work trees of its clone', async () => {
    const { root, environment, git, scratch } = temporaryLedger(FILES);
    const tree = path.join(scratch, 'tree');
    git('worktree', 'add', '--quiet', tree, '-b', 'other');
    expect(await openLedger(tree, { cwd: '/', environment })).toMatchObject({
      root: tree,
      stateDir: path.join(root, '.git', 'agentwork'),
    });
  });

  test('may be a work tree of a bare clone', async () => {
    const { remote, environment, scratch } = temporaryLedger(FILES);
    const [bare, tree] = [path.join(scratch, 'bare.git'), path.join(scratch, 'tree')];
    runGit(scratch, environment, 'clone', '--quiet', '--bare', remote, bare);
    runGit(bare, environment, 'worktree', 'add', '--quiet', tree, '-b', 'other');
    const ledger = await openLedger(undefined, { cwd: path.join(tree, 'sessions'), environment });
    expect(ledger).toMatchObject({ root: tree, stateDir: path.join(bare, 'agentwork') });
    await ledger.git.readiness.requireQuiet();
    expect(await ledger.git.filesIn('HEAD', 'sessions')).toEqual(new Set(['sessions/a/raw.jsonl']));
  });

  test('is none while a link stands in the place of its state', async () => {
    const { root, environment, scratch } = temporaryLedger(FILES);
    symlinkSync(scratch, path.join(root, '.git', 'agentwork'));
    await expect(openLedger(root, { cwd: '/', environment })).rejects.toThrow(
      expect.objectContaining({ code: 'UNREADABLE', message: expect.stringMatching(/agentwork is a symbolic link/) }),
    );
  });

  test('may have a name in any script', async () => {
    const { remote, environment, scratch } = temporaryLedger(FILES);
    const root = path.join(scratch, 'leçon 日本');
    runGit(scratch, environment, 'clone', '--quiet', remote, root);
    expect(await openLedger(root, { cwd: '/', environment })).toMatchObject({ root, repoId: 'leçon 日本' });
  });

  test('that is nowhere is named in the answer', async () => {
    const { environment } = temporaryLedger();
    await expect(openLedger('/nowhere/at all', { cwd: '/', environment })).rejects.toThrow(
      noLedger('there is no folder /nowhere/at all'),
    );
  });

  test('that is a file is none', async () => {
    const { root, environment } = temporaryLedger(FILES);
    const file = path.join(root, 'sessions', 'a', 'raw.jsonl');
    await expect(openLedger(file, { cwd: '/', environment })).rejects.toThrow(noLedger('there is no folder'));
  });

  test('that is no clone is none', async () => {
    const { environment } = temporaryLedger();
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, 'sessions'));
    await expect(openLedger(folder, { cwd: '/', environment })).rejects.toThrow(
      noLedger(`${folder} is not in a git clone`),
    );
  });

  test('that is bare, or the inside of a clone, is none', async () => {
    const { root, remote, environment } = temporaryLedger(FILES);
    await expect(openLedger(remote, { cwd: '/', environment })).rejects.toThrow(
      noLedger('remote.git has no work tree'),
    );
    await expect(openLedger(path.join(root, '.git'), { cwd: '/', environment })).rejects.toThrow(
      noLedger('.git has no work tree'),
    );
  });

  test('cannot be opened without git, which is said', async () => {
    const { root, environment } = temporaryLedger(FILES);
    const world = { cwd: '/', environment: { ...environment, PATH: '/nowhere' } };
    await expect(openLedger(root, world)).rejects.toMatchObject({
      ...{ code: 'NO_LEDGER', message: 'git is not installed, or not on PATH' },
      suggestions: ['install git, or put it on PATH'],
    });
  });

  test('is not the one that a hook around us names', async () => {
    const [ours, other] = [temporaryLedger(FILES), temporaryLedger(FILES)];
    const environment = { ...ours.environment, GIT_DIR: path.join(other.root, '.git'), GIT_WORK_TREE: other.root };
    expect((await openLedger(ours.root, { cwd: other.root, environment })).root).toBe(ours.root);
  });
});

describe('without a name', () => {
  test('the clone around the current folder is the ledger when it has sessions', async () => {
    const { root, environment } = temporaryLedger(FILES);
    expect((await openLedger(undefined, { cwd: path.join(root, 'sessions', 'a'), environment })).root).toBe(root);
  });

  test('a clone without sessions is none: it is somebody’s code', async () => {
    const { root, environment } = temporaryLedger({ 'README.md': '' });
    await expect(openLedger(undefined, { cwd: root, environment })).rejects.toMatchObject({
      code: 'NO_LEDGER',
      message: expect.stringContaining(`${root} is no ledger`),
      suggestions: [`mkdir sessions in ${root}, if it is to become one`, expect.stringContaining('--ledger DIR')],
    });
  });

  test('a folder outside of any clone is none', async () => {
    const { environment } = temporaryLedger();
    await expect(openLedger(undefined, { cwd: temporaryFolder(), environment })).rejects.toThrow(
      noLedger('is not in a git clone'),
    );
  });
});

test.each([
  ['/l/sessions/a', true],
  ['/l/sessions/a/', true],
  ['/l/sessions/../sessions/a', true],
  ['/l/sessions', false],
  ['/l/sessions/a/b', false],
  ['/l/sessions-2/a', false],
  ['/cache/sessions/a', false],
])('%s lies in the ledger of /l: %s', (folder, expected) => {
  expect(isInLedger({ sessionsDir: '/l/sessions' }, folder)).toBe(expected);
});

test('opening a ledger leaves no trace in it', async () => {
  const { root, environment, git } = temporaryLedger(FILES);
  writeFiles(root, { 'new.txt': '' });
  writeFileSync(path.join(root, 'new.txt'), 'x');
  await openLedger(root, { cwd: '/', environment });
  expect(git('status', '--porcelain')).toBe('?? new.txt');
});
