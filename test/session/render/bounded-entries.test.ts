import { expect, test } from 'vitest';
import { outlineOf } from '../../../src/session/outline.ts';
import { boundedEntries } from '../../../src/session/render/bounded-entries.ts';
import type { Entry } from '../../../src/session/transcript.ts';

function* session(count: number, outputLength: number): Generator<Entry> {
  for (let seq = 0; seq < count; seq += 1) {
    if (seq % 1000 === 0) yield { seq, kind: 'user', text: `request ${seq}` };
    else if (seq % 2 === 1) yield { seq, kind: 'tool', text: '', toolName: 'Bash', toolInput: '{"command":"x"}' };
    else yield { seq, kind: 'tool_result', text: '', toolOutput: 'o'.repeat(outputLength) };
  }
}

const bounded = (count: number, length: number) => [
  ...boundedEntries(session(count, length), outlineOf(session(count, length))),
];

test('a session of usual length is shown whole', () => {
  expect(bounded(2000, 3000)).toEqual([...session(2000, 3000)]);
});

test('a very long one keeps both ends and every request, and says how much is left out in between', () => {
  const shown = bounded(50_000, 10);
  expect(shown.length).toBeLessThan(20_100);
  expect(shown.filter(({ kind }) => kind === 'user')).toHaveLength(50);
  expect(shown[0]?.seq).toBe(0);
  expect(shown.at(-1)?.seq).toBe(49_999);
  expect(shown.find(({ kind }) => kind === 'info')?.text).toMatch(/^999 entries left out here, in raw\.jsonl$/);
});

test('output that would fill a page many times over is told by its head, with the length of the rest', () => {
  const outputs = bounded(20_000, 10_000).flatMap(({ toolOutput }) => toolOutput ?? []);
  const total = outputs.reduce((sum, output) => sum + output.length, 0);
  expect(total).toBeLessThan(20 * 1024 * 1024);
  expect(outputs[0]).toMatch(/… [\d,]+ more characters in raw\.jsonl$/);
});
