import { SECOND_MS } from '../../clock.ts';
import type { MeasuredUsage } from '../runner.ts';

/** The last line of a run. */
export interface ClaudeResult {
  readonly subtype: string;
  readonly isError: boolean;
  readonly text: string;
  readonly stopReason: string;
  readonly terminalReason: string;
  readonly status: number | undefined;
  readonly error: string;
}

/** What the program said in the place of an answer, or about a retry. */
export interface ClaudeNotice {
  readonly text: string;
  /** The HTTP status. */
  readonly status: number | undefined;
  readonly error: string;
  readonly stopReason: string;
}

/** A request that the plan's allotment did not cover. */
export interface ClaudeRejection {
  readonly resetsAtMs: number | undefined;
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** The program speaks in an assistant's place about failures; no model wrote that. */
export function isNotice(line: JsonObject, message: JsonObject): boolean {
  return message.model === '<synthetic>' || line.is_api_error_message === true || line.isApiErrorMessage === true;
}

export function parseNotice(line: JsonObject, text: string, stopReason: string): ClaudeNotice {
  const status = asNumber(line.api_error_status) ?? asNumber(line.error_status);
  return { text, status, error: asString(line.api_error) || asString(line.error), stopReason };
}

export function parseResult(line: JsonObject): ClaudeResult {
  const errors = Array.isArray(line.errors) ? line.errors.map(asString).join('\n') : '';
  return {
    subtype: asString(line.subtype),
    isError: line.is_error !== false,
    text: asString(line.result) || errors,
    stopReason: asString(line.stop_reason),
    terminalReason: asString(line.terminal_reason),
    status: asNumber(line.api_error_status),
    error: asString(line.api_error),
  };
}

/** The sum over all models, where it is told: some versions make calls beside the answer, and they cost too. */
export function parseUsage(result: JsonObject | undefined, model: string | undefined): MeasuredUsage {
  if (result === undefined) return model === undefined ? {} : { model: modelName(model) };
  const perModel = Object.entries(asObject(result.modelUsage)).map(([name, usage]) => [name, asObject(usage)] as const);
  const usages = perModel.map(([, usage]) => usage);
  const usage = asObject(result.usage);
  const tokensIn = larger(sumOf(usages, MODEL_INPUT), sumOf([usage], RESULT_INPUT));
  const tokensOut = larger(sumOf(usages, ['outputTokens']), sumOf([usage], ['output_tokens']));
  const costUsd = costOf(asAmount(result.total_cost_usd), tokensIn);
  const name = model ?? perModel[0]?.[0];
  return {
    ...(tokensIn === undefined ? {} : { tokensIn }),
    ...(tokensOut === undefined ? {} : { tokensOut }),
    ...(costUsd === undefined ? {} : { costUsd }),
    ...(name === undefined ? {} : { model: modelName(name) }),
  };
}

const MODEL_INPUT = ['inputTokens', 'cacheCreationInputTokens', 'cacheReadInputTokens'] as const;
const RESULT_INPUT = ['input_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens'] as const;

/** Each leaves out what the other tells: calls beside the answer, or a stream that broke off. */
function larger(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);
}

/** Of a stream that broke off some versions tell the tokens and no price. */
function costOf(costUsd: number | undefined, tokensIn: number | undefined): number | undefined {
  return costUsd === 0 && (tokensIn ?? 0) > 0 ? undefined : costUsd;
}

function sumOf(usages: readonly JsonObject[], keys: readonly string[]): number | undefined {
  const numbers = usages.flatMap((usage) => keys.flatMap((key) => asAmount(usage[key]) ?? []));
  return numbers.length === 0 ? undefined : numbers.reduce((sum, count) => sum + count, 0);
}

/**
 * With a subscription login every 429 is told as `rejected`, one of a busy server too: only what names a limit, or says what
 * became of extra usage, speaks of the allotment. `isUsingOverage`: the plan is used up, and the request was served all
 * the same. `overageStatus` alone is no word about this request: an account without extra usage has it rejected in every run.
 */
export function parseRejection(line: JsonObject): ClaudeRejection | undefined {
  const info = asObject(line.rate_limit_info);
  const isOfPlan = asString(info.rateLimitType) !== '' || asString(info.overageStatus) !== '';
  if (info.status !== 'rejected' || info.isUsingOverage === true || !isOfPlan) return undefined;
  const resetsAt = asNumber(info.resetsAt);
  return { resetsAtMs: resetsAt === undefined ? undefined : epochMs(resetsAt) };
}

const epochMs = (time: number) => (time < FIRST_MILLISECONDS ? time * SECOND_MS : time);

/** As seconds this would be the year 33658. */
const FIRST_MILLISECONDS = 1e12;

export function textOf(content: unknown): string {
  if (!Array.isArray(content)) return asString(content);
  return content.map((block) => (asObject(block).type === 'text' ? asString(asObject(block).text) : '')).join('');
}

export function parseObject(line: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
  } catch {
    // Not JSON: the caller counts it.
    return undefined;
  }
}

export function asObject(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null ? (value as JsonObject) : {};
}

export function asString(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** No run takes more than a billion tokens or dollars: who says so would spoil every sum. */
const LARGEST = 1e9;

function asAmount(value: unknown): number | undefined {
  const amount = asNumber(value);
  return amount !== undefined && amount <= LARGEST ? amount : undefined;
}

/** As it may be shown. */
function modelName(name: string): string {
  return name.replaceAll(/[\p{Cc}\p{Cf}]/gu, '').slice(0, 200);
}
