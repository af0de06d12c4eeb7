import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { workspaceMatcher } from '../../../src/ledger/recovery/workspace.ts';
import { runGit, type TemporaryLedger, temporaryLedger } from '../../support/ledger-dir.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** Folders that are only names: none of them is there. */
describe('a folder that is gone', () => {
  test.each<[string, string, boolean]>([
    ['the workspace', '/w/shop', true],
    ['the workspace, written otherwise', '/w/other/../shop/', true],
    ['below the workspace', '/w/shop/src/cart', true],
    ['above the workspace', '/w', false],
    ['beside the workspace', '/w/bank', false],
    ['with a name that begins alike', '/w/shop-old', false],
    ['out of the workspace again', '/w/shop/../bank', false],
    ['with dots for a name', '/w/shop/..hidden', true],
    ['relative', 'src', false],
    ['nothing', '', false],
    ['no path', '/w/\u0000', false],
  ])('%s', (_, cwd, expected) => {
    expect(workspaceMatcher('/w/shop')(cwd)).toBe(expected);
  });

  test.each([undefined, 'shop', ''])('belongs to the workspace %j, of which nothing can be told', (workspace) => {
    expect(workspaceMatcher(workspace)('/anything')).toBe(true);
  });
});

describe('a folder of the same repository', () => {
  const folders = (): TemporaryLedger & { worktree: string; stranger: string } => {
    const ledger = temporaryLedger({ 'a/b/c': '' });
    const [worktree, stranger] = [path.join(ledger.scratch, 'worktree'), path.join(ledger.scratch, 'stranger')];
    ledger.git('worktree', 'add', '--quiet', worktree);
    runGit(ledger.scratch, ledger.environment, 'init', '--quiet', stranger);
    return { ...ledger, worktree, stranger };
  };

  test('belongs, be it the workspace, beside it, or another worktree; another repository does not', () => {
    const { root, worktree, stranger, scratch } = folders();
    const below = path.join(root, 'a/b');
    for (const workspace of [root, below, worktree]) {
      const isOurs = workspaceMatcher(workspace);
      for (const cwd of [root, below, worktree, path.join(worktree, 'a'), path.join(root, 'gone/since')]) {
        expect([workspace, cwd, isOurs(cwd)]).toEqual([workspace, cwd, true]);
      }
      for (const cwd of [stranger, scratch, '/']) expect([cwd, isOurs(cwd)]).toEqual([cwd, false]);
    }
  });

  test('belongs when either has a second name', () => {
    const { root, worktree, stranger, scratch } = folders();
    const link = path.join(scratch, 'link');
    symlinkSync(root, link);
    for (const [workspace, cwd] of [
      [link, root],
      [root, link],
      [link, worktree],
      [path.join(link, 'a'), path.join(root, 'a/b')],
    ]) {
      expect([workspace, cwd, workspaceMatcher(workspace)(cwd ?? '')]).toEqual([workspace, cwd, true]);
    }
    expect(workspaceMatcher(link)(stranger)).toBe(false);
  });

  test('is told by a .git file that names its folder in relation to itself, too', () => {
    const { root, worktree, stranger } = folders();
    const gitFolder = path.relative(worktree, path.join(root, '.git/worktrees/worktree'));
    writeFileSync(path.join(worktree, '.git'), `gitdir: ${gitFolder}\n`);
    expect(workspaceMatcher(root)(worktree)).toBe(true);
    expect(workspaceMatcher(worktree)(stranger)).toBe(false);
  });

  test('is not told once its repository is gone', () => {
    const { root, worktree } = folders();
    rmSync(path.join(root, '.git'), { recursive: true });
    expect(workspaceMatcher(root)(path.join(root, 'a'))).toBe(true);
    expect(workspaceMatcher(root)(worktree)).toBe(false);
  });
});

describe('a folder outside of any repository', () => {
  test('belongs under a second name of its workspace', () => {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, 'shop/src'), { recursive: true });
    symlinkSync(path.join(folder, 'shop'), path.join(folder, 'link'));
    expect(workspaceMatcher(path.join(folder, 'link'))(path.join(folder, 'shop/src'))).toBe(true);
    expect(workspaceMatcher(path.join(folder, 'shop'))(path.join(folder, 'link/src'))).toBe(true);
    expect(workspaceMatcher(path.join(folder, 'shop'))(folder)).toBe(false);
  });

  test.each<[string, (gitPath: string) => void]>([
    ['an empty file', (gitPath) => writeFileSync(gitPath, '')],
    ['a file of something else', (gitPath) => writeFileSync(gitPath, 'x'.repeat(10_000))],
    ['a link that leads in a circle', (gitPath) => symlinkSync(gitPath, gitPath)],
  ])('is not of the same repository as another one because of a .git that is %s', (_, make) => {
    const folder = temporaryFolder();
    for (const name of ['one', 'two']) {
      mkdirSync(path.join(folder, name));
      make(path.join(folder, name, '.git'));
    }
    expect(workspaceMatcher(path.join(folder, 'one'))(path.join(folder, 'two'))).toBe(false);
  });
});

test('a transcript that names a new folder in every line is answered for each', () => {
  const isOurs = workspaceMatcher('/w/shop');
  const answers = Array.from({ length: 3000 }, (_, index) => isOurs(index % 2 ? `/w/shop/${index}` : `/w/${index}`));
  expect(answers.filter(Boolean)).toHaveLength(1500);
  expect([isOurs('/w/shop/2999'), isOurs('/w/2998')]).toEqual([true, false]);
});
