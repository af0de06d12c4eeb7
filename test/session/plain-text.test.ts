import { describe, expect, test } from 'vitest';
import {
  cleanText,
  cutText,
  INVISIBLE,
  isOrdinary,
  lineCount,
  oneLine,
  shortLine,
  withoutMarkup,
  withoutTags,
} from '../../src/session/plain-text.ts';

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
  ['seen\u{e0069}\u{e0067}\u{e006e}\u{e006f}\u{e0072}\u{e0065} only', 'seen only'],
  ['a\u2062b\u206ac\ufff9d', 'abcd'],
  ['\u009d0;title\u009cof eight bits', 'of eight bits'],
  ['gh\u200d\u200cp\u00ad_\u180e\u{e0041}x', 'ghp_x'],
  ['👩\u200d💻 ❤\ufe0f می\u200cخواهم', '👩\u200d💻 ❤\ufe0f می\u200cخواهم'],
  ['😀 é ü 日本', '😀 é ü 日本'],
])('cleanText(%j) is %j', (text, clean) => {
  expect(cleanText(text)).toBe(clean);
});

test('no sign that an eye would miss is an ordinary one, nor any that is not by itself a character', () => {
  const signs = Array.from({ length: 0x1_0000 }, (_, code) => String.fromCharCode(code));
  const ordinary = signs.filter(isOrdinary);
  expect(ordinary.filter((sign) => sign.search(INVISIBLE) !== -1 || /[\u001b\ud800-\udfff]/.test(sign))).toEqual([]);
  expect(isOrdinary('✓ prüft → “done”… — дело 日本 한국')).toBe(true);
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
  expect(oneLine('  a\n\n b\t\tc\td  e f\u00a0g ')).toBe('a b c d e f g');
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

describe('a line that a model wrote', () => {
  test.each([
    ['# Fix the login', 'Fix the login'],
    ['### 1. Fix the login', '1. Fix the login'],
    ['**Fix the login**', 'Fix the login'],
    ['**Fix** the __login__', 'Fix the login'],
    ['"Fix the login"', 'Fix the login'],
    ['“Fix the login”', 'Fix the login'],
    ['`npm test`', 'npm test'],
    ['- Ran the tests', 'Ran the tests'],
    ['2) Ran the tests', 'Ran the tests'],
    ['<b>Fix</b> the <a href="https://x.example">login</a>', 'Fix the login'],
    ['<h1>Fix</h1>', 'Fix'],
    ['<script>alert(1)</script>Fix', 'Fix'],
    ['<img src=x onerror=alert(1)>Fix', 'Fix'],
    ['<svg/onload=alert(1)> Fix', 'Fix'],
    ['**', '**'],
    ['', ''],
  ])('%j says %j', (line, words) => {
    expect(withoutMarkup(line)).toBe(words);
  });

  test.each([
    ['Type the cache as Map<string, number>'],
    ['Strip <script> tags from the page'],
    ['Rename snake_case_names in `auth.ts` and a_b'],
    ['Show 2 * 3 * 4 and a < b > c'],
    ['Use "quotes" and \'more\''],
    ['-1 is no index'],
    ['Fix #12 and #13'],
    ['class Box<T extends Item>'],
  ])('%j is left as it is', (line) => {
    expect(withoutMarkup(line)).toBe(line);
  });

  test('is read in time, whatever stands in it', () => {
    for (const piece of ['<', '<a ', '**', '<script>', '"', '# ', '<a x=']) {
      const text = piece.repeat(20_000 / piece.length);
      expect(withoutMarkup(text).length).toBeLessThanOrEqual(text.length);
    }
  });
});

test('a summary of paragraphs keeps them, without tags', () => {
  expect(withoutTags('<p>One.</p>\n\n**Two** <br/>three')).toBe('One.\n\n**Two** three');
});
