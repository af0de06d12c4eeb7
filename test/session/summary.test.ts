import { describe, expect, test } from 'vitest';
import { formatSummaryJson, parseStoredSummary, type SessionSummary } from '../../src/session/summary.ts';

const FULL: SessionSummary = {
  title: 'Fix login redirect loop',
  provider: 'claude',
  summary: 'The cookie path was wrong.',
  key_actions: ['Fixed the path'],
  outcome: 'success',
  topics_found: ['auth'],
  agent_summary: { decisions: [{ what: 'cookies', why: 'simple', owner: 'ryan' }], constraints: ['no OAuth'] },
  final_plan: 'Ship it',
  diagrams: ['graph TD\n  A --> B'],
  chapter_titles: ['Problem', 'Fix'],
  chapters: [
    {
      id: 1,
      title: 'Problem',
      start_seq: 0,
      end_seq: 4,
      tool_counts: { Read: 2 },
      total_tools: 2,
      total_errors: 1,
      has_edits: false,
    },
  ],
  files_changed: [
    { path: 'a.ts', added: 3, removed: 1 },
    { path: 'b.ts', added: 1 },
  ],
  aha_moments: [{ seq: 2, role: 'user', type: 'insight', highlight: 'the path!', why: 'found it' }],
  sageox_insights: [{ seq: 3, topic: 'auth', insight: 'team rule', impact: 'saved an hour' }],
  quality_category: 'share',
  quality_score: 0.8,
  score_reason: 'a real fix',
  summary_status: 'ok',
  agentwork: {
    version: 1,
    input: { sha256: 'a'.repeat(64), bytes: 10, entries: 3 },
    agent: 'claude',
    model: 'claude-x',
    tokens_in: 10,
    tokens_out: 2,
    cost_usd: 0.01,
    redactions: 0,
  },
};

describe('parseStoredSummary', () => {
  test('reads back what formatSummaryJson wrote', () => {
    expect(parseStoredSummary(formatSummaryJson(FULL))).toEqual(FULL);
  });

  test('fills in what older versions left out', () => {
    expect(parseStoredSummary('{"title":"Old one"}')).toEqual({
      title: 'Old one',
      summary: '',
      key_actions: [],
      outcome: 'partial',
      topics_found: [],
    });
  });

  test('drops what is ill-typed or unknown, and keeps the rest', () => {
    const stored = {
      title: 'T 1',
      outcome: 'Great',
      key_actions: [1, 'x'],
      quality_score: 'high',
      chapters: {},
      sageox_score: 3,
    };
    expect(parseStoredSummary(JSON.stringify(stored))).toMatchObject({
      title: 'T 1',
      outcome: 'partial',
      key_actions: ['x'],
    });
    expect(parseStoredSummary(JSON.stringify(stored))).not.toHaveProperty('quality_score');
  });

  test('takes a title that speaks of such texts for one', () => {
    const title = 'Say why: Summary generation failed';
    expect(parseStoredSummary(JSON.stringify({ title }))?.title).toBe(title);
  });

  test('keeps a real score of zero', () => {
    expect(parseStoredSummary('{"title":"Zero","quality_score":0}')?.quality_score).toBe(0);
  });

  test.each([
    [''],
    ['null'],
    ['[]'],
    ['{"title":""}'],
    ['{"title":"  "}'],
    ['{"summary":"no title"}'],
    ['{"title":"Summary failed content validation: title too short (0 chars)"}'],
    ['{"title":"Summary generation failed"}'],
    ['{"title":"3 user messages, 5 assistant responses"}'],
    ['{"title":"12 user messages, 34 assistant responses"}'],
    ['{"title":"1 user message, 1 assistant response"}'],
    ['version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n'],
    ['{"title":"torn'],
  ])('finds no summary in %j', (text) => {
    expect(parseStoredSummary(text)).toBeUndefined();
  });
});

test('formatSummaryJson writes the same keys in the same order, whatever the order they came in', () => {
  const shuffled = Object.fromEntries(Object.entries(FULL).reverse()) as unknown as SessionSummary;
  expect(formatSummaryJson(shuffled)).toBe(formatSummaryJson(FULL));
  expect(formatSummaryJson(FULL)).toMatch(/^\{\n {2}"title": "Fix login redirect loop",\n {2}"provider"[\s\S]*\n\}\n$/);
});
