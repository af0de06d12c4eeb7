import { restOfKey } from './private-key.ts';
import { type Finding, PRIVATE_KEY } from './secret-scan.ts';

/** Names, times and ids that may stand between two parts of a key that was cut into several strings. */
const PATIENCE = 64;
/** What is longer, or has lines, is a text of its own: a key does not go on behind it. */
const LONG_TEXT = 200;

/** Remembers from one text to the next that a private key has begun and its end has not been seen. */
export class OpenKey {
  #patience = 0;

  get isOpen(): boolean {
    return this.#patience > 0;
  }

  open(): void {
    this.#patience = PATIENCE;
  }

  /** The lines at the beginning of the next text that belong to the key. */
  restIn(text: string): Finding | undefined {
    if (!this.isOpen) return undefined;
    const rest = restOfKey(text);
    if (rest !== undefined) {
      this.#patience = rest.isOpen ? PATIENCE : 0;
      return { start: rest.start, end: rest.end, rule: PRIVATE_KEY };
    }
    this.#patience = text.length > LONG_TEXT || text.includes('\n') ? 0 : this.#patience - 1;
    return undefined;
  }
}
