import type { QualityCategory, SessionSummary } from './summary.ts';

/** Scores from 0 to 1: `upload` and better is shared, below `discard` is not kept. */
export interface QualityThresholds {
  readonly upload: number;
  readonly discard: number;
}

/** What becomes of a session. Its category wins over its score; without either it is shared, as absent is not 0. */
export function dispositionOf(
  { quality_category, quality_score }: Pick<SessionSummary, 'quality_category' | 'quality_score'>,
  { upload, discard }: QualityThresholds,
): QualityCategory {
  if (quality_category !== undefined) return quality_category;
  if (quality_score === undefined || quality_score >= upload) return 'share';
  return quality_score < discard ? 'skip' : 'local_only';
}
