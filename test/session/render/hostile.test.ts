import MarkdownParser from 'markdown-it';
import { expect, test } from 'vitest';
import { renderSessionMarkdown } from '../../../src/session/render/markdown/session-markdown.ts';
import { renderSummaryMarkdown } from '../../../src/session/render/markdown/summary-markdown.ts';
import { renderSessionHtml } from '../../../src/session/render/session-page/session-page.ts';
import { hostileSession } from '../../support/hostile-session.ts';
import { assistant, numberEntries, toolCall, toolError, user } from '../../support/sample-document.ts';

/** Name, text, what the page shows for it, what the Markdown shows for it wherever it is not code. */
const HOSTILE: readonly (readonly [string, string, string, string])[] = [
  [
    'script',
    '<script>alert(1)</script>',
    '&lt;script&gt;alert(1)&lt;/script&gt;',
    '&lt;script&gt;alert(1)&lt;/script&gt;',
  ],
  [
    'end of script',
    'x</script><img src=x onerror=alert(1)>',
    'x&lt;/script&gt;&lt;img src=x',
    'x&lt;/script&gt;&lt;img src=x',
  ],
  ['end of style', '</style><style>*{}', '&lt;/style&gt;&lt;style&gt;', '&lt;/style&gt;&lt;style&gt;'],
  ['script link', '[a](javascript:alert(1))', '[a](javascript:alert(1))', '\\[a\\](javascript:alert(1))'],
  [
    'broken tags',
    '</details></section><b',
    '&lt;/details&gt;&lt;/section&gt;&lt;b',
    '&lt;/details&gt;&lt;/section&gt;&lt;b',
  ],
  ['comment', '<!-- --> <![CDATA[', '&lt;!-- --&gt; &lt;![CDATA[', '&lt;!-- --&gt; &lt;!\\[CDATA\\['],
  ['attribute', '" onfocus="alert(1)" \'', '&quot; onfocus=&quot;alert(1)&quot; &#39;', '" onfocus="alert(1)" \''],
  ['override', 'evil\u202etxt.exe', 'evil⟦U+202E⟧txt.exe', 'evil⟦U+202E⟧txt.exe'],
  ['surrogate', 'half \ud83d', 'half \ufffd', 'half \ufffd'],
  ['NUL', 'a\0b', 'a⟦U+0000⟧b', 'a⟦U+0000⟧b'],
  ['ANSI', '\u001b[31mred\u001b[0m', 'red', 'red'],
  ['anchor', '<a id="msg-0"></a>', '&lt;a id=&quot;msg-0&quot;&gt;', '&lt;a id="msg-0"&gt;'],
];

const renderHtml = (text: string): string => [...renderSessionHtml(...hostileSession(text))].join('');
const renderMarkdown = (text: string): string => [...renderSessionMarkdown(...hostileSession(text))].join('');

const TAG = /<(\/?)([a-z][a-z0-9]*)((?:\s+[a-z][a-z0-9-]*(?:="[^"<>]*")?)*)\s*\/?>/gi;
const TAGS =
  'html head meta title body a div header p span h1 h2 h3 h4 h5 h6 dl dt dd main figure svg g line path rect text figcaption section ul ol li table thead tbody tr th td q details summary nav pre code input button article time strong b em ins del footer dialog kbd form'.split(
    ' ',
  );
const ATTRIBUTES =
  'lang charset http-equiv content name class href id datetime title role aria-label aria-labelledby aria-hidden aria-keyshortcuts aria-expanded aria-controls hidden viewbox preserveaspectratio d x y x1 x2 y1 y2 dx width height scope tabindex type placeholder autocomplete data-filter data-view aria-pressed disabled method rel'.split(
    ' ',
  );
const OUR_LINK =
  /^(?:summary\.md|session\.md|raw\.jsonl|#(?:entry|chapter)-\d+|#timeline|#chapters|https?:\/\/.+|mailto:.+)$/;
const OUR_ID = /^(?:(?:entry|chapter|chapter-title)-\d+|[a-z]+(?:-[a-z]+)?)$/;

interface Tag {
  readonly name: string;
  readonly attributes: readonly (readonly [string, string])[];
}

/** The tags of a page, after a look that nothing else in it could be one; our own style and script are taken out first. */
function readTags(page: string): readonly Tag[] {
  const body = page.replace(/<style>[\s\S]*?<\/style>\n<script>[\s\S]*?<\/script>/, '').replace(/^<!doctype html>/, '');
  expect(body.replace(TAG, '')).not.toMatch(/[<>]/);
  return [...body.matchAll(TAG)].map(([, , name = '', attributes = '']) => ({
    name: name.toLowerCase(),
    attributes: [...attributes.matchAll(/([a-z][a-z0-9-]*)(?:="([^"]*)")?/gi)].map(([, key = '', value = '']) => [
      key.toLowerCase(),
      value,
    ]),
  }));
}

test.each(HOSTILE)('%s is text in the page', (_name, text, shown) => {
  const page = renderHtml(text);
  expect(page).toContain(shown);
  const tags = readTags(page);
  expect(tags.map(({ name }) => name).filter((name) => !TAGS.includes(name))).toEqual([]);
  const attributes = tags.flatMap((tag) => tag.attributes);
  expect(attributes.filter(([key]) => !ATTRIBUTES.includes(key))).toEqual([]);
  expect(attributes.filter(([key, value]) => key === 'href' && !OUR_LINK.test(value))).toEqual([]);
  expect(attributes.filter(([key, value]) => key === 'id' && !OUR_ID.test(value))).toEqual([]);
  expect(page).not.toMatch(/[\u0000\u001b\u202e]|\p{Cs}/u);
});

/** As a viewer with HTML switched on would read it. */
const reader = new MarkdownParser({ html: true });
const OUR_HTML =
  /^(?:<\/?(?:span|code)>|<a id="msg-\d+">(?:<\/a>)?|<\/a>|<details>|<details(?: open)?>\n<summary>(?:[^<>]|<span><\/span>)*<\/summary>|<\/details>)\n?$/;
const OUR_ADDRESS =
  /^(?:#msg-\d+|session\.md(?:#msg-\d+)?|session\.html|summary\.(?:md|json)|raw\.jsonl|https?:\/\/.+|mailto:.+)$/;

test.each(HOSTILE)('%s is text in session.md and summary.md', (_name, text, _page, shown) => {
  for (const markdown of [renderMarkdown(text), renderSummaryMarkdown(hostileSession(text)[0])]) {
    const tokens = reader.parse(markdown, {}).flatMap((token) => [token, ...(token.children ?? [])]);
    const foreign = tokens.filter(({ type, content }) => type.startsWith('html') && !OUR_HTML.test(content));
    const links = tokens.filter(({ type }) => type === 'link_open').map((token) => String(token.attrGet('href')));
    expect(markdown).toContain(shown);
    expect(foreign.map(({ content }) => content)).toEqual([]);
    expect(links.filter((address) => !OUR_ADDRESS.test(address))).toEqual([]);
    expect(tokens.filter(({ type }) => type === 'image')).toEqual([]);
    expect(markdown).not.toMatch(/[\u0000\u001b\u202e]|\p{Cs}/u);
  }
});

test.each([
  ['an open fence', 'look:\n```ts\nconst a = 1;'],
  ['a fence in a fence', '````md\n```ts\nx\n```\n````\n\n```'],
  ['a heading of ours', '# Agent Session\n\n### **ryan**\n\nSetext\n===\n\nother\n---'],
  ['an open list', '- a\n\n  ```\n  x'],
  ['a reference for everyone', '[1]: https://evil.example\n\n[1]'],
  ['a quoted fence', '> ```\n> x\n\n~~~'],
  ['tags around code', 'the `<div>` and a ` <script> in it'],
])('after %s the next entry of session.md is still an entry', (_name, text) => {
  const markdown = renderMarkdown(text);
  const tokens = reader.parse(markdown, {});
  const headings = tokens.filter(({ type, level }) => type === 'heading_open' && level === 0);
  const ours = headings.filter(({ tag }) => tag === 'h3').length;
  expect(ours).toBe(hostileSession(text)[1].length);
  expect(headings.filter(({ tag }) => tag === 'h1' || tag === 'h2')).toHaveLength(4);
  expect(markdown.trimEnd().endsWith('_Session closed: 2026-03-06T10:07:00Z_')).toBe(true);
});

test('a line of a megabyte is cut, with a word about the rest', () => {
  const line = 'x'.repeat(1_000_000);
  const [document] = hostileSession('harmless');
  const entries = numberEntries([
    user(line),
    assistant(line),
    toolCall('a', 'Bash', { command: line }),
    toolError('a', line),
  ]);
  const page = [...renderSessionHtml(document, entries)].join('');
  const markdown = [...renderSessionMarkdown(document, entries)].join('');
  expect(page.length).toBeLessThan(300_000);
  expect(page).toContain('934,464 more characters in raw.jsonl');
  expect(page).toContain('983,616 more characters in raw.jsonl');
  expect(markdown.length).toBeLessThan(300_000);
  expect(markdown).toContain('_983,616 more characters in raw.jsonl_');
});
