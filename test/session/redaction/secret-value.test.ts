import { describe, expect, test } from 'vitest';
import {
  type AssignedValue,
  isMixed,
  isPassword,
  isPath,
  isPlaceholder,
  isRandomText,
  isSaidPassword,
  isSecret,
  isUnlikeWords,
  looksRandom,
} from '../../../src/session/redaction/secret-value.ts';

/** A value behind the name of a variable, without quotes unless the rest says so. */
const assigned = (value: string, rest: Partial<AssignedValue> = {}): AssignedValue => ({
  value,
  name: 'password',
  quoted: false,
  next: '',
  ...rest,
});

describe('a placeholder', () => {
  test.each([
    ...['****', '•••', '...', 'xXx#?_-', 'aaaaaa', '[REDACTED_X] b'],
    ...['<token>', '<token', '<', '&lt;it', '&#x3c;x', '&#x3C;x', '&#60;x'],
    ...['$TOKEN', `$${'{TOKEN:-x}'}`, '$(cat x)', '%TOKEN%', '%TOKEN', '{{ x }}', '{{'],
    ...['my-example-key', 'placeholder1', 'changeme1', 'change-me', 'change_me', 'REDACTED', 'dummy1', 'a1***b'],
    ...['replaceme', 'replace-me', 'replace_with', 'replacewith', 'a1xxxxxxb'],
    ...['your-token', 'my_token', 'api_your-key', 'api-my_key'],
  ])('is %s', (value) => {
    expect(isPlaceholder(value)).toBe(true);
  });

  test.each([
    ...['aaaaa', '**a', 'a**', 'aaaaaab', 'baaaaaa', 'a<b>', '&amp;x', '&lt', '&#61;x'],
    ...['a$TOKEN', '$TOK-EN', '$', '%TOK-EN', '%', 'a%TOKEN%', 'a{{ x }}', '{x'],
    ...['change.me', 'replace.me', 'a1xxxxxb', 'a1**b'],
    ...['yourtoken', 'xyour-token', 'my.token', 'your-tok3nXq1', 'a1B2-my-c3D4', 'hunter2x'],
  ])('is not %s', (value) => {
    expect(isPlaceholder(value)).toBe(false);
  });
});

describe('a password', () => {
  test.each([
    ...['abc123', 'hunter2', 'a-token1!', 'hunter2!', 'config.db!1'].map((value) => assigned(value)),
    assigned('abc123', { next: ')' }),
    assigned('abc123456', { quoted: true, next: '(' }),
    ...['correcthorse', 'hunter2x', 'a.b!c.d12', 'Enter!your'].map((value) => assigned(value, { quoted: true })),
    ...['correcthorse', '123456'].map((value) => assigned(value, { name: 'DB_PASSWORD' })),
    assigned('correcthorse', { name: 'DB_PASSWORD', quoted: true }),
    assigned('correcthorse', { name: '__PASSWORD' }),
  ])('is $value behind $name, quoted: $quoted', (value) => {
    expect(isPassword(value)).toBe(true);
  });

  test.each([
    ...['abc12', 'correcthorse', 'true', 'NULL', 'of two1', 'user_name1', 'authToken1'].map((value) => assigned(value)),
    ...['./a1b2c3', 'process.env.A1', 'config.db1', 'obj?.pass1', 'token123'].map((value) => assigned(value)),
    ...['(', '[', '{', '<'].map((next) => assigned('abc123', { next })),
    ...['hunter2', 'userPasswordField', 'user-name', 'secretsof', './a/b/c/d', 'config.db.pass', 'https://h/x1'].map(
      (value) => assigned(value, { quoted: true }),
    ),
    ...['12345', 'process.env.X', './x/yy', '/run/secrets/app', 'config.pass'].map((value) =>
      assigned(value, { name: 'DB_PASSWORD' }),
    ),
    assigned('config.pass', { name: 'DB_PASSWORD', quoted: true }),
    assigned('correcthorse', { name: 'Db_PASSWORD' }),
    assigned('correcthorse', { name: 'dbPASSWORD' }),
    assigned('correcthorse', { name: 'DB_PASSWORd' }),
    assigned('correcthorse', { name: '_1' }),
  ])('is not $value behind $name, quoted: $quoted, before "$next"', (value) => {
    expect(isPassword(value)).toBe(false);
  });

  test.each([
    ...['/a1b2c3d4', '../a1b2c3d', '~/a1b2c3d', 'process.a1b2', 'os.a1b2c3', 'env.a1b2c', 'self.a1b2', 'this.a1b2'],
    ...['ftp://a1b2c', 'a?.b.c1234', 'user.name+12', 'user.name-123', 'config.aB12345cd', 'Config.A12345bcd'],
    ...['a.b.c.d.e1', 'x-y.z_w1a', 'user.name1', 'https://h/a1b2c3d4e5f6g7h8'],
  ])('is not %s, as it is where one lies', (value) => {
    expect(isPassword(assigned(value, { quoted: true }))).toBe(false);
  });

  test.each([
    ...['.../a1b2c3', '/a1b2c3d4e5f6g7h8', '1://a1b2c', 'that.a1b2c3', 'a.b1q2w3e4', 'a.b+1xxq', 'user.name+1234'],
    ...['1a.b2c3d4', '.abc1def', 'user..name1', 'config.ab123456', 'config.q1w2e3r4', 'user.name1.', 'proc.ess.a1b2!'],
    ...['x~/a1b2c3d', 'x/a1b2c3d', '+ftp://a1b2c', 'user.name+x2'],
  ])('is %s, which is no place of one', (value) => {
    expect(isPassword(assigned(value, { quoted: true }))).toBe(true);
  });

  const literals =
    'true false null nil none undefined required optional disabled enabled uint8array int8array number boolean buffer unknown';
  test.each(literals.split(' '))('is not the word %s', (value) => {
    expect(isPassword(assigned(value, { name: 'PASSWORD' }))).toBe(false);
    expect(isPassword(assigned(`${value}ly-so`, { name: 'PASSWORD' }))).toBe(true);
    expect(isPassword(assigned(`so-${value}`, { name: 'PASSWORD' }))).toBe(true);
  });

  const words =
    'password passwd passphrase pass pwd secret token key cred auth user name string field input label value type';
  test.each(words.split(' '))('is no identifier that speaks of a %s', (word) => {
    expect(isPassword(assigned(`${word}Given2`))).toBe(false);
    expect(isPassword(assigned(`_the$${word}-2`))).toBe(false);
    expect(isPassword(assigned(`2${word}Given`))).toBe(true);
    expect(isPassword(assigned(`${word}Given2!`))).toBe(true);
  });
});

describe('a secret', () => {
  const hex40 = '0a1b2c3d4e5f67890a1b2c3d4e5f67890a1b2c3d';
  const hex64 = '0a1b2c3d4e5f6789'.repeat(4);
  const uuid = '01234567-89ab-cdef-0123-456789abcdef';

  test.each([
    ...['abcd1234efgh', `${hex40}4`, `x${hex40}`, `${hex64}4`, `x${hex64}`, `${uuid}4`, `x${uuid}`].map((value) =>
      assigned(value),
    ),
    assigned('user-token-qx7kp9'),
    ...['1user-token-name', '+config.abcd1234'].map((value) => assigned(value)),
    ...['qWeRtYuIoPaSdFgHjKlZ', 'abcd1234efgh'].map((value) => assigned(value, { quoted: true })),
    assigned('abcd1234efgh', { quoted: true, next: '(' }),
    ...['abcd1234', hex40, 'correcthorsebatt', 'user-token-12', 'userTokenName12', 'TokenExpiredErro2'].map((value) =>
      assigned(value, { name: 'API_TOKEN' }),
    ),
    ...['HorseExpiredError!', 'AHoRsExpiredError'].map((value) => assigned(value, { name: 'API_TOKEN' })),
    ...['abcd1234', 'horse1_battery', 'horse_battery1'].map((value) =>
      assigned(value, { name: 'API_TOKEN', quoted: true }),
    ),
  ])('is $value behind $name, quoted: $quoted', (value) => {
    expect(isSecret(value)).toBe(true);
  });

  test.each([
    ...[
      'a1B2c3D',
      'abcd1234',
      'abcd1234efg',
      '12345678.9012',
      '123456789012',
      hex40,
      hex64,
      uuid,
      'of two words12',
    ].map((value) => assigned(value)),
    ...['user-token-name-12', 'userTokenName12', 'config.token1.abc', 'qWeRtYuIoPaSdFgHjKlZ', './a1b2c3d4e5f6'].map(
      (value) => assigned(value),
    ),
    ...['qWeRtYuIoPaSdFgHjKl', 'qwertyuiopasdfghjklz'].map((value) => assigned(value, { quoted: true })),
    assigned('abcd1234efgh', { next: '(' }),
    ...['abcd123', 'correcthorsebat', 'TokenExpiredError', 'AUTH_HorseExpired', 'HorseExpiredError'].map((value) =>
      assigned(value, { name: 'API_TOKEN' }),
    ),
    ...[
      'horse_here_and_now',
      'horse.here.and.now',
      'horse/here/and/now',
      'secretAuthNamesXyzq',
      '1234567890.123456',
    ].map((value) => assigned(value, { name: 'API_TOKEN' })),
    ...['user-token-12', 'userTokenName12'].map((value) => assigned(value, { name: 'API_TOKEN', quoted: true })),
  ])('is not $value behind $name, quoted: $quoted, before "$next"', (value) => {
    expect(isSecret(value)).toBe(false);
  });
});

describe('a password of a sentence', () => {
  test.each(['hunter2x', 'Hunter!x', 's3cr3t#p4ss', 'ABCDEF1', 'md6a1q'])('is %s', (value) => {
    expect(isSaidPassword({ value })).toBe(true);
  });

  test.each([
    ...['correctHorse', 'correct!horse', 'sha256', 'aBcDeF', 'HUNTER!X', 'your-a1', 'of two1x', 'self.a1b2x'],
    ...[
      'a1b2(c',
      'a1b2)c',
      'a1b2[c',
      'a1b2]c',
      'a1b2{c',
      'a1b2}c',
      '-a1b2c3',
      '+a1b2c3',
      '/a1b2c3d4e5f6g7h8',
      '!a1b2c3',
    ],
    ...['1x://a1b2', 'myPASSWORD1x'],
  ])('is not %s', (value) => {
    expect(isSaidPassword({ value })).toBe(false);
  });

  const algorithms =
    'argon2 scrypt bcrypt pbkdf2 sha2 sha-5 md4 md5 base64 base-64 aes2 aes-2 utf8 utf-8 latin1 rfc7 rfc-7 oauth2 x509';
  test.each(algorithms.split(' '))('is not the name of the algorithm %s', (name) => {
    expect(isSaidPassword({ value: `${name}q9Zx` })).toBe(false);
  });
});

describe('text that is unlike words', () => {
  test.each([
    ...['h2nter', '!abcq9', 'a!b', 'a@b', 'a#b1q', 'a%b', 'a^b', 'a&b', 'a*b', 'a~b'],
    ...['V12', 'ab123', 'a!PATH_1A', 'ABC1', 'x$a1b', '$1a', 'X_PATH_1A!', 'v12345', 'ab1c', 'x&q9'],
  ])('is %s', (value) => {
    expect(isUnlikeWords(value)).toBe(true);
  });

  test.each([
    ...['hunter2', 'abc', '1234', 'a$b', 'a-b', 'a_b', 'hunter-22', 'v12', '12345', 'ab12', 'Abc1', 'ABC', 'aBc1'],
    ...['a9密', 'a9가', 'a9ｂ', '&#9a', '&quot1a', '&amp1q', '&lt1q', '&gt1q', '&apos1q', '&nbsp1q', 'q9&#'],
    ...['$a1b2', '$A_b1', 'TEST_A1', 'A_1', 'PATH_1A', 'A1B2_C3D4_E5F6', '!@#1', 'ab|cd', 'a=b'],
  ])('is not %s', (value) => {
    expect(isUnlikeWords(value)).toBe(false);
  });
});

test.each([
  ['a1', true],
  ['1A', true],
  ['a', false],
  ['1', false],
])('%s is mixed: %s', (value, expected) => {
  expect(isMixed(value)).toBe(expected);
});

test.each([
  ['a1', true],
  ['aBcD', true],
  ['abc!def', true],
  ['abc', false],
  ['aBcde', false],
  ['abc-def', false],
  ['ABC_DEF', false],
  ['abC', false],
  ['AbCd', false],
])('%s looks random: %s', (value, expected) => {
  expect(looksRandom(value)).toBe(expected);
});

test.each([
  ['a1b2c3d4e5f6g7h', true],
  ['a1b2c3d4e5f6g7h8', false],
  ['some/words/v1/2024.txt', true],
  ['some+words?x$y_z.q', true],
])('%s may be a path: %s', (value, expected) => {
  expect(isPath(value)).toBe(expected);
});

test.each([
  [assigned('a1'), true],
  [assigned('a1', { next: '<' }), true],
  [assigned('a1', { next: '(', quoted: true }), true],
  [assigned('abcdef', { quoted: true }), true],
  [assigned('abcdef', { name: 'API_KEY' }), true],
  [assigned('a1', { next: '(' }), false],
  [assigned('a1', { next: '[' }), false],
  [assigned('a1', { next: '{' }), false],
  [assigned('abcdef'), false],
  [assigned('userName', { quoted: true }), false],
  [assigned('userName', { name: 'API_KEY' }), false],
])('%j is random text: %s', (value, expected) => {
  expect(isRandomText(value)).toBe(expected);
});
