import { describe, expect, test } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '../../src/clock.ts';
import { RateLimiter, type RateWindow } from '../../src/work/rate-limiter.ts';

const NOON = Date.UTC(2026, 2, 6, 12);

/** A limiter of so many tokens an hour, and the clock that it looks at. */
function limiterOf(tokens: number, restored?: RateWindow) {
  const time = { now: NOON };
  const limiter = new RateLimiter(tokens, HOUR_MS, { clock: () => time.now, restored });
  return { limiter, time };
}

const take = (limiter: RateLimiter, times: number) => Array.from({ length: times }, () => limiter.allow());

test('so many calls pass in a window as there are tokens, and not one more', () => {
  const { limiter } = limiterOf(3);
  expect(take(limiter, 5)).toEqual([true, true, true, false, false]);
});

test('looking at what remains takes nothing', () => {
  const { limiter } = limiterOf(2);
  expect([limiter.remaining(), limiter.remaining()]).toEqual([2, 2]);
  limiter.allow();
  expect(limiter.remaining()).toBe(1);
  take(limiter, 5);
  expect(limiter.remaining()).toBe(0);
});

test('all tokens come back at once when the window ends, and none before', () => {
  const { limiter, time } = limiterOf(2);
  take(limiter, 2);
  time.now += HOUR_MS - 1;
  expect(limiter.allow()).toBe(false);
  time.now += 1;
  expect(limiter.remaining()).toBe(2);
  expect(take(limiter, 3)).toEqual([true, true, false]);
});

test('a new window begins when the old one is found to have ended', () => {
  const { limiter, time } = limiterOf(1);
  expect(limiter.refillsAt()).toBe(NOON + HOUR_MS);
  time.now += 90 * MINUTE_MS;
  expect(limiter.window()).toEqual({ startedAt: NOON + 90 * MINUTE_MS, used: 0 });
  expect(limiter.refillsAt()).toBe(NOON + 150 * MINUTE_MS);
});

test('refused calls use nothing up', () => {
  const { limiter } = limiterOf(1);
  take(limiter, 4);
  expect(limiter.window().used).toBe(1);
});

test('a token that was not used comes back, and no more than were taken', () => {
  const { limiter, time } = limiterOf(2);
  take(limiter, 2);
  time.now += MINUTE_MS;
  limiter.giveBack();
  expect(limiter.window()).toEqual({ startedAt: NOON, used: 1 });
  limiter.giveBack();
  limiter.giveBack();
  expect(take(limiter, 3)).toEqual([true, true, false]);
});

describe('a restored window', () => {
  test('goes on where the last pass left it', () => {
    const { limiter } = limiterOf(60, { startedAt: NOON - 10 * MINUTE_MS, used: 58 });
    expect(take(limiter, 3)).toEqual([true, true, false]);
    expect(limiter.refillsAt()).toBe(NOON + 50 * MINUTE_MS);
  });

  test('that has run out is forgotten', () => {
    expect(limiterOf(60, { startedAt: NOON - HOUR_MS, used: 60 }).limiter.remaining()).toBe(60);
  });

  test('of a more generous limit leaves nothing, and never less than nothing', () => {
    expect(limiterOf(10, { startedAt: NOON, used: 50 }).limiter.remaining()).toBe(0);
  });

  test('survives a trip through the limiter that took it over', () => {
    const first = limiterOf(5).limiter;
    take(first, 4);
    expect(take(limiterOf(5, first.window()).limiter, 2)).toEqual([true, false]);
  });
});

describe('when the clock is set back', () => {
  test('what was used stays used, and the window ends an hour from now', () => {
    const { limiter, time } = limiterOf(2);
    take(limiter, 2);
    time.now -= 5 * HOUR_MS;
    expect(limiter.remaining()).toBe(0);
    expect(limiter.refillsAt()).toBe(NOON - 4 * HOUR_MS);
    time.now += HOUR_MS;
    expect(limiter.remaining()).toBe(2);
  });

  test('a window from the future does not block for longer than one window', () => {
    const { limiter, time } = limiterOf(1, { startedAt: NOON + 365 * 24 * HOUR_MS, used: 1 });
    expect(limiter.allow()).toBe(false);
    time.now += HOUR_MS;
    expect(limiter.allow()).toBe(true);
  });
});
