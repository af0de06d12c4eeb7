import { expect, test } from 'vitest';
import { markupText } from '../../../../src/session/render/markup.ts';
import { renderMarkdown } from '../../../../src/session/render/session-page/markdown-html.ts';

const render = (text: string): string => markupText(renderMarkdown(text)).trim();

test.each([
  ['raw tags', '<b onclick="x()">hi</b>', '<p>&lt;b onclick=&quot;x()&quot;&gt;hi&lt;/b&gt;</p>'],
  ['a script link', '[x](javascript:alert(1))', '<p>[x](javascript:alert(1))</p>'],
  ['a disguised script link', '[x](java&#x73;cript:alert(1))', '<p>[x](javascript:alert(1))</p>'],
  ['a data link', '[x](data:text/html,hi)', '<p>[x](data:text/html,hi)</p>'],
  ['a vbscript link', '<vbscript:x>', '<p>&lt;vbscript:x&gt;</p>'],
  ['a file link', '[x](file:///etc/passwd)', '<p>[x](file:///etc/passwd)</p>'],
  ['a relative link', '[x](../other.html)', '<p>[x](../other.html)</p>'],
  ['a data image', '![x](data:image/svg+xml,hi)', '<p>![x](data:image/svg+xml,hi)</p>'],
])('shows %s as text', (_name, markdown, html) => {
  expect(render(markdown)).toBe(html);
});

test('shows an image as its words and its address', () => {
  expect(render('![a cat](https://a.b/cat.png)')).toBe(
    '<p><span class="image">[image: a cat https://a.b/cat.png]</span></p>',
  );
});

test('a link to the web tells the other side nothing', () => {
  const link = '<a href="https://a.b/" title="&lt;t&gt;" rel="noopener noreferrer nofollow">x</a>';
  expect(render('[x](https://a.b/ "<t>")')).toBe(`<p>${link}</p>`);
});

test('an entity cannot bring back an invisible character', () => {
  expect(render('a&#x202e;b [x](https://a.b "&#x200b;")')).toContain('a⟦U+202E⟧b');
  expect(render('[x](https://a.b "&#x200b;")')).toContain('title="⟦U+200B⟧"');
});

test('a table is aligned by class, as the page forbids style attributes', () => {
  const html = render('| a | b |\n|--:|:-:|\n| 1 | 2 |');
  expect(html).toContain('<td class="align-right">1</td>');
  expect(html).not.toContain('style=');
});

test('headings stand below those of the page', () => {
  expect(render('# a\n\n## b\n\n###### c')).toBe('<h5>a</h5>\n<h6>b</h6>\n<h6>c</h6>');
});

test('code is coloured in a known language, and shown plain in any other or when it is long', () => {
  expect(render('```ts\nconst a = "<h1>";\n```')).toContain('<i>const</i> a = <em>"&lt;h1&gt;"</em>;');
  expect(render('```ts\nconst a = "<h1>";\n```')).not.toContain('<h1>');
  expect(render('```"><script>\nx\n```')).toContain('<code>x');
  expect(render(`\`\`\`ts\n${'const a = 1;\n'.repeat(1000)}\`\`\``)).not.toContain('<i');
});

test.each(['[', '![', '*a **a ', '`', '<', '](', '> ', '- ', '|a', '[a](', 'https://a.b/', '<!--', '~~a', '\\'])(
  'sixty thousand characters of %j are read in time',
  (unit) => {
    const startedAt = performance.now();
    render(unit.repeat(60_000 / unit.length));
    expect(performance.now() - startedAt).toBeLessThan(20_000);
  },
);

test('lists of tasks and alerts look as on GitHub', () => {
  const shown = markupText(renderMarkdown('- [x] done\n- [ ] open\n\n> [!WARNING]\n> mind it'));
  expect(shown).toContain('<li class="task">☑ done</li>');
  expect(shown).toContain('<li class="task">☐ open</li>');
  expect(shown).toMatch(/<blockquote class="alert">\s*<p>Warning: /);
});

test('a script within a page has the colours of its own language', () => {
  expect(render('```xml\n<script>const a = "b";</script>\n```')).toContain('<i>const</i> a = <em>"b"</em>;');
});
