import path from 'node:path';
import type { Clock } from './clock.ts';
import { ExpectedError } from './errors.ts';
import { assertPublishable } from './ledger/clean-files.ts';
import type { LedgerGit } from './ledger/git.ts';
import { isInLedger } from './ledger/ledger.ts';
import { recoverTranscript } from './ledger/recover.ts';
import { type PidLookup, RAW_NAME } from './ledger/session-facts.ts';
import { memoryKey, type SurveyedSession, type SurveyOptions, surveySession, surveySessions } from './ledger/survey.ts';
import { studyTranscript, type TranscriptStudy } from './ledger/transcript-file.ts';
import { ARTIFACTS, type ArtifactName, classifySession, isWork, type Verdict } from './session/classify.ts';
import { isObject } from './session/transcript.ts';
import { memoryIfSame, type SessionMemories } from './session-memory.ts';
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
}

export interface SessionFinderOptions {
  readonly git: LedgerGit | null;
  readonly caches: readonly string[];
  readonly memories: SessionMemories;
  readonly clock: Clock;
  /** Sessions that are summarised anew although they are finished. */
  readonly again: ReadonlySet<string>;
  /** Finds only these sessions; all without it. */
  readonly only?: ReadonlySet<string>;
  /** Finds at most this many sessions, the most urgent. */
  readonly limit?: number;
}

const PRIORITY = { commitOnly: 0, withoutAgent: 5, withAgent: 10 } as const;

/** Finds the sessions that wait for work, and looks at one of them afresh when its turn comes. */
export class SessionFinder {
  readonly #options: SessionFinderOptions;
  #pidLookup: PidLookup | undefined;
  #beyondLimit: readonly string[] = [];

  constructor(options: SessionFinderOptions) {
    this.#options = options;
  }

  setPIDLookup(lookup: PidLookup): void {
    this.#pidLookup = lookup;
  }

  /** Every session with its verdict, finished ones too. Changes nothing. Throws UNREADABLE. */
  async survey(ledgerPath: string): Promise<JudgedSession[]> {
    const now = this.#options.clock();
    const sessions = await surveySessions(this.surveyOptions(ledgerPath));
    return sessions.map((session) => ({ session, verdict: classifySession(session.facts, now) }));
  }

  /** Sessions that waited, too, at the last look, and that the limit left for another pass. */
  get beyondLimit(): readonly string[] {
    return this.#beyondLimit;
  }

  /** Of these sessions the ones that wait for work, the most urgent first. */
  selectWork(judged: readonly JudgedSession[]): JudgedSession[] {
    const { only, limit } = this.#options;
    const waiting = judged.filter((found) => this.#isWanted(found) && (!only || only.has(found.session.ledgerName)));
    const urgency = (found: JudgedSession) => priorityOf(found.verdict, this.#missingOf(found));
    waiting.sort((a, b) => urgency(a) - urgency(b));
    this.#beyondLimit = waiting.slice(limit ?? waiting.length).map(({ session }) => session.ledgerName);
    return waiting.slice(0, limit);
  }

  /** The work item for a session that waits. */
  workItem(found: JudgedSession, ledgerPath: string): NewWorkItem<SessionFinalizePayload> {
    const { session, verdict } = found;
    const missing = this.#missingOf(found);
    const memory = memoryIfSame(session, this.#options.memories.get(memoryKey(session)));
    return {
      type: WORK_TYPE,
      dedupKey: `${WORK_TYPE}:${session.ledgerName}`,
      priority: priorityOf(verdict, missing),
      payload: {
        session_dir: session.folder,
        raw_path: path.join(session.folder, RAW_NAME),
        missing,
        ledger_path: ledgerPath,
      },
      attempts: memory?.attempts ?? 0,
      lastErr: memory?.last_error ?? '',
    };
  }

  /** Looks at an item's session afresh; undefined when there is nothing left to do for it. */
  lookAgain(item: WorkItem<SessionFinalizePayload>): JudgedSession | undefined {
    const { session_dir: folder, ledger_path: ledgerPath } = item.payload;
    const options = this.surveyOptions(ledgerPath);
    const place = isInLedger(options.ledger, folder) ? 'ledger' : 'cache';
    const seen = surveySession(folder, place, options);
    if (!seen) return undefined;
    const isComplete = place === 'ledger' && seen.facts.missing.length === 0;
    const isCommitted = item.priority !== PRIORITY.commitOnly;
    const session = isComplete ? { ...seen, facts: { ...seen.facts, isCommitted } } : seen;
    const found = { session, verdict: classifySession(session.facts, this.#options.clock()) };
    return this.#isWanted(found) ? found : undefined;
  }

  /**
   * Reads what an item's session needs to be finished, and recovers its transcript first where that is what is missing.
   * Undefined when there is nothing left to do. Throws NOT_RECOVERABLE, BAD_TRANSCRIPT, UNREADABLE.
   */
  async prepare(item: WorkItem<SessionFinalizePayload>): Promise<PreparedSession | undefined> {
    const found = this.lookAgain(item);
    if (!found) return undefined;
    if (await this.#lacksOnlyCommit(found, item)) return { found: found.session, study: undefined, missing: [] };
    const { raw_path: rawPath, ledger_path: ledgerPath } = item.payload;
    const { folder, ledgerName } = found.session;
    new Set([folder, path.join(ledgerPath, 'sessions', ledgerName)]).forEach(assertPublishable);
    if (found.session.facts.raw.kind !== 'content') await recoverTranscript(found.session, rawPath);
    const { session } = this.lookAgain(item) ?? found;
    const study = studyTranscript(rawPath);
    if (study.raw.entryCount === 0) throw unreadableTranscript(rawPath, study);
    return { found: session, study, missing: this.#missingOf(found) };
  }

  surveyOptions(ledgerPath: string): SurveyOptions {
    const { caches, memories, git } = this.#options;
    return {
      ledger: { sessionsDir: path.join(ledgerPath, 'sessions'), repoId: path.basename(ledgerPath) },
      caches,
      remembered: (key) => memories.get(key),
      journal: memories.journal,
      git,
      pidLookup: this.#pidLookup,
    };
  }

  #isWanted({ session, verdict }: JudgedSession): boolean {
    if (isWork(verdict.verdict)) return true;
    if (!this.#options.again.has(session.ledgerName) || session.facts.supersededBy !== undefined) return false;
    if (session.facts.remembered?.verdict === 'unreadable') return verdict.verdict === 'unreadable';
    const isDone = ['finished', 'given-up', 'local-only'].includes(verdict.verdict);
    return isDone && session.facts.raw.kind === 'content';
  }

  #missingOf({ session, verdict }: JudgedSession): readonly ArtifactName[] {
    const isOutdated = verdict.verdict === 'stale-artifacts' || this.#options.again.has(session.ledgerName);
    return isOutdated ? ARTIFACTS : session.facts.missing;
  }

  /**
   * A kill may have come after the last artifact and before meta.json; and a recording that no commit holds yet has to
   * be searched for secrets before one does.
   */
  async #lacksOnlyCommit(found: JudgedSession, item: WorkItem<SessionFinalizePayload>): Promise<boolean> {
    const { session, verdict } = found;
    if (verdict.verdict !== 'unpushed' || this.#options.again.has(session.ledgerName)) return false;
    if (session.facts.raw.kind !== 'content') return true;
    if (!hasMetaOf(session)) return false;
    const relative = path.relative(item.payload.ledger_path, item.payload.raw_path);
    return (await this.#options.git?.matchesHead(relative)) === true;
  }
}

function priorityOf({ verdict }: Verdict, missing: readonly ArtifactName[]): number {
  if (verdict === 'unpushed' && missing.length === 0) return PRIORITY.commitOnly;
  return missing.includes('summary.json') ? PRIORITY.withAgent : PRIORITY.withoutAgent;
}

/** Whether meta.json tells of the summary that is there; a summary that others wrote needs no word of ours. */
function hasMetaOf({ meta, summary }: SurveyedSession): boolean {
  const digest = summary?.agentwork?.input.sha256;
  if (digest === undefined) return true;
  const told = isObject(meta?.agentwork) ? meta.agentwork.input : undefined;
  return isObject(told) && told.sha256 === digest;
}

function unreadableTranscript(file: string, study: TranscriptStudy): ExpectedError {
  const lines = study.raw.malformedLines.slice(0, 5).join(', ');
  const where = lines === '' ? '' : ` (unreadable: line ${lines}${study.raw.malformedCount > 5 ? ' and more' : ''})`;
  return new ExpectedError('BAD_TRANSCRIPT', `${file} holds no readable entry${where}`);
}
