import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { piecesOfJson } from '../../../src/session/redaction/json-pieces.ts';

const MAX_DEPTH = 200;

function shown(text: string, maxDepth = MAX_DEPTH): readonly (readonly string[])[] | undefined {
  return piecesOfJson(text, maxDepth)?.map(({ kind, start, end, name, object }) => [
    kind,
    text.slice(start, end),
    name === undefined ? '' : text.slice(name.start, name.end),
    String(object),
  ]);
}

test('the strings of a text come with the name that they stand under, and their object', () => {
  expect(shown('{"a": "x", "b":["y",{"c\\"":"z"},"w"], "d":1}')).toEqual([
    ['name', '"a"', '', '1'],
    ['string', '"x"', '"a"', '1'],
    ['name', '"b"', '', '1'],
    ['string', '"y"', '"b"', '1'],
    ['name', '"c\\""', '', '2'],
    ['string', '"z"', '"c\\""', '2'],
    ['string', '"w"', '"b"', '1'],
    ['name', '"d"', '', '1'],
  ]);
});

test('what is nested too deep is one piece', () => {
  expect(shown('["a",{"b":["c",["d"]]},"e"]', 2)).toEqual([
    ['string', '"a"', '', '0'],
    ['name', '"b"', '', '1'],
    ['deep', '["c",["d"]]', '"b"', '1'],
    ['string', '"e"', '', '0'],
  ]);
  expect(shown(`${'['.repeat(1_000_000)}"x"${']'.repeat(1_000_000)}`)).toHaveLength(1);
});

test.each([
  '',
  '{',
  '["a"',
  '{"a"}',
  '{"a":}',
  '{"a":"b",}',
  '["a",]',
  '["a" "b"]',
  '{"a" "b"}',
  '{a:"b"}',
  '["a"]]',
  '["a"}',
  '{"a":"b"} password',
  'password="x"',
  '"a\\"',
  '[tru]',
  '["a"}"b"]',
  '{["a"]}',
])('%j is no JSON', (text) => {
  expect(piecesOfJson(text, MAX_DEPTH)).toBeUndefined();
});

describe('any JSON', () => {
  test('has the strings that a parser finds, in any layout', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const found = piecesOfJson(text, MAX_DEPTH)?.map(({ start, end }) => JSON.parse(text.slice(start, end)));
        expect(found).toEqual(stringsIn(JSON.parse(text)));
      }),
      { numRuns: 1000 },
    );
  });

  test('that was cut off is none', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { minLength: 1 }), fc.nat(), (value, at) => {
        const text = JSON.stringify(value);
        expect(piecesOfJson(text.slice(0, at % text.length), MAX_DEPTH)).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });
});

/** Names and strings in the order in which they are written. */
function stringsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(stringsIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => [name, ...stringsIn(item)]);
}
