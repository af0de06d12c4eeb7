import { describe, expect, test } from 'vitest';
import type { RunFailureKind } from '../../../src/work/runner.ts';
import { answerOf, DONE, done, EXITED, failureOf, judge, lines, said } from './judged-run.ts';
import { USED_UP } from './used-up.ts';

/** What the service answers is never printed bare. */
const PRINTED = USED_UP.map(([text]) => text).filter((text) => !text.startsWith('API Error'));

describe('a message of the program that looks like an answer', () => {
  test.each<[string, RunFailureKind]>([
    ...PRINTED.map((text): [string, RunFailureKind] => [text, 'usage_limited']),
    ['Credit balance is too low', 'billing'],
    ['Credit balance too low · Add funds: https://platform.claude.com/settings/billing', 'billing'],
    ['Invalid API key · Please run /login', 'not_logged_in'],
    ['Invalid API key · Fix external API key', 'not_logged_in'],
    ['Not logged in', 'not_logged_in'],
    ['\n Not logged in · Please run /login\n', 'not_logged_in'],
    ['Login expired · Please run /login', 'not_logged_in'],
    ['API Error: Rate limit reached', 'rate_limited'],
    ['Fable 5.1 limit reached', 'usage_limited'],
    ['Opus limit reached', 'usage_limited'],
    ["You've run out of usage credits", 'usage_limited'],
    ['Your org is out of usage', 'usage_limited'],
    ['Your organization is out of extra usage credits', 'usage_limited'],
    ['Claude AI usage limit reached|1772798400000', 'usage_limited'],
    ["You've hit your limit·resets 3pm", 'usage_limited'],
    ["You've hit your limit\n\n/upgrade to go on", 'usage_limited'],
  ])('%j is a failure', (text, kind) => {
    const result = done({ result: text, total_cost_usd: 0, usage: { input_tokens: 0, output_tokens: 0 } });
    const failure = failureOf(judge(lines(said(text), result), EXITED));
    expect(failure).toMatchObject({ kind, exitCode: 0 });
    const told = text
      .trim()
      .split('\n')[0]
      ?.replace(/\|\d+$/, '');
    expect(failure.message).toContain(told?.slice(0, 100));
    expect(failure.usage).toMatchObject({ tokensIn: 0, tokensOut: 0, costUsd: 0 });
  });

  test('is none when tokens were written for it: then a model says so, who may have been told to', () => {
    const usage = { input_tokens: 900, output_tokens: 12 };
    for (const text of ["You've hit your weekly limit|1772798400", 'Not logged in · Please run /login']) {
      expect(answerOf(judge(lines(said(text), done({ result: text, usage })), EXITED)).output).toBe(text);
    }
  });

  test('tells when the limit ends', () => {
    const judged = judge(lines(said("You've hit your weekly limit · resets Mar 8 at 7am (UTC)"), DONE), EXITED);
    expect(failureOf(judged).resetsAt).toBe(Date.parse('2026-03-08T07:00:00Z'));
  });

  test('is one after exit status 1, too', () => {
    expect(failureOf(judge(lines(said('Not logged in'), DONE), { ...EXITED, exitCode: 1 })).kind).toBe('not_logged_in');
  });

  test.each([
    '{"title":"You\'ve hit your limit · resets 3pm"}',
    'You\'ve hit your limit · resets 3pm\n{"title":"Limits"}',
    "You've hit your limit on retries, and the session goes on with a back-off.",
    "You've hit your limit. In this session the user asked why the program says so.",
    'Weekly limit reached\n\nThe session repairs how the weekly limit is counted.',
    'The user was told: "You\'ve hit your session limit · resets 3pm".',
    'Usage limit reached: the session adds a banner for it.',
    'Not logged in users are sent to the login page now.',
    'Not logged in. The session repairs the redirect.',
    'Invalid API key errors are shown in red.',
    'Credit balance is too low in two tests; both are repaired.',
    'Rate limit reached',
    'Raised the rate limit from 60 to 90 requests per minute.',
    `You've hit your limit · ${'and so on '.repeat(30)}`,
    `You've hit your limit · ${'x'.repeat(276)}`,
    'Claude AI usage limit reached|17727984001',
    'Claude AI usage limit reached|1772798400 ms',
  ])('%j is an answer', (text) => {
    expect(answerOf(judge(lines(said(text), { ...DONE, result: text }), EXITED)).output).toBe(text);
  });
});
