import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import {
  ClaudeCodeConverter,
  type ClaudeCodeOptions,
  type ClaudeCodeSummary,
  claudeCodeEntries,
} from '../../../src/session/adapters/claude-code.ts';
import { parseClaudeCodeLine, type RecoveredEntry } from '../../../src/session/adapters/claude-code-line.ts';
import { parseTranscriptLine } from '../../../src/session/transcript.ts';

const FOLDER = fileURLToPath(new URL('../../fixtures/claude-transcripts/', import.meta.url));
const TRANSCRIPTS = readdirSync(FOLDER).filter((file) => file.endsWith('.jsonl'));
const AT = '2026-03-06T10:00:05.000Z';

describe('a recorded transcript', () => {
  test.each(TRANSCRIPTS)('%s becomes these entries', async (file) => {
    const { entries, summary } = convert(readFileSync(FOLDER + file, 'utf8').split('\n'));
    const story = [...entries.map(told), JSON.stringify(summary, undefined, 1)].join('\n');
    await expect(`${story}\n`).toMatchFileSnapshot(`${FOLDER}${file.replace('.jsonl', '.entries.txt')}`);
  });

  test.each(TRANSCRIPTS)('%s becomes lines that the reader of recordings understands', (file) => {
    const { entries } = convert(readFileSync(FOLDER + file, 'utf8').split('\n'));
    for (const entry of entries) {
      const read = parseTranscriptLine(JSON.stringify(entry));
      const kind = entry.type === 'tool' && entry.tool_output !== undefined ? 'tool_result' : entry.type;
      expect(read).toMatchObject({ kind: 'entry', entry: { kind, text: entry.content } });
    }
  });

  test('that was forked starts where the recording started', () => {
    const lines = readFileSync(`${FOLDER}2.1.330-resume-fork.jsonl`, 'utf8').split('\n');
    const { entries, summary } = convert(lines, { startedAtMs: Date.parse('2026-11-22T13:58:39.000Z') });
    expect(entries.find((entry) => entry.type === 'user')?.content).toBe('A forked question.');
    expect(summary.counts.beforeStart).toBeGreaterThan(10);
    expect(summary.model).toBe('claude-opus-5-5');
  });
});

describe('the user', () => {
  test.each<[string, string, string]>([
    ['plain words', 'Fix it', 'user: Fix it'],
    ['a blank', ' \n', ''],
    ['a reminder beside words', 'Fix it<system-reminder>x\ny</system-reminder> ', 'user: Fix it'],
    ['nothing but tags', '<command-name>/x</command-name>', 'system: <command-name>/x</command-name>'],
    ['an open tag', '<system-reminder> is a tag', 'user: <system-reminder> is a tag'],
    ['two tags of a kind', 'a<command-args>1</command-args>b<command-args>2</command-args>c', 'user: abc'],
    ['an interrupt', '[Request interrupted by user]', 'system: [Request interrupted by user]'],
    ['plan mode', '  Plan mode is active. Wait', 'system:   Plan mode is active. Wait'],
    [
      'a continuation',
      'This session is being continued from a previous conversation x',
      'system: This session is being continued from a previous conversation x',
    ],
    ['our own mark', 'x <!-- ox-hash: 1 -->', 'system: x <!-- ox-hash: 1 -->'],
    ['pasted output', '⏺ Bash(ls)', 'system: ⏺ Bash(ls)'],
    ['words about it', 'why does "Plan mode is active." show?', 'user: why does "Plan mode is active." show?'],
  ])('%s', (_name, content, expected) => {
    expect(
      convert([userLine(content)])
        .entries.map(told)
        .join(),
    ).toBe(expected);
  });

  test.each<[string, object, string]>([
    ['isMeta', { isMeta: true }, 'system: words'],
    ['isCompactSummary', { isCompactSummary: true }, 'system: words'],
    ['isSidechain', { isSidechain: true }, 'system: words'],
  ])('a line with %s is not their words', (_name, marks, expected) => {
    expect(
      convert([userLine('words', marks)])
        .entries.map(told)
        .join(),
    ).toBe(expected);
  });

  test('blocks: results become entries of their own, images are named', () => {
    const content = [
      { type: 'text', text: 'Look' },
      { type: 'tool_result', tool_use_id: 't1', content: [{ type: 'text', text: 'a' }, { type: 'image' }] },
      { type: 'tool_result', tool_use_id: 't2', content: 'no', is_error: true },
      { type: 'tool_result', tool_use_id: 't3' },
      { type: 'image', source: { data: 'AAAA' } },
    ];
    expect(convert([userLine(content)]).entries).toEqual([
      { ts: AT, type: 'tool', content: '', tool_output: 'a\n[image]', call_id: 't1' },
      { ts: AT, type: 'tool', content: '', tool_output: 'no', is_error: true, call_id: 't2' },
      { ts: AT, type: 'tool', content: '', tool_output: '', call_id: 't3' },
      { ts: AT, type: 'user', content: 'Look\n[image]' },
    ]);
  });
});

describe('the assistant', () => {
  test('says one entry per block, thinking left out', () => {
    const content = [
      { type: 'thinking', thinking: 'hm' },
      { type: 'text', text: 'Reading.' },
      { type: 'text', text: ' ' },
      { type: 'tool_use', id: 't1', name: 'Read', input: { file_path: '/a' } },
      { type: 'tool_use', id: 't2', name: 'Wait' },
    ];
    expect(convert([assistantLine(content)]).entries).toEqual([
      { ts: AT, type: 'assistant', content: 'Reading.' },
      { ts: AT, type: 'tool', content: '', tool_name: 'Read', tool_input: '{"file_path":"/a"}', call_id: 't1' },
      { ts: AT, type: 'tool', content: '', tool_name: 'Wait', tool_input: '{}', call_id: 't2' },
    ]);
  });

  test('does not say what Claude Code says in its place', () => {
    const line = assistantLine([{ type: 'text', text: 'API Error: 500' }], { model: '<synthetic>' });
    const { entries, summary } = convert([line]);
    expect(entries.map(told)).toEqual(['system: API Error: 500']);
    expect(summary.model).toBeUndefined();
  });
});

describe('a transcript', () => {
  test('of nothing that is known says so', () => {
    const lines = [
      '',
      'not json',
      '[]',
      '{"type":1}',
      '{"type":"mode"}',
      '{"type":"mode"}',
      '{"type":"user"}',
      assistantLine([]),
    ];
    expect(convert(lines)).toEqual({
      entries: [],
      summary: {
        counts: {
          understood: 0,
          malformed: 3,
          beforeStart: 0,
          duplicates: 0,
          droppedByType: { mode: 2, user: 1, assistant: 1 },
        },
      },
    });
  });

  test('with the same line twice gives it once', () => {
    const { entries, summary } = convert([userLine('a', { uuid: 'u1' }), userLine('a', { uuid: 'u1' }), userLine('a')]);
    expect(entries).toHaveLength(2);
    expect(summary.counts).toMatchObject({ understood: 2, duplicates: 1 });
  });

  test('keeps a line without a time, wherever the recording started', () => {
    const line = JSON.stringify({ type: 'user', message: { content: 'a' } });
    expect(convert([line, userLine('b')], { startedAtMs: Date.parse(AT) + 1 }).entries).toEqual([
      { type: 'user', content: 'a' },
    ]);
    expect(convert([userLine('b')], { startedAtMs: Date.parse(AT) }).entries).toHaveLength(1);
  });

  test('full of opening tags is read in no time', () => {
    const text = '<system-reminder>'.repeat(200_000);
    const startedMs = performance.now();
    expect(parseClaudeCodeLine(userLine(text))).toMatchObject({ kind: 'entries' });
    expect(performance.now() - startedMs).toBeLessThan(1000);
  });

  test('cannot disturb the counts by the name of a type', () => {
    const { summary } = convert(['{"type":"__proto__"}', '{"type":"__proto__"}']);
    expect(Object.entries(summary.counts.droppedByType)).toEqual([['__proto__', 2]]);
  });
});

function convert(lines: readonly string[], options: ClaudeCodeOptions = {}) {
  const entries: RecoveredEntry[] = [];
  const reading = claudeCodeEntries(lines, options);
  let step = reading.next();
  while (!step.done) {
    entries.push(step.value);
    step = reading.next();
  }
  const summary: ClaudeCodeSummary = step.value;
  return { entries, summary };
}

function told(entry: RecoveredEntry): string {
  if (entry.tool_name !== undefined) return `call: ${entry.tool_name} ${entry.tool_input}`;
  if (entry.tool_output !== undefined)
    return `${entry.is_error ? 'error' : 'result'}: ${JSON.stringify(entry.tool_output)}`;
  return `${entry.type}: ${entry.content}`;
}

function userLine(content: unknown, marks: object = {}): string {
  return JSON.stringify({ type: 'user', timestamp: AT, message: { role: 'user', content }, ...marks });
}

function assistantLine(content: unknown, message: object = {}): string {
  return JSON.stringify({ type: 'assistant', timestamp: AT, message: { role: 'assistant', content, ...message } });
}

test('a tool call whose input is nested too deep for JSON text does not stop the recovery', () => {
  const input = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const content = `[{"type":"tool_use","id":"t1","name":"Bash","input":${input}}]`;
  const line = `{"type":"assistant","uuid":"u1","timestamp":"2026-03-06T10:00:00Z","message":{"content":${content}}}`;
  const [entry] = new ClaudeCodeConverter().convert(line);
  expect(entry).toMatchObject({ type: 'tool', tool_name: 'Bash', tool_input: expect.stringContaining('too deep') });
});
