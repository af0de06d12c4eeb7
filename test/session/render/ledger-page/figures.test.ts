import { expect, test } from 'vitest';
import { formatCost, formatMonth, formatTokens, viewLink } from '../../../../src/session/render/ledger-page/figures.ts';

test.each([
  [0, '0'],
  [999, '999'],
  [999.6, '1.0k'],
  [12_345, '12.3k'],
  [999_499, '999k'],
  [999_500, '1.0M'],
  [4_500_000, '4.5M'],
  [261_000_000, '261M'],
  [5e12, '5000G'],
])('%d tokens are %s', (count, text) => {
  expect(formatTokens(count)).toBe(text);
});

test.each([
  [0, '$0.00'],
  [0.0042, '$0.0042'],
  [0.12, '$0.12'],
  [1204.4, '$1,204'],
])('%d dollars are %s', (usd, text) => {
  expect(formatCost(usd)).toBe(text);
});

test('a month has a name', () => {
  expect(formatMonth(Date.UTC(2026, 2, 6))).toBe('Mar 2026');
});

test('a link to a view holds whatever a name holds', () => {
  expect(viewLink({ who: 'a&b=c#d "e"', from: '2026-03-02' })).toBe('#who=a%26b%3Dc%23d%20%22e%22&from=2026-03-02');
});
