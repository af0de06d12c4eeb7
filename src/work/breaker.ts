/** So many failures of one kind in a row are nobody's own fault: the next would fail alike. */
const TRIPS_AFTER = 5;

/** Ends agent work when runs fail alike one after another, whichever items they were for. */
export class Breaker {
  #kind: string | undefined;
  #count = 0;

  /** Enters how a run ended: the kind of its failure, undefined for an answer of use. */
  note(kind: string | undefined): void {
    this.#count = kind === undefined ? 0 : kind === this.#kind ? this.#count + 1 : 1;
    this.#kind = kind;
  }

  /** Failures of one kind since the last run that ended otherwise. */
  get count(): number {
    return this.#count;
  }

  get isTripped(): boolean {
    return this.#count >= TRIPS_AFTER;
  }
}
