import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  CONTENT_SECURITY_POLICY,
  SCRIPT_SHA256,
  STYLE_SHA256,
} from '../../../../src/session/render/session-page/page-policy.ts';
import { PAGE_SCRIPT } from '../../../../src/session/render/session-page/page-script.ts';
import { PAGE_STYLE } from '../../../../src/session/render/session-page/page-style.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64');

test('the hashes in the policy are those of the style sheet and the script', () => {
  expect({ STYLE_SHA256, SCRIPT_SHA256 }).toEqual({
    STYLE_SHA256: sha256(PAGE_STYLE),
    SCRIPT_SHA256: sha256(PAGE_SCRIPT),
  });
});

test('the policy allows our own style and script and nothing else', () => {
  expect(CONTENT_SECURITY_POLICY.split('; ')).toEqual([
    "default-src 'none'",
    `script-src 'sha256-${SCRIPT_SHA256}'`,
    `style-src 'sha256-${STYLE_SHA256}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ]);
});

test('neither text can end its own element, and the script makes no html', () => {
  expect(PAGE_STYLE).not.toContain('</');
  expect(PAGE_SCRIPT).not.toMatch(/<\/|<!--|innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/);
});
