import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeywordIndex } from '../../../src/session/redaction/keyword-index.ts';

function hitsOf(keywords: readonly string[], text: string): readonly (readonly [number, string])[] {
  const hits: (readonly [number, string])[] = [];
  new KeywordIndex(keywords).walk(text, (at, keyword) => {
    hits.push([at, keywords[keyword] ?? '']);
    return false;
  });
  return hits;
}

test('finds overlapping keywords, and one inside of another, in any case', () => {
  expect(hitsOf(['sk-', 'sk-ant-', 'ant', 'token'], 'xSK-Ant-TOKEN')).toEqual([
    [1, 'sk-'],
    [4, 'ant'],
    [1, 'sk-ant-'],
    [8, 'token'],
  ]);
});

test('stops where the visitor has enough', () => {
  let visits = 0;
  const visitor = () => {
    visits += 1;
    return true;
  };
  const index = new KeywordIndex(['a']);
  expect(index.walk('aaa', visitor)).toBe(true);
  expect(index.walk('bbb', visitor)).toBe(false);
  expect(visits).toBe(1);
});

test('finds what a search for each keyword would find', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'B', '-', 'é'), minLength: 1, maxLength: 4 });
  const keywords = fc.uniqueArray(
    letters.map((word) => word.toLowerCase()).filter((word) => !word.includes('é')),
    { minLength: 1, maxLength: 6 },
  );
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'A', 'B', '-', 'é', 'c'), maxLength: 60 });
  fc.assert(
    fc.property(keywords, text, (words, haystack) => {
      const found = hitsOf(words, haystack).map(([at, word]) => `${at} ${word}`);
      const expected = words.flatMap((word) =>
        [...haystack].flatMap((_, at) => (haystack.toLowerCase().startsWith(word, at) ? [`${at} ${word}`] : [])),
      );
      expect(found.sort()).toEqual(expected.sort());
    }),
    { numRuns: 2000 },
  );
});
