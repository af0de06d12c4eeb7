import { isObject, type JsonObject } from '../../json-object.ts';
import { parseArguments } from '../../tool-call.ts';
import { shortenText } from '../cut-text.ts';
import { readableJson } from '../readable-json.ts';

/** Lines around a change that a reader sees; those before and after them are in no diff. */
const CONTEXT_LINES = 3;
const REPLACEMENTS = [
  ['old_string', 'new_string'],
  ['old_str', 'new_str'],
  ['oldString', 'newString'],
] as const;

/** The arguments of a call within their room. They stay JSON, as which they are read further on, where they were. */
export function shortenInput(input: string, chars: number): string {
  if (input.length <= chars) return input;
  const parsed = parseArguments(input);
  if (parsed === undefined) return head(input, chars);
  const short = JSON.stringify(shortenArguments(parsed, chars));
  // Thousands of short arguments would still be too much.
  return short.length <= 4 * chars ? short : head(input, chars);
}

function shortenArguments(source: JsonObject, chars: number): JsonObject {
  if (Array.isArray(source.edits)) {
    const edits = source.edits.filter(isObject);
    const room = Math.floor(chars / edits.length);
    return { ...shortenValues({ ...source, edits: '' }, chars), edits: edits.map((edit) => shortenEdit(edit, room)) };
  }
  return shortenEdit(source, chars);
}

/** Of a replacement first the lines go that are the same before and after it. */
function shortenEdit(source: JsonObject, chars: number): JsonObject {
  const [before, after] = REPLACEMENTS.find(([old, now]) => isText(source[old]) && isText(source[now])) ?? [];
  if (before === undefined || after === undefined) return shortenValues(source, chars);
  const changed = withoutSameEnds(lines(source[before]), lines(source[after]));
  return shortenValues({ ...source, [before]: changed.before, [after]: changed.after }, chars / 2);
}

function shortenValues(source: JsonObject, chars: number): JsonObject {
  return Object.fromEntries(Object.entries(source).map(([key, value]) => [key, shortenValue(value, chars)]));
}

function shortenValue(value: unknown, chars: number): unknown {
  if (isText(value)) return head(value, chars);
  const { text, isWhole } = readableJson(value, chars);
  return isWhole ? value : head(text, chars);
}

function withoutSameEnds(before: readonly string[], after: readonly string[]) {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  const [first, rest] = [Math.max(0, start - CONTEXT_LINES), Math.max(0, end - CONTEXT_LINES)];
  const kept = (all: readonly string[]): string => all.slice(first, all.length - rest).join('\n');
  return { before: kept(before), after: kept(after) };
}

const head = (text: string, chars: number): string => shortenText(text, { chars: Math.floor(chars), tail: 0 });

const isText = (value: unknown): value is string => typeof value === 'string';

const lines = (value: unknown): readonly string[] => (isText(value) ? value.split('\n') : []);
