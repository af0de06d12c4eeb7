import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BUILT_IN } from '../../../src/session/redaction/policy.ts';
import { createRedactor } from '../../../src/session/redaction/redactor.ts';
import { CONTEXT_RULES, TOKEN_RULES } from '../../../src/session/redaction/rules.ts';
import { call, session } from '../entries.ts';
import { KINDS, sample } from './corpus.ts';
import { IN_CONTEXT, LOOK_ALIKES, PRIVATE_KEYS, TOKENS } from './secrets.ts';

const redacted = (text: string): string => createRedactor(BUILT_IN).text(text);

describe('a token', () => {
  test.each(TOKENS)('%s becomes its placeholder, wherever it stands', (secret, kind) => {
    const placeholder = `[REDACTED_${kind}]`;
    const places = [
      '@',
      'say @ now',
      '"@"',
      '{\\"k\\":\\"@\\"}',
      '\\n@\\n',
      '+@',
      '- @',
      '`@`',
      '(@)',
      'https://h/?q=@&x=1',
      '=@;',
      '\n@\n',
    ];
    for (const place of places) {
      expect(redacted(place.replace('@', secret))).toBe(place.replace('@', placeholder));
    }
  });

  test('inside of a longer word is none', () => {
    expect(redacted(`xghp_${'a1B2'.repeat(9)}`)).toContain('xghp_');
  });

  test('directly behind another is found too', () => {
    expect(redacted(`AKIA${'ABCDEFGH23456789'}ghp_${'a1B2'.repeat(9)}`)).not.toContain('a1B2');
  });
});

test.each(IN_CONTEXT)('%s loses only its secret', (text, kind) => {
  const [, before = '', secret = '', after = ''] = /^([\s\S]*?)\{((?![\\"])[^{}]+)\}([\s\S]*)$/.exec(text) ?? [];
  expect(secret).not.toBe('');
  expect(redacted(before + secret + after)).toBe(`${before}[REDACTED_${kind}]${after}`);
});

test.each(PRIVATE_KEYS)('a private key %s goes with its body', (_, text) => {
  expect(redacted(`key: ${text} end`)).toBe('key: [REDACTED_PRIVATE_KEY] end');
});

test('text between two unrelated mentions of key headers stays', () => {
  const text = `a PEM begins with -----BEGIN ${'PRIVATE KEY'}----- as you know`;
  expect(redacted(text)).toBe('a PEM begins with [REDACTED_PRIVATE_KEY] as you know');
});

test.each(LOOK_ALIKES)('%s stays', (text) => {
  expect(redacted(text)).toBe(text);
});

describe('redacting twice', () => {
  const fragments = [
    ...TOKENS.map(([secret]) => secret),
    ...KINDS.map((kind) => sample(kind, 1).secret),
    ...IN_CONTEXT.map(([text]) => text),
    ...LOOK_ALIKES,
    ...PRIVATE_KEYS.map(([, text]) => text),
  ];
  const glue = ['', ' ', '\n', '=', ':', '"', '\\n', '-', '.', '/', '@', 'password=', '://', '[', ']', 'a', '1', '_'];
  const hostile = fc.array(fc.oneof(fc.constantFrom(...fragments), fc.constantFrom(...glue), fc.string()), {
    maxLength: 12,
  });

  test('changes nothing more', () => {
    fc.assert(
      fc.property(hostile, (parts) => {
        const once = redacted(parts.join(''));
        expect(redacted(once)).toBe(once);
      }),
      { numRuns: 3000 },
    );
  });

  test('leaves JSON what it was: the same keys, lists and kinds', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.dictionary(
            fc.constantFrom('password', 'text', 'api_key', 'a'),
            hostile.map((parts) => parts.join('')),
          ),
        ),
        (value) => {
          const once = createRedactor(BUILT_IN).json(value);
          expect(once.map((item) => Object.keys(item))).toEqual(value.map((item) => Object.keys(item)));
          expect(createRedactor(BUILT_IN).json(once)).toEqual(once);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('json', () => {
  test('a value that is a secret by its key goes whole, also when a piece of it has gone already', () => {
    const value = { password: 'sk-0a1b2c3d4e5f67890a1b2c3d4e5f6789x\\nDB_PASSWORD={it}\\ny@AKIAABCDEFGH23456789' };
    expect(createRedactor(BUILT_IN).json(value)).toEqual({ password: '[REDACTED_OPENAI_KEY]' });
  });

  test('knows a secret by its key, whatever is in it', () => {
    const value = {
      password: 'hun"ter\\2x',
      nested: [{ api_key: 'Ab12Cd34Ef56Gh78' }],
      title: 'hunter2x',
      count: 3,
      none: null,
    };
    expect(createRedactor(BUILT_IN).json(value)).toEqual({
      password: '[REDACTED_PASSWORD]',
      nested: [{ api_key: '[REDACTED_API_KEY]' }],
      title: 'hunter2x',
      count: 3,
      none: null,
    });
  });

  test('looks into JSON that is inside of a string, through its escapes, and keeps it JSON', () => {
    const inner = JSON.stringify({ command: `echo ghp_${'a1B2'.repeat(9)} "x"` }).replace('ghp_', '\\u0067hp_');
    const { input } = createRedactor(BUILT_IN).json({ input: inner });
    expect(JSON.parse(input)).toEqual({ command: 'echo [REDACTED_GITHUB_TOKEN] "x"' });
  });

  test('cuts what is nested too deeply to be searched', () => {
    const deep = JSON.parse(`${'['.repeat(5000)}"x"${']'.repeat(5000)}`) as unknown;
    expect(JSON.stringify(createRedactor(BUILT_IN).json(deep))).toContain('[REDACTED_TOO_DEEP]');
  });
});

describe('entry', () => {
  test('is the same object when there is nothing to replace', () => {
    const [entry] = session(call('Bash', { command: 'npm test' }));
    if (entry) expect(createRedactor(BUILT_IN).entry(entry)).toBe(entry);
  });

  test('is redacted in every text of it, and its input stays JSON', () => {
    const token = `ghp_${'a1B2'.repeat(9)}`;
    const [entry] = session({
      ...call('Bash', { env: { DB_PASSWORD: 'a "quoted\\one' }, command: token }),
      text: token,
      toolOutput: token,
    });
    if (!entry) throw new Error('no entry');
    const clean = createRedactor(BUILT_IN).entry({ ...entry, coworker: token });
    expect(JSON.stringify(clean)).not.toContain('a1B2');
    expect(JSON.parse(clean.toolInput ?? '')).toHaveProperty('command', '[REDACTED_GITHUB_TOKEN]');
    expect(clean).toMatchObject({ seq: 0, kind: 'tool', toolName: 'Bash', text: '[REDACTED_GITHUB_TOKEN]' });
  });
});

test('counts say how often which rule found something, and never what', () => {
  const redactor = createRedactor(BUILT_IN);
  redactor.text(`ghp_${'a1B2'.repeat(9)} and ghp_${'b1A2'.repeat(9)}`);
  redactor.json({ password: 'hunter2x' });
  expect([...redactor.counts]).toEqual([
    ['github_token', 2],
    ['generic_password', 1],
  ]);
  expect(redactor.total).toBe(3);
});

describe('hostile text', () => {
  const keywords = [...TOKEN_RULES, ...CONTEXT_RULES].flatMap((rule) => rule.keywords);
  const tails = ['', '=', '="x', '-', ' ', 'aA1b-', '\\'];
  test('of nothing but keywords takes linear time', () => {
    const started = performance.now();
    for (const keyword of keywords) redacted(keyword.repeat(20_000 / keyword.length));
    for (const tail of tails)
      redacted(
        keywords
          .map((keyword) => keyword + tail)
          .join('')
          .repeat(50),
      );
    redacted(`-----BEGIN ${'PRIVATE KEY'}-----`.repeat(20_000));
    redacted('eyJaaaaaaaaaa-'.repeat(50_000));
    redacted(`password="${'\\'.repeat(500_000)}`);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

test('what is nested too deep to be searched is replaced and counted, so that no caller takes it for clean', () => {
  const redactor = createRedactor(BUILT_IN);
  const deep = JSON.parse(`${'['.repeat(300)}"x"${']'.repeat(300)}`);
  expect(JSON.stringify(redactor.json(deep))).toContain('[REDACTED_TOO_DEEP]');
  expect(redactor.total).toBe(1);
});

test.each([
  ['colours', 'gh\u001b[31mp_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5\u001b[0m', '[REDACTED_GITHUB_TOKEN]'],
  ['a space without width', 'see gh\u200bp_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5', 'see [REDACTED_GITHUB_TOKEN]'],
  [
    'colours around the sign',
    '"api_key"\u001b[0m: "9f8e7d6c5b4a39281706f5e4d3c2b1a0"',
    '"api_key": "[REDACTED_API_KEY]"',
  ],
])('%s hide no secret', (_name, text, expected) => {
  const redactor = createRedactor(BUILT_IN);
  expect(redactor.text(text)).toBe(expected);
  expect(redactor.total).toBe(1);
});

test('colours that hide nothing stay', () => {
  expect(createRedactor(BUILT_IN).text('\u001b[32mok\u001b[0m\r\nü')).toBe('\u001b[32mok\u001b[0m\r\nü');
});

const BODY = 'MIIEowIBAAKCAQEAx1hL5p2T0v9s8W7q6R5e4D3c2B1a0Z9y8X7w6V5u4T3s2R1q';

test.each([
  ['a diff', '< '],
  ['tags', '<br>'],
  ['a file called example', 'examples/id_rsa:1:'],
])('a private key in %s is none that can be read', (_name, before) => {
  const lines = ['-----BEGIN RSA PRIVATE KEY-----', BODY, BODY, '-----END RSA PRIVATE KEY-----'];
  expect(redacted(lines.map((line) => before + line).join('\n'))).not.toContain(BODY);
});

test.each([
  ['{"command":"curl gh\u009b31mp_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5"}'],
  ['{"a":["see gh\u200bp_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5"]}'],
  ['{"gh\u2060p_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5":1}'],
  ['{"pass\u001b[mword":"Tr0ub4dor3x9Kq"}'.replace('\u001b', '\\u001b')],
])('%j hides no secret in its strings', (toolInput) => {
  const [entry] = session(call('Bash', {}));
  const clean = createRedactor(BUILT_IN).entry({ ...entry, seq: 0, kind: 'tool', text: '', toolInput });
  expect(clean.toolInput).toContain('[REDACTED_');
  expect(clean.toolInput).not.toMatch(/aB3dE5|Tr0ub4/);
});

test('a key that was a secret makes none of its value', () => {
  const once = createRedactor(BUILT_IN).json({ ghp_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5: ['xghp_value1234'] });
  expect(createRedactor(BUILT_IN).json(once)).toEqual(once);
});
