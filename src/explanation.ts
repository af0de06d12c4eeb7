import { isoTime } from './clock.ts';
import type { SessionSearch } from './ledger/session-search.ts';
import type { SurveyedSession } from './ledger/survey.ts';
import type { VerdictName } from './session/classify.ts';
import type { Provenance } from './session/exclusion.ts';
import type { PointerContent } from './session/facts.ts';
import type { LeftOut } from './session/file-storage.ts';
import { defined } from './session/json-object.ts';
import { judgeLiveness, type Liveness, type RecorderFacts } from './session/recording.ts';
import { BUILT_IN } from './session/redaction/policy.ts';
import { createRedactor } from './session/redaction/redactor.ts';
import type { SessionSummary } from './session/summary.ts';
import { isUpgradable, type JudgedSession } from './session-finder.ts';

/** Why a session is what it is: the rule that decided, and everything that was known when it did. */
export interface Explanation {
  readonly session: string;
  readonly verdict: VerdictName;
  readonly rule: string;
  readonly reason: string;
  readonly facts: ExplainedFacts;
}

/** The facts as `--json` shows them: times are RFC 3339, sizes are bytes, what is absent is unknown. */
export interface ExplainedFacts {
  readonly folder: string;
  readonly place: 'ledger' | 'cache';
  readonly raw: {
    readonly state: string;
    readonly bytes?: number;
    readonly entries?: number;
    readonly reason?: string;
    /** Of a Git LFS pointer. */
    readonly oid?: string;
    /** Where what the pointer stands for is: `here`, `elsewhere`, `lacking`, or `without-lfs` for nobody can tell. */
    readonly content?: string;
    readonly content_path?: string;
    readonly tried_at?: string;
  };
  /** Files that no commit takes. */
  readonly left_out?: readonly LeftOut[];
  readonly missing: readonly string[];
  readonly marker?: ExplainedMarker;
  readonly liveness?: Liveness;
  readonly transcript: {
    readonly state: 'none' | 'there' | 'unclear';
    readonly path?: string;
    readonly bytes?: number;
    readonly changed_at?: string;
    readonly found_by?: string;
    readonly reason?: string;
  };
  readonly meta: 'missing' | 'readable' | 'unreadable';
  readonly draft: boolean;
  readonly held: boolean;
  /** The pattern that asks to leave it alone, and where that was set. */
  readonly excluded_by?: string;
  /** Whose it is and where it was made, by all that its files tell. */
  readonly users?: readonly string[];
  readonly branches?: readonly string[];
  readonly paths?: readonly string[];
  readonly downloaded: boolean;
  readonly summary_owed: boolean;
  /** What the existing summary was made of. */
  readonly summarised?: { readonly sha256: string; readonly bytes: number; readonly entries: number };
  /** What the summary says of its worth, and who wrote it. */
  readonly quality?: {
    readonly provider?: string;
    readonly category?: string;
    readonly score?: number;
    readonly reason?: string;
  };
  readonly given_up: boolean;
  readonly remembered?: { readonly verdict: string; readonly reason: string };
  readonly attempts?: number;
  readonly last_error?: string;
  /** `finalize --upgrade` would ask an agent about it. */
  readonly upgradable: boolean;
  readonly superseded_by?: string;
  /** The branch of the remote that has it finished. */
  readonly finished_in?: string;
  readonly committed?: boolean;
  readonly pushed?: boolean;
  /** File -> rule -> how often it found something that nobody is to read; only of a session that was named. */
  readonly findings?: SessionSearch['findings'];
  /** File -> why nobody could look. */
  readonly unsearched?: SessionSearch['unsearched'];
}

export interface ExplainedMarker {
  readonly changed_at: string;
  readonly came_through_git: boolean;
  readonly readable: boolean;
  readonly started_at?: string;
  readonly stopped_at?: string;
  readonly agent_id?: string;
  readonly adapter?: string;
  readonly pid?: number;
  readonly process: 'alive' | 'dead' | 'unknown';
  readonly last_hook_at?: string;
  readonly last_growth_at?: string;
  readonly last_spoken_at?: string;
  readonly pauses?: number;
}

/** `search`: what its files hold, where somebody looked. */
export function explainSession(judged: JudgedSession, now: number, search: Partial<SessionSearch> = {}): Explanation {
  const { session, verdict } = judged;
  const facts = { ...explainFacts(judged, now), ...search };
  return {
    session: session.ledgerName,
    ...verdict,
    facts: { ...facts, upgradable: isUpgradable(judged) },
  };
}

function explainFacts(judged: JudgedSession, now: number): Omit<ExplainedFacts, 'upgradable'> {
  const { folder, facts, memory, summary, provenance } = judged.session;
  const { recorder } = facts;
  return {
    folder,
    place: facts.place,
    raw: explainRaw(facts.raw),
    ...(memory?.left_out && { left_out: memory.left_out }),
    missing: facts.missing,
    ...(recorder && { marker: explainMarker(recorder, facts.isMarkerShared), liveness: judgeLiveness(recorder, now) }),
    transcript: explainTranscript(facts.transcript),
    meta: facts.meta,
    draft: facts.isDraft,
    held: facts.isHeld,
    ...(facts.excludedBy !== undefined && { excluded_by: facts.excludedBy }),
    ...toldBy(provenance),
    downloaded: facts.isDownloaded,
    summary_owed: facts.isSummaryOwed,
    ...(facts.summarised && { summarised: facts.summarised }),
    ...(summary && { quality: explainQuality(summary) }),
    given_up: facts.isGivenUp,
    ...(facts.remembered && { remembered: facts.remembered }),
    ...troublesOf(judged),
    ...(facts.supersededBy !== undefined && { superseded_by: facts.supersededBy }),
    ...(facts.finishedIn !== undefined && { finished_in: facts.finishedIn }),
    ...(facts.isCommitted !== undefined && { committed: facts.isCommitted }),
    ...(facts.isPushed !== undefined && { pushed: facts.isPushed }),
  };
}

/** Of one that somebody has finished since, they are over. */
function troublesOf({ session: { memory }, verdict }: JudgedSession): Pick<ExplainedFacts, 'attempts' | 'last_error'> {
  const { attempts, last_error, left_out } = memory ?? {};
  return verdict.verdict === 'finished' && !left_out ? {} : defined({ attempts, last_error });
}

function toldBy(provenance: SurveyedSession['provenance']): Pick<ExplainedFacts, 'users' | 'branches' | 'paths'> {
  const told: Partial<Provenance> = createRedactor(BUILT_IN).json(provenance ?? {});
  const { users = [], branches = [], paths = [] } = told;
  return {
    ...(users.length > 0 && { users }),
    ...(branches.length > 0 && { branches }),
    ...(paths.length > 0 && { paths }),
  };
}

function explainRaw({ kind: state, ...raw }: SurveyedSession['facts']['raw']): ExplainedFacts['raw'] {
  return {
    state,
    ...('bytes' in raw && { bytes: raw.bytes }),
    ...('entries' in raw && raw.entries !== undefined && { entries: raw.entries }),
    ...('reason' in raw && { reason: raw.reason }),
    ...('oid' in raw && { bytes: raw.size, oid: raw.oid, ...explainContent(raw.content) }),
  };
}

function explainContent(content: PointerContent | undefined) {
  if (!content) return {};
  if (content.kind === 'here') return { content: content.kind, content_path: content.path };
  if (content.kind !== 'lacking') return { content: content.kind };
  return { content: content.kind, reason: content.reason, tried_at: isoTime(content.triedAtMs) };
}

function explainQuality(summary: SessionSummary): NonNullable<ExplainedFacts['quality']> {
  const { provider, quality_category: category, quality_score: score, score_reason: reason } = summary;
  return defined({ provider, category, score, reason });
}

function explainTranscript(transcript: SurveyedSession['facts']['transcript']): ExplainedFacts['transcript'] {
  const { kind: state } = transcript;
  if (state === 'none') return { state };
  if (state === 'unclear') return { state, path: transcript.path, reason: transcript.reason };
  const { path, bytes, changedAtMs, foundBy } = transcript;
  return { state, path, bytes, changed_at: isoTime(changedAtMs), found_by: foundBy };
}

function explainMarker(recorder: RecorderFacts, isShared: boolean): ExplainedMarker {
  const { recording } = recorder;
  return {
    changed_at: isoTime(recorder.markerChangedAtMs),
    came_through_git: isShared,
    readable: recording !== undefined,
    ...timeAt('started_at', recording?.startedAtMs),
    ...timeAt('stopped_at', recording?.stoppedAtMs),
    ...(recording?.agentId !== undefined && { agent_id: recording.agentId }),
    ...(recording?.adapterName !== undefined && { adapter: recording.adapterName }),
    ...(recorder.pid !== undefined && { pid: recorder.pid }),
    process: recorder.process,
    ...timeAt('last_hook_at', recording?.lastHookAtMs),
    ...timeAt('last_growth_at', recorder.lastGrowthMs),
    ...timeAt('last_spoken_at', recorder.lastSpokenMs),
    ...(recording?.pauses && { pauses: recording.pauses.length }),
  };
}

function timeAt<Key extends string>(key: Key, epochMs: number | undefined): { readonly [key in Key]?: string } {
  return epochMs === undefined ? {} : ({ [key]: isoTime(epochMs) } as { readonly [key in Key]?: string });
}
