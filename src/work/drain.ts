import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { type AgentGate, MAX_ATTEMPTS, runKey } from './agent-gate.ts';
import { backoffMs } from './backoff.ts';
import { ClaimDesk } from './claim-desk.ts';
import { askedWaitMs, type Consequence, isCounted, usageOf } from './failure.ts';
import type { WorkHandler } from './handler.ts';
import type { WorkItem, WorkQueue } from './queue.ts';
import type { RunLog, RunTotals } from './run-log.ts';
import { RunError, type Runner, type RunRequest, type RunResult } from './runner.ts';

interface ResultFacts {
  readonly item: WorkItem;
  /** Milliseconds from the first look at the item to its end. */
  readonly durationMs: number;
  readonly spent: RunTotals;
}

/** What became of an item that the pass is done with. A failure is a value. */
export type WorkResult<O = unknown> = ResultFacts &
  (
    | { readonly success: true; readonly outcome: O }
    | { readonly success: false; readonly error: Error; readonly outcome?: O }
  );

/** An item that is somebody else's to do. */
export interface ClaimedItem {
  readonly item: WorkItem;
  /** Who has it, or where it is done. */
  readonly by: string;
}

/** Waits so many milliseconds, or until the signal aborts; never rejects. */
export type Wait = (milliseconds: number, signal: AbortSignal) => Promise<void>;

export interface DrainOptions {
  readonly queue: WorkQueue;
  /** The next item, moved to in progress. */
  readonly next: () => WorkItem | undefined;
  readonly handlers: ReadonlyMap<string, WorkHandler>;
  /** How many items are in hand at a time, at work or soon to be, where others work on the same. */
  readonly claimsAtOnce: number;
  readonly runner: Runner | null;
  readonly gate: AgentGate;
  readonly log: RunLog;
  readonly clock: Clock;
  readonly wait: Wait;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly onChange: () => Promise<void>;
  readonly onStart: (item: WorkItem) => void;
  readonly onResult: (result: WorkResult) => void;
}

/** One way through the queue: takes items, asks the agent where one is needed, and sees each to an end for this pass. */
export class Drain {
  readonly #options: DrainOptions;
  readonly #signal: AbortSignal;
  readonly #firstSeen = new Map<string, number>();
  /** Items that wait for their next try, the soonest first. */
  #resting: { readonly item: WorkItem; readonly pauseMs: number; readonly until: number }[] = [];
  readonly #left: WorkItem[] = [];
  readonly #claimed: ClaimedItem[] = [];
  readonly #desk: ClaimDesk;

  constructor(options: DrainOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    this.#desk = new ClaimDesk(options.queue, options.claimsAtOnce);
  }

  /** What others work on, or have done. */
  get claimed(): readonly ClaimedItem[] {
    return this.#claimed;
  }

  /** Resolves with what was left undone, when `workers` at a time have nothing more to do, or the signal aborts. */
  async run(workers: number): Promise<readonly WorkItem[]> {
    // Whoever waits for this may let go of the lock: no agent may run on behind a worker that broke down.
    const ends = await Promise.allSettled(Array.from({ length: workers }, () => this.#work()));
    await this.#desk.idle();
    const broken = ends.find((end) => end.status === 'rejected');
    if (broken) throw broken.reason;
    for (const { item } of this.#resting) this.#leave(item);
    return this.#left;
  }

  async #work(): Promise<void> {
    while (!this.#signal.aborted) {
      const item = this.#options.next();
      if (item) await this.#attempt(item);
      else if (!(await this.#rest())) return;
    }
  }

  /** Waits for the next try of an item; false when none is to come. */
  async #rest(): Promise<boolean> {
    const { gate, queue, clock, wait } = this.#options;
    const soonest = this.#resting.shift();
    if (!soonest) return false;
    // A clock that was set back meanwhile makes the pause no longer than it was to be.
    const leftMs = Math.min(soonest.pauseMs, Math.max(0, soonest.until - clock()));
    if (!gate.stopped) await wait(leftMs, this.#signal);
    queue.requeue(soonest.item);
    return true;
  }

  /** The one place where a failure stops being an exception. */
  async #attempt(item: WorkItem): Promise<void> {
    const { handlers, clock, onChange } = this.#options;
    const handler = handlers.get(item.type);
    this.#firstSeen.set(item.dedupKey, this.#firstSeen.get(item.dedupKey) ?? clock());
    try {
      if (!handler) throw new Error(`no handler for work of type ${item.type}`);
      const holder = await this.#holder(handler, item);
      if (holder !== undefined) this.#leaveTo(holder, item);
      else await this.#finish(handler, item);
    } catch (error) {
      this.#fail(item, asError(error));
    }
    await onChange();
  }

  /** Who else has the item. Where that cannot be told, what needs no agent is done all the same. */
  async #holder(handler: WorkHandler, item: WorkItem): Promise<string | undefined> {
    const { gate } = this.#options;
    if (gate.stopped) return undefined;
    try {
      return await this.#desk.holder(handler, item);
    } catch (error) {
      gate.closeUnclaimed(asError(error));
      return undefined;
    }
  }

  async #finish(handler: WorkHandler, item: WorkItem): Promise<void> {
    const request = await handler.buildPrompt(item);
    if (request !== null) return this.#ask(handler, item, request);
    this.#options.onStart(item);
    this.#succeed(item, await handler.processResult(item, null));
  }

  async #ask(handler: WorkHandler, item: WorkItem, request: RunRequest): Promise<void> {
    if (this.#signal.aborted) return this.#leave(item);
    const { gate, queue, onStart } = this.#options;
    const hopeless = gate.hopeless(item);
    if (hopeless && handler.giveUp) return this.#giveUp(handler, item, hopeless);
    const admission = gate.admit(runKey(item), request);
    if (admission.to === 'leave') return this.#leave(item);
    if (admission.to === 'wait') {
      await gate.change;
      // By then somebody else may have finished it: it is looked at anew.
      return queue.requeue(item);
    }
    onStart(item);
    let result: RunResult | undefined;
    try {
      result = await this.#run(item, admission.request);
      const outcome = await handler.processResult(item, result);
      gate.succeed();
      this.#succeed(item, outcome);
    } catch (error) {
      await this.#afterFailure(handler, item, { failure: asError(error), result });
    }
  }

  async #run(item: WorkItem, request: RunRequest): Promise<RunResult> {
    const { log, gate, runner } = this.#options;
    const begin = () => this.#writeDown();
    const result = await log.enter(item, begin, () => (runner as Runner).run(request, this.#signal));
    gate.settle(runKey(item), result);
    return result;
  }

  /** What could not be written down is not spent: the next pass would not know of it. */
  async #writeDown(): Promise<void> {
    try {
      await this.#options.onChange();
    } catch (cause) {
      throw new RunError('not_started', messageOf(cause), { cause });
    }
  }

  /** Does what the failure calls for: tries the item again, leaves it for another pass, or gives it up. */
  async #afterFailure(handler: WorkHandler, item: WorkItem, { failure, result }: Failed): Promise<void> {
    const isTerminated = this.#signal.reason === 'SIGTERM';
    const consequence = this.#options.gate.fail(runKey(item), failure, isTerminated);
    if (consequence === 'fail') throw failure;
    if (consequence === 'leave') return this.#leave(item);
    const recorded = await handler.recordFailure?.(item, failure, result ?? usageOf(failure));
    const attempts = recorded?.attempts ?? item.attempts + (isCounted(failure) ? 1 : 0);
    const next: WorkItem = { ...item, attempts, lastErr: failure.message };
    if (ENDS_THE_DRAIN.has(consequence) || this.#signal.aborted) return this.#leave(next);
    const isFinal = attempts >= MAX_ATTEMPTS || consequence === 'give-up';
    if (isFinal && handler.giveUp) return this.#giveUp(handler, next, failure);
    if (isFinal || consequence === 'next-pass') return this.#fail(next, failure);
    this.#tryAgain(next, failure, consequence);
  }

  #tryAgain(item: WorkItem, failure: Error, consequence: Consequence): void {
    const { queue, log } = this.#options;
    const { complaint, ...plain } = item;
    const isFirst = consequence === 'repair' && complaint === undefined;
    if (log.spentOn(item).runs >= MAX_ATTEMPTS) this.#fail(item, failure);
    else if (consequence === 'wait') this.#restBeforeRetry(item, failure);
    else queue.requeue(isFirst ? { ...plain, complaint: failure.message } : plain);
  }

  #restBeforeRetry(item: WorkItem, failure: Error): void {
    const { clock, log, random } = this.#options;
    const pauseMs = backoffMs(log.spentOn(item).runs, random(), askedWaitMs(failure, clock()));
    const until = clock() + pauseMs;
    this.#resting = [...this.#resting, { item, pauseMs, until }].sort((a, b) => a.until - b.until);
  }

  async #giveUp(handler: WorkHandler, item: WorkItem, failure: Error): Promise<void> {
    const outcome = await handler.giveUp?.(item, failure);
    this.#options.gate.forget(runKey(item));
    this.#report({ success: false, error: failure, outcome, ...this.#factsOf(item) });
  }

  #succeed(item: WorkItem, outcome: unknown): void {
    this.#options.gate.forget(runKey(item));
    this.#report({ success: true, outcome, ...this.#factsOf(item) });
  }

  #fail(item: WorkItem, error: Error): void {
    this.#report({ success: false, error, ...this.#factsOf(item) });
  }

  #report(result: WorkResult): void {
    this.#options.queue.complete(result.item.dedupKey);
    this.#options.onResult(result);
  }

  #leaveTo(by: string, item: WorkItem): void {
    this.#options.queue.complete(item.dedupKey);
    this.#claimed.push({ item, by });
  }

  #leave(item: WorkItem): void {
    this.#options.queue.complete(item.dedupKey);
    this.#left.push(item);
  }

  #factsOf(item: WorkItem): ResultFacts {
    const now = this.#options.clock();
    const durationMs = now - (this.#firstSeen.get(item.dedupKey) ?? now);
    return { item, durationMs, spent: this.#options.log.spentOn(item) };
  }
}

/** The item waits for another pass, behind those that nothing befell: it may be the one that brought this about. */
const ENDS_THE_DRAIN: ReadonlySet<Consequence> = new Set(['stop', 'pause']);

/** A failure, and the answer that was of no use where one came. */
interface Failed {
  readonly failure: Error;
  readonly result: RunResult | undefined;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(messageOf(error));
}

/** Waits by the clock of the wall. */
export const waitForReal: Wait = (milliseconds, signal) => {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener('abort', end, { once: true });
    function end(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    }
  });
};
