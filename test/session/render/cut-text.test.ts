import { expect, test } from 'vitest';
import { cutText, shortenText } from '../../../src/session/render/cut-text.ts';

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

test.each([
  ['one\ntwo\nthree\nfour\nfive', { chars: 30, tail: 0 }, 'one\ntwo\nthree\nfour\nfive'],
  ['one\ntwo\nthree\nfour\nfive', { chars: 12, tail: 0 }, 'one\ntwo\n… 3 more lines in raw.jsonl'],
  ['one\ntwo\nthree\nfour\nfive', { chars: 12, tail: 5 }, 'one\ntwo\n… 2 more lines in raw.jsonl\nfive'],
  ['one\ntwo\nthree\nfour\nfive\n', { chars: 12, tail: 5 }, 'one\ntwo\n… 2 more lines in raw.jsonl\nfive'],
  ['x'.repeat(1020), { chars: 20, tail: 8 }, `${'x'.repeat(12)}\n… 1,008 more characters in raw.jsonl`],
  [`${'x'.repeat(15)}\n${'y'.repeat(100)}`, { chars: 20, tail: 5 }, `${'x'.repeat(15)}\n… 1 more line in raw.jsonl`],
])('%j has room for %j: %j', (text, room, short) => {
  expect(shortenText(text, room)).toBe(short);
});
