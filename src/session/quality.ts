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
  if (quality_score === undefined || Number.isNaN(quality_score)) return 'share';
  if (quality_score < discard) return 'skip';
  return quality_score < upload ? 'local_only' : 'share';
}
