export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** How long a look for work counts: what is started by an event, such as a pull, does not look again before. */
export const DETECT_COOLDOWN_MS = 5 * MINUTE_MS;

/** Milliseconds since the Unix epoch. Tests pass a clock that they turn by hand. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();

/** `2026-03-06T10:00:05.000Z` for milliseconds since the epoch. A time beyond what a Date can hold is its last or first. */
export function isoTime(epochMs: number): string {
  return new Date(Math.max(-FARTHEST_MS, Math.min(epochMs, FARTHEST_MS))).toISOString();
}

/** A file can bear any time, if somebody gave it that. */
const FARTHEST_MS = 8.64e15;

/** `2026-03-06 10:00 UTC`, for people. */
export function dayAndTime(epochMs: number): string {
  return `${isoTime(epochMs).slice(0, 16).replace('T', ' ')} UTC`;
}

/**
 * Milliseconds since the epoch for an RFC 3339 time of any offset and precision; undefined for what is no time.
 * Go's zero time (year 1) means "no timestamp" in every file that a Go program wrote, so it is none here either.
 */
export function parseTime(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  const epochMs = Date.parse(value);
  if (Number.isNaN(epochMs) || epochMs > LAST_TIME_MS || value.startsWith('0001-01-01')) return undefined;
  return epochMs;
}

/** RFC 3339 ends with the year 9999; a day later something may still be counted on from there. */
const LAST_TIME_MS = Date.UTC(10_000, 0, 1);
