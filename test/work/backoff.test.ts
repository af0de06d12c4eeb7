import { expect, test } from 'vitest';
import { MINUTE_MS, SECOND_MS } from '../../src/clock.ts';
import { backoffMs } from '../../src/work/backoff.ts';
import { Breaker } from '../../src/work/breaker.ts';

test.each([
  [1, 0, 0, 2 * SECOND_MS],
  [1, 1, 0, 4 * SECOND_MS],
  [2, 0, 0, 8 * SECOND_MS],
  [2, 0.5, 0, 12 * SECOND_MS],
  [1, 0, 30 * SECOND_MS, 30 * SECOND_MS],
  [1, 1, 30 * SECOND_MS, 32 * SECOND_MS],
  [3, 1, 0, MINUTE_MS],
  [1, 1, 10 * MINUTE_MS, MINUTE_MS],
])('after run %i, with chance %d and %i ms asked for, %i ms are waited', (run, random, asked, expected) => {
  expect(backoffMs(run, random, asked)).toBe(expected);
});

test.each([
  ['five of one kind in a row', 'aaaaa', true],
  ['four of one kind', 'aaaa', false],
  ['five with a success among them', 'aaa.aa', false],
  ['five with another kind among them', 'aabaaa', false],
  ['five after others', 'ab.bccccc', true],
])('the breaker after %s', (_, ends, isTripped) => {
  const breaker = new Breaker();
  for (const end of ends) breaker.note(end === '.' ? undefined : end);
  expect(breaker.isTripped).toBe(isTripped);
});
