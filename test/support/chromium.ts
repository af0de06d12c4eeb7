import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const PLACES = [
  process.env.AGENTWORK_CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The browser of this machine, if it has one; `AGENTWORK_CHROMIUM` names another. */
export const CHROMIUM = PLACES.find((place) => place !== '' && existsSync(place));

/** A browser with a home of its own, which goes when it is closed. Throws where there is none. */
export async function launchBrowser(): Promise<Browser> {
  if (CHROMIUM === undefined) throw new Error('Chromium is not installed; AGENTWORK_CHROMIUM can name one');
  const home = mkdtempSync(path.join(tmpdir(), 'agentwork-browser-'));
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const browser = await chromium.launch({ executablePath: CHROMIUM, args, env: { ...process.env, HOME: home } });
  browser.on('disconnected', () => rmSync(home, { recursive: true, force: true, maxRetries: 5 }));
  return browser;
}
