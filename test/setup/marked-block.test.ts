import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blockIn, withBlock, withoutBlock } from '../../src/setup/marked-block.ts';

const LINES = ['one', 'two'];
const ours = (text: string, place: 'first' | 'last' = 'last') => withBlock(text, 'it', LINES, place);

describe('a block', () => {
  test('is the last of a text, or the first behind its interpreter', () => {
    expect(ours('a\n')).toBe('a\n# >>> it >>>\none\ntwo\n# <<< it <<<\n');
    expect(ours('a\nb\n', 'first')).toBe('# >>> it >>>\none\ntwo\n# <<< it <<<\na\nb\n');
    expect(ours('#!/bin/sh\na\n', 'first')).toBe('#!/bin/sh\n# >>> it >>>\none\ntwo\n# <<< it <<<\na\n');
    expect(ours('')).toBe('# >>> it >>>\none\ntwo\n# <<< it <<<\n');
  });

  test('takes the place of an older one, wherever that is', () => {
    const moved = `a\n${withBlock('', 'it', ['older'], 'last')}b\n`;
    expect(ours(moved, 'first')).toBe('a\n# >>> it >>>\none\ntwo\n# <<< it <<<\nb\n');
  });

  test('of another name is nobody else’s', () => {
    const both = withBlock(ours('a\n'), 'it else', ['three'], 'last');
    expect(blockIn(both, 'it')).toEqual(LINES);
    expect(withoutBlock(both, 'it')).toBe(withBlock('a\n', 'it else', ['three'], 'last'));
  });

  test('without an end is none: what follows its beginning is not ours', () => {
    const torn = '# >>> it >>>\none\nmine\n';
    expect(blockIn(torn, 'it')).toBeUndefined();
    expect(withoutBlock(torn, 'it')).toBe(torn);
    expect(ours(torn)).toContain('mine');
  });

  test('comes and goes, twice as once, and leaves every other line as it was', () => {
    const line = fc.string({ unit: fc.constantFrom('a', ' ', '#', '!', '>', '\t') });
    const text = fc.array(line, { minLength: 1 }).map((lines) => `${lines.join('\n')}\n`);
    fc.assert(
      fc.property(text, fc.constantFrom('first' as const, 'last' as const), (before, place) => {
        const after = ours(before, place);
        expect(ours(after, place)).toBe(after);
        expect(blockIn(after, 'it')).toEqual(LINES);
        expect(withoutBlock(after, 'it')).toBe(before);
      }),
    );
  });
});
