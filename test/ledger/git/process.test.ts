import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { gitLedger, writeScript } from '../../support/ledger-dir.ts';

test('a git that fails says which command, and why', async () => {
  const { ours } = gitLedger();
  await expect(ours.process.run(['cat-file', 'blob', 'HEAD:nowhere'])).rejects.toThrow(
    expect.objectContaining({ code: 'GIT_FAILED', message: expect.stringMatching(/^git cat-file: .*nowhere/) }),
  );
});

test('a git that fails without a word says how it ended', async () => {
  const { ours } = gitLedger();
  await expect(ours.process.run(['diff', '--quiet', 'HEAD', 'HEAD^{tree}~9'])).rejects.toThrow(/^git diff: /);
  await expect(ours.process.run(['merge-base', '--is-ancestor', 'HEAD', 'HEAD~1'])).rejects.toThrow(
    /^git merge-base: /,
  );
});

test('a question whose answer is no has no answer', async () => {
  const { ours } = gitLedger();
  expect(await ours.process.ask(['config', '--get', 'nobody.knows'])).toBeUndefined();
});

test('what is given to stdin arrives byte for byte', async () => {
  const { ours } = gitLedger();
  const input = 'ü\n\u{1f680}\0no newline at the end';
  const id = (await ours.process.run(['hash-object', '-w', '--stdin'], { input })).trim();
  expect(await ours.process.run(['cat-file', 'blob', id])).toBe(input);
});

test('an index of its own is the only one that a call changes', async () => {
  const { ours, git, scratch } = gitLedger();
  const indexFile = path.join(scratch, 'own');
  await ours.process.run(['read-tree', '--empty'], { indexFile });
  expect(await ours.process.run(['ls-files'], { indexFile })).toBe('');
  expect(git('ls-files')).toBe('README.md');
});

test('a git that takes too long is ended, whatever it says meanwhile', async () => {
  const { ours, git, scratch } = gitLedger();
  const chatter = writeScript(path.join(scratch, 'chatter'), 'while echo still here >&2; do sleep 0.05; done');
  git('config', 'alias.chatter', `!${chatter}`);
  await expect(ours.process.run(['chatter'], { limitMs: 200 })).rejects.toThrow('git chatter: took too long');
});

test('a git that says nothing is not waited for when it has ended', async () => {
  const { ours } = gitLedger();
  const timers = vi.spyOn(globalThis, 'setTimeout');
  try {
    expect(await ours.process.run(['ls-files', '--unmerged'])).toBe('');
    expect(await ours.process.ask(['rev-parse', '--verify', '--quiet', 'HEAD:nothing'])).toBeUndefined();
    // Where git hangs, it is ended; the 50 ms are for a git that has ended and whose streams are open yet.
    expect(timers.mock.calls.filter(([, ms]) => ms === 50)).toHaveLength(2);
  } finally {
    timers.mockRestore();
  }
});
