/** What an element takes of the room, in characters. */
export interface Weight {
  readonly size: number;
  /** What several elements have in common and only the first of those that are kept pays for. */
  readonly shared?: { readonly id: number; readonly size: number };
}

/** Of `count` elements the first `head` are kept, and those from `tail` on. */
export interface Choice {
  readonly head: number;
  readonly tail: number;
  readonly count: number;
  readonly used: number;
}

/** What a turn of the user is shortened to before any is dropped. */
const SHORTEST_TURN = 700;
/** What belongs to the beginning before the end takes all that it can. */
const HEAD_SHARE = 1 / 4;

export function isKept({ head, tail, count }: Choice, index: number): boolean {
  return index < head || (index >= tail && index < count);
}

/** All when all fit. Else the oldest of the middle go: the beginning says what was wanted, the end what came of it. */
export function chooseEnds(weights: readonly Weight[], room: number): Choice {
  const purse = new Purse();
  let head = 0;
  let tail = weights.length;
  while (head < tail && purse.pays(weights[head], room * HEAD_SHARE)) head += 1;
  while (head < tail && purse.pays(weights[tail - 1], room)) tail -= 1;
  return { head, tail, count: weights.length, used: purse.used };
}

/** As `chooseEnds`, but before an element is dropped the longest are cut: each that is kept takes `level` at most. */
export function chooseTurns(sizes: readonly number[], room: number): Choice & { readonly level: number } {
  const least = sizes.map((size) => ({ size: Math.min(size, SHORTEST_TURN) }));
  const choice = chooseEnds(least, room);
  const kept = sizes.filter((_, index) => isKept(choice, index));
  const level = levelOf(kept, room);
  return { ...choice, level, used: kept.reduce((total, size) => total + Math.min(size, level), 0) };
}

class Purse {
  readonly #paid = new Set<number>();
  used = 0;

  pays(weight: Weight | undefined, limit: number): boolean {
    if (weight === undefined) return false;
    const { size, shared } = weight;
    const cost = shared === undefined || this.#paid.has(shared.id) ? size : size + shared.size;
    if (this.used + cost > limit) return false;
    this.used += cost;
    if (shared !== undefined) this.#paid.add(shared.id);
    return true;
  }
}

/** The greatest length to which all may be cut so that they fit together; infinite where nothing has to be cut. */
function levelOf(sizes: readonly number[], room: number): number {
  const ascending = [...sizes].sort((a, b) => a - b);
  let rest = room;
  for (const [index, size] of ascending.entries()) {
    const share = rest / (ascending.length - index);
    if (size > share) return Math.floor(share);
    rest -= size;
  }
  return Number.POSITIVE_INFINITY;
}
