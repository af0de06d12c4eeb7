import { cleanRunner } from './clean-runner.ts';
import { type Clock, HOUR_MS } from './clock.ts';
import type { Config } from './config.ts';
import type { RedactionPolicy } from './session/redaction/policy.ts';
import type { StateStore } from './state.ts';
import type { State } from './state-format.ts';
import { Budget } from './work/budget.ts';
import { ClaudeRunner } from './work/claude-runner.ts';
import { Estimator } from './work/estimator.ts';
import { RateLimiter } from './work/rate-limiter.ts';
import type { Runner } from './work/runner.ts';

/** What an agent may be asked, and what that costs: as the configuration wants it, and as earlier passes left it. */
export interface Limits {
  readonly limiter: RateLimiter;
  readonly budget: Budget;
  readonly estimator: Estimator;
}

export function openLimits(config: Config, state: State, clock: Clock): Limits {
  const { rateWindow, spending, lessons } = state;
  return {
    limiter: new RateLimiter(config.maxInvocationsPerHour, HOUR_MS, { clock, restored: rateWindow }),
    budget: new Budget(config, { clock, restored: spending }),
    estimator: new Estimator(config.model, { prices: config.prices, restored: lessons }),
  };
}

/** What the next pass has to know of these. */
export function limitsState({ limiter, budget, estimator }: Limits): Partial<State> {
  return { rateWindow: limiter.window(), spending: budget.memory, lessons: estimator.lessons };
}

/** The world as far as a runner needs it. */
interface AgentWorld {
  readonly clock: Clock;
  readonly environment: NodeJS.ProcessEnv;
  readonly runner?: Runner;
}

/** The agent that the configuration names; null where none is asked. What it says of a failure holds no secret. */
export function openRunner(
  config: Config,
  world: AgentWorld,
  store: StateStore,
  policy: RedactionPolicy,
): Runner | null {
  return config.agent === 'claude' ? cleanRunner(world.runner ?? openClaude(config, world, store), policy) : null;
}

/** Claude Code as the configuration wants it. */
function openClaude(config: Config, world: AgentWorld, store: StateStore): Runner {
  return new ClaudeRunner({
    ...(config.claudePath !== undefined && { path: config.claudePath }),
    ...(config.model !== undefined && { model: config.model }),
    timeoutMs: config.timeoutMs,
    userSettings: config.claudeSettings === 'user',
    environment: world.environment,
    clock: world.clock,
    flagCache: {
      get: (binary) => store.state.claudeFlags[binary],
      set: (binary, flags) => store.update({ claudeFlags: { [binary]: flags } }),
    },
  });
}
