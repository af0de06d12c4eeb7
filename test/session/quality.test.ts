import { expect, test } from 'vitest';
import { dispositionOf } from '../../src/session/quality.ts';
import type { QualityCategory } from '../../src/session/summary.ts';

const THRESHOLDS = { upload: 0.3, discard: 0.1 };

test.each<[QualityCategory | undefined, number | undefined, QualityCategory]>([
  [undefined, undefined, 'share'],
  [undefined, 0, 'skip'],
  [undefined, 0.09, 'skip'],
  [undefined, 0.1, 'local_only'],
  [undefined, 0.29, 'local_only'],
  [undefined, 0.3, 'share'],
  [undefined, 1, 'share'],
  ['skip', 0.9, 'skip'],
  ['share', 0, 'share'],
  ['local_only', undefined, 'local_only'],
])('category %s and score %s mean %s', (category, score, disposition) => {
  const quality = {
    ...(category === undefined ? {} : { quality_category: category }),
    ...(score === undefined ? {} : { quality_score: score }),
  };
  expect(dispositionOf(quality, THRESHOLDS)).toBe(disposition);
});
