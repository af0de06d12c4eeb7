import { RunError, type RunFailureKind, type Runner } from './runner.ts';

/** Why no further agent is started in this pass. Work that needs none goes on. */
export type AgentStop =
  | { readonly kind: 'disabled' }
  | { readonly kind: 'unavailable'; readonly error: RunError }
  /** Somebody else does this work now. */
  | { readonly kind: 'displaced' }
  /** One item tried as often as it may and never reached the service; others would not either. */
  | { readonly kind: 'unreachable'; readonly error: RunError }
  /** A rate, a usage limit or the pass's budget is used up; `until` in milliseconds since the epoch, where known. */
  | {
      readonly kind: 'limit';
      readonly what: 'rate' | 'usage' | 'cost';
      readonly message: string;
      readonly until?: number;
    };

/** Failures that every further run would meet as well. */
const UNAVAILABLE: ReadonlySet<RunFailureKind> = new Set([
  'not_installed',
  'unsupported',
  'not_logged_in',
  'billing',
  'model_not_found',
]);

/** The same question would get the same non-answer, and some of them are paid for each time. */
const HOPELESS: ReadonlySet<RunFailureKind> = new Set(['prompt_too_long', 'refused', 'max_tokens']);

/** Whether asking again is known to be of no use. */
export function isHopeless(failure: Error): boolean {
  return failure instanceof RunError && HOPELESS.has(failure.kind);
}

/** The run never got as far as the service: it does not count against the hourly number. */
const UNSENT: ReadonlySet<RunFailureKind> = new Set(['not_installed', 'unsupported', 'network']);

export function isUnsent(failure: RunError): boolean {
  return UNSENT.has(failure.kind) && (failure.usage.tokensIn ?? 0) === 0;
}

/** The stop that a failed run calls for; undefined when only its own item is concerned. */
export function stopAfter(failure: RunError): AgentStop | undefined {
  if (UNAVAILABLE.has(failure.kind)) return { kind: 'unavailable', error: failure };
  if (failure.kind === 'over_budget') return { kind: 'limit', what: 'cost', message: failure.message };
  if (failure.kind !== 'rate_limited') return undefined;
  const until = failure.resetsAt === undefined ? {} : { until: failure.resetsAt };
  return { kind: 'limit', what: 'usage', message: failure.message, ...until };
}

export function notInstalledStop(runner: Runner): AgentStop {
  const message = runner.absence?.() ?? `${runner.agentType} is not installed, or not on PATH`;
  const error = new RunError('not_installed', message);
  return { kind: 'unavailable', error };
}

export function rateStop(until: number): AgentStop {
  return { kind: 'limit', what: 'rate', message: 'the agent runs of this hour are used up', until };
}

export function costStop(maxCostUsd: number): AgentStop {
  return { kind: 'limit', what: 'cost', message: `the budget of $${maxCostUsd} for one pass is used up` };
}
