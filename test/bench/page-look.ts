import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';

/** How a page opens and answers in a browser. */
export interface PageLook {
  /** From the beginning of its loading to the first words. */
  readonly paintMs: number;
  /** From a letter typed to the number of matches, the slower of a rare and of a usual word. */
  readonly searchMs: number;
  readonly elements: number;
}

const WORDS = ['Request 17', 'session'];
const PATIENCE_MS = 60_000;

export async function lookAt(browser: Browser, file: string): Promise<PageLook> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(pathToFileURL(file).href, { timeout: PATIENCE_MS });
  const paintMs = await page.evaluate<number>(FIRST_PAINT);
  const searches: number[] = [];
  for (const words of WORDS) {
    searches.push(await page.evaluate<number>(`(${SEARCH})(${JSON.stringify(words)})`));
    await page.evaluate(`(${SEARCH})('')`);
  }
  const elements = await page.evaluate<number>(`document.querySelectorAll('*').length`);
  await page.close();
  return { paintMs, searchMs: Math.max(...searches), elements };
}

const FIRST_PAINT = `new Promise((resolve) => {
  new PerformanceObserver((list) => {
    const paint = list.getEntriesByName('first-contentful-paint')[0];
    if (paint) resolve(paint.startTime);
  }).observe({ type: 'paint', buffered: true });
})`;

const SEARCH = `(words) => new Promise((resolve) => {
  const input = document.querySelector('#search');
  const status = document.querySelector('#matches');
  const isDone = () => (words === '' ? status.textContent === '' : /\\d|no match/.test(status.textContent));
  const startedAt = performance.now();
  const watcher = new MutationObserver(() => {
    if (!isDone()) return;
    watcher.disconnect();
    resolve(performance.now() - startedAt);
  });
  watcher.observe(status, { childList: true, characterData: true, subtree: true });
  input.value = words;
  input.dispatchEvent(new Event('input', { bubbles: true }));
})`;
