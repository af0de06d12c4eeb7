import { describe, expect, test } from 'vitest';
import { INTERVALS, isSchedule, makeSchedule, nextDue, timesOf } from '../../src/setup/schedule.ts';

const HOUR = 3_600_000;
/** By the clock on the wall, wherever that hangs. */
const at = (day: number, hour: number, minute: number) => new Date(2026, 2, day, hour, minute).getTime();

describe('the times of passes', () => {
  test.each(INTERVALS)('for %s are the same ones on a machine each time, and others on others', (every) => {
    const schedule = makeSchedule(every, 'here', '/ledger');
    expect(makeSchedule(every, 'here', '/ledger')).toEqual(schedule);
    expect(isSchedule(schedule)).toBe(true);
    const others = Array.from({ length: 50 }, (_, number) => makeSchedule(every, `host ${number}`, '/ledger').minute);
    expect(new Set(others).size).toBeGreaterThan(10);
  });

  test.each([
    ['15m', { minutes: [7, 22, 37, 52], hours: undefined }],
    ['30m', { minutes: [7, 37], hours: undefined }],
    ['1h', { minutes: [7], hours: undefined }],
    ['6h', { minutes: [7], hours: [0, 6, 12, 18] }],
    ['12h', { minutes: [7], hours: [0, 12] }],
    ['1d', { minutes: [7], hours: [5] }],
  ])('of %s are told one by one', (every, times) => {
    expect(timesOf({ every, minute: 7, hour: 5 })).toEqual(times);
  });

  test.each(['7m', 'constructor', ''])('are none of %j', (every) => {
    expect(() => makeSchedule(every, 'here', '/ledger')).toThrow(`'${every}' is none of 15m, 30m, 1h`);
  });

  test.each([
    { every: '1h', minute: 60, hour: 0 },
    { every: '15m', minute: 15, hour: 0 },
    { every: '1d', minute: 0, hour: 24 },
    { every: 'toString', minute: 0, hour: 0 },
  ])('cannot be %j', (schedule) => {
    expect(isSchedule(schedule)).toBe(false);
  });
});

describe('the next pass', () => {
  test.each([
    ['15m', at(6, 12, 0), at(6, 12, 7)],
    ['15m', at(6, 12, 7), at(6, 12, 22)],
    ['1h', at(6, 12, 7), at(6, 13, 7)],
    ['6h', at(6, 18, 8), at(7, 0, 7)],
    ['1d', at(6, 5, 6), at(6, 5, 7)],
    ['1d', at(6, 5, 7), at(7, 5, 7)],
  ])('of every %s comes after %d at %d', (every, now, due) => {
    expect(nextDue({ every, minute: 7, hour: 5 }, now)).toBe(due);
  });

  test.each(INTERVALS)('of every %s always comes, and not later than that', (every) => {
    const schedule = makeSchedule(every, 'here', '/ledger');
    const start = at(6, 0, 0);
    const longest = Array.from({ length: 48 }, (_, hour) => {
      const now = start + hour * HOUR;
      return (nextDue(schedule, now) ?? Number.NaN) - now;
    });
    expect(Math.min(...longest)).toBeGreaterThan(0);
    expect(Math.max(...longest)).toBeLessThanOrEqual(24 * HOUR);
  });
});
