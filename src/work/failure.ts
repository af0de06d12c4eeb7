import { ExpectedError, messageOf } from '../errors.ts';
import { LONGEST_BACKOFF_MS } from './backoff.ts';
import { type MeasuredUsage, RunError, type RunFailureKind } from './runner.ts';

/**
 * What a failed run calls for.
 *   `fail`         it is none of the agent's: the item fails as it is
 *   `stop`         no other run would fare better until a person does something
 *   `pause`        no other run would fare better until the allotment is there again
 *   `wait`         it passes by itself: the same again after a while
 *   `repair`       the answer is of no use: once more, with what was wrong about it
 *   `again`        there was no answer to speak of: once more
 *   `next-pass`    it may be the machine's fault, or takes long: once more, but later
 *   `give-up`      the same question would get the same non-answer
 *   `leave`        it was stopped by us
 */
export type Consequence = 'fail' | 'stop' | 'pause' | 'wait' | 'repair' | 'again' | 'next-pass' | 'give-up' | 'leave';

const CONSEQUENCES: Readonly<Record<RunFailureKind, Consequence>> = {
  not_installed: 'stop',
  unsupported: 'stop',
  not_logged_in: 'stop',
  billing: 'stop',
  model_not_found: 'stop',
  usage_limited: 'pause',
  rate_limited: 'wait',
  server_error: 'wait',
  network: 'wait',
  not_started: 'next-pass',
  malformed: 'again',
  crashed: 'next-pass',
  timed_out: 'next-pass',
  over_budget: 'next-pass',
  refused: 'give-up',
  prompt_too_long: 'give-up',
  max_tokens: 'give-up',
  aborted: 'leave',
};

export function consequenceOf(failure: Error, now: number): Consequence {
  if (!(failure instanceof RunError)) return isBadAnswer(failure) ? 'repair' : 'fail';
  if (failure.kind === 'rate_limited' && askedWaitMs(failure, now) > LONGEST_BACKOFF_MS) return 'pause';
  return CONSEQUENCES[failure.kind];
}

/** How long the service asked to be left alone, in milliseconds. */
export function askedWaitMs(failure: Error, now: number): number {
  return failure instanceof RunError && failure.resetsAt !== undefined ? Math.max(0, failure.resetsAt - now) : 0;
}

/** Kinds that say nothing about the item, and of which nobody is paid. */
const BLAMELESS: ReadonlySet<Consequence> = new Set(['stop', 'pause', 'wait']);

/**
 * Whether a failure counts against its input: where the input had a part in it, and wherever it was paid for, or a
 * session could be paid for without end.
 */
export function isCounted(failure: Error): boolean {
  if (!(failure instanceof RunError)) return true;
  if (failure.kind === 'aborted' || failure.kind === 'not_started') return false;
  return !BLAMELESS.has(CONSEQUENCES[failure.kind]) || isPaid(failure);
}

/** The run never got as far as the service: it does not count against the hourly number. */
const UNSENT: ReadonlySet<RunFailureKind> = new Set(['not_installed', 'unsupported', 'not_started', 'network']);

export function isUnsent(failure: Error): boolean {
  return failure instanceof RunError && UNSENT.has(failure.kind) && !isPaid(failure);
}

/**
 * What a failed run took. Of one that was turned away it is nothing, if it does not say otherwise; of one that broke off
 * nobody knows, and the empty value says so.
 */
export function usageOf(failure: Error): MeasuredUsage {
  const usage = failure instanceof RunError ? failure.usage : {};
  const isTurnedAway = failure instanceof RunError && failure.kind !== 'aborted' && !isCounted(failure);
  return isTold(usage) || !isTurnedAway ? usage : { tokensIn: 0, tokensOut: 0, costUsd: 0 };
}

/** What failures have to share to be called alike. */
export function kindOf(failure: Error): string {
  if (failure instanceof RunError) return failure.kind;
  return failure instanceof ExpectedError ? failure.code : messageOf(failure);
}

/** Whether an agent answered, and nothing can be made of it. */
export function isBadAnswer(error: Error): boolean {
  return error instanceof ExpectedError && error.code === 'BAD_ANSWER';
}

/** A run that knows its model had begun to answer: if it tells nothing of what it took, it did not come to telling it. */
function isPaid({ usage }: RunError): boolean {
  const { tokensIn = 0, tokensOut = 0, costUsd = 0, model } = usage;
  return isTold(usage) ? tokensIn + tokensOut + costUsd > 0 : model !== undefined;
}

function isTold({ tokensIn, costUsd }: MeasuredUsage): boolean {
  return tokensIn !== undefined || costUsd !== undefined;
}
