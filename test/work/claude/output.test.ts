import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
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

const RECORDED: Record<string, [Outcome, Usage]> = {
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

  test.each(Object.entries(RECORDED))('%s', (name, [outcome, burned]) => {
    const judged = judge(readFileSync(new URL(`${name}.jsonl`, FOLDER)), recordedEnd(name));
    if ('text' in outcome) expect(answerOf(judged).output).toBe(outcome.text);
    else expectFailure(judged, outcome.kind, outcome.message);
    const usage = judged instanceof RunError ? judged.usage : judged;
    // Rounded as the table is: the sums of prices are not.
    const costUsd = usage.costUsd === undefined ? undefined : Number(usage.costUsd.toPrecision(6));
    expect([usage.tokensIn, usage.tokensOut, costUsd]).toEqual(burned);
    expect(judged.exitCode).toBe(recordedEnd(name).exitCode);
    // None of the recorded limits says when it ends: a long `retry-after` is not passed on.
    expect('resetsAt' in judged ? judged.resetsAt : undefined).toBeUndefined();
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

  test('may talk about limits, logins and errors like any other text', () => {
    const text = 'Fixed: "rate limit" and usage limit reached|1735689600, Not logged in, Credit balance is too low';
    expect(answerOf(judge(lines(said(text), DONE), EXITED)).output).toBe(text);
  });

  test('that was said before an exit status that is not 0 is no evidence for a limit', () => {
    expectFailure(judge(lines(said('the rate limit was raised'), DONE), { ...EXITED, exitCode: 7 }), 'crashed');
  });

  test('that was cut off within its line is no evidence for a limit', () => {
    const cut = lines(said('we hit your weekly limit in the test')).subarray(0, -20);
    expectFailure(judge(cut, EXITED), 'malformed', 'claude ended without a result line');
  });
});

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
    'a connection that drops, told on stderr only',
    lines(said('{"title":"Repa')),
    { exitCode: 1, stderr: 'Connection dropped (ECONNRESET)\n' },
    'network',
    'claude could not reach the service: Connection dropped',
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
