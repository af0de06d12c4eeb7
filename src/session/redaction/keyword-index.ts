/** Told where a keyword begins and which of the keywords it is. */
export type KeywordVisitor = (at: number, keyword: number) => void;

/** The rows of the table; a power of two, so that a row is found by a shift. */
const ROW_BITS = 6;
const ROW = 1 << ROW_BITS;
const CODE_UNITS = 0x1_0000;

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
  /** Per state and class of characters, the next state, as the index of its row. */
  readonly #next: Int32Array;
  readonly #found: readonly (readonly number[])[];
  /** In the rows from this one on a keyword ends: one comparison per character instead of a look-up. */
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
    let row = 0;
    for (let at = from; at < text.length; at += 1) {
      row = next[row + (classOf[text.charCodeAt(at)] ?? 0)] ?? 0;
      if (row >= firstEnd) return at;
    }
    return -1;
  }

  /** Visits all hits in the order in which they end; keywords may overlap. */
  walk(text: string, visit: KeywordVisitor): void {
    const [next, classOf, firstEnd] = [this.#next, this.#classOf, this.#firstEnd];
    let row = 0;
    for (let at = 0; at < text.length; at += 1) {
      row = next[row + (classOf[text.charCodeAt(at)] ?? 0)] ?? 0;
      if (row >= firstEnd) this.#visitAll(row >> ROW_BITS, at, visit);
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

interface Trie {
  /** Per state and class of characters, the next state; 0 where no keyword goes on. */
  readonly next: Int32Array;
  readonly size: number;
  /** Per state, the keywords that end there. */
  readonly found: number[][];
}

function buildTrie(keywords: readonly string[], classOf: Uint8Array): Trie {
  const next = new Int32Array(ROW * (1 + keywords.reduce((sum, { length }) => sum + length, 0)));
  const found: number[][] = [[]];
  keywords.forEach((keyword, index) => {
    let state = 0;
    for (let at = 0; at < keyword.length; at += 1) {
      const edge = state * ROW + (classOf[keyword.charCodeAt(at)] ?? 0);
      if (next[edge] === 0) next[edge] = found.push([]) - 1;
      state = next[edge] ?? 0;
    }
    found[state]?.push(index);
  });
  return { next, size: found.length, found };
}

/** Fills in the links, breadth first, so that the shorter suffix a state falls back to is always done before it. */
function resolveLinks(trie: Trie): Trie {
  const { next, size, found } = trie;
  const fallback = new Int32Array(size);
  const order = [0];
  for (const state of order) {
    const suffix = fallback[state] ?? 0;
    if (state !== 0) found[state]?.push(...(found[suffix] ?? []));
    for (let cls = 0; cls < ROW; cls += 1) {
      const inherited = state === 0 ? 0 : (next[suffix * ROW + cls] ?? 0);
      const child = next[state * ROW + cls] ?? 0;
      if (child === 0) next[state * ROW + cls] = inherited;
      if (child === 0) continue;
      fallback[child] = inherited;
      order.push(child);
    }
  }
  return trie;
}

interface Table {
  readonly next: Int32Array;
  readonly found: readonly (readonly number[])[];
  readonly firstEnd: number;
}

/** The same states in another order: those in which a keyword ends come last. */
function endsLast({ next, size, found }: Trie): Table {
  const states = Array.from({ length: size }, (_, state) => state);
  const isEnd = (state: number): boolean => (found[state]?.length ?? 0) > 0;
  const order = [...states.filter((state) => !isEnd(state)), ...states.filter(isEnd)];
  const rowOf = new Int32Array(size);
  order.forEach((state, index) => {
    rowOf[state] = index * ROW;
  });
  const sorted = new Int32Array(size * ROW);
  order.forEach((state, index) => {
    for (let cls = 0; cls < ROW; cls += 1) sorted[index * ROW + cls] = rowOf[next[state * ROW + cls] ?? 0] ?? 0;
  });
  const firstEnd = states.filter((state) => !isEnd(state)).length * ROW;
  return { next: sorted, found: order.map((state) => found[state] ?? []), firstEnd };
}
