import { describe, expect, test } from 'vitest';
import { KeywordIndex } from '../../../src/session/redaction/keyword-index.ts';
import { findPrivateKeys, KEY_MARKS, restOfKey } from '../../../src/session/redaction/private-key.ts';

const HEADER = `-----BEGIN RSA ${'PRIVATE KEY'}-----`;
const FOOTER = `-----END RSA ${'PRIVATE KEY'}-----`;
const LINE = 'a1B2c3D4e5F6g7H8'.repeat(4);
const OPENING = `MIIE${'pAIBAAKCAQEA'}${LINE}`;

const MARKS = new KeywordIndex(KEY_MARKS);

/** The keys of a text, with an ellipsis behind one that may go on. */
function keys(text: string): readonly string[] {
  const marks: number[] = [];
  MARKS.walk(text, (at) => marks.push(at));
  return findPrivateKeys(text, marks).map(({ start, end, isOpen }) => text.slice(start, end) + (isOpen ? '…' : ''));
}

/** The same for what goes on with a key at the beginning of a text. */
function rest(text: string): string | undefined {
  const range = restOfKey(text);
  return range && text.slice(range.start, range.end) + (range.isOpen ? '…' : '');
}

describe('behind a header a key', () => {
  test.each([
    ['goes on to its footer', `${HEADER}\n${LINE}\n${FOOTER}`],
    ['goes on to a footer with one more dash', `${HEADER}\n-${LINE}\n-${FOOTER}`],
    ['goes on over words, where a footer comes', `${HEADER} of words a1B2c3D4e5F6g7H8 and more ${FOOTER}`],
    ['is as long as keys are', `${HEADER}${'word '.repeat(19_996)}${LINE.slice(0, 20)}${FOOTER}`],
    ['ends with the text behind it', `${HEADER}\n${LINE}`, '\nand text'],
    ['ends with the text in its line', `${HEADER}\n${LINE}`, ` and text\n${LINE}`],
    ['has a short last line', `${HEADER}\n${LINE}\naB3=`, '\nand text'],
    ['has a short last line, as far to the right', `${HEADER}\n      ${LINE}\n      aB3=`, '\nand text'],
    ['has one short line', `${HEADER}\n${LINE}\naB3=`, '\ncD4=\nand text'],
    ['has no short line below an empty one', `${HEADER}\n${LINE}`, '\n\naB3=\nand text'],
    ['goes on over six empty lines', `${HEADER}\n${LINE}${'\n'.repeat(7)}${LINE}`, '\nand text'],
    ['ends with seven empty lines', `${HEADER}\n${LINE}`, `${'\n'.repeat(8)}${LINE}\nand text`],
    ['is nothing but the header where text follows', HEADER, ' and text'],
  ])('%s', (_name, key, behind = '') => {
    expect(keys(`before ${key}${behind}`)).toEqual([key]);
  });

  test('may go on in the next text', () => {
    for (const text of [`${HEADER}\n${LINE}`, `${HEADER}\n${LINE}\naB3=`, HEADER])
      expect(keys(text)).toEqual([`${text}…`]);
  });

  test('has no footer where more stands between than keys are long', () => {
    expect(keys(`${HEADER}${'word '.repeat(19_996)}${LINE.slice(0, 21)}${FOOTER}`)[0]).toBe(HEADER);
  });

  test('is none where the only material stands elsewhere', () => {
    expect(keys(`${LINE} ${HEADER} of words ${FOOTER} ${LINE}`)).toEqual([HEADER]);
  });
});

describe('before a footer a key', () => {
  test.each([
    ['begins with its first line', 'a text\n', `${LINE}\n${LINE}\n${FOOTER}`],
    ['begins with the text', '', `${LINE}\n${FOOTER}`],
    ['begins with the end of a line that was cut in two', '', `aB3\n${LINE}\n${FOOTER}`],
    ['begins with the end of its only line', '', `aB3==\n${FOOTER}`],
    ['begins behind a short line that has others before it', 'x\naB3\n', `${LINE}\n${FOOTER}`],
    ['begins behind text', `${LINE}\nof words\n`, `${LINE}\n${FOOTER}`],
    ['goes on over empty lines', 'a text\n', `${LINE}\n\n${LINE}\n${FOOTER}`],
    ['may stand some lines above it', 'a text\n', `${LINE}\n${'of words\n'.repeat(5)}${FOOTER}`],
  ])('%s', (_name, before, key) => {
    expect(keys(`${before}${key} and text`)).toEqual([key]);
  });

  test('is none where many lines stand between, or words', () => {
    expect(keys(`${LINE}\n${'of words\n'.repeat(6)}${FOOTER}`)).toEqual([]);
    expect(keys(`of words ${FOOTER}`)).toEqual([]);
  });

  test('begins behind the key before it', () => {
    const key = `${HEADER}\n${LINE}\n${FOOTER}`;
    expect(keys(`${key}\n${LINE}\n${FOOTER}`)).toEqual([key, `\n${LINE}\n${FOOTER}`.slice(1)]);
  });
});

describe('without a header a key', () => {
  test.each(['', ' ', '"', '+', '\n/', '\\n', '\\r', '\\t', '\\n+', 'key=', `${HEADER}\n${LINE}\n${FOOTER}`])(
    'begins behind %j',
    (before) => {
      expect(keys(before + OPENING).at(-1)).toBe(`${OPENING}…`);
    },
  );

  test.each(['x', '\\q', '\\nx', 'x+', '"+x', '++', '9'])('does not begin behind %j', (before) => {
    expect(keys(before + OPENING)).toEqual([]);
  });

  test('is no shorter than forty letters', () => {
    expect(keys(` ${OPENING.slice(0, 40)} x`)).toEqual([OPENING.slice(0, 40)]);
    expect(keys(` ${OPENING.slice(0, 39)} x`)).toEqual([]);
  });

  test('is none because another text has one', () => {
    expect(keys(`MIID${'XTCCAkWgAwIBAgIJ'}${LINE} is public, "${OPENING}" is not`)).toEqual([OPENING]);
  });

  test('goes on over its lines', () => {
    expect(keys(`${OPENING}\n${LINE}\naB3=\nand text`)).toEqual([`${OPENING}\n${LINE}\naB3=`]);
  });

  test('of PuTTY has lines of key material', () => {
    const name = `PuTTY-User-Key-File-${'2'}:ssh-rsa`;
    expect(keys(`${name}\nEncryption: none\n${LINE}\nand text`)).toEqual([`${name}\nEncryption: none\n${LINE}`]);
    expect(keys(`${name}\n${LINE} and text`)).toEqual([`${name}\n${LINE}`]);
    expect(keys(`${name}\nEncryption: none\nand text`)).toEqual([]);
  });
});

describe('a file in base64', () => {
  const encoded = btoa(`${HEADER}\n${LINE}\n${LINE}\n${FOOTER}\n`);
  const lines = encoded.replace(/.{76}/g, '$&\n');

  test.each([
    ['in one line', encoded],
    ['in lines', lines],
  ])('is a key, %s', (_name, text) => {
    expect(keys(`${' '.repeat(60)}${text}\nand text`)).toEqual([text]);
  });

  test('is none within other base64, and where it holds a header and no more', () => {
    expect(keys(`x${encoded}`)).toEqual([]);
    expect(keys(` ${btoa(HEADER).slice(0, 43)} x`)).toEqual([]);
  });
});

describe('what goes on with a key', () => {
  test.each([
    ['lines up to its footer', `${LINE}\n${LINE}\n${FOOTER}`, ' and text'],
    ['lines up to text', LINE, '\nand text'],
    ['a line up to text', LINE, ' and text'],
    ['a line with signs before it', `${'>'.repeat(60)}${LINE}`, '\nand text'],
    ['a line of forty letters', LINE.slice(0, 40), '\nand text'],
    ['the end of a line', `aB3\n${LINE.slice(0, 40)}`, '\nand text'],
    ['the end of its last line', `aB3==\n${FOOTER}`, ' and text'],
    ['the end of a line, that of a diff', `aB3=\n-${LINE}\n-${FOOTER}`, ''],
  ])('are %s', (_name, key, behind) => {
    expect(rest(key + behind)).toBe(key);
  });

  test.each([LINE, `${LINE}\n`, `${LINE}\n${LINE}\n`, `aB3\n${LINE}\naB3=`])('may go on once more: %j', (text) => {
    expect(rest(text)).toBe(`${text.trimEnd()}…`);
  });

  test.each([
    '',
    'of words',
    'a1B2c3D4',
    `of ${LINE}`,
    `${'>'.repeat(61)}${LINE}`,
    LINE.slice(0, 39),
    `aB3\n${LINE.slice(0, 39)}\nand text`,
    `aB3\n${LINE.slice(0, 39)} and text`,
    'aB3\nand text',
    'aB3\n\n',
    `of words\n${FOOTER}`,
    `\n${FOOTER}`,
    `=\n${FOOTER}`,
    `a b\n${FOOTER}`,
  ])('is not %j', (text) => {
    expect(rest(text)).toBeUndefined();
  });
});
