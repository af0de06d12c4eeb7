import { imageMark } from '../image-mark.ts';
import { isObject, type JsonObject, objectAt, parseJson } from '../json-object.ts';
import { contentText } from './source-line.ts';

export interface ToolOutput {
  readonly text: string;
  readonly failed: boolean;
}

/** Before the output of a command there are a few short lines about its run, with its exit code among them. */
const RUN_BEGINNING = /^(?:Exit code|Command|Chunk ID|Wall time): /;
const RUN_EXIT_CODE = /^(?:Exit code:|Process exited with code) (-?\d+)$/m;
const RUN_MAX = 4000;

/**
 * What a tool of Codex answered: a text, a list of content items, or an object with `content` and `success`. The text
 * is `{"output", "metadata": {"exit_code"}}` or begins with lines about the run.
 */
export function readToolOutput(output: unknown): ToolOutput {
  if (typeof output === 'string') return readOutputText(output);
  if (Array.isArray(output)) return { text: output.map(itemText).join('\n'), failed: false };
  return (isObject(output) ? readOutputObject(output) : undefined) ?? { text: contentText(output), failed: false };
}

function readOutputText(text: string): ToolOutput {
  const value = text.startsWith('{') ? parseJson(text) : undefined;
  const wrapped = isObject(value) ? readOutputObject(value) : undefined;
  return wrapped ?? { text, failed: runFailed(text) };
}

/** Undefined when it is an object that a tool answered with, not one that Codex put around the answer. */
function readOutputObject(value: JsonObject): ToolOutput | undefined {
  const metadata = objectAt(value, 'metadata');
  if (metadata && typeof value.output === 'string') {
    return { text: value.output, failed: typeof metadata.exit_code === 'number' && metadata.exit_code !== 0 };
  }
  if (!('content' in value) || typeof value.success !== 'boolean') return undefined;
  return { text: contentText(value.content), failed: !value.success };
}

function runFailed(text: string): boolean {
  const head = text.slice(0, RUN_MAX);
  const end = head.indexOf('\nOutput:');
  if (end === -1 || !RUN_BEGINNING.test(head)) return false;
  const code = RUN_EXIT_CODE.exec(head.slice(0, end))?.[1];
  return code !== undefined && Number(code) !== 0;
}

function itemText(item: unknown): string {
  if (!isObject(item)) return contentText(item);
  if (typeof item.type === 'string' && item.type.endsWith('image')) return imageMark(item);
  return typeof item.text === 'string'
    ? item.text
    : `[${typeof item.type === 'string' ? item.type.slice(0, 40) : 'item'}]`;
}
