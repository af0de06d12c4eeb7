import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contextTokensOf, costOf, DEAREST, PRICES_AS_OF, parsePrice, priceOf } from '../../src/work/price.ts';

describe('the price of a model', () => {
  test.each([
    ['claude-haiku-4-5', 1, 5],
    ['claude-haiku-4-5-20251001', 1, 5],
    ['Claude-Haiku-4-5-latest', 1, 5],
    ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', 3, 15],
    ['anthropic.claude-opus-4-6-v1', 5, 25],
    ['anthropic.claude-opus-4-6-v12:100', 5, 25],
    ['arn:aws:bedrock:eu-west-1:1:inference-profile/eu.anthropic.claude-sonnet-4-20250514-v1:0', 3, 15],
    ['claude-sonnet-4-5@20250929', 3, 15],
    ['anthropic/claude-opus-4.6', 5, 25],
    ['claude-opus-4-6[1m]', 5, 25],
    ['claude-opus-4-20250514', 15, 75],
    ['claude-opus-4-0', 15, 75],
    ['claude-3-5-haiku-20241022', 0.8, 4],
    ['claude-opus-5', 5, 25],
    ['claude-opus-5-5', 4, 20],
    ['haiku', 1, 5],
    ['sonnet[1m]', 3, 15],
    ['opus', 5, 25],
    [' haiku ', 1, 5],
    ['claude-fable-5-2', 8, 40],
    ['claude-fable-5-1', 10, 50],
    ['claude-fable-5', 10, 50],
    ['claude-opus-4-8', 5, 25],
    ['claude-opus-4-7', 5, 25],
    ['claude-opus-4-5', 5, 25],
    ['claude-opus-4-1', 15, 75],
    ['claude-sonnet-5-5', 2, 10],
    ['claude-sonnet-5', 2, 10],
    ['claude-sonnet-4-6', 3, 15],
    ['claude-3-7-sonnet', 3, 15],
    ['claude-3-5-sonnet', 3, 15],
    ['claude-haiku-5-5', 0.1, 0.5],
    ['claude-3-haiku', 0.25, 1.25],
    ['fable', 10, 50],
  ])('%s costs %d/%d', (model, input, output) => {
    expect(priceOf(model)).toMatchObject({ input, output });
  });

  test.each([
    [''],
    ['gpt-5'],
    ['opusplan'],
    ['default'],
    ['claude'],
    ['claude-opus-5-6'],
    ['claude-opus-4-6-fast'],
    ['my-haiku'],
    ['haiku-4'],
    ['claude-opus-4-6-v123'],
    ['claude-opus-4-6-v1:1000'],
    ['constructor'],
    ['__proto__'],
  ])('%j is not known', (model) => {
    expect(priceOf(model)).toBeUndefined();
  });

  test('is the one that the user says, who knows the contract', () => {
    const mine = { input: 0.5, output: 2 };
    expect(priceOf('claude-haiku-4-5-20251001', { 'claude-haiku-4-5': mine })).toBe(mine);
    expect(priceOf('gateway/our-model', { 'our-model': mine })).toBe(mine);
    expect(priceOf('claude-opus-4-6', { 'claude-haiku-4-5': mine, '': mine })).toMatchObject({ input: 5 });
    expect(priceOf('gateway/', { '': mine, ' ': mine })).toBeUndefined();
  });

  test('is the one that the user says of the model that answers, or else of the one that was asked for', () => {
    const [mine, asked] = [
      { input: 0.5, output: 2 },
      { input: 7, output: 7 },
    ];
    expect(priceOf('claude-opus-5', { 'claude-opus-5': mine }, 'opus')).toBe(mine);
    expect(priceOf('claude-opus-5', { 'claude-opus-5': mine, opus: asked }, 'opus')).toBe(mine);
    expect(priceOf('claude-opus-5', { opus: asked }, 'opus')).toBe(asked);
  });

  test('is the one of the longest entry that fits', () => {
    const [dated, undated] = [
      { input: 1, output: 1 },
      { input: 2, output: 2 },
    ];
    const overrides = { 'claude-haiku-4-5': undated, 'claude-haiku-4-5-20251001': dated };
    expect(priceOf('claude-haiku-4-5-20251001', overrides)).toBe(dated);
    expect(priceOf('claude-haiku-4-5', overrides)).toBe(undated);
  });

  test('is at most that of the dearest', () => {
    expect(DEAREST).toEqual({ input: 15, output: 75 });
  });

  test('has a date', () => {
    expect(PRICES_AS_OF).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  });

  test('is found or not, whatever the name', () => {
    const sign = fc.nat({ max: 0x10ffff }).map((code) => String.fromCodePoint(code));
    fc.assert(
      fc.property(fc.string({ unit: sign }), (model) => {
        expect(() => [priceOf(model), contextTokensOf(model), parsePrice(model)]).not.toThrow();
      }),
    );
  });
});

describe('the cost of a run', () => {
  test('counts input and output, each at its price', () => {
    expect(costOf({ input: 3, output: 15 }, 1_000_000, 100_000)).toBeCloseTo(4.5, 10);
    expect(costOf({ input: 3, output: 15 }, 0, 0)).toBe(0);
  });

  test('is higher for all tokens once the prompt is longer than the cheap rate allows', () => {
    const price = priceOf('claude-haiku-5-5');
    expect(price && costOf(price, 100_000, 1000)).toBeCloseTo(0.0105, 10);
    expect(price && costOf(price, 100_001, 1000)).toBeCloseTo(0.0525, 5);
  });
});

describe('a price that a user writes', () => {
  test.each([
    ['claude-haiku-4-5=1/5', 'claude-haiku-4-5', 1, 5],
    [' our-model=0.25/1.25 ', 'our-model', 0.25, 1.25],
    ['us.anthropic.claude-opus-4-6-v1:0=5/25', 'us.anthropic.claude-opus-4-6-v1:0', 5, 25],
    ['local=0/0', 'local', 0, 0],
    ['dear=1000/5000.125', 'dear', 1000, 5000.125],
  ])('%j is read', (text, model, input, output) => {
    expect(parsePrice(text)).toEqual({ model, price: { input, output } });
  });

  test.each([
    '',
    '=',
    'haiku',
    'haiku=',
    'haiku=1',
    'haiku=1/',
    'haiku=/5',
    '=1/5',
    'haiku=-1/5',
    'haiku=1/NaN',
    'haiku=1/Infinity',
    'haiku=1e3/5',
    'haiku=1/5/9',
    'haiku=1,5/5',
    'a b=1/5',
    'a=b=1/5',
  ])('%j is none', (text) => {
    expect(parsePrice(text)).toBeUndefined();
  });
});

test.each([
  [undefined, 200_000],
  ['what-is-this', 200_000],
  ['haiku', 200_000],
  ['claude-haiku-4-5-20251001', 200_000],
  ['claude-opus-4-6', 200_000],
  ['claude-opus-4-6[1m]', 1_000_000],
  ['claude-opus-5-5', 1_000_000],
  ['claude-haiku-5-5', 1_000_000],
  ['claude-sonnet-5-5', 1_000_000],
])('the window of %s has %d tokens', (model, tokens) => {
  expect(contextTokensOf(model)).toBe(tokens);
});
