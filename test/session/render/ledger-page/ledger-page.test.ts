import { describe, expect, test } from 'vitest';
import { LEDGER_PAGE_MARK } from '../../../../src/session/render/ledger-page/ledger-page.ts';
import { LEDGER_PAGE } from '../../../../src/session/render/ledger-page/page-assets.ts';
import { ledgerHtml, storedSession, storedSummary, VARIED } from '../../../support/stored-sessions.ts';

/** The page without style and script, which are ours and checked elsewhere. */
const bodyOf = (html: string): string => html.slice(html.indexOf('<body>'));

/** The JSON of the page's data block. */
function dataOf(html: string): { base: string; rows: readonly (readonly unknown[])[]; people: readonly string[] } {
  return JSON.parse(/<script type="application\/json" id="data">([^<]*)<\/script>/.exec(html)?.[1] ?? '');
}

test('the page lists all sessions, for people and for its script', () => {
  const html = ledgerHtml(VARIED);
  const data = dataOf(html);
  expect(data.rows.map(([name]) => name)).toEqual(VARIED.map(({ name }) => name));
  expect(data.people).toEqual(['mei', 'ryan', 'anna-lena']);
  expect(bodyOf(html)).toContain(
    'href="./sessions/2026-03-06T10-00-ryan-Ox7f3a/session.html">Fix the login redirect loop</a>',
  );
  expect(bodyOf(html)).toContain('<p class="trouble">summary.json is a Git LFS pointer</p>');
  expect(bodyOf(html).match(/<tr role="row"><th scope="row"/g)).toHaveLength(5);
});

test('the whole body is as it was', async () => {
  await expect(bodyOf(ledgerHtml(VARIED))).toMatchFileSnapshot('__snapshots__/ledger.html');
});

test('of very many sessions the newest are there without scripts, and all in the data', () => {
  const sessions = Array.from({ length: 400 }, (_, index) => storedSession({ name: `s${index}` }));
  const html = ledgerHtml(sessions);
  expect(bodyOf(html).match(/<tr role="row"><th scope="row"/g)).toHaveLength(150);
  expect(bodyOf(html)).toContain('The 150 newest of 400 sessions');
  expect(dataOf(html).rows).toHaveLength(400);
});

test('an empty ledger has a page, too', () => {
  expect(bodyOf(ledgerHtml([]))).toContain('There are no sessions yet.');
});

test('the mark by which a page is known again stands within what is looked at', () => {
  expect(ledgerHtml(VARIED, { ledger: 'x'.repeat(5000) }).indexOf(LEDGER_PAGE_MARK)).toBeLessThan(100_000);
});

describe('hostile words', () => {
  const WORDS = [
    '</script><script>alert(1)</script>',
    '<!--<script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '</style></svg></title>',
    'javascript:alert(1)',
    '${alert(1)}',
    'U+202E \u202e and half \ud83d and NUL \u0000 and \u2028',
  ];

  test.each(WORDS)('%j make no markup, wherever they stand', (words) => {
    const harmless = bodyOf(ledgerHtml([hostile('harmless')], { ledger: 'harmless' }));
    const html = ledgerHtml([hostile(words)], { ledger: words });
    expect(tagsOf(bodyOf(html))).toEqual(tagsOf(harmless));
    expect(html).not.toMatch(/[\u202e\u0000\u2028\p{Cs}]/u);
    expect(html.split('<script').length).toBe(3);
    expect(dataOf(html).rows).toHaveLength(1);
  });

  test('the script and the style of the page are the same for all ledgers', () => {
    const html = ledgerHtml([hostile(WORDS.join(' '))]);
    expect(html).toContain(`<style>${LEDGER_PAGE.style}</style>`);
    expect(html).toContain(`<script>${LEDGER_PAGE.script}</script>`);
  });
});

function hostile(words: string) {
  const summary = storedSummary({
    title: words,
    summary: words,
    topics_found: [words],
    files_changed: [{ path: words, added: 1 }],
  });
  // Half of a pair in a name leads nowhere, which is another page.
  return storedSession({
    name: words.replace('\ud83d', ''),
    summary,
    meta: { username: words, title: words },
    troubles: [words],
  });
}

/** Names of elements and attributes, in order: what content may not add to. */
function tagsOf(html: string): readonly string[] {
  return [...html.matchAll(/<\/?([a-z0-9]+)((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*\/?>/gi)].map(
    ([, name, attributes = '']) =>
      `${name} ${[...attributes.matchAll(/\s([a-z-]+)(?:="[^"]*")?/gi)].map(([, it]) => it).join(' ')}`,
  );
}
