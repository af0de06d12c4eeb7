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

test.each([
  ['no quotes', 'literal acme -> [ACME]'],
  ['an unknown kind', 'glob "acme*" -> [ACME]'],
  ['no arrow', 'literal "acme" [ACME]'],
  ['nothing in its place', 'literal "acme"'],
  ['an empty text', 'literal "" -> [ACME]'],
  ['no brackets', 'literal "acme" -> ACME'],
  ['empty brackets', 'literal "acme" -> []'],
  ['brackets in brackets', 'literal "acme" -> [[ACME]]'],
  ['a quote in the brackets', 'literal "acme" -> [password="x"]'],
  ['more than a name in the brackets', `literal "acme" -> [${'x'.repeat(61)}]`],
])('a rule with %s is a fault of its line', (_, line) => {
  const { rules, faults } = parseRedactFile(inBlock(`literal "fine" -> [FINE]\n${line}`));
  expect(rules).toMatchObject([{ pattern: 'fine' }]);
  expect(faults).toMatchObject([{ line: 5 }]);
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
    expect(parseRedactFile(`\`\`\`${tag}\nliteral "a" -> [A]\n\`\`\``).faults).toMatchObject([{ line: 1 }]);
  },
);

test('a block that is never closed goes on to the end', () => {
  expect(parseRedactFile('```redact\nliteral "a" -> [A]\nliteral "b" -> [B]').rules).toHaveLength(2);
});
