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
  const message = runner.absence?.() ?? `${runner.agentType} is not installed, or not on PATH`;
  const error = new RunError('not_installed', message);
  return { kind: 'unavailable', error };
}

export function pausedStop({ reason, until }: AgentPause, isNew: boolean): AgentStop {
  return { kind: 'paused', message: reason, until, isNew };
}

export function rateStop(maxPerHour: number, until: number): AgentStop {
  return { kind: 'limit', what: 'rate', message: `the ${maxPerHour} agent runs of this hour are used up`, until };
}

export function budgetStop({ limit, allowed }: BudgetRefusal, now: number): AgentStop {
  const { what, message } = BUDGET_WORDS[limit];
  const until = limit === 'maxCostUsd' ? {} : { until: nextDayMs(now) };
  return { kind: 'limit', what, message: message(allowed), ...until };
}

/** A run that alone is over a limit waits until somebody raises that. */
export function tooLargeStop({ limit, allowed, needed }: BudgetRefusal): AgentStop {
  const { what, name, unit } = BUDGET_WORDS[limit];
  const message = `what is left can take ${unit(needed)} in one run, and ${name} allows ${unit(allowed)}`;
  return { kind: 'limit', what, message };
}

const dollars = (amount: number): string => `$${amount.toFixed(amount < 0.1 ? 4 : 2)}`;
const tokens = (amount: number): string => `${amount.toLocaleString('en-US')} tokens`;

const BUDGET_WORDS = {
  maxCostUsd: {
    name: 'agentwork.maxCostUsd',
    what: 'cost',
    unit: dollars,
    message: (allowed: number) => `what is left of the ${dollars(allowed)} for one pass is not enough for another run`,
  },
  maxCostUsdPerDay: {
    name: 'agentwork.maxCostUsdPerDay',
    what: 'cost',
    unit: dollars,
    message: (allowed: number) => `what is left of the ${dollars(allowed)} for this day is not enough for another run`,
  },
  maxTokensPerDay: {
    name: 'agentwork.maxTokensPerDay',
    what: 'tokens',
    unit: tokens,
    message: (allowed: number) => `what is left of the ${tokens(allowed)} for this day is not enough for another run`,
  },
} as const satisfies Record<LimitName, object>;
