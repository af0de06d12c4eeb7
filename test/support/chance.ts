export const WORDS =
  'the request session token is read before cache writes and so every retry sees an old value which test server config module keeps until handler returns null for expired rows'.split(
    ' ',
  );

/** Numbers that look random and are the same each time. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  between(low: number, high: number): number {
    return low + Math.floor(this.#next() * (high - low + 1));
  }

  one(list: readonly string[]): string {
    return list[this.between(0, list.length - 1)] ?? '';
  }

  /** A size as they come in the world: half of them below the median, a few many times as large. */
  size(median: number, spread: number, most: number): number {
    const normal = Math.sqrt(-2 * Math.log(1 - this.#next())) * Math.cos(2 * Math.PI * this.#next());
    return Math.min(most, Math.round(median * Math.exp(spread * normal)));
  }

  sentence(length: number): string {
    let text = this.one(WORDS);
    while (text.length < length) text += ` ${this.one(WORDS)}`;
    return text;
  }

  #next(): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#state / 2 ** 32;
  }
}
