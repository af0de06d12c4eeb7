import { describe, expect, test } from 'vitest';
import { diagnose } from '../../../src/work/claude/diagnosis.ts';
import type { ClaudeNotice, ClaudeResult } from '../../../src/work/claude/message.ts';
import type { ClaudeReport } from '../../../src/work/claude/output.ts';
import type { RunFailureKind } from '../../../src/work/runner.ts';

const NOTHING: ClaudeReport = {
  ...{ text: '', isTextCut: false, stray: '', usage: {}, lostLines: 0, isBegun: true },
  ...{ result: undefined, notice: undefined, retry: undefined, rejection: undefined },
};
const notice = (more: Partial<ClaudeNotice> = {}): ClaudeNotice => ({
  ...{ text: '', status: undefined, error: '', stopReason: '', ...more },
});
const result = (more: Partial<ClaudeResult> = {}): ClaudeResult => ({
  ...{ subtype: 'success', isError: true, text: '', stopReason: '', terminalReason: '', status: undefined, error: '' },
  ...more,
});

const kindOf = (report: Partial<ClaudeReport>, said = '') => diagnose({ ...NOTHING, ...report }, said)?.kind;

const WORDS: Partial<Record<RunFailureKind, readonly string[]>> = {
  usage_limited: ['usage_limit_reached'],
  billing: ['billing_error'],
  not_logged_in: ['authentication_failed', 'oauth_org_not_allowed', 'org_disabled_credential'],
  prompt_too_long: ['prompt_too_long', 'blocking_limit'],
  model_not_found: ['model_not_found', 'long_context_credits_required'],
  refused: ['refusal'],
  max_tokens: ['max_output_tokens', 'max_tokens'],
  over_budget: ['error_max_budget_usd'],
  malformed: ['error_max_turns'],
  server_error: ['overloaded', 'server_error'],
  rate_limited: ['rate_limit'],
  network: ['connection_failed'],
};

const SENTENCES: Partial<Record<RunFailureKind, readonly string[]>> = {
  unsupported: ["error: unknown option '--foo'"],
  usage_limited: ["You've hit your weekly limit"],
  billing: ['Credit balance is too low', 'credit balance too low'],
  not_logged_in: [
    ...['Not logged in', 'Invalid API key', 'Please run /login', 'Failed to authenticate', 'authentication_error'],
    ...['OAuth token has expired', 'OAuth token revoked', 'OAuth session is revoked', 'Login expired'],
    ...['organization has been disabled', 'organization is disabled', 'organization has disabled subscriptions'],
    ...['a disabled organization', 'Could not load credentials from any providers'],
    ...['The security token included in the request is expired', 'security token expired', 'apiKeyHelper failed'],
  ],
  prompt_too_long: [
    ...['Prompt is too long', 'input is too long for this model', 'Context limit exceeded', 'Request too large'],
    'piped stdin input exceeds 10 MB',
  ],
  model_not_found: [
    ...['There is an issue with the selected model', 'Opus is not available on your plan', 'is not available with the'],
    ...['The provided model identifier is invalid', 'Usage credits required for 1M context'],
    ...['Extra usage is required for it', 'It requires usage credits'],
  ],
  refused: ["I can't help with this request", 'appears to violate our Usage Policy'],
  max_tokens: ['exceeded the 8000 output token maximum'],
  server_error: ['{"type":"overloaded_error"}', 'Internal server error', 'Overloaded'],
  rate_limited: [
    ...['rate limit', 'rate_limit_error', 'rate-limited', 'ratelimit', 'temporarily limiting requests'],
    'Too many requests',
  ],
  network: [
    ...['connect ECONNREFUSED 127.0.0.1', 'read ECONNRESET', 'getaddrinfo ENOTFOUND api', 'ETIMEDOUT', 'EAI_AGAIN'],
    ...['EHOSTUNREACH', 'ENETUNREACH', 'connection refused', 'connection reset', 'Connection dropped'],
    ...['connection closed', 'Connection error.', 'Unable to connect to API', 'Request timed out', 'fetch failed'],
    ...['socket hang up', 'self-signed certificate', 'empty or malformed response'],
    ...['Cannot read properties of undefined', 'Could not refresh access token'],
    ...['API Error: 407 proxy', 'API Error: 408', 'API Error 408'],
  ],
};

const pairs = (table: typeof WORDS) =>
  Object.entries(table).flatMap(([kind, said]) => said.map((words) => [words, kind] as const));

describe('a word of the program', () => {
  test.each(pairs(WORDS))('%s means %s, wherever it stands', (word, kind) => {
    expect(kindOf({ notice: notice({ error: word }) })).toBe(kind);
    expect(kindOf({ notice: notice({ stopReason: word }) })).toBe(kind);
    expect(kindOf({ retry: notice({ error: word }) })).toBe(kind);
    for (const place of ['error', 'subtype', 'stopReason', 'terminalReason']) {
      expect(kindOf({ result: result({ [place]: word }) }), place).toBe(kind);
    }
  });

  test('about a retry tells nothing once there is a result', () => {
    expect(kindOf({ retry: notice({ error: 'rate_limit', status: 429 }), result: result() })).toBeUndefined();
    expect(kindOf({ retry: notice({ stopReason: 'refusal' }) })).toBeUndefined();
  });

  test('that is none tells nothing', () => {
    expect(kindOf({ notice: notice({ error: 'hm' }), result: result({ subtype: 'hm' }) })).toBeUndefined();
    expect(kindOf({})).toBeUndefined();
  });
});

describe('a sentence of the program', () => {
  test.each(pairs(SENTENCES))('%j means %s, in whatever case', (sentence, kind) => {
    expect(kindOf({}, sentence)).toBe(kind);
    expect(kindOf({}, sentence.toUpperCase())).toBe(kind);
  });

  test.each([
    ['the author was logged in'],
    ['OAuth is fine, and nothing expired'],
    ['PREECONNRESET'],
    ['API Error: 4070'],
    ['API Error: 409'],
    ['slow down'],
    ['TypeError: Cannot read properties of undefined (reading "x")'],
    ['Error: Cannot read properties of undefined'],
  ])('%j tells nothing', (sentence) => {
    expect(kindOf({}, sentence)).toBeUndefined();
  });
});

describe('a status', () => {
  test.each<[number, RunFailureKind | undefined]>([
    [400, undefined],
    [401, 'not_logged_in'],
    [402, 'billing'],
    [403, 'not_logged_in'],
    [404, 'model_not_found'],
    [413, 'prompt_too_long'],
    [429, 'rate_limited'],
    [499, undefined],
    [500, 'server_error'],
    [529, 'server_error'],
    [599, 'server_error'],
    [600, undefined],
  ])('%i means %s, wherever it is told', (status, kind) => {
    expect(kindOf({ result: result({ status }) })).toBe(kind);
    expect(kindOf({ notice: notice({ status }) })).toBe(kind);
    expect(kindOf({ retry: notice({ status }) })).toBe(kind);
    expect(kindOf({}, `API Error: ${status} {"type":"error"}`)).toBe(kind);
    expect(kindOf({}, `API Error ${status}`)).toBe(kind);
  });

  test('that is told beats the one in the message', () => {
    expect(kindOf({ result: result({ status: 400 }) }, 'API Error: 529')).toBeUndefined();
  });
});

test('a request that the plan does not cover is a limit, but for what is worse or the service’s', () => {
  const rejection = { resetsAtMs: undefined };
  expect(kindOf({ rejection })).toBe('usage_limited');
  expect(kindOf({ rejection, result: result({ status: 429 }) })).toBe('usage_limited');
  expect(kindOf({ rejection, result: result({ status: 529 }) })).toBe('server_error');
  expect(kindOf({ rejection, result: result({ status: 401 }) })).toBe('not_logged_in');
});

test('each kind of failure has a sentence of its own', () => {
  const said = Object.values({ ...SENTENCES, over_budget: [] }).flatMap(([sentence]) => sentence ?? []);
  const sentences = said.map((sentence) => diagnose(NOTHING, sentence)?.sentence);
  expect(new Set(sentences).size).toBe(said.length);
  expect(sentences).not.toContain('');
  const bySubtype = (subtype: string) => diagnose({ ...NOTHING, result: result({ subtype }) }, '')?.sentence;
  expect(bySubtype('error_max_budget_usd')).toBe('the answer costs more than the limit');
  expect(bySubtype('error_max_turns')).toBe('claude asked for a tool instead of answering');
  expect(diagnose({ ...NOTHING, rejection: { resetsAtMs: undefined } }, '')?.sentence).toBe(
    'claude reached a usage limit',
  );
  expect(bySubtype('server_error')).toBe('the service failed');
});
