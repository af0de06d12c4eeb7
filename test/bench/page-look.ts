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
  // What strips the types of the functions below marks their names by a call of this.
  await page.addInitScript('globalThis.__name = (value) => value');
  await page.goto(pathToFileURL(file).href, { timeout: PATIENCE_MS });
  const paintMs = await page.evaluate(firstPaint);
  const searches: number[] = [];
  for (const words of WORDS) {
    searches.push(await page.evaluate(search, words));
    await page.evaluate(search, '');
  }
  const elements = await page.evaluate(() => document.querySelectorAll('*').length);
  await page.close();
  return { paintMs, searchMs: Math.max(...searches), elements };
}

// The functions below run in the page.

function firstPaint(): Promise<number> {
  return new Promise((resolve) => {
    new PerformanceObserver((list) => {
      const paint = list.getEntriesByName('first-contentful-paint')[0];
      if (paint) resolve(paint.startTime);
    }).observe({ type: 'paint', buffered: true });
  });
}

function search(words: string): Promise<number> {
  const input = document.querySelector<HTMLInputElement>('#search');
  const status = document.querySelector('#matches');
  if (!input || !status) throw new Error('the page has no search');
  const isDone = () => (words === '' ? status.textContent === '' : /\d|no match/.test(status.textContent ?? ''));
  return new Promise((resolve) => {
    const startedAt = performance.now();
    const finish = () => {
      if (!isDone()) return;
      watcher.disconnect();
      resolve(performance.now() - startedAt);
    };
    const watcher = new MutationObserver(finish);
    watcher.observe(status, { childList: true, characterData: true, subtree: true });
    input.value = words;
    input.dispatchEvent(new Event('input', { bubbles: true }));
  });
}
