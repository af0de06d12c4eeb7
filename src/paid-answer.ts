import { contentPath } from './ledger/recording-content.ts';
import type { SurveyedSession } from './ledger/survey.ts';
import { cleanDigest, type TranscriptStudy } from './ledger/transcript-file.ts';
import { defined } from './session/json-object.ts';
import { objectParser, parseAmount, parseCount, parseText } from './session/json-shape.ts';
import type { RunResult } from './work/runner.ts';

/** An agent's checked answer that no commit holds yet. */
export interface PaidAnswer {
  /** The session's name in the ledger. */
  readonly session: string;
  /** What it was about: the SHA-256 of the recording without its secrets, wherever that lies, cleaned or not. */
  readonly input: string;
  /** For how many entries it was given. */
  readonly entries: number;
  readonly output: string;
  readonly model?: string;
  readonly tokens_in?: number;
  readonly tokens_out?: number;
  readonly cost_usd?: number;
}

export const parsePaidAnswer = objectParser<PaidAnswer>(['session', 'input', 'entries', 'output'], {
  session: parseText,
  input: parseText,
  entries: parseCount,
  output: parseText,
  model: parseText,
  tokens_in: parseAmount,
  tokens_out: parseAmount,
  cost_usd: parseAmount,
});

/** What an answer about this session is kept under. Throws UNREADABLE, and BAD_TRANSCRIPT where it could not be cleaned. */
export function inputOf(found: SurveyedSession, study: TranscriptStudy): string {
  return cleanDigest(contentPath(found), study);
}

export function paidAnswer(
  of: Pick<PaidAnswer, 'session' | 'input' | 'entries'>,
  { output, model, tokensIn: tokens_in, tokensOut: tokens_out, costUsd: cost_usd }: RunResult,
): PaidAnswer {
  return defined({ ...of, output, model, tokens_in, tokens_out, cost_usd });
}

/** A kept answer as the run that gave it would have brought it. */
export function resultOf(answer: PaidAnswer): RunResult {
  const { output, model, tokens_in: tokensIn, tokens_out: tokensOut, cost_usd: costUsd } = answer;
  return defined({ output, duration: 0, exitCode: 0, model, tokensIn, tokensOut, costUsd });
}
