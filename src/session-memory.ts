import path from 'node:path';
import type { Published } from './ledger/publish.ts';
import { type SessionMemory, type SurveyedSession, stampOf } from './ledger/survey.ts';
import type { QualityCategory, SessionSummary } from './session/summary.ts';
import { RunError, type RunFailureKind } from './work/runner.ts';

/** What outlives the handler: attempts and verdicts that the ledger does not show. */
export interface SessionMemories {
  /** Asked with a `memoryKey`. */
  get(key: string): SessionMemory | undefined;
  set(key: string, memory: SessionMemory | undefined): Promise<void>;
  /** Sessions whose artifacts were begun and are not known to be committed. */
  readonly journal: readonly string[];
}

export const NO_MEMORIES: SessionMemories = { get: () => undefined, set: async () => {}, journal: [] };

/** Failures of the world around the agent: they say nothing about the session. */
const UNCOUNTED: ReadonlySet<RunFailureKind> = new Set(['network', 'server_error', 'rate_limited', 'aborted']);

/** Whether a failed run counts as an attempt of its session. */
export function isAttempt(failure: Error): boolean {
  return !(failure instanceof RunError) || !UNCOUNTED.has(failure.kind);
}

/** A crash or a time-out may be the machine's fault as well as the session's: it counts once in a pass. */
const DOUBTFUL: ReadonlySet<RunFailureKind> = new Set(['crashed', 'timed_out']);

export function isDoubtful(failure: Error): boolean {
  return failure instanceof RunError && DOUBTFUL.has(failure.kind);
}

/** A memory that holds for this very recording, and no longer. */
export function memoryFor(found: SurveyedSession, memory: SessionMemory): SessionMemory {
  return { ...memory, recording: stampOf(found) };
}

/** What the ledger itself does not tell about a session that is done; nothing when it tells all. */
export function lastingMemory(
  found: SurveyedSession,
  verdict: QualityCategory,
  summary: SessionSummary,
  published: Published,
): SessionMemory | undefined {
  if (published.how === 'staged') {
    const recording = { ...stampOf(found), ...(published.sha256 !== undefined && { sha256: published.sha256 }) };
    return { verdict: 'staged', staged_as: path.basename(published.folder), recording };
  }
  if (published.how !== 'beside' && published.how !== 'trash') return undefined;
  const score = summary.quality_score === undefined ? '' : ` (score ${summary.quality_score})`;
  const reason = `judged ${verdict}${score}: ${summary.score_reason ?? 'no reason given'}`;
  return memoryFor(found, { verdict: verdict === 'skip' ? 'skip' : 'local_only', reason });
}
