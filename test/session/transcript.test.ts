import { describe, expect, test } from 'vitest';
import { stringAt } from '../../src/session/json-object.ts';
import { blocksText, parseTranscriptLine, type TranscriptLine } from '../../src/session/transcript.ts';

const TEN = Date.UTC(2026, 2, 6, 10, 0, 5);
const AT = '2026-03-06T10:00:05Z';

const parse = (value: unknown): TranscriptLine => parseTranscriptLine(JSON.stringify(value));

function entryOf(value: unknown) {
  const line = parse(value);
  if (line.kind !== 'entry') throw new Error(`a ${line.kind}`);
  return line.entry;
}

describe('an entry', () => {
  test.each<[string, object, object]>([
    [
      'of the raw writer',
      { content: 'Fix it', seq: 0, timestamp: AT, type: 'user' },
      { kind: 'user', text: 'Fix it', atMs: TEN },
    ],
    [
      'of the raw writer that is a call',
      { content: '', seq: 3, timestamp: AT, tool_input: '{"command":"npm test"}', tool_name: 'Bash', type: 'tool' },
      { kind: 'tool', text: '', atMs: TEN, toolName: 'Bash', toolInput: '{"command":"npm test"}' },
    ],
    [
      'of the typed writer',
      { data: { content: 'I will look' }, seq: 1, timestamp: AT, type: 'assistant' },
      { kind: 'assistant', text: 'I will look', atMs: TEN },
    ],
    [
      'of the typed writer that is a call with its result',
      { data: { tool_name: 'Bash', tool_input: '{}', tool_output: 'ok' }, timestamp: AT, type: 'tool' },
      { kind: 'tool', text: '', atMs: TEN, toolName: 'Bash', toolInput: '{}', toolOutput: 'ok' },
    ],
    [
      'of an import',
      { seq: 1, type: 'user', content: 'Plan', ts: AT, source: 'planning_history', is_plan: true },
      { kind: 'user', text: 'Plan', atMs: TEN },
    ],
    [
      'of a recovery',
      { ts: AT, type: 'tool', content: '', tool_name: 'Bash', tool_input: '{"command":"ls"}', coworker_name: 'Mia' },
      { kind: 'tool', text: '', atMs: TEN, toolName: 'Bash', toolInput: '{"command":"ls"}', coworker: 'Mia' },
    ],
    [
      'that is only a result is no second call',
      { type: 'tool', tool_name: 'Bash', tool_output: 'boom', is_error: true, call_id: 'c1' },
      { kind: 'tool_result', text: '', toolName: 'Bash', toolOutput: 'boom', isError: true, callId: 'c1' },
    ],
    [
      'whose result stands in the content',
      { type: 'tool_result', content: 'done' },
      { kind: 'tool_result', text: '', toolOutput: 'done' },
    ],
    ['that is a result of nothing', { type: 'tool_result' }, { kind: 'tool_result', text: '', toolOutput: '' }],
    [
      'whose arguments are an object',
      { type: 'tool', tool_name: 'Edit', tool_input: { path: 'a', n: 1 } },
      { kind: 'tool', text: '', toolName: 'Edit', toolInput: '{"path":"a","n":1}' },
    ],
    [
      'whose result is made of blocks',
      { type: 'tool_result', tool_output: [{ type: 'text', text: 'one' }, { type: 'image' }] },
      { kind: 'tool_result', text: '', toolOutput: 'one\n[image]' },
    ],
    [
      'whose arguments are an empty list',
      { type: 'tool', tool_input: [] },
      { kind: 'tool', text: '', toolInput: '[]' },
    ],
    [
      'without a type takes the role',
      { data: { role: 'assistant', content: 'Hi' } },
      { kind: 'assistant', text: 'Hi' },
    ],
    ['without any type is information', { content: 'Hi' }, { kind: 'info', text: 'Hi' }],
    ['without a word is there all the same', { type: 'system' }, { kind: 'system', text: '' }],
    ['with a number for words has none', { type: 'user', content: 5 }, { kind: 'user', text: '' }],
  ])('%s', (_, line, expected) => {
    expect(entryOf(line)).toEqual(expected);
  });

  test.each([
    ['user', 'user'],
    ['human', 'user'],
    ['assistant', 'assistant'],
    ['message', 'assistant'],
    ['ai', 'assistant'],
    ['model', 'assistant'],
    ['tool', 'tool'],
    ['tool_use', 'tool'],
    ['tool_call', 'tool'],
    ['tool_result', 'tool_result'],
    ['tool_output', 'tool_result'],
    ['system', 'system'],
    ['event', 'info'],
    ['constructor', 'info'],
    ['toString', 'info'],
    ['__proto__', 'info'],
  ])('of type %s is of kind %s', (type, kind) => {
    expect(entryOf({ type, content: 'x' }).kind).toBe(kind);
  });

  test.each<[string, object, string]>([
    ['content', { content: 'a', data: { content: 'b' } }, 'a'],
    ['data.content', { data: { content: 'b', message: 'c' }, message: 'd' }, 'b'],
    ['data.message', { data: { message: 'c' }, message: 'd' }, 'c'],
    ['message', { message: 'd', text: 'e' }, 'd'],
    ['text', { text: 'e', result: 'f' }, 'e'],
    ['result', { result: 'f' }, 'f'],
    ['the next one, where the first is null', { content: null, text: 'e' }, 'e'],
    ['a message with blocks', { message: { role: 'user', content: [{ type: 'text', text: 'g' }] } }, 'g'],
  ])('takes its words from %s', (_, line, text) => {
    expect(entryOf({ type: 'user', ...line }).text).toBe(text);
  });

  test.each<[string, object, number | undefined]>([
    ['timestamp before ts', { timestamp: AT, ts: '2020-01-01T00:00:00Z' }, TEN],
    ['ts where timestamp is Go’s zero', { timestamp: '0001-01-01T00:00:00Z', ts: AT }, TEN],
    ['neither', {}, undefined],
    ['a timestamp that is none', { timestamp: 'now' }, undefined],
  ])('takes its time from %s', (_, line, atMs) => {
    expect(entryOf({ type: 'user', content: 'x', ...line }).atMs).toBe(atMs);
  });

  test('keeps every character of its words', () => {
    const text = 'a\u0000b\u001b[31m \ud83d\ude80 \u2028</script>';
    expect(entryOf({ type: 'user', content: text }).text).toBe(text);
  });

  test('is not an error because somebody says "true"', () => {
    expect(entryOf({ type: 'tool_result', is_error: 'true' })).not.toHaveProperty('isError');
    expect(entryOf({ type: 'tool_result', data: { is_error: true } })).toMatchObject({ isError: true });
  });
});

describe('a header', () => {
  test('of a live capture', () => {
    const metadata = {
      version: '1.0',
      created_at: AT,
      agent_id: 'Ox7f3a',
      agent_type: 'claude-code',
      agent_version: '1.0.43',
      model: 'claude-sonnet-4',
      username: 'ryan',
      repo_id: 'repo_01abc',
      session_id: 'ses_1',
      stopped_at: '2026-03-06T10:00:06Z',
    };
    expect(parse({ metadata, type: 'header' })).toEqual({
      kind: 'header',
      header: {
        agentId: 'Ox7f3a',
        agentType: 'claude-code',
        agentVersion: '1.0.43',
        model: 'claude-sonnet-4',
        username: 'ryan',
        repoId: 'repo_01abc',
        sessionId: 'ses_1',
        createdAtMs: TEN,
        stoppedAtMs: TEN + 1000,
      },
    });
  });

  test('of a recovery', () => {
    const meta = {
      schema_version: '1',
      agent_id: 'Ox7f3a',
      agent_type: 'claude-code',
      started_at: AT,
      recovered: true,
    };
    expect(parse({ _meta: meta })).toEqual({
      kind: 'header',
      header: { agentId: 'Ox7f3a', agentType: 'claude-code', createdAtMs: TEN, recovered: true },
    });
  });

  test.each<[string, object, object]>([
    ['the session id stands for a missing agent id', { session_id: 's' }, { agentId: 's', sessionId: 's' }],
    ['the agent id counts before the session id', { agent_id: 'a', session_id: 's' }, { agentId: 'a', sessionId: 's' }],
    ['ox_username stands for a missing username', { ox_username: 'mia' }, { username: 'mia' }],
    ['username counts before ox_username', { username: 'ryan', ox_username: 'mia' }, { username: 'ryan' }],
    [
      'created_at counts before started_at',
      { created_at: AT, started_at: '2020-01-01T00:00:00Z' },
      { createdAtMs: TEN },
    ],
    ['a zero created_at gives way', { created_at: '0001-01-01T00:00:00Z', started_at: AT }, { createdAtMs: TEN }],
    ['what is of the wrong type is not there', { agent_id: 7, model: null, username: '', recovered: 'yes' }, {}],
  ])('in which %s', (_, meta, header) => {
    expect(parse({ _meta: meta })).toEqual({ kind: 'header', header });
    expect(parse({ type: 'header', metadata: meta })).toEqual({ kind: 'header', header });
  });
});

test.each<[string, object, object]>([
  ['closes', { closed_at: AT, entry_count: 42, type: 'footer' }, { closedAtMs: TEN, entryCount: 42 }],
  ['carries a stamp', { type: 'footer', stopped_at: AT, native_sessions: [] }, { stoppedAtMs: TEN }],
  ['says nothing', { type: 'footer', entry_count: 'many' }, {}],
])('a footer that %s', (_, line, footer) => {
  expect(parse(line)).toEqual({ kind: 'footer', footer });
});

test.each([[''], [' '], ['\r'], ['\t \r']])('%j is blank', (line) => {
  expect(parseTranscriptLine(line)).toEqual({ kind: 'blank' });
});

describe('a line that is no entry', () => {
  const deep = '['.repeat(200_000) + ']'.repeat(200_000);
  test.each([
    ['cut off', '{"type":"user","content":"I was go', 'not JSON'],
    ['prose', 'hello', 'not JSON'],
    ['a string', '"user"', 'not a JSON object'],
    ['a number', '12', 'not a JSON object'],
    ['null', 'null', 'not a JSON object'],
    ['a list', '[{"type":"user"}]', 'not a JSON object'],
    ['an object of nothing', '{}', 'no entry in it'],
    ['an object of something else', '{"a":1,"b":{"c":2}}', 'no entry in it'],
    ['nested beyond all sense', `{"type":"tool","tool_input":${deep}}`, 'nested too deep'],
  ])('because it is %s says why', (_, line, reason) => {
    expect(parseTranscriptLine(line)).toEqual({ kind: 'malformed', reason });
  });

  test('is an entry all the same when nothing of the nested part is used', () => {
    expect(parseTranscriptLine(`{"type":"user","content":"Hi","extra":${deep}}`)).toMatchObject({ kind: 'entry' });
  });
});

test('a line may end in CR', () => {
  expect(parseTranscriptLine('{"type":"user","content":"Hi"}\r')).toMatchObject({
    kind: 'entry',
    entry: { text: 'Hi' },
  });
});

test.each<[unknown, string | undefined]>([
  ['plain', 'plain'],
  [
    ['a', { type: 'text', text: 'b' }, { type: 'thinking', thinking: 'hm' }, { type: 'image', source: {} }, 7],
    'a\nb\n[image]',
  ],
  [[], ''],
  [{ type: 'text', text: 'no list' }, undefined],
  [null, undefined],
])('the text of %j is %j', (content, text) => {
  expect(blocksText(content)).toBe(text);
});

test('the first field that holds a string with something in it is taken', () => {
  expect(stringAt({ a: '', b: 7, c: 'x', d: 'y' }, 'a', 'b', 'c', 'd')).toBe('x');
  expect(stringAt({ a: '' }, 'a')).toBeUndefined();
  expect(stringAt(undefined, 'a')).toBeUndefined();
});
