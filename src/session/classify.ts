import { judgeLiveness, type Liveness, type RecorderFacts } from './recording.ts';
import type { InputDigest } from './summary.ts';

/** The files that a finished session has, in the order in which they are named. */
export const ARTIFACTS = ['summary.md', 'summary.json', 'session.html', 'session.md'] as const;
export type ArtifactName = (typeof ARTIFACTS)[number];

export type RawState =
  | { readonly kind: 'missing' }
  | { readonly kind: 'empty' }
  | { readonly kind: 'header-only' }
  | { readonly kind: 'pointer'; readonly oid: string }
  | { readonly kind: 'content'; readonly bytes: number; readonly entries?: number }
  | { readonly kind: 'unreadable'; readonly reason: string }
  | { readonly kind: 'foreign'; readonly reason: string };

/**
 * `staged`: copied into the ledger. `given_up`: its good older summary stays, and no agent is asked again.
 * `unreadable`: there is no entry in it that anybody could read.
 */
export type RememberedVerdict = 'staged' | 'local_only' | 'skip' | 'given_up' | 'unreadable';

/** Everything that decides what a session is, gathered once; nothing here is looked up later. */
export interface SessionFacts {
  readonly name: string;
  readonly place: 'ledger' | 'cache';
  /** Set when the folder is not one of ours to touch: unsafe name, symlink, another ledger's session. */
  readonly foreign?: string;
  /** Set when the folder itself could not be read. */
  readonly unreadable?: string;
  readonly raw: RawState;
  /** Present while a `.recording.json` lies there. */
  readonly recorder?: RecorderFacts;
  /** Whether the agent's own transcript, which the marker names, is there and not empty. */
  readonly hasTranscript: boolean;
  /** Something is in the transcript's place that is no plain file, or cannot be looked at: nobody may call it nothing. */
  readonly hasUnclearTranscript?: boolean;
  /** Missing, empty or invalid ones. */
  readonly missing: readonly ArtifactName[];
  readonly meta: 'missing' | 'readable' | 'unreadable';
  readonly isDraft: boolean;
  readonly isHeld: boolean;
  readonly isDownloaded: boolean;
  /** What the existing summary was made of; undefined when it does not say. */
  readonly summarised?: InputDigest;
  readonly isGivenUp: boolean;
  /** The remembered verdict that leaves no trace in the ledger, for this very recording. */
  readonly remembered?: { readonly verdict: RememberedVerdict; readonly reason: string };
  /** A copy elsewhere that has the same recording, at least as long; that one is looked at instead. */
  readonly supersededBy?: string;
  /** False when all artifacts are there but the tree of HEAD lacks one; undefined when git was not asked. */
  readonly isCommitted?: boolean;
}

export type VerdictName =
  | 'finished'
  | 'recording'
  | 'abandoned'
  | 'missing-artifacts'
  | 'stale-artifacts'
  | 'unpushed'
  | 'pointer'
  | 'header-only'
  | 'ghost'
  | 'held'
  | 'draft'
  | 'downloaded'
  | 'local-only'
  | 'given-up'
  | 'unreadable'
  | 'foreign';

export interface Verdict {
  readonly verdict: VerdictName;
  /** The rule that decided, for machines. */
  readonly rule: string;
  /** Why, for people. */
  readonly reason: string;
}

const WORK: ReadonlySet<VerdictName> = new Set(['abandoned', 'missing-artifacts', 'stale-artifacts', 'unpushed']);

/** Whether a pass has something to do for a session of this verdict. */
export function isWork(verdict: VerdictName): boolean {
  return WORK.has(verdict);
}

/** The one place that says what a session is. Liveness is judged first: no later rule may finish a live recording. */
export function classifySession(facts: SessionFacts, now: number): Verdict {
  if (facts.foreign !== undefined) return verdict('foreign', 'foreign', facts.foreign);
  if (facts.unreadable !== undefined) return verdict('unreadable', 'folder_unreadable', facts.unreadable);
  if (facts.raw.kind === 'foreign') return verdict('foreign', 'raw_file_type', facts.raw.reason);
  const liveness = facts.recorder && judgeLiveness(facts.recorder, now);
  return (
    judgeUntouchable(facts, liveness) ??
    judgeUnrecorded(facts, liveness) ??
    judgeKnown(facts) ??
    judgeArtifacts(facts, liveness)
  );
}

/** Sessions that somebody else still has a hand on. */
function judgeUntouchable(facts: SessionFacts, liveness: Liveness | undefined): Verdict | undefined {
  if (facts.meta === 'unreadable') return verdict('unreadable', 'meta_unreadable', 'meta.json cannot be read');
  if (facts.supersededBy !== undefined) return verdict('finished', 'superseded', facts.supersededBy);
  const isDeadDraft = liveness?.rule === 'pid_dead' || liveness?.rule === 'explicit_stop';
  if (facts.isDraft && !isDeadDraft) return verdict('draft', 'draft', 'a live session published a placeholder');
  if (liveness?.state === 'live') return verdict('recording', liveness.rule, liveness.reason);
  if (facts.isHeld) return verdict('held', 'held', 'a .held marker asks to leave it alone');
  if (facts.raw.kind === 'unreadable') return verdict('unreadable', 'raw_unreadable', facts.raw.reason);
  const { remembered } = facts;
  if (remembered?.verdict === 'unreadable') return verdict('unreadable', 'judged_unreadable', remembered.reason);
  return undefined;
}

/** Sessions without a transcript in raw.jsonl. */
function judgeUnrecorded(facts: SessionFacts, liveness: Liveness | undefined): Verdict | undefined {
  const { raw, missing } = facts;
  if (raw.kind === 'pointer' && missing.length > 0) {
    return verdict('pointer', 'raw_pointer', 'raw.jsonl is a Git LFS pointer: its content is not in this clone');
  }
  if (raw.kind === 'content' || raw.kind === 'pointer' || missing.length === 0) return undefined;
  if (liveness && facts.hasTranscript) {
    return verdict('abandoned', liveness.rule, `${liveness.reason}; the agent's transcript can be recovered`);
  }
  if (liveness && facts.hasUnclearTranscript) {
    return verdict('unreadable', 'transcript_unclear', "its agent's transcript is there, and is no plain file");
  }
  if (liveness?.rule === 'pid_dead') return verdict('ghost', 'ghost', `${liveness.reason}, and nothing was recorded`);
  if (raw.kind === 'missing') return verdict('header-only', 'no_raw', 'nothing was recorded');
  return verdict('header-only', 'header_only', 'raw.jsonl holds no entry');
}

/** Sessions on which the last word was spoken before. */
function judgeKnown(facts: SessionFacts): Verdict | undefined {
  if (facts.isDownloaded) return verdict('downloaded', 'downloaded', 'a copy of a session that others finish');
  if (!facts.remembered) return undefined;
  const name = facts.remembered.verdict === 'given_up' ? 'given-up' : 'local-only';
  return verdict(name, `judged_${facts.remembered.verdict}`, facts.remembered.reason);
}

function judgeArtifacts(facts: SessionFacts, liveness: Liveness | undefined): Verdict {
  const { missing, raw, summarised } = facts;
  if (missing.length > 0 && liveness) {
    return verdict('abandoned', liveness.rule, `${liveness.reason}; ${missingReason(missing)}`);
  }
  if (missing.length > 0) return verdict('missing-artifacts', 'missing', missingReason(missing));
  if (raw.kind === 'content' && summarised && (raw.entries ?? 0) > summarised.entries) {
    const grown = `continued after its summary: ${raw.entries} entries, ${summarised.entries} summarised`;
    return verdict('stale-artifacts', 'grown', grown);
  }
  if (facts.place === 'cache')
    return verdict('missing-artifacts', 'not_in_ledger', 'finished in the cache, not in the ledger');
  if (facts.isCommitted === false) return verdict('unpushed', 'not_committed', 'complete, but not committed');
  if (facts.isGivenUp)
    return verdict('given-up', 'unrecoverable', 'the agent failed for good; it has an offline summary');
  return verdict('finished', 'complete', 'all artifacts are there');
}

function missingReason(missing: readonly ArtifactName[]): string {
  return missing.length === ARTIFACTS.length ? 'no artifacts' : `${missing.join(', ')} missing`;
}

function verdict(name: VerdictName, rule: string, reason: string): Verdict {
  return { verdict: name, rule, reason };
}
