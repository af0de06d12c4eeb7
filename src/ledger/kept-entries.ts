import { createHash } from 'node:crypto';
import type { Entry } from '../session/transcript.ts';

/** The entries of a short recording as they may be shown, and what they were read from. */
export interface KeptEntries {
  readonly entries: readonly Entry[];
  /** SHA-256 of all bytes that were read. */
  readonly sha256: string;
}

/** What is longer is read and searched again each time that it is needed, in memory that does not grow with it. */
export const LONGEST_KEPT_BYTES = 1024 * 1024;

/** Keeps the entries of a recording while it is read for the first time, unless it turns out to be long. */
export class EntryKeeper {
  readonly #hash = createHash('sha256');
  #entries: Entry[] | undefined = [];
  #bytes = 0;

  /** The same blocks: those that the entries are read from. */
  *watch(blocks: Iterable<Buffer>): Generator<Buffer> {
    for (const block of blocks) {
      this.#bytes += block.length;
      if (this.#bytes > LONGEST_KEPT_BYTES) this.#entries = undefined;
      else this.#hash.update(block);
      yield block;
    }
  }

  keep(entry: Entry): Entry {
    this.#entries?.push(entry);
    return entry;
  }

  /** How many it holds at this moment. */
  get count(): number {
    return this.#entries?.length ?? 0;
  }

  /** Undefined where it was too long. */
  finish(): KeptEntries | undefined {
    return this.#entries && { entries: this.#entries, sha256: this.#hash.digest('hex') };
  }
}
