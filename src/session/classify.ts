import { DAY_MS, MINUTE_MS } from '../clock.ts';
import { ARTIFACTS, type ArtifactName, type SessionFacts } from './facts.ts';
import { judgeLiveness, type Liveness } from './recording.ts';
import { UNCLEAN } from './unclean.ts';

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

/** The rule of a session whose commit waits for the push with which every pass ends: there is nothing else to do. */
const NOT_PUSHED = 'not_pushed';

/** Whether a pass has something to do for a session of this verdict, besides the push at its end. */
export function isWork({ verdict, rule }: Verdict): boolean {
  return WORK.has(verdict) && rule !== NOT_PUSHED && rule !== 'unclean';
}

/** Whether nothing but a push is missing. */
export function isPushOnly({ rule }: Verdict): boolean {
  return rule === NOT_PUSHED;
}

/** Whether somebody asks to leave a session alone. A hold may come at any time, and counts from then on. */
export function isLeftAlone({ verdict }: Verdict): boolean {
  return verdict === 'held' || verdict === 'draft' || verdict === 'downloaded';
}

/**
 * The one place that says what a session is: the first rule that has a reason decides. An excluded one is held as soon
 * as anything could be done for it.
 */
export function classifySession(facts: SessionFacts, now: number): Verdict {
  const verdict = judge(facts, now);
  const { excludedBy } = facts;
  if (excludedBy === undefined || UNTOUCHED.has(verdict.verdict)) return verdict;
  if (verdict.verdict === 'finished') return { ...verdict, reason: `${verdict.reason}; ${excludedBy}` };
  return { verdict: 'held', rule: 'excluded', reason: excludedBy };
}

const UNTOUCHED = new Set<VerdictName>(['foreign', 'recording', 'draft', 'held', 'downloaded', 'unreadable']);

function judge(facts: SessionFacts, now: number): Verdict {
  const look: Look = { facts, now, liveness: facts.recorder && judgeLiveness(facts.recorder, now) };
  for (const { verdict, rule, because } of RULES) {
    const reason = because(look);
    if (reason !== undefined) return { verdict, rule: typeof rule === 'string' ? rule : rule(look), reason };
  }
  return { verdict: 'finished', rule: 'complete', reason: 'all artifacts are there' };
}

interface Look {
  readonly facts: SessionFacts;
  readonly now: number;
  readonly liveness: Liveness | undefined;
}

interface Rule {
  readonly verdict: VerdictName;
  readonly rule: string | ((look: Look) => string);
  /** Why it applies; undefined when it does not. */
  readonly because: (look: Look) => string | undefined;
}

/** A session that goes on after its summary is left alone this long: each new summary is paid for. */
const QUIET_MS = 10 * MINUTE_MS;

/** What a remote lacks may be uploaded yet; nobody is to hear of it in each pass. */
const FETCH_AGAIN_MS = DAY_MS;

/** Liveness comes before everything that could finish a session: no later rule may touch a live recording. */
const RULES: readonly Rule[] = [
  // What is not ours to judge.
  { verdict: 'foreign', rule: 'foreign', because: ({ facts }) => facts.foreign },
  { verdict: 'unreadable', rule: 'folder_unreadable', because: ({ facts }) => facts.unreadable },
  {
    verdict: 'foreign',
    rule: 'raw_file_type',
    because: ({ facts }) => (facts.raw.kind === 'foreign' ? facts.raw.reason : undefined),
  },
  {
    verdict: 'unreadable',
    rule: 'meta_unreadable',
    because: ({ facts }) => (facts.meta === 'unreadable' ? 'meta.json cannot be read' : undefined),
  },
  { verdict: 'finished', rule: 'superseded', because: ({ facts }) => facts.supersededBy },
  // What somebody still has a hand on.
  { verdict: 'draft', rule: 'draft', because: draftReason },
  {
    verdict: 'recording',
    rule: livenessRule,
    because: ({ liveness }) => (liveness?.state === 'live' ? liveness.reason : undefined),
  },
  { verdict: 'held', rule: 'held', because: heldReason },
  {
    verdict: 'held',
    rule: 'source_rejected',
    because: ({ facts }) =>
      facts.recorder?.recording?.isSourceRejected ? 'its recorder rejected the transcript' : undefined,
  },
  {
    verdict: 'unreadable',
    rule: 'raw_unreadable',
    because: ({ facts }) => (facts.raw.kind === 'unreadable' ? facts.raw.reason : undefined),
  },
  {
    verdict: 'unreadable',
    rule: 'judged_unreadable',
    because: ({ facts }) =>
      facts.remembered?.verdict === 'unreadable' && !isWordless(facts) ? facts.remembered.reason : undefined,
  },
  { verdict: 'finished', rule: 'finished_at_remote', because: remoteReason },
  // What has no transcript in raw.jsonl.
  { verdict: 'pointer', rule: 'raw_pointer', because: pointerReason },
  // Before recovery: whatever transcript its marker names here, it is others' session.
  {
    verdict: 'downloaded',
    rule: 'downloaded',
    because: ({ facts }) => (facts.isDownloaded ? 'a copy of a session that others finish' : undefined),
  },
  { verdict: 'abandoned', rule: livenessRule, because: recoverableReason },
  { verdict: 'unreadable', rule: 'transcript_unclear', because: unclearReason },
  { verdict: 'ghost', rule: 'ghost', because: ghostReason },
  {
    verdict: 'header-only',
    rule: ({ facts }) => (facts.raw.kind === 'missing' ? 'no_raw' : 'header_only'),
    because: emptyReason,
  },
  // On what the last word was spoken before.
  {
    verdict: 'given-up',
    rule: 'judged_given_up',
    because: ({ facts }) => (isGivenUpOn(facts) && !isUnpublished(facts) ? facts.remembered?.reason : undefined),
  },
  {
    verdict: 'local-only',
    rule: ({ facts }) => `judged_${facts.remembered?.verdict}`,
    because: ({ facts }) => (isGivenUpOn(facts) ? undefined : facts.remembered?.reason),
  },
  // What is there of its artifacts.
  { verdict: 'abandoned', rule: livenessRule, because: abandonedReason },
  {
    verdict: 'missing-artifacts',
    rule: (look) => (isToFetch(look) ? 'pointer_fetchable' : 'missing'),
    because: missingArtifactsReason,
  },
  { verdict: 'recording', rule: 'still_growing', because: (look) => (isQuiet(look) ? undefined : grownReason(look)) },
  { verdict: 'stale-artifacts', rule: 'grown', because: grownReason },
  { verdict: 'stale-artifacts', rule: 'needs_summary', because: owedReason },
  { verdict: 'abandoned', rule: livenessRule, because: leftMarkerReason },
  {
    verdict: 'missing-artifacts',
    rule: 'not_in_ledger',
    because: ({ facts }) => (facts.place === 'cache' ? 'finished in the cache, not in the ledger' : undefined),
  },
  {
    verdict: 'unpushed',
    rule: 'not_committed',
    because: ({ facts }) => (facts.isCommitted === false ? 'complete, but not committed' : undefined),
  },
  {
    verdict: 'unpushed',
    rule: 'unclean',
    because: ({ facts }) => (facts.isPushed === false && facts.isUnclean ? UNCLEAN : undefined),
  },
  {
    verdict: 'unpushed',
    rule: NOT_PUSHED,
    because: ({ facts }) => (facts.isPushed === false ? 'committed, but not pushed' : undefined),
  },
  {
    verdict: 'given-up',
    rule: 'unrecoverable',
    because: ({ facts }) => (facts.isGivenUp ? 'the agent failed for good; it has an offline summary' : undefined),
  },
];

function livenessRule({ liveness }: Look): string {
  return liveness?.rule ?? 'no_marker';
}

/** Age alone does not end a draft: its recorder has to be gone, or to have said so. */
function draftReason({ facts, liveness }: Look): string | undefined {
  const isOver = liveness?.rule === 'pid_dead' || liveness?.rule === 'explicit_stop';
  return facts.isDraft && !isOver ? 'a live session published a placeholder' : undefined;
}

/** Whoever looks for the marker has to know where it lies. */
function heldReason({ facts: { isHeld, heldIn } }: Look): string | undefined {
  const where = heldIn === undefined ? '' : ` (in ${heldIn})`;
  return isHeld ? `a .held marker asks to leave it alone${where}` : undefined;
}

function remoteReason({ facts }: Look): string | undefined {
  return facts.finishedIn === undefined ? undefined : `${facts.finishedIn} has it finished; git pull brings it here`;
}

/** What cannot be worked on, as nobody brings its content here. */
function pointerReason({ facts, now }: Look): string | undefined {
  if (facts.raw.kind !== 'pointer' || facts.missing.length === 0) return undefined;
  const { content } = facts.raw;
  if (content?.kind === 'here' || content?.kind === 'elsewhere') return undefined;
  if (content?.kind === 'without-lfs') return 'raw.jsonl is a Git LFS pointer, and git-lfs is not installed';
  if (content?.kind !== 'lacking') return 'raw.jsonl is a Git LFS pointer: its content is not in this clone';
  const age = now - content.triedAtMs;
  const isDue = age >= FETCH_AGAIN_MS || age < 0;
  return isDue ? undefined : `raw.jsonl is a Git LFS pointer, and ${content.reason}`;
}

/** Whether its content has to be fetched before anything can be made of it. */
function isToFetch({ facts: { raw } }: Look): boolean {
  return raw.kind === 'pointer' && raw.content?.kind !== 'here';
}

/** Whether nothing that could be summarised stands in raw.jsonl, and no earlier artifacts make up for it. */
function isUnrecorded({ facts }: Look): boolean {
  const { kind } = facts.raw;
  return (kind === 'missing' || kind === 'empty' || kind === 'header-only') && facts.missing.length > 0;
}

/** Opened, or resumed, and closed again: its transcript was read, and there is nothing to recover. */
const isWordless = ({ transcript }: SessionFacts) => transcript.kind === 'there' && transcript.isSilent === true;

function recoverableReason(look: Look): string | undefined {
  const isThere = look.facts.transcript.kind === 'there' && !isWordless(look.facts);
  if (!look.liveness || !isUnrecorded(look) || !isThere) return undefined;
  return `${look.liveness.reason}; the agent's transcript can be recovered`;
}

function unclearReason(look: Look): string | undefined {
  const { transcript } = look.facts;
  if (!look.liveness || !isUnrecorded(look) || transcript.kind !== 'unclear') return undefined;
  return `its agent's transcript ${transcript.path} cannot be read: ${transcript.reason}`;
}

function ghostReason(look: Look): string | undefined {
  if (look.liveness?.rule !== 'pid_dead' || !isUnrecorded(look)) return undefined;
  return `${look.liveness.reason}, and nothing was ${isWordless(look.facts) ? 'said' : 'recorded'}`;
}

function emptyReason(look: Look): string | undefined {
  if (!isUnrecorded(look)) return undefined;
  if (look.facts.isMarkerShared) return 'nothing was recorded here: its marker came through git from another machine';
  return look.facts.raw.kind === 'missing' ? 'nothing was recorded' : 'raw.jsonl holds no entry';
}

function abandonedReason({ facts, liveness }: Look): string | undefined {
  return liveness && facts.missing.length > 0 ? `${liveness.reason}; ${missingReason(facts.missing)}` : undefined;
}

/** Complete, but its recorder never took the marker away: what it recorded last may not be in raw.jsonl. */
function leftMarkerReason({ facts, liveness }: Look): string | undefined {
  if (!liveness || facts.raw.kind !== 'content' || facts.place !== 'ledger') return undefined;
  return `${liveness.reason}; its marker is still there`;
}

/** Its good older summary stays: no agent is asked again, whatever is owed. */
function isGivenUpOn({ remembered }: SessionFacts): boolean {
  return remembered?.verdict === 'given_up';
}

/** What an agent failed on may still wait for its commit or its push, which ask no agent. */
function isUnpublished({ isCommitted, isPushed }: SessionFacts): boolean {
  return isCommitted === false || isPushed === false;
}

function grownReason({ facts }: Look): string | undefined {
  const { raw, summarised } = facts;
  if (isGivenUpOn(facts)) return undefined;
  if (raw.kind !== 'content' || !summarised || (raw.entries ?? 0) <= summarised.entries) return undefined;
  return `continued after its summary: ${raw.entries} entries, ${summarised.entries} summarised`;
}

/** With a marker its recorder was judged already; without one, the last entry tells. One far ahead tells nothing. */
function isQuiet({ facts: { raw, recorder }, now }: Look): boolean {
  if (recorder || raw.kind !== 'content' || raw.lastAtMs === undefined) return true;
  const age = now - raw.lastAtMs;
  return age >= QUIET_MS || age < -DAY_MS;
}

/** A summary of these very bytes owes nothing, whatever was asked for before it was made. */
function owedReason({ facts }: Look): string | undefined {
  const { isSummaryOwed, raw, summarised } = facts;
  if (isGivenUpOn(facts)) return undefined;
  const isSame = raw.kind === 'content' && raw.bytes === summarised?.bytes;
  return isSummaryOwed && raw.kind === 'content' && !isSame ? 'its recorder asks for a new summary' : undefined;
}

function missingArtifactsReason(look: Look): string | undefined {
  const { missing } = look.facts;
  if (missing.length === 0) return undefined;
  return `${missingReason(missing)}${isToFetch(look) ? '; raw.jsonl is fetched from Git LFS' : ''}`;
}

function missingReason(missing: readonly ArtifactName[]): string {
  return missing.length === ARTIFACTS.length ? 'no artifacts' : `${missing.join(', ')} missing`;
}
