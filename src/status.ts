import path from 'node:path';
import { openLimits, openRunner } from './agent-setup.ts';
import { isoTime } from './clock.ts';
import type { Config } from './config.ts';
import { type DetectReport, detectWork } from './detection.ts';
import type { Ledger } from './ledger/ledger.ts';
import { readHead } from './ledger/plain-file.ts';
import { type LockRecord, readLiveLock } from './lock.ts';
import type { PassOptions, World } from './pass.ts';
import { type LastFailure, PassLog } from './pass-log.ts';
import type { VerdictName } from './session/classify.ts';
import { defined } from './session/json-object.ts';
import type { RedactionPolicy } from './session/redaction/policy.ts';
import { withheldSessions } from './session-memory.ts';
import { nextDue } from './setup/schedule.ts';
import type { TimerKind } from './setup/timer.ts';
import { readTimerNote } from './setup/timer-note.ts';
import { StateStore } from './state.ts';
import type { PassSummary, State } from './state-format.ts';
import { absenceOf } from './work/agent-stop.ts';
import { standingPause } from './work/pause.ts';
import type { AgentWorkStatus } from './work/status.ts';
import { totalUsage, type Usage, type UsageByDay, usageByModel } from './work/usage.ts';

/** All models together, and each of them. */
export interface UsageReport extends Usage {
  readonly models: Readonly<Record<string, Usage>>;
}

/** The Go package's snapshot, and behind it what a person wants to know besides. */
export interface LedgerStatus extends AgentWorkStatus {
  readonly ledger: string;
  /** Where the agent's program was looked for, when it is not there. */
  readonly agent_absence?: string;
  /** Verdict -> sessions. */
  readonly sessions: Readonly<Partial<Record<VerdictName, number>>>;
  /** The pass that runs at this moment. */
  readonly running?: Pick<LockRecord, 'pid' | 'host' | 'started_at' | 'heartbeat_at'>;
  readonly last_pass?: PassSummary;
  /** When the next one is started, and by what, as `setup cron` has left it. */
  readonly next_pass?: { readonly due_at: string; readonly started_by: TimerKind };
  /** When a pass last looked for work; a hook does not look again within five minutes. */
  readonly last_look_at?: string;
  /** A hook of ours may be there: it lies where git has hooks, or they lie elsewhere, where nobody looks now. */
  readonly may_follow_pulls?: true;
  /** What the last pass in the background failed of, until somebody has read of it, or for a day. */
  readonly last_failure?: LastFailure;
  /** Commits with sessions that the upstream branch lacks; null when there is no upstream. */
  readonly unpushed: number | null;
  /** Sessions that are finished and committed, and wait for a push. */
  readonly unpushed_sessions?: readonly string[];
  /** Sessions that the remote refuses. */
  readonly withheld?: readonly string[];
  /** Sessions that no pass pushes, as commits that no remote has hold secrets of them. */
  readonly unclean?: readonly string[];
  /** What agents took, by model, on this UTC day and on the last seven of them. */
  readonly usage: {
    readonly today: UsageReport;
    readonly last_7_days: UsageReport;
  };
  /** What may be spent; absent where nothing limits it. */
  readonly limits: { readonly max_cost_usd_per_day?: number; readonly max_tokens_per_day?: number };
  /** How many rules are in force beside the built-in ones: of REDACT.md files, and values of the environment. */
  readonly redaction: { readonly team: number; readonly user: number; readonly environment: number };
  /** No agent is asked before `until`. */
  readonly pause?: { readonly since: string; readonly until: string; readonly reason: string };
  /** The remote takes no claims: other machines may work on the same sessions at the same time. */
  readonly claims_refused?: boolean;
  /** Agent runs left in this hour, of how many, and when there are more. */
  readonly rate: { readonly remaining: number; readonly limit: number; readonly refills_at: string };
}

/**
 * Reads the saved state, the live lock and the ledger; there is no daemon to ask. Changes nothing. `detection`: where
 * somebody looks already.
 */
export async function readStatus(
  ledger: Ledger,
  world: World,
  options: PassOptions,
  detection: Promise<DetectReport> = detectWork(ledger, world, options),
): Promise<LedgerStatus> {
  const { store } = StateStore.peek(ledger.stateDir);
  const { state } = store;
  const [{ counts, items, unpushed: waitingForPush }, unpushed, absence] = await Promise.all([
    detection,
    ledger.git.unpushed('sessions'),
    agentAbsence(options.config, world, store, ledger.redaction.general),
  ]);
  const lock = readLiveLock(ledger.stateDir, world.clock());
  const { withheld } = withheldSessions(state.sessions, world.clock());
  const { limiter, budget } = openLimits(options.config, state, world.clock);
  return {
    enabled: options.config.agent !== 'none',
    agent_type: options.config.agent,
    agent_available: options.config.agent !== 'none' && absence === undefined,
    ...(absence !== undefined && { agent_absence: absence }),
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
    ...(mayFollowPulls(ledger) && { may_follow_pulls: true }),
    ...defined({ next_pass: nextPass(ledger, world.clock()) }),
    ...(state.lastDetectAt !== undefined && { last_look_at: isoTime(state.lastDetectAt) }),
    ...defined({ last_failure: new PassLog(ledger.stateDir, world.clock).lastFailure }),
    unpushed: unpushed ?? null,
    ...(waitingForPush.length > 0 && { unpushed_sessions: waitingForPush.map(({ session }) => session.ledgerName) }),
    ...(withheld.length > 0 && { withheld }),
    ...(state.unclean.length > 0 && { unclean: state.unclean }),
    // What a killed pass left under way counts for the next; a pass that lives tells it itself.
    usage: usageOf(lock ? state.spending.days : budget.memory.days, world.clock()),
    limits: defined({
      max_cost_usd_per_day: options.config.maxCostUsdPerDay,
      max_tokens_per_day: options.config.maxTokensPerDay,
    }),
    redaction: ledger.redaction.counts,
    ...pauseOf(state, world.clock()),
    ...(state.claimsRefusedBy !== undefined && { claims_refused: true }),
    rate: { remaining: limiter.remaining(), limit: limiter.maxTokens, refills_at: isoTime(limiter.refillsAt()) },
  };
}

/** Why there is no agent to ask; undefined where there is one, or none is asked. */
async function agentAbsence(
  config: Config,
  world: World,
  store: StateStore,
  policy: RedactionPolicy,
): Promise<string | undefined> {
  const runner = openRunner(config, world, store, policy);
  return runner === null || (await runner.available()) ? undefined : absenceOf(runner);
}

/** As it was set up: to ask cron itself takes a process, and `setup check` does. */
/** To ask git for its folder of hooks takes a process. */
function mayFollowPulls({ gitConfig, stateDir }: Ledger): boolean {
  // Scope, origin, and key with value, as git lists them: what no file says is our own, for calls that run no hook.
  const parts = gitConfig.split('\0');
  const isSet = (part: string, at: number) => part.startsWith('core.hookspath\n') && parts[at - 1]?.startsWith('file:');
  if (parts.some(isSet)) return true;
  try {
    return readHead(path.join(path.dirname(stateDir), 'hooks', 'post-merge'), MAX_HOOK_BYTES).includes('agentwork');
  } catch {
    // None, or one that nobody may read.
    return false;
  }
}

const MAX_HOOK_BYTES = 64 * 1024;

function nextPass(ledger: Ledger, now: number): LedgerStatus['next_pass'] {
  const note = readTimerNote(ledger);
  if (!note) return undefined;
  const due = nextDue(note, now);
  return due === undefined ? undefined : { due_at: isoTime(due), started_by: note.with };
}

function usageOf(days: UsageByDay, now: number): LedgerStatus['usage'] {
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
