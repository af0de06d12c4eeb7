import { describe, expect, test } from 'vitest';
import { BUILT_IN } from '../../../src/session/redaction/policy.ts';
import { KEY_MARKS } from '../../../src/session/redaction/private-key.ts';
import { createRedactor } from '../../../src/session/redaction/redactor.ts';
import { Chance } from '../../support/chance.ts';
import { call, session } from '../entries.ts';

const redacted = (text: string): string => createRedactor(BUILT_IN).text(text);

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Base64 that was never a key: the same for the same seed. */
function material(length: number, seed: number): string {
  const chance = new Chance(seed);
  return Array.from({ length }, () => chance.one([...BASE64])).join('');
}

const LINES = [1, 2, 3, 4, 5].map((seed) => material(64, seed));
const LAST = `${material(22, 6)}==`;
const BODY = [...LINES, LAST];
const header = (kind: string): string => `-----BEGIN ${kind}-----`;
const footer = (kind: string): string => `-----END ${kind}-----`;
const RSA = `RSA ${'PRIVATE KEY'}`;
const KEY = [header(RSA), ...BODY, footer(RSA)];

/** Nothing of the key is left, not even a part of a line. */
function expectNoMaterial(text: string): void {
  const flat = text.replace(/[^A-Za-z0-9+/]/g, '');
  for (const line of BODY)
    for (let at = 0; at + 12 <= line.length; at += 12) expect(flat).not.toContain(line.slice(at, at + 12));
}

const numbered = (before: (line: number) => string) => (lines: readonly string[]) =>
  lines.map((line, index) => before(index + 1) + line).join('\n');
const around = (before: string, after: string) => (lines: readonly string[]) =>
  lines.map((line) => before + line + after).join('\n');

const FORMS: readonly (readonly [name: string, write: (lines: readonly string[]) => string])[] = [
  ['lines', (lines) => lines.join('\n')],
  ['lines of Windows', (lines) => lines.join('\r\n')],
  ['escaped lines', (lines) => lines.join('\\n')],
  ['escaped lines of Windows', (lines) => lines.join('\\r\\n')],
  ['lines escaped three times', (lines) => lines.join('\\\\\\\\n')],
  ['JSON in JSON', (lines) => JSON.stringify(JSON.stringify({ key: lines.join('\n') }))],
  ['a quotation', around('> ', '')],
  ['added lines of a diff', around('+', '')],
  ['removed lines of a diff', around('-', '')],
  ['numbered lines', numbered((line) => `${String(line).padStart(6)}→`)],
  ['lines numbered by cat', numbered((line) => `${String(line).padStart(6)}\t`)],
  ['hits of grep', numbered((line) => `config/id_rsa:${line}:`)],
  ['hits of grep with context', numbered((line) => `config/server-key.pem-${line}-`)],
  ['a log', numbered((line) => `2026-01-02T10:11:1${line % 10}.123Z `)],
  ['the log of a container', around('[10:11:12] INFO web_1  | ', '')],
  ['comments', around('// ', '')],
  ['joined strings', around('  "', '\\n" +')],
  ['a list of strings', around("    '", "',")],
  ['HTML', (lines) => lines.join('<br>')],
  ['HTML of entities', (lines) => lines.join('&#10;')],
  ['an address', (lines) => encodeURIComponent(lines.join('\n'))],
  ['colours', around('\u001b[32m', '\u001b[0m')],
  ['paragraphs', (lines) => lines.join('\n\n')],
  ['one line', (lines) => lines.join(' ')],
  ['signs without width', (lines) => lines.join('\n').replace(/(.{9})/g, '$1\u200b')],
];

test('no mark of a key is a part of another, so that they are found in their order', () => {
  for (const mark of KEY_MARKS) expect(KEY_MARKS.filter((one) => one.includes(mark))).toEqual([mark]);
});

describe.each(FORMS)('a private key in %s', (_, write) => {
  test.each([
    ['whole', KEY],
    ['without its end', KEY.slice(0, -1)],
    ['cut off in a line', [...KEY.slice(0, 5), LINES[4]?.slice(0, 30) ?? '']],
  ])('goes when it is %s, and what is around it stays', (_name, lines) => {
    const clean = redacted(`before it\n${write(lines)}\nand after it`);
    expectNoMaterial(clean);
    expect(clean).toMatch(/^before it\n[\s\S]*\[REDACTED_PRIVATE_KEY\][\s\S]*\nand after it$/);
    expect(redacted(clean)).toBe(clean);
  });

  test('goes when only its tail is there', () => {
    expectNoMaterial(redacted(`${write(KEY.slice(2))}\nand after it`));
  });
});

test.each([
  ['PKCS#8', header('PRIVATE KEY'), footer('PRIVATE KEY')],
  ['encrypted', header(`ENCRYPTED ${'PRIVATE KEY'}`), footer(`ENCRYPTED ${'PRIVATE KEY'}`)],
  ['OpenSSH', header(`OPENSSH ${'PRIVATE KEY'}`), footer(`OPENSSH ${'PRIVATE KEY'}`)],
  ['EC', header(`EC ${'PRIVATE KEY'}`), footer(`EC ${'PRIVATE KEY'}`)],
  ['PGP', header(`PGP ${'PRIVATE KEY'} BLOCK`), footer(`PGP ${'PRIVATE KEY'} BLOCK`)],
  ['SSH2', `---- BEGIN SSH2 ENCRYPTED ${'PRIVATE KEY'} ----`, `---- END SSH2 ENCRYPTED ${'PRIVATE KEY'} ----`],
])('%s keys are known', (_, first, last) => {
  expect(redacted(`a\n${[first, ...BODY, last].join('\n')}\nb`)).toBe('a\n[REDACTED_PRIVATE_KEY]\nb');
});

test.each([
  ['of PEM', 'Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n'],
  ['of PGP', 'Version: GnuPG v2\nComment: nobody should see this\n'],
])('fields %s in a key that is cut off do not end it', (_, fields) => {
  expect(redacted(`${header(RSA)}\n${fields}\n${BODY.join('\n')}`)).toBe('[REDACTED_PRIVATE_KEY]');
});

test('a PuTTY key goes from its name to its code', () => {
  const lines = [
    `PuTTY-User-Key-File-${'3'}: ssh-ed25519`,
    'Encryption: none',
    'Comment: me@host',
    'Public-Lines: 2',
    LINES[0],
    LAST,
    'Private-Lines: 1',
    LINES[1],
    `Private-MAC: ${'0a1b2c3d'.repeat(8)}`,
  ];
  expect(redacted(`a\n${lines.join('\n')}\nb`)).toBe('a\n[REDACTED_PRIVATE_KEY]\nb');
  expect(redacted(`{"k":"${lines.join('\\r\\n')}"}`)).toBe('{"k":"[REDACTED_PRIVATE_KEY]"}');
});

test.each([
  ['PKCS#1', `MIIE${'pAIBAAKCAQEA'}`],
  ['PKCS#8', `MIIE${'vQIBADANBgkqhkiG9w0BAQEFAASC'}`],
  ['short PKCS#8', `MIGH${'AgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg'}`],
  ['SEC 1', `MHcC${'AQEEI'}`],
  ['Ed25519', `MC4C${'AQAwBQYDK2VwBCIEI'}`],
  ['encrypted PKCS#8', `MIIF${'HDBOBgkqhkiG9w0BBQ0w'}`],
  ['OpenSSH', `b3Bl${'bnNzaC1rZXktdjEA'}`],
])('a body of %s without any header is a key', (_, opening) => {
  const first = opening + LINES[0]?.slice(opening.length);
  expect(redacted(`+${[first, ...BODY.slice(1)].join('\n+')}\nand more`)).toBe('+[REDACTED_PRIVATE_KEY]\nand more');
  expect(redacted(`key="${first}"`)).toBe('key="[REDACTED_PRIVATE_KEY]"');
});

test('a file of a key in base64 is one, that of a certificate is none', () => {
  const encoded = (text: string): string => Buffer.from(text).toString('base64');
  expect(redacted(`client-key-data: ${encoded(KEY.join('\n'))}\nx`)).toBe('client-key-data: [REDACTED_PRIVATE_KEY]\nx');
  const certificate = `data: ${encoded([header('CERTIFICATE'), ...BODY].join('\n'))}`;
  expect(redacted(certificate)).toBe(certificate);
});

test.each([
  ['a certificate', [header('CERTIFICATE'), `MIID${'XTCCAkWgAwIBAgIJ'}`, ...BODY, footer('CERTIFICATE')].join('\n')],
  ['a public key', [header('PUBLIC KEY'), ...BODY, footer('PUBLIC KEY')].join('\n')],
  ['a public key of PGP', [header('PGP PUBLIC KEY BLOCK'), ...BODY, footer('PGP PUBLIC KEY BLOCK')].join('\n')],
  ['an image in base64', `data:image/png;base64,iVBORw0KGgo${BODY.join('')}`],
  ['text before a footer', `nothing here\nends with ${footer(RSA)}\nas you know`],
  ['a mention of PuTTY', 'it begins with PuTTY-User-Key-File-3: ssh-rsa\nand goes on'],
])('%s stays', (_, text) => {
  expect(redacted(text)).toBe(text);
});

test('of two headers with text between only the headers go', () => {
  const text = `from ${header(RSA)} there is\nsome base64 text, up to the line\n${footer(RSA)} at the end`;
  expect(redacted(text)).toBe(text.replace(header(RSA), '[REDACTED_PRIVATE_KEY]'));
});

describe('a key that goes on in the next text', () => {
  const first = `cat id_rsa\n${KEY.slice(0, 3).join('\n')}\n${LINES[2]?.slice(0, 20)}`;
  const second = `${LINES[2]?.slice(20)}\n${[...LINES.slice(3), LAST, footer(RSA)].join('\n')}\n$ exit`;

  test('goes there, too, whatever short texts are between them', () => {
    const redactor = createRedactor(BUILT_IN);
    expect(redactor.text(first)).toBe('cat id_rsa\n[REDACTED_PRIVATE_KEY]');
    expect(redactor.text('Bash')).toBe('Bash');
    expect(redactor.text(second)).toBe('[REDACTED_PRIVATE_KEY]\n$ exit');
    expect(redactor.text(LINES[0] ?? '')).toBe(LINES[0]);
  });

  test('goes there, too, where colours hide that it has begun', () => {
    const redactor = createRedactor(BUILT_IN);
    redactor.text(KEY.slice(0, 3).join('\n').replace('BEGIN', 'BE\u001b[1mGIN'));
    expect(redactor.text(`${LINES[3]}\n$ exit`)).toBe('[REDACTED_PRIVATE_KEY]\n$ exit');
  });

  test('goes line by line, too', () => {
    const redactor = createRedactor(BUILT_IN);
    const lines = [header(RSA), ...LINES];
    expect(lines.map((line) => redactor.text(`${line}\n`))).toEqual(lines.map(() => '[REDACTED_PRIVATE_KEY]\n'));
  });

  test('goes in JSON, also where no sign of a key is in the line', () => {
    const redactor = createRedactor(BUILT_IN);
    redactor.json(JSON.stringify({ type: 'tool', content: KEY.slice(0, 3).join('\n') }));
    expect(redactor.json(JSON.stringify({ type: 'tool', content: `${BODY.slice(2, 4).join('\n')}\n` }))).toBe(
      '{"type":"tool","content":"[REDACTED_PRIVATE_KEY]\\n"}',
    );
    expect(redactor.json(JSON.stringify({ content: `${BODY.slice(4).join('\n')}\n${footer(RSA)}` }))).toBe(
      '{"content":"[REDACTED_PRIVATE_KEY]"}',
    );
  });

  test('goes in the next entry', () => {
    const redactor = createRedactor(BUILT_IN);
    const entries = session(
      { ...call('Read', {}), toolOutput: first },
      { ...call('Read', {}), toolOutput: second },
    ).map((entry) => redactor.entry(entry));
    expectNoMaterial(JSON.stringify(entries));
  });

  test('is over with a text that does not begin with it', () => {
    const redactor = createRedactor(BUILT_IN);
    redactor.text(first);
    redactor.text('that was\nnot all of it');
    expect(redactor.text(LINES[3] ?? '')).toBe(LINES[3]);
  });
});

test('looking for keys takes linear time, whatever stands in the text', () => {
  for (const text of [
    `${header(RSA)}\n${LINES[0]}\n`.repeat(5000),
    `${LINES[0]}\n${footer(RSA)} x `.repeat(5000),
    `x ${footer(RSA)}`.repeat(20_000),
    `MIIE${'pAIBAAKCAQEA'}`.repeat(50_000),
    `LS0tLS1CRUdJTi`.repeat(50_000),
    'PuTTY-User-Key-File-2: a\n'.repeat(100_000),
    'PuTTY-User-Key-File-2: a '.repeat(100_000),
    `${LINES[0]} is a line of a key. `.repeat(30_000),
    header(RSA) + '\\'.repeat(500_000),
    header(RSA) + '<'.repeat(500_000),
    header(RSA) + '-'.repeat(500_000),
    header(RSA) + ' a1B2'.repeat(100_000),
    `${header(RSA)}\n${`${LINES[0]}\n`.repeat(10_000)}`,
    `${'\n'.repeat(300_000)}${footer(RSA)}`,
  ])
    expect(redacted(text)).not.toBe(`${text}.`);
}, 10_000);
