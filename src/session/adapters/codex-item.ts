import { imageMark } from '../image-mark.ts';
import { isObject, type JsonObject, stringAt } from '../json-object.ts';
import { isFrameworkText } from '../user-text.ts';
import { readToolOutput } from './codex-output.ts';
import { jsonText, type Spoken, textEntry, toolCall, toolResult } from './source-line.ts';

/** What Codex writes in the user's place begins with one of these. */
const HARNESS_BEGINNINGS = [
  ...['<environment_context>', '<user_instructions>', '# AGENTS.md instructions', '<INSTRUCTIONS>'],
  ...['<permissions instructions>', '<collaboration_mode>', '<multi_agent_mode>', '<realtime_conversation>'],
  ...['<apps_instructions>', '<skills_instructions>', '<plugins_instructions>', '<context_window', '<hook_prompt'],
  ...['<turn_aborted>', '<subagent_notification>', '<skill>', '<user_shell_command>', '<user_action>'],
] as const;
/** An editor puts what is open before the words of the user. */
const REQUEST_AFTER_CONTEXT = '## My request for Codex:';
const IMAGE_MARK = /^<\/?image(?:\s[^>]*)?>$/;

/** The entries of an item of the Responses API; undefined for a type that is not known. */
export function itemEntries(type: string, item: JsonObject): readonly Spoken[] | undefined {
  return NOTHING_SAID.has(type) ? [] : READERS.get(type)?.(item);
}

/** Thoughts, what stands for an earlier part of the conversation, and controls of the next request. */
const NOTHING_SAID: ReadonlySet<string> = new Set([
  ...['reasoning', 'ghost_snapshot', 'compaction', 'compaction_summary', 'context_compaction', 'compaction_trigger'],
  ...['additional_tools', 'configuration_update', 'other'],
]);

const READERS: ReadonlyMap<string, (item: JsonObject) => readonly Spoken[]> = new Map([
  ['message', messageEntries],
  ['agent_message', (item) => textEntry('system', joined(partsOf(item.content)))],
  ['function_call', (item) => [rawCall(toolName(item), item.arguments, item)]],
  ['custom_tool_call', (item) => [rawCall(toolName(item), item.input, item)]],
  ['tool_search_call', (item) => [rawCall('tool_search', item.arguments, item)]],
  ['local_shell_call', (item) => [rawCall('local_shell', item.action, item)]],
  ['web_search_call', (item) => [rawCall('web_search', item.action, item)]],
  ['image_generation_call', (item) => [rawCall('image_generation', { prompt: item.revised_prompt }, item)]],
  ['function_call_output', resultEntries],
  ['custom_tool_call_output', resultEntries],
  ['tool_search_output', (item) => [toolResult({ text: jsonText(item.tools), failed: false }, callId(item))]],
]);

/** The developer's and the system's messages are instructions that Codex was started with. */
function messageEntries(item: JsonObject): readonly Spoken[] {
  const parts = partsOf(item.content);
  if (item.role === 'user') return userEntries(parts.flatMap(splitContext));
  return textEntry(item.role === 'assistant' ? 'assistant' : 'system', joined(parts));
}

interface Part {
  readonly text: string;
  readonly isImage?: true;
}

function partsOf(content: unknown): readonly Part[] {
  if (typeof content === 'string') return [{ text: content }];
  const blocks = Array.isArray(content) ? content.filter(isObject) : [];
  return blocks.flatMap((block): readonly Part[] => {
    if (typeof block.type === 'string' && block.type.endsWith('image'))
      return [{ text: imageMark(block), isImage: true }];
    const text = stringAt(block, 'text');
    return text === undefined || IMAGE_MARK.test(text.trim()) ? [] : [{ text }];
  });
}

/** Images are named beside words; alone they say nothing. */
function joined(parts: readonly Part[]): string {
  if (!parts.some((part) => !part.isImage && part.text.trim() !== '')) return '';
  return parts.map((part) => part.text).join('\n');
}

/** One message can hold words of both: the instructions come first, as they do in the conversation. */
function userEntries(parts: readonly Part[]): readonly Spoken[] {
  const harness = parts.filter((part) => isHarness(part.text));
  const words = parts.filter((part) => !isHarness(part.text));
  return [...textEntry('system', joined(harness)), ...textEntry('user', joined(words).trim())];
}

function isHarness(text: string): boolean {
  const begun = text.trimStart();
  return (
    HARNESS_BEGINNINGS.some((beginning) => begun.startsWith(beginning)) ||
    isEditorContext(text) ||
    isFrameworkText(text)
  );
}

const isEditorContext = (text: string): boolean => text.startsWith('# Context from my IDE setup:');

function splitContext(part: Part): readonly Part[] {
  const at = isEditorContext(part.text) ? part.text.indexOf(REQUEST_AFTER_CONTEXT) : -1;
  if (at === -1) return [part];
  return [{ text: part.text.slice(0, at) }, { text: part.text.slice(at + REQUEST_AFTER_CONTEXT.length).trim() }];
}

/** Arguments are JSON text already, but those of a custom tool are any text: a patch. */
function rawCall(name: string | undefined, input: unknown, item: JsonObject): Spoken {
  if (typeof input !== 'string' || input.trim() === '')
    return toolCall(name, typeof input === 'string' ? {} : input, callId(item));
  const call = toolCall(name, { input }, callId(item));
  return item.type === 'custom_tool_call' ? call : { ...call, tool_input: input };
}

function resultEntries(item: JsonObject): readonly Spoken[] {
  const output = readToolOutput(item.output);
  return [toolResult({ ...output, failed: output.failed || item.success === false }, callId(item))];
}

function toolName(item: JsonObject): string | undefined {
  const [name, namespace] = [stringAt(item, 'name'), stringAt(item, 'namespace')];
  if (name === undefined || namespace === undefined) return name;
  return namespace.endsWith('__') ? `${namespace}${name}` : `${namespace}__${name}`;
}

const callId = (item: JsonObject): string | undefined => stringAt(item, 'call_id');
