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
  // Just passed: the message took its time.
  ['resets 11:55am (UTC)', NOW],
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
  'reached|1735689600',
  '',
])('no time in %j', (text) => {
  expect(parseResetTime(text, Date.parse(NOW), 'UTC')).toBeUndefined();
});

test.each([
  // The clocks go back at 2026-10-25T01:00Z in Berlin, and forward at 2026-03-29T01:00Z.
  ['2026-10-24T22:30:00Z', 'resets 7am (Europe/Berlin)', '2026-10-25T06:00:00.000Z'],
  ['2026-03-28T23:30:00Z', 'resets 7am (Europe/Berlin)', '2026-03-29T05:00:00.000Z'],
  ['2026-12-31T23:00:00Z', 'resets Jan 1 at 7am (UTC)', '2027-01-01T07:00:00.000Z'],
  ['2026-12-31T23:00:00Z', 'resets 1am (Asia/Tokyo)', '2027-01-01T16:00:00.000Z'],
])('at %s %s', (now, text, expected) => {
  expect(isoOf(parseResetTime(text, Date.parse(now), 'UTC'))).toBe(expected);
});

test('without a zone the clock is that of this machine', () => {
  const noon = parseResetTime('resets 3pm', Date.parse(NOW)) ?? 0;
  expect(new Date(noon).getHours()).toBe(15);
});

function isoOf(epochMs: number | undefined): string | undefined {
  return epochMs === undefined ? undefined : new Date(epochMs).toISOString();
}
