import path from 'node:path';
import { applyCleanup, planCleanup, type Removal } from './cleanup.ts';
import { systemClock } from './clock.ts';
import type { AgentName } from './config.ts';
import { ExpectedError } from './errors.ts';
import type { Sharing } from './ledger/claims/claims.ts';
import type { Originals } from './ledger/clean-files.ts';
import { sessionsHeldBack } from './ledger/held-back.ts';
import { fetchContents } from './ledger/pointer-fetch.ts';
import type { Publication } from './ledger/publish.ts';
import type { PidLookup } from './ledger/recorder.ts';
import { contentPath, hasContent } from './ledger/recording-content.ts';
import { studyTranscript, type TranscriptStudy, withoutEntries } from './ledger/transcript-file.ts';
import { inputsOf } from './paid-answer.ts';
import { isLeftAlone } from './session/classify.ts';
import { buildOfflineSummary } from './session/offline-summary.ts';
import { BUILT_IN } from './session/redaction/policy.ts';
import type { SessionSummary } from './session/summary.ts';
import { claimSessions, isClaimLost } from './session-claim.ts';
import {
  type JudgedSession,
  type PreparedSession,
  type SessionFinalizePayload,
  SessionFinder,
  type SessionFinderOptions,
  unreadableTranscript,
  WORK_TYPE,
} from './session-finder.ts';
import { keptOutcome, SessionFinisher, type SessionOutcome } from './session-finisher.ts';
import { MemoryBook, NO_MEMORIES } from './session-memory.ts';
import { buildQuestion, newBoundary } from './session-question.ts';
import { isAskedNothing, isGood, isUsable, needsSummary, saysLess, summarise } from './session-summariser.ts';
import type { WorkHandler } from './work/handler.ts';
import type { NewWorkItem, WorkItem } from './work/queue.ts';
import type { MeasuredUsage, RunRequest, RunResult } from './work/runner.ts';

/** Everything may be left out: without git nothing is committed, without memories nothing outlives the handler. */
export interface SessionFinalizeOptions extends Partial<SessionFinderOptions> {
  readonly agent?: AgentName;
  readonly model?: string | undefined;
  readonly publication?: Partial<Publication>;
  /** Shares the sessions among machines; undefined where nobody is to be told. */
  readonly claims?: Sharing | undefined;
  /** Hears of everything that a cleanup removed. */
  readonly onRemove?: (removal: Removal) => void;
}

type Item = WorkItem<SessionFinalizePayload>;

/** The same each time, so that the same question is of the same size. */
const PREVIEW_BOUNDARY = 'abc123';

/** Finds unfinished sessions in the ledger and the caches, and makes them finished ones. */
export class SessionFinalizeHandler implements WorkHandler<SessionFinalizePayload, SessionOutcome> {
  /** Which sessions there are, and which of them wait. */
  readonly finder: SessionFinder;
  readonly #options: SessionFinalizeOptions & SessionFinderOptions;
  readonly #prepared = new Map<string, PreparedSession>();
  readonly #book: MemoryBook;
  readonly #finisher: SessionFinisher;
  /** What a cleanup that changed nothing saw just now: a look costs as much as the ledger is large. */
  #seen: readonly JudgedSession[] | undefined;

  constructor(options: SessionFinalizeOptions = {}) {
    const redaction = { of: async () => BUILT_IN };
    const nothing = { git: null, caches: [], memories: NO_MEMORIES, redaction, clock: systemClock };
    this.#options = { ...nothing, again: new Set<string>(), ...options };
    this.finder = new SessionFinder(this.#options);
    this.#book = new MemoryBook(this.#options.memories);
    this.#finisher = new SessionFinisher(this.#options, this.#book);
  }

  type(): string {
    return WORK_TYPE;
  }

  /** How the pid of a recording is found whose marker names none; 0 for unknown. */
  setPIDLookup(lookup: PidLookup): void {
    this.finder.setPIDLookup(lookup);
  }

  /** Scores from `upload` on are shared, scores below `discard` are put away, those between stay on this machine. */
  setQualityThresholds(upload: number, discard: number): void {
    this.#finisher.setQualityThresholds({ upload, discard });
  }

  async detect(ledgerPath: string): Promise<NewWorkItem<SessionFinalizePayload>[]> {
    for (;;) {
      const judged = await this.#survey(ledgerPath);
      const waiting = this.finder.selectWork(judged);
      if (await this.#fetchContents(waiting)) return waiting.map((found) => this.finder.workItem(found, ledgerPath));
    }
  }

  /** Removes ghosts, stubs, leftovers of killed passes and old trash, whether an agent is enabled or not. */
  async cleanup(ledgerPath: string): Promise<readonly Removal[]> {
    const judged = await this.#survey(ledgerPath);
    const plan = await planCleanup({
      survey: this.finder.surveyOptions(ledgerPath),
      sessions: judged.map(({ session }) => session),
      stateDir: this.#finisher.publication(ledgerPath).stateDir,
      now: this.#options.clock(),
      pushedCopies: 'stay',
    });
    const removed = await applyCleanup(plan, (message) => this.#options.onTrouble?.(message));
    for (const removal of removed) this.#options.onRemove?.(removal);
    this.#seen = removed.length === 0 ? judged : undefined;
    // Only until anything else has a turn: what comes later looks for itself.
    setImmediate(() => {
      this.#seen = undefined;
    });
    return removed;
  }

  /** Sessions that are committed and may not be pushed, with the reason: a hold came since. */
  async heldBack(ledgerPath: string): Promise<ReadonlyMap<string, string>> {
    return sessionsHeldBack(this.finder.surveyOptions(ledgerPath), this.#options.clock());
  }

  async claim(items: readonly Item[]): Promise<ReadonlyMap<string, string>> {
    const { claims, agent } = this.#options;
    return claims && agent === 'claude' ? claimSessions(claims, items) : new Map();
  }

  isLost(item: Item): boolean {
    const { claims, agent } = this.#options;
    return claims !== undefined && agent === 'claude' && isClaimLost(claims, item);
  }

  /** The question for the agent, or null where none is needed. Recovers the transcript first when that is what is missing. */
  async buildPrompt(item: Item): Promise<RunRequest | null> {
    await this.#options.publication?.requireUndisturbed?.();
    const prepared = await this.#prepare(item);
    if (!prepared?.study || !this.#isAsked(prepared, prepared.study)) return null;
    // When the answer comes, it may lie in somebody's stash.
    this.#hold(item, { ...prepared, inputs: inputsOf(prepared.found, prepared.study) });
    const asked = { model: this.#options.model, complaint: item.complaint, boundary: newBoundary() };
    return buildQuestion(prepared.found, prepared.study, asked);
  }

  /** Whether a session is without a summary, or with one that a pass would replace. */
  lacksSummary(found: JudgedSession): boolean {
    return needsSummary({ found: found.session, missing: this.finder.missingOf(found) });
  }

  /** What a pass would ask about a session; null where it would ask nothing. Reads its recording, and changes nothing. */
  async previewPrompt(found: JudgedSession): Promise<RunRequest | null> {
    const { session } = found;
    if (this.#options.agent !== 'claude' || !hasContent(session.facts.raw) || !this.lacksSummary(found)) return null;
    const content = contentPath(session);
    const study = studyTranscript(content, await this.#options.redaction.of(session));
    if (study.raw.entryCount === 0) throw unreadableTranscript(content, study);
    if (isAskedNothing({ found: session }, study) || this.#book.keptAnswer(session, study)) return null;
    return buildQuestion(session, study, { model: this.#options.model, boundary: PREVIEW_BOUNDARY });
  }

  /** Writes what the session lacks and hands it over to be committed. Throws BAD_ANSWER when the answer is of no use. */
  async processResult(item: Item, result: RunResult | null): Promise<SessionOutcome> {
    const prepared = await this.#stillPrepared(item, result).catch(async (error) => {
      if (result) await this.#keepAnswer(item, result);
      throw error;
    });
    const answer = result ?? (prepared && this.#paidAnswer(prepared)) ?? null;
    const summary = prepared && summarise(prepared, answer, this.#options.agent ?? 'claude');
    if (prepared?.study && summary && result)
      await this.#book.noteAnswer({ ...prepared, study: prepared.study }, result);
    const better =
      prepared && summary && saysLess(summary, prepared.found.summary) ? prepared.found.summary : undefined;
    if (better) return this.#keepGood(item, prepared as PreparedSession, better, new Error('the new answer says less'));
    return summary ? this.#finish(item, prepared, summary, answer) : this.#kept(item);
  }

  /** Publishes the offline summary, marked as unrecoverable; an existing good summary is never replaced by it. */
  async giveUp(item: Item, failure: Error): Promise<SessionOutcome> {
    const prepared = this.#prepared.get(item.dedupKey) ?? (await this.#prepare(item));
    if (!prepared || (await this.#isLeftAlone(item))) return this.#kept(item);
    const { found, study, missing, isUpgrade } = prepared;
    // A pass that was killed had given up already: what it wrote is not committed yet.
    const isGivenUpAlready = !study || (found.facts.isGivenUp && missing.length === 0);
    if (found.summary && isGivenUpAlready) return this.#finish(item, prepared, found.summary, null);
    if (!study) return this.#kept(item);
    if (isUpgrade) {
      await this.#book.noteUpgradeFailed(found, failure);
      return this.#kept(item);
    }
    if (found.summary && isGood(found.summary)) return this.#keepGood(item, prepared, found.summary, failure);
    const offline = buildOfflineSummary(study.outline, study.raw.header);
    const given = {
      ...offline,
      summary_status: 'unrecoverable',
      score_reason: 'no agent could say what it is worth',
    } as const;
    const outcome = await this.#finish(item, prepared, given, null);
    await this.#book.noteDiagnosis(outcome.published, failure);
    return outcome;
  }

  /** Counts the attempt where the session had a part in the failure. The count survives this process. */
  async recordFailure(item: Item, failure: Error, usage: MeasuredUsage): Promise<{ attempts: number }> {
    const found = this.#prepared.get(item.dedupKey)?.found;
    return { attempts: await this.#book.countFailure(found, item, { failure, usage }) };
  }

  async #survey(ledgerPath: string): Promise<readonly JudgedSession[]> {
    if (this.#seen) return this.#seen;
    const judged = await this.finder.survey(ledgerPath);
    await this.#options.finished?.note();
    return judged;
  }

  /** Brings what is recorded behind Git LFS pointers. False when some of it cannot be had: that is no work then. */
  async #fetchContents(waiting: readonly JudgedSession[]): Promise<boolean> {
    const sessions = waiting.map(({ session }) => session);
    const failures = await fetchContents(sessions, this.#options.lfs);
    const failed = new Set(failures.map(({ session }) => session));
    for (const session of sessions.filter((each) => !failed.has(each))) await this.#book.noteFetched(session);
    for (const failure of failures) {
      const { session, reason, isLasting } = failure;
      this.#options.onTrouble?.(`${session.ledgerName} is left: raw.jsonl is a Git LFS pointer, and ${reason}`);
      if (isLasting) await this.#book.noteUnfetched(session, failure, this.#options.clock());
      this.finder.leaveUnfetched(failure);
    }
    return failures.length === 0;
  }

  /** A good summary outlives the failure; what else is missing is made from it. */
  async #keepGood(item: Item, prepared: PreparedSession, summary: SessionSummary, failure: Error) {
    const { missing } = prepared.found.facts;
    const outcome = missing.length > 0 ? await this.#finish(item, { ...prepared, missing }, summary, null) : undefined;
    await this.#book.noteGivenUp(prepared.found, failure);
    return outcome ?? this.#kept(item);
  }

  #isAsked(prepared: PreparedSession, study: TranscriptStudy): boolean {
    if (this.#options.agent === 'offline' || isAskedNothing(prepared, study)) return false;
    return needsSummary(prepared) && !this.#paidAnswer(prepared);
  }

  /** What an earlier pass paid for and could not write down, or not commit. */
  #paidAnswer({ found, study }: PreparedSession): RunResult | undefined {
    return study && this.#book.keptAnswer(found, study);
  }

  async #prepare(item: Item): Promise<PreparedSession | undefined> {
    this.#prepared.delete(item.dedupKey);
    const prepared = await this.finder
      .prepare(item, this.#originals(item))
      .catch((error) => this.#rememberUnreadable(item, error));
    if (prepared) this.#prepared.set(item.dedupKey, prepared);
    return prepared;
  }

  async #rememberUnreadable(item: Item, error: unknown): Promise<never> {
    const isHopeless = error instanceof ExpectedError && ['BAD_TRANSCRIPT', 'NOT_RECOVERABLE'].includes(error.code);
    const found = isHopeless ? (await this.finder.lookAgain(item))?.session : undefined;
    if (found) await this.#book.noteUnreadable(found, error);
    throw error;
  }

  /** While the agent thought, somebody may have finished the session, gone on recording it, or put a hold on it. */
  async #stillPrepared(item: Item, result: RunResult | null): Promise<PreparedSession | undefined> {
    const prepared = this.#prepared.get(item.dedupKey);
    if (!prepared) return this.#prepareLate(item, result);
    if (result === null) return (await this.#isLeftAlone(item)) ? undefined : prepared;
    if (await this.finder.lookAgain(item)) return prepared;
    return this.#keepIfWaiting(item, result);
  }

  /** What could not be looked at when it was to be asked about, and can be now, is for the next pass to ask about. */
  async #prepareLate(item: Item, result: RunResult | null): Promise<PreparedSession | undefined> {
    const prepared = await this.#prepare(item);
    return prepared?.study && !result && this.#isAsked(prepared, prepared.study) ? undefined : prepared;
  }

  async #isLeftAlone(item: Item): Promise<boolean> {
    const found = await this.finder.look(item);
    return found !== undefined && isLeftAlone(found.verdict);
  }

  /** What may not, or could not, be looked at or written now is of use as soon as it may. */
  async #keepIfWaiting(item: Item, result: RunResult): Promise<undefined> {
    const now = await this.finder.look(item);
    // What is gone may be in somebody's stash.
    const isUnsettled = !now || isLeftAlone(now.verdict) || ['recording', 'unreadable'].includes(now.verdict.verdict);
    if (isUnsettled || this.lacksSummary(now)) await this.#keepAnswer(item, result);
  }

  /** It was paid for. */
  async #keepAnswer(item: Item, result: RunResult): Promise<void> {
    const { found, study, inputs } = this.#prepared.get(item.dedupKey) ?? {};
    if (found && study && isUsable(study, result)) await this.#book.noteAnswer({ found, study, inputs }, result);
  }

  /** For as long as it takes: there may be many of them. */
  #hold(item: Item, prepared: PreparedSession): void {
    this.#prepared.set(item.dedupKey, { ...prepared, study: prepared.study && withoutEntries(prepared.study) });
  }

  async #finish(item: Item, prepared: PreparedSession, summary: SessionSummary, result: RunResult | null) {
    this.#hold(item, prepared);
    const outcome = await this.#finisher.finish(prepared, item.payload.ledger_path, { summary, result });
    this.#prepared.delete(item.dedupKey);
    for (const { file, reason } of outcome.published?.leftOut ?? []) {
      this.#options.onTrouble?.(`${outcome.session}: ${file} is not committed: ${reason}`);
    }
    return outcome;
  }

  #originals({ payload: { ledger_path: ledgerPath } }: Item): Originals {
    return { ...this.#finisher.publication(ledgerPath), ledgerPath };
  }

  #kept(item: Item): SessionOutcome {
    const found = this.#prepared.get(item.dedupKey)?.found;
    this.#prepared.delete(item.dedupKey);
    return keptOutcome(found?.ledgerName ?? path.basename(item.payload.session_dir), found?.summary?.title);
  }
}
