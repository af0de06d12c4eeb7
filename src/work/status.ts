import { isoTime } from '../clock.ts';
import type { MeasuredUsage } from './runner.ts';

/** Finished invocations that a status shows. */
export const RECENT_LIMIT = 10;

/** One agent invocation, running or done. The JSON keys are those of the Go package. */
export interface AgentProcess {
  readonly pid: number;
  readonly work_type: string;
  /** What it works on: the session's name. */
  readonly target: string;
  /** RFC 3339. */
  readonly started_at: string;
  readonly status: 'running' | 'completed' | 'failed';
  /** Nanoseconds, as Go writes a time.Duration; absent while running. */
  readonly duration?: number;
  readonly error?: string;
  readonly exit_code?: number;
  /** What it took, as far as it told; no keys of the Go package. */
  readonly model?: string;
  readonly tokens_in?: number;
  readonly tokens_out?: number;
  readonly cost_usd?: number;
}

/** Agent invocations over the life of a clone. */
export interface AgentWorkStats {
  readonly total_invocations: number;
  readonly successes: number;
  readonly failures: number;
}

/** The snapshot that `status --json` prints. `active` and `recent` are absent when empty. */
export interface AgentWorkStatus {
  readonly enabled: boolean;
  readonly agent_type: string;
  readonly agent_available: boolean;
  readonly queue_depth: number;
  readonly active?: readonly AgentProcess[];
  readonly recent?: readonly AgentProcess[];
  readonly stats: AgentWorkStats;
}

export const NO_STATS: AgentWorkStats = { total_invocations: 0, successes: 0, failures: 0 };

const NS_PER_MS = 1_000_000;

export function startProcess(pid: number, workType: string, target: string, startedAtMs: number): AgentProcess {
  return { pid, work_type: workType, target, started_at: isoTime(startedAtMs), status: 'running' };
}

/** The same invocation after its end; zero values are left out, as Go's `omitempty` does. */
export function finishProcess(
  running: AgentProcess,
  end: { durationMs: number; error?: string | undefined; exitCode?: number | undefined; usage?: MeasuredUsage },
): AgentProcess {
  const { model, tokensIn, tokensOut, costUsd } = end.usage ?? {};
  return {
    ...running,
    status: end.error === undefined ? 'completed' : 'failed',
    ...(end.durationMs > 0 && { duration: Math.round(end.durationMs * NS_PER_MS) }),
    ...(end.error && { error: end.error }),
    ...(end.exitCode && { exit_code: end.exitCode }),
    ...(model !== undefined && { model }),
    ...(tokensIn && { tokens_in: tokensIn }),
    ...(tokensOut && { tokens_out: tokensOut }),
    ...(costUsd && { cost_usd: costUsd }),
  };
}

export function addInvocation(stats: AgentWorkStats, succeeded: boolean): AgentWorkStats {
  return {
    total_invocations: stats.total_invocations + 1,
    successes: stats.successes + (succeeded ? 1 : 0),
    failures: stats.failures + (succeeded ? 0 : 1),
  };
}
