import { costOf, DEAREST, type Price } from './price.ts';
import { DEFAULT_MAX_TOKENS, type RunRequest } from './runner.ts';

/** What a run is expected to take, and the most that it can. */
export interface RunEstimate {
  readonly model: string | undefined;
  /** Uncalibrated input tokens: what `learn` compares with. */
  readonly rawTokensIn: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
  /** US dollars; undefined where the model's price is not known. */
  readonly costUsd: number | undefined;
  /** US dollars at the price of the dearest known model. */
  readonly guessUsd?: number;
  /** The most that one call of the model can take: what is reserved for the run. costUsd undefined without a price. */
  readonly most: { readonly tokens: number; readonly costUsd: number | undefined };
}

/** Measured usage of earlier runs of one model: how many there were, and means in which older ones fade. Plain JSON. */
export interface Calibration {
  readonly runs: number;
  readonly rawTokensIn: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
}

/** What Claude Code puts around a prompt under our flags, 1.85 KB of request, and what an API puts around a message. */
const OVERHEAD_TOKENS = 300;

/** A summary with the fields that the prompt asks for, of a session of average length. */
const USUAL_TOKENS_OUT = 900;

/** Even a good estimate is off by so much for one prompt among many. */
const MOST_FACTOR = 1.3;

/** Expects what runs of the model took before; without any, what the text looks like. */
export function estimateRun(
  request: Pick<RunRequest, 'prompt' | 'systemPrompt' | 'maxTokens'>,
  known: {
    readonly model: string | undefined;
    readonly price: Price | undefined;
    readonly calibration: Calibration | undefined;
  },
): RunEstimate {
  const { prompt, systemPrompt = '', maxTokens = DEFAULT_MAX_TOKENS } = request;
  const { model, price } = known;
  const calibration = known.calibration?.runs ? known.calibration : undefined;
  const rawTokensIn = estimateTokens(prompt) + estimateTokens(systemPrompt) + OVERHEAD_TOKENS;
  const tokensIn = Math.ceil(rawTokensIn * factorOf(calibration));
  const tokensOut = Math.min(maxTokens, Math.ceil(calibration?.tokensOut ?? USUAL_TOKENS_OUT));
  const mostIn = Math.ceil(tokensIn * MOST_FACTOR);
  const cost = (input: number, output: number) => (price === undefined ? undefined : costOf(price, input, output));
  return {
    ...{ model, rawTokensIn, tokensIn, tokensOut, costUsd: cost(tokensIn, tokensOut) },
    guessUsd: costOf(DEAREST, tokensIn, tokensOut),
    most: { tokens: mostIn + maxTokens, costUsd: cost(mostIn, maxTokens) },
  };
}

/** No tokenizer differs from the estimate by more; a calibration that says so has seen something else. */
const FACTOR_MIN = 0.5;
const FACTOR_MAX = 3;

function factorOf(calibration: Calibration | undefined): number {
  if (calibration === undefined) return 1;
  return Math.min(FACTOR_MAX, Math.max(FACTOR_MIN, calibration.tokensIn / calibration.rawTokensIn));
}

/** About so many runs count. */
const MEMORY_RUNS = 20;

/** A run that took so many times more or less than the estimate, or nothing, would spoil what twenty honest ones said. */
const ABSURD_FACTOR = 20;

const NOTHING_LEARNT: Calibration = { runs: 0, rawTokensIn: 0, tokensIn: 0, tokensOut: 0 };

/** Adds what a run took; one that is not to be believed changes nothing. */
export function learn(
  calibration: Calibration | undefined,
  run: { readonly rawTokensIn: number; readonly tokensIn: number; readonly tokensOut: number },
): Calibration {
  const before = calibration ?? NOTHING_LEARNT;
  if (!isCredible(run)) return before;
  const runs = before.runs + 1;
  const weight = 1 / Math.min(runs, MEMORY_RUNS);
  const blend = (old: number, measured: number) => old + (measured - old) * weight;
  return {
    runs,
    rawTokensIn: blend(before.rawTokensIn, run.rawTokensIn),
    tokensIn: blend(before.tokensIn, run.tokensIn),
    tokensOut: blend(before.tokensOut, run.tokensOut),
  };
}

/** Whether the figures of a run can be true. */
export function isCredible({ rawTokensIn, tokensIn, tokensOut }: Omit<Calibration, 'runs'>): boolean {
  const factor = tokensIn / rawTokensIn;
  const isOutCredible = Number.isFinite(tokensOut) && tokensOut >= 0;
  return rawTokensIn >= 1 && isOutCredible && factor <= ABSURD_FACTOR && factor >= 1 / ABSURD_FACTOR;
}

/** Reads a saved one; undefined for anything that is none. */
export function parseCalibration(value: unknown): Calibration | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { runs, rawTokensIn, tokensIn, tokensOut } = value as Record<string, unknown>;
  if (typeof runs !== 'number' || typeof rawTokensIn !== 'number') return undefined;
  if (typeof tokensIn !== 'number' || typeof tokensOut !== 'number') return undefined;
  const calibration = { runs, rawTokensIn, tokensIn, tokensOut };
  return Number.isSafeInteger(runs) && runs > 0 && isCredible(calibration) ? calibration : undefined;
}

type Kind = keyof typeof RATES;

/**
 * Hundredths of a token for the first character of a run of its kind, and for each that follows: a tokenizer cuts where the
 * kind changes, and long words within. Fitted to what is published on the tokenizer that Opus 4.7 and all later models have:
 * English prose 3.1 characters per token, Markdown and JSON 2.8, code 2.9, hex, base64 and numbers 1.5; all in all about
 * 2.5, says Anthropic. Older models take up to a third fewer. Whole numbers, so that sums do not depend on their order.
 */
const RATES = {
  blank: [30, 10],
  letter: [90, 14],
  capital: [90, 30],
  digit: [140, 20],
  mark: [110, 10],
  /** Latin with accents, which breaks words apart. */
  accented: [70, 50],
  /** 2 characters per token. */
  cyrillic: [60, 48],
  /** Greek, Hebrew, Arabic, Indic and the like: about 1 character per token. */
  script: [95, 95],
  /** Chinese, Japanese, Korean: a little more than 1 character per token. */
  ideograph: [130, 85],
  /** Dashes, quotes, arrows, frames. */
  symbol: [110, 70],
  /** Halves of emoji: 3 tokens for most of them. */
  astral: [150, 150],
} as const satisfies Record<string, readonly [first: number, next: number]>;

/** Kinds of UTF-16 units, each up to the next number. */
const KINDS: readonly (readonly [end: number, kind: Kind])[] = [
  [0x21, 'blank'],
  [0x30, 'mark'],
  [0x3a, 'digit'],
  [0x41, 'mark'],
  [0x5b, 'capital'],
  [0x61, 'mark'],
  [0x7b, 'letter'],
  [0xc0, 'mark'],
  [0x370, 'accented'],
  [0x400, 'script'],
  [0x530, 'cyrillic'],
  [0x1e00, 'script'],
  [0x1f00, 'accented'],
  [0x2000, 'script'],
  [0x2e80, 'symbol'],
  [0xd800, 'ideograph'],
  [0xe000, 'astral'],
];

/** Counts in one pass and without a tokenizer, off by up to a fifth; calibration corrects it. */
export function estimateTokens(text: string): number {
  let hundredths = 0;
  let previous: Kind | undefined;
  for (let index = 0; index < text.length; index++) {
    const kind = kindOf(text.charCodeAt(index));
    const goesOn = kind === previous || (kind === 'letter' && previous === 'capital');
    hundredths += RATES[kind][goesOn ? 1 : 0];
    previous = kind;
  }
  return Math.ceil(hundredths / 100);
}

function kindOf(unit: number): Kind {
  for (const [end, kind] of KINDS) if (unit < end) return kind;
  return 'ideograph';
}
