import { describe, expect, test } from 'vitest';
import { completeItem } from '../../src/work/queue.ts';
import { RunLog, targetOf } from '../../src/work/run-log.ts';
import { type MeasuredUsage, RunError, type RunFailureKind, type RunResult } from '../../src/work/runner.ts';

const NOON = Date.UTC(2026, 2, 6, 12);
const ITEM = completeItem({ type: 'test', payload: undefined, dedupKey: 'test:a' }, NOON);
const begin = async () => {};

const logOf = () => new RunLog(() => NOON);
const answered = (usage: MeasuredUsage) => async (): Promise<RunResult> => ({
  ...{ output: 'good', duration: 1, exitCode: 0 },
  ...usage,
});
const failed =
  (kind: RunFailureKind, usage: MeasuredUsage = {}) =>
  async (): Promise<RunResult> => {
    throw new RunError(kind, 'no', { exitCode: 7, usage });
  };

describe('a run', () => {
  test('that was stopped by us is no failure of the agent', async () => {
    const log = logOf();
    await expect(log.enter(ITEM, begin, failed('aborted'))).rejects.toThrow('no');
    expect(log.stats).toEqual({ total_invocations: 0, successes: 0, failures: 0 });
    await expect(log.enter(ITEM, begin, failed('crashed'))).rejects.toThrow('no');
    await log.enter(ITEM, begin, answered({}));
    expect(log.stats).toEqual({ total_invocations: 2, successes: 1, failures: 1 });
    expect(log.recent).toMatchObject([
      { status: 'completed' },
      { status: 'failed', exit_code: 7 },
      { status: 'failed' },
    ]);
  });

  test('that could not begin is not entered', async () => {
    const log = logOf();
    const full = async () => {
      throw new Error('the disk is full');
    };
    await expect(log.enter(ITEM, full, answered({}))).rejects.toThrow('the disk is full');
    expect([log.active, log.recent, log.spentOn(ITEM).runs]).toEqual([[], [], 0]);
  });
});

test('what runs took is summed, and the model is that of the last one that told', async () => {
  const log = logOf();
  expect(log.spentOn(ITEM)).toEqual({ runs: 0, tokensIn: 0, tokensOut: 0, costUsd: 0 });
  await log.enter(ITEM, begin, answered({}));
  expect(log.spentOn(ITEM)).toStrictEqual({ runs: 1, tokensIn: 0, tokensOut: 0, costUsd: 0 });
  await log.enter(ITEM, begin, answered({ model: 'a', tokensIn: 100, tokensOut: 10, costUsd: 0.25 }));
  await log.enter(ITEM, begin, answered({ model: 'b', tokensIn: 200, tokensOut: 20, costUsd: 0.5 }));
  await log.enter(ITEM, begin, failed('crashed', { tokensIn: 1 })).catch(() => {});
  expect(log.spentOn(ITEM)).toEqual({ runs: 4, tokensIn: 301, tokensOut: 30, costUsd: 0.75, model: 'b' });
  log.beginDrain();
  expect(log.spentOn(ITEM).runs).toBe(0);
});

test.each([
  ['session-finalize:2026-03-06T10-00-ryan-Ox7f3a', '2026-03-06T10-00-ryan-Ox7f3a'],
  ['a:b:c', 'b:c'],
  ['plain', 'plain'],
])('%s works on %s', (dedupKey, target) => {
  expect(targetOf({ dedupKey })).toBe(target);
});
