import axe from 'axe-core';
import { expect, test } from 'vitest';
import { renderSessionHtml } from '../../src/session/render/session-page/session-page.ts';
import { describeInBrowser } from '../support/browser.ts';
import { sampleDocument, sampleEntries } from '../support/sample-document.ts';

const samplePage = (): string => [...renderSessionHtml(sampleDocument(), sampleEntries())].join('');

describeInBrowser('the page of a session', (open) => {
  test('opens without a word in the console and asks the network for nothing', async () => {
    const { page, complaints } = await open(samplePage());
    expect(await page.title()).toBe('Fix the login redirect loop for expired sessions');
    expect(complaints).toEqual([]);
  });

  test.each(['light', 'dark'] as const)('axe finds no fault in it, %s', async (colorScheme) => {
    const { page } = await open(samplePage(), { colorScheme });
    const { violations } = await page.evaluate<axe.AxeResults>(`${axe.source}; axe.run()`);
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
  });
});
