import type { BudgetRefusal, LimitName } from './budget.ts';
import type { AgentPause } from './pause.ts';
import { RunError, type Runner } from './runner.ts';
import { nextDayMs } from './usage.ts';

/** Why no further agent is started in this pass. Work that needs none goes on. */
export type AgentStop =
  | { readonly kind: 'disabled' }
  | { readonly kind: 'unavailable'; readonly error: RunError }
  /** Somebody else does this work now. */
  | { readonly kind: 'displaced' }
  /** Nobody can tell whether others do the same. */
  | { readonly kind: 'unclaimed'; readonly error: Error }
  /** What comes of a run could not be written. */
  | { readonly kind: 'disk_full'; readonly message: string }
  /** So many runs failed alike in a row that the next would, too. */
  | { readonly kind: 'failing'; readonly count: number; readonly error: Error }
  /** The agent's allotment is used up; kept over passes. `isNew` in the pass that met it. */
  | { readonly kind: 'paused'; readonly message: string; readonly until: number; readonly isNew: boolean }
  /** A limit of ours; `until` in milliseconds since the epoch, where a time will end it. */
  | {
      readonly kind: 'limit';
      readonly what: 'rate' | 'cost' | 'tokens';
      readonly message: string;
      readonly until?: number;
    };

export function notInstalledStop(runner: Runner): AgentStop {
  return { kind: 'unavailable', error: new RunError('not_installed', absenceOf(runner)) };
}

/** Where the agent's program was looked for in vain. */
export function absenceOf(runner: Runner): string {
  return runner.absence?.() ?? `${runner.agentType} is not installed, or not on PATH`;
}

export function pausedStop({ reason, until }: AgentPause, isNew: boolean): AgentStop {
  return { kind: 'paused', message: reason, until, isNew };
}

export function rateStop(maxPerHour: number, until: number): AgentStop {
  const message = `the ${maxPerHour} agent runs of this hour are used up (agentwork.maxInvocationsPerHour)`;
  return { kind: 'limit', what: 'rate', message, until };
}

/** A limit does not leave enough for a run. */
export function budgetStop(refusal: BudgetRefusal, now: number): AgentStop {
  const { why, needed = 0, allowed } = refusal;
  return why === 'too-large' && needed > allowed ? tooLargeStop(refusal) : usedUpStop(refusal, now);
}

/** What is left of a limit is not enough; a new day brings a new one, if that is enough. */
function usedUpStop({ limit, allowed, used, needed }: BudgetRefusal, now: number): AgentStop {
  const { what, unit, span } = BUDGETS[limit];
  const more = needed === undefined ? '' : `, and one more run can take ${unit(needed)}`;
  const message = `${unit(used)} of ${unit(allowed)} for ${span} are used (agentwork.${limit})${more}`;
  const isRenewed = limit !== 'maxCostUsd' && allowed > 0 && (needed ?? 0) <= allowed;
  return { kind: 'limit', what, message, ...(isRenewed && { until: nextDayMs(now) }) };
}

/** A run that alone is over a limit waits until somebody raises that. */
function tooLargeStop({ limit, allowed, needed = 0 }: BudgetRefusal): AgentStop {
  const { what, unit, span } = BUDGETS[limit];
  const message = `one run can take ${unit(needed)}, and agentwork.${limit} allows ${unit(allowed)} for ${span}`;
  return { kind: 'limit', what, message };
}

/** Two digits after the point, and more where those would say nothing. */
function dollars(amount: number): string {
  return `$${amount === 0 || amount >= 0.01 ? amount.toFixed(2) : amount.toFixed(4)}`;
}

const tokens = (amount: number): string => `${amount.toLocaleString('en-US')} tokens`;

const BUDGETS = {
  maxCostUsd: { what: 'cost', unit: dollars, span: 'one pass' },
  maxCostUsdPerDay: { what: 'cost', unit: dollars, span: 'this day' },
  maxTokensPerDay: { what: 'tokens', unit: tokens, span: 'this day' },
} as const satisfies Record<LimitName, object>;
