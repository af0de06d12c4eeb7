import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Calibration, estimateRun, estimateTokens, learn, parseCalibration } from '../../src/work/estimate.ts';
import { DEFAULT_MAX_TOKENS } from '../../src/work/runner.ts';

const PROSE =
  'The server stopped answering after the update, because the connection to the database was closed too early. We found it, repaired it and added a test so that it does not come back. ';
const HASHES = Array.from({ length: 40 }, (_, index) => createHash('sha1').update(`${index}`).digest('hex')).join('\n');
const CODE = readFileSync(new URL('../../src/pass.ts', import.meta.url), 'utf8');

/** Words of many scripts, and whatever else a string can hold. */
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.constantFrom(PROSE, CODE));

describe('characters per token', () => {
  test.each([
    ['English prose', PROSE, 2.6, 3.8],
    ['German prose', 'Die Verbindung zur Datenbank wurde zu früh geschlossen, Anfragen gingen verloren. ', 2.2, 3.4],
    ['TypeScript', CODE, 2.4, 3.4],
    ['JSON', JSON.stringify({ type: 'user', message: { role: 'user', content: PROSE }, isMeta: false }), 2.4, 3.4],
    ['hex', HASHES, 1.3, 2],
    ['paths', '/home/dev/project/src/session/prompt.ts\n', 1.8, 2.8],
    ['Russian', 'Соединение с базой данных закрывалось слишком рано, и запросы терялись. ', 1.6, 2.4],
    ['Arabic', 'تبين أن الاتصال بقاعدة البيانات كان يغلق مبكرا وأن الطلبات كانت تضيع. ', 0.9, 2],
    ['Chinese', '数据库连接关闭得太早,请求因此丢失。', 0.9, 1.5],
    ['emoji', '🎉🚀😀👍🔥', 0.4, 0.8],
  ])('%s', (_kind, sample, least, most) => {
    const ratio = sample.length / estimateTokens(sample);
    expect(ratio).toBeGreaterThan(least);
    expect(ratio).toBeLessThan(most);
  });
});

/** By the table of the source: hundredths of a token of 101 equal characters. */
describe('a run of characters', () => {
  test.each([
    ['blanks', '\0 ', 30 + 100 * 10],
    ['marks', '!/:@[`{\u00bf', 110 + 100 * 10],
    ['digits', '09', 140 + 100 * 20],
    ['capitals', 'AZ', 90 + 100 * 30],
    ['letters', 'az', 90 + 100 * 14],
    ['accented', '\u00c0\u036f\u1e00\u1eff', 70 + 100 * 50],
    ['scripts', '\u0370\u03ff\u0530\u1dff\u1f00\u1fff', 95 + 100 * 95],
    ['Cyrillic', '\u0400\u052f', 60 + 100 * 48],
    ['symbols', '\u2000\u2e7f', 110 + 100 * 70],
    ['ideographs', '\u2e80\ud7ff\ue000\uffff', 130 + 100 * 85],
    ['halves of what lies above', '\udfff\ud800', 150 + 100 * 150],
  ])('of %s', (_, ends, hundredths) => {
    for (const char of ends) expect(estimateTokens(char.repeat(101))).toBe(Math.ceil(hundredths / 100));
  });

  test('goes on from a capital to a letter, and nowhere else', () => {
    expect(estimateTokens('Aa'.repeat(100))).toBe(90 + 14);
    expect(estimateTokens('A1'.repeat(100))).toBe(90 + 140);
    expect(estimateTokens('1a'.repeat(100))).toBe(140 + 90);
  });
});

describe('an estimate of tokens', () => {
  test('is nothing for nothing', () => {
    expect(estimateTokens('')).toBe(0);
  });

  test('is a whole number, and something for something', () => {
    fc.assert(
      fc.property(text, (words) => {
        const tokens = estimateTokens(words);
        expect(Number.isSafeInteger(tokens)).toBe(true);
        expect(tokens).toBeGreaterThanOrEqual(words === '' ? 0 : 1);
      }),
    );
  });

  test('never shrinks when text is added at either end', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const [whole, first, second] = [before + after, before, after].map(estimateTokens);
        expect(whole).toBeGreaterThanOrEqual(Math.max(first ?? 0, second ?? 0));
        expect(whole).toBeLessThanOrEqual((first ?? 0) + (second ?? 0));
      }),
    );
  });

  test('grows with the length of a long prompt, not with its square', () => {
    const prompt = (PROSE + CODE).repeat(200).slice(0, 300_000);
    expect(estimateTokens(prompt) / estimateTokens(prompt.slice(0, 3000))).toBeCloseTo(100, -1);
  });
});

const PRICE = { input: 1, output: 5 };
const UNKNOWN = { model: undefined, price: undefined, calibration: undefined };

function taught(...runs: readonly (readonly [raw: number, tokensIn: number, tokensOut: number])[]) {
  return runs.reduce<Calibration | undefined>(
    (before, [rawTokensIn, tokensIn, tokensOut]) => learn(before, { rawTokensIn, tokensIn, tokensOut }),
    undefined,
  );
}

describe('an estimate of a run', () => {
  test('adds what stands around the prompt, and reserves more than it expects', () => {
    const run = estimateRun({ prompt: PROSE, systemPrompt: 'Be brief.' }, UNKNOWN);
    expect(run.rawTokensIn).toBe(estimateTokens(PROSE) + estimateTokens('Be brief.') + 300);
    expect(run).toMatchObject({ tokensIn: run.rawTokensIn, tokensOut: 900, costUsd: undefined });
    expect(run.most).toEqual({ tokens: Math.ceil(run.tokensIn * 1.3) + DEFAULT_MAX_TOKENS, costUsd: undefined });
  });

  test('needs no system prompt', () => {
    expect(estimateRun({ prompt: PROSE }, UNKNOWN).rawTokensIn).toBe(estimateTokens(PROSE) + 300);
  });

  test('has a cost where the price is known', () => {
    const run = estimateRun({ prompt: PROSE, maxTokens: 2000 }, { ...UNKNOWN, model: 'haiku', price: PRICE });
    expect(run.model).toBe('haiku');
    expect(run.costUsd).toBeCloseTo((run.tokensIn + 900 * 5) / 1e6, 10);
    expect(run.most.costUsd).toBeCloseTo((run.most.tokens - 2000 + 2000 * 5) / 1e6, 10);
  });

  test('expects no longer answer than is allowed', () => {
    expect(estimateRun({ prompt: PROSE, maxTokens: 100 }, UNKNOWN).tokensOut).toBe(100);
  });

  test('follows what earlier runs took', () => {
    const run = estimateRun(
      { prompt: PROSE },
      { ...UNKNOWN, calibration: taught([1000, 1250, 400], [3000, 3750, 600]) },
    );
    expect(run.tokensIn).toBe(Math.ceil(run.rawTokensIn * 1.25));
    expect(run.tokensOut).toBe(500);
  });

  test.each([
    [10, 3],
    [0.1, 0.5],
  ])('does not follow a factor of %d', (factor, followed) => {
    const run = estimateRun({ prompt: PROSE }, { ...UNKNOWN, calibration: taught([1000, 1000 * factor, 400]) });
    expect(run.tokensIn).toBe(Math.ceil(run.rawTokensIn * followed));
  });

  test('is finite and never above the most, whatever the text and the past', () => {
    const count = fc.double({ noNaN: false });
    fc.assert(
      fc.property(text, fc.array(fc.tuple(count, count, count)), (prompt, past) => {
        const run = estimateRun({ prompt }, { model: 'm', price: PRICE, calibration: taught(...past) });
        for (const value of [run.tokensIn, run.tokensOut, run.costUsd, run.most.tokens, run.most.costUsd]) {
          expect(Number.isFinite(value)).toBe(true);
          expect(value).toBeGreaterThanOrEqual(0);
        }
        expect(run.most.tokens).toBeGreaterThanOrEqual(run.tokensIn + run.tokensOut);
        expect(run.most.costUsd).toBeGreaterThanOrEqual(run.costUsd ?? 0);
      }),
    );
  });
});

describe('what is learnt', () => {
  test('comes to a constant factor, wherever it started', () => {
    const counts = fc.array(fc.integer({ min: 1000, max: 100_000 }), { minLength: 100, maxLength: 120 });
    fc.assert(
      fc.property(fc.double({ min: 0.6, max: 2.5, noNaN: true }), counts, (factor, raws) => {
        const start = taught([1000, 1000, 10]);
        const end = raws.reduce((before, raw) => learn(before, sized(raw, factor)), start);
        expect(end && end.tokensIn / end.rawTokensIn).toBeCloseTo(factor, 1);
        expect(end?.tokensOut).toBeCloseTo(700, -1);
      }),
    );
  });

  const sized = (raw: number, factor: number) => ({ rawTokensIn: raw, tokensIn: raw * factor, tokensOut: 700 });

  test('is the plain mean at first, and fades later', () => {
    expect(taught([1000, 1000, 100], [3000, 1500, 300])).toEqual({
      runs: 2,
      rawTokensIn: 2000,
      tokensIn: 1250,
      tokensOut: 200,
    });
    const old = Array.from({ length: 500 }, () => [1000, 1000, 500] as const);
    const recent = Array.from({ length: 20 }, () => [1000, 2000, 500] as const);
    const after = taught(...old, ...recent);
    expect(after?.runs).toBe(520);
    expect(after?.tokensIn).toBeGreaterThan(1600);
  });

  test.each([
    ['no tokens', 1000, 0, 100],
    ['unknown tokens', 1000, Number.NaN, 100],
    ['an unknown answer', 1000, 1000, Number.NaN],
    ['a negative answer', 1000, 1000, -1],
    ['far too many', 1000, 20_001, 100],
    ['far too few', 1000, 49, 100],
    ['endlessly many', 1000, Number.POSITIVE_INFINITY, 100],
    ['no estimate', 0, 1000, 100],
    ['hardly an estimate', 0.9, 1, 100],
  ])('is nothing from a run with %s', (_what, rawTokensIn, tokensIn, tokensOut) => {
    const before = taught([1000, 1100, 500]);
    expect(learn(before, { rawTokensIn, tokensIn, tokensOut })).toEqual(before);
    const first = learn(undefined, { rawTokensIn, tokensIn, tokensOut });
    expect(estimateRun({ prompt: PROSE }, { ...UNKNOWN, calibration: first })).toEqual(
      estimateRun({ prompt: PROSE }, UNKNOWN),
    );
  });
});

test.each([
  ['an empty answer', 1000, 1000, 0],
  ['twenty times as many', 1000, 20_000, 100],
  ['a twentieth', 1000, 50, 100],
  ['a prompt of one token', 1, 1, 1],
])('a run with %s is believed', (_, rawTokensIn, tokensIn, tokensOut) => {
  expect(learn(undefined, { rawTokensIn, tokensIn, tokensOut })).toEqual({ runs: 1, rawTokensIn, tokensIn, tokensOut });
});

describe('a saved calibration', () => {
  test('comes back as it was', () => {
    const saved = taught([1000, 1100, 500], [2000, 2300, 700]);
    expect(parseCalibration(JSON.parse(JSON.stringify({ ...saved, more: 1 })))).toEqual(saved);
  });

  test.each([
    [null],
    [[]],
    ['text'],
    [{}],
    [{ runs: 1, rawTokensIn: 100, tokensIn: 100 }],
    [{ runs: '1', rawTokensIn: 100, tokensIn: 100, tokensOut: 1 }],
    [{ runs: 1, rawTokensIn: '100', tokensIn: 100, tokensOut: 1 }],
    [{ runs: 1, rawTokensIn: 100, tokensIn: '100', tokensOut: 1 }],
    [{ runs: 1, rawTokensIn: 100, tokensIn: 100, tokensOut: '1' }],
    [{ runs: 0, rawTokensIn: 100, tokensIn: 100, tokensOut: 1 }],
    [{ runs: 1.5, rawTokensIn: 100, tokensIn: 100, tokensOut: 1 }],
    [{ runs: 1, rawTokensIn: 100, tokensIn: 1e9, tokensOut: 1 }],
    [{ runs: 1, rawTokensIn: 100, tokensIn: 100, tokensOut: -1 }],
  ])('%j is none', (value) => {
    expect(parseCalibration(value)).toBeUndefined();
  });

  test('is read without an accident, whatever stands there', () => {
    const near = fc.record({
      runs: fc.anything(),
      rawTokensIn: fc.anything(),
      tokensIn: fc.anything(),
      tokensOut: fc.anything(),
    });
    fc.assert(fc.property(fc.oneof(fc.anything(), near), (value) => void parseCalibration(value)));
  });
});
