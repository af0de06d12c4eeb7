import { lineCount } from '../plain-text.ts';
import { formatCount } from './labels.ts';

export interface CutText {
  readonly head: string;
  /** What is missing and where to find it; undefined when nothing is. */
  readonly note?: string;
}

export interface TextLimit {
  readonly lines: number;
  readonly chars: number;
}

/** What a tool read or printed: the head tells most of it. */
export const OUTPUT_LIMIT: TextLimit = { lines: 200, chars: 16 * 1024 };
/** What a person or the agent said: cut only when it cannot have been meant for reading. */
export const SPEECH_LIMIT: TextLimit = { lines: 2000, chars: 64 * 1024 };

// Both ends together are fewer lines than OUTPUT_LIMIT has, so that a short text is not cut again.
const HEAD_LINES = 120;
const TAIL_LINES = 60;

/** The head of a text within both limits, and an honest word about the rest. */
export function cutText(text: string, limit: TextLimit): CutText {
  const end = headEnd(text, limit);
  if (end >= text.length) return { head: text };
  const rest = text.slice(end);
  const amount = rest.startsWith('\n')
    ? formatCount(lineCount(rest.slice(1)), 'more line')
    : formatCount(rest.length, 'more character');
  return { head: text.slice(0, end), note: `${amount} in raw.jsonl` };
}

/** Of so many characters of a short text the last ones are its end. */
export interface ShortText {
  readonly chars: number;
  readonly tail: number;
}

/** A text within its room: whole lines of its head and of its end, and between them a line that says how many are missing. */
export function shortenText(text: string, { chars, tail }: ShortText): string {
  if (text.length <= chars) return text;
  const limit = { lines: tail > 0 ? HEAD_LINES : HEAD_LINES + TAIL_LINES, chars: chars - tail };
  const end = headEnd(text, limit);
  if (end >= text.length) return text;
  const isWithinLine = text[end] !== '\n';
  const start = isWithinLine ? text.length : Math.max(end + 1, tailStart(text, tail));
  const missing = text.slice(isWithinLine ? end : end + 1, start);
  const amount = isWithinLine
    ? formatCount(missing.length, 'more character')
    : formatCount(lineCount(missing), 'more line');
  return missing === '' ? text : `${text.slice(0, end)}\n… ${amount} in raw.jsonl\n${text.slice(start)}`.trimEnd();
}

/** Where the head ends: after the last whole line that fits, or inside a line that is too long by itself. */
function headEnd(text: string, limit: TextLimit): number {
  const afterLines = nthLineEnd(text, limit.lines);
  if (afterLines <= limit.chars) return afterLines;
  const lineEnd = text.lastIndexOf('\n', limit.chars);
  return lineEnd > limit.chars / 2 ? lineEnd : wholeChars(text, limit.chars);
}

/** Where the last whole lines begin that fit; at the end of the text when not even one does. */
function tailStart(text: string, chars: number): number {
  const before = text.indexOf('\n', Math.max(0, text.length - chars - 1));
  if (chars <= 0 || before === -1) return text.length;
  let start = text.length;
  for (let line = 0; line <= TAIL_LINES && start > before + 1; line++) start = text.lastIndexOf('\n', start - 2) + 1;
  return Math.max(start, before + 1);
}

function nthLineEnd(text: string, lines: number): number {
  let end = -1;
  for (let line = 0; line < lines; line++) {
    end = text.indexOf('\n', end + 1);
    if (end === -1) return text.length;
  }
  return text.slice(end).trim() === '' ? text.length : end;
}

/** One less when the cut would fall between the halves of a surrogate pair. */
function wholeChars(text: string, end: number): number {
  const code = text.charCodeAt(end - 1);
  return code >= 0xd800 && code <= 0xdbff ? end - 1 : end;
}
