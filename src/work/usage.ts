import { DAY_MS, isoTime } from '../clock.ts';

/** What agent runs took. Tokens in include cached ones; the cost is the agent's own figure in US dollars, not a bill. */
export interface Usage {
  readonly runs: number;
  readonly tokens_in: number;
  readonly tokens_out: number;
  readonly cost_usd: number;
  /** Runs that ended without telling all that they took; what they did not tell is counted as it was expected. */
  readonly estimated_runs?: number;
}

/** UTC day (`2026-03-06`) -> model -> usage. Days are UTC, as on the bill, whatever zone cron and a shell have. */
export type UsageByDay = Readonly<Record<string, Readonly<Record<string, Usage>>>>;

export const NO_USAGE: Usage = { runs: 0, tokens_in: 0, tokens_out: 0, cost_usd: 0 };

/** The model of a run that did not tell it. */
export const UNKNOWN_MODEL = 'unknown';

const KEPT_DAYS = 31;

/** The UTC day of a moment, in milliseconds since the epoch. */
export function dayOf(epochMs: number): string {
  return isoTime(epochMs).slice(0, 10);
}

/** The first moment of the next UTC day. */
export function nextDayMs(epochMs: number): number {
  return (Math.floor(epochMs / DAY_MS) + 1) * DAY_MS;
}

/** Enters a run under its day; days that nobody asks for any more fall out. */
export function addToDay(days: UsageByDay, epochMs: number, model: string, usage: Usage): UsageByDay {
  const day = dayOf(epochMs);
  // By number, not by age: a clock that jumps ahead for a moment must not wipe out what today has cost.
  const kept = Object.entries(days)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(-KEPT_DAYS);
  const today = days[day] ?? {};
  const ofModel = Object.hasOwn(today, model) ? today[model] : undefined;
  return { ...Object.fromEntries(kept), [day]: { ...today, [model]: addUsage(ofModel ?? NO_USAGE, usage) } };
}

function addUsage(one: Usage, other: Usage): Usage {
  const estimated = (one.estimated_runs ?? 0) + (other.estimated_runs ?? 0);
  return {
    runs: one.runs + other.runs,
    tokens_in: one.tokens_in + other.tokens_in,
    tokens_out: one.tokens_out + other.tokens_out,
    cost_usd: one.cost_usd + other.cost_usd,
    ...(estimated > 0 && { estimated_runs: estimated }),
  };
}

/** Per model, what the last so many UTC days took, today among them. */
export function usageByModel(days: UsageByDay, now: number, count: number): Readonly<Record<string, Usage>> {
  const [first, last] = [dayOf(now - (count - 1) * DAY_MS), dayOf(now)];
  const sums = new Map<string, Usage>();
  for (const [day, models] of Object.entries(days)) {
    if (day < first || day > last) continue;
    for (const [model, usage] of Object.entries(models)) sums.set(model, addUsage(sums.get(model) ?? NO_USAGE, usage));
  }
  return Object.fromEntries(sums);
}

export function totalUsage(usages: Readonly<Record<string, Usage>>): Usage {
  return Object.values(usages).reduce(addUsage, NO_USAGE);
}

/** Reads what a state holds; what is no usage is left out. */
export function parseUsageByDay(value: unknown): UsageByDay {
  const days = entriesOf(value).filter(([day]) => /^\d{4}-\d{2}-\d{2}$/.test(day));
  return Object.fromEntries(
    days.map(([day, models]) => [
      day,
      Object.fromEntries(
        entriesOf(models).flatMap(([model, usage]) => (isUsage(usage) ? [[model, plain(usage)]] : [])),
      ),
    ]),
  );
}

/** Nothing else that stood beside it is written again. */
function plain({ runs, tokens_in, tokens_out, cost_usd, estimated_runs: estimated }: Usage): Usage {
  const isCount = Number.isSafeInteger(estimated) && (estimated ?? 0) > 0;
  return { runs, tokens_in, tokens_out, cost_usd, ...(isCount && estimated && { estimated_runs: estimated }) };
}

function isUsage(value: unknown): value is Usage {
  const numbers = ['runs', 'tokens_in', 'tokens_out', 'cost_usd'].map((key) => Object(value)[key]);
  return numbers.every((number) => typeof number === 'number' && Number.isFinite(number) && number >= 0);
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}
