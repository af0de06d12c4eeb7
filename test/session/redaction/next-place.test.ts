import { expect, test } from 'vitest';
import { NextPlace } from '../../../src/session/redaction/next-place.ts';

test('each part of a text is looked through once', () => {
  const asked: number[] = [];
  const commas = new NextPlace((from) => {
    asked.push(from);
    return [2, 7].find((place) => place >= from) ?? 9;
  });
  expect([0, 1, 2, 3, 7, 8, 9].map((at) => commas.from(at))).toEqual([2, 2, 2, 7, 7, 9, 9]);
  expect(asked).toEqual([0, 3, 8]);
});

test('whoever asks of an earlier place gets an answer, too', () => {
  const places = new NextPlace((from) => (from <= 2 ? 2 : 7));
  expect([5, 0, 1].map((at) => places.from(at))).toEqual([7, 2, 2]);
});
