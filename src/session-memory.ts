import { statSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from './errors.ts';
import type { Published } from './ledger/publish.ts';
import { RAW_NAME } from './ledger/raw-state.ts';
import { memoryKey, type SessionMemory, type SurveyedSession, stampOf } from './ledger/survey.ts';
import type { TranscriptStudy } from './ledger/transcript-file.ts';
import type { QualityCategory, SessionSummary } from './session/summary.ts';
import { defined } from './session/transcript.ts';
import { isUsable } from './session-summariser.ts';
import { RunError, type RunFailureKind, type RunResult } from './work/runner.ts';

/** What outlives the handler: attempts and verdicts that the ledger does not show. */
export interface SessionMemories {
  /** Asked with a `memoryKey`. */
  get(key: string): SessionMemory | undefined;
  set(key: string, memory: SessionMemory | undefined): Promise<void>;
  /** Sessions whose artifacts were begun and are not known to be committed. */
  readonly journal: readonly string[];
}

export const NO_MEMORIES: SessionMemories = { get: () => undefined, set: async () => {}, journal: [] };

/** What a pass learns of sessions that their own files do not tell, written down as soon as it is known. */
export class MemoryBook {
  readonly #memories: SessionMemories;
  /** Sessions whose doubtful failure this pass has counted. */
  readonly #doubted = new Set<string>();

  constructor(memories: SessionMemories) {
    this.#memories = memories;
  }

  /** Counts a failed run where the session had a part in it, and returns the attempts so far. */
  async countFailure(found: SurveyedSession | undefined, attempts: number, failure: Error): Promise<number> {
    const key = found && memoryKey(found);
    const isCountedAlready = isDoubtful(failure) && this.#doubted.has(key ?? '');
    if (!isAttempt(failure) || isCountedAlready) return attempts;
    if (isDoubtful(failure) && key !== undefined) this.#doubted.add(key);
    if (found) await this.#set(found, { attempts: attempts + 1, last_error: failure.message });
    return attempts + 1;
  }

  /** A recording that cannot be read fails once, not in every pass: only another recording is worth another look. */
  async noteUnreadable(found: SurveyedSession, error: unknown): Promise<void> {
    await this.#set(found, { verdict: 'unreadable', reason: messageOf(error) });
  }

  async noteGivenUp(found: SurveyedSession, failure: Error): Promise<void> {
    const reason = `the agent failed for good (${failure.message}); the older summary stays`;
    await this.#set(found, { verdict: 'given_up', reason });
  }

  /** The summary tells that the agent failed for good; this tells why. It holds no count: who asks for another try gets one. */
  async noteDiagnosis(published: Published | undefined, failure: Error): Promise<void> {
    if (published?.how !== 'in-place' && published?.how !== 'staged') return;
    const { folder } = published;
    const { size: bytes } = statSync(path.join(folder, RAW_NAME));
    await this.#memories.set(path.basename(folder), {
      last_error: failure.message,
      recording: { path: folder, bytes },
    });
  }

  /** A good answer is written down before anything is made of it: what was paid for outlives a kill, and a full disk. */
  async noteAnswer(found: SurveyedSession, { raw }: TranscriptStudy, result: RunResult): Promise<void> {
    const { output, model, tokensIn: tokens_in, tokensOut: tokens_out, costUsd: cost_usd } = result;
    await this.#set(found, {
      paid: defined({ output, entries: raw.entryCount, model, tokens_in, tokens_out, cost_usd }),
    });
  }

  /** The answer that an earlier pass got for as many entries and could not write down, if it is still of use. */
  keptAnswer(found: SurveyedSession, study: TranscriptStudy): RunResult | undefined {
    const paid = this.#memories.get(memoryKey(found))?.paid;
    if (typeof paid?.output !== 'string' || paid.entries !== study.raw.entryCount) return undefined;
    const { output, model, tokens_in: tokensIn, tokens_out: tokensOut, cost_usd: costUsd } = paid;
    const result = defined({ output, duration: 0, exitCode: 0, model, tokensIn, tokensOut, costUsd });
    return isUsable(study, result) ? result : undefined;
  }

  /** What the ledger itself does not tell about a session that is done; nothing when it tells all. */
  async noteFinished(
    found: SurveyedSession,
    verdict: QualityCategory,
    summary: SessionSummary,
    published: Published,
  ): Promise<void> {
    await this.#memories.set(memoryKey(found), lastingMemory(found, verdict, summary, published));
  }

  /** A memory holds for this very recording, and no longer. */
  async #set(found: SurveyedSession, memory: SessionMemory): Promise<void> {
    await this.#memories.set(memoryKey(found), { ...memory, recording: stampOf(found) });
  }
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
  if (published.how !== 'beside' && published.how !== 'trash') return undefined;
  const score = summary.quality_score === undefined ? '' : ` (score ${summary.quality_score})`;
  const reason = `judged ${verdict}${score}: ${summary.score_reason ?? 'no reason given'}`;
  return { verdict: verdict === 'skip' ? 'skip' : 'local_only', reason, recording };
}

/** Failures of the world around the agent: they say nothing about the session. */
const UNCOUNTED: ReadonlySet<RunFailureKind> = new Set(['network', 'server_error', 'rate_limited', 'aborted']);

function isAttempt(failure: Error): boolean {
  return !(failure instanceof RunError) || !UNCOUNTED.has(failure.kind);
}

/** A crash or a time-out may be the machine's fault as well as the session's: it counts once in a pass. */
const DOUBTFUL: ReadonlySet<RunFailureKind> = new Set(['crashed', 'timed_out']);

function isDoubtful(failure: Error): boolean {
  return failure instanceof RunError && DOUBTFUL.has(failure.kind);
}
