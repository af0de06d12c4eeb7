import path from 'node:path';
import type { Removal } from './cleanup.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { ExpectedError } from './errors.ts';
import { assertKnown } from './known-sessions.ts';
import { TEMP_PATTERN } from './ledger/atomic-file.ts';
import { excludeFiles } from './ledger/git/exclude.ts';
import { NO_PUSH } from './ledger/git/push.ts';
import type { Ledger } from './ledger/ledger.ts';
import { acquireLock, type PassLock } from './lock.ts';
import { withoutWork } from './pass-plan.ts';
import { buildReport, type PassReport, type SessionReport, summarisePass } from './pass-report.ts';
import { openPass, type Pass } from './pass-setup.ts';
import type { JudgedSession } from './session-finder.ts';
import type { Wait } from './work/drain.ts';
import { isUnsent } from './work/failure.ts';
import type { DrainReport } from './work/manager.ts';
import { targetOf } from './work/run-log.ts';
import type { Runner } from './work/runner.ts';

/** What a pass needs of the outside. Tests replace the clock and the runner, and nothing else. */
export interface World {
  readonly clock: Clock;
  readonly environment: NodeJS.ProcessEnv;
  /** In place of the agent that the configuration names. */
  readonly runner?: Runner;
  /** Hears what happens, while it happens. */
  readonly tell: (event: PassEvent) => void;
  /** How a failure that passes by itself is waited out; by the clock of the wall without it. */
  readonly wait?: Wait;
}

export interface PassOptions {
  readonly config: Config;
  /** Only these sessions, by name; all when empty. */
  readonly sessions: readonly string[];
  /** Summarise the named sessions anew, although they are finished. */
  readonly again: boolean;
  /** Ask an agent, too, for sessions that have only an offline summary. */
  readonly upgrade?: boolean;
  /** Compare every session with what is known of it. */
  readonly isFull?: boolean | undefined;
  /** Leave no session out, as something is to be told of each. */
  readonly tellsAll?: boolean;
  /** End the pause that a used-up allotment began. */
  readonly resume?: boolean;
  /** At most this many sessions. */
  readonly limit: number | undefined;
  readonly commit: boolean;
  /** Do nothing when work was last looked for less than this many milliseconds ago. */
  readonly ifDueMs?: number | undefined;
}

export type PassEvent =
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'removed'; readonly removal: Removal }
  | { readonly type: 'asking' }
  | { readonly type: 'found'; readonly sessions: number }
  | { readonly type: 'started'; readonly session: string }
  | { readonly type: 'finished'; readonly report: SessionReport }
  | { readonly type: 'committed'; readonly sessions: readonly string[] }
  | { readonly type: 'pushing' };

/**
 * One pass over a ledger: detect, queue, run the agent on each item, write, commit, push once, and done.
 * Throws an ExpectedError when it cannot begin; what goes wrong with a session is in the report.
 */
export async function runPass(
  ledger: Ledger,
  world: World,
  options: PassOptions,
  signal: AbortSignal,
): Promise<PassReport> {
  if (options.commit) await ledger.git.readiness.requireFree();
  const lock = takeLock(ledger, world, options);
  if (!lock) return NOTHING_DONE;
  let pass: Pass | undefined;
  try {
    pass = await openPass(ledger, world, options, { lock, signal });
    if (!isDue(pass, options)) return NOTHING_DONE;
    await pass.remote.catchUp();
    const alreadyDone = await checkNames(pass, options);
    const detected = await pass.manager.forceDetect();
    if (detected > 0 && options.commit) await requireCommittable(ledger);
    world.tell({ type: 'found', sessions: detected });
    if (detected > 0) excludeFiles(path.dirname(ledger.stateDir), TEMP_PATTERN);
    if (detected > 0) pass.remote.warnOfSilence();
    const drained = await pass.manager.drain(signal);
    await pass.committer?.flush();
    const push = await pass.remote.finish({ ...endOf(pass), isWhole: isWhole(pass, options, drained) });
    const { beyondLimit } = pass.handler.finder;
    const notPushedBecause = push.outcome === 'off' ? whyOff(options) : undefined;
    const interrupted = signal.aborted;
    const isNamed = options.sessions.length > 0;
    const lastPass = isNamed ? undefined : pass.store.state.lastPass;
    const report = buildReport({
      ...pass,
      detected,
      drained,
      push,
      alreadyDone,
      beyondLimit,
      notPushedBecause,
      interrupted,
      lastStop: lastPass?.stopped_by,
      lastPush: lastPass?.pushed,
      isNamed,
    });
    await remember(pass, report);
    return report;
  } finally {
    pass?.remote.close();
    lock.release();
  }
}

/** What could not be committed afterwards is neither paid for nor written. */
async function requireCommittable({ git, branch }: Ledger): Promise<void> {
  await git.readiness.requireCommittable();
  await branch.requireSignature();
}

/** The report of a pass that had no reason to begin. */
export const NOTHING_DONE: PassReport = {
  detected: 0,
  results: [],
  remaining: [],
  push: NO_PUSH,
  claimed: [],
  alreadyDone: [],
  interrupted: false,
};

/** A pass that was only due if nobody else sees to it makes way for one that runs. */
function takeLock(ledger: Ledger, world: World, { ifDueMs }: PassOptions): PassLock | undefined {
  try {
    return acquireLock(ledger.stateDir, 'finalize', world.clock);
  } catch (error) {
    const isTaken = error instanceof ExpectedError && error.code === 'LEDGER_LOCKED';
    if (isTaken && ifDueMs !== undefined) return undefined;
    throw error;
  }
}

function isDue({ store, world }: Pass, { ifDueMs }: PassOptions): boolean {
  const last = store.state.lastDetectAt;
  if (ifDueMs === undefined || last === undefined) return true;
  const elapsed = world.clock() - last;
  return elapsed < 0 || elapsed >= ifDueMs;
}

/** Throws UNKNOWN_SESSION for a name that no session has; returns the named ones that need nothing. */
async function checkNames({ handler, ledger }: Pass, options: PassOptions): Promise<readonly JudgedSession[]> {
  const { sessions } = options;
  if (sessions.length === 0) return [];
  const judged = await handler.finder.survey(ledger.root);
  assertKnown(sessions, judged, ledger.sessionsDir);
  return withoutWork(handler, judged, options);
}

/** Whether all that waits was looked at, whatever came of it. */
function isWhole({ handler }: Pass, { sessions }: PassOptions, { remaining }: DrainReport): boolean {
  return sessions.length === 0 && remaining.length === 0 && handler.finder.beyondLimit.length === 0;
}

/** Whether there is something new to push, and which sessions this clone will go on with. */
function endOf({ commits, results }: Pass): { readonly hasCommitted: boolean; readonly failed: readonly string[] } {
  const hasCommitted = commits.some((report) => 'commit' in report && report.commit !== undefined);
  // Who never got as far as to ask leaves them to machines on which claude is well.
  const isOurs = (result: Pass['results'][number]) =>
    !result.success && !result.outcome && result.spent.runs > 0 && !isUnsent(result.error);
  const failed = results.filter(isOurs);
  const uncommitted = commits.flatMap((report) => ('error' in report ? report.sessions : []));
  return { hasCommitted, failed: [...failed.map((result) => targetOf(result.item)), ...uncommitted] };
}

function whyOff({ config, commit }: PassOptions): string {
  if (!commit) return 'nothing was committed, as asked';
  return config.push ? 'there is no remote' : 'pushing is off';
}

async function remember({ store, world, startedAt, manager }: Pass, report: PassReport): Promise<void> {
  store.update({
    active: [],
    lastDetectAt: manager.lastDetectAt,
    lastPass: summarisePass(report, startedAt, world.clock()),
  });
  await store.save();
}
