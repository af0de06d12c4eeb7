import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readableJson } from '../../../src/session/render/readable-json.ts';

test('what fits is written as JSON.stringify would, indented', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      expect(readableJson(value, 1_000_000)).toEqual({ text: JSON.stringify(value, null, 2), isWhole: true });
    }),
    { seed: 7, numRuns: 500 },
  );
});

test.each<[string, unknown, string]>([
  ['a long text', 'x'.repeat(100), '"xxxxxxxxxx…"'],
  ['a long list', Array.from({ length: 100 }, (_, index) => index), '[\n  0,\n  1…'],
  ['a long key', { ['k'.repeat(100)]: 1 }, '{\n  "kkkkkkkkk…": 1\n}'],
])('%s ends where the room does', (_name, value, expected) => {
  expect(readableJson(value, 10)).toEqual({ text: expected, isWhole: false });
});

test('a value that is deeper than a stack takes no stack and no room', () => {
  const deep: unknown = JSON.parse(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
  const { text, isWhole } = readableJson({ one: deep, two: deep }, 10_000);
  expect(isWhole).toBe(false);
  expect(text.length).toBeLessThan(2000);
  expect(text).toContain('"two": {');
});
