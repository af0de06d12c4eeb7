import { describe, expect, test } from 'vitest';
import { cleanText, cutText, lineCount, oneLine, shortLine } from '../../src/session/plain-text.ts';

test.each([
  ['plain\ttext\n', 'plain\ttext\n'],
  ['a\r\nb\rc', 'a\nb\nc'],
  ['\u001b[1;31mred\u001b[0m', 'red'],
  ['\u001b]0;window title\u0007text', 'text'],
  ['\u001b]8;;https://x.example\u001b\\link\u001b]8;;\u001b\\', 'link'],
  ['\u001b]never closed\nstill here', ']never closed\nstill here'],
  ['nul\u0000 bell\u0007 c1\u009b', 'nul bell c1'],
  ['\u202eabc\u200b\ufeff', 'abc'],
  ['half \ud83d pair', 'half  pair'],
  ['😀 é ü 日本', '😀 é ü 日本'],
])('cleanText(%j) is %j', (text, clean) => {
  expect(cleanText(text)).toBe(clean);
});

describe('cutText', () => {
  test.each([
    ['short', 10, 'short'],
    ['exactly ten', 11, 'exactly ten'],
    ['one two three', 9, 'one two…'],
    ['one two, three', 9, 'one two…'],
    ['averyverylongword', 8, 'averyve…'],
    ['a averyverylongword', 8, 'a avery…'],
    ['😀😀😀😀', 4, '😀…'],
  ])('of %j at %i is %j', (text, max, cut) => {
    expect(cutText(text, max)).toBe(cut);
    expect(cut.length).toBeLessThanOrEqual(max);
  });
});

test('oneLine joins lines and spaces', () => {
  expect(oneLine('  a\n\n b\t\tc ')).toBe('a b c');
});

test('shortLine reads only the beginning of a text of any size', () => {
  expect(shortLine(`\n  ${'word '.repeat(1_000_000)}`, 12)).toBe('word word…');
});

test.each([
  ['', 0],
  ['a', 1],
  ['a\n', 1],
  ['a\nb', 2],
  ['\n', 1],
  ['\n\n', 2],
])('%j has %i lines', (text, count) => {
  expect(lineCount(text)).toBe(count);
});
