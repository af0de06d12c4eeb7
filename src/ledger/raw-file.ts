import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { ExpectedError, messageOf } from '../errors.ts';
import type { InputDigest } from '../session/summary.ts';
import {
  type Entry,
  parseTranscriptLine,
  type TranscriptFooter,
  type TranscriptHeader,
} from '../session/transcript.ts';

const BLOCK_SIZE = 256 * 1024;
/** A longer line is kept in the file and counted as malformed: one string of it could not be held safely. */
const MAX_LINE_BYTES = 256 * 1024 * 1024;
const NEWLINE = 10;
/** Editors on Windows put one at the start of a file; JSON knows none. */
const BYTE_ORDER_MARK = '\ufeff';

/** What one full reading of a transcript learned besides its entries. */
export interface RawFacts {
  readonly header: TranscriptHeader;
  readonly footer: TranscriptFooter;
  readonly entryCount: number;
  /** One-based numbers of the lines that hold no entry and are neither header nor footer; the first thousand. */
  readonly malformedLines: readonly number[];
  readonly malformedCount: number;
}

const MALFORMED_LIMIT = 1000;

/** The lines of a file of any size, block by block; a line over the bound comes as null. Throws UNREADABLE. */
export function* readLines(file: string): Generator<string | null> {
  const descriptor = openRegular(file);
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let isFirst = true;
  const takeLine = (tail: Buffer): string | null => {
    const whole = pendingBytes + tail.length;
    const line = whole > MAX_LINE_BYTES ? null : Buffer.concat([...pending, tail], whole).toString('utf8');
    const hasMark = isFirst && line?.startsWith(BYTE_ORDER_MARK);
    pending = [];
    pendingBytes = 0;
    isFirst = false;
    return line !== null && hasMark ? line.slice(1) : line;
  };
  try {
    for (const block of readBlocks(descriptor, file)) {
      let start = 0;
      for (let end = block.indexOf(NEWLINE); end !== -1; end = block.indexOf(NEWLINE, start)) {
        yield takeLine(block.subarray(start, end));
        start = end + 1;
      }
      const rest = block.subarray(start);
      pendingBytes += rest.length;
      if (rest.length > 0 && pendingBytes <= MAX_LINE_BYTES) pending.push(Buffer.from(rest));
      else if (pendingBytes > MAX_LINE_BYTES) pending = [];
    }
    if (pendingBytes > 0) yield takeLine(Buffer.alloc(0));
  } finally {
    closeSync(descriptor);
  }
}

/**
 * The entries of a `raw.jsonl`, in order; the generator's return value is what else stood there.
 * A header counts only as the first line: later text cannot forge one. Throws UNREADABLE.
 */
export function* readEntries(file: string): Generator<Entry, RawFacts> {
  let header: TranscriptHeader = {};
  let footer: TranscriptFooter = {};
  let seq = 0;
  let lineNumber = 0;
  let isFirst = true;
  const malformedLines: number[] = [];
  let malformedCount = 0;
  for (const line of readLines(file)) {
    lineNumber += 1;
    const parsed = line === null ? ({ kind: 'malformed' } as const) : parseTranscriptLine(line);
    if (parsed.kind === 'blank') continue;
    if (parsed.kind === 'entry') yield { seq: seq++, ...parsed.entry };
    if (parsed.kind === 'header' && isFirst) header = parsed.header;
    if (parsed.kind === 'footer') footer = { ...footer, ...parsed.footer };
    if (parsed.kind === 'malformed') {
      malformedCount += 1;
      if (malformedLines.length < MALFORMED_LIMIT) malformedLines.push(lineNumber);
    }
    isFirst = false;
  }
  return { header, footer, entryCount: seq, malformedLines, malformedCount };
}

/** Reads a transcript to its end for everything but the entries. */
export function readRawFacts(file: string): RawFacts {
  const entries = readEntries(file);
  for (;;) {
    const step = entries.next();
    if (step.done) return step.value;
  }
}

/** sha256 and length of the bytes as they stand; `entries` is what the same bytes hold. */
export function readDigest(file: string, entries: number): InputDigest {
  const descriptor = openRegular(file);
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for (const block of readBlocks(descriptor, file)) {
      hash.update(block);
      bytes += block.length;
    }
  } finally {
    closeSync(descriptor);
  }
  return { sha256: hash.digest('hex'), bytes, entries };
}

/** The start of a file, at most `maxBytes` of it: for markers and meta files that nobody vouches for. */
export function readHead(file: string, maxBytes: number): Buffer {
  const descriptor = openRegular(file);
  try {
    const buffer = Buffer.alloc(Math.min(maxBytes, fstatSync(descriptor).size));
    let length = 0;
    while (length < buffer.length) {
      const read = readSync(descriptor, buffer, length, buffer.length - length, length);
      if (read === 0) break;
      length += read;
    }
    return buffer.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}

/** Opens a plain file and nothing else: no symlink is followed, and a pipe cannot make us wait. */
function openRegular(file: string): number {
  try {
    const descriptor = openSync(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    if (fstatSync(descriptor).isFile()) return descriptor;
    closeSync(descriptor);
  } catch (error) {
    throw new ExpectedError('UNREADABLE', `cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
  throw new ExpectedError('UNREADABLE', `cannot read ${file}: not a regular file`);
}

function* readBlocks(descriptor: number, file: string): Generator<Buffer> {
  const block = Buffer.allocUnsafe(BLOCK_SIZE);
  for (;;) {
    let length: number;
    try {
      length = readSync(descriptor, block, 0, BLOCK_SIZE, null);
    } catch (error) {
      throw new ExpectedError('UNREADABLE', `cannot read ${file}: ${messageOf(error)}`, { cause: error });
    }
    if (length === 0) return;
    yield block.subarray(0, length);
  }
}
