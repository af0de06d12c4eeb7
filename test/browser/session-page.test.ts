import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { HOUR_MS } from '../../src/clock.ts';
import { outlineOf } from '../../src/session/outline.ts';
import { renderSessionHtml } from '../../src/session/render/session-page/session-page.ts';
import type { Entry } from '../../src/session/transcript.ts';
import { describeInBrowser } from '../support/browser.ts';
import { hostileSession } from '../support/hostile-session.ts';
import {
  assistant,
  numberEntries,
  sampleDocument,
  sampleEntries,
  toolCall,
  toolResult,
  user,
} from '../support/sample-document.ts';

const pageOf = (entries: readonly Entry[]): string =>
  [...renderSessionHtml(sampleDocument({ outline: outlineOf(entries) }), entries)].join('');

const SAMPLE = pageOf(sampleEntries());

/** What has the focus, or what it lies in, by its id. */
const focused = (page: Page): Promise<string> =>
  page.evaluate("document.activeElement.closest('[id]')?.id ?? document.activeElement.className");

const matches = (page: Page): Promise<string | null> => page.locator('#matches').textContent();

async function search(page: Page, words: string, said: string): Promise<void> {
  await page.locator('#search').fill(words);
  await expect.poll(() => matches(page)).toBe(said);
}

describeInBrowser('the page of a session', (open) => {
  test('opens without a word in the console and asks the network for nothing', async () => {
    const { page, complaints } = await open(SAMPLE);
    expect(await page.title()).toBe('Fix the login redirect loop for expired sessions');
    expect(complaints).toEqual([]);
  });

  test.each(['light', 'dark'] as const)('axe finds no fault in it, %s, folded or open', async (colorScheme) => {
    const { page } = await open(SAMPLE, { colorScheme });
    for (const step of ['', "for (const fold of document.querySelectorAll('details')) fold.open = true;"]) {
      await page.evaluate(step);
      const { violations } = await page.evaluate<axe.AxeResults>(`${axe.source}; axe.run()`);
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    }
  });

  test.each([1440, 768, 390])('fits a window of %d pixels', async (width) => {
    const { page } = await open(SAMPLE, { viewport: { width, height: 900 } });
    await page.keyboard.press('e');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
  });

  test('follows the colours of the system until the switch says otherwise, and remembers it', async () => {
    const { page } = await open(SAMPLE, { colorScheme: 'dark' });
    const paper = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(await paper()).toBe('rgb(19, 20, 23)');
    await page.locator('#theme').click();
    expect(await paper()).toBe('rgb(250, 250, 248)');
    await expect.poll(() => page.reload().then(paper)).toBe('rgb(250, 250, 248)');
  });

  test('is read whole without scripts: folds open, and no tool is shown that would not work', async () => {
    const { page, complaints } = await open(SAMPLE, { javaScriptEnabled: false });
    expect(await page.locator('#toolbar').isVisible()).toBe(false);
    expect(await page.locator('#theme').isVisible()).toBe(false);
    expect(await page.locator('#entry-4').isVisible()).toBe(false);
    await page.locator('#chapter-1 details.work > summary').click();
    await page.locator('#entry-3 > summary').click();
    expect(await page.locator('#entry-4').isVisible()).toBe(true);
    expect(complaints).toEqual([]);
  });

  test('a script that got into it does not run, and nothing can be fetched from it', async () => {
    const injected = SAMPLE.replace(
      '<main>',
      '<main><script>document.title = "taken"</script><img src="https://evil.example/x.png" alt="" onerror="document.title = \'taken\'"><iframe src="https://evil.example"></iframe>',
    );
    const { page, complaints } = await open(injected);
    expect(await page.title()).toBe('Fix the login redirect loop for expired sessions');
    expect(complaints.filter((said) => said.includes('Content Security Policy')).length).toBeGreaterThanOrEqual(3);
    expect(complaints.filter((said) => said.startsWith('request for'))).toEqual([]);
  });
});

describeInBrowser('search in the page of a session', (open) => {
  test('counts what it finds, walks through it and opens what is folded around it', async () => {
    const { page } = await open(SAMPLE);
    await search(page, 'clearcookie', '1 of 3');
    expect(await page.locator('#entry-11').isVisible()).toBe(true);
    expect(await page.evaluate("CSS.highlights.get('found').size")).toBe(3);
    await page.locator('#search').press('Enter');
    expect(await matches(page)).toBe('2 of 3');
    await page.locator('#search').press('Shift+Enter');
    await page.locator('#search').press('Shift+Enter');
    expect(await matches(page)).toBe('3 of 3');
    await page.locator('#next').click();
    expect(await matches(page)).toBe('1 of 3');
  });

  test('finds words across the colours of code and across bold and plain text', async () => {
    const { page } = await open(SAMPLE);
    await search(page, "return res.redirect('/');", '1 of 3');
    await search(page, 'cleared cookie must be sent with the same path', '1 of 1');
  });

  test('takes signs for themselves, and says when there is nothing', async () => {
    const { page } = await open(SAMPLE);
    await search(page, '.*(', 'no match');
    await search(page, '(9 tests)', '1 of 1');
    await page.locator('#search').press('Escape');
    expect(await matches(page)).toBe('');
    expect(await page.evaluate('CSS.highlights.size')).toBe(0);
  });

  test('finds letters of any case, also those that have no single other', async () => {
    const { page } = await open(pageOf(numberEntries([user('İstanbul Deployment Failed, STRASSE')])));
    for (const words of ['İstanbul', 'deployment FAILED', 'strasse']) {
      await search(page, '', '');
      await search(page, words, '1 of 1');
    }
  });

  test('closes again what it opened', async () => {
    const { page } = await open(SAMPLE);
    await search(page, 'guard.test.ts (9', '1 of 1');
    expect(await page.locator('#entry-21').isVisible()).toBe(true);
    await search(page, '', '');
    expect(await page.locator('#entry-21').isVisible()).toBe(false);
  });

  test('shows what a filter hides when it is found there', async () => {
    const { page } = await open(SAMPLE);
    await page.locator('[data-filter="tools"]').click();
    await search(page, 'guard.test.ts (9', '1 of 1');
    expect(await page.locator('#entry-21').isVisible()).toBe(true);
    expect(await page.locator('[data-filter="tools"]').getAttribute('aria-pressed')).toBe('true');
  });
});

describeInBrowser('a filter that leaves nothing', (open) => {
  const talk = pageOf(numberEntries([user('go on'), assistant('done')]));
  const work = pageOf(numberEntries([toolCall('a', 'Bash', { command: 'true' }), toolResult('a', 'ok')]));

  test('says so, and can be dropped', async () => {
    const { page } = await open(talk);
    for (const name of ['user', 'assistant']) await page.locator(`[data-filter="${name}"]`).click();
    expect(await page.locator('#nothing').isVisible()).toBe(true);
    await page.locator('#show-everything').click();
    expect(await page.locator('#nothing').isVisible()).toBe(false);
    expect(await page.locator('#entry-1').isVisible()).toBe(true);
  });

  test('cannot be chosen for errors where there are none', async () => {
    const { page } = await open(talk);
    expect(await page.locator('[data-filter="errors"]').isDisabled()).toBe(true);
  });

  test('is not remembered from another session', async () => {
    const { page } = await open(work);
    await page.keyboard.press('v');
    expect(await page.locator('#nothing').isVisible()).toBe(true);
    await page.reload();
    expect(await page.locator('#nothing').isVisible()).toBe(false);
    expect(await page.locator('#entry-0').isVisible()).toBe(true);
  });
});

describeInBrowser('on a telephone', (open) => {
  test('search stays in sight, and the other tools come when they are asked for', async () => {
    const { page } = await open(pageOf(manyTurns(60)), { viewport: { width: 390, height: 800 } });
    await page.evaluate("document.getElementById('entry-40').scrollIntoView()");
    expect(await page.locator('#search').isVisible()).toBe(true);
    expect(await page.locator('[data-view="full"]').isVisible()).toBe(false);
    expect((await page.locator('#toolbar').boundingBox())?.height).toBeLessThan(70);
    await page.locator('#more').click();
    expect(await page.locator('[data-view="full"]').isVisible()).toBe(true);
  });
});

describeInBrowser('a reader of the page of a session', (open) => {
  const visible = async (page: Page, selector: string): Promise<number> =>
    (await page.locator(selector).filter({ visible: true }).all()).length;

  test('chooses what is shown', async () => {
    const { page } = await open(SAMPLE);
    const shown = async () => [
      await visible(page, '.user'),
      await visible(page, '.assistant'),
      await visible(page, '.work'),
    ];
    expect(await shown()).toEqual([2, 4, 3]);
    await page.locator('[data-filter="user"]').click();
    expect(await shown()).toEqual([0, 4, 3]);
    await page.locator('[data-filter="user"]').click();
    await page.locator('[data-filter="assistant"]').click();
    await page.locator('[data-filter="tools"]').click();
    expect(await shown()).toEqual([2, 0, 0]);
    await page.locator('[data-filter="assistant"]').click();
    await page.locator('[data-filter="tools"]').click();
    await page.locator('[data-filter="errors"]').click();
    expect(await shown()).toEqual([0, 0, 1]);
    expect(await visible(page, '.chapter')).toBe(1);
  });

  test('switches to the conversation, which is remembered', async () => {
    const { page } = await open(SAMPLE);
    await page.locator('[data-view="conversation"]').click();
    expect(await visible(page, '.work')).toBe(0);
    await expect.poll(() => page.reload().then(() => visible(page, '.work'))).toBe(0);
    expect(await visible(page, '.assistant')).toBe(4);
    await page.keyboard.press('v');
    expect(await visible(page, '.work')).toBe(3);
  });

  test('walks with keys through entries and chapters', async () => {
    const { page } = await open(SAMPLE);
    const walk = async (...keys: readonly string[]): Promise<string> => {
      for (const key of keys) await page.keyboard.press(key);
      return focused(page);
    };
    expect(await walk(']')).toBe('chapter-1');
    expect(await walk('j')).toBe('entry-1');
    expect(await walk('j', 'j')).toBe('chapter-1');
    expect(await page.evaluate('document.activeElement.parentElement.className')).toBe('work');
    await page.keyboard.press('Enter');
    expect(await walk('j')).toBe('entry-3');
    expect(await walk('k', 'k')).toBe('entry-2');
    expect(await walk(']')).toBe('chapter-2');
    expect(await walk('[')).toBe('chapter-1');
    expect(await walk('/')).toBe('search');
    expect(await page.locator('#search').inputValue()).toBe('');
  });

  test('starts with the keys where they have scrolled to', async () => {
    const { page } = await open(pageOf(manyTurns(60)));
    await page.evaluate("document.getElementById('entry-40').scrollIntoView()");
    await page.keyboard.press('j');
    expect(await focused(page)).toMatch(/^entry-4[012]$/);
  });

  test('opens and closes everything, and asks for help', async () => {
    const { page } = await open(SAMPLE);
    const folds = page.locator('#timeline details');
    await page.keyboard.press('e');
    expect(await page.locator('#timeline details[open]').count()).toBe(await folds.count());
    await page.keyboard.press('e');
    expect(await page.locator('#timeline details[open]').count()).toBe(0);
    await page.keyboard.press('?');
    expect(await page.locator('#help').isVisible()).toBe(true);
    await page.keyboard.press('j');
    await page.keyboard.press('Escape');
    expect(await page.locator('#help').isVisible()).toBe(false);
  });

  test('follows a link to any entry, also to one that is folded or filtered out', async () => {
    const { page } = await open(SAMPLE);
    await page.evaluate("location.hash = '#entry-16'");
    await expect.poll(() => page.locator('#entry-16').isVisible()).toBe(true);
    await page.locator('[data-view="conversation"]').click();
    await page.evaluate("location.hash = '#entry-4'");
    await expect.poll(() => page.locator('#entry-4').isVisible()).toBe(true);
    await page.locator('.moments a').first().click();
    await expect.poll(() => page.evaluate('location.hash')).toBe('#entry-9');
    expect(await page.locator('#entry-9').isVisible()).toBe(true);
  });

  test('follows a link that was made for session.md', async () => {
    const { page } = await open(SAMPLE);
    await page.evaluate("location.hash = '#msg-16'");
    await expect.poll(() => page.locator('#entry-16').isVisible()).toBe(true);
  });

  test('jumps from the strip of activity to what happened there', async () => {
    const { page } = await open(SAMPLE);
    await page.locator('.activity a[href="#entry-13"] rect').click();
    await expect.poll(() => page.locator('#entry-13').isVisible()).toBe(true);
  });

  test('copies code, output and messages', async () => {
    const { page } = await open(SAMPLE, { permissions: ['clipboard-read', 'clipboard-write'] });
    const copied = () => page.evaluate('navigator.clipboard.readText()');
    for (const key of [']', 'j', 'j', 'c']) await page.keyboard.press(key);
    await expect.poll(copied).toContain('I will look at the guard');
    expect(await page.locator('#copied').textContent()).toBe('Copied');
    for (const key of ['e', 'j', 'j', 'c']) await page.keyboard.press(key);
    await expect.poll(copied).toContain('src/auth/guard.ts:6:');
    await page.locator('#entry-9 pre').hover();
    await page.locator('.copy').click();
    await expect
      .poll(copied)
      .toBe(
        "// src/auth/login.ts\nif (req.cookies.sid) return res.redirect('/'); // true for an expired session too\n",
      );
    await page.locator('#entry-10 .said').hover();
    await page.locator('.copy').click();
    await expect
      .poll(copied)
      .toBe('Yes, clear it in the guard. And keep the `next` address, people lose their place today.');
  });

  test('copies Markdown that is one again', async () => {
    const text = 'Look:\n\n```\na ``` b\n```\n\n- one\n- `two`\n\n| a | b |\n| --- | --- |\n| x\\|y | 2 |';
    const { page } = await open(pageOf(numberEntries([user('go'), assistant(text)])), {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await page.locator('#entry-1 li').first().hover();
    await page.locator('#entry-1 .copy').click();
    await expect
      .poll(() => page.evaluate('navigator.clipboard.readText()'))
      .toBe('Look:\n\n````\na ``` b\n````\n\n- one\n- `two`\n\n| a | b |\n| --- | --- |\n| x\\|y | 2 |');
  });

  test('prints the conversation without what only a screen needs', async () => {
    const { page } = await open(SAMPLE, { colorScheme: 'dark' });
    await page.emulateMedia({ media: 'print' });
    for (const gone of ['#toolbar', '.chapters', '#theme', '.permalink'])
      expect(await visible(page, gone), gone).toBe(0);
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(250, 250, 248)');
    expect((await page.pdf()).length).toBeGreaterThan(20_000);
  });

  test('sees which chapter they are in, and how long nobody worked', async () => {
    const later = sampleEntries().map((entry) =>
      entry.seq < 10 ? entry : { ...entry, atMs: (entry.atMs ?? 0) + 30 * HOUR_MS },
    );
    const { page } = await open(pageOf(later));
    await page.evaluate("document.getElementById('chapter-2').scrollIntoView()");
    await expect.poll(() => page.locator('.chapters a[aria-current]').getAttribute('href')).toBe('#chapter-2');
    expect(await page.locator('.silence').textContent()).toBe('1 d 6 h later, 2026-03-07 16:02 UTC');
  });
});

describeInBrowser('a hostile session', (open) => {
  test('may hold lines of a megabyte', async () => {
    const line = 'x'.repeat(1_000_000);
    const call = toolCall('a', 'Bash', { command: line });
    const { page, complaints } = await open(
      pageOf(numberEntries([user(line), assistant(line), call, toolResult('a', line)])),
    );
    await page.keyboard.press('e');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(1280);
    expect(await page.locator('.cut').count()).toBe(4);
    expect(complaints).toEqual([]);
  });

  test.each(hostileSessions())('%s is nothing but text', async (_name, text) => {
    const [document, entries] = hostileSession(text);
    const outline = outlineOf(entries);
    const { page, complaints } = await open([...renderSessionHtml({ ...document, outline }, entries)].join(''));
    await page.keyboard.press('e');
    expect(complaints).toEqual([]);
    expect(await page.evaluate('globalThis.taken')).toBeUndefined();
    expect(await page.locator('script, img, iframe, object, embed, link').count()).toBe(1);
    expect(await page.locator('#entry-0 .said').count()).toBe(1);
    expect(await page.locator('main').count()).toBe(1);
    expect(await page.locator('footer').isVisible()).toBe(true);
  });
});

function manyTurns(count: number): readonly Entry[] {
  const turns = Array.from({ length: count }, (_, turn) =>
    turn % 3 === 0
      ? user(`Request ${turn}: go on`)
      : turn % 3 === 1
        ? toolCall(`c${turn}`, 'Bash', { command: 'true' })
        : assistant('Word. '.repeat(40)),
  );
  return numberEntries([...turns, toolResult('c1', 'done')]);
}

function hostileSessions(): readonly (readonly [string, string])[] {
  return [
    ['a script', '<script>globalThis.taken = 1</script>'],
    ['the end of a script in JSON', '{"a":"</script><script>globalThis.taken = 1</script>"}'],
    ['a script link', '[a](javascript:globalThis.taken=1) <a href="javascript:globalThis.taken=1">b</a>'],
    ['a handler', '"><img src=x onerror="globalThis.taken = 1"><svg onload=globalThis.taken=1>'],
    ['broken tags', '</section></main></div><details><summary><!-- <![CDATA[ <b'],
    ['an override of direction', 'safe \u202egnp.exe'],
    ['lone surrogates and null bytes', 'a\ud800b\udc00c\u0000d'],
    ['escape sequences', '\u001b]0;title\u0007\u001b[31mred\u001b[0m'],
  ];
}
