import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { changesOf, gitLedger, statusOf } from '../../support/ledger-dir.ts';
import { writeFiles } from '../../support/temporary-folder.ts';

/** A file system that gives a file one name only. */
vi.mock('node:fs', async (actual) => ({
  ...(await actual<typeof import('node:fs')>()),
  linkSync: () => {
    throw Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM' });
  },
}));

const RAW = 'sessions/a/raw.jsonl';

test('the index is locked as git does it where there are no hard links', async () => {
  const ledger = gitLedger();
  writeFiles(ledger.root, { [RAW]: '{}\n' });
  await ledger.commit(RAW);
  expect([changesOf(ledger), statusOf(ledger)]).toEqual([`A ${RAW}`, []]);
  expect(existsSync(path.join(ledger.root, '.git', 'index.lock'))).toBe(false);
});

test('a lock that a killed pass left there is known by its words, and that of others is not ours', async () => {
  const ledger = gitLedger();
  const lock = path.join(ledger.root, '.git', 'index.lock');
  const marker = path.join(ledger.scratch, 'index-lock-.git');
  for (const file of [lock, marker]) writeFileSync(file, 'a pass');
  expect(await ledger.branch.recover()).toHaveLength(1);
  for (const file of [lock, marker]) writeFileSync(file, `${file}`);
  expect(await ledger.branch.recover()).toHaveLength(0);
  expect(readFileSync(lock, 'utf8')).toBe(lock);
});
