/** Told where a keyword begins and which of the keywords it is; says whether that is enough. */
export type KeywordVisitor = (at: number, keyword: number) => boolean;

const ALPHABET = 64;

/**
 * Finds all of many keywords in one walk over a text, whatever their case (Aho-Corasick, with its failure links
 * resolved into one table). Its cost does not grow with the number of keywords, and clean text costs little else.
 */
export class KeywordIndex {
  readonly #keywords: readonly string[];
  readonly #classOf = new Uint8Array(128);
  readonly #next: Uint16Array;
  readonly #found: readonly (readonly number[])[];

  constructor(keywords: readonly string[]) {
    this.#keywords = keywords.map((keyword) => keyword.toLowerCase());
    [...new Set(this.#keywords.join(''))].forEach((char, index) => {
      this.#classOf[char.charCodeAt(0)] = index + 1;
      this.#classOf[char.toUpperCase().charCodeAt(0)] = index + 1;
    });
    const trie = buildTrie(this.#keywords, (char) => this.#classOf[char.charCodeAt(0)] ?? 0);
    this.#found = trie.found;
    this.#next = resolveLinks(trie);
  }

  /** Visits all hits in the order in which they end, until the visitor has enough; keywords may overlap. */
  walk(text: string, visit: KeywordVisitor): boolean {
    const [next, classOf] = [this.#next, this.#classOf];
    let state = 0;
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      const entry = next[state * ALPHABET + (code < 128 ? (classOf[code] ?? 0) : 0)] ?? 0;
      state = entry >> 1;
      if ((entry & 1) === 1 && this.#visitAll(state, index, visit)) return true;
    }
    return false;
  }

  #visitAll(state: number, index: number, visit: KeywordVisitor): boolean {
    const ending = this.#found[state] ?? [];
    return ending.some((keyword) => visit(index + 1 - (this.#keywords[keyword]?.length ?? 0), keyword));
  }
}

interface Trie {
  /** Per state, the next state of each class of characters; absent where no keyword goes on. */
  readonly children: Map<number, number>[];
  /** Per state, the keywords that end there. */
  readonly found: number[][];
}

function buildTrie(keywords: readonly string[], classOf: (char: string) => number): Trie {
  const trie: Trie = { children: [new Map()], found: [[]] };
  keywords.forEach((keyword, index) => {
    let state = 0;
    for (const char of keyword) {
      const child = trie.children[state]?.get(classOf(char)) ?? trie.children.length;
      if (child === trie.children.length) {
        trie.children.push(new Map());
        trie.found.push([]);
        trie.children[state]?.set(classOf(char), child);
      }
      state = child;
    }
    trie.found[state]?.push(index);
  });
  return trie;
}

/** The table of next states, breadth first, so that the shorter suffix a state falls back to is always done before it. */
function resolveLinks({ children, found }: Trie): Uint16Array {
  const table = new Uint16Array(children.length * ALPHABET);
  const fallback = new Uint16Array(children.length);
  const order = [0];
  for (const state of order) {
    const suffix = fallback[state] ?? 0;
    if (state !== 0) found[state]?.push(...(found[suffix] ?? []));
    for (let cls = 0; cls < ALPHABET; cls += 1) {
      const inherited = state === 0 ? 0 : (table[suffix * ALPHABET + cls] ?? 0);
      const child = children[state]?.get(cls);
      table[state * ALPHABET + cls] = child ?? inherited;
      if (child === undefined) continue;
      fallback[child] = inherited;
      order.push(child);
    }
  }
  // The lowest bit says that a keyword ends there: one comparison per character instead of a look-up.
  return table.map((state) => (state << 1) | (found[state]?.length === 0 ? 0 : 1));
}
