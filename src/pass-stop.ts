import { dayAndTime, isoTime } from './clock.ts';
import { messageOf } from './errors.ts';
import { failureOf } from './failure-group.ts';
import type { AgentStop } from './work/agent-stop.ts';
import { adviceFor } from './work/claude/advice.ts';

/** One sentence on why no further agent was started. */
export function stopMessage(stop: AgentStop): string {
  switch (stop.kind) {
    case 'displaced':
      return 'another pass took this one over while the machine slept';
    case 'unclaimed':
      return stop.error.message;
    case 'disk_full':
      return stop.message;
    case 'disabled':
      return 'agent work is switched off (agentwork.agent is none)';
    case 'unavailable':
      return stop.error.message;
    case 'failing':
      return `${stop.count} agent runs in a row failed alike: ${messageOf(stop.error)}`;
    case 'paused':
      return `${stop.message}; no agent is asked before ${dayAndTime(stop.until)}`;
    case 'limit':
      return stop.until === undefined
        ? stop.message
        : `${stop.message}; agents can be asked again at ${dayAndTime(stop.until)}`;
  }
}

/** What a person can do about it; undefined where time does it, or the sentence says it. */
export function stopAdvice(stop: AgentStop): string | undefined {
  switch (stop.kind) {
    case 'displaced':
      return 'agentwork status tells what the other does';
    case 'unclaimed':
      return 'agentwork finalize --no-claim goes on, where no other machine does the same';
    case 'disk_full':
      return 'make room; the next pass goes on';
    case 'disabled':
      return 'agentwork finalize --agent claude asks all the same';
    case 'unavailable':
      return adviceFor(stop.error);
    case 'failing':
      return failureOf(stop.error).advice;
    case 'paused':
      return 'agentwork finalize --resume asks at once';
    case 'limit':
      return stop.until === undefined ? 'raise that limit, where more may be spent' : undefined;
  }
}

/** The same for the same cause, whatever numbers and times its sentence has: `paused`, `limit_cost`, `not_logged_in`. */
export function stopCode(stop: AgentStop): string {
  if (stop.kind === 'limit') return `limit_${stop.what}`;
  return stop.kind === 'unavailable' ? stop.error.kind : stop.kind;
}

/** Why the pass ended agent work, for people and for machines. */
export interface StopJson {
  /** One sentence. */
  readonly stopped: string;
  /** The cause by its code, such as `paused`, `limit_cost` or `not_logged_in`. */
  readonly stopped_by: string;
  /** What a person can do about it. */
  readonly advice?: string;
  /** RFC 3339: when agents can be asked again. */
  readonly goes_on_at?: string;
}

export function stopJson(stop: AgentStop): StopJson {
  const advice = stopAdvice(stop);
  const until = 'until' in stop ? stop.until : undefined;
  return {
    stopped: stopMessage(stop),
    stopped_by: stopCode(stop),
    ...(advice !== undefined && { advice }),
    ...(until !== undefined && { goes_on_at: isoTime(until) }),
  };
}
