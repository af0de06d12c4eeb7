import { describe, expect, test } from 'vitest';
import type { RunError } from '../../../src/work/runner.ts';
import { answerOf, DONE, done, EXITED, failureOf, judge, lines, noticed, retried, said } from './judged-run.ts';
import { USED_UP } from './used-up.ts';

const FAILED = { ...EXITED, exitCode: 1 };
const UNKNOWN = undefined;

const ASKED_TOO_OFTEN: readonly [said: string, resetsAt: string | undefined][] = [
  ['API Error: Request rejected (429) · This request would exceed your rate limit', UNKNOWN],
  [
    'API Error: 429 {"type":"error","error":{"type":"rate_limit_error","message":"This request would exceed your account\'s rate limit. Please try again later."},"request_id":"req_x"}',
    UNKNOWN,
  ],
  [
    "API Error: Request rejected (429) · This request would exceed your organization's rate limit of 30,000 input tokens per minute (org: x, model: claude-sonnet-4-6). For details, refer to: https://docs.claude.com/en/api/rate-limits.",
    UNKNOWN,
  ],
  ['API Error: Request rejected (429) · Number of request tokens has exceeded your per-minute rate limit', UNKNOWN],
  ['API Error: Server is temporarily limiting requests (not your usage limit) · Rate limited', UNKNOWN],
  ['API Error: Rate limit reached', UNKNOWN],
  ['API Error: 429 Too Many Requests', UNKNOWN],
  ['API Error: 429 rate limited, retry after 30 seconds', '2026-03-06T10:00:30.000Z'],
  ['API Error: 429 rate limited, retry-after: 600', '2026-03-06T10:10:00.000Z'],
];

describe('an allotment is used up, says', () => {
  test.each(USED_UP)('%s', (text, resetsAt) => {
    const failure = failureOf(judge(lines(noticed(text), done({ is_error: true, result: text })), FAILED));
    expect(factsOf(failure)).toEqual({ kind: 'usage_limited', resetsAt });
    expect(failure.message).toMatch(/^claude reached a usage limit: /);
  });
});

test.each([
  ['You are at your weekly limit'],
  ['You have used up your extra usage'],
  ['You have used all of your usage'],
])('so is it in other words: %s', (text) => {
  expect(failureOf(judge(lines(noticed(text), done({ is_error: true })), FAILED)).kind).toBe('usage_limited');
});

describe('it was asked too often, says', () => {
  test.each(ASKED_TOO_OFTEN)('%s', (text, resetsAt) => {
    const failure = failureOf(judge(lines(noticed(text), done({ is_error: true, result: text })), FAILED));
    expect(factsOf(failure)).toEqual({ kind: 'rate_limited', resetsAt });
    expect(failure.message).toMatch(/^claude reached a rate limit: /);
  });
});

describe('no used-up allotment is', () => {
  test.each([
    ["API Error: Claude's response exceeded the 8000 output token maximum.", 'max_tokens'],
    ['Prompt is too long', 'prompt_too_long'],
    ['API Error: 529 Overloaded. This is a server-side issue, usually temporary', 'server_error'],
    ['Context limit reached', 'prompt_too_long'],
    ['API Error: 400 You exceeded your token limit', 'crashed'],
    ['API Error: 400 Token limit reached', 'crashed'],
    ['API Error: 400 Request limit reached', 'crashed'],
  ])('%s', (text, kind) => {
    expect(failureOf(judge(lines(done({ is_error: true, result: text })), FAILED)).kind).toBe(kind);
  });
});

describe('a rejected request', () => {
  test('is a used-up allotment, whatever the message, and its event knows best when it ends', () => {
    const stdout = lines(event('rejected', { resetsAt: seconds('2026-03-06T12:07:00Z') }), ...REFUSED);
    expect(factsOf(failureOf(judge(stdout, FAILED)))).toEqual({
      kind: 'usage_limited',
      resetsAt: '2026-03-06T12:07:00.000Z',
    });
    const rounded = noticed("You've hit your session limit · resets 12pm (UTC)");
    const both = lines(event('rejected', { resetsAt: seconds('2026-03-06T12:07:00Z') }), rounded, done());
    expect(factsOf(failureOf(judge(both, FAILED))).resetsAt).toBe('2026-03-06T12:07:00.000Z');
  });

  test('may end at a time that is unknown, over, or far', () => {
    const resetOf = (info: object, text = 'slow down') =>
      factsOf(failureOf(judge(lines(event('rejected', info), noticed(text), done()), FAILED))).resetsAt;
    expect(resetOf({})).toBeUndefined();
    expect(resetOf({ resetsAt: seconds('2026-03-06T09:00:00Z') })).toBeUndefined();
    // The text repeats the event's time without its day: what is over would be tomorrow.
    expect(resetOf({ resetsAt: seconds('2026-03-06T09:00:00Z') }, 'resets 9am (UTC)')).toBeUndefined();
    expect(resetOf({ resetsAt: seconds('2026-05-01T00:00:00Z') })).toBe('2026-03-13T10:00:00.000Z');
    expect(resetOf({ resetsAt: seconds('2026-03-06T12:00:00Z') * 1000 })).toBe('2026-03-06T12:00:00.000Z');
  });

  test('that was followed by an answer is over', () => {
    const served = [event('rejected', {}), said('x'), done({ subtype: 'error_during_execution', is_error: true })];
    expect(failureOf(judge(lines(...served), FAILED)).kind).toBe('crashed');
    expect(answerOf(judge(lines(event('rejected', {}), said('x'), DONE), EXITED)).output).toBe('x');
  });

  test('is another thing than an account without extra usage, which every run tells', () => {
    const allowed = event('allowed', { overageStatus: 'rejected', overageDisabledReason: 'out_of_credits' });
    expect(failureOf(judge(lines(allowed, ...REFUSED), FAILED)).kind).toBe('rate_limited');
  });

  test('does not hide a service that is down, nor a missing login', () => {
    const failed = (text: string) => failureOf(judge(lines(event('rejected', {}), noticed(text), done()), FAILED)).kind;
    expect(failed('API Error: 529 Overloaded.')).toBe('server_error');
    expect(failed('Not logged in · Please run /login')).toBe('not_logged_in');
  });
});

test('our time-out while claude waits for a limit is a limit', () => {
  const stopped = { ...EXITED, exitCode: 143, stopped: 'timed_out' as const };
  expect(failureOf(judge(lines(retried(429, 'rate_limit')), stopped)).kind).toBe('rate_limited');
  expect(failureOf(judge(lines(event('rejected', {}), retried(429, 'rate_limit')), stopped)).kind).toBe(
    'usage_limited',
  );
});

const REFUSED = [
  noticed('API Error: Request rejected (429) · slow down'),
  done({ is_error: true, api_error_status: 429 }),
];

function event(status: string, info: object): object {
  return { type: 'rate_limit_event', rate_limit_info: { status, rateLimitType: 'five_hour', ...info } };
}

function seconds(time: string): number {
  return Date.parse(time) / 1000;
}

function factsOf({ kind, resetsAt }: RunError): { kind: string; resetsAt: string | undefined } {
  return { kind, resetsAt: resetsAt === undefined ? undefined : new Date(resetsAt).toISOString() };
}
