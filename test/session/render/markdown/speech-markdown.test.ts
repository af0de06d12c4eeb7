import { expect, test } from 'vitest';
import {
  quoteMarkdown,
  speechMarkdown,
  speechPreview,
} from '../../../../src/session/render/markdown/speech-markdown.ts';
import { linksOf, nodesOf, parseGithub, shownText } from '../../../support/github-markdown.ts';

test.each([
  ['plain **bold** `Array<string>`', 'plain **bold** `Array<string>`'],
  ['a <b> and `<b>`', 'a &lt;b> and `<b>`'],
  ['code over `two\n<b>` lines', 'code over `two\n<b>` lines'],
  ['## Result', '##### Result'],
  ['- # Result', '- #### Result'],
  ['## msg 7', '\\## msg 7'],
  ['# msg!-3', '\\# msg!-3'],
  ['# m**s**g-3', '\\# m**s**g-3'],
  ['# &#109;sg-3', '\\# &#109;sg-3'],
  ['# msg`-3`', '\\# msg`-3`'],
  ['msg!-3\n===', 'msg!-3'],
  ['Setext\n===\ntext', '#### Setext\n\ntext'],
  ['two\nlines\n===', 'two\nlines\n\\==='],
  ['a rule\n---\nbelow', 'a rule\n\n---\nbelow'],
  ['```html\n<b>\n# no heading\n```', '```html\n<b>\n# no heading\n```'],
  ['![cat](https://a.b/c.png)', '!\\[cat](https://a.b/c.png)'],
  ['[x](javascript:alert(1))', '[x]\\(javascript:alert(1))'],
  ['see [guard.ts](src/guard.ts#L6)', 'see [guard.ts]\\(src/guard.ts#L6)'],
  ['see [docs](https://a.b) <https://a.b/c>', 'see [docs](https://a.b) <https://a.b/c>'],
  ['open\n```ts\ncode', '````text\nopen\n```ts\ncode\n````'],
  ['[a]: https://a.b\n\n[a]', '[a]\\: https://a.b\n\n[a]'],
  ['as said[^1]\n\n[^1]: by words', 'as said\\[^1]\n\n\\[^1]\\: by words'],
  ['\\`<b>\\` \\$1', '\\`&lt;b>\\` \\$1'],
  ['$5 for `$HOME` and $x$', '\\$5 for `$HOME` and \\$x\\$'],
  ['evil&#8238;txt', '```text\nevil&#8238;txt\n```'],
  ['a&nbsp;b &lt;c&gt;', 'a&nbsp;b &lt;c&gt;'],
  [
    'a.js:100:14 `:tada:` init(imports:symbols:)',
    'a.js:<span></span>100:14 `:tada:` init(imports:<span></span>symbols:)',
  ],
  ['www.`<b>` http://a.b`<b>`', 'www\\.`<b>` http\\://a.b`<b>`'],
  ['https://a.b/<id> https://a.b/$x', 'https\\://a.b/&lt;id> https\\://a.b/\\$x'],
  ['[x](https://a.b/$y) <https://a.b/`c`> www.a.b', '[x](https\\://a.b/\\$y) <https://a.b/`c`> www.a.b'],
  ['a|b:-:c\n-|:-:\n1|2', 'a|b:-:c\n-|:-:\n1|2'],
])('an answer %j becomes %j', (text, markdown) => {
  expect(speechMarkdown(text)).toBe(markdown);
});

test.each([
  'https://a.b/x_y_z?a=1&b=2',
  'www.example.com/a_b and _www.a.b_',
  'mail a_b@example.com',
  '[^1]\n\n[^1]: a note',
  '> [!NOTE]\n> not an alert',
  '@team #123 GH-1 :tada:',
  '$a$ and $$b$$',
  '- [ ] task\n1. one',
  '| a |\n| --- |\n| b |',
  '~~gone~~ ==marked== <b>bold</b>',
  'ends in a backslash\\\nand goes on\\',
])('typed text %j is shown as it was typed', (text) => {
  expect(shownText(parseGithub(quoteMarkdown(text)))).toBe(text);
});

test('what was typed has links to the web, and shows no tick box, table or alert', () => {
  const quote = parseGithub(quoteMarkdown('https://a.b/x_y (http://c.d/) www.e.f\n- [x] done\n\n> [!NOTE]'));
  expect(linksOf(quote)).toEqual(['https://a.b/x_y', 'http://c.d/']);
  expect([...new Set([...nodesOf(quote)].map(({ type }) => type))]).toEqual(
    expect.arrayContaining(['root', 'blockquote', 'paragraph', 'link', 'text', 'break']),
  );
});

test.each([
  ['# Done\n\n1. **The guard** sends [it](https://a.b)\n2. `x`', 'Done The guard sends it x'],
  ['```ts\nconst a = 1;\n```\nand <b>', 'const a = 1; and <b>'],
  ['two\nlines', 'two lines'],
  ['word '.repeat(1000), 'word word word word word word word word…'],
])('the preview of an answer %j is %j', (text, preview) => {
  expect(speechPreview(text, 40)).toBe(preview);
});
