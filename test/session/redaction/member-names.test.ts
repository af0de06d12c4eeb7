import { describe, expect, test } from 'vitest';
import { isPairName, isPairValue, MemberNames } from '../../../src/session/redaction/member-names.ts';

describe('a free name', () => {
  test('is the name itself, and from then on has a number', () => {
    const names = new MemberNames(['a', 'b']);
    expect(['[X]', '[X]', '[Y]', '[X]'].map((name) => names.free(name))).toEqual(['[X]', '[X] (2)', '[Y]', '[X] (3)']);
  });

  test('is none that another member has', () => {
    const names = new MemberNames(['[X]', '[X] (3)']);
    expect(['[X]', '[X]', '[X] (2)'].map((name) => names.free(name))).toEqual(['[X] (2)', '[X] (4)', '[X] (2) (2)']);
  });
});

test.each(['name', 'Name', 'key', 'KEY'])('%s says what its neighbour is', (name) => {
  expect(isPairName(name)).toBe(true);
});

test.each(['value', 'Value'])('%s is what its neighbour says', (name) => {
  expect(isPairValue(name)).toBe(true);
});

test.each(['surname', 'names', 'monkey', 'keys', 'values', 'newvalue', ''])('%j is a member like any other', (name) => {
  expect(isPairName(name)).toBe(false);
  expect(isPairValue(name)).toBe(false);
});
