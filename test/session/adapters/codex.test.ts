import { describe, expect, test } from 'vitest';
import { codex } from '../../../src/session/adapters/codex.ts';
import { parsed, recovered, told } from './story.ts';

const AT = '2026-03-06T10:00:05.000Z';

describe('a line', () => {
  test.each<[string, object | string, object]>([
    ['a blank one', '', { kind: 'blank' }],
    ['a torn one', '{"timestamp":', { kind: 'malformed' }],
    ['no payload', { type: 'response_item' }, { kind: 'malformed' }],
    ['a payload that is none', { type: 'session_meta', payload: 'x' }, { kind: 'malformed' }],
    ['an item without a type', { type: 'response_item', payload: { role: 'user' } }, { kind: 'malformed' }],
    ['neither a type nor an id', { timestamp: AT }, { kind: 'malformed' }],
    ['an event', { type: 'event_msg', payload: { type: 'anything' } }, { kind: 'dropped', type: 'event_msg' }],
    ['thoughts', { type: 'response_item', payload: { type: 'reasoning' } }, { kind: 'dropped', type: 'reasoning' }],
    ['a type of the future', { type: 'hologram', payload: {} }, { kind: 'unknown', type: 'hologram' }],
    [
      'an item of the future',
      { type: 'response_item', payload: { type: '__proto__' } },
      { kind: 'unknown', type: '__proto__' },
    ],
    [
      'a turn',
      { type: 'turn_context', payload: { cwd: '/w', model: 'gpt', effort: 'low' } },
      { kind: 'facts', facts: { cwd: '/w', model: 'gpt' } },
    ],
    [
      'a session',
      { type: 'session_meta', payload: { id: 's', cwd: '/w', cli_version: '1' } },
      { kind: 'facts', facts: { sessionId: 's', cwd: '/w', version: '1' } },
    ],
    ['a session as it once was', { id: 's', timestamp: AT }, { kind: 'facts', facts: { sessionId: 's' } }],
    [
      'a message with a time',
      { timestamp: AT, type: 'response_item', payload: { type: 'message', role: 'assistant', content: 'Yes.' } },
      { kind: 'entries', entries: [{ ts: AT, type: 'assistant', content: 'Yes.' }], atMs: Date.parse(AT) },
    ],
  ])('%s', (_name, line, expected) => {
    const text = typeof line === 'string' ? line : JSON.stringify(line);
    expect(parsed(codex, [text])).toEqual([{ ...expected, offset: 0 }]);
  });
});

describe('the output of a tool', () => {
  test.each<[string, unknown, string]>([
    ['a text', 'fine', 'result: "fine"'],
    ['wrapped', JSON.stringify({ output: 'ok', metadata: { exit_code: 0 } }), 'result: "ok"'],
    ['wrapped, with a failure', JSON.stringify({ output: 'no', metadata: { exit_code: 2 } }), 'error: "no"'],
    ['an object that failed', { content: 'no', success: false }, 'error: "no"'],
    ['the same as text', '{"content":"no","success":false}', 'error: "no"'],
    ['JSON of the command itself', '{"success":false}', String.raw`result: "{\"success\":false}"`],
    ['JSON that says output', '{"output":"x"}', String.raw`result: "{\"output\":\"x\"}"`],
    ['torn JSON', '{"output', String.raw`result: "{\"output"`],
    [
      'a run',
      'Exit code: 1\nWall time: 0.1 seconds\nOutput:\nno',
      String.raw`error: "Exit code: 1\nWall time: 0.1 seconds\nOutput:\nno"`,
    ],
    ['words like those of a run', 'Exit code: 1', 'result: "Exit code: 1"'],
    [
      'a run that speaks of others',
      'Exit code: 0\nOutput:\nExit code: 1',
      String.raw`result: "Exit code: 0\nOutput:\nExit code: 1"`,
    ],
    [
      'items',
      [{ type: 'input_text', text: 'a' }, { type: 'input_image' }, 'b', { type: 'x' }],
      String.raw`result: "a\n[image]\nb\n[x]"`,
    ],
    ['none', undefined, 'result: ""'],
    ['a number', 7, 'result: "7"'],
    ['an object of no known shape', { a: 1 }, String.raw`result: "{\"a\":1}"`],
  ])('%s', (_name, output, expected) => {
    const line = { type: 'response_item', payload: { type: 'function_call_output', call_id: 'c', output } };
    expect(recovered(codex, [JSON.stringify(line)]).entries.map(told)).toEqual([expected]);
  });
});

test('a change of folder is a change of the repository that the next words belong to', () => {
  const turn = (cwd: string) => JSON.stringify({ type: 'turn_context', payload: { cwd } });
  const words = (content: string) =>
    JSON.stringify({ type: 'response_item', payload: { type: 'message', role: 'user', content } });
  const lines = [words('before'), turn('/theirs'), words('there'), turn('/ours/sub'), words('here')];
  const { entries, selection } = recovered(codex, lines, { isOurs: (cwd) => cwd.startsWith('/ours') });
  expect(entries.map(told)).toEqual(['user: before', 'user: here']);
  expect(selection.counts.otherRepository).toBe(1);
});
