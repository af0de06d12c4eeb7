import { DAY_MS, HOUR_MS } from '../clock.ts';

/** No agent is asked until the allotment is there again. Milliseconds since the epoch; kept between passes. */
export interface AgentPause {
  readonly since: number;
  readonly until: number;
  /** What the agent said. */
  readonly reason: string;
}

const UNKNOWN_PAUSE_MS = HOUR_MS;
/** A limit that ends later than this is looked at again by then. */
export const LONGEST_PAUSE_MS = 7 * DAY_MS;

/** Until the allotment comes back; an hour where nobody said when, and never more than a week. */
export function pauseFrom(now: number, reason: string, resetsAt: number | undefined): AgentPause {
  const until = Math.min(resetsAt ?? now + UNKNOWN_PAUSE_MS, now + LONGEST_PAUSE_MS);
  return { since: now, until, reason };
}

/** The pause while it lasts. One that begins ahead of now was set by a clock that has been set back: nobody knows its end. */
export function standingPause(pause: AgentPause | undefined, now: number): AgentPause | undefined {
  return pause && pause.since <= now + CLOCK_SLACK_MS && now < pause.until ? pause : undefined;
}

const CLOCK_SLACK_MS = HOUR_MS;

/** Reads a saved one; undefined for anything that is none. */
export function parsePause(value: unknown): AgentPause | undefined {
  const { since, until, reason } = Object(value) as Partial<AgentPause>;
  if (!isTime(since) || !isTime(until) || typeof reason !== 'string') return undefined;
  return { since, until: Math.min(until, since + LONGEST_PAUSE_MS), reason };
}

function isTime(value: unknown): value is number {
  return Number.isFinite(value);
}
