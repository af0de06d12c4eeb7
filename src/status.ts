import { openRunner } from './agent-setup.ts';
import { HOUR_MS, isoTime } from './clock.ts';
import type { Config } from './config.ts';
import { detectWork } from './detection.ts';
import type { Ledger } from './ledger/ledger.ts';
import { type LockRecord, readLiveLock } from './lock.ts';
import type { PassOptions, World } from './pass.ts';
import type { VerdictName } from './session/classify.ts';
import { defined } from './session/transcript.ts';
import { readState, StateStore } from './state.ts';
import type { PassSummary, State } from './state-format.ts';
import { standingPause } from './work/pause.ts';
import { RateLimiter } from './work/rate-limiter.ts';
import type { AgentWorkStatus } from './work/status.ts';
import { totalUsage, type Usage, usageByModel } from './work/usage.ts';

/** All models together, and each of them. */
export interface UsageReport extends Usage {
  readonly models: Readonly<Record<string, Usage>>;
}

/** The Go package's snapshot, and behind it what a person wants to know besides. */
export interface LedgerStatus extends AgentWorkStatus {
  readonly ledger: string;
  /** Verdict -> sessions. */
  readonly sessions: Readonly<Partial<Record<VerdictName, number>>>;
  /** The pass that runs at this moment. */
  readonly running?: Pick<LockRecord, 'pid' | 'host' | 'started_at' | 'heartbeat_at'>;
  readonly last_pass?: PassSummary;
  /** Commits with sessions that the upstream branch lacks; null when there is no upstream. */
  readonly unpushed: number | null;
  /** What agents took, by model, on this UTC day and on the last seven of them. */
  readonly usage: {
    readonly today: UsageReport;
    readonly last_7_days: UsageReport;
  };
  /** What may be spent; absent where nothing limits it. */
  readonly limits: { readonly max_cost_usd_per_day?: number; readonly max_tokens_per_day?: number };
  /** No agent is asked before `until`. */
  readonly pause?: { readonly since: string; readonly until: string; readonly reason: string };
  /** Agent runs left in this hour, of how many, and when there are more. */
  readonly rate: { readonly remaining: number; readonly limit: number; readonly refills_at: string };
}

/** Reads the saved state, the live lock and the ledger; there is no daemon to ask. Changes nothing. */
export async function readStatus(ledger: Ledger, world: World, options: PassOptions): Promise<LedgerStatus> {
  const { state } = readState(ledger.stateDir);
  const { counts, items } = await detectWork(ledger, world, options);
  const lock = readLiveLock(ledger.stateDir, world.clock());
  const unpushed = await ledger.git.unpushed('sessions');
  return {
    enabled: options.config.agent !== 'none',
    agent_type: options.config.agent,
    agent_available: await isAgentAvailable(ledger, world, options.config),
    queue_depth: items.length,
    ...(lock && state.active.length > 0 && { active: state.active }),
    ...(state.recent.length > 0 && { recent: state.recent }),
    stats: state.stats,
    ledger: ledger.root,
    sessions: counts,
    ...(lock && {
      running: { pid: lock.pid, host: lock.host, started_at: lock.started_at, heartbeat_at: lock.heartbeat_at },
    }),
    ...(state.lastPass && { last_pass: state.lastPass }),
    unpushed: unpushed ?? null,
    usage: usageOf(state, world.clock()),
    limits: defined({
      max_cost_usd_per_day: options.config.maxCostUsdPerDay,
      max_tokens_per_day: options.config.maxTokensPerDay,
    }),
    ...pauseOf(state, world.clock()),
    rate: rateLeft(state, world, options.config),
  };
}

async function isAgentAvailable(ledger: Ledger, world: World, config: Config): Promise<boolean> {
  const runner = openRunner(config, world, StateStore.peek(ledger.stateDir).store);
  return runner ? runner.available() : config.agent === 'offline';
}

function usageOf({ spending }: State, now: number): LedgerStatus['usage'] {
  const { days } = spending;
  const report = (count: number): UsageReport => {
    const models = usageByModel(days, now, count);
    return { ...totalUsage(models), models };
  };
  return { today: report(1), last_7_days: report(7) };
}

function pauseOf(state: State, now: number): Pick<LedgerStatus, 'pause'> {
  const pause = standingPause(state.pause, now);
  if (!pause) return {};
  return { pause: { since: isoTime(pause.since), until: isoTime(pause.until), reason: pause.reason } };
}

function rateLeft(state: State, world: World, { maxInvocationsPerHour }: Config): LedgerStatus['rate'] {
  const limiter = new RateLimiter(maxInvocationsPerHour, HOUR_MS, { clock: world.clock, restored: state.rateWindow });
  return { remaining: limiter.remaining(), limit: maxInvocationsPerHour, refills_at: isoTime(limiter.refillsAt()) };
}
