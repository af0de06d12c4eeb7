import { describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/clock.ts';
import {
  addToDay,
  dayOf,
  NO_USAGE,
  nextDayMs,
  parseUsageByDay,
  totalUsage,
  type UsageByDay,
  usageByModel,
} from '../../src/work/usage.ts';

const NOON = Date.UTC(2026, 2, 6, 12);
const run = (cost_usd: number, more = {}) => ({ runs: 1, tokens_in: 100, tokens_out: 10, cost_usd, ...more });
const none: UsageByDay = {};

test('a day is one of UTC, whatever zone the machine has', () => {
  expect(dayOf(Date.UTC(2026, 2, 6, 23, 59, 59, 999))).toBe('2026-03-06');
  expect(dayOf(Date.UTC(2026, 2, 7))).toBe('2026-03-07');
  expect(nextDayMs(NOON)).toBe(Date.UTC(2026, 2, 7));
  expect(nextDayMs(Date.UTC(2026, 2, 7))).toBe(Date.UTC(2026, 2, 8));
});

describe('runs', () => {
  test('are summed by day and model', () => {
    let days = addToDay(none, NOON, 'haiku', run(0.25));
    days = addToDay(days, NOON + HOUR_MS, 'haiku', run(0.5, { estimated_runs: 1 }));
    days = addToDay(days, NOON, 'opus', run(4));
    days = addToDay(days, NOON + DAY_MS, 'haiku', run(1));
    expect(days).toEqual({
      '2026-03-06': {
        haiku: { runs: 2, tokens_in: 200, tokens_out: 20, cost_usd: 0.75, estimated_runs: 1 },
        opus: run(4),
      },
      '2026-03-07': { haiku: run(1) },
    });
  });

  test('of a model that is called like a property of every object are runs of a model', () => {
    const days = addToDay(addToDay(none, NOON, 'constructor', run(1)), NOON, 'constructor', run(2));
    expect(days['2026-03-06']?.constructor).toMatchObject({ runs: 2, cost_usd: 3 });
  });

  test('of a month are kept, and a clock that jumps ahead for a moment makes none forgotten', () => {
    const month = Array.from({ length: 60 }, (_, day) => NOON + day * DAY_MS);
    const days = month.reduce((sum, at) => addToDay(sum, at, 'a', run(1)), none);
    expect(Object.keys(days)).toHaveLength(32);
    const jumped = addToDay(days, NOON + 4000 * DAY_MS, 'a', run(1));
    expect(usageByModel(jumped, month.at(-1) ?? 0, 7)).toMatchObject({ a: { runs: 7 } });
  });

  test('of the newest days are kept, in whatever order they were saved', () => {
    const month = Array.from({ length: 60 }, (_, day) => dayOf(NOON + day * DAY_MS));
    const saved = Object.fromEntries(month.toReversed().map((day) => [day, { a: run(1) }]));
    const days = addToDay(saved, NOON + 60 * DAY_MS, 'a', run(1));
    expect(Object.keys(days)).toEqual([...month.slice(-31), dayOf(NOON + 60 * DAY_MS)]);
  });
});

describe('the last seven days', () => {
  const around = () => [-7, -6, -1, 0, 1].reduce((sum, day) => addToDay(sum, NOON + day * DAY_MS, 'a', run(1)), none);

  test('are today and the six before', () => {
    expect(usageByModel(around(), NOON, 7)).toMatchObject({ a: { runs: 3 } });
    expect(usageByModel(around(), NOON, 1)).toMatchObject({ a: { runs: 1 } });
  });

  test('of all models together', () => {
    expect(totalUsage(usageByModel(addToDay(around(), NOON, 'b', run(2)), NOON, 7))).toMatchObject({
      runs: 4,
      cost_usd: 5,
    });
    expect(totalUsage({})).toEqual(NO_USAGE);
  });
});

test.each([
  ['nothing', undefined],
  ['null', null],
  ['more than a day', { '2026-03-06T12': { a: run(1) }, '+2026-03-06': { a: run(1) } }],
  ['a list', [1, 2]],
  ['a text', 'x'],
  ['no day', { yesterday: { a: run(1) } }],
  ['no models', { '2026-03-06': 7 }],
  ['no numbers', { '2026-03-06': { a: { ...run(1), runs: '1' } } }],
  ['numbers below zero', { '2026-03-06': { a: run(-1) } }],
  ['numbers that are none', { '2026-03-06': { a: run(Number.NaN) } }],
  ['numbers without end', { '2026-03-06': { a: run(Number.POSITIVE_INFINITY) } }],
])('a state that holds %s where usage belongs holds no usage', (_, value) => {
  expect(Object.values(parseUsageByDay(value)).flatMap(Object.values)).toEqual([]);
});

test('what is saved is read back', () => {
  const days = addToDay(addToDay(none, NOON, 'a', run(1, { estimated_runs: 1 })), NOON, 'free', run(0));
  expect(parseUsageByDay(JSON.parse(JSON.stringify(days)))).toEqual(days);
});
