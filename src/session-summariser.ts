import { ExpectedError } from './errors.ts';
import type { Spent } from './ledger/recording-stamp.ts';
import type { SurveyedSession } from './ledger/survey.ts';
import type { TranscriptStudy } from './ledger/transcript-file.ts';
import { parseSummaryAnswer } from './session/answer.ts';
import { withChapterTitles } from './session/chapters.ts';
import type { ArtifactName } from './session/facts.ts';
import { defined } from './session/json-object.ts';
import { buildBriefSummary, buildOfflineSummary, isBrief } from './session/offline-summary.ts';
import { countFindings, type Findings } from './session/redaction/policy.ts';
import { createRedactor } from './session/redaction/redactor.ts';
import type { SessionSummary, SummaryOrigin } from './session/summary.ts';
import type { RunResult } from './work/runner.ts';

/** A session with what its recording says; without a study nothing of it is to be made but the commit. */
type Studied = Unsummarised & { readonly study: TranscriptStudy | undefined };

/**
 * The summary that a session gets: from the agent's answer, where there is one. Undefined when a better one stands
 * already. Throws BAD_ANSWER with the reason.
 */
export function summarise(session: Studied, answer: RunResult | null, agent: string): SessionSummary | undefined {
  const { found, study } = session;
  if (!study) return found.summary;
  return answer ? summaryFromAnswer(study, agent, answer) : summaryWithoutAgent(session, study);
}

/** Checked and cleaned; what can be counted is counted from the transcript instead. */
function summaryFromAnswer(study: TranscriptStudy, agent: string, result: RunResult): SessionSummary {
  const { outline } = study;
  const parsed = readAnswer(study, result);
  if (!parsed.ok) throw new ExpectedError('BAD_ANSWER', parsed.reason);
  return createRedactor(study.policy).json({
    ...parsed.summary,
    provider: agent,
    chapters: withChapterTitles(outline.chapters, parsed.summary.chapter_titles ?? []),
    files_changed: outline.filesChanged,
  });
}

/** What is there of a session, and what of it is to be made. */
interface Unsummarised {
  readonly found: SurveyedSession;
  readonly missing: readonly ArtifactName[];
}

/** Whether a session is without a summary, or with one that is to be replaced. */
export function needsSummary({ found, missing }: Unsummarised): boolean {
  return missing.includes('summary.json') || found.summary === undefined;
}

/** Whether a summary says more than can be had without an agent: then nothing but an agent's answer takes its place. */
export function isGood(summary: SessionSummary | undefined): boolean {
  return summary !== undefined && summary.provider !== 'offline';
}

/** Whether an answer has only its verdict, where a summary stands that tells what happened. */
export function saysLess(answer: SessionSummary, existing: SessionSummary | undefined): boolean {
  return answer.quality_category === 'skip' && isGood(existing) && existing?.quality_category !== 'skip';
}

/** Whether so little happened that no agent is asked; one that made a summary of it before is asked again. */
export function isAskedNothing({ found }: Pick<Unsummarised, 'found'>, { outline }: TranscriptStudy): boolean {
  return isBrief(outline) && !isGood(found.summary);
}

/** What can be said without an agent. */
function summaryWithoutAgent(session: Unsummarised, study: TranscriptStudy): SessionSummary | undefined {
  const { summary } = session.found;
  if (summary && !needsSummary(session)) return summary;
  if (isGood(summary)) return undefined;
  const build = isBrief(study.outline) ? buildBriefSummary : buildOfflineSummary;
  return build(study.outline, study.raw.header);
}

/** Whether an answer makes a summary: one that was kept may be of a time when less was asked of it. */
export function isUsable(study: TranscriptStudy, result: RunResult): boolean {
  return readAnswer(study, result).ok;
}

function readAnswer({ outline }: TranscriptStudy, { output }: RunResult): ReturnType<typeof parseSummaryAnswer> {
  return parseSummaryAnswer(output, { entryCount: outline.entryCount, chapterCount: outline.chapters.length });
}

/** Who made a summary, and what that took, with what was done before: `spent` in vain, and taken out of the recording. */
export function originOf(
  summary: SessionSummary,
  result: RunResult | null,
  { findings, spent, redactions = 0 }: { findings: Findings; spent: Spent | undefined; redactions: number | undefined },
): Omit<SummaryOrigin, 'input'> {
  const sum = (one: number | undefined, other: number | undefined) =>
    one === undefined && other === undefined ? undefined : (one ?? 0) + (other ?? 0);
  return defined({
    version: 1,
    agent: summary.provider ?? 'none',
    model: result?.model,
    runs: sum(result ? 1 : undefined, spent?.runs),
    tokens_in: sum(result?.tokensIn, spent?.tokens_in),
    tokens_out: sum(result?.tokensOut, spent?.tokens_out),
    cost_usd: sum(result?.costUsd, spent?.cost_usd),
    // A recording that was cleaned before holds none of them any more.
    redactions: Math.max(countFindings(findings), redactions) || undefined,
  } as const);
}
