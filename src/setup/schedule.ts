import { createHash } from 'node:crypto';
import { HOUR_MS, MINUTE_MS } from '../clock.ts';
import { ExpectedError } from '../errors.ts';

/** When passes begin, by the clock on the wall. */
export interface Schedule {
  /** One of `INTERVALS`. */
  readonly every: string;
  /** The first one of an hour. */
  readonly minute: number;
  /** Of what comes once a day. */
  readonly hour: number;
}

/** All minutes of an hour, and all hours of a day, at which one begins; undefined: of every hour. */
export interface Times {
  readonly minutes: readonly number[];
  readonly hours: readonly number[] | undefined;
}

/** Steps that end with the hour, or with the day: at others, cron would begin anew in between. */
const EVERY = { '15m': 15, '30m': 30, '1h': 60, '2h': 120, '3h': 180, '4h': 240, '6h': 360, '12h': 720, '1d': 1440 };
export const INTERVALS = Object.keys(EVERY);
const [HOUR, DAY] = [HOUR_MS / MINUTE_MS, (24 * HOUR_MS) / MINUTE_MS];
/** Where the clock is put forward, a minute of the day does not come. */
const LONGEST_WAIT = 2 * DAY;

/**
 * Machines that were set up alike do not begin at the same minute. Throws BAD_USAGE for an interval that is none of
 * `INTERVALS`.
 */
export function makeSchedule(every: string, host: string, ledger: string): Schedule {
  const minutes = minutesOf(every);
  const chance = createHash('sha256').update(`${host} ${ledger}`).digest().readUInt32BE(0);
  return { every, minute: chance % Math.min(minutes, HOUR), hour: (chance >>> 8) % 24 };
}

/** Whether it is one that `makeSchedule` could have made. */
export function isSchedule({ every, minute, hour }: Schedule): boolean {
  return Object.hasOwn(EVERY, every) && minute < Math.min(minutesOf(every), HOUR) && hour < 24;
}

function minutesOf(every: string): number {
  if (Object.hasOwn(EVERY, every)) return EVERY[every as keyof typeof EVERY];
  throw new ExpectedError('BAD_USAGE', `--every: '${every}' is none of ${INTERVALS.join(', ')}`);
}

export function timesOf({ every, minute, hour }: Schedule): Times {
  const step = minutesOf(every);
  if (step === DAY) return { minutes: [minute], hours: [hour] };
  if (step === HOUR) return { minutes: [minute], hours: undefined };
  if (step < HOUR) return { minutes: range(minute, HOUR, step), hours: undefined };
  return { minutes: [minute], hours: range(0, DAY / HOUR, step / HOUR) };
}

/**
 * When the next one begins, in milliseconds since the epoch: the first fitting minute after `now`. Cron, systemd and
 * launchd count so, too. Undefined where the clock skips it.
 */
export function nextDue(schedule: Schedule, now: number): number | undefined {
  const { minutes, hours } = timesOf(schedule);
  const first = Math.floor(now / MINUTE_MS) + 1;
  for (let minute = first; minute < first + LONGEST_WAIT; minute += 1) {
    const time = new Date(minute * MINUTE_MS);
    const isIt = minutes.includes(time.getMinutes()) && (hours?.includes(time.getHours()) ?? true);
    if (isIt) return time.getTime();
  }
  return undefined;
}

function range(first: number, end: number, step: number): readonly number[] {
  return Array.from({ length: Math.ceil((end - first) / step) }, (_, index) => first + index * step);
}
