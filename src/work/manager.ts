import { type Clock, DETECT_COOLDOWN_MS, systemClock } from '../clock.ts';
import { AgentGate } from './agent-gate.ts';
import type { AgentStop } from './agent-stop.ts';
import { Budget } from './budget.ts';
import { type ClaimedItem, Drain, type Wait, type WorkResult, waitForReal } from './drain.ts';
import { Estimator } from './estimator.ts';
import type { WorkHandler } from './handler.ts';
import type { AgentPause } from './pause.ts';
import { type NewWorkItem, type WorkItem, WorkQueue } from './queue.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { RunLog } from './run-log.ts';
import type { Runner } from './runner.ts';
import type { AgentProcess, AgentWorkStats, AgentWorkStatus } from './status.ts';

/** What a drain left undone, and why. */
export interface DrainReport {
  readonly remaining: readonly WorkItem[];
  /** What others have, if anything. */
  readonly claimed?: readonly ClaimedItem[];
  readonly stopped?: AgentStop;
}

export interface ManagerOptions {
  readonly ledgerPath: string;
  /** Null when agent work is disabled or none is needed: items that ask for an agent are left. */
  readonly runner: Runner | null;
  readonly agentType: string;
  readonly maxConcurrent: number;
  readonly limiter: RateLimiter;
  /** What may be spent; without one there is no limit. */
  readonly budget?: Budget;
  /** Says what a run will take; without one nothing is learned from earlier passes. */
  readonly estimator?: Estimator;
  readonly clock?: Clock;
  /** What earlier passes left. */
  readonly restored?: {
    readonly stats?: AgentWorkStats;
    readonly recent?: readonly AgentProcess[];
    readonly lastDetectAt?: number;
    readonly pause?: AgentPause | undefined;
  };
  /** How a failure that passes by itself is waited out, and what spreads such waits (0 to 1). */
  readonly wait?: Wait | undefined;
  readonly random?: () => number;
  /** Called after each change that the next process should know of; awaited, one call at a time per item. */
  readonly onChange?: () => Promise<void>;
  readonly onStart?: (item: WorkItem) => void;
  /** Asked before each agent run; false when another process has taken this work over. */
  readonly isOurs?: () => boolean;
  /** Asked before each agent run; why what it is paid for could not be written. */
  readonly whyNoRoom?: () => string | undefined;
}

/** Brings handlers, queue, limits and runner together: finds work, and drains it once. */
export class Manager {
  readonly #options: ManagerOptions;
  readonly #clock: Clock;
  readonly #queue: WorkQueue;
  readonly #handlers = new Map<string, WorkHandler>();
  readonly #log: RunLog;
  readonly #gate: AgentGate;
  /** By dedup key; the queue takes these in as it gets room. */
  readonly #waiting = new Map<string, NewWorkItem>();
  #available = false;
  #lastDetectAt: number | undefined;
  #notify: (result: WorkResult) => void = () => {};

  constructor(options: ManagerOptions) {
    const { runner, limiter, isOurs, whyNoRoom, restored } = options;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#queue = new WorkQueue(this.#clock);
    this.#log = new RunLog(this.#clock, restored);
    this.#lastDetectAt = restored?.lastDetectAt;
    const budget = options.budget ?? new Budget({}, { clock: this.#clock });
    const estimator = options.estimator ?? new Estimator(undefined);
    const gate = { runner, limiter, isOurs, whyNoRoom, budget, estimator, clock: this.#clock, pause: restored?.pause };
    this.#gate = new AgentGate(gate);
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
    this.#log.beginDrain();
    await this.#refreshAvailability();
    this.#gate.open(this.#available);
    this.#refill();
    const drain = this.#openDrain(signal);
    const left = await drain.run(this.#options.maxConcurrent);
    const remaining = [...left, ...this.#takeAll()];
    const stopped = this.#gate.reason;
    const { claimed } = drain;
    return { remaining, ...(claimed.length > 0 && { claimed }), ...(stopped && { stopped }) };
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

  /** Until when no agent is asked, if so. */
  get pause(): AgentPause | undefined {
    return this.#gate.pause;
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

  #openDrain(signal: AbortSignal): Drain {
    const { runner, wait = waitForReal, random = Math.random, onChange, onStart, maxConcurrent } = this.#options;
    const shared = {
      queue: this.#queue,
      handlers: this.#handlers,
      gate: this.#gate,
      log: this.#log,
      clock: this.#clock,
    };
    return new Drain(
      {
        ...shared,
        ...{ runner, wait, random },
        // While one half is worked on, the other waits: an answer takes longer than a claim.
        claimsAtOnce: 2 * maxConcurrent,
        next: () => this.#next(),
        onChange: async () => onChange?.(),
        onStart: (item) => onStart?.(item),
        onResult: (result) => this.#notify(result),
      },
      signal,
    );
  }

  #next(): WorkItem | undefined {
    const item = this.#queue.dequeue();
    this.#refill();
    return item;
  }

  async #refreshAvailability(): Promise<void> {
    const { runner, agentType } = this.#options;
    this.#available = agentType === 'offline' || (await runner?.available()) === true;
  }
}
