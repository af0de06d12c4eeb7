import { isObject, type JsonObject } from '../../json-object.ts';
import { type ToolCall, toolTarget } from '../../tool-call.ts';

const TARGET_CHARS = 120;
const EDIT_KEYS = ['old_string', 'new_string', 'content', 'edits', 'new_source'];

/** A call as a page shows it: `Bash  npm test` on its one line, the rest when it is opened. */
export interface CallDetails {
  readonly name: string;
  /** What the call was about, on one line; empty when no argument tells. */
  readonly target: string;
  readonly edits: readonly Edit[];
  /** The arguments that neither the target nor the edits show. */
  readonly fields: readonly Field[];
}

export interface Edit {
  readonly before: string;
  readonly after: string;
}

export interface Field {
  readonly name: string;
  readonly value: string;
}

/** Sorts out a call's input, whatever it is: that of a known tool, of an unknown one, plain text, or nothing. */
export function describeCall(call: ToolCall): CallDetails {
  const edits = parseEdits(call.input);
  const shown = new Set(edits.length > 0 ? EDIT_KEYS : []);
  const target = toolTarget(call, TARGET_CHARS);
  const args = Object.entries(call.input).filter(([key]) => !shown.has(key));
  const fields = args.length > 0 || edits.length > 0 ? args.map(argumentField) : [{ name: 'input', value: call.text }];
  return { name: call.name, target, edits, fields: fields.filter(({ value }) => value !== target && !isEmpty(value)) };
}

/** The replacements that Edit, MultiEdit, Write and NotebookEdit make, known by their arguments. */
function parseEdits(input: JsonObject): readonly Edit[] {
  if (Array.isArray(input.edits)) return input.edits.filter(isObject).flatMap(parseReplacement);
  const replacement = parseReplacement(input);
  if (replacement.length > 0) return replacement;
  const written = isString(input.file_path) && isString(input.content) ? input.content : input.new_source;
  return isString(written) ? [{ before: '', after: written }] : [];
}

function parseReplacement(input: JsonObject): readonly Edit[] {
  if (!isString(input.new_string)) return [];
  return [{ before: isString(input.old_string) ? input.old_string : '', after: input.new_string }];
}

function argumentField([name, value]: readonly [string, unknown]): Field {
  return { name, value: isString(value) ? value : (JSON.stringify(value, null, 2) ?? '') };
}

const isEmpty = (value: string): boolean => value === '' || value === '{}';

const isString = (value: unknown): value is string => typeof value === 'string';
