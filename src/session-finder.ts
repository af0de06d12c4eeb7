import path from 'node:path';
import type { Clock } from './clock.ts';
import { ExpectedError } from './errors.ts';
import { assertPublishable, type Originals } from './ledger/clean-files.ts';
import type { FinishedSessions } from './ledger/finished-sessions.ts';
import { gitPath } from './ledger/git/git-path.ts';
import type { LedgerGit } from './ledger/git/ledger-git.ts';
import type { LedgerLfs } from './ledger/git/lfs.ts';
import { isInLedger } from './ledger/ledger.ts';
import type { FetchFailure } from './ledger/pointer-fetch.ts';
import { RAW_NAME } from './ledger/raw-state.ts';
import type { PidLookup } from './ledger/recorder.ts';
import { contentPath, hasContent, isToFetch } from './ledger/recording-content.ts';
import type { AgentFolders } from './ledger/recovery/agent-transcripts.ts';
import { type Recovery, recoverTranscript } from './ledger/recovery/recover.ts';
import type { RedactionPolicies } from './ledger/redaction-policy.ts';
import { hasMetaOf } from './ledger/session-facts.ts';
import { type SurveyedSession, type SurveyOptions, surveySession, surveySessions } from './ledger/survey.ts';
import { studyTranscript, type TranscriptStudy } from './ledger/transcript-file.ts';
import { classifySession, isLeftAlone, isWork, type Verdict, type VerdictName } from './session/classify.ts';
import type { Exclusion } from './session/exclusion.ts';
import { ARTIFACTS, type ArtifactName } from './session/facts.ts';
import type { SessionMemories } from './session-memory.ts';
import type { NewWorkItem, WorkItem } from './work/queue.ts';

export const WORK_TYPE = 'session-finalize';

/** The JSON keys are those of the Go package. */
export interface SessionFinalizePayload {
  /** Absolute path of the session's folder, in the ledger or in a cache. */
  readonly session_dir: string;
  readonly raw_path: string;
  /** Which artifacts are to be made. */
  readonly missing: readonly ArtifactName[];
  /** The ledger's root. */
  readonly ledger_path: string;
}

/** A session with the verdict on it. */
export interface JudgedSession {
  readonly session: SurveyedSession;
  readonly verdict: Verdict;
}

/** A session that was looked at just now and has to be worked on. */
export interface PreparedSession {
  readonly found: SurveyedSession;
  /** Undefined when only the commit is missing. */
  readonly study: TranscriptStudy | undefined;
  readonly missing: readonly ArtifactName[];
  /** Whether it is done, and an agent may better its offline summary. */
  readonly isUpgrade?: boolean;
  /** What the agent's own transcript had to add; undefined when it was not asked. */
  readonly recovery?: Recovery;
  /** What an agent is asked about, as its answer names it; undefined as long as none is. */
  readonly inputs?: readonly string[];
}

/** Says what is redacted in a session. */
export type Redaction = Pick<RedactionPolicies, 'of'>;

export interface SessionFinderOptions {
  readonly git: LedgerGit | null;
  /** Brings recordings that lie here as pointers; without it they stay what they are. */
  readonly lfs?: LedgerLfs | null;
  readonly caches: readonly string[];
  /** Patterns of sessions that are left alone. */
  readonly exclude?: readonly Exclusion[];
  readonly memories: SessionMemories;
  readonly redaction: Redaction;
  readonly clock: Clock;
  /** What is known to be finished, and so left out of a survey; all is looked at without it. */
  readonly finished?: FinishedSessions | undefined;
  /** Sessions that are summarised anew although they are finished. */
  readonly again: ReadonlySet<string>;
  /** Finds sessions, too, whose offline summary an agent could better, once per input. */
  readonly upgrade?: boolean;
  /** Finds only these sessions; all without it. */
  readonly only?: ReadonlySet<string>;
  /** Orders sessions of the same urgency; by name without it. */
  readonly orderKey?: (session: string) => string;
  /** Finds at most this many sessions, the most urgent. */
  readonly limit?: number;
  /** Where the agents of this machine keep transcripts; without it, only the one that a marker names is looked at. */
  readonly agentFolders?: AgentFolders;
  /** Hears of what could not be looked at, or removed. */
  readonly onTrouble?: (message: string) => void;
}

/** What stays on this machine does so until somebody asks for it again. */
const UPGRADABLE: ReadonlySet<VerdictName> = new Set(['finished', 'unpushed', 'given-up']);

/** What agents failed on comes last: it holds up nobody. */
const PRIORITY = { commitOnly: 0, withoutAgent: 5, withAgent: 10, failedBefore: 11 } as const;

/** Finds the sessions that wait for work, and looks at one of them afresh when its turn comes. */
export class SessionFinder {
  readonly #options: SessionFinderOptions;
  #pidLookup: PidLookup | undefined;
  #beyondLimit: readonly string[] = [];
  readonly #unfetchable = new Set<string>();
  #isFetchDown = false;
  /** Folders of sessions whose recording no commit had at the last survey: git is not asked for each of them again. */
  #newlyRecorded: ReadonlySet<string> = new Set();

  constructor(options: SessionFinderOptions) {
    this.#options = options;
  }

  setPIDLookup(lookup: PidLookup): void {
    this.#pidLookup = lookup;
  }

  /** Every session with its verdict, finished ones too, but for those that are left out. Changes nothing. Throws UNREADABLE. */
  async survey(ledgerPath: string): Promise<JudgedSession[]> {
    const now = this.#options.clock();
    const sessions = await surveySessions(this.surveyOptions(ledgerPath));
    this.#newlyRecorded = new Set(sessions.filter((each) => each.isRawInHead === false).map(({ folder }) => folder));
    return sessions.map((session) => ({ session, verdict: classifySession(session.facts, now) }));
  }

  /** How many sessions the last survey has left out, all of them finished. */
  get leftOut(): number {
    return this.#options.finished?.leftOut ?? 0;
  }

  /** Sessions that waited, too, at the last look, and that the limit, or a remote out of reach, left for another pass. */
  get beyondLimit(): readonly string[] {
    return this.#beyondLimit;
  }

  /** Leaves a session whose content cannot be had; where nothing can be fetched now, all of them, for another pass. */
  leaveUnfetched({ session, isLasting }: FetchFailure): void {
    if (isLasting) this.#unfetchable.add(session.folder);
    else this.#isFetchDown = true;
  }

  /** Of these sessions the ones that wait for work, the most urgent first. */
  selectWork(judged: readonly JudgedSession[]): JudgedSession[] {
    const { only, limit, orderKey = (name) => name } = this.#options;
    const wanted = judged.filter((found) => {
      const { ledgerName, folder } = found.session;
      return this.#isWanted(found) && (!only || only.has(ledgerName)) && !this.#unfetchable.has(folder);
    });
    const isLeft = ({ session }: JudgedSession) => this.#isFetchDown && isToFetch(session.facts.raw);
    const waiting = wanted.filter((found) => !isLeft(found));
    const urgency = (found: JudgedSession) => priorityOf(found, this.missingOf(found));
    const key = (found: JudgedSession) => orderKey(found.session.ledgerName);
    waiting.sort((a, b) => urgency(a) - urgency(b) || compare(key(a), key(b)));
    const left = [...waiting.slice(limit ?? waiting.length), ...wanted.filter(isLeft)];
    this.#beyondLimit = left.map(({ session }) => session.ledgerName);
    return waiting.slice(0, limit);
  }

  /** The work item for a session that waits. */
  workItem(found: JudgedSession, ledgerPath: string): NewWorkItem<SessionFinalizePayload> {
    const { session } = found;
    const missing = this.missingOf(found);
    return {
      type: WORK_TYPE,
      dedupKey: `${WORK_TYPE}:${session.ledgerName}`,
      priority: priorityOf(found, missing),
      payload: {
        session_dir: session.folder,
        raw_path: path.join(session.folder, RAW_NAME),
        missing,
        ledger_path: ledgerPath,
      },
      attempts: session.memory?.attempts ?? 0,
      lastErr: session.memory?.last_error ?? '',
      input: this.#isRedone(found) ? 'again' : `${session.rawBytes} B`,
      ...(session.memory?.complaint !== undefined && { complaint: session.memory.complaint }),
    };
  }

  /** Looks at an item's session afresh; undefined when there is nothing left to do for it. */
  async lookAgain(item: WorkItem<SessionFinalizePayload>): Promise<JudgedSession | undefined> {
    const found = await this.look(item);
    return found && this.#isWanted(found) ? found : undefined;
  }

  /** What an item's session is at this moment; undefined when it is gone. */
  async look(item: WorkItem<SessionFinalizePayload>): Promise<JudgedSession | undefined> {
    const { session_dir: folder, ledger_path: ledgerPath } = item.payload;
    const options = this.surveyOptions(ledgerPath);
    const place = isInLedger(options.ledger, folder) ? 'ledger' : 'cache';
    const seen = await surveySession(folder, place, options);
    if (!seen) return undefined;
    const isComplete = place === 'ledger' && seen.facts.missing.length === 0;
    const isCommitted = item.priority !== PRIORITY.commitOnly;
    const session = isComplete ? { ...seen, facts: { ...seen.facts, isCommitted } } : seen;
    return { session, verdict: classifySession(session.facts, this.#options.clock()) };
  }

  /**
   * Reads what an item's session needs to be finished, and completes its recording first where that was abandoned.
   * Undefined when there is nothing left to do. Throws NOT_RECOVERABLE, BAD_TRANSCRIPT, UNREADABLE.
   */
  async prepare(item: WorkItem<SessionFinalizePayload>, originals: Originals): Promise<PreparedSession | undefined> {
    const found = await this.lookAgain(item);
    if (!found) return undefined;
    if (await this.#lacksOnlyCommit(found, item)) return { found: found.session, study: undefined, missing: [] };
    const { raw_path: rawPath, ledger_path: ledgerPath } = item.payload;
    const { folder, ledgerName } = found.session;
    new Set([folder, path.join(ledgerPath, 'sessions', ledgerName)]).forEach(assertPublishable);
    const policy = await this.#options.redaction.of(found.session);
    const recovery = found.session.facts.recorder && (await recoverTranscript(found.session, policy, originals));
    const now = await this.look(item);
    if (now && isLeftAlone(now.verdict)) return undefined;
    const session = now && this.#isWanted(now) ? now.session : found.session;
    const study = studyTranscript(contentPath(session), policy);
    if (study.raw.entryCount === 0) throw unreadableTranscript(rawPath, study);
    const isGrown = hasGrown(session, study, recovery);
    const missing = isGrown ? ARTIFACTS : this.missingOf(found);
    return {
      found: session,
      study,
      missing,
      isUpgrade: !isGrown && this.isUpgrade(found),
      ...(recovery && { recovery }),
    };
  }

  surveyOptions(ledgerPath: string): SurveyOptions {
    const { caches, exclude, memories, git, lfs, finished, again, agentFolders, onTrouble } = this.#options;
    return {
      ledger: { sessionsDir: path.join(ledgerPath, 'sessions'), repoId: path.basename(ledgerPath) },
      caches,
      exclude,
      remembered: (key) => memories.get(key),
      journal: memories.journal,
      unclean: memories.unclean,
      git,
      lfs,
      finished,
      again,
      pidLookup: this.#pidLookup,
      agentFolders,
      onTrouble,
    };
  }

  #isWanted(found: JudgedSession): boolean {
    const { session, verdict } = found;
    if (session.facts.excludedBy !== undefined) return false;
    if (isWork(verdict) || this.isUpgrade(found)) return true;
    if (!this.#options.again.has(session.ledgerName) || session.facts.supersededBy !== undefined) return false;
    if (session.facts.remembered?.verdict === 'unreadable') return verdict.verdict === 'unreadable';
    const { raw } = session.facts;
    const isDone = ['finished', 'given-up', 'local-only', 'pointer'].includes(verdict.verdict);
    return isDone && (hasContent(raw) || isToFetch(raw));
  }

  /** What a pass would make for a session. */
  missingOf(found: JudgedSession): readonly ArtifactName[] {
    const isOutdated = found.verdict.verdict === 'stale-artifacts' || this.#isRedone(found);
    return isOutdated ? ARTIFACTS : found.session.facts.missing;
  }

  /** Whether a session is done but for an agent that could say more of it than was made without one. */
  isUpgrade(found: JudgedSession): boolean {
    return this.#options.upgrade === true && isUpgradable(found);
  }

  #isRedone(found: JudgedSession): boolean {
    return this.#options.again.has(found.session.ledgerName) || this.isUpgrade(found);
  }

  /**
   * A kill may have come after the last artifact and before meta.json; and a recording that no commit holds yet has to
   * be searched for secrets before one does.
   */
  async #lacksOnlyCommit(found: JudgedSession, item: WorkItem<SessionFinalizePayload>): Promise<boolean> {
    const { session, verdict } = found;
    if (verdict.verdict !== 'unpushed' || this.#isRedone(found)) return false;
    if (session.facts.raw.kind !== 'content') return true;
    // Its meta.json is written last of all.
    const isBegun = this.#options.memories.journal.includes(session.ledgerName);
    if (isBegun || !hasMetaOf(session) || this.#newlyRecorded.has(session.folder)) return false;
    const relative = gitPath(item.payload.ledger_path, item.payload.raw_path);
    return (await this.#options.git?.matchesHead(relative)) === true;
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether a session has only an offline summary, and no agent was asked yet to say more of the same input. */
export function isUpgradable({ session, verdict }: JudgedSession): boolean {
  const { summary, memory, facts } = session;
  const input = summary?.agentwork?.input.sha256;
  if (summary?.provider !== 'offline' || input === undefined) return false;
  const isFree = facts.supersededBy === undefined && facts.excludedBy === undefined;
  const isOpen = isFree && summary.quality_category !== 'skip' && memory?.upgraded !== input;
  return isOpen && UPGRADABLE.has(verdict.verdict) && facts.raw.kind === 'content';
}

function priorityOf({ session, verdict }: JudgedSession, missing: readonly ArtifactName[]): number {
  if (verdict.verdict === 'unpushed' && missing.length === 0) return PRIORITY.commitOnly;
  if (!missing.includes('summary.json')) return PRIORITY.withoutAgent;
  return session.memory?.last_error === undefined ? PRIORITY.withAgent : PRIORITY.failedBefore;
}

/** Whether the existing summary was made of less than what is there now. */
function hasGrown({ facts }: SurveyedSession, { raw }: TranscriptStudy, recovery: Recovery | undefined): boolean {
  if (facts.missing.length > 0) return false;
  return facts.summarised ? raw.entryCount > facts.summarised.entries : (recovery?.added ?? 0) > 0;
}

/** Nothing in it could be understood; names the lines. */
export function unreadableTranscript(file: string, study: TranscriptStudy): ExpectedError {
  const lines = study.raw.malformedLines.slice(0, 5).join(', ');
  const where = lines === '' ? '' : ` (unreadable: line ${lines}${study.raw.malformedCount > 5 ? ' and more' : ''})`;
  return new ExpectedError('BAD_TRANSCRIPT', `${file} holds no readable entry${where}`);
}
