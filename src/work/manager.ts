import { type Clock, MINUTE_MS, systemClock } from '../clock.ts';
import { ExpectedError, messageOf } from '../errors.ts';
import type { WorkHandler } from './handler.ts';
import { type NewWorkItem, type WorkItem, WorkQueue } from './queue.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { RunError, type RunFailureKind, type Runner, type RunRequest, type RunResult } from './runner.ts';
import {
  type AgentProcess,
  type AgentWorkStats,
  type AgentWorkStatus,
  addInvocation,
  finishProcess,
  NO_STATS,
  RECENT_LIMIT,
  startProcess,
} from './status.ts';

/** Agent runs that one item gets in one pass, and answers that one input gets in all its life. */
export const MAX_ATTEMPTS = 3;
/** How long `detect` rests after a look; `forceDetect` does not ask. */
export const DETECT_COOLDOWN_MS = 5 * MINUTE_MS;

/** Why no further agent is started in this pass. Work that needs none goes on. */
export type AgentStop =
  | { readonly kind: 'disabled' }
  | { readonly kind: 'unavailable'; readonly error: RunError }
  /** A rate, a usage limit or the pass's budget is used up; `until` in milliseconds since the epoch, where known. */
  | {
      readonly kind: 'limit';
      readonly what: 'rate' | 'usage' | 'cost';
      readonly message: string;
      readonly until?: number;
    };

/** What a run cost, summed over all tries of an item. */
export interface Spent {
  readonly runs: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly costUsd: number;
}

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
}

const STOPPING: ReadonlySet<RunFailureKind> = new Set([
  'not_installed',
  'unsupported',
  'not_logged_in',
  'billing',
  'model_not_found',
]);

const NOTHING_SPENT: Spent = { runs: 0, tokensIn: 0, tokensOut: 0, costUsd: 0 };

/** Brings handlers, queue, limiter and runner together: finds work, and drains it once. */
export class Manager {
  readonly #options: ManagerOptions;
  readonly #clock: Clock;
  readonly #queue: WorkQueue;
  readonly #handlers = new Map<string, WorkHandler>();
  readonly #active = new Map<string, AgentProcess>();
  readonly #spent = new Map<string, Spent>();
  readonly #firstSeen = new Map<string, number>();
  #waiting: NewWorkItem[] = [];
  #left: WorkItem[] = [];
  #stopped: AgentStop | undefined;
  #available = false;
  #costUsd = 0;
  #recent: readonly AgentProcess[];
  #stats: AgentWorkStats;
  #lastDetectAt: number | undefined;
  #notify: (result: WorkResult) => void = () => {};

  constructor(options: ManagerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#queue = new WorkQueue(this.#clock);
    this.#recent = options.restored?.recent ?? [];
    this.#stats = options.restored?.stats ?? NO_STATS;
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
    return this.#queue.enqueue(item);
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
    await this.#refreshAvailability();
    this.#refill();
    const workers = Array.from({ length: this.#options.maxConcurrent }, () => this.#work(signal));
    await Promise.all(workers);
    const remaining = [...this.#left, ...this.#takeAll()];
    return { remaining, ...(this.#stopped && { stopped: this.#stopped }) };
  }

  /** A snapshot of this moment. */
  status(): AgentWorkStatus {
    const active = [...this.#active.values()];
    return {
      enabled: this.#options.agentType !== 'none',
      agent_type: this.#options.agentType,
      agent_available: this.#available,
      queue_depth: this.#queue.length + this.#waiting.length,
      ...(active.length > 0 && { active }),
      ...(this.#recent.length > 0 && { recent: this.#recent }),
      stats: this.#stats,
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
      this.#waiting.push(...(await handler.detect(this.#options.ledgerPath)));
    }
    this.#lastDetectAt = this.#clock();
    this.#refill();
    return this.status().queue_depth - depthBefore;
  }

  /** The queue is capped; what it refuses as full waits here, what it refuses as a duplicate is dropped. */
  #refill(): void {
    while (this.#waiting.length > 0 && this.#queue.hasRoom) this.#queue.enqueue(this.#waiting.shift() as NewWorkItem);
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

  async #refreshAvailability(): Promise<void> {
    const { runner, agentType } = this.#options;
    this.#available = agentType === 'offline' || (await runner?.available()) === true;
    if (!runner) this.#stopped = { kind: 'disabled' };
    else if (!this.#available) this.#stopped = { kind: 'unavailable', error: notInstalled(agentType) };
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
    if (maxCostUsd !== undefined && this.#costUsd >= maxCostUsd) {
      this.#stopped = { kind: 'limit', what: 'cost', message: `the budget of $${maxCostUsd} for one pass is used up` };
    } else if (!limiter.allow()) {
      const until = limiter.refillsAt();
      this.#stopped = { kind: 'limit', what: 'rate', message: 'the agent runs of this hour are used up', until };
    }
    return !this.#stopped;
  }

  async #run(item: WorkItem, request: RunRequest, signal: AbortSignal): Promise<RunResult> {
    const startedAt = this.#clock();
    const running = startProcess(process.pid, item.type, targetOf(item), startedAt);
    this.#active.set(item.dedupKey, running);
    await this.#options.onChange?.();
    try {
      const result = await (this.#options.runner as Runner).run(request, signal);
      this.#recordRun(item, running, { durationMs: this.#clock() - startedAt, exitCode: result.exitCode }, result);
      return result;
    } catch (error) {
      const end = { durationMs: this.#clock() - startedAt, error: messageOf(error), exitCode: exitCodeOf(error) };
      this.#recordRun(item, running, end, error instanceof RunError ? error.usage : {});
      throw error;
    }
  }

  #recordRun(
    item: WorkItem,
    running: AgentProcess,
    end: Parameters<typeof finishProcess>[1],
    usage: RunError['usage'],
  ): void {
    this.#active.delete(item.dedupKey);
    this.#recent = [finishProcess(running, end), ...this.#recent].slice(0, RECENT_LIMIT);
    this.#stats = addInvocation(this.#stats, end.error === undefined);
    this.#spent.set(item.dedupKey, addRun(this.#spentOn(item), usage));
    this.#costUsd += usage.costUsd ?? 0;
  }

  /** Ends agent work, leaves the item for another pass, tries it again, or gives it up: whichever the failure calls for. */
  async #afterFailure(handler: WorkHandler, item: WorkItem, error: unknown, signal: AbortSignal): Promise<void> {
    const failure = error instanceof Error ? error : new Error(messageOf(error));
    if (failure instanceof RunError && this.#stopsAgents(failure)) return this.#leave(item);
    if (signal.aborted && failure instanceof RunError) return this.#leave(item);
    if (!(failure instanceof RunError) && !isBadAnswer(failure)) throw failure;

    const recorded = await handler.recordFailure?.(item, failure);
    const next: WorkItem = { ...item, attempts: recorded?.attempts ?? item.attempts + 1, lastErr: failure.message };
    if (next.attempts >= MAX_ATTEMPTS && handler.giveUp) return this.#giveUp(handler, next, failure);
    if (next.attempts < MAX_ATTEMPTS && this.#spentOn(item).runs < MAX_ATTEMPTS) return this.#queue.requeue(next);
    this.#fail(next, failure);
  }

  #stopsAgents(failure: RunError): boolean {
    if (STOPPING.has(failure.kind)) this.#stopped ??= { kind: 'unavailable', error: failure };
    else if (failure.kind === 'rate_limited') this.#stopped ??= limitStop(failure);
    else return failure.kind === 'aborted';
    return true;
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
    return { item, durationMs, spent: this.#spentOn(item) };
  }

  #spentOn(item: WorkItem): Spent {
    return this.#spent.get(item.dedupKey) ?? NOTHING_SPENT;
  }
}

function notInstalled(agentType: string): RunError {
  return new RunError('not_installed', `${agentType} is not installed, or not on PATH`);
}

function addRun(spent: Spent, usage: RunError['usage']): Spent {
  return {
    runs: spent.runs + 1,
    tokensIn: spent.tokensIn + (usage.tokensIn ?? 0),
    tokensOut: spent.tokensOut + (usage.tokensOut ?? 0),
    costUsd: spent.costUsd + (usage.costUsd ?? 0),
  };
}

function limitStop(failure: RunError): AgentStop {
  const until = failure.resetsAt === undefined ? {} : { until: failure.resetsAt };
  return { kind: 'limit', what: 'usage', message: failure.message, ...until };
}

function isBadAnswer(error: Error): boolean {
  return error instanceof ExpectedError && error.code === 'BAD_ANSWER';
}

function exitCodeOf(error: unknown): number | undefined {
  return error instanceof RunError ? error.exitCode : undefined;
}

/** `session-finalize:2026-03-06T10-00-ryan-Ox7f3a` works on that session. */
function targetOf(item: WorkItem): string {
  return item.dedupKey.slice(item.dedupKey.indexOf(':') + 1);
}
