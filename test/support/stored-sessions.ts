import { BUILT_IN } from '../../src/session/redaction/policy.ts';
import { type LedgerDocument, renderLedgerHtml } from '../../src/session/render/ledger-page/ledger-page.ts';
import {
  compareRows,
  limitsFor,
  rowBuilder,
  type SessionRow,
} from '../../src/session/render/ledger-page/session-row.ts';
import type { StoredSession } from '../../src/session/stored-session.ts';
import type { SessionSummary } from '../../src/session/summary.ts';

export const NOW = Date.UTC(2026, 2, 20, 12);

/** A finished session of Ryan's; a test changes what it is about. */
export function storedSession(changes: Partial<StoredSession> = {}): StoredSession {
  const name = changes.name ?? '2026-03-06T10-00-ryan-Ox7f3a';
  return {
    name,
    summary: storedSummary(),
    meta: { created_at: '2026-03-06T10:00:05Z', username: 'ryan' },
    troubles: [],
    hasPage: true,
    ...changes,
  };
}

export function storedSummary(changes: Partial<SessionSummary> = {}): SessionSummary {
  return {
    title: 'Fix the login redirect loop',
    summary: 'The guard and the login page disagreed about an expired session; both now ask the session itself.',
    key_actions: [],
    outcome: 'success',
    topics_found: ['auth', 'typescript'],
    files_changed: [{ path: 'src/auth/guard.ts', added: 3 }],
    agentwork: {
      version: 1,
      input: { sha256: 'a', bytes: 1, entries: 1 },
      agent: 'claude',
      tokens_in: 4000,
      tokens_out: 200,
      cost_usd: 0.0123,
    },
    ...changes,
  };
}

/** Sessions that differ in everything one can sort and filter by; the newest first. */
export const VARIED: readonly StoredSession[] = [
  storedSession({
    name: '2026-03-18T09-00-mei-Ox0003',
    summary: storedSummary({
      title: 'Make search faster',
      outcome: 'partial',
      topics_found: ['search', 'postgres'],
      files_changed: [{ path: 'src/search/index.ts', added: 1 }],
      summary: 'An index was missing. The guard of the queue is slow, too.',
    }),
    meta: { created_at: '2026-03-18T09:00:00Z', username: 'mei' },
  }),
  storedSession({
    name: '2026-03-12T08-00-ryan-Ox0002',
    summary: storedSummary({
      title: 'Add tests for billing',
      outcome: 'failed',
      topics_found: ['billing'],
      summary: 'They do not pass.',
      files_changed: [],
      agentwork: {
        version: 1,
        input: { sha256: 'a', bytes: 1, entries: 1 },
        agent: 'claude',
        tokens_in: 90_000,
        tokens_out: 1000,
        cost_usd: 0.25,
      },
    }),
    meta: { created_at: '2026-03-12T08:00:00Z', username: 'ryan' },
  }),
  { name: '2026-03-10T07-30-anna-lena-Ox0004', meta: { title: 'A talk' }, troubles: [], hasPage: false },
  storedSession(),
  { name: '2026-03-05T10-00-ryan-Ox0005', troubles: ['summary.json is a Git LFS pointer'], hasPage: true },
];

export function rowsOf(sessions: readonly StoredSession[]): readonly SessionRow[] {
  return sessions.map(rowBuilder(limitsFor(sessions.length), BUILT_IN)).sort(compareRows);
}

export function ledgerHtml(sessions: readonly StoredSession[], changes: Partial<LedgerDocument> = {}): string {
  return [
    ...renderLedgerHtml({ ledger: 'acme', rows: rowsOf(sessions), base: './sessions/', now: NOW, ...changes }),
  ].join('');
}
