import { type Calibration, estimateRun, isCredible, learn, parseCalibration, type RunEstimate } from './estimate.ts';
import { costOf, DEAREST, type Price, priceOf } from './price.ts';
import type { MeasuredUsage, RunRequest } from './runner.ts';

/** What earlier runs of one asked-for model taught: which model answered, and what it took. */
export interface Lesson {
  readonly model: string;
  readonly calibration?: Calibration;
  /** What its last run came to, for a model that no table knows. */
  readonly price?: Price;
}

/** By the name that was asked for; empty where it was left to the agent. */
export type Lessons = Readonly<Record<string, Lesson>>;

/** Says what a run will take before it starts, and learns from what runs took. */
export class Estimator {
  readonly #model: string | undefined;
  readonly #prices: Readonly<Record<string, Price>>;
  #lessons: Lessons;

  /** `model` is asked for by requests that name none; `prices` win over the table. */
  constructor(
    model: string | undefined,
    options: { prices?: Readonly<Record<string, Price>>; restored?: Lessons | undefined } = {},
  ) {
    this.#model = model;
    this.#prices = options.prices ?? {};
    this.#lessons = options.restored ?? {};
  }

  get lessons(): Lessons {
    return this.#lessons;
  }

  estimate(request: RunRequest): RunEstimate {
    const model = this.#modelOf(request);
    return estimateRun(request, {
      model,
      price: this.#priceOf(request, model),
      calibration: this.#lessonOf(request)?.calibration,
    });
  }

  /** US dollars for the tokens that a run told; undefined where it told none, or nobody knows the price of its model. */
  listedUsd(request: RunRequest, { model, tokensIn, tokensOut = 0 }: MeasuredUsage): number | undefined {
    const price = this.#priceOf(request, model ?? this.#modelOf(request));
    return price === undefined || tokensIn === undefined ? undefined : costOf(price, tokensIn, tokensOut);
  }

  learn(request: RunRequest, estimate: RunEstimate, { model, tokensIn, tokensOut, costUsd }: MeasuredUsage): void {
    const earlier = this.#lessonOf(request);
    const name = model ?? this.#modelOf(request);
    if (name === undefined || tokensIn === undefined || tokensOut === undefined) return;
    const measured = { rawTokensIn: estimate.rawTokensIn, tokensIn, tokensOut };
    const known = earlier?.model === name ? earlier : undefined;
    const calibration = learn(known?.calibration, measured);
    const price = (isCredible(measured) ? pricePaid(tokensIn, tokensOut, costUsd) : undefined) ?? known?.price;
    const lesson = { model: name, calibration, ...(price && { price }) };
    this.#lessons = { ...this.#lessons, [this.#askedFor(request)]: lesson };
  }

  /** The model that answered such a request before, or else the one that it asks for. */
  #modelOf(request: RunRequest): string | undefined {
    return this.#lessonOf(request)?.model ?? request.model ?? this.#model;
  }

  #priceOf(request: RunRequest, model: string | undefined): Price | undefined {
    if (model === undefined) return undefined;
    const lesson = this.#lessonOf(request);
    const learnt = lesson?.model === model ? lesson.price : undefined;
    return priceOf(model, this.#prices, this.#askedFor(request)) ?? learnt;
  }

  #lessonOf(request: RunRequest): Lesson | undefined {
    const asked = this.#askedFor(request);
    return Object.hasOwn(this.#lessons, asked) ? this.#lessons[asked] : undefined;
  }

  #askedFor({ model }: RunRequest): string {
    return model ?? this.#model ?? '';
  }
}

/** Most models ask five times as much for what they write as for what they read. */
const OUTPUT_FACTOR = 5;

/** A figure so many times the dearest price is a mistake, and would forbid the runs that could mend it. */
const ABSURD_FACTOR = 10;

function pricePaid(tokensIn: number, tokensOut: number, costUsd: number | undefined): Price | undefined {
  const weight = tokensIn + OUTPUT_FACTOR * tokensOut;
  if (!costUsd || weight <= 0) return undefined;
  const input = (costUsd * 1e6) / weight;
  if (input > ABSURD_FACTOR * DEAREST.input) return undefined;
  return { input, output: OUTPUT_FACTOR * input };
}

/** Reads what a state holds; what is no lesson is left out. */
export function parseLessons(value: unknown): Lessons {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([asked, lesson]) => {
      const { model, calibration, price } = Object(lesson) as Record<keyof Lesson, unknown>;
      if (typeof model !== 'string') return [];
      const known = parseCalibration(calibration);
      return [[asked, { model, ...(known && { calibration: known }), ...(isPrice(price) && { price }) }] as const];
    }),
  );
}

function isPrice(value: unknown): value is Price {
  const { input, output } = Object(value) as Partial<Price>;
  return [input, output].every((amount) => typeof amount === 'number' && Number.isFinite(amount) && amount >= 0);
}
