import { describe, expect, test } from 'vitest';
import {
  addFindings,
  BUILT_IN,
  countFindings,
  extendPolicy,
  literalRule,
  TABLE_ONLY,
} from '../../../src/session/redaction/policy.ts';
import { createRedactor } from '../../../src/session/redaction/redactor.ts';

describe('a span between private tags', () => {
  test.each([
    ['a <private>b</private> c', 'a [REDACTED_PRIVATE] c'],
    ['<private>\nmany\nlines\n</private>', '[REDACTED_PRIVATE]'],
    ['<PRIVATE reason="x">b</Private >', '[REDACTED_PRIVATE]'],
    ['<private>a<private>b</private>c</private>d', '[REDACTED_PRIVATE]d'],
    ['<private>a<private>b</private>c', '[REDACTED_PRIVATE]c'],
    ['the tag <private> does <private>a</private> b <private>c</private> d', 'the tag [REDACTED_PRIVATE] d'],
    ['said\n  > - <private>never closed', 'said\n  > - [REDACTED_PRIVATE]'],
    ['<private>a</private>\n<private>b', '[REDACTED_PRIVATE]\n[REDACTED_PRIVATE]'],
    ['1 <private>a</private> 2 <private>b</private> 3', '1 [REDACTED_PRIVATE] 2 [REDACTED_PRIVATE] 3'],
    ['said\n<private>\nand never closed', 'said\n[REDACTED_PRIVATE]'],
    ['<private>', '[REDACTED_PRIVATE]'],
    [`said\n${'> '.repeat(10)}<private>never closed`, `said\n${'> '.repeat(10)}[REDACTED_PRIVATE]`],
  ])('%j goes', (text, clean) => {
    expect(createRedactor(BUILT_IN).text(text)).toBe(clean);
  });

  test.each([
    'the tag <private> hides text',
    'List<privateKey>',
    '</private> alone',
    'private: <b>',
    '<privates>a</privates>',
    `${'-'.repeat(22)}<private>is how a rule of dashes ends`,
    `a list\n${'-'.repeat(21)}<private>is how a rule of dashes ends`,
  ])('%j is none', (text) => {
    expect(createRedactor(BUILT_IN).text(text)).toBe(text);
  });

  test('goes from JSON and from a call, too, and is counted', () => {
    const redactor = createRedactor(BUILT_IN);
    expect(redactor.json({ a: ['<private>x</private>'], b: '{"c":"<private>y</private>"}' })).toEqual({
      a: ['[REDACTED_PRIVATE]'],
      b: '{"c":"[REDACTED_PRIVATE]"}',
    });
    expect(Object.fromEntries(redactor.counts)).toEqual({ private_span: 2 });
  });

  test('a million tags take no longer than they have to', () => {
    const text = '<private>'.repeat(100_000) + '</private>'.repeat(100_000);
    expect(createRedactor(BUILT_IN).text(text)).toBe('[REDACTED_PRIVATE]');
  });
});

describe('rules that are added', () => {
  const rule = (literal: string, placeholder: string) => literalRule(`for ${literal}`, placeholder, literal);
  const redact = (text: string, ...rules: ReturnType<typeof rule>[]) =>
    createRedactor(extendPolicy(BUILT_IN, rules)).text(text);

  test('go together where they overlap, by the name of the longest, or of the first', () => {
    expect(redact('acme corp', rule('acme', '[B]'), rule('acme corp', '[A]'))).toBe('[A]');
    expect(redact('acme corp', rule('acme c', '[A]'), rule('e corp', '[B]'))).toBe('[A]');
    expect(redact('acme', rule('acme', '[A]'), rule('acme', '[B]'))).toBe('[A]');
    expect(redact('of acme corp', rule('of a', '[A]'), rule(' acme c', '[B]'), rule('e corp', '[C]'))).toBe('[B]');
  });

  const token = ['ghp', 'a1B2'.repeat(9)].join('_');
  const key = [
    '-----BEGIN RSA ',
    `PRIVATE KEY-----\n${'rCaqx9Zt7Q'.repeat(6)}\n-----END RSA `,
    'PRIVATE KEY-----',
  ].join('');
  test.each([
    [token, 'ghp_'],
    [token, 'a1B2'],
    [key, 'PRIVATE'],
    [key, 'KEY'],
    [`Authorization: Bearer ${'x9Zt7Q4k'.repeat(4)}`, 'Bearer'],
    [`AWS_SECRET_ACCESS_KEY=${'rCaqx9Zt7Q'.repeat(4)}`, 'KEY'],
    [`DB_PASSWORD=${'x9Zt7Q4k'}`, 'PASSWORD'],
    [`gh&#112;_${'a1B2'.repeat(9)}`, '112'],
    [`gh\u200bp_${'a1B2'.repeat(9)}`, 'p_'],
  ])('do not hide from the table what it finds: %j with %s', (text, literal) => {
    const clean = redact(`see ${text} there`, rule(literal, '[X]'));
    expect(clean).not.toMatch(/a1B2|rCaqx9Zt7Q|x9Zt7Q4k/);
  });

  test('leave placeholders alone, so that redacting twice changes nothing', () => {
    const rules = [rule('TOKEN', '[T]'), rule('acme', '[acme thing]'), rule('thing', '[X]')];
    const text = `acme TOKEN ${'ghp'}_${'a1B2'.repeat(9)} thing`;
    const once = redact(text, ...rules);
    expect(once).toBe('[acme thing] [T] [REDACTED_GITHUB_TOKEN] [X]');
    expect(redact(once, ...rules)).toBe(once);
  });

  test.each([
    ['[REDACTED_JWT] acme', '[REDACTED_JWT] [A]'],
    ['[REDACTED_JWT]acme[A]acme', '[REDACTED_JWT][A][A][A]'],
    ['acme [REDACTED_JWT]', '[A] [REDACTED_JWT]'],
    ['acmeacme', '[A][A]'],
  ])('find what stands beside a placeholder: %s', (text, clean) => {
    expect(redact(text, rule('acme', '[A]'))).toBe(clean);
  });

  test('are called by what they found, also where the table finds something behind it', () => {
    const long = 'acme '.repeat(20).trim();
    expect(redact(`${long} ${token} ${long}`, rule(long, '[A]'))).toBe('[A] [REDACTED_GITHUB_TOKEN] [A]');
  });

  test('find what stands in a key, in a call and in JSON within a text', () => {
    const redactor = createRedactor(extendPolicy(BUILT_IN, [rule('acme', '[A]')]));
    expect(redactor.json({ acme: 1, b: '["acme"]' })).toEqual({ '[A]': 1, b: '["[A]"]' });
    const entry = { seq: 0, kind: 'tool' as const, text: '', toolInput: '{"path":"acme"}', toolOutput: 'acme' };
    expect(redactor.entry(entry)).toMatchObject({ toolInput: '{"path":"[A]"}', toolOutput: '[A]' });
  });
});

describe('a literal in JSON text', () => {
  const json = (literal: string, text: string) =>
    createRedactor(extendPolicy(BUILT_IN, [literalRule('mine', '[MINE]', literal)])).json(text);

  test.each([
    ['acme', '{"a":"the acme thing"}', '{"a":"the [MINE] thing"}'],
    ['acme', '{"a":"the \\u0061cme thing"}', '{"a":"the [MINE] thing"}'],
    ['a/b', '["x a\\/b y"]', '["x [MINE] y"]'],
    ['say "hi" to', '["I say \\"hi\\" to you"]', '["I [MINE] you"]'],
    ['c:\\temp', '["in c:\\\\temp there"]', '["in [MINE] there"]'],
    ['"', '["one \\" only"]', '["one [MINE] only"]'],
    ['zwölf', '{"zw\\u00f6lf":1}', '{"[MINE]":1}'],
    ['acme', '{"a":"{\\"b\\":\\"acme\\"}"}', '{"a":"{\\"b\\":\\"[MINE]\\"}"}'],
    ['two\nlines', '["of two\\nlines here"]', '["of [MINE] here"]'],
  ])('%s in %s', (literal, text, clean) => {
    expect(json(literal, text)).toBe(clean);
  });

  test('is looked for only where the longest part of it stands that JSON leaves as it is', () => {
    const { mightFind } = literalRule('mine', '[MINE]', 'one"three\\two');
    expect(mightFind('["three"]')).toBe(true);
    expect(mightFind('["one","two"]')).toBe(false);
  });

  test('goes with private tags however they are written', () => {
    expect(createRedactor(BUILT_IN).json('["\\u003cprivate>x</private>"]')).toBe('["[REDACTED_PRIVATE]"]');
  });
});

test('findings are added rule by rule', () => {
  const sum = addFindings({ a: 1, b: 2 }, { b: 3, c: 4 });
  expect(sum).toEqual({ a: 1, b: 5, c: 4 });
  expect(countFindings(sum)).toBe(10);
});

test('the table alone leaves private spans as they are', () => {
  const redactor = createRedactor(TABLE_ONLY);
  expect(redactor.text(`<private>a</private> ghp_${'a1B2'.repeat(9)}`)).toBe(
    '<private>a</private> [REDACTED_GITHUB_TOKEN]',
  );
});
