import { describe, expect, test } from 'vitest';
import { parseSummaryAnswer } from '../../src/session/answer.ts';

const SMALL = { entryCount: 10, chapterCount: 2 };
const ANSWER = {
  title: 'Fix login redirect loop',
  summary: 'The login page redirected to itself; the cookie path was wrong and is now set.',
  key_actions: ['Fixed the cookie path'],
  outcome: 'success',
  topics_found: ['auth'],
};
const SKIP = { quality_category: 'skip', score_reason: 'nothing happened' };

const parse = (answer: unknown, context = SMALL) => parseSummaryAnswer(JSON.stringify(answer), context);

function summaryOf(answer: unknown, context = SMALL) {
  const parsed = parse(answer, context);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.summary;
}

describe('an answer', () => {
  const json = JSON.stringify(ANSWER);
  test.each([
    ['plain', json],
    ['with spaces around', `\n ${json}\n`],
    ['in a json fence', `Here it is:\n\`\`\`json\n${json}\n\`\`\`\nDone.`],
    ['in a fence without a language', `\`\`\`\n${json}\n\`\`\``],
    ['in prose', `Sure. ${json} Let me know if you need more.`],
    ['behind braces that are none of JSON', `I used {braces} and { more, then ${json}`],
    ['behind an object that is no summary', `{"thinking": "hm"}\n${json}`],
    ['behind what looks like it and does not close', `{"title": "${'{'.repeat(300)}" and ${json}`],
    ['behind a fence', `\`\`\`js\nf({ a: "}" })\n\`\`\`\n${json}`],
    ['in a list', `[${json}]`],
    ['behind many that are none', `${'{"a":{}} '.repeat(199)}${json}`],
    ['with what else it has to say', `${json} {"title": "Another one"} }}`],
    ['with braces and quotes in strings', JSON.stringify({ ...ANSWER, final_plan: 'use "}{" and \\" here' })],
  ])('%s is read', (_, output) => {
    expect(parseSummaryAnswer(output, SMALL)).toMatchObject({ ok: true, summary: { title: ANSWER.title } });
  });

  test.each([
    ['', 'no JSON object in the answer'],
    ['I need permission to write the summary.', 'no JSON object in the answer'],
    ['{"title": "Cut off in the mid', 'no JSON object in the answer'],
    ['[1, 2]', 'no JSON object in the answer'],
    ['{'.repeat(10_000), 'no JSON object in the answer'],
    [`${'{"a":{}} '.repeat(200)}${JSON.stringify(ANSWER)}`, 'title: missing or blank'],
    [`${' '.repeat(1_999_990)}${JSON.stringify(ANSWER)}`, 'no JSON object in the answer'],
    [`${'{ '.repeat(20)}${'x'.repeat(1_100_000)}${JSON.stringify(ANSWER)}`, 'no JSON object in the answer'],
  ])('%j is none', (output, reason) => {
    expect(parseSummaryAnswer(output, SMALL)).toEqual({ ok: false, reason });
  });

  test.each([
    ['a missing title', { title: undefined }, 'title: missing or blank'],
    ['a blank title', { title: ' \n ' }, 'title: missing or blank'],
    ['a title that is no string', { title: 7 }, 'title: missing or blank'],
    ['a short title', { title: 'ab' }, 'title: not 3 to 200 characters'],
    ['a long title', { title: 'word '.repeat(50) }, 'title: not 3 to 200 characters'],
    ['a title of two letters and spaces', { title: ' ab ' }, 'title: not 3 to 200 characters'],
    ['a title one too long', { title: 'x'.repeat(201) }, 'title: not 3 to 200 characters'],
    ['a summary one too short', { summary: 'x'.repeat(19) }, 'summary: shorter than 20 characters'],
    ['no summary', { summary: undefined }, 'summary: shorter than 20 characters'],
    ['no key actions at all', { key_actions: undefined }, 'key_actions: none given'],
    ['narration as title', { title: 'I need permission to write the file' }, 'title: narration instead of a title'],
    ['an apology as title', { title: 'Unfortunately, I cannot read it' }, 'title: narration instead of a title'],
    ['intent as title', { title: 'Let me summarize the session' }, 'title: narration instead of a title'],
    ['a curly apostrophe', { title: 'I’ll create the summary' }, 'title: narration instead of a title'],
    [
      'a diagnostic as title',
      { title: 'Summary failed content validation: title too short' },
      'title: a diagnostic instead of a title',
    ],
    [
      'old statistics as summary',
      { summary: '12 user messages, 9 assistant responses' },
      'title: a diagnostic instead of a title',
    ],
    ['a short summary', { summary: 'too short' }, 'summary: shorter than 20 characters'],
    ['no key action', { key_actions: [' '] }, 'key_actions: none given'],
    ['key actions that are no list', { key_actions: 'did things' }, 'key_actions: none given'],
    ['no outcome', { outcome: undefined }, 'outcome: not success, partial or failed'],
    ['an unknown outcome', { outcome: 'great' }, 'outcome: not success, partial or failed'],
  ])('with %s is refused with a reason that repeats nothing of it', (_, change, reason) => {
    expect(parse({ ...ANSWER, ...change })).toEqual({ ok: false, reason });
  });

  test.each([
    ['Add permission checks to the upload API'],
    ['Explain how tool_use blocks and mcp__github work'],
    ['Approve button: fix the double click'],
    ['Grant write access to the CI role'],
  ])('about %s passes', (title) => {
    expect(
      parse({ ...ANSWER, title, summary: `${title}: could you please grant write access was the error.` }).ok,
    ).toBe(true);
  });

  test.each([
    'I need a moment',
    "I'll write it",
    'I’ll write it',
    'I will write it',
    'I cannot read it',
    "I can't read it",
    'I can’t read it',
    "I'm sorry to say",
    'I’m unable to',
    'I am sorry to say',
    'I am unable to',
    'I apologize for it',
    'I apologise for it',
    'Let me see',
    'unfortunately not',
    'Could you tell me',
    'Please approve it',
    'Please grant it',
    'Here is the summary',
    "Here's the summary",
    'Here’s the summary',
  ])('is no title: %s', (title) => {
    expect(parse({ ...ANSWER, title })).toEqual({ ok: false, reason: 'title: narration instead of a title' });
    expect(parse({ ...ANSWER, title: `Say: ${title}` }).ok).toBe(true);
  });

  test.each([{ title: 'abc' }, { title: 'x'.repeat(200) }, { summary: 'x'.repeat(20) }])(
    'may be as short, or as long, as %j',
    (change) => {
      expect(parse({ ...ANSWER, ...change }).ok).toBe(true);
    },
  );

  test('without topics has none', () => {
    expect(summaryOf({ ...ANSWER, topics_found: undefined }).topics_found).toEqual([]);
  });

  test.each([
    ['SUCCESS', 'success'],
    [' Partial ', 'partial'],
    ['failed', 'failed'],
  ])('may write its outcome as %j', (outcome, expected) => {
    expect(summaryOf({ ...ANSWER, outcome }).outcome).toBe(expected);
  });

  test('that only skips may have a title of any length, which is cut at a whole character', () => {
    const { title } = summaryOf({ ...SKIP, title: '😀'.repeat(400) });
    expect(title).toBe(`${'😀'.repeat(99)}…`);
  });

  test.each([
    [{ ...SKIP }, 'Brief session'],
    [{ quality_category: 'skip', title: 'Nothing was asked' }, 'Nothing was asked'],
    [{ ...SKIP, quality_category: 'SKIP', key_actions: [], summary: '' }, 'Brief session'],
  ])('that only skips is valid however long the session is: %j', (answer, title) => {
    const summary = summaryOf(answer, { entryCount: 500, chapterCount: 9 });
    expect(summary).toMatchObject({ title, quality_category: 'skip', outcome: 'partial', key_actions: [] });
    expect(summary.summary).toBe('score_reason' in answer ? answer.score_reason : '');
  });

  test('that skips without a title and a reason is not', () => {
    expect(parse({ quality_category: 'skip' }).ok).toBe(false);
  });

  test.each([
    [20, {}, undefined],
    [21, {}, 'key_actions: fewer than 3 for a long session'],
    [21, { key_actions: ['a', 'b', 'c'] }, undefined],
    [
      21,
      { key_actions: ['a', 'b', 'c'], summary: 'x'.repeat(79) },
      'summary: shorter than 80 characters for a long session',
    ],
    [21, { key_actions: ['a', 'b', 'c'], summary: 'x'.repeat(80) }, undefined],
    [50, { key_actions: ['a', 'b', 'c'] }, undefined],
    [51, { key_actions: ['a', 'b', 'c'], aha_moments: [aha(51)] }, 'aha_moments: none for a very long session'],
    [51, { key_actions: ['a', 'b', 'c'], aha_moments: [aha(60), aha(50)] }, undefined],
    [51, { key_actions: ['a', 'b', 'c'] }, 'aha_moments: none for a very long session'],
    [51, { key_actions: ['a', 'b', 'c'], aha_moments: [aha(60)] }, 'aha_moments: none for a very long session'],
    [51, { key_actions: ['a', 'b', 'c'], aha_moments: [aha(50)] }, undefined],
  ])('about %i entries with %j: %s', (entryCount, change, reason) => {
    const answer = parse(
      { ...ANSWER, summary: ANSWER.summary.padEnd(90, '.'), ...change },
      { entryCount, chapterCount: 1 },
    );
    expect(answer.ok ? undefined : answer.reason).toBe(reason);
  });

  test('cannot set what is not a model’s to set', () => {
    const summary = summaryOf({
      ...ANSWER,
      provider: 'gpt',
      summary_status: 'ok',
      validation_error: 'x',
      agentwork: { version: 1 },
      chapters: [{ id: 1 }],
      files_changed: [{ path: 'x' }],
      anything: true,
    });
    expect(Object.keys(summary).sort()).toEqual(['key_actions', 'outcome', 'summary', 'title', 'topics_found']);
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'changes nothing by a field %s, however deep',
    (key) => {
      // By hand: an object literal would take `__proto__` for what it is.
      const hostile = `"${key}":{"title":"Owned","provider":"gpt","polluted":true}`;
      const nested = `"agent_summary":{${hostile},"decisions":[{"what":"use cookies",${hostile}}]}`;
      const parsed = parseSummaryAnswer(`${JSON.stringify(ANSWER).slice(0, -1)},${hostile},${nested}}`, SMALL);
      const expected = { ...ANSWER, agent_summary: { decisions: [{ what: 'use cookies' }] } };
      expect(parsed).toStrictEqual({ ok: true, summary: expected });
      expect({}).not.toHaveProperty('polluted');
      expect(parseSummaryAnswer(`{"${key}":${JSON.stringify(ANSWER)}}`, SMALL).ok).toBe(false);
    },
  );

  test('keeps only moments that are entries of the session and of a known kind', () => {
    const aha_moments = [
      aha(9),
      aha(10),
      aha(-1),
      aha(1.5),
      { ...aha(2), type: 'joke' },
      'x',
      { ...aha(3), type: 'Decision' },
    ];
    expect(summaryOf({ ...ANSWER, aha_moments }).aha_moments).toEqual([aha(9), { ...aha(3), type: 'decision' }]);
  });

  test('keeps only insights that are entries of the session', () => {
    const insight = (seq: number) => ({ seq, topic: 'cookies', insight: 'their path', impact: 'no loop' });
    const sageox_insights = [insight(9), insight(10)];
    expect(summaryOf({ ...ANSWER, sageox_insights }).sageox_insights).toEqual([insight(9)]);
  });

  test.each([
    [0, 0],
    [0.5, 0.5],
    [7, 1],
    [-1, 0],
    ['0.9', undefined],
    [null, undefined],
    [undefined, undefined],
  ])('with score %j has score %j', (quality_score, expected) => {
    expect(summaryOf({ ...ANSWER, quality_score }).quality_score).toBe(expected);
  });

  test('loses ill-typed optional fields and nothing else', () => {
    const summary = summaryOf({
      ...ANSWER,
      diagrams: 'graph',
      topics_found: ['a', 1, ' ', 'b'],
      final_plan: {},
      agent_summary: [],
    });
    expect(summary).toEqual({ ...ANSWER, topics_found: ['a', 'b'] });
  });

  test('keeps chapter titles in their places and no more than there are chapters', () => {
    expect(summaryOf({ ...ANSWER, chapter_titles: ['One', 7, 'Three'] }).chapter_titles).toEqual(['One', '']);
  });

  test('is free of what a terminal obeys and what nobody sees, in every field', () => {
    const hostile = 'Fix \u001b[31mred\u001b]0;x\u0007 \u009b2J\u202e\u{e0041}tit\u0000le it now';
    expect(summaryOf(everyField(hostile))).toEqual(everyField('Fix red title it now'));
    expect(summaryOf({ ...ANSWER, title: 'Fix it\nnow' }).title).toBe('Fix it now');
  });

  test('is bounded, whatever its fields hold', () => {
    const summary = summaryOf({
      ...everyField('word '.repeat(4_000)),
      title: ANSWER.title,
      key_actions: Array.from({ length: 300 }, (_, index) => `${index} ${'x'.repeat(1000)}`),
      topics_found: Array.from({ length: 1000 }, (_, index) => `topic ${index}`),
      aha_moments: Array.from({ length: 150 }, () => ({ ...aha(1), highlight: 'h'.repeat(2000) })),
      diagrams: Array.from({ length: 20 }, () => 'd'.repeat(9000)),
    });
    expect(summary.key_actions).toHaveLength(30);
    expect(summary.topics_found).toHaveLength(30);
    expect(summary.aha_moments).toHaveLength(20);
    expect(JSON.stringify(summary).length).toBeLessThan(200_000);
  });

  test.each([
    ['lists', '['.repeat(100_000), ']'.repeat(100_000)],
    ['objects', '{"a":'.repeat(100_000), '}'.repeat(100_000)],
  ])('is read to the depth that counts, and %s below it do no harm', (_, open, close) => {
    const deep = `${JSON.stringify(ANSWER).slice(0, -1)},"diagrams":${open}1${close},"anything":${open}1${close}}`;
    expect(parseSummaryAnswer(deep, SMALL)).toEqual({ ok: true, summary: ANSWER });
  });

  test('keeps what the next agent has to know', () => {
    const agent_summary = {
      decisions: [{ what: 'use cookies', why: 'simple' }, 'x'],
      non_goals: ['OAuth'],
      action_items: [],
    };
    expect(summaryOf({ ...ANSWER, agent_summary }).agent_summary).toEqual({
      decisions: [{ what: 'use cookies', why: 'simple' }],
      non_goals: ['OAuth'],
    });
  });
});

/** An answer with this text wherever a model may put one. */
function everyField(text: string) {
  return {
    ...{ title: text, summary: text, key_actions: [text], outcome: 'success', topics_found: [text], final_plan: text },
    ...{ diagrams: [text], chapter_titles: [text], quality_category: 'share', quality_score: 1, score_reason: text },
    agent_summary: {
      decisions: [{ what: text, why: text, owner: text }],
      action_items: [{ task: text, assignee: text, priority: text }],
      open_questions: [{ question: text, context: text }],
      technical_context: { technologies: [text], architecture: text, integrations: [text] },
      ...{ constraints: [text], non_goals: [text] },
    },
    aha_moments: [{ seq: 0, role: text, type: 'insight', highlight: text, why: text }],
    sageox_insights: [{ seq: 0, topic: text, insight: text, impact: text }],
  };
}

function aha(seq: number) {
  return { seq, role: 'user', type: 'question', highlight: 'why the cookie?', why: 'it led to the cause' };
}
