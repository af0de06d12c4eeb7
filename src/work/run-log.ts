import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { WorkItem } from './queue.ts';
import { type MeasuredUsage, RunError, type RunResult } from './runner.ts';
import {
  type AgentProcess,
  type AgentWorkStats,
  addInvocation,
  finishProcess,
  NO_STATS,
  RECENT_LIMIT,
  startProcess,
} from './status.ts';

/** What the agent runs for one item took, summed over all tries of a pass. */
export interface RunTotals {
  readonly runs: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly costUsd: number;
  /** Of the last run that told. */
  readonly model?: string;
}

const NO_RUNS: RunTotals = { runs: 0, tokensIn: 0, tokensOut: 0, costUsd: 0 };

/** The book of agent runs: which go on, which were last, and what they cost. */
export class RunLog {
  readonly #clock: Clock;
  readonly #active = new Map<string, AgentProcess>();
  readonly #spent = new Map<string, RunTotals>();
  #recent: readonly AgentProcess[];
  #stats: AgentWorkStats;

  constructor(clock: Clock, restored: { stats?: AgentWorkStats; recent?: readonly AgentProcess[] } = {}) {
    this.#clock = clock;
    this.#recent = restored.recent ?? [];
    this.#stats = restored.stats ?? NO_STATS;
  }

  get active(): readonly AgentProcess[] {
    return [...this.#active.values()];
  }

  /** Newest first. */
  get recent(): readonly AgentProcess[] {
    return this.#recent;
  }

  get stats(): AgentWorkStats {
    return this.#stats;
  }

  spentOn(item: WorkItem): RunTotals {
    return this.#spent.get(item.dedupKey) ?? NO_RUNS;
  }

  /** What earlier drains spent on an item does not count against its tries in this one. */
  beginDrain(): void {
    this.#spent.clear();
  }

  /**
   * Enters a run as under way while it goes on, and its outcome afterwards, which is passed on as it is. Nothing is
   * entered when `begin` rejects, which does what has to be done before the run may start.
   */
  async enter(item: WorkItem, begin: () => Promise<void>, run: () => Promise<RunResult>): Promise<RunResult> {
    const startedAt = this.#clock();
    const running = startProcess(process.pid, item.type, targetOf(item), startedAt);
    this.#active.set(item.dedupKey, running);
    await begin().catch((error) => {
      this.#active.delete(item.dedupKey);
      throw error;
    });
    try {
      const result = await run();
      this.#close(
        item,
        finishProcess(running, { durationMs: this.#clock() - startedAt, exitCode: result.exitCode, usage: result }),
        result,
      );
      this.#stats = addInvocation(this.#stats, true);
      return result;
    } catch (error) {
      const exitCode = error instanceof RunError ? error.exitCode : undefined;
      const usage = error instanceof RunError ? error.usage : {};
      const end = { durationMs: this.#clock() - startedAt, error: messageOf(error), exitCode, usage };
      this.#close(item, finishProcess(running, end), usage);
      // Who stops a pass has not met a failure of the agent.
      const isStopped = error instanceof RunError && error.kind === 'aborted';
      if (!isStopped) this.#stats = addInvocation(this.#stats, false);
      throw error;
    }
  }

  #close(item: WorkItem, finished: AgentProcess, usage: MeasuredUsage): void {
    this.#active.delete(item.dedupKey);
    this.#recent = [finished, ...this.#recent].slice(0, RECENT_LIMIT);
    const spent = this.spentOn(item);
    const model = usage.model ?? spent.model;
    this.#spent.set(item.dedupKey, {
      runs: spent.runs + 1,
      tokensIn: spent.tokensIn + (usage.tokensIn ?? 0),
      tokensOut: spent.tokensOut + (usage.tokensOut ?? 0),
      costUsd: spent.costUsd + (usage.costUsd ?? 0),
      ...(model !== undefined && { model }),
    });
  }
}

/** `session-finalize:2026-03-06T10-00-ryan-Ox7f3a` works on that session. */
export function targetOf(item: Pick<WorkItem, 'dedupKey'>): string {
  return item.dedupKey.slice(item.dedupKey.indexOf(':') + 1);
}
