import type { WorkHandler } from './handler.ts';
import type { WorkItem, WorkQueue } from './queue.ts';

/** Asks for items a few at a time, so that the answer is there when their turn comes, and not many are kept from others. */
export class ClaimDesk {
  readonly #queue: WorkQueue;
  readonly #batchSize: number;
  /** Dedup key -> who else has it; `undefined` for what is free to be worked on. */
  readonly #answers = new Map<string, Promise<string | undefined>>();

  /** `batchSize`: twice as many as are worked on at a time. */
  constructor(queue: WorkQueue, batchSize: number) {
    this.#queue = queue;
    this.#batchSize = batchSize;
  }

  /** Who else works on this item, or has done it; undefined when it is ours. Rejects when nobody can tell. */
  async holder(handler: WorkHandler, item: WorkItem): Promise<string | undefined> {
    const size = this.#batchSize;
    const upcoming = this.#queue.peek().filter(({ type }) => type === item.type);
    const fresh = upcoming.filter(({ dedupKey }) => !this.#answers.has(dedupKey));
    if (!this.#answers.has(item.dedupKey)) this.#ask(handler, [item, ...fresh].slice(0, size));
    // While those in hand are worked on, the next are asked for: nobody waits for a remote that is far away.
    else if (upcoming.length - fresh.length < size / 4) this.#ask(handler, fresh.slice(0, size / 2));
    const holder = await this.#answers.get(item.dedupKey);
    return holder ?? (handler.isLost?.(item) ? 'claimed by others' : undefined);
  }

  /** Resolves when no question is open: what was asked for ahead may be ours although nobody comes for it. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#answers.values());
  }

  #ask(handler: WorkHandler, batch: readonly WorkItem[]): void {
    if (batch.length === 0) return;
    const answer = Promise.resolve(handler.claim?.(batch));
    for (const { dedupKey } of batch) {
      const one = answer.then((holders) => holders?.get(dedupKey));
      // Whoever asks for it hears of the failure.
      one.catch(() => {});
      this.#answers.set(dedupKey, one);
    }
  }
}
