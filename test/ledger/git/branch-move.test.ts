import { existsSync, linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { PlannedMove } from '../../../src/ledger/git/branch-move.ts';
import { GitProcess } from '../../../src/ledger/git/process.ts';
import { type GitLedger, gitLedger, gitOf, statusOf } from '../../support/ledger-dir.ts';
import { writeFiles } from '../../support/temporary-folder.ts';

const RAW = 'sessions/a/raw.jsonl';
const FILES = { 'README.md': 'a ledger\n', 'gone.txt': 'x', 'dirty.txt': '1', 'staged.txt': '1' };
const DONE = 'an earlier pass had begun to move the branch onto the commits of others; that is done now';

/** A ledger whose branch is to go from one commit to another, which changes a file, adds one and takes one away. */
function parted(): GitLedger & PlannedMove {
  const ledger = gitLedger(FILES);
  writeFiles(ledger.root, { 'README.md': 'theirs\n', 'other/x': 'x' });
  rmSync(path.join(ledger.root, 'gone.txt'));
  ledger.git('add', '--all');
  ledger.git('commit', '--quiet', '-m', 'theirs');
  const [to, from] = ledger.git('rev-parse', 'HEAD', 'HEAD~1').split('\n') as [string, string];
  ledger.git('reset', '--quiet', '--hard', from);
  return { ...ledger, ref: 'refs/heads/main', from, to, held: [] };
}

const journalOf = ({ scratch }: GitLedger) => path.join(scratch, 'branch-move-.git');
const place = (ledger: GitLedger) => [ledger.git('rev-parse', 'HEAD'), statusOf(ledger)];
const onDisk = ({ root }: GitLedger, name: string) => readFileSync(path.join(root, name), 'utf8');

/** As a pass that was killed leaves it. */
function leaveJournal(ledger: GitLedger & PlannedMove, more: Partial<PlannedMove> = {}): void {
  const { ref, from, to, held } = ledger;
  writeFileSync(journalOf(ledger), JSON.stringify({ ref, from, to, held, ...more }));
}

test.each<[string, (move: PlannedMove) => unknown]>([
  ['no JSON', () => '{'],
  ['no move', () => [5]],
  ['without a list of files', (move) => ({ ...move, held: undefined })],
  ['with files that are none', (move) => ({ ...move, held: [null] })],
  ['to no commit', (move) => ({ ...move, to: '--output=x' })],
])('what somebody put in the place of a begun move is taken away (%s)', async (_, edited) => {
  const ledger = parted();
  const { ref, from, to, held } = ledger;
  const move = edited({ ref, from, to, held });
  writeFileSync(journalOf(ledger), typeof move === 'string' ? move : JSON.stringify(move));
  const before = place(ledger);
  expect(await ledger.branch.recover()).toEqual([]);
  expect(place(ledger)).toEqual(before);
  expect(existsSync(journalOf(ledger))).toBe(false);
});

describe('a move that a killed pass began', () => {
  const files = ({ root }: GitLedger) => {
    writeFiles(root, { 'README.md': 'theirs\n', 'other/x': 'x' });
    rmSync(path.join(root, 'gone.txt'));
  };
  const index = ({ git, from, to }: GitLedger & PlannedMove) => git('read-tree', '-m', '-u', from, to);
  const lock = ({ root, scratch }: GitLedger) => {
    writeFileSync(path.join(scratch, 'index-lock-.git'), '');
    linkSync(path.join(scratch, 'index-lock-.git'), path.join(root, '.git', 'index.lock'));
  };

  test.each<[string, (ledger: GitLedger & PlannedMove) => void]>([
    ['and did nothing for', () => {}],
    ['with the index locked', lock],
    ['with one file', (ledger) => void writeFiles(ledger.root, { 'README.md': 'theirs\n' })],
    ['with all of the files, and the index locked', (ledger) => [files(ledger), lock(ledger)]],
    ['with all of the files', files],
    ['with the files and the index', index],
    ['with the branch, too', (ledger) => [index(ledger), ledger.git('update-ref', 'HEAD', ledger.to)]],
  ])('%s is ended, and the user’s work stays', async (_, leave) => {
    const ledger = parted();
    writeFiles(ledger.root, { 'dirty.txt': '2', 'staged.txt': '2', 'new.txt': '' });
    ledger.git('add', 'staged.txt');
    leaveJournal(ledger);
    leave(ledger);
    expect(await ledger.branch.recover()).toContain(DONE);
    expect(place(ledger)).toEqual([ledger.to, [' M dirty.txt', 'M  staged.txt', '?? new.txt']]);
    expect(await ledger.branch.recover()).toEqual([]);
    expect(readdirSync(ledger.scratch)).toEqual(['.keep']);
  });

  test('leaves a file that somebody has changed since', async () => {
    const ledger = parted();
    leaveJournal(ledger);
    writeFiles(ledger.root, { 'README.md': 'mine\n', 'other/x': 'mine' });
    expect(await ledger.branch.recover()).toEqual([DONE]);
    expect(place(ledger)).toEqual([ledger.to, [' M README.md', ' M other/x']]);
    expect([onDisk(ledger, 'README.md'), onDisk(ledger, 'other/x')]).toEqual(['mine\n', 'mine']);
  });

  test('that cannot be ended is told until it can, and keeps no pass from working', async () => {
    const ledger = parted();
    leaveJournal(ledger);
    writeFiles(ledger.root, { 'README.md': 'mine\n' });
    ledger.git('add', 'README.md');
    expect(await ledger.branch.recover()).toEqual([expect.stringContaining('that cannot be ended')]);
    expect(place(ledger)).toEqual([ledger.from, ['M  README.md']]);
    const again = await ledger.branch.moveTo(await ledger.branch.head(), ledger.to);
    expect(again).toContain('an earlier move of it is not ended yet');
    ledger.git('reset', '--quiet', '--hard');
    expect(await ledger.branch.recover()).toContain(DONE);
    expect(place(ledger)).toEqual([ledger.to, []]);
  });

  test.each([
    ['a folder', { 'other/x/draft.txt': 'my only copy' }],
    ['a file in the place of its folder', { other: 'my only copy' }],
  ])('leaves %s of the user that lies where a file is to come', async (_, files) => {
    const ledger = parted();
    rmSync(path.join(ledger.root, 'other'), { recursive: true, force: true });
    leaveJournal(ledger);
    writeFiles(ledger.root, files);
    await ledger.branch.recover();
    const [name = ''] = Object.keys(files);
    expect(readFileSync(path.join(ledger.root, name), 'utf8')).toBe('my only copy');
  });

  test('is waited with while another git holds the index', async () => {
    const ledger = parted();
    leaveJournal(ledger);
    writeFiles(ledger.root, { '.git/index.lock': '' });
    await expect(ledger.branch.recover()).rejects.toThrow(/index\.lock/);
    rmSync(path.join(ledger.root, '.git', 'index.lock'));
    expect(await ledger.branch.recover()).toEqual([DONE]);
  });

  test.each<[string, (ledger: GitLedger) => unknown]>([
    ['has committed since', ({ git }) => git('commit', '--quiet', '--allow-empty', '-m', 'mine')],
    ['is on another branch', ({ git }) => git('switch', '--quiet', '--create', 'topic')],
    ['is on none', ({ git }) => git('checkout', '--quiet', '--detach')],
  ])('is forgotten when the user %s', async (_, deed) => {
    const ledger = parted();
    leaveJournal(ledger);
    deed(ledger);
    const before = [place(ledger), ledger.git('rev-parse', 'main')];
    expect(await ledger.branch.recover()).toEqual([]);
    expect([place(ledger), ledger.git('rev-parse', 'main')]).toEqual(before);
    expect(existsSync(journalOf(ledger))).toBe(false);
  });

  test('is none when its journal is not ours', async () => {
    const ledger = parted();
    writeFileSync(journalOf(ledger), 'half of it');
    expect(await ledger.branch.recover()).toEqual([]);
    expect(place(ledger)).toEqual([ledger.from, []]);
  });

  test('is left to a pass in its own work tree', async () => {
    const ledger = parted();
    const root = path.join(ledger.scratch, 'tree');
    ledger.git('worktree', 'add', '--quiet', '-b', 'other', root);
    leaveJournal(ledger);
    expect(await gitOf({ ...ledger, root }).branch.recover()).toEqual([]);
    expect(await ledger.branch.recover()).toEqual([DONE]);
    expect(ledger.git('rev-parse', 'main', 'other')).toBe(`${ledger.to}\n${ledger.from}`);
  });

  test.each(['before', 'after'])('leaves files that are held back, %s the index had moved', async (when) => {
    const ledger = parted();
    writeFiles(ledger.root, { [RAW]: '{}\n' });
    const from = await ledger.commit(RAW);
    const oid = '0'.repeat(40);
    const move = { from: from ?? '', held: [{ path: RAW, mode: '000000', oid }] };
    if (when === 'after') {
      ledger.git('rm', '--quiet', '--cached', RAW);
      files(ledger);
      ledger.git('add', 'README.md', 'gone.txt', 'other/x');
    }
    leaveJournal(ledger, move);
    expect(await ledger.branch.recover()).toEqual([DONE]);
    expect(place(ledger)).toEqual([ledger.to, ['?? sessions/']]);
    expect(onDisk(ledger, RAW)).toBe('{}\n');
  });
});

describe('a move', () => {
  afterEach(() => void vi.restoreAllMocks());

  /** git is gone from this call on. */
  function failFrom(verb: string) {
    const run = GitProcess.prototype.run;
    let isGone = false;
    vi.spyOn(GitProcess.prototype, 'run').mockImplementation(function (this: GitProcess, words, call) {
      isGone ||= words[0] === verb;
      if (isGone) throw new Error('the disk is full');
      return run.call(this, words, call);
    });
  }

  const move = ({ branch, ref, from, to }: GitLedger & PlannedMove) => branch.moveTo({ ref, commit: from }, to);

  test.each(['read-tree', 'update-ref'])('that fails at git %s is ended by the next pass', async (verb) => {
    const ledger = parted();
    failFrom(verb);
    expect(await move(ledger)).toContain('it could not be moved');
    vi.restoreAllMocks();
    expect(await gitOf(ledger).branch.recover()).toEqual([DONE]);
    expect(place(ledger)).toEqual([ledger.to, []]);
  });

  test('that git refuses has changed nothing, and leaves nothing to end', async () => {
    const ledger = parted();
    writeFiles(ledger.root, { 'README.md': 'mine\n' });
    expect(await move(ledger)).toContain('local changes are in the way');
    expect(place(ledger)).toEqual([ledger.from, [' M README.md']]);
    expect(await ledger.branch.recover()).toEqual([]);
  });

  test('waits for the end of a merge', async () => {
    const ledger = parted();
    writeFiles(ledger.root, { '.git/MERGE_HEAD': `${ledger.to}\n` });
    expect(await move(ledger)).toContain('a merge is under way');
  });

  test('of a branch without a commit is none', async () => {
    const ledger = gitLedger({});
    expect(await ledger.branch.moveTo(await ledger.branch.head(), 'x')).toBe('the branch has no commit yet');
  });
});
