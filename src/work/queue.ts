import { v7 as uuidv7 } from 'uuid';
import { type Clock, isoTime, systemClock } from '../clock.ts';

/** A unit of agent work. `payload` belongs to the handler of its type. */
export interface WorkItem<P = unknown> {
  /** UUIDv7; given by the queue when empty. */
  readonly id: string;
  readonly type: string;
  /** Lower comes first. */
  readonly priority: number;
  readonly payload: P;
  /** RFC 3339; given by the queue when empty. Items of one priority leave in this order. */
  readonly createdAt: string;
  /** Agent runs so far that count against its input. */
  readonly attempts: number;
  readonly lastErr: string;
  /** What was wrong with the last answer, for the one try that is told so. */
  readonly complaint?: string;
  /** Tells one state of what it works on from a later one, where that makes a difference. */
  readonly input?: string;
  /** One item per key at a time, queued or in progress. */
  readonly dedupKey: string;
}

/** What a caller must say of an item; the queue fills in the rest. */
export type NewWorkItem<P = unknown> = Pick<WorkItem<P>, 'type' | 'payload' | 'dedupKey'> & Partial<WorkItem<P>>;

/** Items beyond this depth are refused; the manager holds them back and offers them again as the queue drains. */
export const MAX_QUEUE_DEPTH = 100;

/** A priority queue that takes each dedup key once, whether it waits or is being worked on. */
export class WorkQueue {
  readonly #items: WorkItem[] = [];
  readonly #queued = new Set<string>();
  readonly #inProgress = new Set<string>();
  readonly #clock: Clock;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** How many items wait; those in progress are not among them. */
  get length(): number {
    return this.#items.length;
  }

  get hasRoom(): boolean {
    return this.#items.length < MAX_QUEUE_DEPTH;
  }

  /** False, and nothing done, when the key is queued or in progress already or the queue is full. */
  enqueue(newItem: NewWorkItem): boolean {
    const { dedupKey } = newItem;
    if (this.has(dedupKey) || !this.hasRoom) return false;
    this.#insert(completeItem(newItem, this.#clock()));
    return true;
  }

  /** What waits, in the order in which it will leave. */
  peek(): readonly WorkItem[] {
    return [...this.#items];
  }

  /** The most urgent item, its key now in progress; undefined when nothing waits. */
  dequeue(): WorkItem | undefined {
    const item = this.#items.shift();
    if (!item) return undefined;
    this.#queued.delete(item.dedupKey);
    this.#inProgress.add(item.dedupKey);
    return item;
  }

  /** Puts an item in progress back behind its equals, even into a full queue: it had its place already. */
  requeue(item: WorkItem): void {
    this.#inProgress.delete(item.dedupKey);
    if (!this.#queued.has(item.dedupKey)) this.#insert(item);
  }

  /** The key may be enqueued again. */
  complete(dedupKey: string): void {
    this.#inProgress.delete(dedupKey);
  }

  /** Whether the key is queued or in progress. */
  has(dedupKey: string): boolean {
    return this.#queued.has(dedupKey) || this.#inProgress.has(dedupKey);
  }

  inProgress(dedupKey: string): boolean {
    return this.#inProgress.has(dedupKey);
  }

  #insert(item: WorkItem): void {
    const position = this.#items.findIndex((other) => comesBefore(item, other));
    this.#items.splice(position === -1 ? this.#items.length : position, 0, item);
    this.#queued.add(item.dedupKey);
  }
}

/** Fills in what a caller left out; `now` in milliseconds since the epoch. */
export function completeItem<P>(newItem: NewWorkItem<P>, now: number): WorkItem<P> {
  const item = { priority: 10, attempts: 0, lastErr: '', ...newItem };
  return { ...item, id: item.id || uuidv7(), createdAt: item.createdAt || isoTime(now) };
}

/** Not among equals: who came first leaves first. */
function comesBefore(a: WorkItem, b: WorkItem): boolean {
  if (a.priority !== b.priority) return a.priority < b.priority;
  return Date.parse(a.createdAt) < Date.parse(b.createdAt);
}
