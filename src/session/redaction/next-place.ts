/**
 * Where something stands next in a text. Asked of places in rising order, it looks through no part of the text twice:
 * many questions about a long text without any answer in it take no more time than one.
 */
export class NextPlace {
  readonly #find: (from: number) => number;
  #from = 0;
  #place = -1;

  /** `find` returns the first place that is not before `from`. */
  constructor(find: (from: number) => number) {
    this.#find = find;
  }

  from(at: number): number {
    if (at < this.#from || at > this.#place) {
      this.#from = at;
      this.#place = this.#find(at);
    }
    return this.#place;
  }
}
