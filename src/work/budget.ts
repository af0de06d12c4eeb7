import type { Clock } from '../clock.ts';
import type { RunEstimate } from './estimate.ts';
import type { MeasuredUsage } from './runner.ts';
import { addToDay, totalUsage, UNKNOWN_MODEL, type Usage, type UsageByDay, usageByModel } from './usage.ts';

/** What may be spent; undefined for no limit. Days are UTC. */
export interface BudgetLimits {
  /** US dollars of one pass. */
  readonly maxCostUsd?: number | undefined;
  readonly maxCostUsdPerDay?: number | undefined;
  /** Tokens in and out together. */
  readonly maxTokensPerDay?: number | undefined;
}

/** What is put aside for a run that has started and not told yet what it took. */
export interface Reservation {
  /** What it is for: the dedup key of its item. */
  readonly key: string;
  /** When it started, in milliseconds since the epoch. */
  readonly at: number;
  readonly model: string;
  /** What it is expected to take; in dollars, where the price is not known, as of a dear model. */
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly costUsd: number;
  /** The most that it can take. `costUsd` is undefined where nobody knows the price: all that is left is held for it. */
  readonly most: RunEstimate['most'];
}

export interface BudgetMemory {
  readonly days: UsageByDay;
  /** Runs of a pass that was killed: their agents went on, and may have been paid for. */
  readonly reserved: readonly Reservation[];
  /** How often in a row the pass was killed while a run for this key was under way. */
  readonly interrupted: Readonly<Record<string, number>>;
}

export type LimitName = keyof BudgetLimits;

/**
 * Why a run may not start. `in-flight`: it may when those that run have told what they took. `used-up`: nothing is left,
 * for this or another. `too-large`: it can take more than is left, and others may fit.
 */
export interface BudgetRefusal {
  readonly why: 'in-flight' | 'used-up' | 'too-large';
  readonly limit: LimitName;
  readonly allowed: number;
  /** What is used of it, by what has ended. */
  readonly used: number;
  /** What the run can take at most; undefined where nobody knows. */
  readonly needed: number | undefined;
}

/** Holds all passes of a clone to what may be spent, with the runs that are under way counted in at their most. */
export class Budget {
  readonly #limits: BudgetLimits;
  readonly #clock: Clock;
  readonly #reserved = new Map<string, Reservation>();
  readonly #interrupted: Map<string, number>;
  #days: UsageByDay;
  #passCostUsd = 0;

  constructor(limits: BudgetLimits, options: { clock: Clock; restored?: BudgetMemory | undefined }) {
    this.#limits = limits;
    this.#clock = options.clock;
    this.#days = options.restored?.days ?? {};
    this.#interrupted = new Map(Object.entries(options.restored?.interrupted ?? {}));
    for (const left of options.restored?.reserved ?? []) {
      this.#enter(left, undefined);
      this.#interrupted.set(left.key, this.interruptions(left.key) + 1);
    }
  }

  /** What is to be kept for the next pass. */
  get memory(): BudgetMemory {
    const interrupted = Object.fromEntries(this.#interrupted);
    return { days: this.#days, reserved: [...this.#reserved.values()], interrupted };
  }

  /** How often in a row the pass was killed while a run for this key was under way: it may be what kills it. */
  interruptions(key: string): number {
    return this.#interrupted.get(key) ?? 0;
  }

  /** Puts aside what a run can take at most, or says why it may not start. */
  reserve(key: string, estimate: RunEstimate): BudgetRefusal | undefined {
    const { most } = estimate;
    const refusal = this.#gauges()
      .map((gauge) => refusalOf(gauge, most[gauge.unit]))
      .find((found) => found);
    if (refusal) return refusal;
    this.#reserved.set(key, {
      key,
      at: this.#clock(),
      model: estimate.model ?? UNKNOWN_MODEL,
      tokensIn: estimate.tokensIn,
      tokensOut: estimate.tokensOut,
      costUsd: estimate.costUsd ?? Math.min(this.#leftUsd() ?? 0, estimate.guessUsd ?? Number.POSITIVE_INFINITY),
      most,
    });
    return undefined;
  }

  /**
   * US dollars at which the run of this key has to end: what is put aside for it, or all that is left where nobody knows
   * what it can take. Without any limit too, since an answer that is too long is begun four times. Undefined where
   * nothing bounds it.
   */
  allowanceUsd(key: string): number | undefined {
    const { POSITIVE_INFINITY } = Number;
    const most = this.#reserved.get(key)?.most.costUsd ?? POSITIVE_INFINITY;
    const allowance = Math.min(most, this.#leftUsd() ?? POSITIVE_INFINITY);
    return Number.isFinite(allowance) ? allowance : undefined;
  }

  /** What the limits on dollars leave; undefined without any. */
  #leftUsd(): number | undefined {
    const gauges = this.#gauges().filter(({ unit }) => unit === 'costUsd');
    return gauges.length === 0 ? undefined : Math.min(...gauges.map(({ allowed, used }) => allowed - used));
  }

  /** Enters what the run took. What it does not tell is entered as by the price list, or else as it was expected. */
  settle(key: string, measured: MeasuredUsage, listedUsd?: number): void {
    this.forgetInterruptions(key);
    this.#close(key, measured, listedUsd);
  }

  /** Enters what a run took that was ended with its pass. Whoever ends each pass pays for it again and again: that counts. */
  interrupt(key: string, measured: MeasuredUsage, { isCounted }: { readonly isCounted: boolean }): void {
    if (isCounted) this.#interrupted.set(key, this.interruptions(key) + 1);
    this.#close(key, measured, undefined);
  }

  /** Forgets a run that never got as far as the service. */
  cancel(key: string): void {
    this.#reserved.delete(key);
    this.forgetInterruptions(key);
  }

  /** Forgets how often passes were killed over a key. */
  forgetInterruptions(key: string): void {
    this.#interrupted.delete(key);
  }

  #close(key: string, measured: MeasuredUsage, listedUsd: number | undefined): void {
    const reservation = this.#reserved.get(key);
    this.#reserved.delete(key);
    if (reservation)
      this.#enter(listedUsd === undefined ? reservation : { ...reservation, costUsd: listedUsd }, measured);
  }

  #enter(reservation: Reservation, measured: MeasuredUsage | undefined): void {
    const usage = usageOf(reservation, measured);
    this.#days = addToDay(this.#days, reservation.at, measured?.model ?? reservation.model, usage);
    if (measured) this.#passCostUsd += usage.cost_usd;
  }

  /** Each limit that is set, with what counts against it. */
  #gauges(): readonly Gauge[] {
    const { maxCostUsd, maxCostUsdPerDay, maxTokensPerDay } = this.#limits;
    const today = totalUsage(usageByModel(this.#days, this.#clock(), 1));
    const tokens = today.tokens_in + today.tokens_out;
    return [
      ...this.#gauge('maxCostUsd', 'costUsd', maxCostUsd, this.#passCostUsd),
      ...this.#gauge('maxCostUsdPerDay', 'costUsd', maxCostUsdPerDay, today.cost_usd),
      ...this.#gauge('maxTokensPerDay', 'tokens', maxTokensPerDay, tokens),
    ];
  }

  #gauge(limit: LimitName, unit: Gauge['unit'], allowed: number | undefined, used: number): readonly Gauge[] {
    if (allowed === undefined) return [];
    const running = [...this.#reserved.values()].map(({ most }) => most[unit] ?? Number.POSITIVE_INFINITY);
    return [{ limit, unit, allowed, used, inFlight: running.reduce((sum, most) => sum + most, 0) }];
  }
}

interface Gauge {
  readonly limit: LimitName;
  readonly unit: 'tokens' | 'costUsd';
  readonly allowed: number;
  readonly used: number;
  readonly inFlight: number;
}

/** A run without a known price may start where anything is left and nothing else is under way. */
function refusalOf({ limit, allowed, used, inFlight }: Gauge, most: number | undefined): BudgetRefusal | undefined {
  const isLeft = most === undefined ? used < allowed : used + most <= allowed;
  const isFree = most === undefined ? inFlight === 0 : used + inFlight + most <= allowed;
  if (isLeft && isFree) return undefined;
  const why = isLeft ? 'in-flight' : used < allowed ? 'too-large' : 'used-up';
  return { why, limit, allowed, used, needed: most };
}

/** What a run did not tell is entered as it was expected: some agents tell tokens and no cost. */
function usageOf(reservation: Reservation, measured: MeasuredUsage = {}): Usage {
  const { tokensIn, tokensOut, costUsd } = measured;
  const isWhole = tokensIn !== undefined && costUsd !== undefined;
  return {
    runs: 1,
    tokens_in: tokensIn ?? reservation.tokensIn,
    tokens_out: tokensOut ?? (tokensIn === undefined ? reservation.tokensOut : 0),
    cost_usd: costUsd ?? reservation.costUsd,
    ...(!isWhole && { estimated_runs: 1 }),
  };
}

/** Reads what a state holds; what is no reservation is left out. */
export function parseReservations(value: unknown): readonly Reservation[] {
  if (!Array.isArray(value)) return [];
  return value.filter((entry): entry is Reservation => {
    const { key, at, model, tokensIn, tokensOut, costUsd } = Object(entry);
    const numbers = [at, tokensIn, tokensOut, costUsd];
    return (
      typeof key === 'string' &&
      typeof model === 'string' &&
      numbers.every((number) => Number.isFinite(number) && number >= 0)
    );
  });
}

/** Reads what a state holds; what is no count is left out. */
export function parseInterrupted(value: unknown): Readonly<Record<string, number>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  const counts = Object.entries(value).filter(([, count]) => Number.isSafeInteger(count) && count > 0);
  return Object.fromEntries(counts) as Record<string, number>;
}
