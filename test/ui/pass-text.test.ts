import { describe, expect, test } from 'vitest';
import { failureOf } from '../../src/failure-group.ts';
import type { PassReport, SessionReport } from '../../src/pass-report.ts';
import { foldText } from '../../src/ui/folded-text.ts';
import { formatPass, formatTroubles } from '../../src/ui/pass-text.ts';
import { RunError } from '../../src/work/runner.ts';

const NAMES = Array.from({ length: 40 }, (_, number) => `2026-01-06T10-00-mia-Ox${1000 + number}`);
const SILENT = new RunError('crashed', 'claude ended with exit status 1 without an answer: boom');
const REFUSED = new RunError('not_logged_in', 'claude is not logged in: Please run /login');

function failed(session: string, more: Partial<SessionReport> = {}): SessionReport {
  const nothing = { tokensIn: 0, tokensOut: 0, costUsd: 0, durationMs: 0, attempts: 1 };
  const report = { session, success: false, agent: 'none', findings: {}, malformedLines: [], ...nothing, ...more };
  return { ...report, error: failureOf(SILENT) };
}

function reportOf(more: Partial<PassReport>): PassReport {
  const push = { outcome: 'nothing', others: 0, superseded: [], withheld: [] } as unknown as PassReport['push'];
  const nothing = { results: [], remaining: [], claimed: [], alreadyDone: [], interrupted: false };
  return { detected: 0, push, ...nothing, ...more };
}

describe('the end of a pass', () => {
  test('tells a cause once, whose it is, and what mends it', () => {
    const report = reportOf({ results: NAMES.map((name) => failed(name)) });
    expect(formatPass(report, false)).toBe(`0 done · 40 failed
failed 40 sessions: claude ended with exit status 1 without an answer: boom
  ${NAMES[0]}, ${NAMES[1]}, ${NAMES[2]} and 37 more
  → the next pass asks again; agentwork setup check says whether claude is well`);
  });

  test('names a single session in the way out, as a shell takes it', () => {
    const results = [failed("it's", { verdict: 'given-up', agent: 'offline' })];
    expect(formatTroubles(reportOf({ results }), false)).toBe(
      `given up it's: claude ended with exit status 1 without an answer: boom (an offline summary was written)
  → agentwork finalize --again 'it'\\''s' asks once more`,
    );
  });

  test('tells of those that nobody was asked about', () => {
    const stopped = { kind: 'unavailable', error: REFUSED } as const;
    const text = formatPass(reportOf({ stopped, remaining: NAMES, unasked: NAMES }), false);
    expect(text.split('\n').slice(0, 3)).toEqual([
      '0 done · 40 left',
      'stopped: claude is not logged in: Please run /login',
      `  left: ${NAMES[0]}, ${NAMES[1]}, ${NAMES[2]} and 37 more`,
    ]);
    expect(text).toMatch(/\n {2}→ run `claude` and type \/login; [^\n]*$/);
  });

  test('does not say again why it stopped where the failures say it', () => {
    const stopped = { kind: 'failing', count: 5, error: SILENT } as const;
    const results = NAMES.slice(0, 5).map((name) => failed(name));
    const text = formatPass(reportOf({ stopped, results, remaining: ['z'], unasked: ['z'] }), false);
    expect(text.match(/boom/g)).toHaveLength(1);
    expect(text).toMatch(/\nstopped: 5 agent runs in a row failed alike\n {2}left: z$/);
  });

  test('has nothing to warn of where all went well', () => {
    const results = [{ ...failed('a'), success: true, verdict: 'share' as const }];
    expect(formatTroubles(reportOf({ results }), true)).toBe('');
  });
});

test.each([
  [40, ['failed a: one two three four five six', '  seven eight', '  → nine']],
  [14, ['failed a: one', '  two three', '  four five', '  six seven', '  eight', '  → nine']],
])('%i columns are kept to', (columns, lines) => {
  expect(foldText('failed a: one two three four five six seven eight\n  → nine', columns).split('\n')).toEqual(lines);
});

test('what is wider than a terminal stays whole, to be copied', () => {
  const file = '/home/mia/ledger/sessions/raw.jsonl';
  expect(foldText(`cannot read ${file}: gone`, 20)).toBe(`cannot read\n  ${file}:\n  gone`);
});
