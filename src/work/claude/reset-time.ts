import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../clock.ts';

/** A limit that ends later than this is looked at again by then. */
const LONGEST_PAUSE_MS = 7 * DAY_MS;

/**
 * When a limit ends, in milliseconds since the epoch, read from the agent's own message: "resets Oct 12 at 7am
 * (America/Los_Angeles)", "resets 3:30pm", "usage limit reached|1735689600", "retry-after: 600". Clock times are the
 * next such moment; without a zone they are the machine's. Undefined when the text tells no time.
 */
export function parseResetTime(text: string, nowMs: number, machineZone = systemZone()): number | undefined {
  const resetMs = parseUnixTime(text) ?? parseDelay(text, nowMs) ?? parseClockTime(text, nowMs, machineZone);
  if (resetMs === undefined || resetMs < nowMs) return undefined;
  return Math.min(resetMs, nowMs + LONGEST_PAUSE_MS);
}

function parseUnixTime(text: string): number | undefined {
  const digits = /\|\s*(\d{10}(?:\d{3})?)\b/.exec(text)?.[1];
  if (digits === undefined) return undefined;
  return digits.length === 10 ? Number(digits) * SECOND_MS : Number(digits);
}

const UNIT_MS: Readonly<Record<string, number>> = { s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

function parseDelay(text: string, nowMs: number): number | undefined {
  const found = /(?:retry[- ]after|(?:try again|resets) in)\D{0,5}(\d{1,9}) ?([smhd])?/i.exec(text);
  if (!found) return undefined;
  return nowMs + Number(found[1]) * (UNIT_MS[(found[2] ?? 's').toLowerCase()] ?? SECOND_MS);
}

interface WallTime {
  readonly year: number;
  /** From 0. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

const CLOCK_TIME =
  /resets?(?: at)? (?:(?<month>[A-Z][a-z]{2})[a-z]* (?<day>\d{1,2})(?:,? at|,)? )?(?<hour>\d{1,2})(?::(?<minute>\d{2}))? ?(?<half>[ap])m(?: ?\((?<zone>[\w+/-]+)\))?/i;

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

function parseClockTime(text: string, nowMs: number, machineZone: string): number | undefined {
  const parts = CLOCK_TIME.exec(text)?.groups;
  if (!parts) return undefined;
  const hour = (Number(parts.hour) % 12) + (parts.half?.toLowerCase() === 'p' ? 12 : 0);
  const minute = Number(parts.minute ?? 0);
  if (Number(parts.hour) > 12 || minute > 59) return undefined;
  const zone = isZone(parts.zone) ? parts.zone : machineZone;
  const today = wallTime(nowMs, zone);
  const at = (date: Partial<WallTime>) => epochOf({ ...today, hour, minute, ...date }, zone);
  if (parts.month === undefined) return nextOf(at({}), at({ day: today.day + 1 }), nowMs);
  const date = { month: MONTHS.indexOf(parts.month.toLowerCase()), day: Number(parts.day) };
  if (date.month === -1) return undefined;
  const resetMs = nextOf(at(date), at({ ...date, year: today.year + 1 }), nowMs);
  return resetMs > nowMs + LONGEST_AHEAD_MS ? undefined : resetMs;
}

/** No limit lasts that long: the date was of this year and is over. */
const LONGEST_AHEAD_MS = 180 * DAY_MS;

/** The message rounds to minutes and takes a while to arrive: a moment that has just passed is now, not tomorrow. */
const JUST_PASSED_MS = 10 * MINUTE_MS;

function nextOf(firstMs: number, secondMs: number, nowMs: number): number {
  if (firstMs > nowMs) return firstMs;
  return firstMs > nowMs - JUST_PASSED_MS ? nowMs : secondMs;
}

/** Twice, because the offset that holds now need not hold then. */
function epochOf(wall: WallTime, zone: string): number {
  const asUtc = Date.UTC(wall.year, wall.month, wall.day, wall.hour, wall.minute);
  const near = asUtc - offsetMs(asUtc, zone);
  return asUtc - offsetMs(near, zone);
}

function offsetMs(epochMs: number, zone: string): number {
  const { year, month, day, hour, minute } = wallTime(epochMs, zone);
  return Date.UTC(year, month, day, hour, minute) - Math.floor(epochMs / MINUTE_MS) * MINUTE_MS;
}

function wallTime(epochMs: number, zone: string): WallTime {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' },
  }).formatToParts(epochMs);
  const numberOf = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  return {
    year: numberOf('year'),
    month: numberOf('month') - 1,
    day: numberOf('day'),
    hour: numberOf('hour'),
    minute: numberOf('minute'),
  };
}

function isZone(name: string | undefined): name is string {
  if (name === undefined) return false;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    // Intl knows no other way to say that it has never heard of the zone.
    return false;
  }
}

function systemZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
