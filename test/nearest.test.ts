import { expect, test } from 'vitest';
import { nearest } from '../src/nearest.ts';

const NAMES = ['ledger', 'model', 'maxCostUsd', 'maxTokensPerDay', 'no-push', 'push'];

test.each([
  ['ledgr', 'ledger'],
  ['LEDGER', 'ledger'],
  ['maxcost', 'maxCostUsd'],
  ['maxTokenPerDay', 'maxTokensPerDay'],
  ['nopush', 'no-push'],
  ['colour', undefined],
  ['x', undefined],
])('who writes %s means %s', (word, name) => {
  expect(nearest(word, NAMES)).toBe(name);
});

test('among no names nothing is meant', () => {
  expect(nearest('ledger', [])).toBeUndefined();
});
