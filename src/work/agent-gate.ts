import type { Clock } from '../clock.ts';
import { isDiskFull } from '../errors.ts';
import { type AgentStop, budgetStop, notInstalledStop, pausedStop, rateStop } from './agent-stop.ts';
import { Breaker } from './breaker.ts';
import type { Budget, BudgetRefusal } from './budget.ts';
import type { RunEstimate } from './estimate.ts';
import type { Estimator } from './estimator.ts';
import { type Consequence, consequenceOf, isUnsent, kindOf, usageOf } from './failure.ts';
import { type AgentPause, pauseFrom, standingPause } from './pause.ts';
import type { NewWorkItem } from './queue.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { RunError, Runner, RunRequest, RunResult } from './runner.ts';

export interface AgentGateOptions {
  /** Null when agent work is disabled or none is needed. */
  readonly runner: Runner | null;
  readonly clock: Clock;
  readonly limiter: RateLimiter;
  readonly budget: Budget;
  readonly estimator: Estimator;
  /** The pause that an earlier pass met. */
  readonly pause?: AgentPause | undefined;
  /** Asked before each agent run; false when another process has taken this work over. */
  readonly isOurs?: (() => boolean) | undefined;
  /** Asked before each agent run; why what it is paid for could not be written. */
  readonly whyNoRoom?: (() => string | undefined) | undefined;
}

/** `go`: it is paid for out of what was put aside. `wait`: others have to end first. `leave`: not in this pass. */
export type Admission =
  | { readonly to: 'go'; readonly request: RunRequest }
  | { readonly to: 'wait' }
  | { readonly to: 'leave' };

interface Entered {
  readonly request: RunRequest;
  readonly estimate: RunEstimate;
}

/** An item, and what came of asking about it so far. */
export type Attempted = Pick<NewWorkItem, 'dedupKey' | 'input' | 'attempts' | 'lastErr'>;

/** What an agent is asked with for an item: another input is another question. */
export function runKey({ dedupKey, input }: Pick<NewWorkItem, 'dedupKey' | 'input'>): string {
  return input === undefined ? dedupKey : `${dedupKey} ${input}`;
}

/** Agent runs that one item gets in one pass, and answers that one input gets in all its life. */
export const MAX_ATTEMPTS = 3;

/** What does not fit was claimed all the same, and is kept from machines that may have more left. */
const MISFITS_IN_A_ROW = 20;

const KILLED = 'each pass that asked was killed while the agent was at work';

/** Everything that can keep an agent from being started stands here, and is asked before each start. */
export class AgentGate {
  readonly #options: AgentGateOptions;
  readonly #running = new Map<string, Entered>();
  #breaker = new Breaker();
  #pause: AgentPause | undefined;
  #stopped: AgentStop | undefined;
  /** Whether an item was left that asked for an agent. */
  #hasLeft = false;
  /** The first item that was left for its size, while others go on. */
  #tooLarge: BudgetRefusal | undefined;
  /** Items in a row that were left for what others had used of a limit. */
  #misfits = 0;
  #wake: () => void = () => {};
  #change: Promise<void> = Promise.resolve();

  constructor(options: AgentGateOptions) {
    this.#options = options;
    this.#pause = options.pause;
    this.#turn();
  }

  /** Why no further agent is started; undefined while one may be. */
  get stopped(): AgentStop | undefined {
    return this.#stopped;
  }

  /** Why items were left, if any were. */
  get reason(): AgentStop | undefined {
    const isHarmless = this.#stopped?.kind === 'disabled' || this.#stopped?.kind === 'unclaimed';
    if (isHarmless && !this.#hasLeft) return undefined;
    return this.#stopped ?? (this.#tooLarge && budgetStop(this.#tooLarge, this.#options.clock()));
  }

  /** What later passes have to keep to; also when it does not stand by a clock that was set back, and may come forward. */
  get pause(): AgentPause | undefined {
    return this.#pause && this.#options.clock() < this.#pause.until ? this.#pause : undefined;
  }

  /** Why nobody is asked about this item any more; undefined while somebody may be. */
  hopeless(item: Attempted): Error | undefined {
    const { attempts = 0, lastErr } = item;
    // A killed pass may have paid, and be killed by what it asked about.
    const killed = this.#options.budget.interruptions(runKey(item));
    if (this.#stopped?.kind === 'disabled' || attempts + killed < MAX_ATTEMPTS) return undefined;
    return new Error(killed > 0 ? KILLED : lastErr || 'the agent failed in earlier passes');
  }

  /** The item has come to its end. */
  forget(key: string): void {
    this.#options.budget.forgetInterruptions(key);
  }

  /** Resolves when the next run ends. */
  get change(): Promise<void> {
    return this.#change;
  }

  /** Limits end and people log in: what stopped one drain does not stop the next. */
  open(isAvailable: boolean): void {
    const { runner } = this.#options;
    const pause = standingPause(this.#pause, this.#options.clock());
    this.#breaker = new Breaker();
    this.#tooLarge = undefined;
    this.#hasLeft = false;
    this.#misfits = 0;
    this.#stopped = undefined;
    if (!runner) this.#stopped = { kind: 'disabled' };
    else if (!isAvailable) this.#stopped = notInstalledStop(runner);
    else if (pause) this.#stopped = pausedStop(pause, false);
    else this.#stopped = this.#noRoom();
  }

  /** Asks all who may object, the one that takes something last. */
  admit(key: string, request: RunRequest): Admission {
    if (this.#stopped) return this.#refuse(this.#stopped);
    const { isOurs, limiter, budget, estimator, clock } = this.#options;
    if (isOurs?.() === false) return this.#refuse({ kind: 'displaced' });
    const noRoom = this.#noRoom();
    if (noRoom) return this.#refuse(noRoom);
    if (limiter.remaining() <= 0) return this.#refuse(rateStop(limiter.maxTokens, limiter.refillsAt()));
    const estimate = estimator.estimate(request);
    const refusal = budget.reserve(key, estimate);
    if (refusal?.why === 'in-flight') return { to: 'wait' };
    if (refusal?.why === 'used-up') return this.#refuse(budgetStop(refusal, clock()));
    if (refusal) return this.#setAside(refusal);
    this.#misfits = 0;
    limiter.allow();
    this.#running.set(key, { request, estimate });
    const maxCostUsd = budget.allowanceUsd(key);
    return { to: 'go', request: maxCostUsd === undefined ? request : { ...request, maxCostUsd } };
  }

  /** Enters what a run that ended with an answer took; whether that is of use is told afterwards. */
  settle(key: string, result: RunResult): void {
    const { budget, estimator } = this.#options;
    const entered = this.#running.get(key);
    budget.settle(key, result, entered && estimator.listedUsd(entered.request, result));
    if (entered) estimator.learn(entered.request, entered.estimate, result);
    this.#running.delete(key);
    this.#turn();
  }

  /**
   * Says what a failed run, or an answer of no use, calls for; whatever concerns all further runs is remembered.
   * `isTerminated`: the pass is ended by another program, which may do so each time.
   */
  fail(key: string, failure: Error, isTerminated: boolean): Consequence {
    const consequence = consequenceOf(failure, this.#options.clock());
    const entered = this.#running.get(key);
    this.#running.delete(key);
    if (entered && consequence === 'leave') {
      this.#options.budget.interrupt(key, usageOf(failure), { isCounted: isTerminated });
    } else if (entered) this.#settleFailed(key, entered, failure);
    if (consequence === 'stop') this.#stopped ??= { kind: 'unavailable', error: failure as RunError };
    if (consequence === 'pause') this.#startPause(failure as RunError);
    if (isDiskFull(failure)) this.#stopped ??= { kind: 'disk_full', message: failure.message };
    if (consequence !== 'leave') this.#count(kindOf(failure), failure);
    this.#turn();
    return consequence;
  }

  /** No agent is asked about what others may be asked about at the same time. */
  closeUnclaimed(error: Error): void {
    this.#stopped ??= { kind: 'unclaimed', error };
  }

  /** Enters that an answer was of use. */
  succeed(): void {
    this.#breaker.note(undefined);
  }

  #settleFailed(key: string, { request }: Entered, failure: Error): void {
    const { budget, limiter, estimator } = this.#options;
    if (isUnsent(failure)) {
      limiter.giveBack();
      budget.cancel(key);
      return;
    }
    const usage = usageOf(failure);
    budget.settle(key, usage, estimator.listedUsd(request, usage));
  }

  #noRoom(): AgentStop | undefined {
    const message = this.#options.whyNoRoom?.();
    return message === undefined ? undefined : { kind: 'disk_full', message };
  }

  #startPause({ message, resetsAt }: RunError): void {
    this.#pause = pauseFrom(this.#options.clock(), message, resetsAt);
    this.#stopped ??= pausedStop(this.#pause, true);
  }

  #count(kind: string, error: Error): void {
    this.#breaker.note(kind);
    if (this.#breaker.isTripped) this.#stopped ??= { kind: 'failing', count: this.#breaker.count, error };
  }

  #refuse(stop: AgentStop): Admission {
    this.#stopped = stop;
    this.#hasLeft = true;
    return { to: 'leave' };
  }

  /** Leaves what does not fit in a limit. Where one after another does not, though it would in a new one, nothing will. */
  #setAside(refusal: BudgetRefusal): Admission {
    this.#tooLarge ??= refusal;
    if ((refusal.needed ?? 0) <= refusal.allowed) this.#misfits += 1;
    if (this.#misfits >= MISFITS_IN_A_ROW) this.#stopped = budgetStop(refusal, this.#options.clock());
    return { to: 'leave' };
  }

  #turn(): void {
    this.#wake();
    this.#change = new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
