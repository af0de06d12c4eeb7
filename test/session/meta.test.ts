import { describe, expect, test } from 'vitest';
import { buildMeta, formatMeta, type MetaSources } from '../../src/session/meta.ts';
import { outlineOf } from '../../src/session/outline.ts';
import type { SessionSummary } from '../../src/session/summary.ts';
import { assistant, session, user } from './entries.ts';

const NAME = '2026-03-06T10-00-ryan-Ox7f3a';
const SUMMARY: SessionSummary = {
  title: 'Fix login redirect loop',
  summary: 'The cookie path was wrong.',
  key_actions: [],
  outcome: 'success',
  topics_found: [],
};

const sources = (more: Partial<MetaSources> = {}): MetaSources => ({
  name: NAME,
  repoId: 'repo_01abc',
  header: {},
  outline: outlineOf(session(user('Fix it'), assistant('Done'))),
  summary: SUMMARY,
  files: {},
  wasRecovered: false,
  ...more,
});

test('the meta of a session that nobody knows anything of', () => {
  expect(buildMeta(undefined, sources())).toEqual({
    version: '1.0',
    session_name: NAME,
    username: 'ryan',
    agent_id: 'Ox7f3a',
    agent_type: '',
    created_at: '2026-03-06T10:00:00.000Z',
    repo_id: 'repo_01abc',
    title: 'Fix login redirect loop',
    summary: 'Fix login redirect loop',
    entry_count: 2,
    summary_status: 'ok',
    files: {},
  });
});

describe('who, with what and when', () => {
  const header = {
    username: 'H',
    agentId: 'OxH',
    agentType: 'h',
    model: 'mh',
    sessionId: 'ses_h',
    repoId: 'repo_h',
    createdAtMs: 1000,
  };
  const recording = {
    username: 'R',
    agentId: 'OxR',
    agentType: 'r',
    model: 'mr',
    sessionId: 'ses_r',
    startedAtMs: 2000,
  };
  const existing = {
    username: 'E',
    agent_id: 'OxE',
    agent_type: 'e',
    model: 'me',
    session_id: 'ses_e',
    repo_id: 'repo_e',
    created_at: '2026-01-01T00:00:00.123456789+01:00',
  };

  test('stays as it stood', () => {
    expect(buildMeta(existing, sources({ header, recording }))).toMatchObject(existing);
  });

  test('stays whatever a member is called', () => {
    const odd = JSON.parse('{"__proto__": {"username": "P"}, "constructor": 1}');
    const meta = JSON.parse(formatMeta(buildMeta(odd, sources({ header }))));
    expect(Object.entries(meta)).toEqual(expect.arrayContaining(Object.entries(odd)));
    expect(meta.username).toBe('H');
  });

  test('comes from the header next', () => {
    expect(buildMeta({}, sources({ header, recording }))).toMatchObject({
      username: 'H',
      agent_id: 'OxH',
      agent_type: 'h',
      model: 'mh',
      session_id: 'ses_h',
      repo_id: 'repo_h',
      created_at: '1970-01-01T00:00:01.000Z',
    });
  });

  test('comes from the marker next', () => {
    expect(buildMeta({}, sources({ recording }))).toMatchObject({
      username: 'R',
      agent_id: 'OxR',
      agent_type: 'r',
      model: 'mr',
      session_id: 'ses_r',
      repo_id: 'repo_01abc',
      created_at: '1970-01-01T00:00:02.000Z',
    });
  });

  test('that stands there empty does not stand there', () => {
    const empty = {
      username: '',
      agent_id: '',
      agent_type: '',
      model: '',
      repo_id: '',
      created_at: '0001-01-01T00:00:00Z',
    };
    expect(buildMeta(empty, sources({ header }))).toMatchObject({
      username: 'H',
      agent_id: 'OxH',
      agent_type: 'h',
      model: 'mh',
      repo_id: 'repo_h',
      created_at: '1970-01-01T00:00:01.000Z',
    });
  });
});

test('a session that got another name in the ledger is called by it', () => {
  expect(buildMeta({ session_name: NAME }, sources({ name: `${NAME}-2` }))).toMatchObject({
    session_name: `${NAME}-2`,
  });
});

test('the title of the summary replaces an old one, and says what the session is about in listings', () => {
  const meta = buildMeta({ title: 'old', summary: 'old', entry_count: 1 }, sources());
  expect(meta).toMatchObject({ title: SUMMARY.title, summary: SUMMARY.title, entry_count: 2 });
});

test('keys that nobody here knows stay, with all that is in them', () => {
  const unknown = {
    user_id: 'u',
    redactions: [{ pass_id: 1 }],
    produced_commits: ['c'],
    x: null,
    __own: { deep: [1] },
  };
  expect(buildMeta(unknown, sources())).toMatchObject(unknown);
});

test('marks of an unfinished or failed state go', () => {
  const draft = {
    draft: true,
    turn_count: 3,
    summary_attempts: 2,
    validation_error: 'no title',
    summary_status: 'failed_validation',
  };
  const meta = buildMeta(draft, sources());
  for (const key of ['draft', 'turn_count', 'summary_attempts', 'validation_error'])
    expect(meta).not.toHaveProperty(key);
  expect(meta.summary_status).toBe('ok');
});

test('an offline summary for want of a better one says so', () => {
  const summary = { ...SUMMARY, summary_status: 'unrecoverable' } as const;
  expect(buildMeta({ summary_status: 'ok' }, sources({ summary })).summary_status).toBe('unrecoverable');
});

describe('why it stopped', () => {
  test.each<[string, object, boolean, string | undefined]>([
    ['is not known of a session that was not abandoned', {}, false, undefined],
    ['is that it was abandoned', {}, true, 'recovered'],
    ['is what stood there before', { stop_reason: 'rate_limited' }, true, 'rate_limited'],
    ['is that it was abandoned, where an empty word stands', { stop_reason: '' }, true, 'recovered'],
  ])('%s', (_, existing, wasRecovered, expected) => {
    expect(buildMeta(existing as never, sources({ wasRecovered })).stop_reason).toBe(expected);
  });
});

describe('the table of files', () => {
  const lfs = { oid: `sha256:${'a'.repeat(64)}`, size: 9 };

  test('names what stands in git, and keeps every other reference', () => {
    const existing = { files: { 'raw.jsonl': lfs, 'plan.md': lfs } };
    const files = { 'summary.json': { storage: 'git', size: 1422 } } as const;
    expect(buildMeta(existing, sources({ files })).files).toEqual({
      'raw.jsonl': lfs,
      'plan.md': lfs,
      'summary.json': { storage: 'git', size: 1422 },
    });
  });

  test('says of a file that now stands in git as content that it does', () => {
    const meta = buildMeta(
      { files: { 'summary.md': lfs } },
      sources({ files: { 'summary.md': { storage: 'git', size: 5 } } }),
    );
    expect(meta.files).toEqual({ 'summary.md': { storage: 'git', size: 5 } });
  });

  test('tells of what went to Git LFS, and of plain content that went there since', () => {
    const ref = { storage: 'lfs', oid: `sha256:${'a'.repeat(64)}`, size: 9 } as const;
    const files = { 'raw.jsonl': ref, 'session.html': ref };
    const existing = { files: { 'raw.jsonl': { storage: 'git', size: 9 }, 'plan.md': { storage: 'git', size: 1 } } };
    expect(buildMeta(existing, sources({ files })).files).toEqual({ ...files, 'plan.md': { storage: 'git', size: 1 } });
  });

  test('keeps what others say of the same object', () => {
    const oid = `sha256:${'a'.repeat(64)}`;
    const theirs = { oid, size: 9, uploaded_at: 'today' };
    const files = { 'raw.jsonl': { storage: 'lfs', oid, size: 9 } } as const;
    expect(buildMeta({ files: { 'raw.jsonl': theirs } }, sources({ files })).files).toEqual({ 'raw.jsonl': theirs });
  });

  test.each([[null], ['x'], [[1]]])('is made anew where it was %j', (files) => {
    expect(buildMeta({ files }, sources({ files: { a: { storage: 'git', size: 1 } } })).files).toEqual({
      a: { storage: 'git', size: 1 },
    });
  });
});

test('the summary’s origin stands in it: the fact behind "paid once"', () => {
  const agentwork = { version: 1, input: { sha256: 'a', bytes: 1, entries: 1 }, agent: 'claude' } as const;
  expect(buildMeta({ agentwork: 'old' }, sources({ summary: { ...SUMMARY, agentwork } })).agentwork).toEqual(agentwork);
});

test('building it twice changes nothing', () => {
  const once = buildMeta({ x: 1 }, sources({ files: { a: { storage: 'git', size: 1 } }, wasRecovered: true }));
  expect(formatMeta(buildMeta(once, sources({ files: { a: { storage: 'git', size: 1 } } })))).toBe(formatMeta(once));
});

test('it is indented by two, and ends with a newline', () => {
  expect(formatMeta({ a: 1, b: {} })).toBe('{\n  "a": 1,\n  "b": {}\n}\n');
});
