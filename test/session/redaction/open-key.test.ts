import { describe, expect, test } from 'vitest';
import { OpenKey } from '../../../src/session/redaction/open-key.ts';

const LINE = 'a1B2c3D4e5F6g7H8'.repeat(4);
const LINES = `${LINE}\n${LINE}\n`;
const FOOTER = `-----END RSA ${'PRIVATE KEY'}-----`;

function opened(): OpenKey {
  const key = new OpenKey();
  key.open();
  return key;
}

describe('a key that is open', () => {
  test('takes the lines of the next text, and stays open until its end', () => {
    const key = opened();
    expect(key.restIn(LINES)).toMatchObject({ start: 0, end: LINES.length - 1, rule: { name: 'private_key' } });
    expect(key.isOpen).toBe(true);
    expect(key.restIn(`${LINE}\n${FOOTER} and more`)).toMatchObject({ start: 0, end: LINE.length + 1 + FOOTER.length });
    expect(key.isOpen).toBe(false);
    expect(key.restIn(LINES)).toBeUndefined();
  });

  test('waits through sixty-three short texts, and no longer', () => {
    const key = opened();
    for (let count = 1; count <= 63; count += 1) expect(key.restIn('Bash')).toBeUndefined();
    expect(key.isOpen).toBe(true);
    expect(key.restIn(LINES)).toBeDefined();
    for (let count = 1; count <= 64; count += 1) key.restIn('Bash');
    expect(key.isOpen).toBe(false);
    expect(key.restIn(LINES)).toBeUndefined();
  });

  test.each([
    ['a text of two lines', 'two\nlines', false],
    ['a long text', 'x y '.repeat(51), false],
    ['a text that is not too long', 'x y '.repeat(50), true],
    ['an empty text', '', true],
  ])('behind %s is open or not', (_name, text, isOpen) => {
    const key = opened();
    expect(key.restIn(text)).toBeUndefined();
    expect(key.isOpen).toBe(isOpen);
  });
});

test('without a key nothing is taken', () => {
  const key = new OpenKey();
  expect(key.isOpen).toBe(false);
  expect(key.restIn(LINES)).toBeUndefined();
});
