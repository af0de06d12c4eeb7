import { describe, expect, test } from 'vitest';
import { Estimator, parseLessons } from '../../src/work/estimator.ts';

const REQUEST = { prompt: 'Summarise this session, please. '.repeat(500), systemPrompt: 'Be brief.' };

describe('before the first run', () => {
  test('the cost is that of the model that is asked for', () => {
    const { model, costUsd, tokensIn } = new Estimator('claude-haiku-4-5').estimate(REQUEST);
    expect(model).toBe('claude-haiku-4-5');
    expect(costUsd).toBeGreaterThan(0);
    expect(tokensIn).toBeGreaterThan(2000);
  });

  test('a request may ask for another one', () => {
    expect(new Estimator('claude-haiku-4-5').estimate({ ...REQUEST, model: 'claude-opus-4-5' }).model).toBe(
      'claude-opus-4-5',
    );
  });

  test('nobody knows what a model costs that nobody named, nor one that is not in the table', () => {
    expect(new Estimator(undefined).estimate(REQUEST)).toMatchObject({ model: undefined, costUsd: undefined });
    expect(new Estimator('llama').estimate(REQUEST)).toMatchObject({ model: 'llama', costUsd: undefined });
  });

  test('the configuration may know', () => {
    const estimator = new Estimator('llama', { prices: { llama: { input: 1000, output: 0 } } });
    const { costUsd, tokensIn } = estimator.estimate(REQUEST);
    expect(costUsd).toBeCloseTo(tokensIn / 1000);
  });
});

describe('after a run', () => {
  const learnt = (asked: string | undefined, factor: number) => {
    const estimator = new Estimator(asked);
    for (let run = 0; run < 30; run += 1) {
      const estimate = estimator.estimate(REQUEST);
      const tokensIn = Math.round(estimate.rawTokensIn * factor);
      estimator.learn(REQUEST, estimate, { model: 'claude-haiku-4-5', tokensIn, tokensOut: 500 });
    }
    return estimator;
  };

  test('the model is the one that answered, and tokens are what its tokenizer makes of the text', () => {
    const { model, costUsd, tokensIn, rawTokensIn, tokensOut } = learnt(undefined, 1.5).estimate(REQUEST);
    expect(model).toBe('claude-haiku-4-5');
    expect(costUsd).toBeGreaterThan(0);
    expect(tokensIn / rawTokensIn).toBeCloseTo(1.5, 1);
    expect(tokensOut).toBe(500);
  });

  test('the next pass knows what was learnt', () => {
    const { lessons } = learnt('haiku', 1.5);
    const next = new Estimator('haiku', { restored: parseLessons(JSON.parse(JSON.stringify(lessons))) });
    expect(next.estimate(REQUEST)).toEqual(learnt('haiku', 1.5).estimate(REQUEST));
  });

  test('of another model, what was learnt of the first does not count', () => {
    const estimator = learnt(undefined, 1.5);
    const estimate = estimator.estimate(REQUEST);
    estimator.learn(REQUEST, estimate, { model: 'claude-opus-4-5', tokensIn: estimate.rawTokensIn, tokensOut: 700 });
    const next = estimator.estimate(REQUEST);
    expect(next).toMatchObject({ model: 'claude-opus-4-5', tokensIn: estimate.rawTokensIn, tokensOut: 700 });
  });

  test('of a model that no table knows, the next costs what that one did', () => {
    const estimator = new Estimator('llama-9');
    expect(estimator.estimate(REQUEST).most.costUsd).toBeUndefined();
    const { rawTokensIn: tokensIn } = estimator.estimate(REQUEST);
    estimator.learn(REQUEST, estimator.estimate(REQUEST), {
      model: 'llama-9',
      tokensIn,
      tokensOut: 500,
      costUsd: 0.25,
    });
    const { lessons } = estimator;
    const next = new Estimator('llama-9', { restored: parseLessons(JSON.parse(JSON.stringify(lessons))) });
    expect(next.estimate(REQUEST).costUsd).toBeCloseTo(0.25, 2);
    expect(next.estimate(REQUEST).most.costUsd).toBeGreaterThan(0.25);
  });

  test('that did not tell its cost, the price of the one before stands', () => {
    const estimator = new Estimator('llama-9');
    const { rawTokensIn: tokensIn } = estimator.estimate(REQUEST);
    for (const cost of [{ costUsd: 0.25 }, {}]) {
      estimator.learn(REQUEST, estimator.estimate(REQUEST), { model: 'llama-9', tokensIn, tokensOut: 500, ...cost });
    }
    expect(estimator.estimate(REQUEST).costUsd).toBeCloseTo(0.25, 2);
  });

  test('a price that was set for the name that is asked for still wins over the table', () => {
    const estimator = new Estimator('sonnet', { prices: { sonnet: { input: 0.1, output: 0.5 } } });
    const before = estimator.estimate(REQUEST);
    const { rawTokensIn: tokensIn, tokensOut } = before;
    estimator.learn(REQUEST, before, { model: 'claude-sonnet-4-5-20250929', tokensIn, tokensOut, costUsd: 1 });
    expect(estimator.estimate(REQUEST).costUsd).toBeCloseTo(before.costUsd ?? 0, 6);
  });

  test.each([
    ['tokens', { tokensIn: 0, tokensOut: 3, costUsd: 0.01 }],
    ['dollars', { tokensIn: 2000, tokensOut: 500, costUsd: 10_000 }],
  ])('whose %s cannot be true, no price is learnt', (_what, told) => {
    const estimator = new Estimator('llama-9');
    estimator.learn(REQUEST, estimator.estimate(REQUEST), { model: 'llama-9', ...told });
    expect(estimator.estimate(REQUEST).costUsd).toBeUndefined();
  });

  test('that told tokens and no cost, the price list says what it came to', () => {
    const estimator = new Estimator(undefined);
    const told = { tokensIn: 1_000_000, tokensOut: 100_000 };
    expect(estimator.listedUsd(REQUEST, { ...told, model: 'claude-haiku-4-5-20251001' })).toBeCloseTo(1.5);
    expect(estimator.listedUsd(REQUEST, { ...told, model: 'llama-9' })).toBeUndefined();
    expect(estimator.listedUsd(REQUEST, { model: 'claude-haiku-4-5' })).toBeUndefined();
  });

  test('that told no model, the list is asked for the one that was asked', () => {
    expect(new Estimator('claude-haiku-4-5').listedUsd(REQUEST, { tokensIn: 1_000_000 })).toBeCloseTo(1);
    expect(new Estimator(undefined).listedUsd(REQUEST, { tokensIn: 1_000_000 })).toBeUndefined();
  });

  test.each([
    ['nothing', {}],
    ['no tokens out', { model: 'haiku', tokensIn: 2000 }],
    ['no tokens in', { model: 'haiku', tokensOut: 500 }],
  ])('that told %s, nothing is learnt', (_, told) => {
    const estimator = new Estimator('haiku');
    estimator.learn(REQUEST, estimator.estimate(REQUEST), told);
    expect(estimator.lessons).toEqual({});
  });

  test('of a model that nobody named, nothing is learnt', () => {
    const estimator = new Estimator(undefined);
    estimator.learn(REQUEST, estimator.estimate(REQUEST), { tokensIn: 2000, tokensOut: 500 });
    expect(estimator.lessons).toEqual({});
  });

  test('what is learnt is of the name that was asked for', () => {
    const estimator = new Estimator('haiku');
    const told = { tokensIn: 2000, tokensOut: 500 };
    estimator.learn(REQUEST, estimator.estimate(REQUEST), told);
    estimator.learn({ ...REQUEST, model: 'opus' }, estimator.estimate(REQUEST), { ...told, model: 'claude-opus-5' });
    expect(estimator.lessons).toMatchObject({ haiku: { model: 'haiku' }, opus: { model: 'claude-opus-5' } });
    expect(estimator.lessons.haiku).not.toHaveProperty('price');
  });

  test('that cost nothing, no price is learnt', () => {
    const estimator = new Estimator('llama-9');
    estimator.learn(REQUEST, estimator.estimate(REQUEST), { tokensIn: 2000, tokensOut: 500, costUsd: 0 });
    expect(estimator.estimate(REQUEST).costUsd).toBeUndefined();
  });

  test('what it paid is split as most models do it', () => {
    const estimator = new Estimator('llama-9');
    const tokensIn = estimator.estimate(REQUEST).rawTokensIn;
    const costUsd = (tokensIn * 2 + 500 * 10) / 1e6;
    estimator.learn(REQUEST, estimator.estimate(REQUEST), { tokensIn, tokensOut: 500, costUsd });
    const { input = 0, output = 0 } = estimator.lessons['llama-9']?.price ?? {};
    expect([input, output]).toEqual([expect.closeTo(2), expect.closeTo(10)]);
  });
});

test.each([[undefined], [null], ['x'], [[1]], [{ haiku: 7 }], [{ haiku: { model: 7 } }]])(
  'a state that holds %j there teaches nothing',
  (value) => {
    expect(parseLessons(value)).toEqual({});
  },
);

test.each([
  [{ input: 1, output: 5 }, true],
  [{ input: 0, output: 0 }, true],
  [{ input: 1 }, false],
  [{ input: '1', output: 5 }, false],
  [{ input: -1, output: 5 }, false],
  [{ input: 1, output: Number.POSITIVE_INFINITY }, false],
  [7, false],
  [null, false],
])('a lesson with the price %j keeps it: %s', (price, isKept) => {
  expect(parseLessons({ a: { model: 'llama', price } })).toEqual({ a: { model: 'llama', ...(isKept && { price }) } });
});

test('a lesson whose calibration is broken still tells the model', () => {
  expect(parseLessons({ '': { model: 'haiku', calibration: { runs: 'x' } } })).toEqual({ '': { model: 'haiku' } });
});
