import { expect, test } from 'vitest';
import { parseRedactFile } from '../../../src/session/redaction/redact-file.ts';

const inBlock = (line: string): string => `# Our rules\n\n\`\`\`redact\n${line}\n\`\`\`\n`;

test.each([
  ['literal "acme" -> [ACME]', { kind: 'literal', pattern: 'acme', placeholder: '[ACME]' }],
  ['regex "ACME-\\d{8}" -> [ACME_ID]', { kind: 'regex', pattern: 'ACME-\\d{8}', placeholder: '[ACME_ID]' }],
  ['  literal   "two words"->[NAME]  ', { kind: 'literal', pattern: 'two words', placeholder: '[NAME]' }],
  ['literal "says "hi" -> [x]" -> [QUOTED]', { kind: 'literal', pattern: 'says "hi" -> [x]', placeholder: '[QUOTED]' }],
  ['literal "a\\nb" -> [BACKSLASH]', { kind: 'literal', pattern: 'a\\nb', placeholder: '[BACKSLASH]' }],
  ['literal "ключ" -> [Ключ 1: x.y-z]', { kind: 'literal', pattern: 'ключ', placeholder: '[Ключ 1: x.y-z]' }],
])('%s is a rule', (line, rule) => {
  expect(parseRedactFile(inBlock(line))).toEqual({ rules: [{ ...rule, line: 4 }], faults: [] });
});

const FORM = 'a rule is `literal "TEXT" -> [NAME]` or `regex "PATTERN" -> [NAME]`';
const NAME =
  'what this rule puts in its place has to be letters, digits, spaces and _ . : - between brackets, 60 at most';

test.each([
  ['no quotes', 'literal acme -> [ACME]', FORM],
  ['an unknown kind', 'glob "acme*" -> [ACME]', FORM],
  ['a kind that ends like one', 'no-literal "acme" -> [ACME]', FORM],
  ['no arrow', 'literal "acme" [ACME]', FORM],
  ['nothing in its place', 'literal "acme"', FORM],
  ['an empty text', 'literal "" -> [ACME]', 'this rule looks for an empty text'],
  ['no brackets', 'literal "acme" -> ACME', FORM],
  ['text behind the brackets', 'literal "acme" -> [ACME] or so', FORM],
  ['empty brackets', 'literal "acme" -> []', NAME],
  ['brackets in brackets', 'literal "acme" -> [[ACME]]', NAME],
  ['a bracket that opens twice', 'literal "acme" -> [THE [ACME]', NAME],
  ['a bracket that closes twice', 'literal "acme" -> [ACME] THING]', NAME],
  ['a sign before the name', 'literal "acme" -> [_ACME]', NAME],
  ['a quote in the brackets', 'literal "acme" -> [password="x"]', NAME],
  ['more than a name in the brackets', `literal "acme" -> [${'x'.repeat(61)}]`, NAME],
])('a rule with %s is a fault of its line', (_, line, message) => {
  const { rules, faults } = parseRedactFile(inBlock(`literal "fine" -> [FINE]\n${line}`));
  expect(rules).toMatchObject([{ pattern: 'fine' }]);
  expect(faults).toEqual([{ line: 5, message }]);
});

test('a name of sixty characters is none too long', () => {
  expect(parseRedactFile(inBlock(`literal "acme" -> [${'x'.repeat(60)}]`)).faults).toEqual([]);
});

test('only blocks tagged redact hold rules; empty lines and comments in them are none', () => {
  const text = [
    'literal "prose" -> [A]',
    '```sh',
    'literal "other" -> [B]',
    '```',
    '~~~~redact',
    '# a comment',
    '',
    'literal "mine" -> [C]',
    '```',
    '~~~',
    '~~~~',
    'literal "after" -> [D]',
  ].join('\r\n');
  const { rules, faults } = parseRedactFile(text);
  expect(rules).toEqual([{ kind: 'literal', pattern: 'mine', placeholder: '[C]', line: 8 }]);
  expect(faults.map(({ line }) => line)).toEqual([9, 10]);
});

test.each(['Redact', 'redact rules', 'REDACT', '{redact}', '.redact'])(
  'a block tagged %s is a fault, as its rules would be missed',
  (tag) => {
    expect(parseRedactFile(`\`\`\`${tag}\nliteral "a" -> [A]\n\`\`\``)).toEqual({
      rules: [],
      faults: [
        { line: 1, message: 'write ```redact, in lower case and with nothing behind it: other blocks hold no rules' },
      ],
    });
  },
);

test.each(['```text of redact', 'see ```redact', '``redact'])('%s opens no block of rules', (line) => {
  expect(parseRedactFile(`${line}\nliteral "a" -> [A]\n`)).toEqual({ rules: [], faults: [] });
});

test.each(['~~~', '`````', '~~~~ x', '~~~~x', 'x ~~~~'])('%s closes no block of ~~~~', (line) => {
  const { rules, faults } = parseRedactFile(`~~~~redact\n${line}\nliteral "a" -> [A]\n ~~~~~ \nliteral "b" -> [B]`);
  expect(rules).toMatchObject([{ pattern: 'a' }]);
  expect(faults).toMatchObject([{ line: 2 }]);
});

test('a block that is never closed goes on to the end', () => {
  expect(parseRedactFile('```redact\nliteral "a" -> [A]\nliteral "b" -> [B]').rules).toHaveLength(2);
});
