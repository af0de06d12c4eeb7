import type { NewWorkItem, WorkItem } from './queue.ts';
import type { MeasuredUsage, RunRequest, RunResult } from './runner.ts';

/** How one kind of work is found, put to an agent, and finished. */
export interface WorkHandler<P = unknown, O = unknown> {
  /** The `WorkItem.type` that this handler owns, for instance `session-finalize`. */
  type(): string;

  /** Looks over a ledger and changes nothing. An empty list is an answer; an unreadable ledger is an ExpectedError. */
  detect(ledgerPath: string): Promise<NewWorkItem<P>[]>;

  /**
   * Takes items for this process, where others may work on the same; the answer names by dedup key who has those that
   * are not free. Without it all are free. Rejects when nobody can tell: then no agent may be asked.
   */
  claim?(items: readonly WorkItem<P>[]): Promise<ReadonlyMap<string, string>>;

  /** Whether an item that was taken may be somebody else's by now: a machine can have slept since. */
  isLost?(item: WorkItem<P>): boolean;

  /** The question for the agent, or null when the item can be finished without one. Rejects with an ExpectedError. */
  buildPrompt(item: WorkItem<P>): Promise<RunRequest | null>;

  /**
   * Makes the agent's answer last; `result` is null when no agent was needed. Idempotent.
   * Rejects with an ExpectedError: code BAD_ANSWER when the answer was of no use (asking again may help).
   */
  processResult(item: WorkItem<P>, result: RunResult | null): Promise<O>;

  /** Finishes an item whose agent failed for good. Without it such an item stays unfinished. */
  giveUp?(item: WorkItem<P>, failure: Error): Promise<O>;

  /**
   * Bookkeeping that survives this process, called for every run that the agent ended without an answer of use; `usage`
   * is what that run took, as far as it told.
   */
  recordFailure?(item: WorkItem<P>, failure: Error, usage: MeasuredUsage): Promise<{ attempts: number }>;

  /** Housekeeping that needs no agent. */
  cleanup?(ledgerPath: string): Promise<unknown>;
}
