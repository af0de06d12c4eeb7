import { createHash } from 'node:crypto';
import type { InputDigest } from '../session/summary.ts';
import {
  type Entry,
  parseTranscriptLine,
  type TranscriptFooter,
  type TranscriptHeader,
} from '../session/transcript.ts';
import { linesIn, readBlocks, readPlacedLines } from './plain-file.ts';

/** What one full reading of a transcript learned besides its entries. */
export interface RawFacts {
  readonly header: TranscriptHeader;
  readonly footer: TranscriptFooter;
  readonly entryCount: number;
  /** Milliseconds since the epoch of the last entry that has a time. */
  readonly lastAtMs?: number;
  /** One-based numbers of the lines that hold no entry and are neither header nor footer; the first thousand. */
  readonly malformedLines: readonly number[];
  readonly malformedCount: number;
}

const MALFORMED_LIMIT = 1000;

/**
 * The entries of a `raw.jsonl`, in order; the generator's return value is what else stood there.
 * A header counts only as the first line: later text cannot forge one. Throws UNREADABLE.
 */
export function readEntries(file: string): Generator<Entry, RawFacts> {
  return entriesIn(readBlocks(file));
}

/** The same of a `raw.jsonl` whose bytes somebody else reads, too. */
export function* entriesIn(blocks: Iterable<Buffer>): Generator<Entry, RawFacts> {
  let header: TranscriptHeader = {};
  let footer: TranscriptFooter = {};
  let seq = 0;
  let lineNumber = 0;
  let isFirst = true;
  let lastAtMs: number | undefined;
  const malformedLines: number[] = [];
  let malformedCount = 0;
  for (const { text: line } of linesIn(blocks)) {
    lineNumber += 1;
    const parsed = line === null ? ({ kind: 'malformed' } as const) : parseTranscriptLine(line);
    if (parsed.kind === 'blank') continue;
    if (parsed.kind === 'entry') {
      lastAtMs = parsed.entry.atMs ?? lastAtMs;
      yield { seq: seq++, ...parsed.entry };
    }
    if (parsed.kind === 'header' && isFirst) header = parsed.header;
    if (parsed.kind === 'footer') footer = { ...footer, ...parsed.footer };
    if (parsed.kind === 'malformed') {
      malformedCount += 1;
      if (malformedLines.length < MALFORMED_LIMIT) malformedLines.push(lineNumber);
    }
    isFirst = false;
  }
  return {
    header,
    footer,
    entryCount: seq,
    ...(lastAtMs !== undefined && { lastAtMs }),
    malformedLines,
    malformedCount,
  };
}

/** Reads a transcript to its end for everything but the entries. */
export function readRawFacts(file: string): RawFacts {
  const entries = readEntries(file);
  for (;;) {
    const step = entries.next();
    if (step.done) return step.value;
  }
}

/** sha256 and length of the bytes as they stand, up to the byte `to`; `entries` is what they hold. Throws UNREADABLE. */
export function readDigest(file: string, entries: number, to?: number): InputDigest {
  const hash = createHash('sha256');
  let bytes = 0;
  for (const block of readBlocks(file, 0, to)) {
    hash.update(block);
    bytes += block.length;
  }
  return { sha256: hash.digest('hex'), bytes, entries };
}

/** The digest of what holds the first entries of a recording; of all of it where there are no more. Throws UNREADABLE. */
export function readDigestOfFirst(file: string, entries: number): InputDigest {
  let seen = 0;
  for (const { text, offset } of readPlacedLines(file)) {
    seen += text !== null && parseTranscriptLine(text).kind === 'entry' ? 1 : 0;
    if (seen > entries) return readDigest(file, entries, offset);
  }
  return readDigest(file, entries);
}
