import { describe, expect, test } from 'vitest';
import {
  assigned,
  HARMLESS_KEY,
  provided,
  type RedactRule,
  randomToken,
  token,
  UUID,
} from '../../../../src/session/redaction/rules/rule.ts';

/** What the rule's pattern finds where the keyword stands; undefined where that is none. */
function find({ pattern }: RedactRule, text: string, at = 0): string | undefined {
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  return match?.slice(1).find((group) => group !== undefined) ?? match?.[0];
}

const isAccepted = (rule: RedactRule, value: string, quoted = false, next = ''): boolean =>
  rule.accept({ value, name: 'name', quoted, next });

describe('a token', () => {
  const rule = token('acme_token', 'ACME', 'ac_ acme_', /ac(?:me)?_[a-z]{4}/i);

  test('is called by its kind, and tried where a keyword stands', () => {
    expect(rule).toMatchObject({ name: 'acme_token', keywords: ['ac_', 'acme_'], placeholder: '[REDACTED_ACME]' });
    expect(find(rule, 'x AC_abcd', 2)).toBe('AC_abcd');
    expect(find(rule, 'x AC_abcd', 1)).toBeUndefined();
  });

  test('is no placeholder', () => {
    expect(isAccepted(rule, 'ac_abcd')).toBe(true);
    expect(isAccepted(rule, 'ac_xxxxxxxx')).toBe(false);
  });
});

test.each([
  ['r8_a1b2c3', true],
  ['r8_xkcDxQz', true],
  ['r8_of_a_model', false],
  ['r8_a1b2-example', false],
])('random text behind a short prefix: %s is a token: %s', (value, expected) => {
  expect(isAccepted(randomToken('r8', 'R8', 'r8_', /r8_\w+/), value)).toBe(expected);
});

describe('an assignment', () => {
  const rule = assigned('pin', 'PIN', 'pin', { name: 'pin' });

  test.each([
    'pin=@',
    'pin = @',
    'PIN: @',
    'pin := @',
    'pin => @',
    'pin == @',
    'pin === @',
    'pin != @',
    'pin !== @',
    'pin\t\t=\t@',
    `pin${' '.repeat(60)}=${' '.repeat(60)}@`,
    'pin="@"',
    "pin='@'",
    'pin=`@`',
    'pin": "@"',
    'pin\\": \\"@\\"',
    `pin${'\\'.repeat(8)}": ${'\\'.repeat(8)}"@`,
    "pin'] = '@'",
    'pin: string = "@"',
    'pin?: string = "@"',
    'pin:str="@"',
    'pin: &str = "@"',
    'pin_prod=@',
    'pin_dev=@',
    'pin_base=@',
    'pin_7=@',
    'pin12=@',
    'pin=@ next',
    'pin=@\nnext',
    ...['"', "'", '`', ',', ';', '|', '(', ')', '{', '}', '<', '>', '[', ']', '\\'].map((end) => `pin=@${end}next`),
    'pin=@&next=1',
    'pin=@&amp;next=1',
    'pin=@&quot;',
    'pin=@&#34;',
    'pin=@& next',
  ])('is %s', (text) => {
    for (const value of ['a1B2', 'a1B2&c3']) expect(find(rule, text.replace('@', value))).toBe(value);
  });

  test.each([
    ['pin="of, (two) words"', 'of, (two) words'],
    ['pin="a\\b\\\\c\\d"', 'a\\b\\\\c\\d'],
    ['pin="a\\"b"', 'a'],
    [`pin="a\\'b"`, 'a'],
    [`pin="a'b"`, "a'b"],
    [`pin='a"b'`, 'a"b'],
    ['pin="first\nsecond"', 'first'],
    ['pin="a\\b\nsecond"', 'a\\b'],
    [`pin=a&${'b'.repeat(60)}=c`, 'a'],
    [`pin=a&${'b'.repeat(61)}=c`, `a&${'b'.repeat(61)}=c`],
    ['pin=a&b&c=d', 'a&b'],
  ])('holds all of what it is given: %s', (text, value) => {
    expect(find(rule, text)).toBe(value);
  });

  test.each([
    'pin',
    'pin a1B2',
    'pin = ',
    'pin=""',
    'pin is a1B2',
    'pin_other=a1B2',
    'pin123=a1B2',
    `pin${' '.repeat(61)}=a1B2`,
    `pin=${' '.repeat(61)}a1B2`,
    'pin: number = "a1B2"',
    'pin\n=a1B2',
  ])('is none: %j', (text) => {
    expect([undefined, 'number', 'string']).toContain(find(rule, text));
  });

  test('may say what its value is like, and what is taken for one', () => {
    const digits = assigned('pin', 'PIN', 'pin', {
      name: 'pin',
      value: '(\\d{4})',
      accept: ({ value }) => value !== '0000',
    });
    expect(find(digits, 'pin="1234"')).toBe('1234');
    expect(find(digits, 'pin=1234')).toBe('1234');
    expect(find(digits, 'pin=\\"1234\\"')).toBe('1234');
    expect(find(digits, 'pin=abcd')).toBeUndefined();
    expect([isAccepted(digits, '1234'), isAccepted(digits, '0000')]).toEqual([true, false]);
    expect([isAccepted(rule, 'a1B2'), isAccepted(rule, 'xxxxxx')]).toEqual([true, false]);
  });
});

describe('a secret of a provider', () => {
  const rule = provided('acme', 'ACME', 'acme a.c', '[0-9a-f]{8}');

  test.each([
    'acme key: @',
    'ACME_API_KEY=@',
    'a.c token: @',
    'acme.secret = "@"',
    'acme password is @',
    'acme passwd === "@"',
    'acme pass, @',
    'acme pat => @',
    'acme-auth to @',
    'acmeCredentials>@<',
    'acme credential: @',
    'acme license := @',
    'acme key_prod=@',
    'acme key2=@',
    'acme key": "@"',
    `acme${' '.repeat(24)}key=@`,
  ])('is %s', (text) => {
    expect(find(rule, text.replace('@', '0a1b2c3d'))).toBe('0a1b2c3d');
  });

  test.each([
    'acme: 0a1b2c3d',
    'abc key: 0a1b2c3d',
    'acme cache key: 0a1b2c3d',
    'acme public_key: 0a1b2c3d',
    'acme key: 0a1b2c3d4',
    'acme key: 0a1b2c3d-',
    'acme key: 0a1b2c3',
    `acme${' '.repeat(25)}key=0a1b2c3d`,
    'acme\nkey=0a1b2c3d',
  ])('is none: %s', (text) => {
    expect(find(rule, text)).toBeUndefined();
  });

  test('is random, and no placeholder', () => {
    expect(isAccepted(rule, '0a1b2c3d')).toBe(true);
    expect(isAccepted(rule, '0a1b2c3d', false, '(')).toBe(false);
    expect(isAccepted(rule, 'abcdefab')).toBe(false);
    expect(isAccepted(rule, 'abcdefab', true)).toBe(true);
    expect(isAccepted(rule, 'xxxxxxxx', true)).toBe(false);
  });
});

test('a key of nothing is told by the word before it', () => {
  const key = new RegExp(`${HARMLESS_KEY}key`, 'i');
  for (const text of ['key', 'api_key', 'apikey', 'my-key']) expect(key.test(text)).toBe(true);
  for (const text of ['primary_key', 'primarykey', 'PUBLIC-KEY', 'cacheKey', 'dedup_key'])
    expect(key.test(text)).toBe(false);
});

test('a UUID is known by its length and its hyphens', () => {
  const uuid = new RegExp(`^${UUID}$`);
  expect(uuid.test('01234567-89ab-cdef-0123-456789abcdef')).toBe(true);
  expect(uuid.test('0123456789abcdef0123456789abcdef')).toBe(false);
});
