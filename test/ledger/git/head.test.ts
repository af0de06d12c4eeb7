import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readRef } from '../../../src/ledger/git/head.ts';
import { LedgerGit } from '../../../src/ledger/git/ledger-git.ts';
import { gitLedger } from '../../support/ledger-dir.ts';

const MAIN = 'refs/heads/main';

describe('the commit of a branch, by git’s files', () => {
  test('is what git says, here and in a linked work tree', async () => {
    const ledger = gitLedger();
    const linked = path.join(ledger.scratch, '..', 'linked');
    ledger.git('worktree', 'add', '--quiet', linked, '-b', 'topic');
    const here = ledger.git('rev-parse', 'HEAD');
    const there = new LedgerGit(linked, ledger.environment).process;
    expect(await readRef(ledger.ours.process, MAIN)).toBe(here);
    expect([await readRef(there, MAIN), await readRef(there, 'refs/heads/topic')]).toEqual([here, here]);
  });

  test('is what git says, too, where it is packed, and moved since', async () => {
    const ledger = gitLedger();
    const packed = ledger.git('rev-parse', 'HEAD');
    ledger.git('branch', 'old/main');
    ledger.git('pack-refs', '--all');
    expect(await readRef(ledger.ours.process, MAIN)).toBe(packed);
    ledger.git('commit', '--quiet', '--allow-empty', '--message', 'more');
    const now = ledger.git('rev-parse', 'HEAD');
    expect(await readRef(ledger.ours.process, MAIN)).toBe(now);
    expect(await readRef(ledger.ours.process, 'refs/heads/old/main')).toBe(packed);
    expect([await ledger.ours.tipOf(MAIN), await ledger.branch.head()]).toEqual([now, { ref: MAIN, commit: now }]);
  });

  test('is not told by them where it is another’s, or not there: git is asked then', async () => {
    const ledger = gitLedger();
    const here = ledger.git('rev-parse', 'HEAD');
    ledger.git('symbolic-ref', 'refs/heads/other', MAIN);
    expect(await readRef(ledger.ours.process, 'refs/heads/other')).toBeUndefined();
    expect(await ledger.ours.tipOf('refs/heads/other')).toBe(here);
    expect(await readRef(ledger.ours.process, 'refs/heads')).toBeUndefined();
    expect(await ledger.ours.tipOf('refs/heads/none')).toBeUndefined();
  });
});

test('what a branch follows is level with it only as long as both are', async () => {
  const ledger = gitLedger();
  const level = {
    ref: 'refs/remotes/origin/main',
    name: 'origin/main',
    isGone: false,
    isAhead: false,
    isBehind: false,
  };
  expect([await ledger.ours.upstream(), await ledger.ours.upstream()]).toEqual([level, level]);
  ledger.git('commit', '--quiet', '--allow-empty', '--message', 'more');
  expect(await ledger.ours.upstream()).toEqual({ ...level, isAhead: true });
  ledger.git('push', '--quiet');
  ledger.git('reset', '--quiet', '--hard', 'HEAD~1');
  expect(await ledger.ours.upstream()).toEqual({ ...level, isBehind: true });
});
