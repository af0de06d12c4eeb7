import { describe, expect, test } from 'vitest';
import { classifyTool, parseToolCall, shellCommand, toolTarget } from '../../src/session/tool-call.ts';
import { call, session } from './entries.ts';

function toolCall(name: string, input: object) {
  const [entry] = session(call(name, input));
  if (!entry) throw new Error('no entry');
  return parseToolCall(entry);
}

test.each([
  ['Bash', { command: 'npm test' }, 'npm test'],
  ['shell', { command: ['bash', '-lc', 'make all'] }, 'make all'],
  ['shell', { command: ['ls', '-la'] }, 'ls -la'],
  ['exec_command', { cmd: 'pwd' }, 'pwd'],
  ['Read', { file_path: '/a/b.ts' }, '/a/b.ts'],
  ['Grep', { pattern: 'TODO' }, 'TODO'],
  ['WebFetch', { url: 'https://x.example', prompt: 'read' }, 'https://x.example'],
  ['Task', { description: 'Count files', prompt: 'long' }, 'Count files'],
  ['Odd', { number: 1 }, ''],
  ['Bash', { command: `echo ${'x'.repeat(100)}\nsecond` }, `echo ${'x'.repeat(34)}…`],
])('%s with %j is about %j', (name, input, target) => {
  expect(toolTarget(toolCall(name, input), 40)).toBe(target);
});

describe('classifyTool', () => {
  test.each([
    ['edit', 'Edit', {}],
    ['edit', 'str_replace_based_edit_tool', { command: 'create' }],
    ['explore', 'str_replace_based_edit_tool', { command: 'view' }],
    ['test', 'Bash', { command: 'cd x && pytest -q' }],
    ['test', 'Bash', { command: 'cargo +nightly test' }],
    ['execute', 'Bash', { command: 'cat test/a.ts' }],
    ['execute', 'Bash', { command: 'test -f x' }],
    ['explore', 'web_search', {}],
    ['other', 'TodoWrite', {}],
    ['other', 'mcp__github__create_issue', {}],
  ])('%s: %s %j', (kind, name, input) => {
    expect(classifyTool(toolCall(name, input))).toBe(kind);
  });
});

test('arguments that are not JSON are read as a command line', () => {
  const entry = { seq: 0, kind: 'tool', text: '', toolName: 'Bash', toolInput: 'make all' } as const;
  expect(shellCommand(parseToolCall(entry))).toBe('make all');
});
