import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { applyCleanup, planCleanup, type Removal } from './cleanup.ts';
import { type Clock, systemClock } from './clock.ts';
import type { AgentName } from './config.ts';
import { ExpectedError } from './errors.ts';
import type { LedgerGit } from './ledger/git.ts';
import { isInLedger } from './ledger/ledger.ts';
import { type Publication, type Published, publishSession } from './ledger/publish.ts';
import { recoverTranscript } from './ledger/recover.ts';
import { type PidLookup, RAW_NAME } from './ledger/session-facts.ts';
import { memoryKey, type SurveyedSession, type SurveyOptions, surveySession, surveySessions } from './ledger/survey.ts';
import { redactedEntries, studyTranscript, type TranscriptStudy } from './ledger/transcript-file.ts';
import { parseSummaryAnswer } from './session/answer.ts';
import { withChapterTitles } from './session/chapters.ts';
import { ARTIFACTS, type ArtifactName, classifySession, isWork, type Verdict } from './session/classify.ts';
import { buildBriefSummary, buildOfflineSummary, isBrief } from './session/offline-summary.ts';
import { buildSummaryPrompt } from './session/prompt.ts';
import { dispositionOf, type QualityThresholds } from './session/quality.ts';
import { createRedactor } from './session/redact.ts';
import type { QualityCategory, SessionSummary, SummaryOrigin } from './session/summary.ts';
import { defined } from './session/transcript.ts';
import type { SessionMemory } from './state.ts';
import type { WorkHandler } from './work/handler.ts';
import type { NewWorkItem, WorkItem } from './work/queue.ts';
import { RunError, type RunFailureKind, type RunRequest, type RunResult } from './work/runner.ts';

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

/** What became of a session that the handler is done with. */
export interface SessionOutcome {
  readonly session: string;
  /** `kept`: somebody finished it meanwhile, or a better summary stands already. */
  readonly verdict: QualityCategory | 'kept';
  /** Who made the summary; `none` when the existing one was used. */
  readonly agent: string;
  readonly title: string;
  readonly redactions: number;
  /** One-based numbers of the transcript's lines that could not be read. */
  readonly malformedLines: readonly number[];
  readonly published?: Published;
}

/** A session with the verdict on it. */
export interface JudgedSession {
  readonly session: SurveyedSession;
  readonly verdict: Verdict;
}

/** What outlives the handler: attempts and verdicts that the ledger does not show. */
export interface SessionMemories {
  get(key: string): SessionMemory | undefined;
  set(key: string, memory: SessionMemory | undefined): Promise<void>;
  readonly journal: readonly string[];
}

export interface SessionFinalizeOptions {
  /** Null leaves git out altogether, for tests and embedders: nothing is committed, nothing counts as tracked. */
  readonly git?: LedgerGit | null;
  readonly agent?: AgentName;
  readonly model?: string | undefined;
  readonly caches?: readonly string[];
  readonly memories?: SessionMemories;
  readonly publication?: Partial<Publication>;
  /** Sessions that are summarised anew although they are finished. */
  readonly again?: ReadonlySet<string>;
  /** Hears of everything that a cleanup removed. */
  readonly onRemove?: (removal: Removal) => void;
  /** Finds only these sessions; all without it. */
  readonly only?: ReadonlySet<string>;
  /** Finds at most this many sessions, the most urgent. */
  readonly limit?: number;
  readonly clock?: Clock;
}

const PRIORITY = { commitOnly: 0, withoutAgent: 5, withAgent: 10 } as const;
/** Failures of the world around the agent: they say nothing about the session. */
const UNCOUNTED: ReadonlySet<RunFailureKind> = new Set(['network', 'server_error', 'rate_limited', 'aborted']);

const NO_MEMORIES: SessionMemories = { get: () => undefined, set: async () => {}, journal: [] };

/** A session that was looked at just now and has to be worked on. */
interface Prepared {
  readonly found: SurveyedSession;
  readonly verdict: Verdict;
  /** Undefined when only the commit is missing. */
  readonly study: TranscriptStudy | undefined;
  readonly missing: readonly ArtifactName[];
}

/** Finds unfinished sessions in the ledger and the caches, and makes them finished ones. */
export class SessionFinalizeHandler implements WorkHandler<SessionFinalizePayload, SessionOutcome> {
  readonly #options: SessionFinalizeOptions;
  readonly #memories: SessionMemories;
  readonly #clock: Clock;
  readonly #prepared = new Map<string, Prepared>();
  #pidLookup: PidLookup | undefined;
  #thresholds: QualityThresholds = { upload: 0.3, discard: 0.1 };

  constructor(options: SessionFinalizeOptions = {}) {
    this.#options = options;
    this.#memories = options.memories ?? NO_MEMORIES;
    this.#clock = options.clock ?? systemClock;
  }

  type(): string {
    return WORK_TYPE;
  }

  /** How the pid of a recording is found whose marker names none; 0 for unknown. */
  setPIDLookup(lookup: PidLookup): void {
    this.#pidLookup = lookup;
  }

  /** Scores from `upload` on are shared, scores below `discard` are put away, those between stay on this machine. */
  setQualityThresholds(upload: number, discard: number): void {
    this.#thresholds = { upload, discard };
  }

  /** Every session with its verdict, finished ones too. Throws UNREADABLE when the ledger cannot be read. */
  async survey(ledgerPath: string): Promise<JudgedSession[]> {
    const now = this.#clock();
    const sessions = await surveySessions(this.#surveyOptions(ledgerPath));
    return sessions.map((session) => ({ session, verdict: classifySession(session.facts, now) }));
  }

  /** The sessions that wait for work, the most urgent first. Throws UNREADABLE. */
  async findWork(ledgerPath: string): Promise<JudgedSession[]> {
    return this.selectWork(await this.survey(ledgerPath));
  }

  /** Of these sessions the ones that wait for work, the most urgent first. */
  selectWork(judged: readonly JudgedSession[]): JudgedSession[] {
    const { only, limit } = this.#options;
    const waiting = judged
      .filter(({ session, verdict }) => isWork(verdict.verdict) || this.#isAgain(session, verdict))
      .filter(({ session }) => !only || only.has(session.ledgerName));
    const urgency = ({ session, verdict }: JudgedSession) => priorityOf(verdict, this.#missingOf(session, verdict));
    return waiting.sort((a, b) => urgency(a) - urgency(b)).slice(0, limit);
  }

  async detect(ledgerPath: string): Promise<NewWorkItem<SessionFinalizePayload>[]> {
    return (await this.findWork(ledgerPath)).map((found) => this.workItem(found, ledgerPath));
  }

  /** The work item for a session that waits. */
  workItem({ session, verdict }: JudgedSession, ledgerPath: string): NewWorkItem<SessionFinalizePayload> {
    const missing = this.#missingOf(session, verdict);
    const payload = {
      session_dir: session.folder,
      raw_path: path.join(session.folder, RAW_NAME),
      missing,
      ledger_path: ledgerPath,
    };
    const memory = this.#memoryOf(session);
    return {
      type: WORK_TYPE,
      dedupKey: `${WORK_TYPE}:${session.ledgerName}`,
      priority: priorityOf(verdict, missing),
      payload,
      attempts: memory?.attempts ?? 0,
      lastErr: memory?.last_error ?? '',
    };
  }

  /** Removes ghosts, leftovers of killed passes and old trash, whether an agent is enabled or not. */
  async cleanup(ledgerPath: string): Promise<readonly Removal[]> {
    const options = this.#surveyOptions(ledgerPath);
    const plan = planCleanup({
      sessions: await surveySessions({ ...options, git: null }),
      folders: [options.ledger.sessionsDir, ...options.caches],
      stateDir: this.#publication(ledgerPath).stateDir,
      now: this.#clock(),
    });
    applyCleanup(plan);
    for (const removal of plan) this.#options.onRemove?.(removal);
    return plan;
  }

  /** The question for the agent, or null where none is needed. Recovers the transcript first when that is what is missing. */
  async buildPrompt(item: WorkItem<SessionFinalizePayload>): Promise<RunRequest | null> {
    const prepared = await this.#prepare(item);
    if (!prepared?.study || !needsSummary(prepared)) return null;
    if (this.#options.agent === 'offline' || isBrief(prepared.study.outline)) return null;
    const { prompt, systemPrompt } = buildSummaryPrompt({
      name: prepared.found.ledgerName,
      header: prepared.study.raw.header,
      outline: prepared.study.outline,
      entries: redactedEntries(item.payload.raw_path),
      boundary: randomBytes(8).toString('hex'),
    });
    return { prompt, systemPrompt, ...(this.#options.model !== undefined && { model: this.#options.model }) };
  }

  /** Writes what the session lacks and hands it over to be committed. Throws BAD_ANSWER when the answer is of no use. */
  async processResult(item: WorkItem<SessionFinalizePayload>, result: RunResult | null): Promise<SessionOutcome> {
    const prepared = await this.#freshOrPrepared(item, result);
    if (!prepared) return this.#kept(item);
    if (!prepared.study) return this.#finish(item, prepared, undefined, prepared.found.summary as SessionSummary);
    const summary = this.#summarise(prepared, prepared.study, result);
    if (!summary) return this.#kept(item);
    return this.#finish(item, prepared, prepared.study, summary, result);
  }

  /** Publishes the offline summary, marked as unrecoverable; an existing good summary is never replaced by it. */
  async giveUp(item: WorkItem<SessionFinalizePayload>, failure: Error): Promise<SessionOutcome> {
    const prepared = this.#prepared.get(item.dedupKey) ?? (await this.#prepare(item));
    if (!prepared?.study) return this.#kept(item);
    if (prepared.found.summary && prepared.found.facts.missing.length === 0) {
      const reason = `the agent failed for good (${failure.message}); the older summary stays`;
      await this.#memories.set(memoryKey(prepared.found), memoryFor(prepared.found, { verdict: 'given_up', reason }));
      return this.#kept(item);
    }
    const offline = buildOfflineSummary(prepared.study.outline, prepared.study.raw.header);
    return this.#finish(item, prepared, prepared.study, { ...offline, summary_status: 'unrecoverable' });
  }

  /** Counts the attempt where the session had a part in the failure. The count survives this process. */
  async recordFailure(item: WorkItem<SessionFinalizePayload>, failure: Error): Promise<{ attempts: number }> {
    if (failure instanceof RunError && UNCOUNTED.has(failure.kind)) return { attempts: item.attempts };
    const found = this.#prepared.get(item.dedupKey)?.found;
    const attempts = item.attempts + 1;
    if (found) {
      await this.#memories.set(memoryKey(found), memoryFor(found, { attempts, last_error: failure.message }));
    }
    return { attempts };
  }

  #surveyOptions(ledgerPath: string): SurveyOptions {
    return {
      ledger: { sessionsDir: path.join(ledgerPath, 'sessions'), repoId: path.basename(ledgerPath) },
      caches: this.#options.caches ?? [],
      remembered: (key) => this.#memories.get(key),
      journal: this.#memories.journal,
      git: this.#options.git ?? null,
      pidLookup: this.#pidLookup,
    };
  }

  #isAgain(session: SurveyedSession, verdict: Verdict): boolean {
    const isDone = ['finished', 'given-up', 'local-only'].includes(verdict.verdict) && !session.facts.supersededBy;
    return isDone && session.facts.raw.kind === 'content' && this.#options.again?.has(session.ledgerName) === true;
  }

  #missingOf(session: SurveyedSession, { verdict }: Verdict): readonly ArtifactName[] {
    const isOutdated = verdict === 'stale-artifacts' || this.#options.again?.has(session.ledgerName);
    return isOutdated ? ARTIFACTS : session.facts.missing;
  }

  #memoryOf(found: SurveyedSession): SessionMemory | undefined {
    const memory = this.#memories.get(memoryKey(found));
    const isSame = memory?.recording?.path === found.folder && memory.recording.bytes === found.rawBytes;
    return isSame ? memory : undefined;
  }

  /** Looks at the session afresh; undefined when there is nothing left to do for it. */
  async #prepare(item: WorkItem<SessionFinalizePayload>): Promise<Prepared | undefined> {
    this.#prepared.delete(item.dedupKey);
    const { found, verdict } = this.#lookAgain(item) ?? {};
    if (!found || !verdict) return undefined;
    if (verdict.verdict === 'unpushed') return this.#keep(item, { found, verdict, study: undefined, missing: [] });
    const hasRaw = found.facts.raw.kind === 'content';
    if (!hasRaw) await recoverTranscript(found, item.payload.raw_path);
    const study = studyTranscript(item.payload.raw_path);
    if (study.raw.entryCount === 0) throw unreadableTranscript(item.payload.raw_path, study);
    return this.#keep(item, { found, verdict, study, missing: this.#missingOf(found, verdict) });
  }

  #lookAgain(item: WorkItem<SessionFinalizePayload>): { found: SurveyedSession; verdict: Verdict } | undefined {
    const { session_dir: folder, ledger_path: ledgerPath } = item.payload;
    const options = this.#surveyOptions(ledgerPath);
    const place = isInLedger(options.ledger, folder) ? 'ledger' : 'cache';
    const found = surveySession(folder, place, options);
    if (!found) return undefined;
    const isCommitted = item.priority !== PRIORITY.commitOnly;
    const facts =
      place === 'ledger' && found.facts.missing.length === 0 ? { ...found.facts, isCommitted } : found.facts;
    const verdict = classifySession(facts, this.#clock());
    const isWanted = isWork(verdict.verdict) || this.#isAgain(found, verdict);
    return isWanted ? { found: { ...found, facts }, verdict } : undefined;
  }

  #keep(item: WorkItem<SessionFinalizePayload>, prepared: Prepared): Prepared {
    this.#prepared.set(item.dedupKey, prepared);
    return prepared;
  }

  /** While the agent thought, somebody may have finished the session, or gone on recording it. */
  async #freshOrPrepared(item: WorkItem<SessionFinalizePayload>, result: RunResult | null) {
    const prepared = this.#prepared.get(item.dedupKey);
    if (!prepared) return this.#prepare(item);
    if (result === null) return prepared;
    return this.#lookAgain(item) ? prepared : undefined;
  }

  /** Undefined when a better summary stands already. */
  #summarise(prepared: Prepared, study: TranscriptStudy, result: RunResult | null): SessionSummary | undefined {
    const { found } = prepared;
    if (result) return this.#parseAnswer(found.ledgerName, study, result);
    if (found.summary && !needsSummary(prepared)) return found.summary;
    if (isBrief(study.outline)) return buildBriefSummary(study.outline, study.raw.header);
    const isWorse =
      found.summary && found.summary.provider !== 'offline' && !this.#options.again?.has(found.ledgerName);
    return isWorse ? undefined : buildOfflineSummary(study.outline, study.raw.header);
  }

  #parseAnswer(session: string, study: TranscriptStudy, result: RunResult): SessionSummary {
    const { outline } = study;
    const parsed = parseSummaryAnswer(result.output, {
      entryCount: outline.entryCount,
      chapterCount: outline.chapters.length,
    });
    if (!parsed.ok) throw new ExpectedError('BAD_ANSWER', `${session}: ${parsed.reason}`);
    return createRedactor().json({
      ...parsed.summary,
      provider: this.#options.agent ?? 'claude',
      chapters: withChapterTitles(outline.chapters, parsed.summary.chapter_titles ?? []),
      files_changed: outline.filesChanged,
    });
  }

  async #finish(
    item: WorkItem<SessionFinalizePayload>,
    prepared: Prepared,
    study: TranscriptStudy | undefined,
    summary: SessionSummary,
    result: RunResult | null = null,
  ): Promise<SessionOutcome> {
    const { found } = prepared;
    const isNew = summary !== found.summary;
    const verdict = this.#dispositionOf(prepared, summary);
    const origin = isNew ? originOf(summary, result, study?.redactions ?? 0) : undefined;
    const missing = isNew ? ARTIFACTS : prepared.missing;
    const published = await publishSession(
      { found, study, summary, verdict, missing, origin, ledgerPath: item.payload.ledger_path },
      this.#publication(item.payload.ledger_path),
    );
    await this.#memories.set(memoryKey(found), lastingMemory(found, verdict, summary, published));
    this.#prepared.delete(item.dedupKey);
    return {
      session: found.ledgerName,
      verdict,
      agent: isNew ? (summary.provider ?? 'none') : 'none',
      title: summary.title,
      redactions: study?.redactions ?? 0,
      malformedLines: study?.raw.malformedLines ?? [],
      published,
    };
  }

  #publication(ledgerPath: string): Publication {
    return {
      git: this.#options.git ?? null,
      clock: this.#clock,
      committer: null,
      stateDir: path.join(ledgerPath, '.git', 'agentwork'),
      onBegin: async () => {},
      ...this.#options.publication,
    };
  }

  /** A brief session that somebody put into the ledger is finished there; one in a cache stays where it is. */
  #dispositionOf(prepared: Prepared, summary: SessionSummary): QualityCategory {
    const isOwnSkip = summary.provider === 'offline' && summary.quality_category === 'skip';
    if (isOwnSkip) return prepared.found.facts.place === 'ledger' ? 'share' : 'local_only';
    return dispositionOf(summary, this.#thresholds);
  }

  #kept(item: WorkItem<SessionFinalizePayload>): SessionOutcome {
    const found = this.#prepared.get(item.dedupKey)?.found;
    this.#prepared.delete(item.dedupKey);
    const session = found?.ledgerName ?? path.basename(item.payload.session_dir);
    return {
      session,
      verdict: 'kept',
      agent: 'none',
      title: found?.summary?.title ?? '',
      redactions: 0,
      malformedLines: [],
    };
  }
}

function priorityOf({ verdict }: Verdict, missing: readonly ArtifactName[]): number {
  if (verdict === 'unpushed') return PRIORITY.commitOnly;
  return missing.includes('summary.json') ? PRIORITY.withAgent : PRIORITY.withoutAgent;
}

function needsSummary({ found, missing }: Prepared): boolean {
  return missing.includes('summary.json') || found.summary === undefined;
}

function memoryFor(found: SurveyedSession, memory: SessionMemory): SessionMemory {
  return { ...memory, recording: { path: found.folder, bytes: found.rawBytes } };
}

/** What the ledger itself does not tell about a session that is done; nothing when it tells all. */
function lastingMemory(
  found: SurveyedSession,
  verdict: QualityCategory,
  summary: SessionSummary,
  published: Published,
): SessionMemory | undefined {
  if (published.how === 'staged') return memoryFor(found, { verdict: 'staged' });
  if (published.how !== 'beside' && published.how !== 'trash') return undefined;
  const score = summary.quality_score === undefined ? '' : ` (score ${summary.quality_score})`;
  const reason = `judged ${verdict}${score}: ${summary.score_reason ?? 'no reason given'}`;
  return memoryFor(found, { verdict: verdict === 'skip' ? 'skip' : 'local_only', reason });
}

function originOf(summary: SessionSummary, result: RunResult | null, redactions: number): Omit<SummaryOrigin, 'input'> {
  return defined({
    version: 1,
    agent: summary.provider ?? 'none',
    model: result?.model,
    tokens_in: result?.tokensIn,
    tokens_out: result?.tokensOut,
    cost_usd: result?.costUsd,
    redactions: redactions > 0 ? redactions : undefined,
  } as const);
}

function unreadableTranscript(file: string, study: TranscriptStudy): ExpectedError {
  const lines = study.raw.malformedLines.slice(0, 5).join(', ');
  const where = lines === '' ? '' : ` (unreadable: line ${lines}${study.raw.malformedCount > 5 ? ' and more' : ''})`;
  return new ExpectedError('BAD_TRANSCRIPT', `${file} holds no readable entry${where}`);
}
