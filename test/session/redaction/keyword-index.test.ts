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
  new KeywordIndex(['ab', 'c'], '\u200b\u00ad').walk('a\u200bab\u00adxé', (at, keyword) => {
    hits.push([at, keyword]);
  });
  expect(hits).toEqual([
    [1, 2],
    [2, 0],
    [4, 2],
  ]);
});

test('finds the last of as many states as there may be', () => {
  const index = new KeywordIndex(['b', 'a'.repeat(0xffff - 1)]);
  expect(index.first('a'.repeat(0xffff))).toBe(0xffff - 2);
});

test('takes no more keywords than it has numbers for', () => {
  expect(() => new KeywordIndex(['b', 'a'.repeat(0xffff)])).toThrow('65537 characters of keywords are too many');
  const letters = (count: number): string =>
    String.fromCharCode(...Array.from({ length: count }, (_, at) => 0x3041 + at));
  expect(new KeywordIndex([letters(63)]).first(letters(63))).toBe(62);
  expect(() => new KeywordIndex([letters(64)])).toThrow('keywords of 64 different characters');
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
