/** Told where a keyword begins and which of the keywords it is. */
export type KeywordVisitor = (at: number, keyword: number) => void;

/** How many classes of characters there may be: a power of two, so that the row of a state is found by a shift. */
const ROW_BITS = 6;
const ROW = 1 << ROW_BITS;
const CODE_UNITS = 0x1_0000;
const MAX_STATES = 0x1_0000;

/**
 * Finds all of many keywords in one walk over a text, whatever their case (Aho-Corasick, with its failure links
 * resolved into one table). Its cost does not grow with the number of keywords, and clean text costs little else.
 *
 * `signs` are characters of which each is a keyword by itself: together they are the keyword with the number
 * `keywords.length`, so that thousands of them cost as little as one.
 */
export class KeywordIndex {
  readonly #lengths: readonly number[];
  readonly #classOf: Uint8Array;
  /** Per state and class of characters, the next state. It is asked once per character, so it has to be small. */
  readonly #next: Uint16Array;
  readonly #found: readonly (readonly number[])[];
  /** In this state and all behind it a keyword ends: one comparison per character instead of a look-up. */
  readonly #firstEnd: number;

  constructor(keywords: readonly string[], signs = '') {
    const sign = signs.charAt(0);
    const all = [...keywords.map((keyword) => keyword.toLowerCase()), ...(sign === '' ? [] : [sign])];
    this.#lengths = all.map(({ length }) => length);
    this.#classOf = classesOf(all);
    for (let at = 0; at < signs.length; at += 1)
      this.#classOf[signs.charCodeAt(at)] = this.#classOf[sign.charCodeAt(0)] ?? 0;
    const table = endsLast(resolveLinks(buildTrie(all, this.#classOf)));
    this.#next = table.next;
    this.#found = table.found;
    this.#firstEnd = table.firstEnd;
  }

  /** Where the first keyword from `from` on ends: the place of its last character, or -1. */
  first(text: string, from = 0): number {
    const [next, classOf, firstEnd] = [this.#next, this.#classOf, this.#firstEnd];
    let state = 0;
    for (let at = from; at < text.length; at += 1) {
      state = next[(state << ROW_BITS) + (classOf[text.charCodeAt(at)] ?? 0)] ?? 0;
      if (state >= firstEnd) return at;
    }
    return -1;
  }

  /** Visits all hits in the order in which they end; keywords may overlap. */
  walk(text: string, visit: KeywordVisitor): void {
    const [next, classOf, firstEnd] = [this.#next, this.#classOf, this.#firstEnd];
    let state = 0;
    for (let at = 0; at < text.length; at += 1) {
      state = next[(state << ROW_BITS) + (classOf[text.charCodeAt(at)] ?? 0)] ?? 0;
      if (state >= firstEnd) this.#visitAll(state, at, visit);
    }
  }

  #visitAll(state: number, at: number, visit: KeywordVisitor): void {
    for (const keyword of this.#found[state] ?? []) visit(at + 1 - (this.#lengths[keyword] ?? 0), keyword);
  }
}

/** Characters that occur in keywords, numbered; both cases of a letter are one. All others are 0. */
function classesOf(keywords: readonly string[]): Uint8Array {
  const classOf = new Uint8Array(CODE_UNITS);
  const chars = [...new Set(keywords.join(''))];
  if (chars.length >= ROW) throw new Error(`keywords of ${chars.length} different characters`);
  chars.forEach((char, index) => {
    classOf[char.charCodeAt(0)] = index + 1;
    classOf[char.toUpperCase().charCodeAt(0)] = index + 1;
  });
  return classOf;
}

interface Automaton {
  /** Per state and class of characters, the next state; in a trie, 0 where no keyword goes on. */
  readonly next: Uint16Array;
  /** Per state, the keywords that end there. */
  readonly found: number[][];
}

interface Trie extends Automaton {
  /** Per state, the classes with which a keyword goes on. */
  readonly edges: readonly number[][];
}

function buildTrie(keywords: readonly string[], classOf: Uint8Array): Trie {
  const size = 1 + keywords.reduce((sum, { length }) => sum + length, 0);
  if (size > MAX_STATES) throw new Error(`${size} characters of keywords are too many`);
  const next = new Uint16Array(ROW * size);
  const [found, edges]: [number[][], number[][]] = [[[]], [[]]];
  keywords.forEach((keyword, index) => {
    let state = 0;
    for (let at = 0; at < keyword.length; at += 1) {
      const cls = classOf[keyword.charCodeAt(at)] ?? 0;
      const edge = (state << ROW_BITS) + cls;
      if (next[edge] === 0) {
        next[edge] = found.push([]) - 1;
        edges[state]?.push(cls);
        edges.push([]);
      }
      state = next[edge] ?? 0;
    }
    found[state]?.push(index);
  });
  return { next: next.subarray(0, found.length * ROW), found, edges };
}

/**
 * Fills in the links, breadth first, so that the shorter suffix a state falls back to is always done before it: where no
 * keyword goes on, a state does what its suffix does. Copying whole rows keeps the start of the first search short.
 */
function resolveLinks({ next, found, edges }: Trie): Automaton {
  const fallback = new Uint16Array(found.length);
  const order = [0];
  for (const state of order) {
    const [row, suffixRow] = [state << ROW_BITS, (fallback[state] ?? 0) << ROW_BITS];
    const going = edges[state] ?? [];
    const children = going.map((cls) => next[row + cls] ?? 0);
    found[state]?.push(...(found[fallback[state] ?? 0] ?? []));
    next.copyWithin(row, suffixRow, suffixRow + ROW);
    children.forEach((child, index) => {
      const edge = row + (going[index] ?? 0);
      if (state !== 0) fallback[child] = next[edge] ?? 0;
      next[edge] = child;
      order.push(child);
    });
  }
  return { next, found };
}

/** The same states in another order: those in which a keyword ends come last. */
function endsLast({ next, found }: Automaton): Automaton & { readonly firstEnd: number } {
  const isEnd = (state: number): boolean => (found[state]?.length ?? 0) > 0;
  const states = found.map((_, state) => state);
  const inner = states.filter((state) => !isEnd(state));
  const order = [...inner, ...states.filter(isEnd)];
  const newState = new Uint16Array(found.length);
  order.forEach((state, index) => {
    newState[state] = index;
  });
  return {
    next: renumbered(next, order, newState),
    found: order.map((state) => found[state] ?? []),
    firstEnd: inner.length,
  };
}

function renumbered(next: Uint16Array, order: readonly number[], newState: Uint16Array): Uint16Array {
  const sorted = new Uint16Array(next.length);
  let to = 0;
  for (const state of order) {
    const from = state << ROW_BITS;
    for (let cls = 0; cls < ROW; cls += 1, to += 1) sorted[to] = newState[next[from + cls] ?? 0] ?? 0;
  }
  return sorted;
}
