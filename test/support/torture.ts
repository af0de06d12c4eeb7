import { Chance } from './chance.ts';

/**
 * How hard the tests of `test/torture` try. `npm test` runs their short form, which is the same each time; `npm run
 * torture` runs the long one, with a new seed each time. A seed is printed, and AGENTWORK_TORTURE_SEED=… plays it again.
 */
export const isLong = process.env.AGENTWORK_TORTURE === 'long';

export const SEED = Number(process.env.AGENTWORK_TORTURE_SEED ?? (isLong ? Date.now() % 2 ** 31 : 20260306));

export const shortOrLong = (short: number, long: number): number => (isLong ? long : short);

/** Some of a list, the same for the same seed; `what` tells one choice from another. */
export function pick<T>(list: readonly T[], some: number, what: string): T[] {
  // Neighbouring seeds would choose neighbours.
  const chance = new Chance(Math.imul(SEED + what.length, 2_654_435_761) >>> 0);
  return Array.from({ length: some }, () => list[chance.between(0, list.length - 1)] as T);
}

/** Says, in the long form, what was done: these are the figures of the README. */
export function tellFigures(what: string, figures: Readonly<Record<string, number>>): void {
  if (!isLong) return;
  const words = Object.entries(figures).map(([name, value]) => `${name} ${value.toLocaleString('en')}`);
  process.stdout.write(`torture, ${what}, seed ${SEED}: ${words.join(', ')}\n`);
}

/** Says, in the long form, what is wrong as soon as it is found: its end may be hours away. */
export function tellAtOnce(complaints: readonly string[]): void {
  if (isLong) for (const complaint of complaints) process.stdout.write(`torture: ${complaint}\n`);
}
