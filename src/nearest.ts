import { distance } from 'fastest-levenshtein';

/** How much of a word may be wrong for somebody to have meant the other. */
const MOST_WRONG = 0.4;

/**
 * The name that somebody meant who wrote this, whatever its capitals; undefined where none comes near. `mostWrong`: less for
 * names that are alike anyhow.
 */
export function nearest(word: string, names: readonly string[], mostWrong = MOST_WRONG): string | undefined {
  const wanted = word.toLowerCase();
  const wrong = (name: string) => (name.toLowerCase().startsWith(wanted) ? 0 : distance(wanted, name.toLowerCase()));
  const [best] = names.map((name) => ({ name, wrong: wrong(name) })).sort((a, b) => a.wrong - b.wrong);
  return best && best.wrong <= wanted.length * mostWrong ? best.name : undefined;
}
