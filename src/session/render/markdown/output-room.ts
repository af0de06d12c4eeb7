import { OUTPUT_LIMIT, type TextLimit } from '../cut-text.ts';

/** All diffs and outputs of a file together may be this long… */
const ROOM_CHARS = 300 * 1024;
/** …but each is told at least this far, and may be some times longer than its share, since most are short. */
const LEAST_CHARS = 400;
const MOST_SHARES = 4;

/** The characters that a file has for diffs and outputs, in the order of the session: what some leave, later ones may take. */
export class OutputRoom {
  #chars = ROOM_CHARS;
  #texts: number;

  /** A call has two texts, what it changed and what it answered. */
  constructor(callCount: number) {
    this.#texts = 2 * callCount;
  }

  /** How much of a text may be shown, which is then taken from the room. */
  limitOf(text: string): TextLimit {
    const share = this.#chars / Math.max(1, this.#texts);
    const chars = Math.max(LEAST_CHARS, Math.min(OUTPUT_LIMIT.chars, Math.floor(share * MOST_SHARES)));
    this.#chars = Math.max(0, this.#chars - Math.min(chars, text.length));
    this.#texts -= 1;
    return { ...OUTPUT_LIMIT, chars };
  }
}
