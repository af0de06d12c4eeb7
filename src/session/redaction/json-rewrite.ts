import type { JsonPiece } from './json-pieces.ts';
import { isPairName, isPairValue, MemberNames } from './member-names.ts';
import { type Mark, type Marks, type Scan, scanMarked, scanText } from './secret-scan.ts';

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
export function rewriteJson(text: string, pieces: readonly JsonPiece[], marks: Marks, cleaner: JsonCleaner): string {
  return new JsonRewrite(text, pieces, marks, cleaner).run();
}

/** What is suspicious about one string. */
interface Suspicion {
  readonly secrets: readonly Mark[];
  readonly isDisguised: boolean;
  /** It has an escape of a letter or a sign, behind which there may be a keyword that is no mark. */
  readonly isTold: boolean;
}

const NO_SUSPICION: Suspicion = { secrets: [], isDisguised: false, isTold: false };
/** There is a keyword, and what follows it makes no secret of it. */
const IDLE: Suspicion = { ...NO_SUSPICION };

/** What begins with an escape may. */
const JSON_BEGINS = /\s*[[{\\]/y;

class JsonRewrite {
  readonly #text: string;
  readonly #pieces: readonly JsonPiece[];
  readonly #marks: Marks;
  readonly #cleaner: JsonCleaner;
  /** The names that may make secrets of their values, as they were. */
  readonly #names = new Map<JsonPiece, string>();
  /** What is suspicious about each of the pieces. */
  readonly #suspicions: readonly Suspicion[];
  /** What the objects say that their value is, as in `{"name": "DB_PASSWORD", "value": "…"}`, in whatever order. */
  readonly #called = new Map<number, string>();
  #namesOfObjects: ReadonlyMap<number, MemberNames> | undefined;
  #nextSecret = 0;
  #nextDisguise = 0;
  #nextIdle = 0;

  constructor(text: string, pieces: readonly JsonPiece[], marks: Marks, cleaner: JsonCleaner) {
    this.#text = text;
    this.#pieces = pieces;
    this.#marks = marks;
    this.#cleaner = cleaner;
    this.#suspicions = pieces.map((piece) => {
      const suspicion = this.#suspicionOf(piece);
      if (suspicion !== NO_SUSPICION) this.#keepName(piece);
      return suspicion === IDLE && !this.#mayHoldNames(piece) ? NO_SUSPICION : suspicion;
    });
  }

  run(): string {
    const parts: string[] = [];
    let from = 0;
    this.#pieces.forEach((piece, index) => {
      const suspicion = this.#suspicions[index] ?? NO_SUSPICION;
      const isPassedOver = suspicion === NO_SUSPICION && piece.kind !== 'deep' && this.#nameOf(piece) === '';
      if (isPassedOver && !this.#cleaner.looksAtAll) return;
      const clean = piece.kind === 'deep' ? this.#cleaner.deep() : this.#clean(piece, suspicion);
      if (clean === undefined) return;
      parts.push(this.#text.slice(from, piece.start), JSON.stringify(clean));
      from = piece.end;
    });
    return from === 0 ? this.#text : parts.join('') + this.#text.slice(from);
  }

  /** Pieces come in order, and so do marks, none of which ends between two pieces: each is looked at once. */
  #suspicionOf({ end }: JsonPiece): Suspicion {
    const { secrets, disguises, idle } = this.#marks;
    const [first, firstIdle] = [this.#nextSecret, this.#nextIdle];
    while ((secrets[this.#nextSecret]?.end ?? Infinity) <= end) this.#nextSecret += 1;
    while ((idle[this.#nextIdle] ?? Infinity) <= end) this.#nextIdle += 1;
    let isDisguised = false;
    let isTold = false;
    for (; (disguises[this.#nextDisguise] ?? Infinity) <= end; this.#nextDisguise += 1) {
      isDisguised = true;
      isTold ||= isTelling(this.#text, disguises[this.#nextDisguise] ?? 0);
    }
    if (first === this.#nextSecret && !isDisguised) return firstIdle === this.#nextIdle ? NO_SUSPICION : IDLE;
    return { secrets: secrets.slice(first, this.#nextSecret), isDisguised, isTold };
  }

  /** It is one, or it may be JSON, which has some. */
  #mayHoldNames({ kind, start }: JsonPiece): boolean {
    JSON_BEGINS.lastIndex = start + 1;
    return kind === 'name' || JSON_BEGINS.test(this.#text);
  }

  #keepName(piece: JsonPiece): void {
    if (piece.kind !== 'string' || piece.name === undefined || !isPairName(this.#writtenName(piece.name))) return;
    this.#called.set(piece.object, stringOf(this.#text, piece));
  }

  /** Empty where it makes no secret of what it names. */
  #nameOf({ name, object }: JsonPiece): string {
    if (name === undefined) return '';
    const called = this.#called.get(object);
    if (called !== undefined && isPairValue(this.#writtenName(name))) return called;
    return this.#names.get(name) ?? '';
  }

  #writtenName({ start, end }: JsonPiece): string {
    return this.#text.slice(start + 1, end - 1);
  }

  /** Undefined where nothing changes. */
  #clean(piece: JsonPiece, suspicion: Suspicion): string | undefined {
    const written = stringOf(this.#text, piece);
    const scan = scanString(this.#text, piece, suspicion, written);
    if (piece.kind === 'name') {
      if (suspicion !== NO_SUSPICION) this.#names.set(piece, written);
      const clean = this.#cleaner.name(written, scan);
      return clean === written ? undefined : this.#freeName(piece, clean);
    }
    const name = this.#nameOf(piece);
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
function scanString(text: string, { start, end }: JsonPiece, suspicion: Suspicion, said: string): Scan {
  const { secrets, isDisguised, isTold } = suspicion;
  if (isTold) return { ...scanText(said), isDisguised: true };
  const hasEscapes = said.length < end - start - 2;
  return scanMarked(said, marksOfString(hasEscapes ? text.slice(start, end) : '', start, secrets), isDisguised);
}

/** Is it the escape of a letter or a sign, as keywords have them? Those of control characters, as in `\u001b`, are none. */
function isTelling(text: string, markEnd: number): boolean {
  const sign = text.charAt(markEnd - 1);
  return sign === '/' || (sign === 'u' && text.startsWith('00', markEnd) && text.charAt(markEnd + 2) > '1');
}

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
