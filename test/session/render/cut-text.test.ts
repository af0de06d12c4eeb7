import { expect, test } from 'vitest';
import { cutText } from '../../../src/session/render/cut-text.ts';

const LIMIT = { lines: 3, chars: 20 };

test.each([
  ['', { head: '' }],
  ['a\nb\nc', { head: 'a\nb\nc' }],
  ['a\nb\nc\n', { head: 'a\nb\nc\n' }],
  ['a\nb\nc\nd', { head: 'a\nb\nc', note: '1 more line in raw.jsonl' }],
  ['a\nb\nc\nd\ne\n', { head: 'a\nb\nc', note: '2 more lines in raw.jsonl' }],
  ['123456789012345\n678901\nx', { head: '123456789012345', note: '2 more lines in raw.jsonl' }],
  ['x'.repeat(1020), { head: 'x'.repeat(20), note: '1,000 more characters in raw.jsonl' }],
  [`${'x'.repeat(19)}😀!`, { head: 'x'.repeat(19), note: '3 more characters in raw.jsonl' }],
])('%j is cut to %j', (text, cut) => {
  expect(cutText(text, LIMIT)).toEqual(cut);
});
