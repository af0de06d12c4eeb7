import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ExpectedError } from '../../../src/errors.ts';
import { BUILT_IN, type PolicyRule } from '../../../src/session/redaction/policy.ts';
import { createRedactor, type Redactor } from '../../../src/session/redaction/redactor.ts';
import { CONTEXT_RULES, TOKEN_RULES } from '../../../src/session/redaction/rules.ts';
import { call, session } from '../entries.ts';
import { KINDS, sample } from './corpus.ts';
import { IN_CONTEXT, LOOK_ALIKES, PRIVATE_KEYS, TOKENS } from './secrets.ts';

const redacted = (text: string): string => createRedactor(BUILT_IN).text(text);

describe('a pair of a name and a value in JSON', () => {
  const pairs = [
    { name: 'DB_PASSWORD', value: 'hunter2hunter' },
    { Key: 'API_SECRET', Value: 'a1B2c3D4e5F6g7H8' },
    { name: 'PATH', value: '/usr/bin:/bin' },
    { value: 'hunter3hunter', name: 'DB_PASSWORD' },
    { name: 'the first', key: 'DB_PASS', value: 'hunter4hunter' },
    { key: 'DB_PASSWORD', name: 'the last', value: ['hunter5hunter'] },
    { name: 'DB_PASSWORD', to: { name: 'title', value: 'hunter2hunter' }, value: 'hunter6hunter' },
    { name: 'title', value: 'hunter2hunter' },
    { note: 'DB_PASSWORD', value: 'hunter2hunter' },
  ];
  const clean = JSON.stringify(pairs)
    .replace('hunter2hunter', '[REDACTED_PASSWORD]')
    .replace(/hunter[3-6]hunter/g, '[REDACTED_PASSWORD]')
    .replace('a1B2c3D4e5F6g7H8', '[REDACTED_SECRET]');

  test('is read as one, whether it is a value or the text of a call', () => {
    const redactor = createRedactor(BUILT_IN);
    expect(JSON.stringify(redactor.json(pairs))).toBe(clean);
    const entry = redactor.entry({ kind: 'tool', seq: 0, text: '', toolOutput: JSON.stringify(pairs) });
    expect(entry.toolOutput).toBe(clean);
    expect(JSON.parse(redactor.json(JSON.stringify({ a: JSON.stringify(pairs) })))).toEqual({ a: clean });
  });
});

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

  test('changes nothing more where something hides', () => {
    const veils = ['\u200b', '\u001b[31m', '&#x5f;', '%5F', '\\_', '\\u005f', '&amp;', '\u00ad', '\ud83d', '%25'];
    const veiled = fc.array(fc.oneof(fc.constantFrom(...fragments), fc.constantFrom(...glue, ...veils), fc.string()), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(veiled, (parts) => {
        const once = redacted(parts.join(''));
        expect(redacted(once)).toBe(once);
      }),
      { numRuns: 1500 },
    );
  });

  test('leaves a line of JSON one line of the same shape', () => {
    const value = fc.dictionary(
      fc.constantFrom('password', 'text', 'api_key', 'a', `ghp_${'a1B2'.repeat(9)}`, `ghp_${'c3D4'.repeat(9)}`),
      fc.oneof(fc.array(hostile.map((parts) => parts.join(''))), fc.jsonValue()),
    );
    fc.assert(
      fc.property(value, (object) => {
        const line = JSON.stringify(object);
        const once = createRedactor(BUILT_IN).json(line);
        expect(once).not.toContain('\n');
        expect(shapeOf(JSON.parse(once))).toEqual(shapeOf(JSON.parse(line)));
        expect(createRedactor(BUILT_IN).json(once)).toBe(once);
      }),
      { numRuns: 1000 },
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

/** Kinds and counts, without what is in the strings and what things are called. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value === 'object' && value !== null) return Object.values(value).map(shapeOf);
  return typeof value === 'string' ? '' : value;
}

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

  const nest = (depth: number, inner: unknown, wrap = (value: unknown): unknown => [value]): unknown =>
    depth === 0 ? inner : nest(depth - 1, wrap(inner), wrap);
  const named = (value: unknown): unknown => ({ a: value });

  test.each([
    ['two hundred lists', nest(201, 1), nest(202, 1)],
    ['two hundred objects', nest(201, 1, named), nest(202, 1, named)],
    [
      'a hundred lists with half of them in a text',
      nest(100, JSON.stringify(nest(100, 'ghp_'))),
      nest(100, JSON.stringify(nest(101, 'ghp_'))),
    ],
  ])('is searched through %s and no more', (_name, deep, tooDeep) => {
    const redactor = createRedactor(BUILT_IN);
    expect(redactor.json(deep)).toEqual(deep);
    expect(redactor.total).toBe(0);
    expect(JSON.stringify(redactor.json(tooDeep))).toContain('[REDACTED_TOO_DEEP]');
    expect([...redactor.counts]).toEqual([['too_deep', 1]]);
  });
});

describe('JSON inside of a string', () => {
  const token = (seed: string): string => `ghp_${seed.repeat(9)}`;
  const redactor = (): Redactor => createRedactor(BUILT_IN);

  test('keeps every byte but those of the strings that had to go', () => {
    const text = ` { "id" : 12345678901234567890, "x":1.50, "y":"\\u00e9\\/" ,\n"env":["a", "${token('a1B2')}"], "a":1, "a":2 }\n`;
    expect(redactor().json(text)).toBe(text.replace(token('a1B2'), '[REDACTED_GITHUB_TOKEN]'));
  });

  test('finds what is escaped, and what its name makes a secret', () => {
    const text = `{"a":"\\u0067hp_${'a1B2'.repeat(9)}","b":"https:\\/\\/bob:hunter22@h\\/","pass\\u0077ord":["hun\\"ter2x"],"n":"\\n"}`;
    expect(redactor().json(text)).toBe(
      '{"a":"[REDACTED_GITHUB_TOKEN]","b":"https://bob:[REDACTED_PASSWORD]@h/","pass\\u0077ord":["[REDACTED_PASSWORD]"],"n":"\\n"}',
    );
  });

  test('finds a secret behind escapes of every length', () => {
    const before = '\\n\\t\\"\\\\\\u001b[1m\\\\u\\u00e9';
    const text = `["${before} ${token('a1B2')} ${before}${token('c3D4')} token"]`;
    const clean = redactor().json(text);
    expect(JSON.parse(clean)).toEqual([JSON.parse(text.slice(1, -1)).replace(/ghp_\w+/g, '[REDACTED_GITHUB_TOKEN]')]);
  });

  test('keeps the values of two names that were secrets', () => {
    const text = `{"${token('a1B2')}":1,"[REDACTED_GITHUB_TOKEN]":2,"${token('c3D4')}":3,"o":{"${token('a1B2')}":4}}`;
    const clean = redactor().json(text);
    expect(clean).toBe(
      '{"[REDACTED_GITHUB_TOKEN] (2)":1,"[REDACTED_GITHUB_TOKEN]":2,"[REDACTED_GITHUB_TOKEN] (3)":3,"o":{"[REDACTED_GITHUB_TOKEN]":4}}',
    );
    expect(redactor().json(clean)).toBe(clean);
    const parsed = redactor().json(JSON.parse(text));
    expect(parsed).toEqual(JSON.parse(clean));
  });

  test('that is cut off is redacted as text', () => {
    expect(redactor().json(`{"a":"${token('a1B2')}","password":"hunter22`)).toBe(
      '{"a":"[REDACTED_GITHUB_TOKEN]","password":"[REDACTED_PASSWORD]',
    );
  });

  test('with escapes that nobody knows is redacted as it is written', () => {
    expect(redactor().json(`["\\q ${token('a1B2')}"]`)).toBe('["\\\\q [REDACTED_GITHUB_TOKEN]"]');
  });

  test('that is nested too deep loses what is too deep', () => {
    const clean = redactor().json(`{"a":1,"b":${'['.repeat(300)}"${token('a1B2')}"${']'.repeat(300)},"c":2}`);
    expect(JSON.parse(clean)).toMatchObject({ a: 1, c: 2 });
    expect(clean).toMatch(/^\{"a":1,"b":\[+"\[REDACTED_TOO_DEEP\]"\]+,"c":2\}$/);
  });

  test('many times over stays JSON at every level', () => {
    const nest = (levels: number, text: string): string =>
      levels === 0 ? text : nest(levels - 1, JSON.stringify({ t: text }));
    expect(redactor().json(nest(6, token('a1B2')))).toBe(nest(6, '[REDACTED_GITHUB_TOKEN]'));
  });
});

describe('when the search breaks off', () => {
  const secret = 'the-text-itself';
  const failing = (error: unknown): PolicyRule => ({
    name: 'broken',
    placeholder: '[BROKEN]',
    mightFind: () => true,
    find() {
      throw error;
    },
  });

  test('by a rule that gives up, it is named', () => {
    const error = new ExpectedError('REDACTION_FAILED', 'REDACT.md:3: the pattern takes too long');
    expect(() => createRedactor({ rules: [failing(error)] }).text(secret)).toThrow('REDACT.md:3');
  });

  test.each([
    ['an error', new SyntaxError(`cannot read ${secret}`)],
    ['too much of something', new RangeError('Maximum call stack size exceeded')],
    ['anything else', secret],
    ['an error that others expect', new ExpectedError('LEDGER_LOCKED', `cannot read ${secret}`)],
  ])('by %s, no text comes out, and nothing of it in the message', (_name, error) => {
    const redactor = createRedactor({ rules: [failing(error)] });
    const [entry] = session(call('Bash', {}));
    for (const redact of [
      () => redactor.text(secret),
      () => redactor.json({ a: secret }),
      () => redactor.json(`["${secret}"]`),
      () => redactor.entry({ ...entry, seq: 0, kind: 'user', text: secret }),
    ]) {
      const thrown = failureOf(redact);
      expect(thrown).toBeInstanceOf(ExpectedError);
      expect(thrown).toMatchObject({
        code: 'REDACTION_FAILED',
        message: expect.stringMatching(/^the search for secrets broke off \(\w+\), so its text is not used$/),
      });
      expect(inspect(thrown)).not.toContain(secret);
    }
  });
});

function failureOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

test('the rules of a policy find what is hidden, too', () => {
  const literal: PolicyRule = {
    name: 'team',
    placeholder: '[TEAM]',
    mightFind: () => true,
    *find(text) {
      const at = text.indexOf('project-x');
      if (at !== -1) yield [at, at + 9];
    },
  };
  const redactor = createRedactor({ rules: [literal] });
  expect(redactor.text('the pro\u200bject-x is \u001b[1mours')).toBe('the [TEAM] is \u001b[1mours');
  expect(redactor.json('{"a":"pro\\u006aect-x"}')).toBe('{"a":"[TEAM]"}');
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
    expect(createRedactor(BUILT_IN).entry({ ...entry, toolName: token }).toolName).toBe('[REDACTED_GITHUB_TOKEN]');
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
  const floods = [
    ...keywords.map((keyword) => keyword.repeat(20_000 / keyword.length)),
    ...tails.map((tail) =>
      keywords
        .map((keyword) => keyword + tail)
        .join('')
        .repeat(50),
    ),
    `-----BEGIN ${'PRIVATE KEY'}-----`.repeat(20_000),
    'eyJaaaaaaaaaa-'.repeat(50_000),
    `password="${'\\'.repeat(500_000)}`,
  ];
  // What takes the square of its length takes longer than a test may.
  test('of nothing but keywords is done with, and the second time nothing changes', () => {
    for (const flood of floods) {
      const once = redacted(flood);
      expect(redacted(once) === once).toBe(true);
    }
  });
});

test('what is nested too deep to be searched is replaced and counted, so that no caller takes it for clean', () => {
  const redactor = createRedactor(BUILT_IN);
  const deep = JSON.parse(`${'['.repeat(300)}"x"${']'.repeat(300)}`);
  expect(JSON.stringify(redactor.json(deep))).toContain('[REDACTED_TOO_DEEP]');
  expect(redactor.total).toBe(1);
});

test.each([
  ['colours', 'gh\u001b[31mp_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5\u001b[0m', '[REDACTED_GITHUB_TOKEN]\u001b[0m'],
  ['a space without width', 'see gh\u200bp_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5', 'see [REDACTED_GITHUB_TOKEN]'],
  [
    'colours around the sign',
    '"api_key"\u001b[0m: "9f8e7d6c5b4a39281706f5e4d3c2b1a0"',
    '"api_key"\u001b[0m: "[REDACTED_API_KEY]"',
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
