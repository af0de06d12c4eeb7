import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../clock.ts';
import { LONGEST_PAUSE_MS } from '../pause.ts';
import { epochOf, isZone, systemZone, type WallTime, wallTime, weekdayOf } from './wall-time.ts';

/**
 * When a limit ends, in milliseconds since the epoch, read from the agent's own message: "resets Oct 12 at 7am
 * (America/Los_Angeles)", "resets Thu 15:30", "regain access on 2026-01-01 at 00:00 UTC", "retry-after: 600", "usage limit
 * reached|1735689600". Clock times are the next such moment; without a zone they are the machine's. Undefined when the
 * text tells no time.
 */
export function parseResetTime(text: string, nowMs: number, machineZone = systemZone()): number | undefined {
  const resetMs =
    parseUnixTime(text) ??
    parseHttpDate(text) ??
    parseDateTime(text, machineZone) ??
    parseDelay(text, nowMs) ??
    parseClockTime(text, nowMs, machineZone);
  return boundResetTime(resetMs, nowMs);
}

/** What is over is no end of a limit, and what lies too far ahead is cut. */
export function boundResetTime(resetMs: number | undefined, nowMs: number): number | undefined {
  if (resetMs === undefined || !(resetMs >= nowMs)) return undefined;
  return Math.min(resetMs, nowMs + LONGEST_PAUSE_MS);
}

function parseUnixTime(text: string): number | undefined {
  const digits = /(?:\||\bresets?_?at"?[:= ]{1,3})\s*(\d{10}(?:\d{3})?)\b/i.exec(text)?.[1];
  if (digits === undefined) return undefined;
  return digits.length === 10 ? Number(digits) * SECOND_MS : Number(digits);
}

function parseHttpDate(text: string): number | undefined {
  const date = /retry[- ]after"?[:= ]{1,3}"?(?:[a-z]{3}, )?(\d{1,2} [a-z]{3} \d{4} \d{2}:\d{2}:\d{2} GMT)/i.exec(text);
  return date?.[1] === undefined ? undefined : numberOrNone(Date.parse(date[1]));
}

const DATE_TIME =
  /(?:resets?(?:_?at| at| on)?|access (?:on|at)|retry[- ]after|again (?:at|on|after))["':= ]{1,4}(?<date>\d{4}-\d\d-\d\d)(?:T| at |,? )(?<hour>\d\d):(?<minute>\d\d)(?<seconds>:\d\d(?:\.\d+)?)? ?(?<zone>Z\b|UTC|GMT|[+-]\d\d:?\d\d)?/i;

function parseDateTime(text: string, machineZone: string): number | undefined {
  const parts = DATE_TIME.exec(text)?.groups;
  if (parts?.date === undefined) return undefined;
  const { date, hour, minute, seconds = '', zone } = parts;
  const utcMs = Date.parse(`${date}T${hour}:${minute}${seconds}${/^[+-]/.test(zone ?? '') ? zone : 'Z'}`);
  if (zone !== undefined || Number.isNaN(utcMs)) return numberOrNone(utcMs);
  return epochOf(wallTime(utcMs, 'UTC'), machineZone);
}

const UNIT_MS: Readonly<Record<string, number>> = { s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

/** "in 2 hours 15 minutes", "in 2h15m", "after 30": seconds where no unit stands. */
const DELAY =
  /(?:retry[- ]after(?!-)|(?:again|resets?|retry) in)\D{0,5}(\d{1,9}(?:\.\d+)?(?: ?[smhd][a-z]*(?:,? ?(?:and )?\d{1,9}(?:\.\d+)? ?[smhd][a-z]*)*)?)/i;

function parseDelay(text: string, nowMs: number): number | undefined {
  const amounts = DELAY.exec(text)?.[1]?.matchAll(/(\d+(?:\.\d+)?) ?(ms|milli|[smhd])?/gi);
  if (!amounts) return undefined;
  const partsMs = [...amounts].map(([, amount, unit]) => Number(amount) * unitMs(unit?.toLowerCase() ?? 's'));
  return nowMs + partsMs.reduce((sum, partMs) => sum + partMs, 0);
}

const unitMs = (unit: string) => UNIT_MS[unit] ?? 1;

const CLOCK_TIME =
  /(?:resets?|again)(?: at| on)?:? (?:(?:(?<month>[a-z]{3})[a-z]* (?<day>\d{1,2})(?:,? (?<year>\d{4}))?|(?<weekday>sun|mon|tue|wed|thu|fri|sat)[a-z]*)(?:,? at|,)? )?(?<hour>\d{1,2})(?::(?<minute>\d{2}))?(?: ?(?<half>[ap])\.?m\b)?(?: ?\((?<zone>[\w+/-]+)\)| (?<plainZone>UTC|GMT)\b)?/i;

function parseClockTime(text: string, nowMs: number, machineZone: string): number | undefined {
  const parts = CLOCK_TIME.exec(text)?.groups;
  const time = parts && parseTimeOfDay(parts);
  if (!time) return undefined;
  const named = parts.zone ?? parts.plainZone;
  const zone = isZone(named) ? named : machineZone;
  const today = wallTime(nowMs, zone);
  const days = candidateDays(parts, today);
  return nextOf(
    days.map((day) => epochOf({ ...today, ...time, ...day }, zone)),
    nowMs,
  );
}

type Parts = Readonly<Record<string, string | undefined>>;

/** A bare number is no time of day: "resets 3 limits". */
function parseTimeOfDay({ hour, minute, half }: Parts): Pick<WallTime, 'hour' | 'minute'> | undefined {
  const time = { hour: Number(hour), minute: Number(minute ?? 0) };
  if (time.minute > 59) return undefined;
  if (half === undefined) return minute === undefined || time.hour > 23 ? undefined : time;
  if (time.hour > 12) return undefined;
  return { ...time, hour: (time.hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0) };
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** The days that may be meant, in their order: before, about, and after today. */
function candidateDays({ month, day, year, weekday }: Parts, today: WallTime): readonly Partial<WallTime>[] {
  if (weekday !== undefined) {
    const ahead = WEEKDAYS.indexOf(weekday.toLowerCase()) - weekdayOf(today);
    return [-7, 0, 7].map((days) => ({ day: today.day + ahead + days }));
  }
  if (month === undefined) return [-1, 0, 1].map((days) => ({ day: today.day + days }));
  const date = { month: MONTHS.indexOf(month.toLowerCase()), day: Number(day) };
  if (date.month === -1) return [];
  if (year !== undefined) return [{ ...date, year: Number(year) }];
  return [-1, 0, 1].map((years) => ({ ...date, year: today.year + years }));
}

/** The message rounds to minutes and takes a while to arrive: a moment that has just passed is now, not tomorrow. */
const JUST_PASSED_MS = 10 * MINUTE_MS;

/** No limit lasts that long: the date was of this year and is over. */
const LONGEST_AHEAD_MS = 180 * DAY_MS;

function nextOf(momentsMs: readonly number[], nowMs: number): number | undefined {
  const nextMs = momentsMs.find((momentMs) => momentMs > nowMs - JUST_PASSED_MS);
  if (nextMs === undefined || nextMs > nowMs + LONGEST_AHEAD_MS) return undefined;
  return Math.max(nextMs, nowMs);
}

const numberOrNone = (value: number) => (Number.isNaN(value) ? undefined : value);
