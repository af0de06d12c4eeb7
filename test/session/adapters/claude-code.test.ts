import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { claudeCode } from '../../../src/session/adapters/claude-code.ts';
import { parseTranscriptLine } from '../../../src/session/transcript.ts';
import { parsed, recovered, story, told } from './story.ts';

const FOLDER = fileURLToPath(new URL('../../fixtures/claude-transcripts/', import.meta.url));
const TRANSCRIPTS = readdirSync(FOLDER).filter((file) => file.endsWith('.jsonl'));
const AT = '2026-03-06T10:00:05.000Z';

describe('a recorded transcript', () => {
  test.each(TRANSCRIPTS)('%s becomes these entries', async (file) => {
    const text = readFileSync(FOLDER + file, 'utf8');
    await expect(story(claudeCode, text)).toMatchFileSnapshot(`${FOLDER}${file.replace('.jsonl', '.entries.txt')}`);
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
    const { entries, selection } = convert(lines, { startedAtMs: Date.parse('2026-11-22T13:58:39.000Z') });
    expect(entries.find((entry) => entry.type === 'user')?.content).toBe('A forked question.');
    expect(selection.counts.beforeStart).toBeGreaterThan(10);
    expect(selection.facts.model).toBe('claude-opus-5-5');
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
      { ts: AT, type: 'user', content: 'Look\n[image: 3 bytes]' },
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
      { type: 'server_tool_use', id: 's1', name: 'web_search', input: { query: 'q' } },
      { type: 'web_search_tool_result', tool_use_id: 's1', content: [{ type: 'text', text: 'found' }] },
    ];
    expect(convert([assistantLine(content)]).entries).toEqual([
      { ts: AT, type: 'assistant', content: 'Reading.' },
      { ts: AT, type: 'tool', content: '', tool_name: 'Read', tool_input: '{"file_path":"/a"}', call_id: 't1' },
      { ts: AT, type: 'tool', content: '', tool_name: 'Wait', tool_input: '{}', call_id: 't2' },
      { ts: AT, type: 'tool', content: '', tool_name: 'web_search', tool_input: '{"query":"q"}', call_id: 's1' },
      { ts: AT, type: 'tool', content: '', tool_output: 'found', call_id: 's1' },
    ]);
  });

  test('does not say what Claude Code says in its place', () => {
    const line = assistantLine([{ type: 'text', text: 'API Error: 500' }], { model: '<synthetic>' });
    const { entries, selection } = convert([line]);
    expect(entries.map(told)).toEqual(['system: API Error: 500']);
    expect(selection.facts.model).toBeUndefined();
  });
});

describe('a line', () => {
  test.each<[string, string, object]>([
    ['a blank one', ' ', { kind: 'blank' }],
    ['no JSON', 'not json', { kind: 'malformed' }],
    ['a torn one', '{"type":"user","message":{"con', { kind: 'malformed' }],
    ['a list', '[]', { kind: 'malformed' }],
    ['a type that is no name', '{"type":1}', { kind: 'malformed' }],
    ['no type', '{"message":{"content":"a"}}', { kind: 'malformed' }],
    ['bookkeeping', '{"type":"mode"}', { kind: 'dropped', type: 'mode' }],
    ['a user without a message', '{"type":"user"}', { kind: 'dropped', type: 'user' }],
    ['an answer without blocks', assistantLine([]), { kind: 'dropped', type: 'assistant' }],
    [
      'nothing but thoughts',
      assistantLine([{ type: 'thinking', thinking: 'hm' }]),
      { kind: 'dropped', type: 'assistant' },
    ],
    ['nothing but an image', userLine([{ type: 'image', source: {} }]), { kind: 'dropped', type: 'user' }],
    ['a type of the future', '{"type":"telepathy","message":{}}', { kind: 'unknown', type: 'telepathy' }],
    ['the name of a prototype', '{"type":"__proto__"}', { kind: 'unknown', type: '__proto__' }],
  ])('%s', (_name, line, expected) => {
    expect(parsed(claudeCode, [line])).toEqual([{ ...expected, offset: 0 }]);
  });

  test('tells where it was said, and by whom', () => {
    const [line] = parsed(claudeCode, [userLine('a', { uuid: 'u1', cwd: '/w', version: '2', sessionId: 's' })]);
    expect(line).toMatchObject({ cwd: '/w', id: 'u1', facts: { version: '2', sessionId: 's' }, atMs: Date.parse(AT) });
  });

  test('too long to read is malformed', () => {
    expect([...claudeCode.parse([{ text: null, offset: 7 }])]).toEqual([{ kind: 'malformed', offset: 7 }]);
  });

  test('is read when it is asked for, and not before', () => {
    let asked = 0;
    const endless = (function* () {
      for (;;) yield { text: userLine(`${asked++}`), offset: asked };
    })();
    const reading = claudeCode.parse(endless)[Symbol.iterator]();
    expect([reading.next(), reading.next()]).toMatchObject([{ done: false }, { done: false }]);
    expect(asked).toBe(2);
  });
});

describe('words that were typed while the agent worked', () => {
  test.each<[string, object, string]>([
    ['plain', { prompt: 'And the tests' }, 'user: And the tests'],
    ['in blocks', { prompt: [{ type: 'text', text: 'See' }, { type: 'image' }] }, 'user: See\n[image]'],
    ['of a task that ended', { prompt: 'done', commandMode: 'task-notification' }, 'system: done'],
    ['of another agent', { prompt: 'go on', origin: { kind: 'coordinator' } }, 'system: go on'],
    ['of Claude Code', { prompt: 'go on', isMeta: true }, 'system: go on'],
    ['none', {}, ''],
  ])('%s', (_name, attachment, expected) => {
    const line = { type: 'attachment', timestamp: AT, attachment: { type: 'queued_command', ...attachment } };
    expect(
      convert([JSON.stringify(line)])
        .entries.map(told)
        .join(),
    ).toBe(expected);
  });
});

describe('a transcript', () => {
  test('with the same line twice gives it once', () => {
    const { entries, selection } = convert([
      userLine('a', { uuid: 'u1' }),
      userLine('a', { uuid: 'u1' }),
      userLine('a'),
    ]);
    expect(entries).toHaveLength(2);
    expect(selection.counts).toMatchObject({ understood: 3, duplicates: 1 });
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
    expect(parsed(claudeCode, [userLine(text)])).toMatchObject([{ kind: 'entries' }]);
    expect(performance.now() - startedMs).toBeLessThan(20_000);
  });
});

function convert(lines: readonly string[], scope: { readonly startedAtMs?: number } = {}) {
  return recovered(claudeCode, lines, scope);
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
  const [entry] = convert([line]).entries;
  expect(entry).toMatchObject({ type: 'tool', tool_name: 'Bash', tool_input: expect.stringContaining('too deep') });
});
