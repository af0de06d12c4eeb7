/**
 * How hard the tests of `test/torture` try. `npm test` runs their short form, which is the same each time; `npm run
 * torture` runs the long one, with a new seed each time. A seed is printed, and AGENTWORK_TORTURE_SEED=… plays it again.
 */
export const isLong = process.env.AGENTWORK_TORTURE === 'long';

export const SEED = Number(process.env.AGENTWORK_TORTURE_SEED ?? (isLong ? Date.now() % 2 ** 31 : 20260306));

export const shortOrLong = (short: number, long: number): number => (isLong ? long : short);

/** Says, in the long form, what was done: these are the figures of the README. */
export function tellFigures(what: string, figures: Readonly<Record<string, number>>): void {
  if (!isLong) return;
  const words = Object.entries(figures).map(([name, value]) => `${name} ${value.toLocaleString('en')}`);
  process.stdout.write(`torture, ${what}, seed ${SEED}: ${words.join(', ')}\n`);
}
