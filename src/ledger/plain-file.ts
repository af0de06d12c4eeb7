import { closeSync, lstatSync } from 'node:fs';
import { systemErrorCode } from '../errors.ts';
import { openRegular, readAt } from '../regular-file.ts';
import type { PlacedLine } from '../session/adapters/adapter.ts';

const BLOCK_SIZE = 256 * 1024;
/** A longer line is kept in the file and counted as malformed: one string of it could not be held safely. */
const MAX_LINE_BYTES = 256 * 1024 * 1024;
const NEWLINE = 10;
/** Editors on Windows put one at the start of a file; JSON knows none. */
const BYTE_ORDER_MARK = '\ufeff';

/** Whether nothing is there. What cannot be looked at may be something. */
export function isAbsent(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) === undefined;
  } catch (error) {
    const code = systemErrorCode(error);
    return code === 'ENOTDIR' || code === 'ENAMETOOLONG';
  }
}

/** The lines of a file of any size, block by block; a line over the bound comes as null. Throws UNREADABLE. */
export function* readLines(file: string): Generator<string | null> {
  for (const { text } of readPlacedLines(file)) yield text;
}

/** The same lines up to the byte `to`, each with the byte at which it starts. Throws UNREADABLE. */
export function readPlacedLines(file: string, to = Number.POSITIVE_INFINITY): Generator<PlacedLine> {
  return linesIn(readBlocks(file, 0, to));
}

/** The lines that blocks of bytes hold, each of which may be used again once the next one is asked for. */
export function* linesIn(blocks: Iterable<Buffer>): Generator<PlacedLine> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let offset = 0;
  const takeLine = (tail: Buffer): PlacedLine => {
    const whole = pendingBytes + tail.length;
    const text = whole > MAX_LINE_BYTES ? null : joined(pending, tail).toString('utf8');
    const hasMark = offset === 0 && text?.startsWith(BYTE_ORDER_MARK);
    const line = { text: text !== null && hasMark ? text.slice(1) : text, offset };
    pending = [];
    pendingBytes = 0;
    offset += whole + 1;
    return line;
  };
  for (const block of blocks) {
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
}

/** Most lines lie in one block: they need no copy. */
const joined = (pieces: readonly Buffer[], tail: Buffer): Buffer =>
  pieces.length === 0 ? tail : Buffer.concat([...pieces, tail]);

/** The bytes of a file from `from` up to `to`; each block is valid until the next one is asked for. Throws UNREADABLE. */
export function* readBlocks(file: string, from = 0, to = Number.POSITIVE_INFINITY): Generator<Buffer> {
  const { descriptor } = openRegular(file);
  const block = spareBlocks.pop() ?? Buffer.allocUnsafe(BLOCK_SIZE);
  try {
    for (let position = from; position < to; ) {
      const length = readAt(descriptor, file, block, position, Math.min(BLOCK_SIZE, to - position));
      if (length === 0) return;
      position += length;
      yield block.subarray(0, length);
    }
  } finally {
    closeSync(descriptor);
    spareBlocks.push(block);
  }
}

/** Used again and again: the system fills new memory with zeros before it lends it. As many as are read at one time. */
const spareBlocks: Buffer[] = [];

/** The start of a file, at most `maxBytes` of it: for markers and meta files that nobody vouches for. Throws UNREADABLE. */
export function readHead(file: string, maxBytes: number): Buffer {
  return readPart(file, maxBytes, () => 0);
}

/** The end of a file, at most `maxBytes` of it. Throws UNREADABLE. */
export function readTail(file: string, maxBytes: number): Buffer {
  return readPart(file, maxBytes, (size) => Math.max(0, size - maxBytes));
}

function readPart(file: string, maxBytes: number, startOf: (size: number) => number): Buffer {
  const { descriptor, size } = openRegular(file);
  try {
    const buffer = Buffer.alloc(Math.min(maxBytes, size));
    let length = 0;
    while (length < buffer.length) {
      const rest = buffer.subarray(length);
      const read = readAt(descriptor, file, rest, startOf(size) + length, rest.length);
      if (read === 0) break;
      length += read;
    }
    return buffer.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}

/** Whether a word stands in a file, looked for in bytes. Throws UNREADABLE. */
export function containsWord(file: string, word: string): boolean {
  const needle = Buffer.from(word);
  let before = Buffer.alloc(0);
  for (const block of readBlocks(file)) {
    // A word may lie across the border of two blocks.
    if (block.includes(needle) || Buffer.concat([before, block.subarray(0, needle.length)]).includes(needle))
      return true;
    before = Buffer.from(block.subarray(Math.max(0, block.length - needle.length + 1)));
  }
  return false;
}

/** Every word of `length` ASCII signs in a file that the pattern's first group finds. Throws UNREADABLE. */
export function wordsIn(file: string, pattern: RegExp, length: number): ReadonlySet<string> {
  const words = new Set<string>();
  let before = '';
  for (const block of readBlocks(file)) {
    const text = before + block.toString('latin1');
    for (const [, word = ''] of text.matchAll(pattern)) words.add(word);
    before = text.slice(1 - length);
  }
  return words;
}
