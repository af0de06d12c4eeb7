import type { PushOutcome, PushReport } from './ledger/git/push.ts';
import type { Recovery } from './ledger/recovery/recover.ts';
import type { PassReport, SessionReport } from './pass-report.ts';
import { type StopJson, stopJson } from './pass-stop.ts';
import type { VerdictName } from './session/classify.ts';
import type { LeftOut } from './session/file-storage.ts';
import { countFindings, type Findings } from './session/redaction/policy.ts';
import type { JudgedSession } from './session-finder.ts';

/** What came of a pass, as `finalize --json` prints it. What is absent was nothing, or is not known. */
export interface PassJson extends Partial<StopJson> {
  /** Sessions that waited, beyond the limit of this pass, too. */
  readonly detected: number;
  readonly results: readonly ResultJson[];
  /** Names of sessions that wait for another pass. */
  readonly remaining: readonly string[];
  /** Of the sessions that were named those with which nothing is to be done. */
  readonly left_alone?: readonly LeftAloneJson[];
  /** What the agent runs of the pass took together. */
  readonly usage?: {
    readonly runs: number;
    readonly tokens_in: number;
    readonly tokens_out: number;
    /** US dollars, by the agent's own estimate. */
    readonly cost_usd: number;
  };
  /** Sessions that others work on or have done, and who. */
  readonly claimed?: readonly { readonly session: string; readonly by: string }[];
  readonly pushed: PushOutcome;
  /** Commits of the user's own that were pushed along. */
  readonly pushed_others?: number;
  /** Sessions that others finished meanwhile: theirs stand. */
  readonly superseded?: readonly string[];
  /** Sessions that the remote would not have, and why. */
  readonly withheld?: readonly { readonly session: string; readonly reason: string }[];
  /** Why the branch was left where it is although its commits were pushed on top of others'. */
  readonly branch_left?: string;
  readonly interrupted?: true;
}

/** Why nothing is done with a session. */
export interface LeftAloneJson {
  readonly session: string;
  readonly verdict: VerdictName;
  readonly reason: string;
}

/** Nothing where there is none. */
export function leftAloneJson(alreadyDone: readonly JudgedSession[]): {
  readonly left_alone?: readonly LeftAloneJson[];
} {
  const left = alreadyDone.map(({ session, verdict: { verdict, reason } }): LeftAloneJson => {
    return { session: session.ledgerName, verdict, reason };
  });
  return left.length === 0 ? {} : { left_alone: left };
}

/** What became of one session. */
export interface ResultJson {
  readonly session: string;
  readonly success: boolean;
  readonly verdict?: SessionReport['verdict'];
  /** Who made the summary; `none` when no new one was needed. */
  readonly agent: string;
  readonly title?: string;
  readonly error?: SessionReport['error'];
  /** Agent runs in this pass. */
  readonly attempts: number;
  readonly duration_ms: number;
  readonly tokens_in: number;
  readonly tokens_out: number;
  /** US dollars, by the agent's own estimate. */
  readonly cost_usd: number;
  /** The model that the agent asked, where it said. */
  readonly model?: string;
  /** How many secrets were replaced. */
  readonly redactions?: number;
  /** Rule -> how often it found one. */
  readonly redacted?: Findings;
  /** Its recording is committed as it was, and still holds what was redacted elsewhere. */
  readonly raw_unclean?: true;
  /** One-based numbers of the lines of raw.jsonl that could not be read. */
  readonly malformed_lines?: readonly number[];
  readonly recovery?: RecoveryJson;
  /** Files of it that no commit takes. */
  readonly left_out?: readonly LeftOut[];
}

/** What the agent's own transcript had to add. Counts are lines of the transcript, but for `added`, which are entries. */
export interface RecoveryJson {
  /** The transcript that was read. */
  readonly source: string;
  readonly added: number;
  readonly captured: number;
  readonly before_start: number;
  readonly after_stop: number;
  readonly paused: number;
  readonly other_repository: number;
  readonly duplicates: number;
  readonly malformed: number;
  readonly dropped: number;
  /** Type of line that nobody knows -> lines. */
  readonly unknown_types: Readonly<Record<string, number>>;
}

export function passJson(report: PassReport): PassJson {
  return {
    detected: report.detected,
    results: report.results.map(resultJson),
    remaining: report.remaining,
    ...leftAloneJson(report.alreadyDone),
    ...(report.stopped && stopJson(report.stopped)),
    ...usageJson(report.results),
    ...(report.claimed.length > 0 && { claimed: report.claimed }),
    ...pushJson(report.push),
    ...(report.interrupted && { interrupted: true }),
  };
}

type PushJson = Pick<PassJson, 'pushed' | 'pushed_others' | 'superseded' | 'withheld' | 'branch_left'>;

function pushJson({ outcome, others, superseded, withheld, branchLeft }: PushReport): PushJson {
  return {
    pushed: outcome,
    ...(others > 0 && { pushed_others: others }),
    ...(superseded.length > 0 && { superseded }),
    ...(withheld.length > 0 && { withheld }),
    ...(branchLeft !== undefined && { branch_left: branchLeft }),
  };
}

/** Nothing where no agent was asked. */
function usageJson(results: readonly SessionReport[]): Pick<PassJson, 'usage'> {
  const sum = (pick: (result: SessionReport) => number) => results.reduce((total, result) => total + pick(result), 0);
  const runs = sum(({ attempts }) => attempts);
  if (runs === 0) return {};
  const tokens = { tokens_in: sum(({ tokensIn }) => tokensIn), tokens_out: sum(({ tokensOut }) => tokensOut) };
  return { usage: { runs, ...tokens, cost_usd: sum(({ costUsd }) => costUsd) } };
}

function resultJson(result: SessionReport): ResultJson {
  const redactions = countFindings(result.findings);
  return {
    session: result.session,
    success: result.success,
    ...(result.verdict !== undefined && { verdict: result.verdict }),
    agent: result.agent,
    ...(result.title !== undefined && { title: result.title }),
    ...(result.error && { error: result.error }),
    attempts: result.attempts,
    duration_ms: result.durationMs,
    tokens_in: result.tokensIn,
    tokens_out: result.tokensOut,
    cost_usd: result.costUsd,
    ...(result.model !== undefined && { model: result.model }),
    ...(redactions > 0 && { redactions, redacted: result.findings }),
    ...(result.isRawUnclean && { raw_unclean: true }),
    ...(result.malformedLines.length > 0 && { malformed_lines: result.malformedLines }),
    ...(result.recovery && { recovery: recoveryJson(result.recovery) }),
    ...(result.leftOut && { left_out: result.leftOut }),
  };
}

function recoveryJson({ source, added, counts }: Recovery): RecoveryJson {
  return {
    source,
    added,
    captured: counts.captured,
    before_start: counts.beforeStart,
    after_stop: counts.afterStop,
    paused: counts.paused,
    other_repository: counts.otherRepository,
    duplicates: counts.duplicates,
    malformed: counts.malformed,
    dropped: counts.dropped,
    unknown_types: counts.unknownTypes,
  };
}
