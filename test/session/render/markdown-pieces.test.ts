import { describe, expect, test } from 'vitest';
import { markdownFence } from '../../../src/session/render/escape.ts';
import { speechMarkdown } from '../../../src/session/render/markdown/speech-markdown.ts';
import { markdownPieces } from '../../../src/session/render/markdown-pieces.ts';
import { markupText } from '../../../src/session/render/markup.ts';
import { renderMarkdown } from '../../../src/session/render/session-page/markdown-html.ts';
import { Chance } from '../../support/chance.ts';

const kinds = (text: string): string =>
  markdownPieces(text)
    .map(({ kind }) => kind)
    .join(' ');

describe('the pieces of a text', () => {
  test.each([
    ['Words.', 'words'],
    ['## A heading\n\nWords: more words\n\n- a\n- b\n\nWords', 'words words markdown words'],
    ['Words\n```ts\ncode\n```\nWords', 'markdown fence words'],
    ['```\n\n```\n````md\n```\n````', 'fence fence'],
    ['Words with `code`\n\nTwo\nlines\n\nWords', 'markdown words'],
    ['Words\n===\n\n1. a', 'markdown'],
    ['See https://a.b\n\nmailto:a@b.c\n\na **b**', 'markdown'],
  ])('%j: %s', (text, expected) => {
    expect(kinds(text)).toBe(expected);
  });

  test.each([
    ['has a definition', 'Words\n\n[a]: https://a.b\n\nWords'],
    ['begins with a block of code that nothing closes', '```\ncode\n\nWords\n\n```ts'],
    ['begins with one that is moved to the right', ' ```\ncode\n\nWords\n\n ```'],
    ['begins with one of other signs', '~~~\ncode\n\nWords\n\n~~~'],
  ])('are one where it %s', (_what, text) => {
    expect(kinds(text)).toBe('markdown');
  });
});

const BLOCKS = [
  ...[
    'Words',
    '## Heading',
    '# Heading #',
    '####### none',
    'Words: of two\nlines',
    'Words  \nbroken',
    'Title\n===',
    'Title\n---',
  ],
  ...[
    '```ts\nlet a = 1;\n```',
    '````\n```\n````',
    '```\nopen',
    '~~~\nopen',
    '~~~\ncode\n\nWords\n~~~',
    ' ```\n  code\n ```',
    '```a`b',
  ],
  ...[
    '- a\n- b',
    '- a\n\n- b',
    '1. a\n\n   Words\n2. b',
    '- a\n  ```\n  code\n\n  ```',
    '- a\n  - b\n\n    Words',
    '* ',
    '- ```\n  code',
  ],
  ...[
    '> quote',
    '> ```\n> code',
    '> - a',
    '| a | b |\n| - | - |\n| 1 | 2 |',
    '| a |\n| - |',
    '---',
    '    code',
    '\tcode',
    '- [ ] task',
  ],
  ...[
    '<div>',
    '<!-- a',
    'a **bold** `code`',
    '[link](https://a.b)',
    '![a](b)',
    'https://a.b',
    'a & b',
    'Wörter',
    '  Words',
    'Words ',
  ],
];
const BETWEEN = ['\n', '\n\n', '\n\n', '\n\n\n', '\n \n', '\n\t\n'];

/** 5,000 texts of up to six of these. */
function* texts(): Generator<string> {
  const chance = new Chance(11);
  for (let n = 0; n < 5000; n += 1)
    yield Array.from({ length: chance.between(1, 6) }, () => chance.one(BLOCKS) + chance.one(BETWEEN)).join('');
}

test('a text in pieces is the same page as the text as one', () => {
  for (const text of texts()) {
    // A definition is not shown, and makes one piece of it.
    const asOne = renderMarkdown(`[of nothing]: https://a.b\n\n${text}`);
    expect(markupText(renderMarkdown(text)), JSON.stringify(text)).toBe(markupText(asOne));
  }
});

test('a text in pieces is the same Markdown as the text as one', () => {
  for (const text of texts()) {
    // What may be a tag makes one piece of it.
    const asOne = speechMarkdown(`<a\n\n${text.trim()}`);
    const expected = asOne.startsWith(TAMED) ? asOne.slice(TAMED.length) : markdownFence(text.trim(), 'text');
    expect(speechMarkdown(text), JSON.stringify(text)).toBe(expected);
  }
});

const TAMED = '&lt;a\n\n';
