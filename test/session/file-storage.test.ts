import { describe, expect, test } from 'vitest';
import { planStorage, type StorageRules, withAttributes } from '../../src/session/file-storage.ts';

const PLAIN: StorageRules = { lfsThreshold: 100, maxFileBytes: 200, usesLfs: false, hasGitLfs: true };
const LFS: StorageRules = { ...PLAIN, usesLfs: true };
const WITHOUT_LFS: StorageRules = { ...LFS, hasGitLfs: false };

describe('a file', () => {
  test.each<[string, Partial<Parameters<typeof planStorage>[0]>, StorageRules, object]>([
    ['that is small', { size: 100 }, LFS, { kind: 'git' }],
    ['that is large, where Git LFS is used', { size: 101 }, LFS, { kind: 'lfs', isMarked: false }],
    ['that is large, where it is not', { size: 200 }, PLAIN, { kind: 'git' }],
    ['that is too large', { size: 201 }, PLAIN, { kind: 'left-out', reason: /201 bytes, more than .*\(200 bytes\)/ }],
    ['that is too large for git alone', { size: 9999 }, LFS, { kind: 'lfs', isMarked: false }],
    ['that is marked', { size: 1, isMarked: true }, PLAIN, { kind: 'lfs', isMarked: true }],
    [
      'that is marked, without git-lfs',
      { size: 1, isMarked: true },
      WITHOUT_LFS,
      { kind: 'left-out', reason: /not inst/ },
    ],
    ['that is large, without git-lfs', { size: 101 }, WITHOUT_LFS, { kind: 'left-out', reason: /not installed/ }],
    ['that everybody reads', { file: 'summary.json', size: 150 }, LFS, { kind: 'git' }],
    ['that everybody reads, and is too large', { file: 'meta.json', size: 300 }, LFS, { kind: 'left-out' }],
    [
      'of megabytes',
      { size: 62.5 * 1024 * 1024 },
      { ...PLAIN, maxFileBytes: 50 * 1024 * 1024 },
      { kind: 'left-out', reason: /^it has 62\.5 MB, more than agentwork\.maxFileBytes \(50 MB\)$/ },
    ],
  ])('%s', (_, file, rules, { reason, ...expected }: { reason?: RegExp }) => {
    const plan = planStorage({ file: 'raw.jsonl', size: 0, isMarked: false, ...file }, rules);
    expect(plan).toMatchObject(expected);
    if (reason !== undefined) expect(plan).toMatchObject({ reason: expect.stringMatching(reason) });
  });
});

const LINE = 'raw.jsonl filter=lfs diff=lfs merge=lfs -text';

test.each([
  ['where there are none', '', `${LINE}\n`],
  ['behind those of others', '*.png binary\n', `*.png binary\n${LINE}\n`],
  ['behind a line that does not end', '*.png binary', `*.png binary\n${LINE}\n`],
  ['once', `${LINE}\r\n`, undefined],
])('attributes are added %s', (_, existing, expected) => {
  expect(withAttributes(existing, ['raw.jsonl'])).toBe(expected);
});
