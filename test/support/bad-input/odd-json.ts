/** Stands in texts of a mutant that must not get into a page as it is. */
export const LURE = '<script>polluted()</script>';
const DEEP = 10_000;
const LONG = 100_000;
const VERY_LONG = 3_000_000;

/** Names of members that are something else to JavaScript. */
export const ODD_KEYS: readonly string[] = [
  ...['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', 'length', 'then', 'toJSON'],
  ...[
    '',
    ' ',
    '0',
    '-1',
    '\u0000',
    '\ud800',
    '\u202e',
    '../x',
    '/etc/x',
    'type',
    'data',
    '_meta',
    'metadata',
    'content',
  ],
];

const NUMBERS = ['0', '-0', '-1', '1', '1.5', '1e999', '-1e999', '1e308', '1e-320', '9007199254740993', '4294967296'];
const TIMES = [
  ...['0001-01-01T00:00:00Z', '9999-12-31T23:59:59Z', '+275760-09-13T00:00:00.000Z', '+275760-09-13T00:00:00.001Z'],
  ...['-271821-04-20T00:00:00.000Z', '2026-02-30T25:61:61Z', '2026-03-06T10:00:00+99:99', '2026-03-06', '0', 'now'],
];
const PATHS = ['../../../../etc/passwd', '/etc/passwd', '/dev/zero', '/proc/self/environ', '.', '..', '/', 'a/../../b'];
const SIGNS = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\udfff\ud800',
  '\ufeff',
  '\u202egnp.exe',
  '\u001b[2J\u001b]0;x\u0007',
  '\r\n\r\n',
];
const WORDS = [
  ...['__proto__', 'constructor', 'toString', 'NaN', 'null', 'header', 'footer', 'user', 'assistant', 'tool', 'x'],
  ...[LURE, '</script><script>polluted()</script>', '"><img src=x onerror=polluted()>', '[x](javascript:polluted())'],
  ...[
    '<private>',
    '-----BEGIN RSA PRIVATE KEY-----',
    `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 5\n`,
  ],
  ...['```\n```json\n{', '${x} $& $1 $` %s %n', '2.1.100', '{', '[', '}}}}', '\\', '\\u0000', 'a\u0301'.repeat(200)],
];
const VALUES = [
  ...['null', 'true', 'false', '[]', '{}', '[null]', '[[]]', '[{}]', '[[[[[]]]]]', '{"a":{"b":{"c":null}}}'],
  ...[
    '{"__proto__":{"polluted":true}}',
    '{"constructor":{"prototype":{"polluted":true}}}',
    '{"toString":1,"valueOf":null}',
  ],
  ...[
    '{"length":4294967295}',
    '{"length":-1,"0":null}',
    '{"toJSON":"x"}',
    '{"then":{}}',
    '{"a":1,"a":2}',
    '[1e999,-0,"",null,{}]',
  ],
];

const small = [
  ...NUMBERS,
  ...VALUES,
  ...[...TIMES, ...PATHS, ...SIGNS, ...WORDS].map((text) => JSON.stringify(text)),
  // As no writer of JSON would put it, and every reader takes it.
  '"\ud800"',
];

/** What is soon read once, and takes somebody careless the square of its length when there is much of it. */
const PIECES = [
  ...[
    'a',
    'é',
    '<',
    '\n',
    ' ',
    '\t',
    '`',
    '`*_[',
    '> ',
    '- ',
    '[a](',
    '![',
    '| ',
    '&#',
    '<a ',
    '<private>',
    '</',
    '{',
    '"',
    '\\',
  ],
  ...[
    'a@a.',
    'https://a.',
    'Bearer ',
    'password=',
    'key: ',
    '-----BEGIN ',
    '\u200b',
    '\u001b[',
    '%41',
    'Exit code 1\n',
    '1a-',
  ],
];

const large: readonly (() => string)[] = [
  () => '['.repeat(DEEP) + ']'.repeat(DEEP),
  () => `${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`,
  () => `${'{"content":['.repeat(DEEP / 2)}${']}'.repeat(DEEP / 2)}`,
  () => `[${'{},'.repeat(LONG / 16)}null]`,
  () => `{${Array.from({ length: LONG / 64 }, (_, index) => `"k${index}":${index}`).join()}}`,
  ...PIECES.map((piece) => () => JSON.stringify(piece.repeat(LONG / piece.length))),
  () => `"${'é'.repeat(VERY_LONG)}"`,
];

/** One of each so many is a large one. */
const RARITY = 20;

/** The text of some JSON value that nobody writes in this place; the same for the same number. */
export function oddJson(number: number): string {
  if (number % RARITY !== 0) return small[number % small.length] ?? 'null';
  return large[Math.floor(number / RARITY) % large.length]?.() ?? 'null';
}
