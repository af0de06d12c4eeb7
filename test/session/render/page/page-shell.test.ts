import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { LEDGER_PAGE } from '../../../../src/session/render/ledger-page/page-assets.ts';
import { contentSecurityPolicy, type PageAssets } from '../../../../src/session/render/page/page-shell.ts';
import { SESSION_PAGE } from '../../../../src/session/render/session-page/page-assets.ts';

const PAGES: readonly (readonly [string, PageAssets])[] = [
  ['session', SESSION_PAGE],
  ['ledger', LEDGER_PAGE],
];

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64');

describe.each(PAGES)('the page of a %s', (_name, assets) => {
  test('names the hashes of its own style sheet and script', () => {
    const { styleSha256, scriptSha256 } = assets;
    expect({ styleSha256, scriptSha256 }).toEqual({
      styleSha256: sha256(assets.style),
      scriptSha256: sha256(assets.script),
    });
  });

  test('allows these two and nothing else', () => {
    expect(contentSecurityPolicy(assets).split('; ')).toEqual([
      "default-src 'none'",
      `script-src 'sha256-${assets.scriptSha256}'`,
      `style-src 'sha256-${assets.styleSha256}'`,
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
    ]);
  });

  test('has a style and a script that cannot end their own element, and a script that makes no html', () => {
    expect(assets.style).not.toContain('</');
    expect(assets.script).not.toMatch(/<\/|<!--|innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/);
  });
});
