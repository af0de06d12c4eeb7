import { structuredPatch } from 'diff';
import { patchText, type Replacement, replacementsOf } from '../file-changes.ts';
import { isEdit, type ToolCall } from '../tool-call.ts';
import { cutText, type TextLimit } from './cut-text.ts';

const CONTEXT_LINES = 3;
/** Two texts further apart than this, or longer, are all old, then all new: comparing them would take quadratic time. */
const MAX_EDIT_LINES = 400;
const MAX_COMPARED_CHARS = 256 * 1024;
const MOST_SHOWN: TextLimit = { lines: 5000, chars: 256 * 1024 };

/** What a call changed, in the lines of a diff; empty for a call that is no edit. Several places are parted by `⋯`. */
export function editDiff(call: ToolCall): string {
  if (!isEdit(call)) return '';
  const patch = patchText(call);
  if (patch !== undefined)
    return shownOf(/\*\*\* Begin Patch\s*([\s\S]*?)(?:\*\*\* End Patch|$)/.exec(patch)?.[1] ?? '');
  return replacementsOf(call)
    .map(diffLines)
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n⋯\n');
}

function diffLines(replacement: Replacement): readonly string[] {
  const isComparable = replacement.before.length + replacement.after.length <= MAX_COMPARED_CHARS;
  const [before, after] = [shownOf(replacement.before), shownOf(replacement.after)];
  const patch = isComparable && before !== '' ? compare(before, after) : undefined;
  if (patch === undefined) return [...signed('-', before), ...signed('+', after)];
  return patch.hunks
    .flatMap((hunk, index) => (index > 0 ? ['⋯', ...hunk.lines] : hunk.lines))
    .filter((line) => !line.startsWith('\\'));
}

/** Before it is taken apart: no reader of a diff sees the millionth line of it. */
function shownOf(text: string): string {
  const { head, note } = cutText(text, MOST_SHOWN);
  return unified(note === undefined ? head : `${head}\n… ${note}`);
}

const compare = (before: string, after: string) =>
  structuredPatch('', '', before, after, undefined, undefined, {
    context: CONTEXT_LINES,
    maxEditLength: MAX_EDIT_LINES,
  });

/** A lone carriage return begins a line of its own where the diff is shown, and must not do so without a sign. */
const unified = (text: string): string => text.replace(/\r\n?/g, '\n');

function signed(sign: string, text: string): readonly string[] {
  if (text === '') return [];
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => sign + line);
}
