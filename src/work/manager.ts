import { type Clock, MINUTE_MS, systemClock } from '../clock.ts';
import { ExpectedError, messageOf } from '../errors.ts';
import { type AgentStop, costStop, isHopeless, isUnsent, notInstalledStop, rateStop, stopAfter } from './agent-stop.ts';
import type { WorkHandler } from './handler.ts';
import { type NewWorkItem, type WorkItem, WorkQueue } from './queue.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { RunLog, type Spent } from './run-log.ts';
import { RunError, type Runner, type RunRequest } from './runner.ts';
import type { AgentProcess, AgentWorkStats, AgentWorkStatus } from './status.ts';

/** Agent runs that one item gets in one pass, and answers that one input gets in all its life. */
export const MAX_ATTEMPTS = 3;
/** How long `detect` rests after a look; `forceDetect` does not ask. */
export const DETECT_COOLDOWN_MS = 5 * MINUTE_MS;

interface ResultFacts {
  readonly item: WorkItem;
  /** Milliseconds from the first look at the item to its end. */
  readonly durationMs: number;
  readonly spent: Spent;
}

/** What became of an item that the pass is done with. A failure is a value. */
export type WorkResult<O = unknown> = ResultFacts &
  (
    | { readonly success: true; readonly outcome: O }
    | { readonly success: false; readonly error: Error; readonly outcome?: O }
  );

/** What a drain left undone, and why. */
export interface DrainReport {
  readonly remaining: readonly WorkItem[];
  readonly stopped?: AgentStop;
}

export interface ManagerOptions {
  readonly ledgerPath: string;
  /** Null when agent work is disabled or none is needed: items that ask for an agent are left. */
  readonly runner: Runner | null;
  readonly agentType: string;
  readonly maxConcurrent: number;
  readonly limiter: RateLimiter;
  /** US dollars that the runs of this manager may cost together, by the agent's own estimate. */
  readonly maxCostUsd?: number | undefined;
  readonly clock?: Clock;
  /** Invocation counts and history of earlier passes. */
  readonly restored?: {
    readonly stats?: AgentWorkStats;
    readonly recent?: readonly AgentProcess[];
    readonly lastDetectAt?: number;
  };
  /** Called after each change that the next process should know of; awaited, one call at a time per item. */
  readonly onChange?: () => Promise<void>;
  readonly onStart?: (item: WorkItem) => void;
  /** Asked before each agent run; false when another process has taken this work over. */
  readonly isOurs?: () => boolean;
}

/** Brings handlers, queue, limiter and runner together: finds work, and drains it once. */
export class Manager {
  readonly #options: ManagerOptions;
  readonly #clock: Clock;
  readonly #queue: WorkQueue;
  readonly #handlers = new Map<string, WorkHandler>();
  readonly #log: RunLog;
  readonly #firstSeen = new Map<string, number>();
  /** By dedup key; the queue takes these in as it gets room. */
  readonly #waiting = new Map<string, NewWorkItem>();
  #left: WorkItem[] = [];
  #stopped: AgentStop | undefined;
  #available = false;
  #lastDetectAt: number | undefined;
  #notify: (result: WorkResult) => void = () => {};

  constructor(options: ManagerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#queue = new WorkQueue(this.#clock);
    this.#log = new RunLog(this.#clock, options.restored);
    this.#lastDetectAt = options.restored?.lastDetectAt;
  }

  registerHandler(handler: WorkHandler): void {
    this.#handlers.set(handler.type(), handler);
  }

  /** Sets the function that hears of every item the drain is done with. */
  onComplete(notify: (result: WorkResult) => void): void {
    this.#notify = notify;
  }

  /** False when the queue refuses it: same key at work already, or full. */
  enqueue(item: NewWorkItem): boolean {
    return !this.#waiting.has(item.dedupKey) && this.#queue.enqueue(item);
  }

  /** Looks for work and queues it, unless a look was taken within the cooldown. Returns how many items were new. */
  async detect(): Promise<number> {
    if (this.#isCoolingDown()) return 0;
    return this.#lookForWork();
  }

  /** Lets the handlers clean up, whether an agent is enabled or not, then looks for work whatever the cooldown says. */
  async forceDetect(): Promise<number> {
    for (const handler of this.#handlers.values()) await handler.cleanup?.(this.#options.ledgerPath);
    return this.#lookForWork();
  }

  /** Works through the queue once, `maxConcurrent` items at a time, until it is empty or the signal aborts. */
  async drain(signal: AbortSignal): Promise<DrainReport> {
    this.#forgetLastDrain();
    await this.#refreshAvailability();
    this.#stopWithoutAgent();
    this.#refill();
    const workers = Array.from({ length: this.#options.maxConcurrent }, () => this.#work(signal));
    // Whoever waits for this may let go of the lock: no agent may run on behind a worker that broke down.
    const broken = (await Promise.allSettled(workers)).find((end) => end.status === 'rejected');
    if (broken) throw broken.reason;
    const remaining = [...this.#left, ...this.#takeAll()];
    return { remaining, ...(this.#stopped && { stopped: this.#stopped }) };
  }

  /** A snapshot of this moment. */
  status(): AgentWorkStatus {
    const { active, recent, stats } = this.#log;
    return {
      enabled: this.#options.agentType !== 'none',
      agent_type: this.#options.agentType,
      agent_available: this.#available,
      queue_depth: this.#queue.length + this.#waiting.size,
      ...(active.length > 0 && { active }),
      ...(recent.length > 0 && { recent }),
      stats,
    };
  }

  /** When work was last looked for, in milliseconds since the epoch. */
  get lastDetectAt(): number | undefined {
    return this.#lastDetectAt;
  }

  #isCoolingDown(): boolean {
    if (this.#lastDetectAt === undefined) return false;
    const elapsed = this.#clock() - this.#lastDetectAt;
    return elapsed >= 0 && elapsed < DETECT_COOLDOWN_MS;
  }

  async #lookForWork(): Promise<number> {
    const depthBefore = this.status().queue_depth;
    for (const handler of this.#handlers.values()) {
      for (const item of await handler.detect(this.#options.ledgerPath)) this.#wait(item);
    }
    await this.#refreshAvailability();
    this.#lastDetectAt = this.#clock();
    this.#refill();
    return this.status().queue_depth - depthBefore;
  }

  /** The queue is capped: what is new waits here for room in it, once per key. */
  #wait(item: NewWorkItem): void {
    if (!this.#waiting.has(item.dedupKey) && !this.#queue.has(item.dedupKey)) this.#waiting.set(item.dedupKey, item);
  }

  #refill(): void {
    for (const [key, item] of this.#waiting) {
      if (!this.#queue.hasRoom) return;
      this.#waiting.delete(key);
      this.#queue.enqueue(item);
    }
  }

  #takeAll(): WorkItem[] {
    const items: WorkItem[] = [];
    for (;;) {
      this.#refill();
      const item = this.#queue.dequeue();
      if (!item) return items;
      this.#queue.complete(item.dedupKey);
      items.push(item);
    }
  }

  /** Limits end and people log in: what stopped one drain does not stop the next. */
  #forgetLastDrain(): void {
    this.#left = [];
    this.#stopped = undefined;
    this.#log.beginDrain();
    this.#firstSeen.clear();
  }

  async #refreshAvailability(): Promise<void> {
    const { runner, agentType } = this.#options;
    this.#available = agentType === 'offline' || (await runner?.available()) === true;
  }

  #stopWithoutAgent(): void {
    const { runner } = this.#options;
    if (!runner) this.#stopped = { kind: 'disabled' };
    else if (!this.#available) this.#stopped = notInstalledStop(runner);
  }

  async #work(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const item = this.#queue.dequeue();
      this.#refill();
      if (!item) return;
      await this.#attempt(item, signal);
    }
  }

  /** The one place where a failure stops being an exception. */
  async #attempt(item: WorkItem, signal: AbortSignal): Promise<void> {
    const handler = this.#handlers.get(item.type);
    this.#firstSeen.set(item.dedupKey, this.#firstSeen.get(item.dedupKey) ?? this.#clock());
    try {
      if (!handler) throw new Error(`no handler for work of type ${item.type}`);
      await this.#finish(handler, item, signal);
    } catch (error) {
      this.#fail(item, error instanceof Error ? error : new Error(messageOf(error)));
    }
    await this.#options.onChange?.();
  }

  async #finish(handler: WorkHandler, item: WorkItem, signal: AbortSignal): Promise<void> {
    if (item.attempts >= MAX_ATTEMPTS && handler.giveUp) {
      return this.#giveUp(handler, item, new Error(item.lastErr || 'the agent failed in earlier passes'));
    }
    this.#options.onStart?.(item);
    const request = await handler.buildPrompt(item);
    if (request === null) return this.#succeed(item, await handler.processResult(item, null));
    if (!this.#mayStart(signal)) return this.#leave(item);
    try {
      const result = await this.#run(item, request, signal);
      this.#succeed(item, await handler.processResult(item, result));
    } catch (error) {
      await this.#afterFailure(handler, item, error, signal);
    }
  }

  #mayStart(signal: AbortSignal): boolean {
    if (signal.aborted || this.#stopped) return false;
    const { limiter, maxCostUsd } = this.#options;
    if (this.#options.isOurs?.() === false) this.#stopped = { kind: 'displaced' };
    else if (maxCostUsd !== undefined && this.#log.costUsd >= maxCostUsd) this.#stopped = costStop(maxCostUsd);
    else if (!limiter.allow()) this.#stopped = rateStop(limiter.refillsAt());
    return !this.#stopped;
  }

  async #run(item: WorkItem, request: RunRequest, signal: AbortSignal) {
    return this.#log.enter(item, async () => {
      await this.#options.onChange?.();
      return (this.#options.runner as Runner).run(request, signal);
    });
  }

  /** Ends agent work, leaves the item for another pass, tries it again, or gives it up: whichever the failure calls for. */
  async #afterFailure(handler: WorkHandler, item: WorkItem, error: unknown, signal: AbortSignal): Promise<void> {
    const failure = error instanceof Error ? error : new Error(messageOf(error));
    if (failure instanceof RunError) {
      if (isUnsent(failure)) this.#options.limiter.giveBack();
      const stop = stopAfter(failure);
      this.#stopped ??= stop;
      if (stop || signal.aborted || failure.kind === 'aborted') return this.#leave(item);
    } else if (!isBadAnswer(failure)) throw failure;

    const recorded = await handler.recordFailure?.(item, failure);
    const next: WorkItem = { ...item, attempts: recorded?.attempts ?? item.attempts + 1, lastErr: failure.message };
    const isFinal = next.attempts >= MAX_ATTEMPTS || isHopeless(failure);
    if (isFinal && handler.giveUp) return this.#giveUp(handler, next, failure);
    if (!isFinal && this.#log.spentOn(item).runs < MAX_ATTEMPTS) return this.#queue.requeue(next);
    if (failure instanceof RunError && failure.kind === 'network')
      this.#stopped ??= { kind: 'unreachable', error: failure };
    this.#fail(next, failure);
  }

  async #giveUp(handler: WorkHandler, item: WorkItem, failure: Error): Promise<void> {
    const outcome = await handler.giveUp?.(item, failure);
    this.#report({ success: false, error: failure, outcome, ...this.#factsOf(item) });
  }

  #succeed(item: WorkItem, outcome: unknown): void {
    this.#report({ success: true, outcome, ...this.#factsOf(item) });
  }

  #fail(item: WorkItem, error: Error): void {
    this.#report({ success: false, error, ...this.#factsOf(item) });
  }

  #report(result: WorkResult): void {
    this.#queue.complete(result.item.dedupKey);
    this.#notify(result);
  }

  #leave(item: WorkItem): void {
    this.#queue.complete(item.dedupKey);
    this.#left.push(item);
  }

  #factsOf(item: WorkItem): ResultFacts {
    const durationMs = this.#clock() - (this.#firstSeen.get(item.dedupKey) ?? this.#clock());
    return { item, durationMs, spent: this.#log.spentOn(item) };
  }
}

function isBadAnswer(error: Error): boolean {
  return error instanceof ExpectedError && error.code === 'BAD_ANSWER';
}
