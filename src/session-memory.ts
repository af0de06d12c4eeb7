import { statSync } from 'node:fs';
import path from 'node:path';
import { DAY_MS } from './clock.ts';
import { ExpectedError, messageOf } from './errors.ts';
import type { FetchFailure } from './ledger/pointer-fetch.ts';
import type { Published } from './ledger/publish.ts';
import { readDigest } from './ledger/raw-file.ts';
import { RAW_NAME } from './ledger/raw-state.ts';
import { contentPath, hasContent } from './ledger/recording-content.ts';
import {
  isStampOf,
  memoryKey,
  type RecordingStamp,
  type SessionMemory,
  type Spent,
  stampOf,
} from './ledger/recording-stamp.ts';
import type { SurveyedSession } from './ledger/survey.ts';
import type { TranscriptStudy } from './ledger/transcript-file.ts';
import { inputsOf, isSameInput, type PaidAnswer, paidAnswer, resultOf } from './paid-answer.ts';
import { defined } from './session/json-object.ts';
import type { QualityCategory, SessionSummary } from './session/summary.ts';
import { isUsable } from './session-summariser.ts';
import { isBadAnswer, isCounted } from './work/failure.ts';
import type { WorkItem } from './work/queue.ts';
import type { MeasuredUsage, RunResult } from './work/runner.ts';

/** What outlives the handler: attempts and verdicts that the ledger does not show. */
export interface SessionMemories {
  /** Asked with a `memoryKey`. */
  get(key: string): SessionMemory | undefined;
  set(key: string, memory: SessionMemory | undefined): Promise<void>;
  /** Answers about the session of this name in the ledger that no commit holds yet. */
  answersOf(session: string): readonly PaidAnswer[];
  keepAnswer(answer: PaidAnswer): Promise<void>;
  dropAnswers(session: string): Promise<void>;
  /** Sessions whose artifacts were begun and are not known to be committed. */
  readonly journal: readonly string[];
  /** Sessions of which commits that no remote has hold secrets. */
  readonly unclean?: readonly string[];
}

export const NO_MEMORIES: SessionMemories = {
  get: () => undefined,
  set: async () => {},
  answersOf: () => [],
  keepAnswer: async () => {},
  dropAnswers: async () => {},
  journal: [],
};

/** What an agent was asked about; `inputs` where they were known then. */
interface Asked {
  readonly found: SurveyedSession;
  readonly study: TranscriptStudy;
  readonly inputs?: readonly string[] | undefined;
}

/** What a pass learns of sessions that their own files do not tell, written down as soon as it is known. */
export class MemoryBook {
  readonly #memories: SessionMemories;

  constructor(memories: SessionMemories) {
    this.#memories = memories;
  }

  /** Counts a failed run where it is to be counted, keeps what it took, and returns the attempts so far. */
  async countFailure(
    found: SurveyedSession | undefined,
    { attempts: before, complaint: told }: Pick<WorkItem, 'attempts' | 'complaint'>,
    { failure, usage }: { readonly failure: Error; readonly usage: MeasuredUsage },
  ): Promise<number> {
    const last_error = failure.message;
    if (!isCounted(failure)) {
      const known = found && this.#known(found);
      // What an agent said of this very session tells more than what befell any.
      if (found) await this.#set(found, { last_error, ...known }, known?.recording);
      return before;
    }
    const attempts = before + 1;
    if (!found) return attempts;
    const spent = addSpent(this.spentOn(found), usage);
    const { verdict, reason, upgraded } = this.#judged(found);
    // A limit may come between an answer of no use and its repair: then the next pass repairs it.
    const complaint = isBadAnswer(failure) && told === undefined ? last_error : undefined;
    await this.#set(
      found,
      defined({ verdict, reason, upgraded, attempts, last_error, complaint, spent }),
      digestOf(found),
    );
    return attempts;
  }

  /** What runs took that were for this input and gave nothing of use. */
  spentOn(found: SurveyedSession): Spent | undefined {
    return this.#known(found)?.spent;
  }

  /** A recording that cannot be read fails once, not in every pass: only another recording is worth another look. */
  async noteUnreadable(found: SurveyedSession, error: unknown): Promise<void> {
    await this.#set(found, { verdict: 'unreadable', reason: messageOf(error) });
  }

  /** What the remote lacks is not asked for in each pass. */
  async noteUnfetched(found: SurveyedSession, { reason, isBroken }: FetchFailure, now: number): Promise<void> {
    const unfetched = { reason, at: now, ...(isBroken && { is_broken: true }) };
    await this.#set(found, { ...this.#known(found), unfetched });
  }

  /** What could not be had once is there now. */
  async noteFetched(found: SurveyedSession): Promise<void> {
    if (!found.memory?.unfetched) return;
    const { unfetched: _, ...memory } = found.memory;
    await this.#set(found, memory);
  }

  async noteGivenUp(found: SurveyedSession, failure: Error): Promise<void> {
    const reason = `the agent failed for good (${failure.message}); the older summary stays`;
    await this.#set(found, { verdict: 'given_up', reason });
    // Whoever asks for another answer is not to get the one that was no better.
    await this.#memories.dropAnswers(found.ledgerName);
  }

  /** The summary tells that the agent failed for good; this tells why. It holds no count: who asks for another try gets one. */
  async noteDiagnosis(published: Published | undefined, failure: Error): Promise<void> {
    if (published?.how !== 'in-place' && published?.how !== 'staged') return;
    const { left_out } = this.#memories.get(path.basename(published.folder)) ?? {};
    await this.#setPublished(published, defined({ left_out, last_error: failure.message }));
  }

  /** A session is done, although no commit takes some of its files: nobody tries again in each pass. */
  async noteLeftOut(published: Published): Promise<void> {
    const { leftOut, folder, how } = published;
    const { left_out: before, ...memory } = this.#memories.get(path.basename(folder)) ?? {};
    if ((how !== 'in-place' && how !== 'staged') || (leftOut.length === 0 && !before)) return;
    await this.#setPublished(published, { ...memory, ...(leftOut.length > 0 && { left_out: leftOut }) });
  }

  /** A good answer is written down before anything is made of it: what was paid for outlives a kill, and a full disk. */
  async noteAnswer({ found, study, inputs = inputsOf(found, study) }: Asked, result: RunResult): Promise<void> {
    const of = { session: found.ledgerName, entries: study.raw.entryCount, inputs };
    await this.#memories.keepAnswer(paidAnswer(of, result));
  }

  /** Before a cached recording is put into the ledger: what a kill leaves there is half of it, and the cache has the whole. */
  async noteStaging(found: SurveyedSession, stagedAs: string): Promise<void> {
    const known = this.#known(found);
    await this.#set(found, { ...known, staged_as: stagedAs }, known?.recording);
  }

  /** The answer about this very recording that an earlier pass got and that no commit holds, if it is still of use. */
  keptAnswer(found: SurveyedSession, study: TranscriptStudy): RunResult | undefined {
    const kept = this.#memories.answersOf(found.ledgerName).filter(({ entries }) => entries === study.raw.entryCount);
    if (kept.length === 0) return undefined;
    const inputs = inputsOf(found, study);
    return kept
      .filter((answer) => isSameInput(answer.inputs, inputs))
      .map(resultOf)
      .find((result) => isUsable(study, result));
  }

  /** What the ledger itself does not tell about a session that is done; nothing when it tells all. */
  async noteFinished(
    found: SurveyedSession,
    verdict: QualityCategory,
    summary: SessionSummary,
    published: Published,
  ): Promise<void> {
    const lasting = lastingMemory(found, verdict, summary, published);
    await this.#memories.set(memoryKey(found), lasting);
    // Until a commit has it, a stash or a checkout of the user's can take away what was made of it in the tree.
    if (published.how === 'beside' || published.how === 'trash') await this.#memories.dropAnswers(found.ledgerName);
  }

  /** The agent could not better this offline summary: it is not asked again for the same input. */
  async noteUpgradeFailed(found: SurveyedSession, failure: Error): Promise<void> {
    const upgraded = found.summary?.agentwork?.input.sha256;
    const { verdict, reason } = found.memory ?? {};
    await this.#set(found, defined({ verdict, reason, upgraded, last_error: failure.message }));
  }

  /** What was said of a session before outlives whatever comes of asking again; that it cannot be read does not. */
  #judged(found: SurveyedSession): Pick<SessionMemory, 'verdict' | 'reason' | 'upgraded'> {
    const { verdict, reason, upgraded } = this.#known(found) ?? {};
    return verdict === 'unreadable' ? {} : defined({ verdict, reason, upgraded });
  }

  #known(found: SurveyedSession): SessionMemory | undefined {
    const memory = this.#memories.get(memoryKey(found));
    return memory && isStampOf(memory.recording, found) ? memory : undefined;
  }

  /** What is remembered of a session in the ledger, wherever its recording came from. */
  async #setPublished({ folder }: Published, memory: SessionMemory): Promise<void> {
    await this.#memories.set(path.basename(folder), { ...memory, recording: stampAt(folder) });
  }

  /** A memory holds for this very recording, and no longer. */
  async #set(found: SurveyedSession, memory: SessionMemory, input?: { readonly sha256?: string }): Promise<void> {
    await this.#memories.set(memoryKey(found), {
      ...memory,
      recording: { ...stampOf(found), ...(input?.sha256 !== undefined && { sha256: input.sha256 }) },
    });
  }
}

/** The stamp of a recording of the tree as it lies there now. */
function stampAt(folder: string): RecordingStamp {
  return { path: folder, bytes: statSync(path.join(folder, RAW_NAME)).size };
}

/** What is remembered of a session of the tree that the remote refuses to take as it is. */
export function withheldMemory(folder: string, reason: string, now: number): SessionMemory {
  const bytes = rawBytesIn(folder) ?? 0;
  return { verdict: 'withheld', reason, withheld_at: now, recording: { path: folder, bytes } };
}

/** Sessions that the remote refused within the last day, with the recording that they still have; and the others. */
export function withheldSessions(memories: Readonly<Record<string, SessionMemory>>, now: number) {
  const stays = ({ recording, withheld_at = 0 }: SessionMemory) =>
    recording !== undefined &&
    Math.abs(now - withheld_at) < WITHHELD_MS &&
    rawBytesIn(recording.path) === recording.bytes;
  const all = Object.entries(memories).filter(([, { verdict }]) => verdict === 'withheld');
  const withheld: string[] = [];
  const due: string[] = [];
  for (const [session, memory] of all) (stays(memory) ? withheld : due).push(session);
  return { withheld, due };
}

/** What was refused may have been allowed since, or its recording cleaned: it is tried again. */
const WITHHELD_MS = DAY_MS;

function rawBytesIn(folder: string): number | undefined {
  try {
    return statSync(path.join(folder, RAW_NAME)).size;
  } catch {
    // Gone, or out of reach: it is not known again.
    return undefined;
  }
}

/** The digest of what was asked about; nothing where there is no recording to be read: its size has to do. */
function digestOf(session: SurveyedSession): { readonly sha256: string } | undefined {
  if (!hasContent(session.facts.raw)) return undefined;
  try {
    const { sha256 } = readDigest(contentPath(session), 0);
    return { sha256 };
  } catch (error) {
    // Refused, or in somebody's stash at this moment.
    if (error instanceof ExpectedError) return undefined;
    throw error;
  }
}

function addSpent(before: Spent | undefined, { tokensIn = 0, tokensOut = 0, costUsd = 0 }: MeasuredUsage): Spent {
  return {
    runs: (before?.runs ?? 0) + 1,
    tokens_in: (before?.tokens_in ?? 0) + tokensIn,
    tokens_out: (before?.tokens_out ?? 0) + tokensOut,
    cost_usd: (before?.cost_usd ?? 0) + costUsd,
  };
}

function lastingMemory(
  found: SurveyedSession,
  verdict: QualityCategory,
  summary: SessionSummary,
  published: Published,
): SessionMemory | undefined {
  const recording = stampOf(found);
  if (published.how === 'staged') {
    const { folder, sha256 } = published;
    return {
      verdict: 'staged',
      staged_as: path.basename(folder),
      recording: { ...recording, ...(sha256 !== undefined && { sha256 }) },
    };
  }
  const upgraded = summary.provider === 'offline' ? found.memory?.upgraded : undefined;
  if (published.how !== 'beside' && published.how !== 'trash') return upgraded ? { upgraded, recording } : undefined;
  const score = summary.quality_score === undefined ? '' : ` (score ${summary.quality_score})`;
  const reason = `judged ${verdict}${score}: ${summary.score_reason ?? 'no reason given'}`;
  return { verdict: verdict === 'skip' ? 'skip' : 'local_only', reason, recording, ...(upgraded && { upgraded }) };
}
