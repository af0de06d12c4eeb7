import { expect, test } from 'vitest';
import { BUILT_IN } from '../../../../src/session/redaction/policy.ts';
import { limitsFor, rowBuilder } from '../../../../src/session/render/ledger-page/session-row.ts';
import type { StoredSession } from '../../../../src/session/stored-session.ts';
import { rowsOf, storedSession, storedSummary, VARIED } from '../../../support/stored-sessions.ts';

const NAME = '2026-03-06T10-00-ryan-Ox7f3a';
const TOKEN = ['ghp', 'a1B2c3D4'.repeat(5)].join('_');

const rowOf = (session: StoredSession, count = 1) => rowBuilder(limitsFor(count), BUILT_IN)(session);

test('a row says what a list needs of a session', () => {
  expect(rowOf(storedSession())).toEqual({
    name: NAME,
    link: NAME,
    title: 'Fix the login redirect loop',
    summary: storedSummary().summary,
    state: 'success',
    who: 'ryan',
    atMs: Date.parse('2026-03-06T10:00:05Z'),
    topics: ['auth', 'typescript'],
    files: ['src/auth/guard.ts'],
    moreFiles: 0,
    tokens: 4200,
    costUsd: 0.0123,
    notes: [],
  });
});

test('of a session that waits the name tells who and when', () => {
  expect(rowOf({ name: NAME, troubles: [], hasPage: false })).toEqual({
    name: NAME,
    title: NAME,
    summary: '',
    state: 'waiting',
    who: 'ryan',
    atMs: Date.parse('2026-03-06T10:00:00Z'),
    topics: [],
    files: [],
    moreFiles: 0,
    notes: [],
  });
});

test('what cannot be read is told, and the state is that of the summary', () => {
  const trouble = 'summary.json is broken';
  expect(rowOf({ name: NAME, troubles: [trouble], hasPage: true })).toMatchObject({
    state: 'unreadable',
    notes: [trouble],
  });
  const { meta: _, ...withoutMeta } = storedSession({ troubles: ['meta.json is empty'] });
  expect(rowOf(withoutMeta)).toMatchObject({ state: 'success', who: 'ryan', notes: ['meta.json is empty'] });
  const givenUp = storedSession({ summary: storedSummary({ summary_status: 'unrecoverable' }) });
  expect(rowOf(givenUp).notes).toEqual(['no agent could summarise it']);
});

test('no secret, no invisible sign and no line break comes into a row, wherever it stood', () => {
  const words = `a ${TOKEN}\n\u202eb\u0000 \ud83d`;
  const summary = storedSummary({
    title: words,
    summary: words,
    topics_found: [words],
    files_changed: [{ path: words, added: 1 }],
  });
  const row = rowOf(storedSession({ summary, meta: { username: words } }));
  for (const text of [row.title, row.summary, row.who, row.topics[0], row.files[0]]) {
    expect(text).toMatch(/^a \S+ ⟦U\+202E⟧b⟦U\+0000⟧ \ufffd$/);
    expect(text).not.toContain(TOKEN.slice(0, 8));
  }
});

test('a secret that a cut would halve is gone before the cut', () => {
  const title = `${'word '.repeat(38)}${TOKEN}`;
  expect(rowOf(storedSession({ summary: storedSummary({ title }) })).title).not.toContain('ghp');
  const path = `${TOKEN}/${'x'.repeat(130)}.ts`;
  expect(
    rowOf(storedSession({ summary: storedSummary({ files_changed: [{ path, added: 1 }] }) })).files[0],
  ).not.toContain('D4a1');
});

test('a row is short, whatever a session says', () => {
  const long = 'word '.repeat(200_000);
  const summary = storedSummary({
    title: long,
    summary: long,
    topics_found: Array.from({ length: 30 }, (_, index) => `${index} ${long}`),
  });
  const row = rowOf(storedSession({ summary, meta: { username: long, title: long } }), 10_000);
  expect(JSON.stringify(row).length).toBeLessThan(3000);
  expect(row.title).toHaveLength(200);
  expect(row.topics).toHaveLength(12);
});

test('the more sessions there are, the less is held of each', () => {
  const files_changed = Array.from({ length: 500 }, (_, index) => ({ path: `src/${index}.ts`, added: 1 }));
  const session = storedSession({ summary: storedSummary({ files_changed, summary: 'word '.repeat(1500) }) });
  const [small, large] = [rowOf(session, 3), rowOf(session, 10_000)];
  expect([small.files.length, small.moreFiles]).toEqual([400, 100]);
  expect([large.files.length, large.moreFiles]).toEqual([30, 470]);
  expect(small.summary).toHaveLength(7499);
  expect(large.summary.length).toBeLessThanOrEqual(600);
});

test.each([
  ['ryan@example.com', 'ryan%40example.com'],
  ['a b#?&"\'<c>', "a%20b%23%3F%26%22'%3Cc%3E"],
  ['javascript:alert(1)', 'javascript%3Aalert(1)'],
  ['%2e%2e', '%252e%252e'],
])('the name %j becomes the address %j', (name, link) => {
  expect(rowOf(storedSession({ name })).link).toBe(link);
});

test('half of a surrogate pair in a name leads nowhere', () => {
  expect(rowOf(storedSession({ name: 'half \ud83d' }))).toMatchObject({ name: 'half \ufffd' });
  expect(rowOf(storedSession({ name: 'half \ud83d' }))).not.toHaveProperty('link');
});

test('figures that nobody can have paid are left out', () => {
  const origin = { version: 1, input: { sha256: 'a', bytes: 1, entries: 1 }, agent: 'claude' } as const;
  const row = rowOf(
    storedSession({ summary: storedSummary({ agentwork: { ...origin, tokens_in: 1e300, cost_usd: 1e300 } }) }),
  );
  expect(row).not.toHaveProperty('tokens');
  expect(row).not.toHaveProperty('costUsd');
  expect(rowOf(storedSession({ summary: storedSummary({ agentwork: { ...origin, tokens_out: 0 } }) }))).toMatchObject({
    tokens: 0,
  });
});

test('the newest stands first, and what bears no time last', () => {
  const names = rowsOf([...VARIED, { name: 'no-time', troubles: [], hasPage: false }].toReversed()).map(
    ({ name }) => name,
  );
  expect(names).toEqual([...VARIED.map(({ name }) => name), 'no-time']);
});
