import { describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, isoTime, MINUTE_MS, parseTime, SECOND_MS, systemClock } from '../src/clock.ts';

const TEN = Date.UTC(2026, 2, 6, 10, 0, 5);

test('a day is made of its parts', () => {
  expect([SECOND_MS, MINUTE_MS, HOUR_MS, DAY_MS]).toEqual([1000, 60_000, 3_600_000, 86_400_000]);
});

describe('a time', () => {
  test.each<[unknown, number | undefined]>([
    ['2026-03-06T10:00:05Z', TEN],
    ['2026-03-06T10:00:05.000Z', TEN],
    ['2026-03-06T10:00:05.123456789Z', TEN + 123],
    ['2026-03-06T11:00:05+01:00', TEN],
    ['2026-03-06T04:30:05-05:30', TEN],
    ['1969-12-31T23:59:59Z', -1000],
    ['0001-01-01T00:00:00Z', undefined],
    ['0001-01-01T00:00:00+00:00', undefined],
    ['2026-13-06T10:00:05Z', undefined],
    ['yesterday', undefined],
    ['', undefined],
    [TEN, undefined],
    [null, undefined],
    [undefined, undefined],
    [{}, undefined],
  ])('%j is %s', (text, expected) => {
    expect(parseTime(text)).toBe(expected);
  });

  test('is written so that it is read back', () => {
    expect(isoTime(TEN)).toBe('2026-03-06T10:00:05.000Z');
    expect(parseTime(isoTime(TEN + 7))).toBe(TEN + 7);
  });
});

test('the system clock goes on', () => {
  const before = systemClock();
  expect(systemClock()).toBeGreaterThanOrEqual(before);
  expect(before).toBeGreaterThan(Date.UTC(2024, 0));
});
