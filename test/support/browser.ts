import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page, Request } from 'playwright-core';
import { afterAll, beforeAll, describe } from 'vitest';
import { CHROMIUM, launchBrowser } from './chromium.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A page in a browser, and what it did that no page of ours may do. */
export interface OpenPage {
  readonly page: Page;
  /** Errors and warnings of its console, exceptions, and requests for anything but the file itself. */
  readonly complaints: readonly string[];
}

/** Opens the text of a page from a file, as a person would who was sent it. */
export type OpenText = (html: string, options?: BrowserContextOptions) => Promise<OpenPage>;

/** Tests in a real browser, skipped where there is none, with a word about it. */
export function describeInBrowser(name: string, tests: (open: OpenText) => void): void {
  if (CHROMIUM === undefined) console.warn(`skipped: ${name}: Chromium is not installed`);
  describe.skipIf(CHROMIUM === undefined)(name, () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await launchBrowser();
    });
    afterAll(() => browser.close());
    tests((html, options) => openText(browser, html, options));
  });
}

async function openText(browser: Browser, html: string, options?: BrowserContextOptions): Promise<OpenPage> {
  const file = path.join(temporaryFolder(), 'page.html');
  writeFileSync(file, html);
  const address = pathToFileURL(file).href;
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  // What the page's policy stopped never left the page.
  const complain = (request: Request): void => {
    if (request.url() !== address && request.failure()?.errorText !== 'csp')
      complaints.push(`request for ${request.url()}`);
  };
  page.on('requestfinished', complain);
  page.on('requestfailed', complain);
  await page.goto(address);
  return { page, complaints };
}
