import { expect, test } from 'vitest';
import {
  listParser,
  objectParser,
  parseAmount,
  parseCount,
  parseNumber,
  parseText,
  tolerantParser,
} from '../../src/session/json-shape.ts';

const parsePlace = objectParser<{ readonly path: string; readonly bytes?: number }>(['path'], {
  path: parseText,
  bytes: parseCount,
});

test.each<[string, unknown]>([
  ['{"path":"a","bytes":3}', { path: 'a', bytes: 3 }],
  ['{"path":"a"}', { path: 'a' }],
  ['{"path":"a","other":[[]],"__proto__":{"bytes":1}}', { path: 'a' }],
  ['{"bytes":3}', undefined],
  ['{"path":null}', undefined],
  ['{"path":"a","bytes":null}', undefined],
  ['{"path":"a","bytes":-1}', undefined],
  ['{"path":"a","bytes":9007199254740993}', undefined],
  ['["a"]', undefined],
  ['null', undefined],
])('of %s an object takes %j', (json, expected) => {
  expect(parsePlace(JSON.parse(json))).toEqual(expected);
});

const parseRest = tolerantParser<{ readonly path: string; readonly bytes?: number }>(['path'], {
  path: parseText,
  bytes: parseCount,
});

test.each<[string, unknown]>([
  ['{"path":"a","bytes":3,"other":1}', { path: 'a', bytes: 3 }],
  ['{"path":"a","bytes":-1}', { path: 'a' }],
  ['{"path":1,"bytes":3}', undefined],
  ['{}', undefined],
  ['["a"]', undefined],
])('of %s that others wrote an object takes %j', (json, expected) => {
  expect(parseRest(JSON.parse(json))).toEqual(expected);
});

test.each<[string, unknown]>([
  ['[]', []],
  ['["a","b"]', ['a', 'b']],
  ['["a",1]', undefined],
  ['{"0":"a"}', undefined],
])('of %s a list takes %j', (json, expected) => {
  expect(listParser(parseText)(JSON.parse(json))).toEqual(expected);
});

test.each([['1e999'], ['-1e999'], ['"1"'], ['null'], ['[1]']])('%s is no number', (json) => {
  expect([parseNumber, parseAmount, parseCount].map((parse) => parse(JSON.parse(json)))).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
