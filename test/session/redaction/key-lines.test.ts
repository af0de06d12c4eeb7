import { describe, expect, test } from 'vitest';
import {
  breakBefore,
  isMaterial,
  lineAfter,
  lineEnd,
  lineStart,
  readKeyLine,
} from '../../../src/session/redaction/key-lines.ts';

/** Every way to end a line. */
const BREAKS = ['\n', '\r', '\\n', '\\r', '\\\\n', '\\\\\\\\r', '<br>', '<BR>', '<br/>', '<br />'];
/** What looks like one. */
const NO_BREAKS = ['n', 'r', '\\', '\\t', '\\\\x', '<b>', '<br', '<br  />', '<', ' '];

describe('the end of a line', () => {
  test.each(BREAKS)('is %j', (mark) => {
    const text = `abc${mark}def${mark}gh`;
    const next = 3 + mark.length;
    expect(lineEnd(text, 0, text.length)).toBe(3);
    expect(lineEnd(text, 3, text.length)).toBe(3);
    expect(lineAfter(text, 3)).toBe(next);
    expect(lineEnd(text, next, text.length)).toBe(next + 3);
    expect(lineStart(text, next + 3, 0)).toBe(next);
    expect(lineStart(text, next, 0)).toBe(next);
    expect(breakBefore(text, next, 0)).toBe(3);
    expect(breakBefore(`${mark}def`, mark.length, 0)).toBe(0);
  });

  test.each(NO_BREAKS)('is not %j', (mark) => {
    const text = `abc${mark}def`;
    expect(lineEnd(text, 0, text.length)).toBe(text.length);
    expect(lineStart(text, text.length, 0)).toBe(0);
  });

  test('is looked for in a part of the text only', () => {
    expect(lineEnd('ab\ncd\n', 0, 2)).toBe(2);
    expect(lineEnd('ab\ncd\n', 3, 4)).toBe(4);
    expect(lineEnd('\\x\\q\\\\\n', 0, 7)).toBe(6);
    expect(lineStart('ab\ncd', 5, 4)).toBe(4);
    expect(lineStart('ab\ncd', 5, 3)).toBe(3);
    expect(breakBefore('a\\\\\\n', 5, 2)).toBe(2);
    expect(breakBefore('a<br>b', 5, 3)).toBe(4);
    expect(breakBefore('a<br>\nb', 6, 0)).toBe(5);
    expect(lineStart('\nab', 3, 0)).toBe(1);
  });
});

const LINE = 'a1B2c3D4e5F6g7H8'.repeat(4);
const LONG = 'a1B2c3D4e5F6g7H8'.repeat(1500);
const DIGITLESS = 'aBcDeFgHiJkLmNoP'.repeat(4);

/** The line with its key material in brackets, or what it is where it has none. */
function read(line: string, column?: number): string {
  const text = `before\n${line}\nbehind`;
  const start = text.indexOf('\n') + 1;
  const found = readKeyLine(text, start, start + line.length, column);
  if (found.kind === 'field') return `field ${text.slice(start, found.end)}`;
  if (!('start' in found)) return found.kind;
  return `${found.kind} ${text.slice(start, found.start)}[${text.slice(found.start, found.end)}]`.replaceAll(
    LINE,
    'LINE',
  );
}

describe('a line of a key', () => {
  test.each([
    [LINE, 'key [LINE]'],
    [`${LINE}==`, 'key [LINE==]'],
    [`${LINE}===`, 'key [LINE==]'],
    [`  12\t${LINE}`, 'key   12\t[LINE]'],
    [`+    "${LINE}", +`, 'key +    "[LINE]'],
    [`<p>${LINE}</p> <br /> <`, 'key <p>[LINE]'],
    [`${LINE}\\`, 'key [LINE]'],
    [`${LINE}<b`, 'last [LINE]'],
    [`${LINE}</averylongtag>`, 'last [LINE]'],
    [`${LINE}\\x`, 'last [LINE]'],
    [`${LINE} and text`, 'last [LINE]'],
    [`${LINE} ${LINE} a1=`, 'key [LINE LINE a1=]'],
    [`${LINE}== ${LINE}= ab==`, 'key [LINE== LINE= ab==]'],
    [`${LINE} a1`, 'last [LINE]'],
    [`${LINE}  ${LINE}`, 'last [LINE]'],
    [`a1B2c3D4e5F6g7H8i9J0 ${LINE}`, 'key [a1B2c3D4e5F6g7H8i9J0 LINE]'],
    [`a1B2c3D4e5F6g7H8:${LINE}`, 'key a1B2c3D4e5F6g7H8:[LINE]'],
    [`${LINE}:a1B2c3D4e5F6g7H8i9J0`, 'last [LINE]'],
    ['a1B2c3D4e5F6g7H8i9J0', 'key [a1B2c3D4e5F6g7H8i9J0]'],
    [`one two three four ${LINE}`, 'key one two three four [LINE]'],
    [`  one two  three four  ${LINE}`, 'key   one two  three four  [LINE]'],
    [`${'-'.repeat(120)}${LINE}`, `key ${'-'.repeat(120)}[LINE]`],
    [LONG, `key [${LONG}]`],
    [`${LONG}==`, `key [${LONG}==]`],
    [`${LONG} and text`, `last [${LONG}]`],
  ])('with material is found: %s', (line, found) => {
    expect(read(line)).toBe(found.replaceAll(LINE, 'LINE'));
  });

  test.each([
    ['a1B2c3D4e5F6g7H8i9J'],
    [`one two three four five ${LINE}`],
    [`${'-'.repeat(121)}${LINE}`],
    [LINE.toLowerCase()],
    [LINE.toUpperCase()],
    [DIGITLESS],
    ['and then text'],
    ['Name: nothing'],
    ['1234567'],
    ['path:12: text'],
    ['2026-01-02 10:11:12 text'],
    ['web_1 | text'],
    [`${'x'.repeat(61)}| `],
    [`${'x'.repeat(101)}:`],
    ['x y:'],
    ['12345678901234567890123456789012345678901'],
    ['<averylongtag>'],
    ['aBcDeFgHiJkLmNoPqRsT aBcDeFgHiJkLmNoPqRsT'],
    ['\\x'],
  ])('is none: %s', (line) => {
    expect(read(line)).toBe('text');
  });

  test.each([
    '',
    '   ',
    '>> | ""',
    '\\t',
    '\\',
    '<br>',
    '</div>',
    '<p />',
    '<',
    '12',
    '123456',
    ' 12 ',
    '[12]→',
    '2026-01-02T10:11:12.123Z ',
    '10:11:12',
    'config/id_rsa:12:',
    'id_rsa-12- ',
    'web_1  | ',
    `${'x'.repeat(60)}|`,
    `${'x'.repeat(100)}:`,
  ])('is blank: %j', (line) => {
    expect(read(line)).toBe('blank');
  });

  test.each([
    ['Proc-Type: 4,ENCRYPTED', 'field Proc-Type: 4,ENCRYPTED'],
    ['> DEK-Info:AES-128-CBC,00  ', 'field > DEK-Info:AES-128-CBC,00'],
    ['"comment: a key\\n"', 'field "comment: a key'],
    ["Argon2-Memory: 8192', x", 'field Argon2-Memory: 8192'],
    ['x-my-field: 1`', 'field x-my-field: 1'],
    [`${'-'.repeat(80)}Hash: x`, `field ${'-'.repeat(80)}Hash: x`],
    [`${'-'.repeat(81)}Hash: x`, 'text'],
    ['Argon2-: x', 'text'],
    ['x-: x', 'text'],
    ['Hash x', 'text'],
  ])('may be a field: %s', (line, found) => {
    expect(read(line)).toBe(found);
  });

  test.each([
    ['aB3', 0, 'short [aB3]'],
    ['aB3=', 0, 'short [aB3=]'],
    ['=aB3d', 0, 'short [=aB3d]'],
    ['AB', 0, 'short [AB]'],
    ['abCd', 0, 'short [abCd]'],
    ['a+b', 0, 'short [a+b]'],
    ['+aB3=="', 1, 'short [+aB3==]'],
    ['   aB3', 0, 'short    [aB3]'],
    ['aB3', 3, 'short [aB3]'],
    ['aB3 aB3', 4, 'short aB3 [aB3]'],
    ['    aB3', 0, 'text'],
    ['aB3', 4, 'text'],
    ['aB3', undefined, 'text'],
    ['ab', 0, 'text'],
    ['Ab', 0, 'text'],
    ['aB', 0, 'short [aB]'],
    ['aB3 text', 0, 'text'],
    ['a1B2c3D4e5F6g7H8i9J', 0, 'short [a1B2c3D4e5F6g7H8i9J]'],
    [LINE.toLowerCase().slice(0, 39), 0, `short [${LINE.toLowerCase().slice(0, 39)}]`],
    [LINE.toLowerCase().slice(0, 40), 0, `key [${LINE.toLowerCase().slice(0, 40)}]`],
    [LINE.toLowerCase().slice(0, 40), 3, `key [${LINE.toLowerCase().slice(0, 40)}]`],
    [LINE.toLowerCase().slice(0, 40), 4, 'text'],
    [`          ${LINE.toLowerCase()}`, 10, `key           [${LINE.toLowerCase()}]`],
    [`   ${LINE.toLowerCase()}`, 0, `key    [${LINE.toLowerCase()}]`],
    [DIGITLESS, 0, `key [${DIGITLESS}]`],
  ])('is known by the one above it: %s below %s', (line, column, found) => {
    expect(read(line, column)).toBe(found);
  });
});

test('a line ends where it is said to end', () => {
  expect(readKeyLine(LONG + LINE, 0, LONG.length, undefined)).toEqual({ kind: 'key', start: 0, end: LONG.length });
});

test.each([
  ['aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgHiJkLm', true],
  ['aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgHiJkLmN', false],
  ['aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgHiJkLm1', true],
  ['abcdefghijkl1234', false],
  ['ABCDEFGHIJKL1234', false],
])('%s is material: %s', (run, expected) => {
  expect(isMaterial(run)).toBe(expected);
});
