import { describe, expect, test } from 'vitest';
import { INVISIBLE } from '../../../src/session/plain-text.ts';
import { DISGUISES, invisibleCodeUnits, unveiled, viewsOf } from '../../../src/session/redaction/hidden-text.ts';
import { BUILT_IN } from '../../../src/session/redaction/policy.ts';
import { createRedactor } from '../../../src/session/redaction/redactor.ts';

const redacted = (text: string): string => createRedactor(BUILT_IN).text(text);

const REST = 'aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5';
const PLACEHOLDER = '[REDACTED_GITHUB_TOKEN]';

test.each([
  ['colours', `gh\u001b[1;31mp_${REST}`],
  ['a title of the window', `gh\u001b]0;title\u0007p_${REST}`],
  ['a title in eight bits', `gh\u009d0;title\u009cp_${REST}`],
  ['a link of a terminal', `gh\u001b]8;;http://x\u001b\\p_${REST}`],
  ['a space without width', `gh\u200bp_${REST}`],
  ['joiners', `gh\u200c\u200dp_${REST}`],
  ['a soft hyphen', `ghp_\u00ad${REST}`],
  ['a Mongolian vowel separator', `g\u180ehp_${REST}`],
  ['marks of direction', `gh\u200e\u061cp_\u202e${REST}`],
  ['tags', `gh\u{e0067}\u{e0068}p_${REST}`],
  ['a selector', `ghp\ufe0f_${REST}`],
  ['a filler', `gh\u3164p_${REST}`],
  ['a note of music', `gh\u{1d173}p_${REST}`],
  ['half a pair', `gh\ud83dp_${REST}`],
  ['a control character', `gh\u0000p_${REST}`],
  ['a backspace', `gh\bp_${REST}`],
  ['a decimal entity', `gh&#112;_${REST}`],
  ['a decimal entity without its end', `gh&#112_${REST}`],
  ['a hexadecimal entity', `gh&#x70;_${REST}`],
  ['a named entity', `ghp&lowbar;${REST}`],
  ['an entity in an entity', `gh&amp;#112;_${REST}`],
  ['a backslash of Markdown', `ghp\\_${REST}`],
  ['two of them', `ghp\\\\_${REST}`],
  ['percent signs', `ghp%5F${REST}`],
  ['percent signs twice', `ghp%255F${REST}`],
  ['an escape of JSON', `\\u0067hp_${REST}`],
  ['an escape of JSON, escaped', `\\\\u0067hp_${REST}`],
  ['an escape of program text', `\\x67hp_${REST}`],
  ['an escape in braces', `\\u{67}hp_${REST}`],
  ['all at once', `\u001b[1mgh&#x70;\u200b%5F\u001b[0m${REST}`],
])('%s hide no secret, and what is around it stays', (_name, secret) => {
  const [before, after] = ['\u001b[32mok\u001b[0m 100% &amp; ❤\ufe0f\r\n', ' \\u00e9 &lt;b&gt; a\\_b\u200b'];
  expect(createRedactor(BUILT_IN).json(JSON.stringify([secret]))).toContain(PLACEHOLDER);
  const redactor = createRedactor(BUILT_IN);
  const shownStart = /^\u001b\[1m/.test(secret) ? '\u001b[1m' : '';
  expect(redactor.text(before + secret + after)).toBe(before + shownStart + PLACEHOLDER + after);
  expect(redactor.total).toBe(1);
  expect(redacted(before + shownStart + PLACEHOLDER + after)).toBe(before + shownStart + PLACEHOLDER + after);
});

test.each([
  ['colours around the sign', 'api_key\u001b[0m: "9f8e7d6c5b4a39281706f5e4d3c2b1a0"', 'API_KEY'],
  ['an address', 'next=https%3A%2F%2Fbob%3Ahunter22%40git.internal%2Fx', 'PASSWORD'],
  ['entities for quotes', '&quot;password&quot;: &quot;s3cretpw!&quot;', 'PASSWORD'],
  ['a form', 'client_secret%3Da1B2c3D4e5F6g7H8a1B2c3D4', 'SECRET'],
])('a secret that is known by its name is found through %s', (_name, text, kind) => {
  const clean = redacted(text);
  expect(clean).toContain(`[REDACTED_${kind}]`);
  expect(clean).not.toMatch(/9f8e|hunter22|s3cretpw|a1B2/);
});

test.each([
  ['\u001b[32mok\u001b[0m\r\nü'],
  ['👩\u200d💻 ❤\ufe0f می\u200cخواهم'],
  ['100%25 &lt;div&gt; \\_ \\u00e9 \\x41 C:\\_build'],
  [`${'\\'.repeat(100)}u0067`],
])('%j stays as it is', (text) => {
  expect(redacted(text)).toBe(text);
});

test('all that nobody sees is looked for, but the end of a line', () => {
  const units = new Set(invisibleCodeUnits());
  for (let code = 0; code <= 0x10_ffff; code += 1) {
    const char = String.fromCodePoint(code);
    const isHiding = (code < 0xd800 || code > 0xdfff) && char !== '\r' && char.search(INVISIBLE) === 0;
    if (isHiding && !units.has(char.charAt(0))) expect.fail(`U+${code.toString(16)} is not looked for`);
  }
  expect(units.has('\r')).toBe(false);
  for (const seen of 'aSw \t\n!é') expect(units.has(seen)).toBe(false);
});

const NAMES: Readonly<Record<string, string>> = {
  ...{ amp: '&', apos: "'", ast: '*', bsol: '\\', colon: ':', comma: ',', commat: '@', dollar: '$', equals: '=' },
  ...{ excl: '!', gt: '>', lowbar: '_', lpar: '(', lt: '<', nbsp: ' ', NewLine: '\n', num: '#', percnt: '%' },
  ...{ period: '.', plus: '+', quest: '?', quot: '"', rpar: ')', semi: ';', shy: '', sol: '/', Tab: '\t' },
  ...{ UnderBar: '_', ZeroWidthSpace: '', zwj: '', zwnj: '' },
};

/** As they are written, and what they stand for. */
const ESCAPES: readonly (readonly [written: string, sign: string])[] = [
  ...Object.entries(NAMES).map(([name, sign]) => [`&${name};`, sign] as const),
  ...[...'-_.:/=+~&#%@'].map((sign) => [`\\${sign}`, sign] as const),
  ...[...'234567'].flatMap((high) =>
    [...'0123456789abcdef'].map(
      (low) => [`%${high}${low}`, String.fromCharCode(Number.parseInt(high + low, 16))] as const,
    ),
  ),
  ['%0a', '\n'],
  ['%0D', '\r'],
  ['&#0000000112;', 'p'],
  ['&#x0000000070;', 'p'],
  ['&#X2014;', '\u2014'],
  ['&#x10ffff;', '\u{10ffff}'],
  ['&#x110000;', ''],
  ['&#1114112;', ''],
  ['\\u{10FFFF}', '\u{10ffff}'],
  ['\\u{110000}', ''],
  ['\\u2014', '\u2014'],
  ['\\x7E', '~'],
];

test.each(ESCAPES)('%s stands for %j, and is looked for', (disguise, sign) => {
  const [view] = viewsOf(`1${disguise} `);
  expect(view?.text).toBe(`1${sign} `);
  expect(DISGUISES.some((begin) => disguise.toLowerCase().startsWith(begin))).toBe(true);
});

test.each(['%0b', '%80', '%g0', '&#;', '&#x;', '&#12345678;', '&none;', '&amp', '\\q', '\\u004', '\\xg0', '\\u{}'])(
  '%s stands for nothing else',
  (text) => {
    expect(unveiled(`1${text}g`)).toBe(`1${text}g`);
  },
);

test.each([
  ['\u001b[2 q'],
  ['\u001b[?25l'],
  ['\u001b[1;31m'],
  ['\u001b[2K'],
  ['\u001b[0;1;2:3m'],
  ['\u001bc'],
  ['\u009dlt\u009c'],
  ['\u001b]lt\u0007'],
])('nobody sees %j', (hidden) => {
  expect(unveiled(`1${hidden}2m`)).toBe('12m');
});

test('what begins like an escape hides none behind it', () => {
  expect(unveiled('%%41 &%41 \ud83d\ude00%41')).toBe('%A &A \ud83d\ude00A');
});

test('escapes of escapes are undone four times', () => {
  expect(unveiled('%25252541')).toBe('A');
  expect(unveiled('%2525252541')).toBe('%41');
});

test('each disguise is more than a sign, in lower case', () => {
  for (const disguise of DISGUISES) {
    expect(disguise.length).toBeGreaterThan(1);
    expect(disguise.toLowerCase()).toBe(disguise);
  }
});

describe('views', () => {
  test('know where each of their characters stands', () => {
    const text = 'a\u200b\u200b&#98;c%64\ud83d\ude00e';
    const [view] = viewsOf(text);
    expect(view?.text).toBe('abcd\ud83d\ude00e');
    expect(
      [...'abcde'].map((char) => text.slice(...(view?.written(at(view.text, char), at(view.text, char) + 1) ?? []))),
    ).toEqual(['a', '&#98;', 'c', '%64', 'e']);
    expect(view?.written(0, 2)).toEqual([0, 8]);
  });

  test('know where a text begins and ends that is hidden at its edges', () => {
    const [view] = viewsOf('\u200b\u200bab\u200b&lt;\u200b');
    expect(view?.text).toBe('ab<');
    expect(view?.written(0, 1)).toEqual([2, 3]);
    expect(view?.written(0, 3)).toEqual([2, 9]);
    expect(view?.written(2, 3)).toEqual([5, 9]);
  });

  test('are one upon the other', () => {
    const views = [...viewsOf('x%2526lt;y')];
    expect(views.map((view) => view.text)).toEqual(['x%26lt;y', 'x&lt;y', 'x<y']);
    expect(views[2]?.written(1, 2)).toEqual([1, 9]);
  });

  test('are none of a plain text', () => {
    expect([...viewsOf('100% & \\n "é" 😀\n\t')]).toEqual([]);
    expect(unveiled('é')).toBe('é');
  });
});

const at = (text: string, char: string): number => text.indexOf(char);

test.each([
  ['backslashes', '\\'.repeat(1_000_000)],
  ['titles without an end', '\u001b]'.repeat(500_000)],
  ['a title without an end', `\u001b]${'x'.repeat(2_000_000)}`],
  ['commands without an end', '\u001bP'.repeat(500_000)],
  ['parameters without an end', `\u001b[${'1;'.repeat(1_000_000)}`],
  ['signs without width', '\u200b'.repeat(1_000_000)],
  ['halves of pairs', '\ud83d'.repeat(1_000_000)],
  ['entities', '&#112;'.repeat(300_000)],
  ['zeros of an entity', `&#${'0'.repeat(1_000_000)}`],
  ['ampersands', '&amp;'.repeat(300_000)],
  ['percent signs', '%25'.repeat(300_000)],
  ['hidden secrets', `gh\u200bp_${REST} `.repeat(20_000)],
])(
  'a million %s take linear time',
  (_name, text) => {
    expect(redacted(text)).not.toContain(REST);
  },
  10_000,
);

test('half a pair hides no secret where nothing else is hidden, in a text and in JSON', () => {
  const text = `gh\ud83dp_${REST}`;
  expect(redacted(text)).toBe(PLACEHOLDER);
  expect(createRedactor(BUILT_IN).json(`["${text}"]`)).toBe(`["${PLACEHOLDER}"]`);
});
