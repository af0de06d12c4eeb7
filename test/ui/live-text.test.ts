import { expect, test } from 'vitest';
import type { SessionReport } from '../../src/pass-report.ts';
import { LiveText } from '../../src/ui/live-text.ts';

const finished = (session: string, more: Partial<SessionReport> = {}) => {
  const nothing = {
    tokensIn: 0,
    tokensOut: 0,
    costUsd: 0,
    durationMs: 0,
    attempts: 0,
    findings: {},
    malformedLines: [],
  };
  return { type: 'finished', report: { session, success: true, agent: 'claude', ...nothing, ...more } } as const;
};

test('says what is done, what that took, what runs, and how long the rest may take', () => {
  const live = new LiveText();
  live.tell({ type: 'found', sessions: 12 }, 0);
  expect(live.lines(0, 80)).toEqual(['looking for sessions']);
  for (const session of ['a', 'b', 'c', 'd']) live.tell({ type: 'started', session }, 1000);
  expect(live.lines(2000, 80)).toEqual(['0 of 12 sessions', '  a  1s', '  b  1s', '  c  1s', '  d  1s']);
  for (const session of ['a', 'b', 'c']) {
    live.tell(finished(session, { tokensIn: 4000, tokensOut: 300, costUsd: 0.02 }), 31_000);
  }
  expect(live.lines(31_000, 80)).toEqual([
    '3 of 12 sessions · 12,000 tokens in, 900 out · $0.06 · about 1m 30s left',
    '  d  30s',
  ]);
  live.tell(finished('d'), 32_000);
  live.tell({ type: 'pushing' }, 32_000);
  expect(live.lines(32_000, 80)).toEqual(['pushing']);
});

test('has no line that is wider than a narrow terminal', () => {
  const live = new LiveText();
  live.tell({ type: 'found', sessions: 20 }, 0);
  for (let number = 0; number < 12; number += 1) {
    live.tell({ type: 'started', session: `2026-01-06T14-32-somebody-Ox${number}` }, 0);
  }
  for (let number = 0; number < 3; number += 1) {
    const usage = { tokensIn: 123_456, tokensOut: 12_345, costUsd: 1.2 };
    live.tell(finished(`2026-01-06T14-32-somebody-Ox${number}`, usage), 60_000);
  }
  const lines = live.lines(60_000, 40);
  expect(lines).toEqual([
    '3 of 20 sessions',
    '  370,368 tokens in, 37,035 out · $3.60',
    '  about 5m 40s left',
    ...[3, 4, 5, 6, 7, 8, 9].map((number) => `  2026-01-06T14-32-somebody-Ox${number}  1m 00s`),
    '  2026-01-06T14-32-somebody-Ox10  1m 00s',
    '  and 1 more',
  ]);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
});

test('shows nothing that a terminal obeys', () => {
  const live = new LiveText();
  live.tell({ type: 'found', sessions: 1 }, 0);
  live.tell({ type: 'started', session: '\u001b[2Jx' }, 0);
  expect(live.lines(0, 80)).toEqual(['0 of 1 session', '  \ufffd[2Jx  0ms']);
});
