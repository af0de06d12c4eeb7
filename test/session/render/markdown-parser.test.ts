import MarkdownParser from 'markdown-it';
import { expect, test } from 'vitest';
import { buildMarkdownParser } from '../../../src/session/render/markdown-parser.ts';
import { Chance } from '../../support/chance.ts';

const SIGNS = [
  ...[
    'a',
    'word',
    ' ',
    '  ',
    '\n',
    '\\',
    '`',
    '``',
    '*',
    '**',
    '_',
    '~~',
    '[',
    ']',
    '(',
    ')',
    '!',
    '![',
    '<',
    '>',
    '&',
    '&amp;',
  ],
  ...[
    ':',
    '://',
    'https://a.b/c',
    'mailto:a@b.c',
    '#',
    '+',
    '-',
    '=',
    '|',
    '{',
    '}',
    '$',
    '%',
    '@',
    '^',
    '"',
    "'",
    'é',
    '→',
  ],
];

test.each([{ html: true }, { html: false, linkify: true }])('reads as any other parser does: %j', (options) => {
  const chance = new Chance(7);
  const [ours, other] = [buildMarkdownParser(options), new MarkdownParser(options)];
  for (let n = 0; n < 5000; n += 1) {
    const text = Array.from({ length: chance.between(1, 14) }, () => chance.one(SIGNS)).join('');
    expect(ours.render(text), JSON.stringify(text)).toBe(other.render(text));
  }
});
