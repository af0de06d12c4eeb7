import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { LedgerBranch } from '../../../src/ledger/git/branch.ts';
import { LedgerGit } from '../../../src/ledger/git/ledger-git.ts';
import { largeFilesIn, uploadFor, uploadLargeFiles } from '../../../src/ledger/git/lfs-upload.ts';
import { commitMessage, localCommits } from '../../../src/ledger/git/own-commits.ts';
import { BranchPush } from '../../../src/ledger/git/push.ts';
import { LedgerRemote } from '../../../src/ledger/git/remote.ts';
import { describeWithGitLfs, hasObject, oidOf, pointerTo, putObject, withGitLfs } from '../../support/git-lfs.ts';
import { runGit, type TemporaryLedger, temporaryLedger } from '../../support/ledger-dir.ts';
import { writeFiles } from '../../support/temporary-folder.ts';

function open({ root, environment, scratch }: TemporaryLedger, PATH = withGitLfs(environment.PATH ?? '')) {
  const git = new LedgerGit(root, { ...environment, PATH });
  return { git, branch: new LedgerBranch(git, scratch), remote: new LedgerRemote(git) };
}

/** Commits pointers, one session each; those with content have it in the clone. */
async function commitPointers(ledger: TemporaryLedger, contents: Record<string, { text: string; isHere: boolean }>) {
  const opened = open(ledger);
  for (const [session, { text, isHere }] of Object.entries(contents)) {
    writeFiles(ledger.root, { [`sessions/${session}/raw.jsonl`]: pointerTo(text) });
    if (isHere) putObject(path.join(ledger.root, '.git'), text);
    await opened.branch.commit([`sessions/${session}/raw.jsonl`], commitMessage([session]));
  }
  const changes = (await localCommits(opened.git.process, 'origin/main')).flatMap(({ draft }) => draft.changes);
  return { ...opened, changes };
}

test('objects are known by the pointers that commits bring, and by nothing that only looks like one', async () => {
  const ledger = temporaryLedger({ 'README.md': 'ledger' });
  const evil = `${'a'.repeat(40)} blob 9\n${pointerTo('evil')}`;
  writeFiles(ledger.root, {
    'sessions/a/raw.jsonl': pointerTo('one'),
    'sessions/b/raw.jsonl': pointerTo('one'),
    'sessions/b/session.html': pointerTo('two'),
    'sessions/c/raw.jsonl': pointerTo('three').repeat(9),
    'sessions/d/raw.jsonl': evil.slice(0, 200),
    'sessions/e/raw.jsonl': pointerTo('x').replace(/sha256:\w+/, 'sha256:../../x'),
    'sessions/f/raw.jsonl': new Uint8Array([0xff, 0xfe, 10]),
  });
  ledger.git('add', '.');
  ledger.git('commit', '--quiet', '--message', 'all');
  const { git } = open(ledger);
  const changes = (await localCommits(git.process, 'origin/main')).flatMap(({ draft }) => draft.changes);
  expect(Object.fromEntries(await largeFilesIn(git.process, changes))).toEqual({
    [oidOf('one')]: ['a', 'b'],
    [oidOf('two')]: ['b'],
  });
  expect(await largeFilesIn(git.process, [])).toEqual(new Map());
});

test('without git-lfs, sessions with pointers are refused by name', async () => {
  const ledger = temporaryLedger({ 'README.md': 'ledger' });
  const { changes } = await commitPointers(ledger, { a: { text: 'one', isHere: true } });
  const { git } = open(ledger, ledger.environment.PATH);
  expect(await uploadFor(git.process, 'origin', changes)).toMatchObject({ kind: 'lfs', sessions: ['a'] });
});

describeWithGitLfs('an upload', () => {
  test('brings objects to the remote, and does it twice if asked twice', async () => {
    const ledger = temporaryLedger({ 'README.md': 'ledger' });
    putObject(path.join(ledger.root, '.git'), 'one');
    putObject(path.join(ledger.root, '.git'), 'two');
    const { git } = open(ledger);
    for (const _ of [1, 2]) await uploadLargeFiles(git.process, 'origin', [oidOf('one'), oidOf('two')]);
    expect([hasObject(ledger.remote, 'one'), hasObject(ledger.remote, 'two')]).toEqual([true, true]);
  });

  test('fails for an object that is not here', async () => {
    const ledger = temporaryLedger({ 'README.md': 'ledger' });
    const { git } = open(ledger);
    await expect(uploadLargeFiles(git.process, 'origin', [oidOf('one')])).rejects.toThrow('git lfs: ');
  });

  test('comes before the push, and one object that is nowhere keeps back only its own session', async () => {
    const ledger = temporaryLedger({ 'README.md': 'ledger' });
    const { git, branch, remote } = await commitPointers(ledger, {
      a: { text: 'one', isHere: true },
      b: { text: 'nowhere', isHere: false },
      c: { text: 'three', isHere: true },
    });
    const signal = new AbortController().signal;
    const report = await new BranchPush(git, branch, remote, { keep: async () => {}, signal }).run();
    expect(report).toMatchObject({ outcome: 'done', withheld: [{ session: 'b' }] });
    expect([hasObject(ledger.remote, 'one'), hasObject(ledger.remote, 'three')]).toEqual([true, true]);
    const there = runGit(ledger.remote, ledger.environment, 'ls-tree', '-r', '--name-only', 'main', 'sessions/');
    expect(there.split('\n')).toEqual(['sessions/a/raw.jsonl', 'sessions/c/raw.jsonl']);
    expect(readFileSync(path.join(ledger.root, 'sessions/b/raw.jsonl'), 'utf8')).toBe(pointerTo('nowhere'));
  });

  test('that fails keeps the push from being tried', async () => {
    const ledger = temporaryLedger({ 'README.md': 'ledger' });
    const { git, branch, remote } = await commitPointers(ledger, { a: { text: 'one', isHere: true } });
    ledger.git('config', 'lfs.url', 'http://127.0.0.1:9/lfs');
    const signal = new AbortController().signal;
    const report = await new BranchPush(git, branch, remote, { keep: async () => {}, signal }).run();
    expect(report.outcome).toMatchObject({ kind: 'lfs', refused: expect.stringContaining('connection refused') });
    rmSync(path.join(ledger.root, '.git', 'lfs'), { recursive: true });
    expect(runGit(ledger.remote, ledger.environment, 'rev-parse', 'main')).toBe(ledger.git('rev-parse', 'HEAD~1'));
  });
});
