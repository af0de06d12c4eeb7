import { ExpectedError } from './errors.ts';
import type { TranscriptStudy } from './ledger/transcript-file.ts';
import { parseSummaryAnswer } from './session/answer.ts';
import { withChapterTitles } from './session/chapters.ts';
import { createRedactor } from './session/redact.ts';
import type { SessionSummary, SummaryOrigin } from './session/summary.ts';
import { defined } from './session/transcript.ts';
import type { RunResult } from './work/runner.ts';

/**
 * The summary in an agent's answer, checked and cleaned; what can be counted is counted from the transcript instead.
 * Throws BAD_ANSWER with the reason.
 */
export function summaryFromAnswer(study: TranscriptStudy, agent: string, result: RunResult): SessionSummary {
  const { outline } = study;
  const parsed = parseSummaryAnswer(result.output, {
    entryCount: outline.entryCount,
    chapterCount: outline.chapters.length,
  });
  if (!parsed.ok) throw new ExpectedError('BAD_ANSWER', parsed.reason);
  return createRedactor().json({
    ...parsed.summary,
    provider: agent,
    chapters: withChapterTitles(outline.chapters, parsed.summary.chapter_titles ?? []),
    files_changed: outline.filesChanged,
  });
}

/** Whether an answer makes a summary: one that was kept may be of a time when less was asked of it. */
export function isUsable({ outline }: TranscriptStudy, { output }: RunResult): boolean {
  const context = { entryCount: outline.entryCount, chapterCount: outline.chapters.length };
  return parseSummaryAnswer(output, context).ok;
}

/** Who made a summary, and what that took. */
export function originOf(
  summary: SessionSummary,
  result: RunResult | null,
  redactions: number,
): Omit<SummaryOrigin, 'input'> {
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
