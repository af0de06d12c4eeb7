import { imageMark } from '../image-mark.ts';
import { defined, isObject, type JsonObject, objectAt, stringAt } from '../json-object.ts';
import { isFrameworkText } from '../user-text.ts';
import type { RecoveredEntry } from './adapter.ts';
import { contentText, jsonText, type Spoken, textEntry, timeText, toolCall, toolResult } from './source-line.ts';

/** What Gemini CLI writes in the user's place begins with one of these. */
const HARNESS_BEGINNINGS = ['<session_context>', 'This is the Gemini CLI.', '<state_snapshot>', '<hook_context>'];
const FAILED: ReadonlySet<unknown> = new Set(['error', 'cancelled']);

/** Whether what the key names is said for the first time. */
export type SayOnce = (key: string) => boolean;

/** The entries of a message of which `once` does not know yet. */
export function messageEntries(message: JsonObject, once: SayOnce): readonly RecoveredEntry[] {
  const id = stringAt(message, 'id');
  const isNew = (key: string | undefined) => key === undefined || once(key);
  const ts = timeText(message.timestamp);
  const words = wordEntries(message).filter(() => isNew(id && `text ${id}`));
  const parts = partsOf(message.content ?? message.parts).flatMap((part) => partEntries(part, isNew));
  const calls = Array.isArray(message.toolCalls) ? message.toolCalls.filter(isObject) : [];
  const tools = calls.flatMap((call, index) => {
    const spoken = toolCallEntries(call, stringAt(call, 'id') ?? (id && `${id} ${index}`), isNew);
    return spoken.map((entry) => defined({ ts: timeText(call.timestamp) ?? ts, ...entry }));
  });
  return [...[...words, ...parts].map((entry) => defined({ ts, ...entry })), ...tools];
}

function wordEntries(message: JsonObject): readonly Spoken[] {
  const type = message.type ?? message.role;
  const text = partsText(message.content ?? message.parts ?? message.message);
  if (type === 'gemini' || type === 'model') return textEntry('assistant', text);
  if (type !== 'user') return textEntry('system', text);
  // The files that the user referred to are put into the message, but not into what is shown of it.
  const words = partsText(message.displayContent) || text;
  const begun = words.trimStart();
  const isHarness = HARNESS_BEGINNINGS.some((beginning) => begun.startsWith(beginning)) || isFrameworkText(words);
  return textEntry(isHarness ? 'system' : 'user', words);
}

/** A string, a part, or a list of either. */
function partsOf(content: unknown): readonly JsonObject[] {
  const parts: readonly unknown[] = Array.isArray(content) ? content : [content];
  return parts.map((part) => (typeof part === 'string' ? { text: part } : part)).filter(isObject);
}

/** Thoughts are left out. Images are named beside words; alone they say nothing. */
function partsText(content: unknown): string {
  const parts = partsOf(content).filter((part) => part.thought !== true);
  if (!parts.some((part) => stringAt(part, 'text'))) return '';
  const texts = parts.map((part) => (part.inlineData || part.fileData ? fileMark(part) : stringAt(part, 'text')));
  return texts.filter((text) => text !== undefined).join('\n');
}

function fileMark(part: JsonObject): string {
  const mimeType = stringAt(objectAt(part, 'inlineData') ?? objectAt(part, 'fileData'), 'mimeType');
  return mimeType?.startsWith('image/') ? imageMark(part) : '[file]';
}

/** In the history that the model sees, calls and results are parts of messages. */
function partEntries(part: JsonObject, isNew: (key: string | undefined) => boolean): readonly Spoken[] {
  const [call, response] = [objectAt(part, 'functionCall'), objectAt(part, 'functionResponse')];
  const callId = stringAt(call ?? response, 'id');
  if (call) return isNew(callId && `call ${callId}`) ? [toolCall(stringAt(call, 'name'), call.args, callId)] : [];
  if (!response || !isNew(callId && `result ${callId}`)) return [];
  return [toolResult({ text: responseText(response), failed: hasError(response) }, callId)];
}

function toolCallEntries(
  call: JsonObject,
  key: string | undefined,
  isNew: (key: string | undefined) => boolean,
): readonly Spoken[] {
  const callId = stringAt(call, 'id');
  const output = outputOf(call);
  const spoken: Spoken[] = [];
  if (isNew(key && `call ${key}`)) spoken.push(toolCall(stringAt(call, 'name'), call.args, callId));
  if (output && isNew(key && `result ${key}`)) spoken.push(toolResult(output, callId));
  return spoken;
}

/** Undefined while the tool runs. */
function outputOf(call: JsonObject): { readonly text: string; readonly failed: boolean } | undefined {
  const parts = partsOf(call.result);
  const responses = parts.map((part) => objectAt(part, 'functionResponse'));
  const failed = FAILED.has(call.status) || responses.some((response) => response && hasError(response));
  const texts = parts.map((part, index) => {
    const response = responses[index];
    return response ? responseText(response) : partsText([part]);
  });
  if (texts.length > 0) return { text: texts.join('\n'), failed };
  if (typeof call.resultDisplay === 'string') return { text: call.resultDisplay, failed };
  return failed ? { text: '', failed } : undefined;
}

function responseText(functionResponse: JsonObject): string {
  const response = objectAt(functionResponse, 'response');
  if (!response) return contentText(functionResponse.response);
  return stringAt(response, 'output', 'error') ?? jsonText(response);
}

function hasError(functionResponse: JsonObject): boolean {
  const error = objectAt(functionResponse, 'response')?.error;
  return error !== undefined && error !== null;
}
