import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isoTime } from '../../../src/clock.ts';
import { ClaudeOutput } from '../../../src/work/claude/output.ts';
import type { ProcessEnd } from '../../../src/work/claude/process.ts';
import { RunError, type RunFailureKind, type RunResult } from '../../../src/work/runner.ts';
import {
  answerOf,
  DONE,
  done,
  EXITED,
  failureOf,
  judge,
  lines,
  noticed,
  readReport,
  retried,
  said,
} from './judged-run.ts';

const FOLDER = new URL('../../fixtures/claude-output/', import.meta.url);

type Outcome = { text: string } | { kind: RunFailureKind; message: string };
type Usage = [tokensIn: number | undefined, tokensOut: number | undefined, costUsd: number | undefined];

/** Times in the recorded limits are to be read at about this time. */
const RECORDED_MS = Date.parse('2026-11-26T12:00:00Z');
const AT_THREE = '2026-11-26T15:00:00.000Z';
const SUMMARY = JSON.stringify({
  title: 'Fix the login form',
  summary: 'The login form lost its error message; it is shown again.',
  key_actions: ['Found the handler', 'Put the message back'],
  outcome: 'success',
  topics_found: ['login', 'forms'],
  chapter_titles: ['Fix the login form'],
  aha_moments: [],
  diagrams: [],
});
const limit = (message: string): Outcome => ({
  kind: 'usage_limited',
  message: `claude reached a usage limit: You've hit your ${message}`,
});

const RECORDED: Record<string, [Outcome, Usage, resetsAt?: string]> = {
  'cut-stream-always': [{ kind: 'network', message: 'claude could not reach the service' }, [3600, 141, 4.305e-4]],
  // Paid for, and counted as nothing by the program itself.
  'cut-stream-always-v2.1.100': [
    { kind: 'crashed', message: 'claude ended with exit status 1 without an answer: API Error: terminated' },
    [undefined, undefined, undefined],
  ],
  'cut-stream-once': [{ text: SUMMARY }, [2400, 118, 2.99e-4]],
  'cut-stream-once-v2.1.100': [{ text: SUMMARY }, [1200, 71, 1.555e-3]],
  'cut-then-limit': [limit('5-hour limit'), [1200, 33, 1.365e-4], AT_THREE],
  'error-400-org-disabled-api-key': [{ kind: 'not_logged_in', message: 'claude is not logged in: Your' }, [0, 0, 0]],
  'error-403-subscription-disabled': [{ kind: 'not_logged_in', message: 'claude is not logged in: Your' }, [0, 0, 0]],
  // Told as a rejection of the plan's, and none: the server is busy.
  'error-429-subscription': [{ kind: 'rate_limited', message: 'claude reached a rate limit' }, [0, 0, 0]],
  'error-429-subscription-v2.1.100': [{ kind: 'rate_limited', message: 'claude reached a rate limit' }, [0, 0, 0]],
  'limit-five-hour': [limit('5-hour limit'), [0, 0, 0], AT_THREE],
  'limit-five-hour-v2.1.100': [limit('session limit'), [0, 0, 0], AT_THREE],
  'limit-no-reset': [limit('5-hour limit'), [0, 0, 0]],
  'limit-org-spend': [limit("org's monthly spend limit"), [0, 0, 0], AT_THREE],
  'limit-org-spend-v2.1.100': [limit('limit'), [0, 0, 0], AT_THREE],
  'limit-out-of-credits': [limit('5-hour limit'), [0, 0, 0], AT_THREE],
  'limit-out-of-credits-v2.1.100': [
    { kind: 'usage_limited', message: "claude reached a usage limit: You're out of extra usage" },
    [0, 0, 0],
    AT_THREE,
  ],
  // It was over when it came.
  'limit-reset-past': [limit('5-hour limit'), [0, 0, 0]],
  'limit-reset-past-v2.1.100': [limit('session limit'), [0, 0, 0]],
  'limit-seven-day': [limit('weekly limit'), [0, 0, 0], '2026-11-29T15:00:00.000Z'],
  'limit-seven-day-v2.1.100': [limit('weekly limit'), [0, 0, 0], '2026-11-29T15:00:00.000Z'],
  'max-tokens-budget': [{ kind: 'max_tokens', message: 'the answer is longer than the limit' }, [1200, 4000, 2.12e-3]],
  'max-tokens-budget-second-call': [
    { kind: 'max_tokens', message: 'the answer is longer than the limit' },
    [2400, 8000, 4.24e-3],
  ],
  'max-tokens-budget-v2.1.100': [
    { kind: 'max_tokens', message: 'the answer is longer than the limit' },
    [1200, 4000, 2.12e-2],
  ],
  'max-tokens-then-limit': [limit('5-hour limit'), [1200, 4000, 2.12e-3], AT_THREE],
  'max-tokens-then-limit-v2.1.100': [limit('session limit'), [1200, 4000, 2.12e-2], AT_THREE],
  'overage-empty': [{ kind: 'malformed', message: 'claude gave an empty answer' }, [2400, 0, 2.4e-4]],
  'overage-empty-v2.1.100': [{ kind: 'malformed', message: 'claude gave an empty answer' }, [1200, 0, 1.2e-3]],
  'overage-then-cut': [{ kind: 'network', message: 'claude could not reach' }, [4800, 4039, 2.4995e-3]],
  'overage-then-cut-v2.1.100': [{ kind: 'crashed', message: 'claude ended with exit status 1' }, [1200, 4000, 2.12e-2]],
  'overage-then-hang': [{ kind: 'crashed', message: 'claude ended' }, [undefined, undefined, undefined]],
  'stream-error-event-always': [{ kind: 'network', message: 'claude could not reach' }, [1200, 1, undefined]],
  'stream-error-event-once': [{ text: SUMMARY }, [2400, 72, 1.555e-4]],
  'success-limit-allowed': [{ text: SUMMARY }, [1200, 71, 1.555e-4]],
  'success-limit-warning': [{ text: SUMMARY }, [1200, 71, 1.555e-4]],
  'success-limit-warning-v2.1.100': [{ text: SUMMARY }, [1200, 71, 1.555e-3]],
  'success-summary': [{ text: SUMMARY }, [1200, 71, 1.555e-4]],
  'success-summary-default-model': [{ text: SUMMARY }, [1200, 71, 3.11e-3]],
  'success-summary-v2.1.100': [{ text: SUMMARY }, [1200, 71, 1.555e-3]],
  'success-using-overage': [{ text: SUMMARY }, [1200, 71, 1.555e-4]],
  'success-using-overage-v2.1.100': [{ text: SUMMARY }, [1200, 71, 1.555e-3]],
  'empty-text': [{ kind: 'malformed', message: 'claude gave an empty answer' }, [132, 14, 1.536e-5]],
  'error-400-credit': [{ kind: 'billing', message: 'claude has no credit left: Credit balance is too low' }, [0, 0, 0]],
  'error-400-prompt-too-long': [
    { kind: 'prompt_too_long', message: 'the prompt is too long for claude: Prompt' },
    [0, 0, 0],
  ],
  'error-401': [{ kind: 'not_logged_in', message: 'claude is not logged in' }, [undefined, undefined, undefined]],
  'error-401-v2.1.100': [
    { kind: 'not_logged_in', message: 'claude is not logged in' },
    [undefined, undefined, undefined],
  ],
  'error-403': [{ kind: 'not_logged_in', message: 'claude is not logged in: Failed to authenticate.' }, [0, 0, 0]],
  'error-404-model': [{ kind: 'model_not_found', message: 'claude does not have this model: There' }, [0, 0, 0]],
  'error-413': [{ kind: 'prompt_too_long', message: 'the prompt is too long for claude: Request too' }, [0, 0, 0]],
  'error-429': [{ kind: 'rate_limited', message: 'claude reached a rate limit: API Error' }, [0, 0, 0]],
  'error-429-retry-after-600': [{ kind: 'rate_limited', message: 'claude reached a rate limit: API' }, [0, 0, 0]],
  'error-500': [{ kind: 'server_error', message: 'the service failed: API Error: 500' }, [0, 0, 0]],
  'error-529': [{ kind: 'server_error', message: 'the service failed: API Error: 529' }, [0, 0, 0]],
  'error-529-v2.1.100': [{ kind: 'server_error', message: 'the service failed: API Error: 529' }, [0, 0, 0]],
  'error-connection-refused': [
    { kind: 'network', message: 'claude could not reach the service: API Error' },
    [0, 0, 0],
  ],
  'error-malformed-stream': [{ kind: 'network', message: 'claude could not reach the service: API Error' }, [0, 0, 0]],
  // The budget is looked at after the call: the answer is whole, and paid for.
  'error-max-budget': [{ text: 'Canned answer.' }, [66, 7, 3.006e-4]],
  'error-max-tokens': [
    { kind: 'max_tokens', message: 'the answer is longer than the limit: API' },
    [264, 28, 3.072e-5],
  ],
  'error-max-tokens-v2.1.100': [
    { kind: 'max_tokens', message: 'the answer is longer than the limit' },
    [264, 28, 3.072e-4],
  ],
  'error-max-turns': [
    { kind: 'malformed', message: 'claude asked for a tool instead of answering' },
    [66, 7, 3.006e-4],
  ],
  'error-not-logged-in': [{ kind: 'not_logged_in', message: 'claude is not logged in: Not logged in' }, [0, 0, 0]],
  refusal: [
    { kind: 'refused', message: "claude refused to answer: API Error: Haiku 5.5 can't help" },
    [132, 14, 1.536e-5],
  ],
  sigint: [{ kind: 'crashed', message: 'claude ended with exit status 0 without an answer' }, [0, 0, 0]],
  sigterm: [{ kind: 'crashed', message: 'claude ended with exit status 143' }, [undefined, undefined, undefined]],
  success: [{ text: 'Canned answer.' }, [66, 7, 3.006e-4]],
  'success-after-max-tokens-continuation': [{ text: 'Part one, part two.' }, [132, 14, 1.536e-5]],
  'success-after-retry': [{ text: 'ok after retry' }, [66, 7, 7.68e-6]],
  'success-thinking': [{ text: 'Answer after thinking.' }, [66, 7, 7.68e-6]],
  'success-two-text-blocks': [{ text: 'Block one.Block two.' }, [66, 7, 7.68e-6]],
  'unknown-flag': [{ kind: 'unsupported', message: 'claude does not know a flag' }, [undefined, undefined, undefined]],
};

describe('a recorded run', () => {
  test('is expected for each fixture', () => {
    const names = readdirSync(FOLDER).flatMap((file) => /(.*)\.jsonl$/.exec(file)?.[1] ?? []);
    expect(names.sort()).toEqual(Object.keys(RECORDED).sort());
  });

  test.each(Object.entries(RECORDED))('%s', (name, [outcome, burned, resetsAt]) => {
    const judged = judge(readFileSync(new URL(`${name}.jsonl`, FOLDER)), recordedEnd(name), RECORDED_MS);
    if ('text' in outcome) expect(answerOf(judged).output).toBe(outcome.text);
    else expectFailure(judged, outcome.kind, outcome.message);
    const usage = judged instanceof RunError ? judged.usage : judged;
    // Rounded as the table is: the sums of prices are not.
    const costUsd = usage.costUsd === undefined ? undefined : Number(usage.costUsd.toPrecision(6));
    expect([usage.tokensIn, usage.tokensOut, costUsd]).toEqual(burned);
    expect(judged.exitCode).toBe(recordedEnd(name).exitCode);
    // A long `retry-after` is not passed on by any version.
    const ends = 'resetsAt' in judged ? judged.resetsAt : undefined;
    expect(ends && isoTime(ends)).toBe(resetsAt);
  });

  test('reads the same whatever the chunks are', () => {
    const bytes = readFileSync(new URL('error-403.jsonl', FOLDER));
    const whole = readReport([bytes]);
    const single = readReport([...bytes].map((byte) => Uint8Array.of(byte)));
    expect(single).toEqual(whole);
  });
});

describe('the answer', () => {
  test('carries duration, model, cost', () => {
    const { output, ...facts } = answerOf(judge(readFileSync(new URL('success.jsonl', FOLDER)), EXITED));
    expect(facts).toEqual({
      duration: 1500,
      exitCode: 0,
      tokensIn: 66,
      tokensOut: 7,
      model: 'claude-opus-5-5',
      costUsd: 0.00030059999999999993,
    });
  });

  test('sums over all models, as a version with extra calls is paid for all of them', () => {
    const modelUsage = {
      a: { inputTokens: 10, outputTokens: 1, cacheReadInputTokens: 5, cacheCreationInputTokens: 0 },
      b: { inputTokens: 100, outputTokens: 2 },
    };
    const usage = { input_tokens: 10, output_tokens: 1 };
    const result = answerOf(judge(lines(said('x', 'b'), { ...DONE, usage, modelUsage }), EXITED));
    expect(result).toMatchObject({ tokensIn: 115, tokensOut: 3, model: 'b' });
  });

  test('that tells absurd figures tells none of them', () => {
    for (const absurd of [1e308, Number.MAX_SAFE_INTEGER, -1, '7', null]) {
      const usage = { input_tokens: absurd, output_tokens: absurd };
      const result = answerOf(judge(lines(said('x'), done({ usage, total_cost_usd: absurd })), EXITED));
      expect([result.tokensIn, result.tokensOut, result.costUsd]).toEqual([undefined, undefined, undefined]);
    }
    expect(answerOf(judge(lines(said('x', 'm\u202eodel\u001b[2J'), DONE), EXITED)).model).toBe('model[2J');
  });

  test('may talk about limits, logins and errors like any other text', () => {
    const text = 'Fixed: "rate limit" and usage limit reached|1735689600, Not logged in, Credit balance is too low';
    expect(answerOf(judge(lines(said(text), DONE), EXITED)).output).toBe(text);
  });

  test('that was said before an exit status that is not 0 is no evidence for a limit', () => {
    const broken = done({ subtype: 'error_during_execution', is_error: true });
    expectFailure(judge(lines(said('the rate limit was raised'), broken), { ...EXITED, exitCode: 7 }), 'crashed');
  });

  test.each<[string, Partial<ProcessEnd>]>([
    ['an exit status', { exitCode: 7 }],
    ['a signal', { exitCode: undefined, signalName: 'SIGSEGV' }],
    ['no end at all', { exitCode: undefined, signalName: 'SIGTERM', stopped: 'timed_out' }],
  ])('that is whole was paid for, and is taken, whatever came after its result line: %s', (_, end) => {
    expect(answerOf(judge(lines(said('x'), DONE), { ...EXITED, ...end })).output).toBe('x');
    expectFailure(judge(lines(said('x'), DONE), { ...EXITED, ...end, stopped: 'aborted' }), 'aborted');
  });

  test('that was cut off within its line is no evidence for a limit', () => {
    const cut = lines(said('we hit your weekly limit in the test')).subarray(0, -20);
    expectFailure(judge(cut, EXITED), 'malformed', 'claude ended without a result line');
  });
});

const BEGUN = { type: 'system', subtype: 'init' };

const SYNTHETIC: [string, Uint8Array, Partial<ProcessEnd>, RunFailureKind, string][] = [
  ['nothing at all', lines(), {}, 'malformed', 'claude ended without a result line'],
  [
    // A cut connection never looks like this: claude asks again without streaming, and fails aloud. Its own stdout was cut.
    'text without a result line and exit status 0: the program lost the end, not the network',
    lines(said('{"title":"Repa')),
    {},
    'malformed',
    'claude ended without a result line',
  ],
  [
    'a connection that drops in the middle of the answer',
    lines(said('{"title":"Repa'), noticed('API Error: Connection dropped (ECONNRESET)')),
    { exitCode: 1 },
    'network',
    'claude could not reach the service: API Error: Connection dropped (ECONNRESET)',
  ],
  [
    'a crash in the middle of the answer, whatever stderr has to say',
    lines(said('{"title":"Repa')),
    { exitCode: 1, stderr: 'Connection dropped (ECONNRESET)\n' },
    'crashed',
    'claude ended with exit status 1 without an answer: Connection dropped',
  ],
  [
    'a crash after a note on stderr about limits',
    lines(BEGUN),
    { exitCode: 1, stderr: '[DEBUG] loading the weekly usage limit widget: you have hit your usage limit\n' },
    'crashed',
    'claude ended with exit status 1 without an answer: [DEBUG]',
  ],
  [
    'a crash after a warning of Node on stderr',
    lines(BEGUN),
    { exitCode: 1, stderr: '(node:1) Warning: unknown option --foo in NODE_OPTIONS\n' },
    'crashed',
    'claude ended with exit status 1 without an answer: (node:1)',
  ],
  [
    'a crash after a piece of a line with words of the model',
    Buffer.concat([lines(BEGUN), Buffer.from(',"text":"You have hit your usage limit"}\n')]),
    { exitCode: 1 },
    'crashed',
    'claude ended with exit status 1 without an answer',
  ],
  [
    'text without a result line and exit status 1',
    lines(said('{"title":"Repa')),
    { exitCode: 1 },
    'crashed',
    'claude ended with exit status 1 without an answer',
  ],
  ['2.0.77 saying nothing', lines(said('(no content)'), done()), {}, 'malformed', 'claude gave an empty answer'],
  [
    '2.0.77 out of turns',
    lines(said('x'), done({ subtype: 'error_max_turns' })),
    {},
    'malformed',
    'claude asked for a tool',
  ],
  [
    '2.0.77 failing',
    lines(said('x'), done({ subtype: 'error_during_execution' })),
    {},
    'malformed',
    'claude ended with error_during_execution',
  ],
  [
    'a limit with exit 0',
    lines(noticed("You've hit your weekly limit · resets Mar 12 at 7am (UTC)"), done()),
    {},
    'usage_limited',
    'claude reached a usage limit: You',
  ],
  [
    'an old limit message',
    lines(done({ result: 'Claude AI usage limit reached|1772798400' })),
    {},
    'usage_limited',
    'claude reached',
  ],
  [
    'a limit on stderr',
    lines(),
    { exitCode: 1, stderr: 'Error: rate limit\n' },
    'rate_limited',
    'claude reached a rate limit: Error: rate limit',
  ],
  [
    'a plain message',
    Buffer.from('Invalid API key · Please run /login\n'),
    { exitCode: 1 },
    'not_logged_in',
    'claude is not logged in: Invalid API key',
  ],
  [
    'a raw 404',
    lines(noticed('API Error: 404 {"type":"error"}'), done({ is_error: true })),
    { exitCode: 1 },
    'model_not_found',
    'claude does not have this model',
  ],
  [
    'a raw 400',
    lines(noticed('API Error: 400 {"type":"error"}'), done({ is_error: true })),
    { exitCode: 1 },
    'crashed',
    'claude ended with exit status 1 without an answer: API Error: 400',
  ],
  [
    'too much on stdin',
    lines(),
    { exitCode: 1, stderr: 'Error: piped stdin input exceeds 10MB' },
    'prompt_too_long',
    'the prompt is too long',
  ],
  [
    'a refused connection',
    lines(noticed('Unable to connect to API'), done({ is_error: true })),
    { exitCode: 1 },
    'network',
    'claude could not reach',
  ],
  [
    'no node for its script',
    lines(),
    { exitCode: 127, stderr: 'env: ‘node’: No such file or directory' },
    'unsupported',
    'claude cannot be started: env',
  ],
  [
    'a signal',
    lines(),
    { exitCode: undefined, signalName: 'SIGSEGV' },
    'crashed',
    'claude ended by SIGSEGV without an answer',
  ],
  [
    'our time-out',
    lines(said('x')),
    { exitCode: 143, stopped: 'timed_out' },
    'timed_out',
    'claude gave no answer within 300 s',
  ],
  [
    'our time-out after a warning on stderr',
    lines(BEGUN),
    { exitCode: 143, stopped: 'timed_out', stderr: 'Warning: disabling certificate verification.\n' },
    'timed_out',
    'claude gave no answer within 300 s: Warning',
  ],
  [
    'our time-out after a retry for a limit',
    lines(retried(429, 'rate_limit')),
    { exitCode: 143, stopped: 'timed_out' },
    'rate_limited',
    'claude reached',
  ],
  ['our stop', lines(said('x'), done()), { exitCode: 143, stopped: 'aborted' }, 'aborted', 'the run was stopped'],
  [
    'colours and controls',
    lines(noticed('\u001b[31mNot logged in\u001b[0m\u0007\r\nsecond'), done({ is_error: true })),
    { exitCode: 1 },
    'not_logged_in',
    'claude is not logged in: Not logged in',
  ],
];

describe('a run that failed by', () => {
  test.each(SYNTHETIC)('%s', (_name, stdout, end, kind, message) => {
    expectFailure(judge(stdout, { ...EXITED, ...end }), kind, message);
  });

  test('a long message is quoted within bounds', () => {
    const judged = judge(lines(noticed('API Error: '.repeat(100)), { ...DONE, is_error: true }), EXITED);
    expect(failureOf(judged).message.length).toBeLessThan(300);
  });

  test('nothing that was burned is zero, what is not told is unknown', () => {
    const zero = { total_cost_usd: 0, usage: { input_tokens: 0, output_tokens: 0 }, modelUsage: {} };
    const told = failureOf(judge(lines(done({ ...zero, is_error: true })), EXITED));
    expect(told.usage).toEqual({ tokensIn: 0, tokensOut: 0, costUsd: 0 });
    expect(failureOf(judge(lines(done({ is_error: true })), EXITED)).usage).toEqual({});
  });

  test('an empty answer after a retry is an empty answer', () => {
    expectFailure(judge(lines(retried(429, 'rate_limit'), DONE), EXITED), 'malformed', 'claude gave an empty answer');
  });
});

describe('of what is printed', () => {
  const read = (text: string) => readReport([Buffer.from(text)]);

  test.each<[string, string, object]>([
    ['an event is a beginning', '{"type":"system"}\n', { isBegun: true, lostLines: 0, stray: '' }],
    ['a piece of an event is one too, and is lost', '{"type":"sys', { isBegun: true, lostLines: 1, stray: '' }],
    ['plain words are kept, and are no beginning', 'no {\nyes', { isBegun: false, lostLines: 2, stray: 'no {\nyes\n' }],
    ['blank lines are nothing', '\n  \n\t\r\n', { isBegun: false, lostLines: 0, stray: '' }],
    ['JSON that is no object is lost', '[1]\n"x"\nnull\n', { isBegun: false, lostLines: 3 }],
  ])('%s', (_, text, report) => {
    expect(read(text)).toMatchObject(report);
  });

  test('a line that is too long to be kept is a beginning', () => {
    expect(read('x'.repeat(9 * 1024 * 1024))).toMatchObject({ isBegun: true, lostLines: 1, stray: '' });
  });

  test('the first 2000 characters of plain words are kept', () => {
    expect(read(`${'x'.repeat(999)}\n`.repeat(3)).stray).toBe(`${'x'.repeat(999)}\n`.repeat(2));
  });

  test('a retry is the last one, and over once somebody speaks', () => {
    const retry = { text: '', status: 529, error: 'overloaded', stopReason: '' };
    expect(readReport([lines(retried(429, 'rate_limit'), retried(529, 'overloaded'))]).retry).toEqual(retry);
    expect(readReport([lines(retried(529, 'overloaded'), said('x'))]).retry).toBeUndefined();
  });

  test('only an event of its kind is a retry or a rejection', () => {
    const info = { rate_limit_info: { status: 'rejected', rateLimitType: 'five_hour' } };
    const others = lines({ ...retried(429, 'x'), type: 'user' }, { type: 'system', subtype: 'init', ...info });
    expect(readReport([others])).toMatchObject({ retry: undefined, rejection: undefined });
  });
});

describe('memory', () => {
  test('an endless line is dropped and what follows is read', () => {
    const output = new ClaudeOutput();
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    for (let count = 0; count < 64; count += 1) output.push(chunk);
    output.push(Buffer.from('\n'));
    output.push(lines(said('still here'), DONE));
    expect(output.end()).toMatchObject({ text: 'still here', lostLines: 1, stray: '' });
  });

  test('an answer of more than 4 MB is not kept', () => {
    const block = said('y'.repeat(1024 * 1024));
    const judged = judge(lines(block, block, block, block, block, DONE), EXITED);
    expectFailure(judged, 'malformed', 'claude answered with more text than can be kept');
  });

  test('an answer of exactly 4 MB is kept, and nothing that comes after more', () => {
    const MB = 1024 * 1024;
    const [three, one] = [said('y'.repeat(3 * MB)), said('y'.repeat(MB))];
    expect(readReport([lines(three, one)])).toMatchObject({ isTextCut: false, text: 'y'.repeat(4 * MB) });
    expect(readReport([lines(three, three, said('z'))])).toMatchObject({ isTextCut: true, text: 'y'.repeat(3 * MB) });
  });
});

test.each([
  ['API Error: Cannot read properties of undefined (reading "input_tokens")', 'network'],
  ['API Error: 407 Proxy Authentication Required', 'network'],
  ['This organization has been disabled.', 'not_logged_in'],
  ['Could not load credentials from any providers', 'not_logged_in'],
  ['API Error: 402 payment required', 'billing'],
  ['The provided model identifier is invalid', 'model_not_found'],
  [
    'API Error: Usage credits required for 1M context · turn on usage credits at claude.ai/settings/usage, or use --model to switch to standard context',
    'model_not_found',
  ],
  ['Credit balance too low · Add funds: https://console.anthropic.com/settings/billing', 'billing'],
  ['Login expired · Please run /login', 'not_logged_in'],
  ['OAuth token revoked · Please run /login', 'not_logged_in'],
  [
    'Your organization has disabled Claude subscription access for Claude Code · Use an Anthropic API key instead, or ask your admin to enable access',
    'not_logged_in',
  ],
] as const)('the world around it fails with %j: the session is not to blame', (said, kind) => {
  const result = { type: 'result', subtype: 'success', is_error: true, result: said, usage: {} };
  const judged = judge(Buffer.from(`${JSON.stringify(result)}\n`), { ...EXITED, exitCode: 1 });
  expectFailure(judged, kind, '');
});

function recordedEnd(name: string): ProcessEnd {
  const end = JSON.parse(readFileSync(new URL(`${name}.exit.json`, FOLDER), 'utf8'));
  const exitCode = end.exit_code ?? undefined;
  return { exitCode, signalName: end.signal ?? undefined, stopped: undefined, stderr: end.stderr };
}

function expectFailure(judged: RunResult | RunError, kind: RunFailureKind, message = ''): void {
  const failure = failureOf(judged);
  expect({ kind: failure.kind, message: failure.message.slice(0, message.length) }).toEqual({ kind, message });
}
