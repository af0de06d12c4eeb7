import { DAY_MS } from '../../../clock.ts';
import type { RowState, SessionRow } from './session-row.ts';

/** What all sessions come to. */
export interface Totals {
  readonly sessions: number;
  readonly states: Readonly<Record<RowState, number>>;
  /** Of the summaries that tell; undefined when none does. */
  readonly tokens?: number;
  readonly costUsd?: number;
  readonly firstMs?: number;
  readonly lastMs?: number;
}

/** One week, Monday to Sunday in UTC. */
export interface Week {
  readonly startMs: number;
  readonly sessions: number;
  readonly states: Readonly<Record<RowState, number>>;
  readonly tokens: number;
  readonly costUsd: number;
}

export interface Weeks {
  readonly weeks: readonly Week[];
  /** Sessions of other times, or of none. */
  readonly outside: number;
}

export const WEEK_MS = 7 * DAY_MS;
/** The epoch began on a Thursday. */
const FIRST_MONDAY_MS = 4 * DAY_MS;
/** More columns than these are too thin to point at. */
const MOST_WEEKS = 104;
const LEAST_WEEKS = 16;

export function totalOf(rows: readonly SessionRow[]): Totals {
  const states = countStates(rows);
  const tokens = rows.flatMap((row) => row.tokens ?? []);
  const costs = rows.flatMap((row) => row.costUsd ?? []);
  const times = rows.flatMap((row) => row.atMs ?? []);
  return {
    sessions: rows.length,
    states,
    ...(tokens.length > 0 && { tokens: tokens.reduce(add, 0) }),
    ...(costs.length > 0 && { costUsd: costs.reduce(add, 0) }),
    ...(times.length > 0 && { firstMs: times.reduce(least), lastMs: times.reduce(most) }),
  };
}

/** The weeks up to the newest session, two years at most. A time to come is nobody's last week. */
export function weeksOf(rows: readonly SessionRow[], now: number): Weeks {
  const last = weekNumber(now);
  const numbers = rows.map(({ atMs }) => (atMs === undefined ? Number.NaN : weekNumber(atMs)));
  const past = numbers.filter((number) => number <= last);
  const [oldest, newest] = [past.reduce(least, last), past.reduce(most, Number.NEGATIVE_INFINITY)];
  const end = newest === Number.NEGATIVE_INFINITY ? last : newest;
  const count = Math.max(LEAST_WEEKS, Math.min(MOST_WEEKS, end - oldest + 1));
  const weeks = Array.from({ length: count }, () => [] as SessionRow[]);
  for (const [index, row] of rows.entries()) weeks[(numbers[index] ?? Number.NaN) - (end - count + 1)]?.push(row);
  const shown = weeks.reduce((sum, week) => sum + week.length, 0);
  return {
    weeks: weeks.map((members, index) => buildWeek(members, (end - count + 1 + index) * WEEK_MS + FIRST_MONDAY_MS)),
    outside: rows.length - shown,
  };
}

/** Words by how many rows have them, the most frequent first, equals by name. */
export function ranked(rows: readonly SessionRow[], wordsOf: (row: SessionRow) => readonly string[]) {
  const counts = new Map<string, number>();
  for (const word of rows.flatMap(wordsOf)) {
    if (word !== '') counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}

function buildWeek(rows: readonly SessionRow[], startMs: number): Week {
  const { sessions, states, tokens = 0, costUsd = 0 } = totalOf(rows);
  return { startMs, sessions, states, tokens, costUsd };
}

function countStates(rows: readonly SessionRow[]): Readonly<Record<RowState, number>> {
  const counts: Record<RowState, number> = { success: 0, partial: 0, failed: 0, waiting: 0, unreadable: 0 };
  for (const { state } of rows) counts[state] += 1;
  return counts;
}

const weekNumber = (epochMs: number): number => Math.floor((epochMs - FIRST_MONDAY_MS) / WEEK_MS);
const add = (a: number, b: number): number => a + b;
const least = (a: number, b: number): number => Math.min(a, b);
const most = (a: number, b: number): number => Math.max(a, b);
