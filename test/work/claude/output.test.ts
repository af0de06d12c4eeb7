import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ClaudeOutput } from '../../../src/work/claude/output.ts';
import type { ProcessEnd } from '../../../src/work/claude/process.ts';
import { judgeClaudeRun } from '../../../src/work/claude/verdict.ts';
import { RunError, type RunFailureKind, type RunResult } from '../../../src/work/runner.ts';

const FOLDER = new URL('../../fixtures/claude-output/', import.meta.url);
const NOW_MS = Date.parse('2026-03-06T10:00:00Z');
const EXITED: ProcessEnd = { exitCode: 0, signalName: undefined, stopped: undefined, stderr: '' };

type Outcome = { text: string } | { kind: RunFailureKind; message: string };
type Usage = [tokensIn: number | undefined, tokensOut: number | undefined];

const RECORDED: Record<string, [Outcome, Usage]> = {
  'empty-text': [{ kind: 'malformed', message: 'claude gave an empty answer' }, [132, 14]],
  'error-400-credit': [{ kind: 'billing', message: 'claude has no credit left: Credit balance is too low' }, [0, 0]],
  'error-400-prompt-too-long': [
    { kind: 'prompt_too_long', message: 'the prompt is too long for claude: Prompt' },
    [0, 0],
  ],
  'error-401': [{ kind: 'not_logged_in', message: 'claude is not logged in' }, [undefined, undefined]],
  'error-401-v2.1.100': [{ kind: 'not_logged_in', message: 'claude is not logged in' }, [undefined, undefined]],
  'error-403': [{ kind: 'not_logged_in', message: 'claude is not logged in: Failed to authenticate.' }, [0, 0]],
  'error-404-model': [{ kind: 'model_not_found', message: 'claude does not have this model: There' }, [0, 0]],
  'error-413': [{ kind: 'prompt_too_long', message: 'the prompt is too long for claude: Request too' }, [0, 0]],
  'error-429': [{ kind: 'rate_limited', message: 'claude reached a rate or usage limit: API Error' }, [0, 0]],
  'error-429-retry-after-600': [{ kind: 'rate_limited', message: 'claude reached a rate or' }, [0, 0]],
  'error-500': [{ kind: 'server_error', message: 'the service failed: API Error: 500' }, [0, 0]],
  'error-529': [{ kind: 'server_error', message: 'the service failed: API Error: 529' }, [0, 0]],
  'error-529-v2.1.100': [{ kind: 'server_error', message: 'the service failed: API Error: 529' }, [0, 0]],
  'error-connection-refused': [{ kind: 'network', message: 'claude could not reach the service: API Error' }, [0, 0]],
  'error-malformed-stream': [{ kind: 'network', message: 'claude could not reach the service: API Error' }, [0, 0]],
  // The budget is looked at after the call: the answer is whole, and paid for.
  'error-max-budget': [{ text: 'Canned answer.' }, [66, 7]],
  'error-max-tokens': [{ kind: 'max_tokens', message: 'the answer is longer than the limit: API' }, [264, 28]],
  'error-max-tokens-v2.1.100': [{ kind: 'max_tokens', message: 'the answer is longer than the limit' }, [264, 28]],
  'error-max-turns': [{ kind: 'malformed', message: 'claude asked for a tool instead of answering' }, [66, 7]],
  'error-not-logged-in': [{ kind: 'not_logged_in', message: 'claude is not logged in: Not logged in' }, [0, 0]],
  refusal: [{ kind: 'refused', message: "claude refused to answer: API Error: Haiku 5.5 can't help" }, [132, 14]],
  sigint: [{ kind: 'crashed', message: 'claude ended with exit status 0 without an answer' }, [0, 0]],
  sigterm: [{ kind: 'crashed', message: 'claude ended with exit status 143' }, [undefined, undefined]],
  success: [{ text: 'Canned answer.' }, [66, 7]],
  'success-after-max-tokens-continuation': [{ text: 'Part one, part two.' }, [132, 14]],
  'success-after-retry': [{ text: 'ok after retry' }, [66, 7]],
  'success-thinking': [{ text: 'Answer after thinking.' }, [66, 7]],
  'success-two-text-blocks': [{ text: 'Block one.Block two.' }, [66, 7]],
  'unknown-flag': [{ kind: 'unsupported', message: 'claude does not know a flag' }, [undefined, undefined]],
};

describe('a recorded run', () => {
  test('is expected for each fixture', () => {
    const names = readdirSync(FOLDER).flatMap((file) => /(.*)\.jsonl$/.exec(file)?.[1] ?? []);
    expect(names.sort()).toEqual(Object.keys(RECORDED).sort());
  });

  test.each(Object.entries(RECORDED))('%s', (name, [outcome, [tokensIn, tokensOut]]) => {
    const judged = judge(readFileSync(new URL(`${name}.jsonl`, FOLDER)), recordedEnd(name));
    if ('text' in outcome) expect(answerOf(judged).output).toBe(outcome.text);
    else expectFailure(judged, outcome.kind, outcome.message);
    const usage = judged instanceof RunError ? judged.usage : judged;
    expect([usage.tokensIn, usage.tokensOut]).toEqual([tokensIn, tokensOut]);
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
  ['no result line', lines(said('x')), {}, 'malformed', 'claude ended without a result line'],
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
    'rate_limited',
    'claude reached a rate or usage limit: You',
  ],
  [
    'an old limit message',
    lines(done({ result: 'Claude AI usage limit reached|1772798400' })),
    {},
    'rate_limited',
    'claude reached',
  ],
  [
    'a limit on stderr',
    lines(),
    { exitCode: 1, stderr: 'Error: rate limit\n' },
    'rate_limited',
    'claude reached a rate or usage limit: Error: rate limit',
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

  test('a limit tells when it ends', () => {
    const text = 'usage limit reached|1772798400';
    expect(failureOf(judge(lines(noticed(text), DONE), EXITED)).resetsAt).toBe(1_772_798_400_000);
    const event = { type: 'rate_limit_event', rate_limit_info: { status: 'rejected', resetsAt: 1_772_798_500 } };
    const judged = failureOf(judge(lines(event, noticed('You hit your limit'), DONE), EXITED));
    expect(judged.resetsAt).toBe(1_772_798_500_000);
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

const DONE = done();

function done(changes: object = {}): object {
  return { type: 'result', subtype: 'success', is_error: false, result: '', ...changes };
}

function said(text: string, model = 'claude-x'): object {
  return { type: 'assistant', message: { id: 'msg_1', model, content: [{ type: 'text', text }] } };
}

function noticed(text: string): object {
  return said(text, '<synthetic>');
}

function retried(status: number, error: string): object {
  return { type: 'system', subtype: 'api_retry', attempt: 1, error_status: status, error };
}

function lines(...values: readonly object[]): Uint8Array {
  return Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(''));
}

function readReport(chunks: readonly Uint8Array[]) {
  const output = new ClaudeOutput();
  for (const chunk of chunks) output.push(chunk);
  return output.end();
}

function judge(stdout: Uint8Array, end: ProcessEnd): RunResult | RunError {
  const report = readReport([stdout]);
  try {
    return judgeClaudeRun({ report, end, durationMs: 1500, timeoutMs: 300_000, nowMs: NOW_MS });
  } catch (error) {
    if (error instanceof RunError) return error;
    throw error;
  }
}

function recordedEnd(name: string): ProcessEnd {
  const end = JSON.parse(readFileSync(new URL(`${name}.exit.json`, FOLDER), 'utf8'));
  const exitCode = end.exit_code ?? undefined;
  return { exitCode, signalName: end.signal ?? undefined, stopped: undefined, stderr: end.stderr };
}

function answerOf(judged: RunResult | RunError): RunResult {
  if (judged instanceof RunError) throw judged;
  return judged;
}

function failureOf(judged: RunResult | RunError): RunError {
  if (judged instanceof RunError) return judged;
  throw new Error(`an answer came: ${judged.output}`);
}

function expectFailure(judged: RunResult | RunError, kind: RunFailureKind, message = ''): void {
  const failure = failureOf(judged);
  expect({ kind: failure.kind, message: failure.message.slice(0, message.length) }).toEqual({ kind, message });
}

test.each([
  ['API Error: Cannot read properties of undefined (reading "input_tokens")', 'network'],
  ['API Error: 407 Proxy Authentication Required', 'network'],
  ['This organization has been disabled.', 'not_logged_in'],
  ['Could not load credentials from any providers', 'not_logged_in'],
  ['API Error: 402 payment required', 'billing'],
  ['The provided model identifier is invalid', 'model_not_found'],
] as const)('the world around it fails with %j: the session is not to blame', (said, kind) => {
  const result = { type: 'result', subtype: 'success', is_error: true, result: said, usage: {} };
  const judged = judge(Buffer.from(`${JSON.stringify(result)}\n`), { ...EXITED, exitCode: 1 });
  expectFailure(judged, kind, '');
});
