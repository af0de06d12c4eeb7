import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { describeInBrowser } from '../support/browser.ts';
import { ledgerHtml, storedSession, storedSummary, VARIED } from '../support/stored-sessions.ts';

const titles = (page: Page): Promise<string[]> => page.locator('#rows .title').allTextContents();
const hashOf = (page: Page): string => new URL(page.url()).hash;

async function faults(page: Page) {
  const { violations } = await page.evaluate<axe.AxeResults>(`${axe.source}; axe.run()`);
  return violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
}

const MANY = Array.from({ length: 450 }, (_, index) =>
  storedSession({
    name: `2026-03-06T10-00-ryan-Ox${1000 + index}`,
    summary: storedSummary({ title: `Session ${index}` }),
  }),
);

describeInBrowser('the page of a ledger', (open) => {
  test('opens without a word in the console, asks the network for nothing, and lists all sessions', async () => {
    const { page, complaints } = await open(ledgerHtml(VARIED));
    expect(await page.title()).toBe('Sessions of acme');
    expect(await titles(page)).toEqual([
      'Make search faster',
      'Add tests for billing',
      'A talk',
      'Fix the login redirect loop',
      '2026-03-05T10-00-ryan-Ox0005',
    ]);
    expect(await page.locator('#found').textContent()).toBe('5 sessions');
    const link = page.getByRole('link', { name: 'Fix the login redirect loop' });
    expect(await link.getAttribute('href')).toBe('./sessions/2026-03-06T10-00-ryan-Ox7f3a/session.html');
    expect(complaints).toEqual([]);
  });

  test('the script makes the same rows as there are without it, but for the links of filters', async () => {
    const html = ledgerHtml(VARIED);
    const { page } = await open(html);
    const differing = await page.evaluate((text) => {
      const written = [...new DOMParser().parseFromString(text, 'text/html').querySelectorAll('#rows tr')];
      const made = [...document.querySelectorAll('#rows tr')].map((row) => row.cloneNode(true) as Element);
      for (const link of made.flatMap((row) => [...row.querySelectorAll('a.by')])) link.replaceWith(...link.childNodes);
      return made.filter((row, index) => !row.isEqualNode(written[index] ?? null)).map((row) => row.outerHTML);
    }, html);
    expect(differing).toEqual([]);
  });

  test('without scripts everything can be read that stands there', async () => {
    const { page, complaints } = await open(ledgerHtml(MANY), { javaScriptEnabled: false });
    expect(await page.locator('#rows tr').count()).toBe(150);
    expect(await page.getByText('The 150 newest of 450 sessions').isVisible()).toBe(true);
    expect(await page.locator('.toolbar').isVisible()).toBe(false);
    expect(await page.locator('.bars').first().isVisible()).toBe(true);
    expect(complaints).toEqual([]);
  });

  test('search finds words in titles, summaries, topics and files, marks them, and counts', async () => {
    const { page } = await open(ledgerHtml(VARIED));
    await page.keyboard.press('/');
    await page.keyboard.type('guard');
    await expect.poll(() => titles(page)).toEqual(['Make search faster', 'Fix the login redirect loop']);
    await expect.poll(() => page.locator('#rows mark').allTextContents()).toEqual(['guard', 'guard', 'guard']);
    expect(await page.locator('#found').textContent()).toBe('2 of 5 sessions · 3 hits · 8.4k tokens · $0.02');
    expect(hashOf(page)).toBe('#q=guard');
    await page.locator('#search').fill('POSTGRES queue');
    await expect.poll(() => titles(page)).toEqual(['Make search faster']);
    await page.locator('#search').fill('(.*');
    await expect.poll(() => titles(page)).toEqual([]);
    expect(await page.locator('#nothing').isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    expect(await titles(page)).toHaveLength(5);
    expect(hashOf(page)).toBe('');
  });

  test('a heading sorts, by mouse and by keyboard, and says how', async () => {
    const { page } = await open(ledgerHtml(VARIED));
    await page.getByRole('button', { name: 'Session', exact: true }).click();
    expect((await titles(page)).slice(0, 3)).toEqual([
      '2026-03-05T10-00-ryan-Ox0005',
      'A talk',
      'Add tests for billing',
    ]);
    await page.getByRole('button', { name: 'Cost' }).focus();
    await page.keyboard.press('Enter');
    expect((await titles(page))[0]).toBe('Add tests for billing');
    await page.keyboard.press('Enter');
    expect((await titles(page))[0]).not.toBe('Add tests for billing');
    expect((await titles(page)).slice(3)).toEqual(['A talk', '2026-03-05T10-00-ryan-Ox0005']);
    const sorted = await page
      .locator('.sessions thead th')
      .evaluateAll((all) => all.map((it) => it.getAttribute('aria-sort')));
    expect(sorted).toEqual([null, null, null, null, null, 'ascending']);
    expect(hashOf(page)).toBe('#sort=cost&dir=asc');
  });

  test('person, outcome, topic and time narrow the list, together and one by one', async () => {
    const { page } = await open(ledgerHtml(VARIED));
    await page.locator('#who').selectOption('ryan');
    expect(await titles(page)).toHaveLength(3);
    await page.locator('#outcome').selectOption('failed');
    expect(await titles(page)).toEqual(['Add tests for billing']);
    await page.locator('#clear').click();
    await page.locator('#topic').selectOption('auth');
    expect(await titles(page)).toEqual(['Fix the login redirect loop']);
    await page.locator('#topic').selectOption('');
    await page.locator('#from').fill('2026-03-06');
    await page.locator('#to').fill('2026-03-12');
    expect(await titles(page)).toEqual(['Add tests for billing', 'A talk', 'Fix the login redirect loop']);
    expect(hashOf(page)).toBe('#from=2026-03-06&to=2026-03-12');
  });

  test('an address with a view in it opens that view, and back leads to the one before', async () => {
    const { page } = await open(ledgerHtml(VARIED));
    await page.goto(`${page.url()}#who=ryan&q=tests&sort=session&dir=asc`);
    await page.reload();
    expect(await titles(page)).toEqual(['Add tests for billing']);
    expect(await page.locator('#search').inputValue()).toBe('tests');
    await page.locator('#who').selectOption('');
    await page.goBack();
    expect(await page.locator('#who').inputValue()).toBe('ryan');
    await page.goto(`${page.url().split('#')[0]}#who=nobody%3Cimg%3E&sort=__proto__&from=x`);
    expect(await titles(page)).toEqual([]);
    expect(await page.locator('#who').inputValue()).toBe('nobody<img>');
  });

  test('the charts lead to what they show', async () => {
    const { page } = await open(ledgerHtml(VARIED));
    await page.getByRole('link', { name: /^Week of 2026-03-16/ }).click();
    expect(await titles(page)).toEqual(['Make search faster']);
    await page.locator('#clear').click();
    await page.locator('[data-chart="people"]').getByRole('link', { name: 'mei' }).click();
    expect(await titles(page)).toEqual(['Make search faster']);
    expect(await page.locator('[data-chart="people"] [aria-current]').count()).toBe(1);
    await page.locator('[data-chart="outcomes"]').getByRole('link', { name: 'Failed' }).click();
    expect(await titles(page)).toEqual([]);
    await page.locator('[data-chart="people"]').getByRole('link', { name: 'mei' }).click();
    expect(await titles(page)).toEqual(['Add tests for billing']);
    await page.locator('#clear').click();
    await page.locator('#rows').getByRole('link', { name: 'billing', exact: true }).click();
    expect(hashOf(page)).toBe('#topic=billing');
  });

  test('one stop of the Tab key for the columns of a chart, and arrows from there', async () => {
    const { page } = await open(ledgerHtml(VARIED));
    expect(await page.locator('.bars a[tabindex="0"]').count()).toBe(1);
    await page.locator('.bars a[tabindex="0"]').focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    expect(await titles(page)).toEqual(['Add tests for billing', 'A talk']);
  });

  test('j and k step through the sessions, and more are listed when asked for', async () => {
    const { page } = await open(ledgerHtml(MANY));
    expect(await page.locator('#rows tr').count()).toBe(60);
    await page.getByRole('button', { name: 'Show 100 more of 390' }).click();
    expect(await page.locator('#rows tr').count()).toBe(160);
    await page.keyboard.press('k');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    const focused = await page.evaluate(() => document.activeElement?.textContent);
    expect(focused).toBe((await titles(page))[61]);
  });

  describe.each(['light', 'dark'] as const)('%s', (colorScheme) => {
    test.each([1280, 390])('axe finds no fault in it at %d pixels', async (width) => {
      const { page } = await open(ledgerHtml(VARIED), { colorScheme, viewport: { width, height: 900 } });
      expect(await faults(page)).toEqual([]);
      await page.goto(`${page.url()}#who=ryan&q=login&from=2026-03-02&to=2026-03-08`);
      await page.locator('details.values summary').click();
      expect(await page.locator('#rows tr').count()).toBe(1);
      expect(await faults(page)).toEqual([]);
    });
  });

  test('nothing is wider than a small phone', async () => {
    const name = `2026-03-06T10-00-${'w'.repeat(180)}-Ox7f3a`;
    const long = storedSession({
      name,
      summary: storedSummary({ title: 'W'.repeat(190), topics_found: ['w'.repeat(60)] }),
      meta: { username: 'w'.repeat(80) },
    });
    const { page } = await open(ledgerHtml([long, ...VARIED], { ledger: 'l'.repeat(90) }), {
      viewport: { width: 320, height: 700 },
    });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  });

  test('on paper the list and the charts remain, and the tools go', async () => {
    const { page } = await open(ledgerHtml(VARIED), { colorScheme: 'dark' });
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.toolbar').isVisible()).toBe(false);
    expect(await page.locator('#rows tr').first().isVisible()).toBe(true);
    expect(await page.locator('.bars').first().isVisible()).toBe(true);
  });

  test('hostile words run nothing, ask for nothing, and stay words', async () => {
    const words =
      '</script><script>document.title="owned"</script><img src=x onerror="document.title=1"> "><a href="javascript:alert(1)"> \u202e \u0000 \ud83d <!--';
    const hostile = storedSession({
      name: '2026-03-06T10-00-<b>"&#x-Ox1',
      summary: storedSummary({
        title: words,
        summary: words,
        topics_found: [words, 'javascript:alert(1)'],
        files_changed: [{ path: words, added: 1 }],
      }),
      meta: { username: words, created_at: '2026-03-06T10:00:05Z' },
      troubles: [words],
    });
    const huge = storedSession({
      name: 'huge',
      summary: storedSummary({ title: 'x'.repeat(1_000_000) }),
      meta: { username: '__proto__' },
    });
    const { page, complaints } = await open(ledgerHtml([hostile, huge], { ledger: words }));
    expect(await page.title()).toContain('</script><script>document.title="owned"</script>');
    const title = page.locator('#rows .title').first();
    expect(await title.textContent()).toContain(
      '<img src=x onerror="document.title=1"> "><a href="javascript:alert(1)"> ⟦U+202E⟧ ⟦U+0000⟧',
    );
    expect(await title.getAttribute('href')).toBe('./sessions/2026-03-06T10-00-%3Cb%3E%22%26%23x-Ox1/session.html');
    await page.locator('#search').fill('<img onerror');
    await expect.poll(() => page.locator('#rows mark').count()).toBeGreaterThan(4);
    await page.locator('#rows .topics a').first().click();
    expect(await page.locator('#rows tr').count()).toBe(1);
    expect(await page.locator('img, #rows script').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('of ten thousand sessions it makes no more rows than one can read, before a search and after it', async () => {
    const sessions = Array.from({ length: 10_000 }, (_, index) =>
      storedSession({
        name: `2026-03-06T10-00-ryan-Ox${index}`,
        summary: storedSummary({
          title: `Session ${index}`,
          summary: `${'What happened here is long to tell. '.repeat(12)}${index}`,
        }),
      }),
    );
    const { page } = await open(ledgerHtml(sessions));
    const rows = page.locator('#rows tr');
    expect(await rows.count(), 'a page of them, and no more').toBe(60);
    await page.locator('#search').fill('99 session');
    await expect.poll(() => titles(page).then(([first]) => first)).toContain('99');
    expect(await rows.count()).toBe(60);
    await page.locator('#search').fill('9999 session');
    await expect.poll(() => rows.count()).toBe(1);
  });
});
