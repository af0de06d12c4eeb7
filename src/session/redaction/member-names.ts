/**
 * Names for the members of an object whose own names had to go: two that become the same placeholder are numbered, so
 * that neither of their values is lost.
 */
export class MemberNames {
  readonly #taken: Set<string>;
  readonly #counts = new Map<string, number>();

  constructor(taken: Iterable<string>) {
    this.#taken = new Set(taken);
  }

  /** The name itself where it is free, else with a number. */
  free(name: string): string {
    let count = this.#counts.get(name) ?? 0;
    let candidate: string;
    do {
      count += 1;
      candidate = count === 1 ? name : `${name} (${count})`;
    } while (this.#taken.has(candidate));
    this.#counts.set(name, count);
    this.#taken.add(candidate);
    return candidate;
  }
}

/** Does a member of this name say what its neighbour `value` is, as lists of variables and headers have it? */
export const isPairName = (name: string): boolean => /^(?:name|key)$/i.test(name);

export const isPairValue = (name: string): boolean => /^value$/i.test(name);
