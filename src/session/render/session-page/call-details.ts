import { isEditArgument } from '../../file-changes.ts';
import { callTarget, filePath, type ToolCall } from '../../tool-call.ts';
import { editDiff } from '../edit-diff.ts';

const TARGET_CHARS = 120;

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
  const args = Object.entries(call.input).length > 0 ? Object.entries(call.input) : [['input', call.text] as const];
  const fields = args.filter((argument) => diff === '' || !isEditArgument(argument)).map(argumentField);
  return { name: call.name, target, diff, fields: fields.filter(({ value }) => !told.has(value) && !isEmpty(value)) };
}

function argumentField([name, value]: readonly [string, unknown]): Field {
  return { name, value: typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '') };
}

const isEmpty = (value: string): boolean => value === '' || value === '{}';
