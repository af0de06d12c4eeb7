import { createHash } from 'node:crypto';
import { limitsState, openLimits, openRunner } from './agent-setup.ts';
import type { Config } from './config.ts';
import { whyNoRoom } from './disk-room.ts';
import { finderOptions, peekState } from './finder-setup.ts';
import { type Sharing, unknownSharing } from './ledger/claims/claims.ts';
import { type CommitReport, Committer } from './ledger/committer.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { PassLock } from './lock.ts';
import type { PassOptions, World } from './pass.ts';
import { PassRemote } from './pass-remote.ts';
import { sessionReport } from './pass-report.ts';
import { SessionFinalizeHandler } from './session-finalize.ts';
import type { SessionOutcome } from './session-finisher.ts';
import { StateStore } from './state.ts';
import type { WorkResult } from './work/drain.ts';
import { Manager } from './work/manager.ts';
import { targetOf } from './work/run-log.ts';
import type { AgentProcess } from './work/status.ts';

const NONE: readonly AgentProcess[] = [];

/** Everything that one pass holds open. */
export interface Pass {
  readonly ledger: Ledger;
  readonly world: World;
  readonly store: StateStore;
  readonly handler: SessionFinalizeHandler;
  readonly manager: Manager;
  readonly remote: PassRemote;
  /** Null when nothing is to be committed. */
  readonly committer: Committer | null;
  /** Both grow while the pass goes on. */
  readonly results: readonly WorkResult<SessionOutcome>[];
  readonly commits: readonly CommitReport[];
  readonly startedAt: number;
}

/** Joins state, handler, queue, runner and committer for one pass. The lock is held already. */
export async function openPass(
  ledger: Ledger,
  world: World,
  options: PassOptions,
  { lock, signal }: { lock: PassLock; signal: AbortSignal },
): Promise<Pass> {
  const startedAt = world.clock();
  const { store, warning } = await StateStore.open(ledger.stateDir);
  if (warning !== undefined) world.tell({ type: 'warning', message: warning });
  store.writeOnlyWhile(() => lock.isHeld());
  if (options.resume) store.update({ pause: undefined });
  const heldBack = () => handler.heldBack(ledger.root);
  const remote = await PassRemote.open({ ledger, world, options, store, signal, heldBack });
  const commits: CommitReport[] = [];
  const committer = options.commit
    ? new Committer(ledger.branch, signal, async (report) => {
        commits.push(report);
        lock.beat();
        // Its files are written: whatever keeps them from a commit, they need not be paid for again.
        remote.claims?.noteFinished(report.sessions);
        if ('error' in report) return;
        store.dropAnswers(report.sessions);
        await store.leaveJournal(report.sessions);
        world.tell({ type: 'committed', sessions: report.sessions });
      })
    : null;
  const handler: SessionFinalizeHandler = buildHandler(ledger, world, options, store, committer, remote.sharing);
  const manager = buildManager(ledger, world, options.config, store, lock);
  const results: WorkResult<SessionOutcome>[] = [];
  manager.registerHandler(handler);
  manager.onComplete((result) => {
    lock.beat();
    results.push(result as WorkResult<SessionOutcome>);
    world.tell({ type: 'finished', report: sessionReport(result as WorkResult<SessionOutcome>) });
  });
  return { ledger, world, store, handler, manager, remote, committer, results, commits, startedAt };
}

/** A handler for looking only: it commits nothing, and remembers nothing. `isShared`: in the order of a pass that claims. */
export function openPlanner(
  ledger: Ledger,
  world: World,
  options: PassOptions,
  { isShared }: { readonly isShared: boolean },
): SessionFinalizeHandler {
  const store = peekState(ledger, world);
  // A pass that claims has an order of its own, once this clone has a name.
  const isOrdered = isShared && options.config.claim && store.state.clone !== undefined;
  return buildHandler(
    ledger,
    world,
    options,
    store,
    null,
    isOrdered ? unknownSharing('nothing is claimed') : undefined,
  );
}

function buildHandler(
  ledger: Ledger,
  world: World,
  options: PassOptions,
  store: StateStore,
  committer: Committer | null,
  claims?: Sharing,
): SessionFinalizeHandler {
  const { config } = options;
  const handler = new SessionFinalizeHandler({
    ...finderOptions(ledger, world, options, store),
    agent: config.agent,
    model: config.model,
    claims,
    ...(claims && { orderKey: (session) => turnOf(session, claims, store.state.clone?.id ?? '') }),
    onRemove: (removal) => world.tell({ type: 'removed', removal }),
    publication: {
      committer,
      stateDir: ledger.stateDir,
      storage: { lfs: ledger.lfs, lfsThreshold: config.lfsThreshold, maxFileBytes: config.maxFileBytes },
      onBegin: (session) => store.enterJournal(session),
      ...(committer && { requireUndisturbed: () => ledger.git.readiness.requireUndisturbed() }),
    },
  });
  handler.setQualityThresholds(config.qualityUploadThreshold, config.qualityDiscardThreshold);
  return handler;
}

function buildManager(ledger: Ledger, world: World, config: Config, store: StateStore, lock: PassLock): Manager {
  const { stats, recent, pause } = store.state;
  const limits = openLimits(config, store.state, world.clock);
  const manager: Manager = new Manager({
    ledgerPath: ledger.root,
    runner: openRunner(config, world, store, ledger.redaction.general),
    agentType: config.agent,
    maxConcurrent: config.maxConcurrent,
    ...limits,
    clock: world.clock,
    wait: world.wait,
    restored: { stats, recent, pause },
    isOurs: () => lock.isHeld(),
    whyNoRoom: () => whyNoRoom([ledger.root, ledger.stateDir]),
    onStart: (item) => world.tell({ type: 'started', session: targetOf(item) }),
    onChange: () => store.save(),
  });
  store.includeInEachSave(() => {
    const { active = NONE, recent = NONE, stats } = manager.status();
    return { active, recent, stats, pause: manager.pause, ...limitsState(limits) };
  });
  return manager;
}

/**
 * Machines that begin at the same minute do not begin with the same sessions: every clone has an order of its own, the
 * same each time. What others have comes last, so that a limit does not count it.
 */
function turnOf(session: string, claims: Sharing, cloneId: string): string {
  const isTaken = claims.holderOf(session) !== undefined;
  return `${isTaken ? 1 : 0} ${createHash('sha256').update(`${cloneId} ${session}`).digest('hex')}`;
}
