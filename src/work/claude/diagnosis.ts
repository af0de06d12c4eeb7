import type { RunFailureKind } from '../runner.ts';
import { USED_UP } from './allotment.ts';
import type { ClaudeReport } from './output.ts';

export interface Diagnosis {
  readonly kind: RunFailureKind;
  readonly sentence: string;
}

/**
 * Names the failure that a run tells about, by HTTP status, by the program's own error words, or by its message; undefined
 * when it tells nothing known.
 */
export function diagnose(report: ClaudeReport, said: string): Diagnosis | undefined {
  const symptoms = { statuses: statusesOf(report, said), words: wordsOf(report), said, report };
  return RULES.find((rule) => isMatch(rule, symptoms));
}

interface Rule extends Diagnosis {
  readonly statuses?: (status: number) => boolean;
  readonly words?: readonly string[];
  readonly says?: RegExp;
  readonly shows?: (report: ClaudeReport) => boolean;
}

/** The first match counts: what stops a whole pass stands above what may go away by itself. */
const RULES: readonly Rule[] = [
  { kind: 'unsupported', sentence: 'claude does not know a flag that it needs', says: /unknown option/i },
  // A gateway may wrap it into any status.
  {
    kind: 'usage_limited',
    sentence: 'claude reached a usage limit',
    words: ['usage_limit_reached'],
    says: USED_UP,
  },
  {
    kind: 'billing',
    sentence: 'claude has no credit left',
    statuses: (status) => status === 402,
    words: ['billing_error'],
    says: /credit balance (?:is )?too low/i,
  },
  {
    kind: 'not_logged_in',
    sentence: 'claude is not logged in',
    statuses: (status) => status === 401 || status === 403,
    words: ['authentication_failed', 'oauth_org_not_allowed', 'org_disabled_credential'],
    says: /not logged in|invalid api key|please run \/login|failed to authenticate|authentication_error|oauth [\w ]{1,20}(?:expired|revoked)|login expired|organization (?:has been|is|has) disabled|disabled organization|could not load credentials|security token .{0,40}expired|apikeyhelper failed/i,
  },
  {
    kind: 'prompt_too_long',
    sentence: 'the prompt is too long for claude',
    statuses: (status) => status === 413,
    words: ['prompt_too_long', 'blocking_limit'],
    says: /(?:prompt|input) is too long|context limit|request too large|piped stdin input exceeds/i,
  },
  {
    kind: 'model_not_found',
    sentence: 'claude does not have this model',
    statuses: (status) => status === 404,
    words: ['model_not_found', 'long_context_credits_required'],
    // The last: a model, or a size of its context, that the plan does not have.
    says: /issue with the selected model|is not available (?:on your|with the)|model identifier is invalid|(?:usage credits|extra usage is) required|requires usage credits/i,
  },
  {
    kind: 'refused',
    sentence: 'claude refused to answer',
    words: ['refusal'],
    says: /can't help with this|violate our usage policy/i,
  },
  {
    kind: 'max_tokens',
    sentence: 'the answer is longer than the limit',
    words: ['max_output_tokens', 'max_tokens'],
    says: /output token maximum/i,
  },
  { kind: 'over_budget', sentence: 'the answer costs more than the limit', words: ['error_max_budget_usd'] },
  { kind: 'malformed', sentence: 'claude asked for a tool instead of answering', words: ['error_max_turns'] },
  // Above the limits: 2.1.100 calls its retries after a 529 "rate_limit".
  {
    kind: 'server_error',
    sentence: 'the service failed',
    statuses: (status) => status >= 500 && status <= 599,
    words: ['overloaded'],
    says: /overloaded_error/i,
  },
  {
    kind: 'usage_limited',
    sentence: 'claude reached a usage limit',
    shows: (report) => report.rejection !== undefined,
  },
  {
    kind: 'rate_limited',
    sentence: 'claude reached a rate limit',
    statuses: (status) => status === 429,
    words: ['rate_limit'],
    says: /rate[ _-]?limit|limiting requests|too many requests/i,
  },
  // What stands between us and the service, a proxy's own page included: no fault of the session.
  {
    kind: 'network',
    sentence: 'claude could not reach the service',
    words: ['connection_failed'],
    says: /\bE(?:CONN[A-Z]+|NOTFOUND|TIMEDOUT|AI_AGAIN|HOSTUNREACH|NETUNREACH)\b|connection (?:refused|reset|dropped|closed|error)|unable to connect|request timed out|fetch failed|socket hang up|certificate|empty or malformed response|(?:(?<!Error: )|(?<=API Error: ))cannot read properties of undefined|could not refresh access token|API Error:? 40[78]\b/i,
  },
  {
    kind: 'server_error',
    sentence: 'the service failed',
    words: ['server_error'],
    says: /internal server error|overloaded/i,
  },
];

interface Symptoms {
  readonly statuses: readonly number[];
  readonly words: ReadonlySet<string>;
  readonly said: string;
  readonly report: ClaudeReport;
}

function isMatch(rule: Rule, { statuses, words, said, report }: Symptoms): boolean {
  if (rule.statuses && statuses.some(rule.statuses)) return true;
  if (rule.shows?.(report) === true) return true;
  return rule.words?.some((word) => words.has(word)) === true || rule.says?.test(said) === true;
}

/** Older versions tell the status in the message only: "API Error: 529 {…}". */
function statusesOf({ result, notice, retry }: ClaudeReport, said: string): readonly number[] {
  const told = [result?.status, notice?.status, result ? undefined : retry?.status].filter(
    (status) => status !== undefined,
  );
  if (told.length > 0) return told;
  const status = /\bAPI Error:? (\d{3})\b/.exec(said)?.[1];
  return status === undefined ? [] : [Number(status)];
}

function wordsOf({ result, notice, retry }: ClaudeReport): ReadonlySet<string> {
  const ofNotice = notice ? [notice.error, notice.stopReason] : [];
  const ofResult = result ? [result.error, result.subtype, result.stopReason, result.terminalReason] : [];
  // A run that got as far as a result is past its retries.
  const ofRetry = retry && !result ? [retry.error] : [];
  return new Set([...ofNotice, ...ofResult, ...ofRetry]);
}
