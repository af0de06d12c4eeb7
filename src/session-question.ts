import { randomBytes } from 'node:crypto';
import { contentPath } from './ledger/recording-content.ts';
import type { SurveyedSession } from './ledger/survey.ts';
import { studiedEntries, type TranscriptStudy } from './ledger/transcript-file.ts';
import { buildSummaryPrompt, DEFAULT_MAX_CHARS } from './session/prompt.ts';
import { createRedactor } from './session/redaction/redactor.ts';
import { estimateTokens } from './work/estimate.ts';
import { contextTokensOf } from './work/price.ts';
import { DEFAULT_MAX_TOKENS, type RunRequest } from './work/runner.ts';

/** Beside the answer: room for what the agent adds around the prompt, and for an estimate that is a fifth too low. */
const USABLE_SHARE = 0.8;

/** Nothing that a recording says can close an element, as all of it is escaped; not even whoever guesses this. */
export function newBoundary(): string {
  return randomBytes(3).toString('hex');
}

export interface QuestionOptions {
  readonly model?: string | undefined;
  /** What was wrong with the last answer. */
  readonly complaint?: string | undefined;
  /** Stands in every element; each question that is asked has a new one. */
  readonly boundary: string;
}

/** What the agent is asked about a session: its recording without secrets, as much of it as the model has room for. */
export function buildQuestion(
  session: Pick<SurveyedSession, 'ledgerName' | 'folder' | 'facts'>,
  study: TranscriptStudy,
  { model, complaint, boundary }: QuestionOptions,
): RunRequest {
  const { raw, outline, policy } = study;
  const entries = studiedEntries(contentPath(session), study);
  const name = createRedactor(policy).text(session.ledgerName);
  const source = { name, header: raw.header, outline, entries, boundary };
  const build = (maxChars: number) =>
    buildSummaryPrompt({ ...source, maxChars, ...(complaint !== undefined && { repair: complaint }) });
  const usableTokens = (contextTokensOf(model) - DEFAULT_MAX_TOKENS) * USABLE_SHARE;
  const whole = build(DEFAULT_MAX_CHARS);
  const tokens = estimateTokens(whole.prompt);
  // Few characters of some scripts are many tokens: what is too long is cut in the proportion in which it is.
  const { prompt, systemPrompt } =
    tokens <= usableTokens ? whole : build(Math.floor((whole.prompt.length * usableTokens) / tokens));
  return { prompt, systemPrompt, ...(model !== undefined && { model }) };
}
