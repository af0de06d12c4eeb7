import { describe, expect, test } from 'vitest';
import {
  asObject,
  isNotice,
  parseNotice,
  parseObject,
  parseRejection,
  parseResult,
  parseUsage,
  textOf,
} from '../../../src/work/claude/message.ts';

describe('a message in the place of an answer', () => {
  test.each<[object, object, boolean]>([
    [{}, { model: '<synthetic>' }, true],
    [{ is_api_error_message: true }, { model: 'claude-x' }, true],
    [{ isApiErrorMessage: true }, { model: 'claude-x' }, true],
    [{ isApiErrorMessage: 'yes', is_api_error_message: 1 }, { model: 'claude-x' }, false],
    [{}, {}, false],
  ])('%j %j is the program’s: %s', (line, message, expected) => {
    expect(isNotice({ ...line }, { ...message })).toBe(expected);
  });

  test.each<[object, object]>([
    [
      { api_error_status: 429, error_status: 500, api_error: 'a', error: 'b' },
      { status: 429, error: 'a' },
    ],
    [
      { error_status: 500, error: 'b' },
      { status: 500, error: 'b' },
    ],
    [
      { api_error_status: '429', error: 7 },
      { status: undefined, error: '' },
    ],
    [{ api_error_status: -1 }, { status: undefined, error: '' }],
  ])('%j tells %j', (line, told) => {
    expect(parseNotice({ ...line }, 'text', 'end')).toEqual({ text: 'text', stopReason: 'end', ...told });
  });
});

describe('a result line', () => {
  test('tells how the run ended', () => {
    const line = {
      ...{
        subtype: 'success',
        is_error: false,
        result: 'Done.',
        stop_reason: 'end_turn',
        terminal_reason: 'completed',
      },
      ...{ api_error_status: 429, api_error: 'rate_limit' },
    };
    expect(parseResult(line)).toEqual({
      ...{ subtype: 'success', isError: false, text: 'Done.', stopReason: 'end_turn', terminalReason: 'completed' },
      ...{ status: 429, error: 'rate_limit' },
    });
  });

  test('that does not say otherwise is an error, and says nothing', () => {
    const nothing = { subtype: '', text: '', stopReason: '', terminalReason: '', status: undefined, error: '' };
    expect(parseResult({})).toEqual({ ...nothing, isError: true });
    expect(parseResult({ errors: 'x' })).toEqual({ ...nothing, isError: true });
  });

  test('may tell its errors one by one', () => {
    expect(parseResult({ errors: ['first', 7, 'second'] }).text).toBe('first\n\nsecond');
    expect(parseResult({ result: 'Done.', errors: ['first'] }).text).toBe('Done.');
  });
});

describe('what a run took', () => {
  test.each<[string, object | undefined, string | undefined, object]>([
    ['is unknown without a result', undefined, undefined, {}],
    ['is unknown without a result, but for the model', undefined, 'a', { model: 'a' }],
    ['is unknown where nothing is told', {}, undefined, {}],
    [
      'counts cached tokens',
      { usage: { input_tokens: 1, cache_creation_input_tokens: 20, cache_read_input_tokens: 300, output_tokens: 4 } },
      undefined,
      { tokensIn: 321, tokensOut: 4 },
    ],
    [
      'counts cached tokens of every model, and names the first',
      {
        modelUsage: {
          b: { inputTokens: 1, cacheCreationInputTokens: 20, cacheReadInputTokens: 300, outputTokens: 4 },
          c: { inputTokens: 4000, outputTokens: 5 },
        },
      },
      undefined,
      { tokensIn: 4321, tokensOut: 9, model: 'b' },
    ],
    ['is of the model that answered', { modelUsage: { b: {} } }, 'a', { model: 'a' }],
    [
      'is the larger of two that differ',
      { usage: { input_tokens: 10, output_tokens: 1 }, modelUsage: { b: { inputTokens: 5, outputTokens: 2 } } },
      'b',
      { tokensIn: 10, tokensOut: 2, model: 'b' },
    ],
    [
      'costs what it says',
      { total_cost_usd: 0.5, usage: { input_tokens: 7 } },
      undefined,
      { tokensIn: 7, costUsd: 0.5 },
    ],
    ['costs nothing where nothing was sent', { total_cost_usd: 0 }, undefined, { costUsd: 0 }],
    [
      'has no known cost where tokens are told to cost nothing',
      { total_cost_usd: 0, usage: { input_tokens: 10 } },
      undefined,
      { tokensIn: 10 },
    ],
    ['may be a billion', { total_cost_usd: 1e9 }, undefined, { costUsd: 1e9 }],
    ['is not more than a billion', { total_cost_usd: 1e9 + 1, usage: { input_tokens: 2e9 } }, undefined, {}],
  ])('%s', (_, result, model, usage) => {
    expect(parseUsage(result && { ...result }, model)).toStrictEqual(usage);
  });

  test('is of a model with a name of bounded length and plain characters', () => {
    expect(parseUsage(undefined, `a\u0007\u202eb${'c'.repeat(300)}`)).toEqual({ model: `ab${'c'.repeat(198)}` });
  });
});

describe('a request that was rejected', () => {
  test.each<[object, object | undefined]>([
    [{ status: 'rejected', rateLimitType: 'five_hour' }, { resetsAtMs: undefined }],
    [{ status: 'rejected', overageStatus: 'rejected' }, { resetsAtMs: undefined }],
    [{ status: 'rejected', rateLimitType: 'x', resetsAt: 1772798400 }, { resetsAtMs: 1772798400_000 }],
    [{ status: 'rejected', rateLimitType: 'x', resetsAt: 1e12 }, { resetsAtMs: 1e12 }],
    [{ status: 'rejected', rateLimitType: 'x', resetsAt: 'soon' }, { resetsAtMs: undefined }],
    [{ status: 'rejected', rateLimitType: 'x', resetsAt: Number.POSITIVE_INFINITY }, { resetsAtMs: undefined }],
    [{ status: 'rejected' }, undefined],
    [{ status: 'allowed', rateLimitType: 'five_hour' }, undefined],
    [{ status: 'rejected', rateLimitType: 'five_hour', isUsingOverage: true }, undefined],
  ])('%j is of the plan: %j', (info, rejection) => {
    expect(parseRejection({ rate_limit_info: info })).toEqual(rejection);
  });

  test('tells nothing where nothing is told', () => {
    expect([parseRejection({}), parseRejection({ rate_limit_info: null })]).toEqual([undefined, undefined]);
  });
});

test.each([
  ['words', 'words'],
  [[{ type: 'text', text: 'a' }, { type: 'thinking', text: 'b' }, { type: 'text', text: 'c' }, 'd', null], 'ac'],
  [[{ type: 'text', text: 7 }], ''],
  [undefined, ''],
  [{ type: 'text', text: 'a' }, ''],
])('the text of %j is %j', (content, text) => {
  expect(textOf(content)).toBe(text);
});

test.each([
  ['{"a":1}', { a: 1 }],
  ['[1]', undefined],
  ['null', undefined],
  ['"x"', undefined],
  ['7', undefined],
  ['{"a":', undefined],
  ['', undefined],
])('the line %j is the object %j', (line, value) => {
  expect(parseObject(line)).toEqual(value);
});

test('what is no object has no members', () => {
  expect([asObject(undefined), asObject(null), asObject('x')]).toEqual([{}, {}, {}]);
});
