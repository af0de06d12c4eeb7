import { expect, test } from 'vitest';
import { DAY_MS } from '../../../../src/clock.ts';
import type { SessionRow } from '../../../../src/session/render/ledger-page/session-row.ts';
import { ranked, totalOf, WEEK_MS, weeksOf } from '../../../../src/session/render/ledger-page/tallies.ts';
import { NOW, rowsOf, VARIED } from '../../../support/stored-sessions.ts';

const MONDAY = Date.UTC(2026, 2, 16);

function at(...times: readonly (number | undefined)[]): readonly SessionRow[] {
  const [row] = rowsOf(VARIED) as [SessionRow];
  const { atMs: _, ...timeless } = row;
  return times.map((atMs) => (atMs === undefined ? timeless : { ...timeless, atMs }));
}

test('totals count outcomes, and what is known of tokens and cost', () => {
  expect(totalOf(rowsOf(VARIED))).toEqual({
    sessions: 5,
    states: { success: 1, partial: 1, failed: 1, waiting: 1, unreadable: 1 },
    tokens: 4200 + 4200 + 91_000,
    costUsd: expect.closeTo(0.2746),
    firstMs: Date.UTC(2026, 2, 5, 10),
    lastMs: Date.UTC(2026, 2, 18, 9),
  });
  expect(totalOf([])).toEqual({
    sessions: 0,
    states: { success: 0, partial: 0, failed: 0, waiting: 0, unreadable: 0 },
  });
});

test('a week is Monday to Sunday', () => {
  const { weeks, outside } = weeksOf(at(MONDAY - 1, MONDAY, MONDAY + WEEK_MS - 1), MONDAY + 2 * WEEK_MS);
  expect(weeks.slice(-2).map(({ startMs, sessions }) => [startMs, sessions])).toEqual([
    [MONDAY - WEEK_MS, 1],
    [MONDAY, 2],
  ]);
  expect(outside).toBe(0);
});

test('a few months are shown at least, and two years at most; other times are counted', () => {
  expect(weeksOf(at(NOW), NOW).weeks).toHaveLength(16);
  expect(weeksOf([], NOW).weeks).toHaveLength(16);
  const far = weeksOf(at(NOW, NOW - 1000 * DAY_MS, NOW + 400 * DAY_MS, Date.UTC(9999, 11, 31), undefined), NOW);
  expect(far.weeks).toHaveLength(104);
  expect(far.outside).toBe(4);
  expect(far.weeks.at(-1)).toMatchObject({ startMs: MONDAY, sessions: 1 });
});

test('words are ranked by how many rows have them, and equals by name', () => {
  expect(ranked(rowsOf(VARIED), ({ who }) => [who])).toEqual([
    ['ryan', 3],
    ['anna-lena', 1],
    ['mei', 1],
  ]);
  expect(ranked(rowsOf(VARIED), () => ['__proto__', ''])).toEqual([['__proto__', 5]]);
});
