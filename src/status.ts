import { HOUR_MS, isoTime } from './clock.ts';
import type { Config } from './config.ts';
import { detectWork } from './detection.ts';
import type { Ledger } from './ledger/ledger.ts';
import { type LockRecord, readLiveLock } from './lock.ts';
import type { PassOptions, World } from './pass.ts';
import { openClaude } from './pass-setup.ts';
import type { VerdictName } from './session/classify.ts';
import { type PassSummary, readState, type State, StateStore } from './state.ts';
import { RateLimiter } from './work/rate-limiter.ts';
import type { AgentWorkStatus } from './work/status.ts';

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
    rate: rateLeft(state, world, options.config),
  };
}

async function isAgentAvailable(ledger: Ledger, world: World, config: Config): Promise<boolean> {
  if (config.agent !== 'claude') return config.agent === 'offline';
  const runner = world.runner ?? openClaude(config, world, StateStore.peek(ledger.stateDir).store);
  return runner.available();
}

function rateLeft(state: State, world: World, { maxInvocationsPerHour }: Config): LedgerStatus['rate'] {
  const limiter = new RateLimiter(maxInvocationsPerHour, HOUR_MS, { clock: world.clock, restored: state.rateWindow });
  return { remaining: limiter.remaining(), limit: maxInvocationsPerHour, refills_at: isoTime(limiter.refillsAt()) };
}
