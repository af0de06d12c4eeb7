import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeywordIndex } from '../../../src/session/redaction/keyword-index.ts';

function hitsOf(keywords: readonly string[], text: string): readonly (readonly [number, string])[] {
  const hits: (readonly [number, string])[] = [];
  new KeywordIndex(keywords).walk(text, (at, keyword) => {
    hits.push([at, keywords[keyword] ?? '']);
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

test('says where the first keyword ends', () => {
  const index = new KeywordIndex(['ab', 'b-']);
  expect(index.first('xxAB-')).toBe(3);
  expect(index.first('xxAB-', 3)).toBe(4);
  expect(index.first('xxAB-', 4)).toBe(-1);
});

test('takes each of the signs for a keyword', () => {
  const hits: (readonly [number, number])[] = [];
  new KeywordIndex(['ab', 'c'], '\u200b\u00ad').walk('a\u200bab\u00ad', (at, keyword) => {
    hits.push([at, keyword]);
  });
  expect(hits).toEqual([
    [1, 2],
    [2, 0],
    [4, 2],
  ]);
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
