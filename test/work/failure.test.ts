import { describe, expect, test } from 'vitest';
import { HOUR_MS, SECOND_MS } from '../../src/clock.ts';
import { ExpectedError } from '../../src/errors.ts';
import { LONGEST_BACKOFF_MS } from '../../src/work/backoff.ts';
import { type Consequence, consequenceOf, isCounted, isUnsent, kindOf, usageOf } from '../../src/work/failure.ts';
import { RunError, type RunFailureKind } from '../../src/work/runner.ts';

const NOON = Date.UTC(2026, 2, 6, 12);
const NOTHING = { tokensIn: 0, tokensOut: 0, costUsd: 0 };

/** What it calls for, whether it counts against its session, and what it is taken to have cost when it does not say. */
const TABLE: readonly (readonly [RunFailureKind, Consequence, boolean, object])[] = [
  ['not_installed', 'stop', false, NOTHING],
  ['unsupported', 'stop', false, NOTHING],
  ['not_logged_in', 'stop', false, NOTHING],
  ['billing', 'stop', false, NOTHING],
  ['model_not_found', 'stop', false, NOTHING],
  ['usage_limited', 'pause', false, NOTHING],
  ['rate_limited', 'wait', false, NOTHING],
  ['server_error', 'wait', false, NOTHING],
  ['network', 'wait', false, NOTHING],
  ['malformed', 'again', true, {}],
  ['crashed', 'next-pass', true, {}],
  ['not_started', 'next-pass', false, NOTHING],
  ['timed_out', 'next-pass', true, {}],
  ['over_budget', 'next-pass', true, {}],
  ['refused', 'give-up', true, {}],
  ['prompt_too_long', 'give-up', true, {}],
  ['max_tokens', 'give-up', true, {}],
  ['aborted', 'leave', false, {}],
];

describe.each(TABLE)('a run that ends as %s', (kind, consequence, counts, usage) => {
  test(`calls for: ${consequence}`, () => {
    expect(consequenceOf(new RunError(kind, 'no'), NOON)).toBe(consequence);
  });

  test(counts ? 'counts against its session' : 'counts against nobody', () => {
    expect(isCounted(new RunError(kind, 'no'))).toBe(counts);
  });

  test('that tells nothing of what it took is taken for what is likely', () => {
    expect(usageOf(new RunError(kind, 'no'))).toEqual(usage);
  });

  test.runIf(kind !== 'aborted' && kind !== 'not_started')('that was paid for counts, whatever it was', () => {
    expect(isCounted(new RunError(kind, 'no', { usage: { tokensIn: 5 } }))).toBe(true);
    expect(isCounted(new RunError(kind, 'no', { usage: { costUsd: 0.01 } }))).toBe(true);
  });
});

test('an answer of no use is asked for again, with what is wrong about it', () => {
  const failure = new ExpectedError('BAD_ANSWER', 'title: missing');
  expect([consequenceOf(failure, NOON), isCounted(failure), kindOf(failure)]).toEqual(['repair', true, 'BAD_ANSWER']);
});

test.each([new ExpectedError('UNWRITABLE', 'disk full'), new TypeError('a bug')])(
  'what has nothing to do with the agent fails as it is: %s',
  (failure) => {
    expect(consequenceOf(failure, NOON)).toBe('fail');
  },
);

test.each([
  ['a few seconds', 20 * SECOND_MS, 'wait'],
  ['as long as is waited for at most', LONGEST_BACKOFF_MS, 'wait'],
  ['an hour', HOUR_MS, 'pause'],
])('a service that wants to be left alone for %s', (_, asked, consequence) => {
  expect(consequenceOf(new RunError('rate_limited', 'no', { resetsAt: NOON + asked }), NOON)).toBe(consequence);
});

test('only a limit of requests is waited for as long as it asks', () => {
  expect(consequenceOf(new RunError('server_error', 'no', { resetsAt: NOON + HOUR_MS }), NOON)).toBe('wait');
  expect(consequenceOf(new RunError('crashed', 'no', { resetsAt: NOON + HOUR_MS }), NOON)).toBe('next-pass');
});

test.each([
  ['network', {}, true],
  ['network', NOTHING, true],
  ['network', { tokensIn: 5, tokensOut: 5, costUsd: 0 }, false],
  ['network', { tokensIn: 3 }, false],
  ['not_installed', {}, true],
  ['unsupported', {}, true],
  ['server_error', {}, false],
  ['crashed', {}, false],
] as const)('%s after usage %j never reached the service: %s', (kind, usage, expected) => {
  expect(isUnsent(new RunError(kind, 'no', { usage }))).toBe(expected);
});

test('what a run says of what it took counts before what is likely', () => {
  const usage = { tokensIn: 7, tokensOut: 1, costUsd: 0.5, model: 'm' };
  expect(usageOf(new RunError('crashed', 'no', { usage }))).toEqual(usage);
  const begun = new RunError('network', 'no', { usage: { model: 'm' } });
  expect([usageOf(begun), isCounted(begun), isUnsent(begun)], 'begun, and broken off').toEqual([
    { model: 'm' },
    true,
    false,
  ]);
});

test('failures are alike that have the same kind, code, or words', () => {
  expect(kindOf(new RunError('network', 'a'))).toBe(kindOf(new RunError('network', 'b')));
  expect(kindOf(new ExpectedError('UNWRITABLE', 'a'))).toBe('UNWRITABLE');
  expect(kindOf(new Error('a'))).not.toBe(kindOf(new Error('b')));
});
