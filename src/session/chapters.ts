import { shortLine } from './plain-text.ts';
import type { Chapter } from './summary.ts';
import { classifyTool, type ToolCall, type ToolKind } from './tool-call.ts';

const MAX_CHAPTERS = 200;
const MAX_TOOL_NAMES = 40;
const TITLE_MAX = 80;
const REQUEST_MAX = 200;

interface Draft {
  readonly startSeq: number;
  /** What began it, bounded. */
  readonly request: string | undefined;
  endSeq: number;
  errors: number;
  readonly tools: Map<string, number>;
  readonly kinds: Map<string, number>;
}

/**
 * Divides a session into chapters while it streams by: each request of the user begins one, and what came before the
 * first request is left out. Beyond 200 chapters neighbours are joined, so memory stays bounded.
 */
export class ChapterCollector {
  #drafts: Draft[] = [];
  #preamble: Draft | undefined;

  /** Takes the next entry; with a `request` when it holds words of the user. */
  add(seq: number, request: string | undefined): void {
    if (request !== undefined) this.#drafts.push(newDraft(seq, shortLine(request, REQUEST_MAX)));
    if (this.#drafts.length > MAX_CHAPTERS) this.#drafts = joinPairs(this.#drafts);
    this.#preamble ??= newDraft(seq);
    this.#current.endSeq = seq;
  }

  addCall(call: ToolCall): void {
    countUp(this.#current.tools, call.name);
    countUp(this.#current.kinds, classifyTool(call));
  }

  addError(): void {
    this.#current.errors += 1;
  }

  /** A session in which the user never spoke is one chapter. */
  finish(): readonly Chapter[] {
    return this.#finished.map(buildChapter);
  }

  /** What began each of them; of joined ones the first. */
  requests(): readonly (string | undefined)[] {
    return this.#finished.map(({ request }) => request);
  }

  get #finished(): readonly Draft[] {
    return this.#drafts.length > 0 ? this.#drafts : [this.#preamble].filter((draft) => draft !== undefined);
  }

  get #current(): Draft {
    this.#preamble ??= newDraft(0);
    return this.#drafts.at(-1) ?? this.#preamble;
  }
}

/** The summariser's titles replace the guessed ones, by position; blank or missing ones leave the guess. */
export function withChapterTitles(chapters: readonly Chapter[], titles: readonly string[]): readonly Chapter[] {
  return chapters.map((chapter, index) => {
    const title = shortLine(titles[index] ?? '', TITLE_MAX);
    return title === '' ? chapter : { ...chapter, title };
  });
}

/** Adds to the count of `name`; names beyond the fortieth are counted together, as a hostile file may hold any number. */
export function countUp(counts: Map<string, number>, name: string, by = 1): void {
  const key = counts.has(name) || counts.size < MAX_TOOL_NAMES ? name : 'other';
  counts.set(key, (counts.get(key) ?? 0) + by);
}

/** Most used first, then by name. */
export function sortedCounts(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
}

const newDraft = (seq: number, request?: string): Draft => ({
  startSeq: seq,
  request,
  endSeq: seq,
  errors: 0,
  tools: new Map(),
  kinds: new Map(),
});

function joinPairs(drafts: readonly Draft[]): Draft[] {
  return drafts.flatMap((draft, index) => {
    if (index % 2 === 1) return [];
    const next = drafts[index + 1];
    return [next === undefined ? draft : join(draft, next)];
  });
}

function join(first: Draft, second: Draft): Draft {
  return {
    startSeq: first.startSeq,
    request: first.request,
    endSeq: second.endSeq,
    errors: first.errors + second.errors,
    tools: addCounts(first.tools, second.tools),
    kinds: addCounts(first.kinds, second.kinds),
  };
}

function addCounts(first: ReadonlyMap<string, number>, second: ReadonlyMap<string, number>): Map<string, number> {
  const sums = new Map(first);
  for (const [name, count] of second) countUp(sums, name, count);
  return sums;
}

function buildChapter(draft: Draft, index: number): Chapter {
  const errors = draft.errors === 0 ? {} : { total_errors: draft.errors };
  return {
    id: index + 1,
    title: guessTitle(draft, index),
    start_seq: draft.startSeq,
    end_seq: draft.endSeq,
    tool_counts: sortedCounts(draft.tools),
    total_tools: totalTools(draft),
    ...errors,
    has_edits: draft.kinds.has('edit'),
  };
}

const totalTools = (draft: Draft): number => [...draft.tools.values()].reduce((total, count) => total + count, 0);

function guessTitle(draft: Draft, index: number): string {
  const share = (kind: ToolKind): number => (draft.kinds.get(kind) ?? 0) / totalTools(draft);
  if (draft.tools.size === 0) return 'Discussion';
  if (draft.kinds.has('edit')) return 'Implementation';
  if (draft.kinds.has('test')) return 'Testing';
  if (share('explore') >= 0.5) return 'Exploration';
  return share('execute') >= 0.5 ? 'Execution' : `Turn ${index + 1}`;
}
