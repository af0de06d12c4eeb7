import { expect, test } from 'vitest';
import { TextKinds, TextSizeCollector } from '../../src/session/text-sizes.ts';
import { assistant, numberEntries, system, toolCall, toolError, toolResult, user } from '../support/sample-document.ts';

test('a result is a reading when the call that it answers was one, whatever came between', () => {
  const kinds = new TextKinds();
  const entries = numberEntries([
    user('look'),
    toolCall('a', 'Read', { file_path: 'a.ts' }),
    toolCall('b', 'Bash', { command: 'ls' }),
    toolResult('b', 'a.ts'),
    toolResult('a', 'text'),
    toolResult('a', 'again'),
    toolError('c', 'no'),
    assistant('done'),
    system('compacted'),
  ]);
  const expected = ['user', 'reading', 'output', 'output', 'reading', 'output', 'error', 'answer', 'note'];
  expect(entries.map((entry) => kinds.ofWords(entry))).toEqual(expected);
});

test('arguments of an edit are told from others', () => {
  const collector = new TextSizeCollector();
  const calls = [toolCall('a', 'Edit', { old_string: 'x', new_string: 'y' }), toolCall('b', 'Bash', { command: 'ls' })];
  for (const entry of numberEntries(calls)) collector.add(entry);
  expect(collector.finish()).toEqual({
    edit: [{ count: 1, chars: 35 }],
    argument: [{ count: 1, chars: 16 }],
  });
});

test('sizes of any number of texts are a few numbers', () => {
  const collector = new TextSizeCollector();
  for (let seq = 0; seq < 10_000; seq += 1) {
    collector.add({ seq, kind: 'tool_result', text: '', toolOutput: 'x'.repeat(seq) });
  }
  const buckets = collector.finish().output ?? [];
  expect(buckets.length).toBeLessThan(60);
  expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(9999);
  expect(buckets.reduce((sum, { chars }) => sum + chars, 0)).toBe((9999 * 10_000) / 2);
});
