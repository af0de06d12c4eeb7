import { ExpectedError } from '../errors.ts';
import { parseJson } from '../session/json-object.ts';
import { parseLfsPointer } from '../session/lfs-pointer.ts';
import type { Findings, RedactionPolicy } from '../session/redaction/policy.ts';
import { createRedactor, type Redactor } from '../session/redaction/redactor.ts';
import { readHead } from './plain-file.ts';
import { redactedLines, redactLine } from './transcript-file.ts';

/** What a search for secrets came to. `no-text`: a picture, an archive, and the like. */
export type FileSearch =
  | { readonly kind: 'searched'; readonly findings: Findings }
  | { readonly kind: 'unsearched'; readonly reason: string }
  | { readonly kind: 'no-text' };

/** Such files are taken as a whole; those of lines are of any size. */
const MAX_WHOLE_BYTES = 64 * 1024 * 1024;
/** git looks at as much to tell text from what is none. */
const HEAD_BYTES = 8000;

const IS_POINTER = 'a Git LFS pointer, and its content is not in its place';

/** Looks for secrets in a file of a session; its `name` says what it is. Memory is bounded, whatever its size. */
export function searchFile(file: string, name: string, policy: RedactionPolicy): FileSearch {
  try {
    const head = readHead(file, HEAD_BYTES);
    if (parseLfsPointer(head.toString('utf8'))) return { kind: 'unsearched', reason: IS_POINTER };
    if (isBinary(head.toString('latin1'), name)) return { kind: 'no-text' };
    const redactor = createRedactor(policy);
    for (const _ of redactedParts(file, name, redactor));
    return { kind: 'searched', findings: Object.fromEntries(redactor.counts) };
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    return { kind: 'unsearched', reason: error.message };
  }
}

/** The same of a text that is in no file. */
export function searchText(text: string, name: string, policy: RedactionPolicy): Findings {
  const redactor = createRedactor(policy);
  if (hasLines(name)) for (const line of text.split('\n')) redactLine(line, redactor);
  else redactWhole(text, name, redactor);
  return Object.fromEntries(redactor.counts);
}

/** Whether the beginning of a file says that it is no text; a recording is one whatever stands in it. */
export function isBinary(head: string, name: string): boolean {
  return !hasLines(name) && head.slice(0, HEAD_BYTES).includes('\0');
}

/**
 * A file of a session without its secrets, part by part: lines stay lines, JSON stays JSON, and of other texts nothing
 * changes but what is replaced. Throws UNREADABLE, BAD_TRANSCRIPT, REDACTION_FAILED.
 */
export function* redactedParts(file: string, name: string, redactor: Redactor): Generator<string> {
  if (hasLines(name)) yield* redactedLines(file, redactor);
  else yield redactWhole(readWhole(file), name, redactor);
}

/** JSON is laid out as it was: in lines, with two spaces as every writer of such files does it, or in one. */
export function formatLike(before: string, value: unknown): string {
  const end = before.endsWith('\n') ? '\n' : '';
  const isInLines = before.trimEnd().includes('\n');
  return `${JSON.stringify(value, undefined, isInLines ? 2 : undefined)}${end}`;
}

/** Text of a file that is held as a whole. Throws UNREADABLE, also for what is too large or no UTF-8. */
export function readWhole(file: string): string {
  const bytes = readHead(file, MAX_WHOLE_BYTES + 1);
  if (bytes.length > MAX_WHOLE_BYTES) throw new ExpectedError('UNREADABLE', `${file} is larger than 64 MB`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new ExpectedError('UNREADABLE', `${file} is no UTF-8 text`, { cause });
  }
}

/** The same of a text that is held as a whole. */
export function redactWhole(text: string, name: string, redactor: Redactor): string {
  const value = name.endsWith('.json') ? parseJson(text) : undefined;
  if (value === undefined) return cleanPieces(text, redactor);
  const before = redactor.total;
  const clean = redactor.json(value);
  return redactor.total === before ? text : formatLike(text, clean);
}

/**
 * Entry by entry, section by section: a secret that begins in one and ends in another is none, and what stands between
 * them must not go with it.
 */
function cleanPieces(text: string, redactor: Redactor): string {
  return text
    .split(/(?=<a id="msg-\d|<[a-z]{1,20} [^<>]{0,80}id="entry-\d|^## )/m)
    .map((piece) => redactor.text(piece))
    .join('');
}

const hasLines = (name: string) => name.endsWith('.jsonl');
