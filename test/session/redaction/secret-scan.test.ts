import { describe, expect, test } from 'vitest';
import { isSuspicious, marksIn, scanMarked, scanText } from '../../../src/session/redaction/secret-scan.ts';

const GITHUB = `ghp_${'a1B2'.repeat(9)}`;
const KEY = [
  `-----BEGIN RSA ${'PRIVATE KEY'}-----`,
  `MIIEowIBAAKCAQEAx1hL5p2T0v9s8W7q6R5e4D3c2B1a0Z9y8X7w6V5u4T3s2R1q`,
  `-----END RSA ${'PRIVATE KEY'}-----`,
].join('\n');

/** What is found, by the names of the rules, with what stands there. */
function found(text: string): readonly (readonly [rule: string, secret: string])[] {
  return scanText(text).findings.map(({ start, end, rule }) => [rule.name, text.slice(start, end)]);
}

describe('a scan', () => {
  test('finds secrets in their order, whatever they are known by', () => {
    const text = `DB_PASSWORD=hunter2x ${GITHUB}\n${KEY}\npassword: "hunter3x"`;
    expect(found(text)).toEqual([
      ['generic_password', 'hunter2x'],
      ['github_token', GITHUB],
      ['private_key', KEY],
      ['generic_password', 'hunter3x'],
    ]);
  });

  test.each([
    ['its context', `GITHUB_TOKEN=${GITHUB}`, 'github_token', GITHUB],
    ['its context, of which it is a part', `API_KEY=a${GITHUB.slice(1)}-${GITHUB}`, 'github_token', GITHUB],
    [
      'a shorter keyword',
      `sk-ant-api03-${'a1B2c3D4'.repeat(12)}`,
      'anthropic_key',
      `sk-ant-api03-${'a1B2c3D4'.repeat(12)}`,
    ],
  ])('knows a secret by its shape rather than by %s', (_, text, rule, secret) => {
    expect(found(text)).toEqual([[rule, secret]]);
  });

  test('finds nothing within a private key but the key', () => {
    const text = KEY.replace('\nMII', `\nComment: ${GITHUB} password="hunter2x"\nMII`);
    expect(found(`a ${text} b`)).toEqual([['private_key', text]]);
    expect(found(`${KEY}\n${text}`)).toEqual([
      ['private_key', KEY],
      ['private_key', text],
    ]);
    expect(scanText(text).findings[0]?.rule.placeholder).toBe('[REDACTED_PRIVATE_KEY]');
  });

  test('finds secrets that touch each other', () => {
    const aws = `AKIA${'ABCDEFGH23456789'}`;
    expect(found(`${aws}${GITHUB}${KEY}${aws}`).map(([, secret]) => secret)).toEqual([aws, GITHUB, KEY, aws]);
  });

  test('finds a password beside a key and beside a token, up to their edges', () => {
    const text = `password="hunter2x"${KEY}password="hunter3x"${GITHUB} password="hunter4x"`;
    expect(found(text).map(([, secret]) => secret)).toEqual(['hunter2x', KEY, 'hunter3x', GITHUB, 'hunter4x']);
  });

  test.each(['/', ':', '@', '[', '`', '{', ' ', '_', '\\n', '\\r', '\\t', 'é'])('finds a token behind %s', (before) => {
    expect(found(`x${before}${GITHUB}`)).toEqual([['github_token', GITHUB]]);
  });

  test.each(['0', '9', 'a', 'z', 'A', 'Z', 'n', 't', '\\x', 'x\\\\q'])('finds no token behind %s', (before) => {
    expect(found(`${before}${GITHUB}`)).toEqual([]);
    expect(found(`turn-${before}${GITHUB}`)).toEqual([]);
  });

  test('finds a token whose keyword stands behind it, from its first character on', () => {
    const key = `${'0a1b2c3d'.repeat(4)}-us12`;
    expect(found(key)).toEqual([['mailchimp_key', key]]);
    expect(found(`see ${key}`)).toEqual([['mailchimp_key', key]]);
    expect(found(key.slice(1))).toEqual([]);
  });

  test('finds a secret behind a long one of the same rule', () => {
    const long = `eyJ${'hbGciOiJIUzI1NiJ9'}.eyJ${'zdWIiOiIxMjM0NTYifQ'.repeat(20)}.${'a1B2c3D4'.repeat(5)}`;
    expect(found(`${long} ${long},${long}`)).toEqual([
      ['jwt_token', long],
      ['jwt_token', long],
      ['jwt_token', long],
    ]);
  });

  test('knows a call from a value in quotes', () => {
    expect(found('password = "get1234x"(')).toEqual([['generic_password', 'get1234x']]);
    expect(found('password = `get1234x`(')).toEqual([['generic_password', 'get1234x']]);
    expect(found('password = get1234x()')).toEqual([]);
    expect(found('"of" password = get1234x("x")')).toEqual([]);
    expect(found('of(x) password = get1234x')).toEqual([['generic_password', 'get1234x']]);
    expect(found('mypassword = "correcthorse"')).toEqual([['generic_password', 'correcthorse']]);
    expect(found('password = correcthorse')).toEqual([]);
  });

  test('knows a variable by its name in capitals, whatever its value is', () => {
    expect(found('DB_PASSWORD=correcthorse')).toEqual([['generic_password', 'correcthorse']]);
  });

  test('finds the second secret where the first is none', () => {
    expect(found('password=your-password="hunter2x"')).toEqual([['generic_password', 'hunter2x']]);
  });

  test.each([
    ['plain', false],
    [GITHUB, false],
    ['a\u200bb', true],
    [`${GITHUB}\u200b`, true],
    ['a &amp; b', true],
    ['<Private', true],
    ['\\u', true],
  ])('of %j tells that it may hide something: %s', (text, isDisguised) => {
    expect(scanText(text).isDisguised).toBe(isDisguised);
  });

  test.each([
    [KEY, false],
    [KEY.slice(0, 90), true],
    [`${KEY}\n${KEY.slice(0, 90)}`, true],
    [`${KEY.slice(0, 90)}\n and then text\n${KEY}`, false],
    [GITHUB, false],
  ])('of %j tells that a key goes on: %s', (text, isKeyOpen) => {
    expect(scanText(text).isKeyOpen).toBe(isKeyOpen);
  });
});

describe('marks', () => {
  test('are none in plain text', () => {
    expect(marksIn('nothing to see here, 100 % of it')).toEqual({ secrets: [], disguises: [], idle: [] });
    expect(isSuspicious('nothing to see here, 100 % of it')).toBe(false);
  });

  test('stand where keywords end, and apart where something may hide', () => {
    const text = 'a GHP_ and \u200b and &amp;\r';
    const { secrets, disguises } = marksIn(text);
    expect(secrets.map(({ end }) => end)).toEqual([text.indexOf('_') + 1]);
    expect(disguises).toEqual([text.indexOf('\u200b') + 1, text.indexOf(';') + 1]);
    expect(marksIn('&#')).toEqual({ secrets: [], disguises: [2], idle: [] });
    for (const one of ['ghp_', '\u200b', '&amp;', '-----begin', '<private']) expect(isSuspicious(one)).toBe(true);
  });

  test('tell as much as the text itself', () => {
    const text = `x\u200b ${GITHUB} password="hunter2x"\n${KEY.slice(0, 90)}`;
    const { secrets } = marksIn(text);
    expect(scanMarked(text, secrets, true)).toEqual(scanText(text));
    expect(scanMarked(text, [...secrets, { end: 3, keyword: 0 }], true)).toEqual(scanText(text));
    expect(scanMarked(text, [], true)).toEqual({ findings: [], isDisguised: true, isKeyOpen: false });
    expect(scanMarked(text, [], false)).toEqual({ findings: [], isDisguised: false, isKeyOpen: false });
    expect(scanMarked(GITHUB, marksIn(GITHUB).secrets, false)).toEqual(scanText(GITHUB));
  });
});
