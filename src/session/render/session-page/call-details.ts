import { isEditArgument } from '../../file-changes.ts';
import { isObject, type JsonObject, stringAt } from '../../json-object.ts';
import { shortLine } from '../../plain-text.ts';
import { callTarget, filePath, type ToolCall } from '../../tool-call.ts';
import { OUTPUT_LIMIT } from '../cut-text.ts';
import { editDiff } from '../edit-diff.ts';
import { readableJson } from '../readable-json.ts';

const TARGET_CHARS = 120;
/** Of what no tool has; the rest is in raw.jsonl. */
const MOST_FIELDS = 50;
const FIELD_NAME_CHARS = 80;

/** A call as a page shows it: `Bash  npm test` on its one line, the rest when it is opened. */
export interface CallDetails {
  readonly name: string;
  /** What the call was about, on one line; empty when no argument tells. */
  readonly target: string;
  /** What it changed, as the lines of a diff; empty when it is no edit. */
  readonly diff: string;
  /** The arguments that neither the target nor the diff shows. */
  readonly fields: readonly Field[];
}

export interface Field {
  readonly name: string;
  readonly value: string;
}

/** Sorts out a call's input, whatever it is: that of a known tool, of an unknown one, plain text, or nothing. */
export function describeCall(call: ToolCall): CallDetails {
  const diff = editDiff(call);
  const target = callTarget(call, TARGET_CHARS);
  const { pattern } = call.input;
  const path = filePath(call);
  const told = new Set([target, ...(target === `${pattern} in ${path}` ? [pattern, path] : [])]);
  const args = Object.entries(call.input).slice(0, MOST_FIELDS);
  const all = args.length > 0 ? args : [['input', call.text] as const];
  const fields = all.filter((argument) => diff === '' || !isEditArgument(argument)).map(argumentField);
  return { name: call.name, target, diff, fields: fields.filter(({ value }) => !told.has(value) && !isEmpty(value)) };
}

function argumentField([key, value]: readonly [string, unknown]): Field {
  const name = shortLine(key, FIELD_NAME_CHARS);
  const todos = name === 'todos' && Array.isArray(value) ? value.filter(isObject) : [];
  if (todos.length > 0) return { name, value: todos.map(todoLine).join('\n') };
  return { name, value: typeof value === 'string' ? value : readableJson(value, OUTPUT_LIMIT.chars).text };
}

/** As a list that can be ticked off. */
function todoLine(todo: JsonObject): string {
  const mark = { completed: '☑', in_progress: '◐' }[stringAt(todo, 'status') ?? ''] ?? '☐';
  return `${mark} ${stringAt(todo, 'content', 'title', 'description', 'text') ?? readableJson(todo, FIELD_NAME_CHARS).text}`;
}

const isEmpty = (value: string): boolean => value === '' || value === '{}';
