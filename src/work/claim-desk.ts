import type { WorkHandler } from './handler.ts';
import type { WorkItem, WorkQueue } from './queue.ts';

/** Asks for items a few at a time, so that the answer is there when their turn comes, and not many are kept from others. */
export class ClaimDesk {
  readonly #queue: WorkQueue;
  readonly #batchSize: number;
  /** Dedup key -> who else has it; `undefined` for what is free to be worked on. */
  readonly #answers = new Map<string, Promise<string | undefined>>();

  constructor(queue: WorkQueue, batchSize: number) {
    this.#queue = queue;
    this.#batchSize = batchSize;
  }

  /** Who else works on this item, or has done it; undefined when it is ours. Rejects when nobody can tell. */
  async holder(handler: WorkHandler, item: WorkItem): Promise<string | undefined> {
    if (!handler.claim) return undefined;
    if (!this.#answers.has(item.dedupKey)) this.#ask(handler, item);
    return this.#answers.get(item.dedupKey);
  }

  /** With the item those that come next and were not asked for yet. */
  #ask(handler: WorkHandler, item: WorkItem): void {
    const upcoming = this.#queue
      .peek()
      .filter(({ type, dedupKey }) => type === item.type && !this.#answers.has(dedupKey));
    const batch = [item, ...upcoming].slice(0, this.#batchSize);
    const answer = Promise.resolve(handler.claim?.(batch));
    for (const { dedupKey } of batch) {
      const one = answer.then((holders) => holders?.get(dedupKey));
      // Whoever asks for it hears of the failure.
      one.catch(() => {});
      this.#answers.set(dedupKey, one);
    }
  }
}
