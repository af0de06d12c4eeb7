import { describe, expect, test } from 'vitest';
import { HOUR_MS } from '../../src/clock.ts';
import { AgentGate, type AgentGateOptions, type Attempted } from '../../src/work/agent-gate.ts';
import { Budget, type BudgetLimits } from '../../src/work/budget.ts';
import type { RunEstimate } from '../../src/work/estimate.ts';
import { Estimator } from '../../src/work/estimator.ts';
import { MockRunner } from '../../src/work/mock-runner.ts';
import { RateLimiter } from '../../src/work/rate-limiter.ts';
import { RunError, type RunFailureKind } from '../../src/work/runner.ts';
import { totalUsage, usageByModel } from '../../src/work/usage.ts';

const NOON = Date.UTC(2026, 2, 6, 12);
const REQUEST = { prompt: 'word' };
const GOOD = { output: 'good', duration: 1, exitCode: 0 };
const clock = () => NOON;

/** A gate that is open, what each run can take at most, and what was spent. */
function gateOf(limits: BudgetLimits = {}, options: Partial<AgentGateOptions> = {}) {
  const budget = new Budget(limits, { clock });
  const estimator = new Estimator('claude-haiku-4-5');
  const limiter = new RateLimiter(60, HOUR_MS, { clock });
  const gate = new AgentGate({ runner: new MockRunner(true), clock, limiter, budget, estimator, ...options });
  gate.open(true);
  const spent = () => totalUsage(usageByModel(budget.memory.days, NOON, 1));
  return { gate, budget, estimator, limiter, spent };
}

describe('a run', () => {
  test('that nothing bounds is asked for as it is', () => {
    const { gate } = gateOf({}, { estimator: new Estimator(undefined) });
    expect(gate.admit('a', REQUEST)).toStrictEqual({ to: 'go', request: REQUEST });
  });

  test('is not started once another process has taken the work over', () => {
    let isOurs = true;
    const { gate } = gateOf({}, { isOurs: () => isOurs });
    expect(gate.admit('a', REQUEST).to).toBe('go');
    isOurs = false;
    expect(gate.admit('b', REQUEST)).toEqual({ to: 'leave' });
    expect([gate.stopped, gate.reason]).toEqual([{ kind: 'displaced' }, { kind: 'displaced' }]);
  });

  test('that told its tokens and no cost is entered by the price list, and teaches what it took', () => {
    const { gate, estimator, spent } = gateOf();
    gate.admit('a', REQUEST);
    gate.settle('a', { ...GOOD, tokensIn: 300, tokensOut: 100 });
    expect(spent()).toMatchObject({ runs: 1, cost_usd: expect.closeTo(0.0008, 6) });
    expect(estimator.lessons).toMatchObject({ 'claude-haiku-4-5': { calibration: { runs: 1 } } });
  });

  test('that was never admitted is not entered', () => {
    const { gate, estimator, spent } = gateOf();
    gate.settle('a', { ...GOOD, tokensIn: 1_000_000, tokensOut: 5 });
    expect(spent().runs).toBe(0);
    expect(estimator.lessons).toEqual({});
  });

  test('that never reached the service gives everything back', () => {
    const { gate, limiter, spent } = gateOf();
    gate.admit('a', REQUEST);
    gate.fail('a', new RunError('network', 'no route'), false);
    expect([limiter.remaining(), spent().runs]).toEqual([60, 0]);
  });

  test('that was stopped with the pass may have been paid for, and counts where a program did it', () => {
    const { gate, budget, spent } = gateOf();
    for (const isTerminated of [true, false, true]) {
      gate.admit('a', REQUEST);
      expect(gate.fail('a', new RunError('aborted', 'stopped'), isTerminated)).toBe('leave');
    }
    expect([spent().runs, budget.interruptions('a')]).toEqual([3, 2]);
  });
});

describe('five failures in a row', () => {
  const failed = (kind: RunFailureKind) => {
    const { gate } = gateOf();
    for (let run = 0; run < 5; run += 1) gate.fail(`${run}`, new RunError(kind, 'no'), false);
    return gate.stopped;
  };

  test('end it', () => {
    expect(failed('crashed')).toMatchObject({ kind: 'failing', count: 5, error: { message: 'no' } });
  });

  test('by our own doing do not', () => {
    expect(failed('aborted')).toBeUndefined();
  });
});

test.each<[Attempted, string | undefined]>([
  [{ dedupKey: 'a' }, undefined],
  [{ dedupKey: 'a', attempts: 2, lastErr: 'no' }, undefined],
  [{ dedupKey: 'a', attempts: 3, lastErr: 'no' }, 'no'],
  [{ dedupKey: 'a', attempts: 3, lastErr: '' }, 'the agent failed in earlier passes'],
  [{ dedupKey: 'a', attempts: 3 }, 'the agent failed in earlier passes'],
])('after %j the last word is %s', (item, message) => {
  expect(gateOf().gate.hopeless(item)?.message).toBe(message);
});

describe('a limit', () => {
  const most = (tokens: number): RunEstimate => ({
    ...{ model: 'haiku', rawTokensIn: 1, tokensIn: 1, tokensOut: 1, costUsd: 0, most: { tokens, costUsd: 0 } },
  });
  /** 20,000 tokens a day, of which so many are used; each run can take so many. */
  function nearLimit(used: number, each: number) {
    const runs = { each };
    const estimator = Object.assign(new Estimator('haiku'), { estimate: () => most(runs.each) });
    const made = gateOf({ maxTokensPerDay: 20_000 }, { estimator });
    made.budget.reserve('earlier', most(0));
    made.budget.settle('earlier', { tokensIn: used, tokensOut: 0, costUsd: 0 });
    const ask = (times: number) => Array.from({ length: times }, (_, run) => made.gate.admit(`${run}`, REQUEST).to);
    return { ...made, runs, ask };
  }
  const leave = (times: number) => Array.from({ length: times }, () => 'leave');

  test('that is used up ends all runs at once', () => {
    const { gate, ask } = nearLimit(20_000, 5000);
    expect(ask(1)).toEqual(['leave']);
    expect(gate.stopped).toMatchObject({ kind: 'limit', what: 'tokens' });
  });

  test.each([5000, 20_000])('that leaves no room for %i tokens twenty times in a row ends all runs', (each) => {
    const { gate, ask } = nearLimit(19_000, each);
    expect(ask(19)).toEqual(leave(19));
    expect(gate.stopped).toBeUndefined();
    expect(gate.reason).toMatchObject({ kind: 'limit', what: 'tokens' });
    ask(1);
    expect(gate.stopped).toMatchObject({ kind: 'limit', what: 'tokens' });
  });

  test('goes on while some run fits now and then', () => {
    const { gate, runs, ask } = nearLimit(19_000, 5000);
    ask(19);
    runs.each = 10;
    expect(gate.admit('small', REQUEST).to).toBe('go');
    gate.settle('small', { ...GOOD, tokensIn: 5, tokensOut: 5 });
    runs.each = 5000;
    expect(ask(19)).toEqual(leave(19));
    expect(gate.stopped).toBeUndefined();
  });

  test('that a run alone is over says nothing about the others', () => {
    const { gate, ask } = nearLimit(0, 20_001);
    expect(ask(30)).toEqual(leave(30));
    expect(gate.stopped).toBeUndefined();
    expect(gate.reason).toMatchObject({ kind: 'limit', message: expect.stringContaining('one run can take 20,001') });
  });
});
