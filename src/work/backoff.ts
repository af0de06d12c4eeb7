import { MINUTE_MS, SECOND_MS } from '../clock.ts';

const FIRST_MS = 2 * SECOND_MS;
const GROWTH = 4;

/** A service that asks for a longer wait than this is not waited for within a pass. */
export const LONGEST_BACKOFF_MS = MINUTE_MS;

/**
 * Milliseconds to wait after the run of this number (from 1) failed for a reason that passes: 2 to 4 s, then 8 to 16 s.
 * `random` is 0 to 1 and spreads machines that failed together; `askedMs` is the least that the service asked for.
 */
export function backoffMs(run: number, random: number, askedMs = 0): number {
  const base = FIRST_MS * GROWTH ** (run - 1);
  return Math.min(LONGEST_BACKOFF_MS, Math.max(base, askedMs) + Math.round(base * random));
}
