import type { Outline } from '../../outline.ts';
import { lineCount } from '../../plain-text.ts';
import { type TextKind, TextKinds } from '../../text-sizes.ts';
import type { Entry } from '../../transcript.ts';
import { OUTPUT_LIMIT, SPEECH_LIMIT, shortenText } from '../cut-text.ts';
import { formatCount } from '../labels.ts';
import { buildPageBudget, type PageBudget } from './page-budget.ts';
import { shortenInput } from './short-input.ts';

/** An entry as a page has room for it. */
export interface ShownEntry extends Entry {
  /** How many lines the output had, when not all of them are here. */
  readonly outputLines?: number;
}

/** A page of more entries than this is read by nobody and refused by hosts; both ends of it are kept. */
const MOST_ENTRIES = 20_000;
/** Of what lies between the ends, what the user said is kept, too, as long as it is not most of the page. */
const MOST_REQUESTS = 5000;

/** How much of what is shown of an output is its end: of what was run, that tells how it went. */
const TAIL_SHARES: Readonly<Partial<Record<TextKind, number>>> = { output: 0.4, error: 0.4 };

/**
 * The entries of a transcript as a page can hold them: of a very long one the first and the last ten thousand and all
 * that the user said, with a word about the rest; each text as far as its kind has room. The whole is in raw.jsonl.
 */
export function* boundedEntries(entries: Iterable<Entry>, outline: Outline): Generator<ShownEntry> {
  const budget = buildPageBudget(outline);
  const kinds = new TextKinds();
  const isBetween = betweenEnds(outline.entryCount);
  let leftOut = 0;
  let requests = 0;
  for (const entry of entries) {
    const isInner = isBetween(entry.seq);
    if (isInner && entry.kind === 'user') requests += 1;
    if (isInner && (entry.kind !== 'user' || requests > MOST_REQUESTS)) {
      leftOut += 1;
      continue;
    }
    if (leftOut > 0)
      yield { seq: entry.seq - 1, kind: 'info', text: `${formatCount(leftOut, 'entry')} left out here, in raw.jsonl` };
    leftOut = 0;
    yield shortenEntry(entry, kinds, budget);
  }
}

/** The entry that a link to this one should lead to: itself, or the word about those that were left out. */
export function nearestShown(seq: number, entryCount: number): number {
  return betweenEnds(entryCount)(seq) ? entryCount - MOST_ENTRIES / 2 - 1 : seq;
}

const betweenEnds =
  (entryCount: number) =>
  (seq: number): boolean =>
    seq >= MOST_ENTRIES / 2 && seq < entryCount - MOST_ENTRIES / 2;

/** The same entry where there is room for all of it. */
function shortenEntry(entry: Entry, kinds: TextKinds, budget: PageBudget): ShownEntry {
  const words = kinds.ofWords(entry);
  const room = roomOf(words, budget);
  const { text, toolInput, toolOutput } = entry;
  const inputRoom = toolInput === undefined ? 0 : roomOf(kinds.ofArguments(entry), budget);
  const isSmall = text.length <= room && (toolOutput?.length ?? 0) <= room && (toolInput?.length ?? 0) <= inputRoom;
  if (isSmall) return entry;
  return {
    ...entry,
    text: words === 'answer' ? shortenMarkdown(text, room) : shortenText(text, { chars: room, tail: 0 }),
    ...(toolInput !== undefined && { toolInput: shortenInput(toolInput, inputRoom) }),
    ...(toolOutput !== undefined && shortenOutput(toolOutput, room, TAIL_SHARES[words] ?? 0)),
  };
}

/** What the common limits cut anyway is left to them. */
function roomOf(kind: TextKind, budget: PageBudget): number {
  const room = budget.get(kind) ?? Number.POSITIVE_INFINITY;
  const most = kind === 'user' || kind === 'answer' ? SPEECH_LIMIT.chars : OUTPUT_LIMIT.chars;
  return room >= most ? Number.POSITIVE_INFINITY : room;
}

function shortenOutput(
  output: string,
  chars: number,
  tailShare: number,
): Pick<ShownEntry, 'toolOutput' | 'outputLines'> {
  if (output.length <= chars) return { toolOutput: output };
  const toolOutput = shortenText(output, { chars, tail: Math.floor(chars * tailShare) });
  return { toolOutput, outputLines: lineCount(output) };
}

/** A block of code that the cut left open would swallow the word about the rest. */
function shortenMarkdown(text: string, chars: number): string {
  if (text.length <= chars) return text;
  const short = shortenText(text, { chars, tail: 0 });
  if (short === text) return text;
  const noteStart = short.lastIndexOf('\n');
  const head = short.slice(0, noteStart);
  return `${head}${openFence(head)}\n\n${short.slice(noteStart + 1)}`;
}

function openFence(markdown: string): string {
  let open = '';
  for (const [, fence = ''] of markdown.matchAll(/^ {0,3}(`{3,}|~{3,})/gm)) {
    if (open === '') open = fence;
    else if (fence.startsWith(open)) open = '';
  }
  return open === '' ? '' : `\n${open}`;
}
