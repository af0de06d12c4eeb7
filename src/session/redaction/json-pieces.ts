/** A piece of a JSON text that may have to go: a name or another string, or what is nested too deep to be searched. */
export interface JsonPiece {
  readonly kind: 'name' | 'string' | 'deep';
  /** From its first character, a quote or a bracket, up to, not including, `end`. */
  readonly start: number;
  readonly end: number;
  /** The name of the member that it is, or that the lists around it are; none for a name itself. */
  readonly name: JsonPiece | undefined;
  /** Which of the objects of the text it stands in, counted from 1; 0 outside of all. */
  readonly object: number;
}

/**
 * The pieces of a JSON text in their order, without reading what is in them: so most of a text is only looked through
 * for quotes. Undefined when the text is no JSON. What is in brackets below `maxDepth` is one piece.
 */
export function piecesOfJson(text: string, maxDepth: number): readonly JsonPiece[] | undefined {
  return new JsonReader(text, maxDepth).read();
}

interface Level {
  readonly closing: string;
  readonly object: number;
  name: JsonPiece | undefined;
}

const SCALAR = /(?:true|false|null|-?\d[\d.eE+-]*)/y;
const SPACE = /[ \t\r\n]*/y;

/** Keeps its own stack: what is nested a million times costs memory and nothing else. */
class JsonReader {
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #levels: Level[] = [];
  readonly #pieces: JsonPiece[] = [];
  #at = 0;
  #objects = 0;
  #deepFrom = -1;

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
  }

  read(): readonly JsonPiece[] | undefined {
    do {
      if (!this.#value()) return undefined;
    } while (this.#levels.length > 0);
    return this.#sign() === '' ? this.#pieces : undefined;
  }

  /** Reads one value, or the beginning of a list or an object; then all that ends behind it, up to the next value. */
  #value(): boolean {
    const sign = this.#sign();
    if (sign === '{' || sign === '[') {
      this.#open(sign);
      if (this.#sign() !== this.#levels.at(-1)?.closing) return sign === '[' || this.#name();
    } else if (sign === '"') {
      if (!this.#string('string')) return false;
    } else if (!this.#scalar()) return false;
    return this.#afterValue();
  }

  #afterValue(): boolean {
    for (let level = this.#levels.at(-1); level !== undefined; level = this.#levels.at(-1)) {
      const sign = this.#sign();
      this.#at += 1;
      if (sign === ',') return level.closing === ']' || this.#name();
      if (sign !== level.closing) return false;
      this.#close();
    }
    return true;
  }

  #open(bracket: string): void {
    const level = this.#levels.at(-1);
    if (this.#levels.length === this.#maxDepth) this.#deepFrom = this.#at;
    const isObject = bracket === '{';
    if (isObject) this.#objects += 1;
    const object = isObject ? this.#objects : (level?.object ?? 0);
    this.#levels.push({ closing: isObject ? '}' : ']', object, name: isObject ? undefined : level?.name });
    this.#at += 1;
  }

  #close(): void {
    this.#levels.pop();
    if (this.#deepFrom === -1 || this.#levels.length > this.#maxDepth) return;
    this.#add('deep', this.#deepFrom, this.#at);
    this.#deepFrom = -1;
  }

  #name(): boolean {
    const level = this.#levels.at(-1);
    if (level === undefined || this.#sign() !== '"') return false;
    level.name = undefined;
    if (!this.#string('name')) return false;
    if (this.#deepFrom === -1) level.name = this.#pieces.at(-1);
    if (this.#sign() !== ':') return false;
    this.#at += 1;
    return true;
  }

  #string(kind: 'name' | 'string'): boolean {
    const start = this.#at;
    let quote = this.#text.indexOf('"', start + 1);
    while (quote !== -1 && this.#isEscaped(quote)) quote = this.#text.indexOf('"', quote + 1);
    if (quote === -1) return false;
    this.#at = quote + 1;
    if (this.#deepFrom === -1) this.#add(kind, start, this.#at);
    return true;
  }

  #isEscaped(at: number): boolean {
    let before = at - 1;
    while (this.#text.charCodeAt(before) === BACKSLASH) before -= 1;
    return (at - before) % 2 === 0;
  }

  #add(kind: JsonPiece['kind'], start: number, end: number): void {
    const { object = 0, name = undefined } = this.#levels.at(-1) ?? {};
    this.#pieces.push({ kind, start, end, name, object });
  }

  #scalar(): boolean {
    SCALAR.lastIndex = this.#at;
    if (!SCALAR.test(this.#text)) return false;
    this.#at = SCALAR.lastIndex;
    return true;
  }

  /** The next character that is no space; empty at the end. */
  #sign(): string {
    const code = this.#text.charCodeAt(this.#at);
    if (code <= SPACE_CODE) {
      SPACE.lastIndex = this.#at;
      SPACE.test(this.#text);
      this.#at = SPACE.lastIndex;
    }
    return this.#text.charAt(this.#at);
  }
}

const BACKSLASH = 92;
const SPACE_CODE = 32;
