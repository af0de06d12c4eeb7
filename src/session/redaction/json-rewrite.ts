import type { JsonPiece } from './json-pieces.ts';
import { MemberNames } from './member-names.ts';
import { isDisguise, type Mark, type Scan, scanMarked, scanText } from './secret-scan.ts';

/** What becomes of the strings of a JSON text. */
export interface JsonCleaner {
  /** Strings without anything suspicious are passed over, unless all have to be looked at. */
  readonly looksAtAll: boolean;
  name(name: string, scan: Scan): string;
  /** A string that stands under a name, directly or in lists; the name is empty where it cannot matter. */
  value(value: string, name: string, scan: Scan): string;
  /** What stands for a part that is nested too deep. */
  deep(): string;
}

/**
 * The text with the strings that the cleaner changes replaced where they stand; all else stays byte for byte. `marks` are
 * those of the whole text: no string is searched once more for what was found in it with its escapes.
 */
export function rewriteJson(
  text: string,
  pieces: readonly JsonPiece[],
  marks: readonly Mark[],
  cleaner: JsonCleaner,
): string {
  return new JsonRewrite(text, pieces, marks, cleaner).run();
}

const NO_MARKS: readonly Mark[] = [];

class JsonRewrite {
  readonly #text: string;
  readonly #pieces: readonly JsonPiece[];
  readonly #marks: readonly Mark[];
  readonly #cleaner: JsonCleaner;
  /** The names that may make secrets of their values, as they were. */
  readonly #names = new Map<JsonPiece, string>();
  #namesOfObjects: ReadonlyMap<number, MemberNames> | undefined;
  #nextMark = 0;

  constructor(text: string, pieces: readonly JsonPiece[], marks: readonly Mark[], cleaner: JsonCleaner) {
    this.#text = text;
    this.#pieces = pieces;
    this.#marks = marks;
    this.#cleaner = cleaner;
  }

  run(): string {
    const parts: string[] = [];
    let from = 0;
    for (const piece of this.#pieces) {
      const marks = this.#marksIn(piece);
      const isPassedOver = marks.length === 0 && piece.kind !== 'deep' && !this.#isNamed(piece);
      if (isPassedOver && !this.#cleaner.looksAtAll) continue;
      const clean = piece.kind === 'deep' ? this.#cleaner.deep() : this.#clean(piece, marks);
      if (clean === undefined) continue;
      parts.push(this.#text.slice(from, piece.start), JSON.stringify(clean));
      from = piece.end;
    }
    return from === 0 ? this.#text : parts.join('') + this.#text.slice(from);
  }

  #marksIn({ start, end }: JsonPiece): readonly Mark[] {
    while ((this.#marks[this.#nextMark]?.end ?? Infinity) <= start) this.#nextMark += 1;
    const first = this.#nextMark;
    while ((this.#marks[this.#nextMark]?.end ?? Infinity) <= end) this.#nextMark += 1;
    return first === this.#nextMark ? NO_MARKS : this.#marks.slice(first, this.#nextMark);
  }

  #isNamed({ name }: JsonPiece): boolean {
    return name !== undefined && this.#names.has(name);
  }

  /** Undefined where nothing changes. */
  #clean(piece: JsonPiece, marks: readonly Mark[]): string | undefined {
    const written = stringOf(this.#text, piece);
    const scan = scanString(this.#text, piece, marks, written);
    if (piece.kind === 'name') {
      if (marks.length > 0) this.#names.set(piece, written);
      const clean = this.#cleaner.name(written, scan);
      return clean === written ? undefined : this.#freeName(piece, clean);
    }
    const name = piece.name === undefined ? '' : (this.#names.get(piece.name) ?? '');
    const clean = this.#cleaner.value(written, name, scan);
    return clean === written ? undefined : clean;
  }

  #freeName({ object }: JsonPiece, name: string): string {
    this.#namesOfObjects ??= namesOfObjects(this.#text, this.#pieces);
    return this.#namesOfObjects.get(object)?.free(name) ?? name;
  }
}

function namesOfObjects(text: string, pieces: readonly JsonPiece[]): ReadonlyMap<number, MemberNames> {
  const names = new Map<number, string[]>();
  for (const piece of pieces) {
    if (piece.kind !== 'name') continue;
    const ofObject = names.get(piece.object) ?? [];
    ofObject.push(stringOf(text, piece));
    names.set(piece.object, ofObject);
  }
  return new Map([...names].map(([object, taken]) => [object, new MemberNames(taken)]));
}

/** What a string says; one that is no valid string is taken as it is written. */
function stringOf(text: string, { start, end }: JsonPiece): string {
  const inside = text.slice(start + 1, end - 1);
  if (!inside.includes('\\')) return inside;
  try {
    return JSON.parse(text.slice(start, end)) as string;
  } catch {
    return inside; // An unknown escape: whoever reads it will see these characters.
  }
}

/** Looks at what a string says where its written form has marks; at all of it, where an escape may stand for one. */
function scanString(text: string, { start, end }: JsonPiece, marks: readonly Mark[], said: string): Scan {
  if (marks.some((mark) => isDisguise(mark) && TELLING_ESCAPE.test(text.slice(mark.end - 1, mark.end + 3))))
    return scanText(said);
  const hasEscapes = said.length < end - start - 2;
  return scanMarked(said, marksOfString(hasEscapes ? text.slice(start, end) : '', start, marks));
}

/** The escapes of letters and signs, with which keywords are written; those of control characters are none. */
const TELLING_ESCAPE = /^(?:\/|u(?!00[01]))/;

/** The marks of a string where they stand in what it says: the escapes before them are shorter there. */
function marksOfString(written: string, start: number, marks: readonly Mark[]): readonly Mark[] {
  let shift = start + 1;
  let backslash = written.indexOf('\\');
  return marks.map(({ end, keyword }) => {
    while (backslash !== -1 && backslash < end - start - 1) {
      const length = written.charAt(backslash + 1) === 'u' ? 6 : 2;
      shift += length - 1;
      backslash = written.indexOf('\\', backslash + length);
    }
    return { end: end - shift, keyword };
  });
}
