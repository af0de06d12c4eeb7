import { expect, test } from 'vitest';
import { RunError } from '../../src/work/runner.ts';

test('a failed run says what it is, and what came of it as far as that is known', () => {
  const failure = new RunError('crashed', 'no answer');
  expect(failure).toMatchObject({ name: 'RunError', kind: 'crashed', message: 'no answer', stderr: '', usage: {} });
  expect([failure.exitCode, failure.resetsAt, 'cause' in failure]).toEqual([undefined, undefined, false]);
});

test('a failed run passes on all that is known of it', () => {
  const cause = new Error('EPIPE');
  const details = { exitCode: 7, resetsAt: 1, stderr: 'oops', usage: { tokensIn: 5 } };
  expect(new RunError('crashed', 'no answer', { ...details, cause })).toMatchObject({ ...details, cause });
});
