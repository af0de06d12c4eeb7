import { isFailure } from './failure.ts';
import { classifyTool, type ToolKind } from './tool-call.ts';
import type { Entry } from './transcript.ts';

/** What a text of an entry is to a reader: a `reading` shows what stands in a file anyway, as the answer to an edit does. */
export type TextKind = 'user' | 'answer' | 'note' | 'edit' | 'argument' | 'error' | 'output' | 'reading';

/** Texts of about one length: how many, and how many characters in all. */
export interface SizeBucket {
  readonly count: number;
  readonly chars: number;
}

/** By kind the lengths of its texts, from the shortest to the longest: some eighty numbers, however many texts. */
export type TextSizes = Readonly<Partial<Record<TextKind, readonly SizeBucket[]>>>;

/** Within a bucket the longest text is about a fifth longer than the shortest. */
const BUCKETS_PER_DOUBLING = 4;
const MAX_PENDING = 1000;

/** Tells the kinds of an entry's texts as entries stream by; a result is judged by the call that it answers. */
export class TextKinds {
  readonly #readings = new Set<string>();

  /** What the entry said or printed by itself: `text`, or the output where it has one. */
  ofWords(entry: Entry): TextKind {
    if (entry.kind === 'user') return 'user';
    if (entry.kind === 'assistant') return 'answer';
    if (entry.kind !== 'tool' && entry.kind !== 'tool_result') return 'note';
    const isReading = this.#isReading(entry);
    if (isFailure(entry)) return 'error';
    return isReading ? 'reading' : 'output';
  }

  ofArguments(entry: Entry): 'edit' | 'argument' {
    return kindByName(entry) === 'edit' ? 'edit' : 'argument';
  }

  #isReading(entry: Entry): boolean {
    const { callId } = entry;
    const kind = kindByName(entry);
    const isReading = kind === 'explore' || kind === 'edit';
    if (callId === undefined) return isReading;
    if (entry.kind === 'tool_result') return this.#readings.delete(callId) || isReading;
    if (isReading && this.#readings.size < MAX_PENDING) this.#readings.add(callId);
    return isReading;
  }
}

/** Collects how long the texts of a session are, in memory that does not grow with it. */
export class TextSizeCollector {
  readonly #kinds = new TextKinds();
  readonly #sizes = new Map<TextKind, SizeBucket[]>();

  add(entry: Entry): void {
    this.#count(this.#kinds.ofWords(entry), entry.toolOutput ?? entry.text);
    if (entry.toolInput !== undefined) this.#count(this.#kinds.ofArguments(entry), entry.toolInput);
  }

  finish(): TextSizes {
    return Object.fromEntries([...this.#sizes].map(([kind, buckets]) => [kind, buckets.filter(Boolean)]));
  }

  #count(kind: TextKind, { length }: string): void {
    if (length === 0) return;
    const buckets = this.#sizes.get(kind) ?? [];
    const index = Math.floor(BUCKETS_PER_DOUBLING * Math.log2(length));
    const { count, chars } = buckets[index] ?? { count: 0, chars: 0 };
    buckets[index] = { count: count + 1, chars: chars + length };
    this.#sizes.set(kind, buckets);
  }
}

const kindByName = ({ toolName }: Entry): ToolKind | undefined =>
  toolName === undefined ? undefined : classifyTool({ name: toolName, input: {}, text: '' });
