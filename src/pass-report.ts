import { isoTime } from './clock.ts';
import { EXIT_STATUS } from './errors.ts';
import { adviceFor, errorCode, failureOf, type SessionFailure } from './failure-group.ts';
import type { CommitReport } from './ledger/committer.ts';
import type { PushReport } from './ledger/git/push.ts';
import type { Published } from './ledger/publish.ts';
import type { Recovery } from './ledger/recovery/recover.ts';
import { stopCode, stopMessage } from './pass-stop.ts';
import type { Findings } from './session/redaction/policy.ts';
import type { JudgedSession } from './session-finder.ts';
import type { SessionOutcome } from './session-finisher.ts';
import type { PassSummary } from './state-format.ts';
import type { AgentStop } from './work/agent-stop.ts';
import type { WorkResult } from './work/drain.ts';
import type { DrainReport } from './work/manager.ts';
import { targetOf } from './work/run-log.ts';

/** What became of one session in one pass. */
export interface SessionReport {
  readonly session: string;
  readonly success: boolean;
  readonly verdict?: SessionOutcome['verdict'] | 'given-up';
  /** Who made the summary; `none` when no new one was needed. */
  readonly agent: string;
  readonly title?: string;
  readonly error?: SessionFailure;
  /** Agent runs in this pass. */
  readonly attempts: number;
  readonly durationMs: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly costUsd: number;
  /** Which model the agent asked, where it said. */
  readonly model?: string;
  /** What was redacted, by rule. */
  readonly findings: Findings;
  /** It was judged not to be shared, and is all the same, as the ledger has its recording already. */
  readonly isInPlace?: boolean;
  /** Its recording is committed as it was, and still holds what was redacted elsewhere. */
  readonly isRawUnclean?: boolean;
  /** One-based numbers of the lines of raw.jsonl that could not be read. */
  readonly malformedLines: readonly number[];
  /** What the agent's own transcript had to add, and what of it does not belong to the session. */
  readonly recovery?: Recovery;
  /** Files of it that no commit takes. */
  readonly leftOut?: Published['leftOut'];
}

/** What one pass came to. */
export interface PassReport {
  /** Sessions that waited, beyond the limit of this pass, too. */
  readonly detected: number;
  readonly results: readonly SessionReport[];
  /** Sessions that wait for another pass. */
  readonly remaining: readonly string[];
  /** Why no further agent was started, and for which sessions. */
  readonly stopped?: AgentStop;
  readonly unasked?: readonly string[];
  /** Sessions that others work on or have done, and who. */
  readonly claimed: readonly { readonly session: string; readonly by: string }[];
  readonly push: PushReport;
  /** Why pushing is off. */
  readonly notPushedBecause?: string;
  /** Sessions that were asked for by name and need nothing. */
  readonly alreadyDone: readonly JudgedSession[];
  readonly interrupted: boolean;
  /** Its sessions were asked for by name. */
  readonly isNamed?: boolean;
  /** The pass before this one ended for the same cause: those who do not watch have read of it. */
  readonly isOldStop?: boolean;
  /** The same for a push that is refused in the same words. */
  readonly isOldRefusal?: boolean;
}

/** What a report is made of. */
export interface PassFacts {
  /** Items that were queued. */
  readonly detected: number;
  readonly results: readonly WorkResult<SessionOutcome>[];
  readonly commits: readonly CommitReport[];
  readonly drained: DrainReport;
  readonly push: PushReport;
  readonly notPushedBecause?: string | undefined;
  readonly alreadyDone?: readonly JudgedSession[];
  readonly beyondLimit?: readonly string[];
  readonly interrupted?: boolean;
  /** Whoever names sessions wants to hear of them. */
  readonly isNamed?: boolean;
  /** What ended agent work in the pass before, by its code. */
  readonly lastStop?: string | undefined;
  /** What became of the push of the pass before. */
  readonly lastPush?: string | undefined;
}

export function buildReport(facts: PassFacts): PassReport {
  const { drained, push } = facts;
  return {
    detected: facts.detected + (facts.beyondLimit ?? []).length,
    results: withCommitErrors(facts.results.map(sessionReport), facts.commits),
    remaining: [...drained.remaining.map((item) => targetOf(item)), ...(facts.beyondLimit ?? [])],
    ...(isTold(drained) && { stopped: drained.stopped, unasked: drained.remaining.map((item) => targetOf(item)) }),
    claimed: (drained.claimed ?? []).map(({ item, by }) => ({ session: targetOf(item), by })),
    push,
    ...(facts.notPushedBecause !== undefined && { notPushedBecause: facts.notPushedBecause }),
    alreadyDone: facts.alreadyDone ?? [],
    interrupted: facts.interrupted ?? false,
    ...(facts.isNamed && { isNamed: true }),
    isOldStop: drained.stopped !== undefined && stopCode(drained.stopped) === facts.lastStop,
    isOldRefusal: typeof push.outcome === 'object' && pushWord(push) === facts.lastPush,
  };
}

/** A limit that kept nobody waiting is no news; agents that fail alike are, also when no session is left to fail. */
function isTold({ stopped, remaining }: DrainReport): boolean {
  return stopped !== undefined && (remaining.length > 0 || stopped.kind === 'failing');
}

export function sessionReport(result: WorkResult<SessionOutcome>): SessionReport {
  const { outcome, spent, item } = result;
  return {
    session: outcome?.session ?? targetOf(item),
    success: result.success,
    ...verdictOf(result),
    agent: outcome?.agent ?? 'none',
    ...(outcome?.title && { title: outcome.title }),
    ...(!result.success && { error: failureOf(result.error) }),
    attempts: spent.runs,
    durationMs: result.durationMs,
    tokensIn: spent.tokensIn,
    tokensOut: spent.tokensOut,
    costUsd: spent.costUsd,
    ...(spent.model !== undefined && { model: spent.model }),
    findings: outcome?.findings ?? {},
    ...(isInPlace(outcome) && { isInPlace: true }),
    ...(outcome?.published?.isRawUnclean && { isRawUnclean: true }),
    malformedLines: outcome?.malformedLines ?? [],
    ...(outcome?.recovery && { recovery: outcome.recovery }),
    ...(outcome?.published?.leftOut.length && { leftOut: outcome.published.leftOut }),
  };
}

function isInPlace(outcome: SessionOutcome | undefined): boolean {
  const isUnwanted = outcome?.verdict === 'skip' || outcome?.verdict === 'local_only';
  return isUnwanted && outcome.published?.how === 'in-place';
}

/** The exit status of a pass; of several outcomes the one that needs a person most. */
export function exitStatusOf(report: PassReport): number {
  if (report.interrupted) return EXIT_STATUS.INTERRUPTED;
  if (report.stopped?.kind === 'displaced') return EXIT_STATUS.LOCKED;
  if (report.stopped?.kind === 'unavailable') return EXIT_STATUS.AGENT_UNAVAILABLE;
  if (report.stopped?.kind === 'limit' || report.stopped?.kind === 'paused') return EXIT_STATUS.LIMIT_REACHED;
  if (isTurnedAway(report)) return EXIT_STATUS.LIMIT_REACHED;
  const hasFailed =
    report.stopped?.kind === 'failing' ||
    report.stopped?.kind === 'unclaimed' ||
    report.stopped?.kind === 'disk_full' ||
    report.results.some((result) => !result.success) ||
    report.push.withheld.length > 0 ||
    typeof report.push.outcome === 'object';
  return hasFailed ? EXIT_STATUS.PARTIAL : EXIT_STATUS.OK;
}

/** Whether the service's own rate was in the way, which says nothing about any session. */
function isTurnedAway({ stopped, results }: PassReport): boolean {
  const code = 'AGENT_RATE_LIMITED';
  if (stopped?.kind === 'failing' && errorCode(stopped.error) === code) return true;
  return results.some(({ error }) => error?.code === code);
}

/** What a pass failed of, in one sentence for those who did not watch; empty where it did not. */
export function causeOf({ results, push, stopped }: PassReport): string {
  const failed = results.filter(({ success }) => !success);
  if (stopped) return stopMessage(stopped);
  if (failed.length > 0) {
    const more = failed.length === 1 ? '' : ` (and ${failed.length - 1} more)`;
    return `${failed[0]?.session}${more}: ${failed[0]?.error?.message ?? ''}`;
  }
  if (typeof push.outcome === 'object') return `not pushed: ${push.outcome.refused}`;
  return push.withheld.map(({ session, reason }) => `${session} is withheld: ${reason}`)[0] ?? '';
}

export function summarisePass(report: PassReport, startedAt: number, endedAt: number): PassSummary {
  const done = report.results.filter((result) => result.success).length;
  return {
    started_at: isoTime(startedAt),
    ended_at: isoTime(endedAt),
    done,
    failed: report.results.length - done,
    remaining: report.remaining.length,
    pushed: pushWord(report.push),
    ...(report.stopped && { stopped: stopMessage(report.stopped), stopped_by: stopCode(report.stopped) }),
  };
}

function pushWord({ outcome }: PushReport): string {
  return typeof outcome === 'object' ? `refused: ${outcome.refused}` : outcome;
}

/** A session whose files are written but not committed is not done. */
function withCommitErrors(results: readonly SessionReport[], commits: readonly CommitReport[]): SessionReport[] {
  const errors = new Map<string, string>();
  for (const report of commits) {
    for (const session of report.sessions) {
      if ('error' in report) errors.set(session, report.error);
      else errors.delete(session);
    }
  }
  return results.map((result) => {
    const message = errors.get(result.session);
    if (message === undefined || !result.success) return result;
    const code = 'COMMIT_FAILED';
    return { ...result, success: false, error: { code, message, advice: adviceFor(code) } };
  });
}

function verdictOf(result: WorkResult<SessionOutcome>): Pick<SessionReport, 'verdict'> {
  if (!result.success && result.outcome) return { verdict: 'given-up' };
  return result.outcome ? { verdict: result.outcome.verdict } : {};
}
