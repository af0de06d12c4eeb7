import { describe, expect, test } from 'vitest';
import { HOUR_MS } from '../../src/clock.ts';
import { absenceOf, budgetStop, notInstalledStop, pausedStop, rateStop } from '../../src/work/agent-stop.ts';
import type { BudgetRefusal } from '../../src/work/budget.ts';
import { MockRunner } from '../../src/work/mock-runner.ts';

const NOON = Date.UTC(2026, 2, 6, 12);
const MIDNIGHT = NOON + 12 * HOUR_MS;

test('an agent that is not there is told by its name, or by where it was looked for', () => {
  const runner = new MockRunner(false);
  expect(absenceOf(runner)).toBe('mock is not installed, or not on PATH');
  const told = Object.assign(new MockRunner(false), { absence: () => 'there is no program /opt/mock' });
  expect(notInstalledStop(told)).toMatchObject({
    kind: 'unavailable',
    error: { kind: 'not_installed', message: 'there is no program /opt/mock' },
  });
});

test('a pause is told as the agent said it', () => {
  const pause = { since: NOON, until: NOON + HOUR_MS, reason: 'resets 1pm' };
  expect(pausedStop(pause, true)).toEqual({
    kind: 'paused',
    message: 'resets 1pm',
    until: NOON + HOUR_MS,
    isNew: true,
  });
});

test('runs of an hour that are used up come back', () => {
  expect(rateStop(60, NOON)).toEqual({
    kind: 'limit',
    what: 'rate',
    message: 'the 60 agent runs of this hour are used up (agentwork.maxInvocationsPerHour)',
    until: NOON,
  });
});

describe('a limit that does not leave enough', () => {
  const refusal = (more: Partial<BudgetRefusal>): BudgetRefusal => ({
    ...{ why: 'used-up', limit: 'maxCostUsdPerDay', allowed: 1, used: 1, needed: 0.25, ...more },
  });

  test.each<[string, Partial<BudgetRefusal>, string, number | undefined]>([
    [
      'of a day is a new one tomorrow',
      {},
      '$1.00 of $1.00 for this day are used (agentwork.maxCostUsdPerDay), and one more run can take $0.25',
      MIDNIGHT,
    ],
    [
      'for the last run is one tomorrow too',
      { why: 'too-large', used: 0.8, needed: 1 },
      '$0.80 of $1.00 for this day are used (agentwork.maxCostUsdPerDay), and one more run can take $1.00',
      MIDNIGHT,
    ],
    [
      'of a pass is none tomorrow',
      { limit: 'maxCostUsd' },
      '$1.00 of $1.00 for one pass are used (agentwork.maxCostUsd), and one more run can take $0.25',
      undefined,
    ],
    [
      'for what nobody knows is a new one tomorrow',
      { needed: undefined },
      '$1.00 of $1.00 for this day are used (agentwork.maxCostUsdPerDay)',
      MIDNIGHT,
    ],
    [
      'since it is nothing stays nothing',
      { allowed: 0, used: 0, needed: 0 },
      '$0.00 of $0.00 for this day are used (agentwork.maxCostUsdPerDay), and one more run can take $0.00',
      undefined,
    ],
    [
      'and never will is told with what would be used up',
      { needed: 1.5 },
      '$1.00 of $1.00 for this day are used (agentwork.maxCostUsdPerDay), and one more run can take $1.50',
      undefined,
    ],
    [
      'of tokens is told in tokens',
      { limit: 'maxTokensPerDay', allowed: 2_000_000, used: 1_999_000, needed: 50_000 },
      '1,999,000 tokens of 2,000,000 tokens for this day are used (agentwork.maxTokensPerDay), and one more run can take 50,000 tokens',
      MIDNIGHT,
    ],
    [
      'for a run that alone is over it waits until somebody raises it',
      { why: 'too-large', allowed: 0.01, needed: 0.0123 },
      'one run can take $0.01, and agentwork.maxCostUsdPerDay allows $0.01 for this day',
      undefined,
    ],
    [
      'is told with more digits where two would say nothing',
      { why: 'too-large', allowed: 0.0012, needed: 0.0034 },
      'one run can take $0.0034, and agentwork.maxCostUsdPerDay allows $0.0012 for this day',
      undefined,
    ],
    [
      'of tokens for one run is told in tokens',
      { why: 'too-large', limit: 'maxTokensPerDay', allowed: 1000, needed: 5000 },
      'one run can take 5,000 tokens, and agentwork.maxTokensPerDay allows 1,000 tokens for this day',
      undefined,
    ],
  ])('%s', (_, more, message, until) => {
    const what = more.limit === 'maxTokensPerDay' ? 'tokens' : 'cost';
    expect(budgetStop(refusal(more), NOON)).toStrictEqual({
      ...{ kind: 'limit', what, message },
      ...(until !== undefined && { until }),
    });
  });
});
