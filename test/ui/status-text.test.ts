import { describe, expect, test } from 'vitest';
import type { LedgerStatus } from '../../src/status.ts';
import { formatStatus } from '../../src/ui/status-text.ts';
import type { AgentProcess } from '../../src/work/status.ts';

const NOW = Date.UTC(2026, 2, 6, 12);
const ago = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();
const nameOf = (number: number) => `2026-03-0${1 + (number % 9)}T10-00-mia-OxA${number}`;

const RECENT: readonly AgentProcess[] = Array.from({ length: 10 }, (_, number) => ({
  ...{ pid: 0, work_type: 'session-finalize', target: nameOf(number), started_at: ago(number + 5) },
  ...{ status: 'completed', duration: 12e9 },
}));
const TAKEN = { runs: 12, tokens_in: 123_456, tokens_out: 12_345, cost_usd: 1.23 };
const USAGE = { ...TAKEN, models: { 'claude-sonnet-4-6': TAKEN } };

/** Of a busy ledger: everything that can be told is. */
const STATUS: LedgerStatus = {
  ...{ enabled: true, agent_type: 'claude', agent_available: true, queue_depth: 7, ledger: '/home/mia/ledger' },
  stats: { total_invocations: 120, successes: 110, failures: 10 } as LedgerStatus['stats'],
  sessions: { finished: 1200, 'missing-summary': 7, recording: 1, pointer: 2 } as LedgerStatus['sessions'],
  running: { pid: 4711, host: 'mias-laptop', started_at: ago(3), heartbeat_at: ago(1) },
  active: [{ ...(RECENT[0] as AgentProcess), status: 'running', started_at: ago(2) }],
  recent: RECENT,
  last_pass: { started_at: ago(65), ended_at: ago(60), done: 3, failed: 1, remaining: 7, pushed: 'done' },
  last_failure: { at: ago(60), exit_status: 3, message: `${nameOf(3)}: the agent gave no answer within 5m` },
  unpushed: 2,
  unpushed_sessions: [nameOf(1), nameOf(2)],
  usage: { today: USAGE, last_7_days: USAGE },
  limits: { max_cost_usd_per_day: 5 },
  redaction: { team: 3, user: 1, environment: 2 },
  pause: { since: ago(60), until: ago(-60), reason: 'the five-hour limit of the plan is used up' },
  rate: { remaining: 48, limit: 60, refills_at: ago(-20) },
};

const linesAt = (columns: number, rows: number) => formatStatus(STATUS, NOW, { columns, rows }).split('\n');

describe('the ledger at a glance', () => {
  test('has room in a usual terminal, with the prompt below it', () => {
    const lines = linesAt(80, 24);
    expect(lines.length).toBeLessThan(24);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines.filter((line) => line.startsWith('  completed')).length).toBeGreaterThanOrEqual(3);
  });

  test('is not cut in a narrow one: what has no room goes below, and not below a label', () => {
    const lines = linesAt(40, 24);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
    expect(lines.slice(0, 6)).toEqual([
      'ledger     /home/mia/ledger',
      'backlog    7 sessions waiting · of all:',
      '           1,200 finished, 7',
      '           missing-summary, 1 recording,',
      '           2 pointer',
      'agent      claude · 120 runs ended, 10',
    ]);
    expect(lines.join(' ').replaceAll(/\s+/g, ' ')).toContain(`the agent gave no answer within 5m`);
  });

  test('says when a pull starts a pass again, where sessions wait and one has looked just now', () => {
    const at = (minutes: number, more: Partial<LedgerStatus> = {}) =>
      formatStatus({ ...STATUS, may_follow_pulls: true, last_look_at: ago(minutes), ...more }, NOW);
    expect(formatStatus({ ...STATUS, last_look_at: ago(2) }, NOW), 'no hook').not.toContain('a pull starts');
    expect(at(2)).toContain('next       a pull starts a pass again in 3m 00s');
    for (const text of [at(5), at(-1), at(2, { queue_depth: 0 }), formatStatus(STATUS, NOW)]) {
      expect(text).not.toContain('a pull starts');
    }
  });

  test('says when the next pass comes by itself', () => {
    const next_pass = { due_at: ago(-23), started_by: 'systemd' } as const;
    const status = { ...STATUS, next_pass, may_follow_pulls: true, last_look_at: ago(2) } as const;
    const told = 'next       by systemd in 23m 00s · a pull starts a pass again in 3m 00s';
    expect(formatStatus(status, NOW).split('\n')).toContain(told);
    expect(formatStatus({ ...status, queue_depth: 0 }, NOW)).toContain('next       by systemd in 23m 00s\n');
    for (const [columns, rows] of [
      [80, 24],
      [40, 24],
    ] as const) {
      const lines = formatStatus(status, NOW, { columns, rows }).split('\n');
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
      if (columns === 80) expect(lines.length).toBeLessThan(rows);
    }
  });

  test('tells of everything where it is not shown on a terminal, each thing on its line', () => {
    const lines = formatStatus(STATUS, NOW).split('\n');
    expect(lines.filter((line) => line.startsWith('  completed'))).toHaveLength(10);
    expect(lines).toContain('running    pid 4711 on mias-laptop for 3m 00s');
    expect(lines).toContain(`  ${nameOf(0)}  2m 00s`);
  });
});
