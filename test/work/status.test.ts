import { describe, expect, test } from 'vitest';
import { SECOND_MS } from '../../src/clock.ts';
import { Manager } from '../../src/work/manager.ts';
import { RateLimiter } from '../../src/work/rate-limiter.ts';
import { type AgentWorkStats, addInvocation, finishProcess, NO_STATS, startProcess } from '../../src/work/status.ts';

const STARTED = Date.UTC(2026, 2, 6, 10, 0, 5);
const running = startProcess(4711, 'session-finalize', '2026-03-06T10-00-ryan-Ox7f3a', STARTED);

/** What a reader of the JSON sees. */
const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('an invocation in JSON', () => {
  test('that runs has neither duration nor error nor exit code', () => {
    expect(json(running)).toEqual({
      pid: 4711,
      work_type: 'session-finalize',
      target: '2026-03-06T10-00-ryan-Ox7f3a',
      started_at: '2026-03-06T10:00:05.000Z',
      status: 'running',
    });
  });

  test('that ended well has its duration in nanoseconds, and leaves out exit code 0', () => {
    const done = finishProcess(running, { durationMs: 1500.25, exitCode: 0 });
    expect(json(done)).toEqual({ ...running, status: 'completed', duration: 1_500_250_000 });
  });

  test('that failed says why and how', () => {
    const failed = finishProcess(running, { durationMs: 2 * SECOND_MS, error: 'no answer', exitCode: 1 });
    expect(json(failed)).toEqual({
      ...running,
      status: 'failed',
      duration: 2_000_000_000,
      error: 'no answer',
      exit_code: 1,
    });
  });

  test('that told what it took says so, and leaves out what is nothing', () => {
    const usage = { model: 'haiku', tokensIn: 300, tokensOut: 20, costUsd: 0.5 };
    const told = { model: 'haiku', tokens_in: 300, tokens_out: 20, cost_usd: 0.5 };
    expect(finishProcess(running, { durationMs: 0, usage })).toStrictEqual({
      ...running,
      status: 'completed',
      ...told,
    });
    const nothing = { tokensIn: 0, tokensOut: 0, costUsd: 0 };
    const quiet = finishProcess(running, { durationMs: 0, usage: nothing });
    expect(quiet).toStrictEqual({ ...running, status: 'completed' });
  });

  test('that failed without words is failed all the same', () => {
    expect(json(finishProcess(running, { durationMs: 0, error: '' }))).toEqual({ ...running, status: 'failed' });
  });

  test('has no negative duration after the clock was set back', () => {
    expect(finishProcess(running, { durationMs: -5 })).not.toHaveProperty('duration');
  });

  test('has a whole number of nanoseconds, as Go reads it', () => {
    expect(Number.isInteger(finishProcess(running, { durationMs: 0.1234567 }).duration)).toBe(true);
  });
});

test.each<[boolean, AgentWorkStats]>([
  [true, { total_invocations: 4, successes: 3, failures: 1 }],
  [false, { total_invocations: 4, successes: 2, failures: 2 }],
])('a run that succeeded: %s is counted once', (succeeded, expected) => {
  expect(addInvocation({ total_invocations: 3, successes: 2, failures: 1 }, succeeded)).toEqual(expected);
});

describe('a snapshot in JSON', () => {
  const manager = (restored: ConstructorParameters<typeof Manager>[0]['restored'] = {}) =>
    new Manager({
      ledgerPath: '/ledger',
      runner: null,
      agentType: 'claude',
      maxConcurrent: 1,
      limiter: new RateLimiter(1, SECOND_MS),
      restored,
    });

  test('has exactly the keys that are never left out, when there is nothing to tell', () => {
    expect(json(manager().status())).toEqual({
      enabled: true,
      agent_type: 'claude',
      agent_available: false,
      queue_depth: 0,
      stats: { total_invocations: 0, successes: 0, failures: 0 },
    });
  });

  test('shows what earlier passes did', () => {
    const recent = [finishProcess(running, { durationMs: 1 })];
    const stats = addInvocation(NO_STATS, true);
    expect(json(manager({ recent, stats }).status())).toMatchObject({ recent, stats });
  });
});
