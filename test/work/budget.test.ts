import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/clock.ts';
import {
  Budget,
  type BudgetLimits,
  type BudgetMemory,
  parseInterrupted,
  parseReservations,
} from '../../src/work/budget.ts';
import type { RunEstimate } from '../../src/work/estimate.ts';
import { totalUsage, usageByModel } from '../../src/work/usage.ts';

const NOON = Date.UTC(2026, 2, 6, 12);

/** A run that is expected to take half of what it can. */
function run(mostUsd: number | undefined, mostTokens = 1000): RunEstimate {
  const costUsd = mostUsd === undefined ? undefined : mostUsd / 2;
  const most = { tokens: mostTokens, costUsd: mostUsd };
  return { model: 'haiku', rawTokensIn: 400, tokensIn: 400, tokensOut: 100, costUsd, most };
}

function budgetOf(limits: BudgetLimits, restored?: BudgetMemory) {
  const time = { now: NOON };
  const budget = new Budget(limits, { clock: () => time.now, restored });
  const spent = () => totalUsage(usageByModel(budget.memory.days, time.now, 1));
  const settle = (key: string, costUsd: number) =>
    budget.settle(key, { model: 'haiku', tokensIn: 1, tokensOut: 1, costUsd });
  return { budget, time, spent, settle };
}

describe('without limits', () => {
  test('everything may start, and is entered all the same', () => {
    const { budget, spent, settle } = budgetOf({});
    expect(budget.reserve('a', run(1e9, 1e12))).toBeUndefined();
    expect(budget.allowanceUsd('a'), 'an answer that is too long ends there').toBe(1e9);
    settle('a', 0.25);
    expect(spent()).toEqual({ runs: 1, tokens_in: 1, tokens_out: 1, cost_usd: 0.25 });
  });
});

describe('a run may not start', () => {
  test('while those under way could use up what it needs', () => {
    const { budget, settle } = budgetOf({ maxCostUsd: 1 });
    expect(budget.reserve('a', run(0.6))).toBeUndefined();
    expect(budget.reserve('b', run(0.6))).toMatchObject({ why: 'in-flight', limit: 'maxCostUsd' });
    settle('a', 0.1);
    expect(budget.reserve('b', run(0.6))).toBeUndefined();
  });

  test('when what is left is not enough for it', () => {
    const { budget, settle } = budgetOf({ maxCostUsd: 1 });
    budget.reserve('a', run(0.6));
    settle('a', 0.6);
    expect(budget.reserve('b', run(0.6))).toEqual({
      why: 'too-large',
      limit: 'maxCostUsd',
      allowed: 1,
      used: 0.6,
      needed: 0.6,
    });
    expect(budget.reserve('b', run(0.4))).toBeUndefined();
  });

  test('when it alone is over the limit; a smaller one may', () => {
    const { budget } = budgetOf({ maxCostUsd: 1 });
    expect(budget.reserve('a', run(1.5))).toMatchObject({ why: 'too-large', needed: 1.5 });
    expect(budget.reserve('b', run(0.5))).toBeUndefined();
  });

  test('when everything is used up, however large it is', () => {
    const { budget, settle } = budgetOf({ maxCostUsd: 1 });
    budget.reserve('a', run(1));
    settle('a', 1);
    expect(budget.reserve('b', run(1.5))).toMatchObject({ why: 'used-up' });
  });

  test('when the tokens of the day, in and out together, do not leave enough', () => {
    const { budget } = budgetOf({ maxTokensPerDay: 2000 });
    budget.reserve('a', run(0.1));
    budget.settle('a', { tokensIn: 600, tokensOut: 600, costUsd: 0 });
    expect(budget.reserve('b', run(0.1))).toMatchObject({ why: 'too-large', limit: 'maxTokensPerDay', used: 1200 });
  });

  test('with a limit of nothing', () => {
    expect(budgetOf({ maxCostUsd: 0 }).budget.reserve('a', run(0.1))).toMatchObject({ why: 'used-up' });
    expect(budgetOf({ maxTokensPerDay: 0 }).budget.reserve('a', run(0.1))).toMatchObject({ why: 'used-up' });
    expect(budgetOf({ maxCostUsd: 0 }).budget.reserve('a', run(undefined))).toMatchObject({ why: 'used-up' });
  });
});

describe('a run whose price nobody knows', () => {
  test('runs alone, with all that is left', () => {
    const { budget, settle } = budgetOf({ maxCostUsd: 1 });
    budget.reserve('a', run(0.5));
    expect(budget.reserve('b', run(undefined))).toMatchObject({ why: 'in-flight' });
    settle('a', 0.25);
    expect(budget.reserve('b', run(undefined))).toBeUndefined();
    expect(budget.allowanceUsd('b')).toBe(0.75);
    expect(budget.reserve('c', run(0.01))).toMatchObject({ why: 'in-flight' });
  });

  test('that tells nothing either has used up what it was allowed', () => {
    const { budget, spent } = budgetOf({ maxCostUsdPerDay: 1 });
    budget.reserve('a', run(undefined));
    budget.settle('a', {});
    expect(spent()).toMatchObject({ cost_usd: 1, estimated_runs: 1 });
    expect(budget.reserve('b', run(undefined))).toMatchObject({ why: 'used-up' });
  });

  test('that tells nothing either counts as one of a dear model, where that is less than what is left', () => {
    const { budget, spent } = budgetOf({ maxCostUsdPerDay: 20 });
    budget.reserve('a', { ...run(undefined), guessUsd: 0.4 });
    expect(budget.allowanceUsd('a')).toBe(20);
    budget.settle('a', {});
    expect(spent()).toMatchObject({ cost_usd: 0.4, estimated_runs: 1 });
    expect(budget.reserve('b', run(undefined))).toBeUndefined();
  });

  test('that tells its tokens counts by the price list, where that has its model', () => {
    const { budget, spent } = budgetOf({ maxCostUsdPerDay: 20 });
    budget.reserve('a', run(undefined));
    budget.settle('a', { model: 'haiku', tokensIn: 3000, tokensOut: 1000 }, 0.008);
    expect(spent()).toMatchObject({ tokens_in: 3000, cost_usd: 0.008, estimated_runs: 1 });
  });

  test('may take what the tighter of two limits leaves', () => {
    const { budget } = budgetOf({ maxCostUsd: 1, maxCostUsdPerDay: 5 });
    budget.reserve('a', run(undefined));
    expect(budget.allowanceUsd('a')).toBe(1);
  });

  test('counts nothing where dollars do not, if it tells nothing', () => {
    const { budget, spent } = budgetOf({});
    budget.reserve('a', { ...run(undefined), guessUsd: 0.4 });
    budget.settle('a', {});
    expect(spent()).toMatchObject({ runs: 1, cost_usd: 0, estimated_runs: 1 });
  });

  test('is not held back where only tokens count', () => {
    const { budget } = budgetOf({ maxTokensPerDay: 2000 });
    expect(budget.reserve('a', run(undefined))).toBeUndefined();
    expect(budget.allowanceUsd('a')).toBeUndefined();
    expect(budget.reserve('b', run(undefined))).toBeUndefined();
    expect(budget.reserve('c', run(undefined))).toMatchObject({ why: 'in-flight', limit: 'maxTokensPerDay' });
  });
});

describe('a day', () => {
  test('counts the runs of earlier passes, and is new at midnight UTC', () => {
    const first = budgetOf({ maxCostUsdPerDay: 1 });
    first.budget.reserve('a', run(0.9));
    first.settle('a', 0.9);
    const { budget, time } = budgetOf({ maxCostUsdPerDay: 1 }, first.budget.memory);
    expect(budget.reserve('b', run(0.5))).toMatchObject({ why: 'too-large', limit: 'maxCostUsdPerDay' });
    time.now = NOON + 12 * HOUR_MS;
    expect(budget.reserve('b', run(0.5))).toBeUndefined();
  });

  test('counts what was begun on it, and ended on the next', () => {
    const { budget, time, settle } = budgetOf({});
    budget.reserve('a', run(0.9));
    time.now = NOON + DAY_MS;
    settle('a', 0.9);
    expect(Object.keys(budget.memory.days)).toEqual(['2026-03-06']);
  });

  test('is another limit than that of a pass', () => {
    const first = budgetOf({ maxCostUsd: 1 });
    first.budget.reserve('a', run(0.9));
    first.settle('a', 0.9);
    expect(budgetOf({ maxCostUsd: 1 }, first.budget.memory).budget.reserve('b', run(0.9))).toBeUndefined();
  });
});

describe('a run that breaks off', () => {
  test('without a word counts as it was expected, and says so', () => {
    const { budget, spent } = budgetOf({});
    budget.reserve('a', run(0.5));
    budget.settle('a', {});
    expect(spent()).toEqual({ runs: 1, tokens_in: 400, tokens_out: 100, cost_usd: 0.25, estimated_runs: 1 });
  });

  test.each([
    ['cost', { tokensIn: 500, tokensOut: 20 }, { tokens_in: 500, tokens_out: 20, cost_usd: 0.25 }],
    ['tokens', { costUsd: 0.4 }, { tokens_in: 400, tokens_out: 100, cost_usd: 0.4 }],
    ['cost and its answer', { tokensIn: 500 }, { tokens_in: 500, tokens_out: 0, cost_usd: 0.25 }],
  ])('without its %s counts for that as it was expected', (_, told, entered) => {
    const { budget, spent } = budgetOf({});
    budget.reserve('a', run(0.5));
    budget.settle('a', told);
    expect(spent()).toEqual({ runs: 1, ...entered, estimated_runs: 1 });
  });

  test('with its pass is entered by the next one', () => {
    const killed = budgetOf({});
    killed.budget.reserve('a', run(0.5));
    const saved = JSON.parse(JSON.stringify(killed.budget.memory)) as BudgetMemory;
    const { budget, spent } = budgetOf({ maxCostUsd: 1 }, { ...saved, reserved: parseReservations(saved.reserved) });
    expect(spent()).toMatchObject({ runs: 1, cost_usd: 0.25, estimated_runs: 1 });
    expect(budget.memory.reserved).toEqual([]);
    expect(budget.reserve('b', run(1)), 'it was no run of this pass').toBeUndefined();
  });

  test('with its pass is remembered by its key, until a run for that key ends in any way', () => {
    const passes = (count: number) => {
      let memory: BudgetMemory | undefined;
      for (let pass = 0; pass < count; pass += 1) {
        const { budget } = budgetOf({}, memory);
        budget.reserve('a', run(0.5));
        memory = JSON.parse(JSON.stringify(budget.memory)) as BudgetMemory;
      }
      return budgetOf({}, memory).budget;
    };
    expect(passes(3).interruptions('a')).toBe(3);
    const budget = passes(2);
    budget.reserve('a', run(0.5));
    budget.settle('a', {});
    expect(budget.interruptions('a')).toBe(0);
    expect(budget.memory.interrupted).toEqual({});
  });

  test('by a program that does so each time counts like a kill; by a person it does not', () => {
    const { budget, spent } = budgetOf({});
    for (const isCounted of [true, false, true]) {
      budget.reserve('a', run(0.5));
      budget.interrupt('a', {}, { isCounted });
    }
    expect(budget.interruptions('a')).toBe(2);
    expect(spent(), 'each may have been paid for').toMatchObject({ runs: 3, cost_usd: 0.75 });
  });

  test('before it was sent costs nothing', () => {
    const { budget, spent } = budgetOf({ maxCostUsd: 1 });
    budget.reserve('a', run(1));
    budget.cancel('a');
    expect(spent().runs).toBe(0);
    expect(budget.reserve('b', run(1))).toBeUndefined();
  });
});

test('an agent is told to end where what was put aside for it ends', () => {
  const { budget } = budgetOf({ maxCostUsd: 1, maxCostUsdPerDay: 5 });
  budget.reserve('a', run(0.3));
  expect(budget.allowanceUsd('a')).toBe(0.3);
});

test('what nothing was put aside for is bounded by nothing, and enters nothing', () => {
  const { budget, spent, settle } = budgetOf({});
  expect(budget.allowanceUsd('a')).toBeUndefined();
  settle('a', 1);
  expect(spent().runs).toBe(0);
});

test('a run counts for the model that answered, or else for the one that was asked', () => {
  const models = (asked: string | undefined, told: object) => {
    const { budget } = budgetOf({});
    budget.reserve('a', { ...run(1), model: asked });
    expect(budget.memory.reserved[0]?.model).toBe(asked ?? 'unknown');
    budget.settle('a', told);
    return Object.keys(budget.memory.days['2026-03-06'] ?? {});
  };
  expect(models('haiku', { model: 'haiku-4-5' })).toEqual(['haiku-4-5']);
  expect(models('haiku', {})).toEqual(['haiku']);
  expect(models(undefined, {})).toEqual(['unknown']);
});

describe('of what a state holds', () => {
  const left = { key: 'a', at: 0, model: 'haiku', tokensIn: 0, tokensOut: 0, costUsd: 0, most: {} };

  test('a reservation is kept', () => {
    expect(parseReservations([left])).toEqual([left]);
  });

  test.each<[unknown]>([
    [null],
    [7],
    ['x'],
    [{}],
    ...[{ key: 7 }, { model: undefined }, { at: Number.NaN }, { at: -1 }].map((more): [object] => [
      { ...left, ...more },
    ]),
    ...[{ tokensIn: '5' }, { tokensOut: -1 }, { costUsd: null }].map((more): [object] => [{ ...left, ...more }]),
  ])('%j is no reservation', (value) => {
    expect(parseReservations([value])).toEqual([]);
  });

  test.each([[undefined], [null], [{}], ['x']])('%j holds no reservations', (value) => {
    expect(parseReservations(value)).toEqual([]);
  });

  test('the counts of killed runs are kept, and what is none is not', () => {
    expect(parseInterrupted({ a: 1, b: 0, c: -1, d: 1.5, e: '2', f: null, g: 3 })).toEqual({ a: 1, g: 3 });
  });

  test.each([[undefined], [null], [7], ['abc'], [[1, 2]]])('%j holds no counts', (value) => {
    expect(parseInterrupted(value)).toEqual({});
  });
});

test('no order of starts and ends, with runs that take what they can at most, comes over a limit', () => {
  const step = fc.record({
    key: fc.nat(5),
    most: fc.integer({ min: 1, max: 60 }),
    share: fc.integer({ min: 0, max: 100 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 0, max: 100 }), (steps, limit) => {
      const { budget, spent } = budgetOf({ maxCostUsdPerDay: limit, maxTokensPerDay: limit * 10 });
      const under = new Map<string, number>();
      for (const { key, most, share } of steps) {
        const name = String(key);
        const running = under.get(name);
        if (running === undefined) {
          if (!budget.reserve(name, run(most, most * 10))) under.set(name, most);
        } else {
          const taken = (running * share) / 100;
          budget.settle(name, { tokensIn: taken * 9, tokensOut: taken, costUsd: taken });
          under.delete(name);
        }
        const { cost_usd, tokens_in, tokens_out } = spent();
        expect(cost_usd).toBeLessThanOrEqual(limit + 1e-9);
        expect(tokens_in + tokens_out).toBeLessThanOrEqual(limit * 10 + 1e-9);
      }
    }),
  );
});
