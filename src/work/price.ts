/** US dollars per million tokens. */
export interface Price {
  readonly input: number;
  readonly output: number;
  /** What a run pays for all its tokens once its prompt is longer than `tokens`. */
  readonly above?: { readonly tokens: number; readonly input: number; readonly output: number };
}

/** The day of the list that the table was taken from. */
export const PRICES_AS_OF = '2026-11-10';

/**
 * Anthropic's public list (platform.claude.com, "Pricing" and each model's page), prices of the API itself, without cache and batch.
 * The list that Claude Code has built in agrees where it could be compared: Opus 5.5, Haiku 5.5, Haiku 4.5.
 * Rates that begin above 200,000 tokens (Sonnet 4 and 4.5) are left out: no prompt of ours is so long.
 */
const PRICES: Readonly<Record<string, Price>> = {
  'claude-fable-5-2': { input: 8, output: 40 },
  'claude-fable-5-1': { input: 10, output: 50 },
  'claude-fable-5': { input: 10, output: 50 },
  'claude-opus-5-5': { input: 4, output: 20 },
  'claude-opus-5': { input: 5, output: 25 },
  'claude-opus-4-8': { input: 5, output: 25 },
  'claude-opus-4-7': { input: 5, output: 25 },
  'claude-opus-4-6': { input: 5, output: 25 },
  'claude-opus-4-5': { input: 5, output: 25 },
  'claude-opus-4-1': { input: 15, output: 75 },
  'claude-opus-4': { input: 15, output: 75 },
  'claude-sonnet-5-5': { input: 2, output: 10 },
  'claude-sonnet-5': { input: 2, output: 10 },
  'claude-sonnet-4-6': { input: 3, output: 15 },
  'claude-sonnet-4-5': { input: 3, output: 15 },
  'claude-sonnet-4': { input: 3, output: 15 },
  'claude-3-7-sonnet': { input: 3, output: 15 },
  'claude-3-5-sonnet': { input: 3, output: 15 },
  'claude-haiku-5-5': { input: 0.1, output: 0.5, above: { tokens: 100_000, input: 0.5, output: 2.5 } },
  'claude-haiku-4-5': { input: 1, output: 5 },
  'claude-3-5-haiku': { input: 0.8, output: 4 },
  'claude-3-haiku': { input: 0.25, output: 1.25 },
  // An alias means another model in each version of Claude Code and at each provider: the dearest of those in use.
  fable: { input: 10, output: 50 },
  opus: { input: 5, output: 25 },
  sonnet: { input: 3, output: 15 },
  haiku: { input: 1, output: 5 },
};

/** The most that a model of the table costs. */
export const DEAREST = Object.values(PRICES).reduce((a, b) => (b.output > a.output ? b : a));

/**
 * The price of a model by its id, dated or as a provider writes it, or by its alias. The longest matching entry wins,
 * an override wins over the table, and so does one for the name by which the model was asked for.
 * A version that the table does not have is unknown: its neighbours' prices say nothing about it.
 */
export function priceOf(
  model: string,
  overrides: Readonly<Record<string, Price>> = {},
  askedFor = model,
): Price | undefined {
  return bestMatch(model, overrides) ?? bestMatch(askedFor, overrides) ?? bestMatch(model, PRICES);
}

function bestMatch(model: string, prices: Readonly<Record<string, Price>>): Price | undefined {
  const longestFirst = Object.entries(prices).sort(([a], [b]) => b.length - a.length);
  return longestFirst.find(([entry]) => matches(model, entry))?.[1];
}

/** What a provider puts after a model's version: dates, `@20250929`, `-v1:0`, `-latest`, and the window that Claude Code adds. */
const TAIL = /^(?:-0)?(?:[-@]\d{8}|-v\d{1,2}(?::\d{1,3})?|@default|-latest|\[1m\])*$/;

function matches(model: string, entry: string): boolean {
  const [id, sought] = [comparable(model), comparable(entry)];
  if (sought === '') return false;
  const at = id.lastIndexOf(sought);
  // Before the id may stand a provider or region: `anthropic/…`, `us.anthropic.…`. Nothing is in every string.
  return at >= 0 && '/.'.includes(id.charAt(at - 1)) && TAIL.test(id.slice(at + sought.length));
}

/** Some write `claude-opus-4.6`. */
const comparable = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replace(/(\d)\.(?=\d)/g, '$1-');

const MILLION = 1_000_000;

/** In US dollars, as if nothing came from a cache. */
export function costOf(price: Price, tokensIn: number, tokensOut: number): number {
  const { above } = price;
  const rate = above !== undefined && tokensIn > above.tokens ? above : price;
  return (tokensIn * rate.input + tokensOut * rate.output) / MILLION;
}

/** Reads `claude-haiku-4-5=1/5`: dollars per million tokens of input and of output. */
export function parsePrice(text: string): { readonly model: string; readonly price: Price } | undefined {
  const parts = /^([^=\s]+)=(\d{1,9}(?:\.\d{1,9})?)\/(\d{1,9}(?:\.\d{1,9})?)$/.exec(text.trim());
  if (!parts) return undefined;
  const [, model = '', input, output] = parts;
  return { model, price: { input: Number(input), output: Number(output) } };
}

const USUAL_CONTEXT_TOKENS = 200_000;

/** Have the long window without being asked for it, by their pages and by what Claude Code reports. */
const LONG_CONTEXT = ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-5-5'];

/** Tokens that fit a model's window, prompt and answer together. Where versions of Claude Code differ, the smaller window counts. */
export function contextTokensOf(model: string | undefined): number {
  if (model === undefined) return USUAL_CONTEXT_TOKENS;
  const isLong = comparable(model).endsWith('[1m]') || LONG_CONTEXT.some((entry) => matches(model, entry));
  return isLong ? MILLION : USUAL_CONTEXT_TOKENS;
}
