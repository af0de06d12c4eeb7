import type { Outline } from '../outline.ts';
import type { Entry } from '../transcript.ts';
import { formatCount } from './labels.ts';

/** A page of more entries than this is read by nobody and refused by hosts; both ends of it are kept. */
const MOST_ENTRIES = 20_000;
/** All that tools read and printed may fill this many characters of one page… */
const OUTPUT_BUDGET = 16 * 1024 * 1024;
/** …but each of them is told at least this far. */
const LEAST_OUTPUT = 500;

/**
 * The entries of a transcript as a page can hold them: of a very long one the first and the last ten thousand and all
 * that the user said, with a word about the rest; of very much output each one's head. The whole is in raw.jsonl.
 */
export function* boundedEntries(entries: Iterable<Entry>, outline: Outline): Generator<Entry> {
  const perOutput = Math.max(LEAST_OUTPUT, Math.floor(OUTPUT_BUDGET / Math.max(1, outline.toolCallCount)));
  const [headEnd, tailStart] = [MOST_ENTRIES / 2, outline.entryCount - MOST_ENTRIES / 2];
  let leftOut = 0;
  for (const entry of entries) {
    const isShown = entry.seq < headEnd || entry.seq >= tailStart || entry.kind === 'user';
    if (!isShown) {
      leftOut += 1;
      continue;
    }
    if (leftOut > 0)
      yield { seq: entry.seq - 1, kind: 'info', text: `${formatCount(leftOut, 'entry')} left out here, in raw.jsonl` };
    leftOut = 0;
    yield withShortOutput(entry, perOutput);
  }
}

/** Only output is cut here: arguments are JSON, and read as such further on. */
function withShortOutput(entry: Entry, limit: number): Entry {
  const { toolOutput } = entry;
  if (toolOutput === undefined || toolOutput.length <= limit) return entry;
  const rest = formatCount(toolOutput.length - limit, 'more character');
  return { ...entry, toolOutput: `${toolOutput.slice(0, limit)}\n… ${rest} in raw.jsonl` };
}
