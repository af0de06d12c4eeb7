import { expect, test } from 'vitest';
import { parseResetTime } from '../../../src/work/claude/reset-time.ts';

const NOW = '2026-10-10T12:00:00.000Z';

test.each([
  ['resets Oct 12 at 7am (America/Los_Angeles)', '2026-10-12T14:00:00.000Z'],
  ["You've hit your weekly limit · resets Oct 12, 7am (America/Los_Angeles)", '2026-10-12T14:00:00.000Z'],
  ['resets Oct 12 at 7:30am (Europe/Berlin)', '2026-10-12T05:30:00.000Z'],
  ['resets October 12 at 7am (UTC)', '2026-10-12T07:00:00.000Z'],
  ['resets 3:30pm', '2026-10-10T15:30:00.000Z'],
  ['resets at 3 PM', '2026-10-10T15:00:00.000Z'],
  ['Your limit will reset at 3pm (America/New_York).', '2026-10-10T19:00:00.000Z'],
  ['resets 10pm (Europe/Berlin)', '2026-10-10T20:00:00.000Z'],
  ['resets 12am (UTC)', '2026-10-11T00:00:00.000Z'],
  ['resets 12pm (Asia/Kolkata)', '2026-10-11T06:30:00.000Z'],
  ['resets 11am (UTC)', '2026-10-11T11:00:00.000Z'],
  ['resets 3pm (Nowhere/City)', '2026-10-10T15:00:00.000Z'],
  ['usage limit reached|1791640800', '2026-10-10T14:00:00.000Z'],
  ['usage limit reached|1791640800000', '2026-10-10T14:00:00.000Z'],
  ['retry-after: 600', '2026-10-10T12:10:00.000Z'],
  ['Retry after 90 seconds', '2026-10-10T12:01:30.000Z'],
  ['please try again in 5 minutes', '2026-10-10T12:05:00.000Z'],
  ['resets in 2h', '2026-10-10T14:00:00.000Z'],
  ['it will reset in 2h5m', '2026-10-10T14:05:00.000Z'],
  ['resets in 0.25 hours', '2026-10-10T12:15:00.000Z'],
  ['resets in 1h 0.25h', '2026-10-10T13:15:00.000Z'],
  ['resets in 2 hours 15 minutes', '2026-10-10T14:15:00.000Z'],
  ['Resets in: 2h 15m', '2026-10-10T14:15:00.000Z'],
  ['try again in 1 day, 2 hours and 3 mins.', '2026-10-11T14:03:00.000Z'],
  ['retry in 1h30m', '2026-10-10T13:30:00.000Z'],
  ['retry after 500ms', '2026-10-10T12:00:00.500Z'],
  ['retry after 1.5 s', '2026-10-10T12:00:01.500Z'],
  ['retry-after: Sat, 10 Oct 2026 12:05:00 GMT', '2026-10-10T12:05:00.000Z'],
  ['"retry-after": "Sat, 10 Oct 2026 12:05:00 GMT"', '2026-10-10T12:05:00.000Z'],
  ['retry-after: 10 Oct 2026 12:05:00 GMT', '2026-10-10T12:05:00.000Z'],
  ['retry-after: 2026-10-10T12:05:00Z', '2026-10-10T12:05:00.000Z'],
  ['resets 3:59pm', '2026-10-10T15:59:00.000Z'],
  ['resets 15:30', '2026-10-10T15:30:00.000Z'],
  ['resets 6:30 (UTC)', '2026-10-11T06:30:00.000Z'],
  ['Your limit will reset at 23:00 (Asia/Taipei).', '2026-10-10T15:00:00.000Z'],
  ['resets at 15:30 UTC', '2026-10-10T15:30:00.000Z'],
  ['resets 0:05', '2026-10-11T00:05:00.000Z'],
  ['or try again at 12:16 PM.', '2026-10-10T12:16:00.000Z'],
  ['resets 9 a.m.', '2026-10-11T09:00:00.000Z'],
  // A Saturday.
  ['resets Thursday 9am', '2026-10-15T09:00:00.000Z'],
  ['resets Thu at 9am (Europe/Berlin)', '2026-10-15T07:00:00.000Z'],
  ['It resets on Thursday at 9:30.', '2026-10-15T09:30:00.000Z'],
  ['resets Mon 12:00am', '2026-10-12T00:00:00.000Z'],
  ['resets Sat 3pm', '2026-10-10T15:00:00.000Z'],
  ['resets Sat 9am', '2026-10-17T09:00:00.000Z'],
  ['resets Sat 11:55am', NOW],
  ['resets Fri 11am', '2026-10-16T11:00:00.000Z'],
  ['Your limit will reset at Oct 12, 6pm.', '2026-10-12T18:00:00.000Z'],
  ['resets Oct 12, 2026 at 7am', '2026-10-12T07:00:00.000Z'],
  ['resets Oct 12 2026 at 7am', '2026-10-12T07:00:00.000Z'],
  ['resets 2026-10-12T07:30Z', '2026-10-12T07:30:00.000Z'],
  ['resets at 2026-10-12T00:00:00Z', '2026-10-12T00:00:00.000Z'],
  ['resets at 2026-10-12T00:00:00.500+02:00', '2026-10-11T22:00:00.500Z'],
  ['"resetsAt":"2026-10-12T00:00:00Z"', '2026-10-12T00:00:00.000Z'],
  ['"resets_at":1791640800,', '2026-10-10T14:00:00.000Z'],
  ['reset_at: 1791640800', '2026-10-10T14:00:00.000Z'],
  ['resetsAt = 1791640800', '2026-10-10T14:00:00.000Z'],
  ['Your limit will reset at 2026-10-12 20:20:09', '2026-10-12T20:20:00.000Z'],
  ['You will regain access on 2026-10-12 at 00:00 UTC.', '2026-10-12T00:00:00.000Z'],
  ['You will regain access on 2026-11-01 at 00:00 UTC.', '2026-10-17T12:00:00.000Z'],
  // Just passed: the message took its time.
  ['resets 11:55am (UTC)', NOW],
  ['resets 11:50am (UTC)', '2026-10-11T11:50:00.000Z'],
  // At most seven days.
  ['resets Dec 24 at 7am (UTC)', '2026-10-17T12:00:00.000Z'],
  ['retry-after: 999999999', '2026-10-17T12:00:00.000Z'],
])('%s', (text, expected) => {
  expect(isoOf(parseResetTime(text, Date.parse(NOW), 'UTC'))).toBe(expected);
});

test.each([
  'slow down',
  'resets soon',
  'resets 13pm',
  'resets 3:75pm',
  'resets Foo 3 at 7am',
  'resets Foo 3 at 5pm',
  'reached|1735689600',
  'resets 24:00',
  'resets 3',
  'resets 3 amps',
  'resets Oct 12',
  'resets Oct 1 at 7am',
  'resets Oct 12, 2025 at 7am',
  'resets at 2026-13-45T00:00:00Z',
  'You will regain access on 2026-01-01 at 00:00 UTC.',
  'retry-after: Fri, 09 Oct 2026 12:05:00 GMT',
  'retry-after-ms: 1500',
  '',
])('no time in %j', (text) => {
  expect(parseResetTime(text, Date.parse(NOW), 'UTC')).toBeUndefined();
});

test.each([
  // The clocks go back at 2026-10-25T01:00Z in Berlin, and forward at 2026-03-29T01:00Z.
  ['2026-10-24T22:30:00Z', 'resets 7am (Europe/Berlin)', '2026-10-25T06:00:00.000Z'],
  ['2026-03-28T23:30:00Z', 'resets 7am (Europe/Berlin)', '2026-03-29T05:00:00.000Z'],
  ['2026-10-24T10:00:00Z', 'resets Mon 7am (Europe/Berlin)', '2026-10-26T06:00:00.000Z'],
  ['2026-03-28T10:00:00Z', 'resets Mon 07:00 (Europe/Berlin)', '2026-03-30T05:00:00.000Z'],
  ['2026-10-30T10:00:00Z', 'resets Nov 2, 9am (America/New_York)', '2026-11-02T14:00:00.000Z'],
  // Just passed, on the day, the week and the year before.
  ['2026-10-11T00:03:00Z', 'resets 11:55pm (UTC)', '2026-10-11T00:03:00.000Z'],
  ['2026-10-11T00:03:00Z', 'resets Sat 11:55pm (UTC)', '2026-10-11T00:03:00.000Z'],
  ['2027-01-01T00:03:00Z', 'resets Dec 31 at 11:55pm (UTC)', '2027-01-01T00:03:00.000Z'],
  ['2026-12-31T23:00:00Z', 'resets Jan 1 at 7am (UTC)', '2027-01-01T07:00:00.000Z'],
  ['2026-12-31T23:00:00Z', 'resets 1am (Asia/Tokyo)', '2027-01-01T16:00:00.000Z'],
])('at %s %s', (now, text, expected) => {
  expect(isoOf(parseResetTime(text, Date.parse(now), 'UTC'))).toBe(expected);
});

test.each([
  ['resets at 2026-10-12 20:20', '2026-10-12T11:20:00.000Z'],
  ['resets at 2026-10-12T20:20:00Z', '2026-10-12T20:20:00.000Z'],
  ['resets at 2026-10-12T20:20:00.500Z', '2026-10-12T20:20:00.500Z'],
  ['resets 8pm', '2026-10-11T11:00:00.000Z'],
  ['resets 8pm(UTC)', '2026-10-10T20:00:00.000Z'],
])('what names no zone is of the machine, which is in Tokyo: %s', (text, expected) => {
  expect(isoOf(parseResetTime(text, Date.parse(NOW), 'Asia/Tokyo'))).toBe(expected);
});

test('every month has its name', () => {
  const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
  const third = (name: string, month: number) =>
    parseResetTime(`resets ${name} 3 at 7am (UTC)`, Date.UTC(2026, month, 1));
  expect(months.map(third).map(isoOf)).toEqual(months.map((_, month) => isoOf(Date.UTC(2026, month, 3, 7))));
});

test('every day of the week has its name', () => {
  const days = ['Sat', 'Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri'];
  const next = (name: string) => parseResetTime(`resets ${name} 3pm (UTC)`, Date.parse(NOW));
  expect(days.map(next).map(isoOf)).toEqual(days.map((_, ahead) => isoOf(Date.UTC(2026, 9, 10 + ahead, 15))));
});

test('a text made to be hard to read takes no time', () => {
  const startedMs = performance.now();
  parseResetTime(`resets in ${'9 m '.repeat(50_000)}x${'retry-after 1'.repeat(50_000)}`, Date.parse(NOW), 'UTC');
  expect(performance.now() - startedMs).toBeLessThan(20_000);
});

test('without a zone the clock is that of this machine', () => {
  const noon = parseResetTime('resets 3pm', Date.parse(NOW)) ?? 0;
  expect(new Date(noon).getHours()).toBe(15);
});

function isoOf(epochMs: number | undefined): string | undefined {
  return epochMs === undefined ? undefined : new Date(epochMs).toISOString();
}
