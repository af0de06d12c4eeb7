import { describe, expect, test } from 'vitest';
import {
  escapeHtml,
  escapeMarkdown,
  linkedMarkdown,
  markdownCode,
  markdownFence,
  proseMarkdown,
  scriptJson,
  visibleText,
} from '../../../src/session/render/escape.ts';

describe('visible text', () => {
  test.each([
    ['a right-to-left override', 'ab\u202ecd', 'ab⟦U+202E⟧cd'],
    ['an isolate', '\u2066x\u2069', '⟦U+2066⟧x⟦U+2069⟧'],
    ['a zero-width space', 'pass\u200bword', 'pass⟦U+200B⟧word'],
    ['a byte order mark', '\ufeffx', '⟦U+FEFF⟧x'],
    ['a soft hyphen', 'a\u00adb', 'a⟦U+00AD⟧b'],
    ['a tag character', 'a\u{e0041}b', 'a⟦U+E0041⟧b'],
    ['NUL', 'a\0b', 'a⟦U+0000⟧b'],
    ['a backspace', 'a\bb', 'a⟦U+0008⟧b'],
    ['a line separator', 'a\u2028b', 'a⟦U+2028⟧b'],
    ['a lone high surrogate', 'a\ud83db', 'a\ufffdb'],
    ['a lone low surrogate', '\udc00', '\ufffd'],
    ['colours', '\u001b[1;31mred\u001b[0m', 'red'],
    ['an eight-bit control sequence', '\u009b31mred', 'red'],
    ['a terminal link', '\u001b]8;;https://a.b\u0007text\u001b]8;;\u001b\\', 'text'],
    ['a charset switch', '\u001b(Btext', 'text'],
    ['an escape that only appears once another is gone', '\u001b\u001b[0m[31mx', '⟦U+001B⟧[31mx'],
    ['carriage returns', 'a\r\nb\rc', 'a\nb\nc'],
  ])('shows or strips %s', (_name, text, visible) => {
    expect(visibleText(text)).toBe(visible);
  });

  test.each(['tab\tand\nnewline', 'Ünïcödé 日本語 עברית', '👨‍👩‍👧 ❤️ 👩🏽‍💻 1️⃣', ''])('leaves %j alone', (text) => {
    expect(visibleText(text)).toBe(text);
  });

  test('shows a joiner that joins no emoji', () => {
    expect(visibleText('pay\u200dpal')).toBe('pay⟦U+200D⟧pal');
  });

  test.each(['\n', ' ', '\u001b[', '\u001b]', '`', '\u202e', '\u001b'])('takes a megabyte of %j in stride', (unit) => {
    const text = `${unit.repeat(1_000_000 / unit.length)}\nend`;
    const startedAt = performance.now();
    expect(escapeHtml(text).endsWith('end')).toBe(true);
    expect(escapeMarkdown(text).length).toBeGreaterThan(0);
    expect(performance.now() - startedAt).toBeLessThan(20_000);
  });
});

test('a data block cannot be ended or turned into a comment from inside, and says the same', () => {
  const value = { '</script>': ['<!--<script>', '\u2028', '\ud83d', 'a<b&c'] };
  expect(scriptJson(value)).not.toMatch(/<|\p{Cs}/u);
  expect(JSON.parse(scriptJson(value))).toEqual(value);
});

test('html has no character left that could end text or an attribute', () => {
  expect(escapeHtml(`<a href="x" id='y'>&amp;</a>`)).toBe(
    '&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;',
  );
});

test.each([
  ['<script>', '&lt;script&gt;'],
  ['a | b', 'a \\| b'],
  ['[x](y) ![z](w)', '\\[x\\](y) !\\[z\\](w)'],
  ['*a* _b_ `c` ~d~ $e$', '\\*a\\* \\_b\\_ \\`c\\` \\~d\\~ \\$e\\$'],
  ['# title', '\\# title'],
  ['- item', '\\- item'],
  ['12. item', '12\\. item'],
  ['2.1.100', '2.1.100'],
  [':smile: at 10:00:05', ':<span></span>smile: at 10:00:05'],
  [
    'a.js:100:14 :heart_eyes: :+1: :8ball:',
    'a.js:<span></span>100:14 :<span></span>heart\\_eyes: :<span></span>+1: :<span></span>8ball:',
  ],
  ['a: b::c 1:2:3 key:value', 'a: b::c 1:2:3 key:value'],
  ['two\nlines', 'two lines'],
  ['&lt;', '&amp;lt;'],
  ['https://a.b/c_d', 'https\\://a.b/c\\_d'],
  ['_www.a.b', '\\_www\\.a.b'],
])('markdown of %j is %j', (text, markdown) => {
  expect(escapeMarkdown(text)).toBe(markdown);
});

test.each([
  ['see https://a.b/c_d?e=1&f=2.', 'see <https://a.b/c_d?e=1&f=2>.'],
  ['(https://a.b/c_(d))', '(<https://a.b/c_(d)>)'],
  ['https://a.b?c=1&copy;', '<https://a.b?c=1&copy>;'],
  ['<b>https://a.b</b>', '&lt;b&gt;<https://a.b>&lt;/b&gt;'],
  ['https:// javascript:x', 'https\\:// javascript:x'],
])('markdown of %j with links is %j', (text, markdown) => {
  expect(linkedMarkdown(text)).toBe(markdown);
});

test.each([
  ['in `a_b` and <b>', 'in `a_b` and &lt;b&gt;'],
  ['`<b>` | `x`', '`<b>` \\| `x`'],
  ['one ` alone, ``two``', 'one \\` alone, \\`\\`two\\`\\`'],
])('prose %j is %j', (text, markdown) => {
  expect(proseMarkdown(text)).toBe(markdown);
});

test.each([
  ['plain', '`plain`'],
  ['a`b', '``a`b``'],
  ['`a`', '`` `a` ``'],
  ['a``b`c', '```a``b`c```'],
  ['', ''],
])('a code span holds %j', (text, span) => {
  expect(markdownCode(text)).toBe(span);
});

test.each([
  ['no ticks', '```'],
  ['```ts\nx\n```', '````'],
  ['`````', '``````'],
])('the fence around %j is %s', (text, fence) => {
  expect(markdownFence(text)).toBe(`${fence}\n${text}\n${fence}`);
});
