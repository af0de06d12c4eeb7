import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/clock.ts';
import { parsePause, pauseFrom, standingPause } from '../../src/work/pause.ts';

const NOON = Date.UTC(2026, 2, 6, 12);

test.each([
  ['until the allotment is there again', NOON + 3 * HOUR_MS, NOON + 3 * HOUR_MS],
  ['for an hour where nobody said when that is', undefined, NOON + HOUR_MS],
  ['for seven days at most', NOON + 30 * DAY_MS, NOON + 7 * DAY_MS],
])('a pause lasts %s', (_, resetsAt, until) => {
  expect(pauseFrom(NOON, 'limit reached', resetsAt)).toEqual({ since: NOON, until, reason: 'limit reached' });
});

test.each([
  ['before its end', NOON + HOUR_MS - 1, true],
  ['at its end', NOON + HOUR_MS, false],
  ['when the clock was set back a little', NOON - 10 * MINUTE_MS, true],
  ['when the clock was set back by an hour', NOON - HOUR_MS, true],
  ['when the clock was set back by more', NOON - HOUR_MS - 1, false],
  ['when the clock was set back by a year', NOON - 365 * DAY_MS, false],
])('%s it stands or not', (_, now, stands) => {
  const pause = pauseFrom(NOON, 'limit reached', undefined);
  expect(standingPause(pause, now)).toBe(stands ? pause : undefined);
});

test('no pause stands where there is none', () => {
  expect(standingPause(undefined, NOON)).toBeUndefined();
});

test.each<[unknown]>([
  [undefined],
  [null],
  ['x'],
  [7],
  [{ since: NOON }],
  [{ since: 'x', until: 1, reason: 'y' }],
  [{ since: 1, until: '2', reason: 'y' }],
  [{ since: 1, until: 2 }],
])('a state that holds %j there holds no pause', (value) => {
  expect(parsePause(value)).toBeUndefined();
});

test('a saved pause that was tampered with ends after seven days all the same', () => {
  const pause = pauseFrom(NOON, 'limit reached', undefined);
  expect(parsePause(JSON.parse(JSON.stringify(pause)))).toEqual(pause);
  expect(parsePause({ ...pause, until: NOON + 400 * DAY_MS })?.until).toBe(NOON + 7 * DAY_MS);
});
