import { readDigest } from './ledger/raw-file.ts';
import { contentPath } from './ledger/recording-content.ts';
import type { SurveyedSession } from './ledger/survey.ts';
import { searchLines, type TranscriptStudy } from './ledger/transcript-file.ts';
import { defined } from './session/json-object.ts';
import { listParser, objectParser, parseAmount, parseCount, parseText } from './session/json-shape.ts';
import type { RunResult } from './work/runner.ts';

/** An agent's checked answer that no commit holds yet. */
export interface PaidAnswer {
  /** The session's name in the ledger. */
  readonly session: string;
  /**
   * What it was about: the SHA-256 of the recording as it was, and without its secrets. A pass cleans it, a stash brings
   * it back as it was, and what is a secret may be another question then: by one of them it is known again.
   */
  readonly inputs: readonly string[];
  /** For how many entries it was given. */
  readonly entries: number;
  readonly output: string;
  readonly model?: string;
  readonly tokens_in?: number;
  readonly tokens_out?: number;
  readonly cost_usd?: number;
}

export const parsePaidAnswer = objectParser<PaidAnswer>(['session', 'inputs', 'entries', 'output'], {
  session: parseText,
  inputs: listParser(parseText),
  entries: parseCount,
  output: parseText,
  model: parseText,
  tokens_in: parseAmount,
  tokens_out: parseAmount,
  cost_usd: parseAmount,
});

/** What an answer about this session is kept under. Throws UNREADABLE, and BAD_TRANSCRIPT where it could not be cleaned. */
export function inputsOf(found: SurveyedSession, { policy }: TranscriptStudy): readonly string[] {
  const file = contentPath(found);
  return [...new Set([readDigest(file, 0).sha256, searchLines(file, policy).sha256])];
}

/** Whether two recordings are one. */
export function isSameInput(one: readonly string[], other: readonly string[]): boolean {
  return one.some((input) => other.includes(input));
}

export function paidAnswer(
  of: Pick<PaidAnswer, 'session' | 'inputs' | 'entries'>,
  { output, model, tokensIn: tokens_in, tokensOut: tokens_out, costUsd: cost_usd }: RunResult,
): PaidAnswer {
  return defined({ ...of, output, model, tokens_in, tokens_out, cost_usd });
}

/** A kept answer as the run that gave it would have brought it. */
export function resultOf(answer: PaidAnswer): RunResult {
  const { output, model, tokens_in: tokensIn, tokens_out: tokensOut, cost_usd: costUsd } = answer;
  return defined({ output, duration: 0, exitCode: 0, model, tokensIn, tokensOut, costUsd });
}
