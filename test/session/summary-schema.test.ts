import { describe, expect, test } from 'vitest';
import { parseModelFields, parseStoredFields } from '../../src/session/summary-schema.ts';

const stored = (fields: unknown) => parseStoredFields(JSON.stringify(fields));

describe('a model', () => {
  test('that fills in nothing gives nothing', () => {
    expect(parseModelFields({})).toEqual({});
    expect(parseModelFields({ title: null, key_actions: null, agent_summary: null, topics_found: 'x' })).toEqual({});
  });

  test.each(['success', 'partial', 'failed'])('may tell the outcome %s', (outcome) => {
    expect(parseModelFields({ outcome }).outcome).toBe(outcome);
  });

  test.each([
    ['share', 'share'],
    ['skip', 'skip'],
    ['local_only', 'local_only'],
    [' Local-Only ', 'local_only'],
    ['local only', 'local_only'],
    ['local', undefined],
    ['', undefined],
  ])('may tell the category %j: %j', (quality_category, expected) => {
    expect(parseModelFields({ quality_category }).quality_category).toBe(expected);
  });

  test.each(['question', 'insight', 'decision', 'breakthrough', 'synthesis'])('may see a moment of %s', (type) => {
    const moment = { seq: 0, type, highlight: 'the path' };
    expect(parseModelFields({ aha_moments: [moment, { ...moment, type: 'joke' }] }).aha_moments).toEqual([
      { ...moment, role: 'unknown', why: '' },
    ]);
  });

  test('may leave out what an insight led to, and nothing else of it', () => {
    const insight = { seq: 3, topic: 'auth', insight: 'a rule' };
    const incomplete = [{ seq: 3 }, { ...insight, seq: -1 }, { ...insight, topic: ' ' }, { ...insight, insight: 7 }];
    expect(parseModelFields({ sageox_insights: [...incomplete, insight] }).sageox_insights).toEqual([
      { ...insight, impact: '' },
    ]);
  });

  test('may tell what the next agent has to know, each part by itself', () => {
    const parts = {
      decisions: [{ what: 'cookies' }],
      action_items: [{ task: 'ship', priority: 'high' }],
      open_questions: [{ question: 'when?' }],
      technical_context: { technologies: ['zod'] },
      constraints: ['no OAuth'],
      non_goals: ['speed'],
    };
    for (const [name, part] of Object.entries(parts)) {
      expect(parseModelFields({ agent_summary: { [name]: part } }).agent_summary).toEqual({ [name]: part });
    }
    const nothing = {
      decisions: [{}],
      action_items: [{}],
      open_questions: [{}],
      technical_context: 7,
      constraints: [''],
    };
    expect(parseModelFields({ agent_summary: nothing }).agent_summary).toEqual({});
    expect(parseModelFields({ agent_summary: 'none' })).not.toHaveProperty('agent_summary');
  });

  test('that gives only empty lists gives none but of actions and topics', () => {
    const lists = { diagrams: [], chapter_titles: [], aha_moments: [], sageox_insights: [] };
    expect(parseModelFields({ ...lists, key_actions: [], topics_found: [' '] })).toEqual({
      key_actions: [],
      topics_found: [],
    });
  });

  test('is taken at its words, without what formats a line', () => {
    const fields = parseModelFields({
      title: '## **Fix** the <b>login</b>',
      key_actions: ['- `Found` it', '1. <i>Mended</i> it'],
      agent_summary: { decisions: [{ what: '**cookies**' }] },
    });
    expect(fields).toMatchObject({
      title: 'Fix the login',
      key_actions: ['`Found` it', 'Mended it'],
      agent_summary: { decisions: [{ what: 'cookies' }] },
    });
  });

  test('keeps its Markdown where that belongs, but no tags in its summary', () => {
    const fields = parseModelFields({
      summary: ' \n- **first** <b>part</b>\n\n- second\n ',
      final_plan: '# Plan\n\n- <b>one</b>',
      diagrams: ['graph TD\n  A["<b>x</b>"] --> B'],
    });
    expect(fields).toMatchObject({
      summary: '- **first** part\n\n- second',
      final_plan: '# Plan\n\n- <b>one</b>',
      diagrams: ['graph TD\n  A["<b>x</b>"] --> B'],
    });
  });

  test('may write without end: words far beyond any field are not even looked at', () => {
    expect(parseModelFields({ title: `${' '.repeat(20_000)}Too late` }).title).toBeUndefined();
  });

  test('is listened to through ten times as many members as a list may have', () => {
    const list = (blanks: number) => [...Array.from({ length: blanks }, () => ''), 'Found it'];
    expect(parseModelFields({ key_actions: list(299) }).key_actions).toEqual(['Found it']);
    expect(parseModelFields({ key_actions: list(300) }).key_actions).toEqual([]);
    const many = Array.from({ length: 40 }, (_, index) => `Step ${index}`);
    expect(parseModelFields({ key_actions: many }).key_actions).toEqual(many.slice(0, 30));
  });
});

describe('a stored summary', () => {
  test('may begin with a byte order mark', () => {
    expect(parseStoredFields('\ufeff{"title":"Marked"}')?.title).toBe('Marked');
    expect(parseStoredFields('{"title":\ufeff"Marked"}')).toBeUndefined();
  });

  test('keeps what a program adds', () => {
    const fields = {
      provider: 'claude',
      chapters: [
        {
          id: 1,
          title: 'One',
          start_seq: 0,
          end_seq: 4,
          tool_counts: { Read: 2 },
          total_tools: 2,
          total_errors: 1,
          has_edits: true,
        },
      ],
      files_changed: [
        { path: 'a.ts', added: 1, removed: 2, action: 'created' },
        { path: 'b.ts', added: 0, action: 'deleted' },
      ],
      summary_status: 'ok',
    };
    expect(stored(fields)).toMatchObject(fields);
    expect(stored({ summary_status: ' Unrecoverable ' })?.summary_status).toBe('unrecoverable');
    expect(parseModelFields(fields)).toEqual({});
  });

  test('loses a chapter only where nobody can tell what it covers', () => {
    const chapter = { id: 1, start_seq: 0, end_seq: 4 };
    const lost = [{ ...chapter, id: 'x' }, { ...chapter, start_seq: -1 }, { ...chapter, end_seq: -1 }, {}, 7];
    const filled = { ...chapter, title: '', tool_counts: {}, total_tools: 0, has_edits: false };
    expect(stored({ chapters: [...lost, chapter] })?.chapters).toEqual([filled]);
    const wrong = { title: 7, tool_counts: { Read: 'x' }, total_tools: 1.5, total_errors: 'x', has_edits: 'yes' };
    expect(stored({ chapters: [{ ...chapter, ...wrong }] })?.chapters).toEqual([filled]);
    expect(stored({ chapters: [] })).not.toHaveProperty('chapters');
  });

  test('counts no tool whose name is no key like others', () => {
    const text = '{"chapters":[{"id":1,"start_seq":0,"end_seq":4,"tool_counts":{"__proto__":{"Read":9},"Edit":1}}]}';
    expect(Object.entries(parseStoredFields(text)?.chapters?.[0]?.tool_counts ?? {})).toEqual([['Edit', 1]]);
  });

  test('keeps a changed file whatever is wrong with its lines', () => {
    const files = [{ path: 'a.ts', added: 'x', removed: 1.5, action: 'moved' }, { added: 1 }];
    expect(stored({ files_changed: files })?.files_changed).toEqual([{ path: 'a.ts', added: 0 }]);
    expect(stored({ files_changed: [{}] })).not.toHaveProperty('files_changed');
  });

  const origin = { version: 1, input: { sha256: 'a'.repeat(64), bytes: 10, entries: 3 }, agent: 'claude' };

  test('tells what it was made of', () => {
    const whole = { ...origin, model: 'm', runs: 1, tokens_in: 2, tokens_out: 3, cost_usd: 0.5, redactions: 0 };
    expect(stored({ agentwork: whole })?.agentwork).toEqual(whole);
    expect(stored({ agentwork: { ...origin, runs: -1, cost_usd: 'x', model: ' ' } })?.agentwork).toEqual(origin);
  });

  test.each([
    [{ version: 2 }],
    [{ agent: '' }],
    [{ input: undefined }],
    [{ input: { ...origin.input, sha256: 'a'.repeat(65) } }],
    [{ input: { ...origin.input, bytes: 1.5 } }],
    [{ input: { ...origin.input, entries: '3' } }],
  ])('of another kind tells nothing of that: %j', (change) => {
    expect(stored({ agentwork: { ...origin, ...change } })).not.toHaveProperty('agentwork');
  });
});
