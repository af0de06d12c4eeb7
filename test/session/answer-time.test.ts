import { expect, test } from 'vitest';
import { parseSummaryAnswer } from '../../src/session/answer.ts';

// By itself: where the source is instrumented, as for mutation testing, time tells nothing.
test('what never closes is read in no time', () => {
  const shapes = [
    `${'{'.repeat(49)}{"${'\\"'.repeat(200_000)}`,
    `\`\`\`${'a'.repeat(1_000_000)}`,
    '```\n'.repeat(200_000),
    '{"a":'.repeat(200_000),
  ];
  const begun = performance.now();
  for (const shape of shapes) expect(parseSummaryAnswer(shape, { entryCount: 10, chapterCount: 2 }).ok).toBe(false);
  // In quadratic time it was minutes; any machine has a hundred times as long as it needs.
  expect(performance.now() - begun).toBeLessThan(20_000);
});
