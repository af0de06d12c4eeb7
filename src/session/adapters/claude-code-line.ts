import { parseTime } from '../../clock.ts';
import { blocksText, defined, isObject, type JsonObject, objectAt, stringAt } from '../transcript.ts';
import { isFrameworkText, stripFrameworkTags } from '../user-text.ts';

/** An entry as a recovered `raw.jsonl` holds it, one per line. */
export interface RecoveredEntry {
  /** RFC 3339, as the transcript tells it. */
  readonly ts?: string;
  readonly type: 'user' | 'assistant' | 'system' | 'tool';
  readonly content: string;
  readonly tool_name?: string;
  /** JSON text. */
  readonly tool_input?: string;
  readonly tool_output?: string;
  readonly is_error?: boolean;
  /** Joins a call and its result, which are two entries. */
  readonly call_id?: string;
}

export type ClaudeCodeLine =
  | {
      readonly kind: 'entries';
      readonly entries: readonly RecoveredEntry[];
      /** The same line of a resumed or forked session keeps it. */
      readonly uuid?: string;
      readonly atMs?: number;
      readonly model?: string;
      readonly version?: string;
      readonly sessionId?: string;
    }
  | { readonly kind: 'dropped'; readonly type: string }
  | { readonly kind: 'blank' }
  | { readonly kind: 'malformed' };

/** Reads one line of `projects/<folder>/<session>.jsonl`. Never throws: a bad line is a value. */
export function parseClaudeCodeLine(line: string): ClaudeCodeLine {
  if (line.trim() === '') return { kind: 'blank' };
  const value = parseJson(line);
  if (!isObject(value) || typeof value.type !== 'string') return { kind: 'malformed' };
  const message = objectAt(value, 'message');
  if ((value.type !== 'user' && value.type !== 'assistant') || !message) return { kind: 'dropped', type: value.type };
  const spoken = value.type === 'user' ? userEntries(value, message) : assistantEntries(value, message);
  if (spoken.length === 0) return { kind: 'dropped', type: value.type };
  const atMs = parseTime(value.timestamp);
  const ts = atMs === undefined ? undefined : stringAt(value, 'timestamp');
  return defined({
    kind: 'entries' as const,
    entries: spoken.map((entry) => defined({ ts, ...entry })),
    uuid: stringAt(value, 'uuid'),
    atMs,
    model: value.type === 'assistant' && !isSynthetic(value, message) ? stringAt(message, 'model') : undefined,
    version: stringAt(value, 'version'),
    sessionId: stringAt(value, 'sessionId'),
  });
}

type Spoken = Omit<RecoveredEntry, 'ts'>;

function userEntries(line: JsonObject, message: JsonObject): readonly Spoken[] {
  const content = message.content;
  const blocks = Array.isArray(content) ? content.filter(isObject) : [];
  const results = blocks.filter((block) => block.type === 'tool_result').map(toolResult);
  const words = typeof content === 'string' ? content : blocks.filter((block) => block.type !== 'tool_result');
  return [...results, ...userWords(line, blocksText(words) ?? '')];
}

/** What the user typed, or what the framework says in the user's place. */
function userWords(line: JsonObject, text: string): readonly Spoken[] {
  if (text.trim() === '') return [];
  const stripped = stripFrameworkTags(text);
  if (line.isMeta === true) return [{ type: 'system', content: stripped || text }];
  // A side chain's prompts were written by the agent that started it.
  const isFramework = line.isCompactSummary === true || line.isSidechain === true || isFrameworkText(text);
  if (isFramework || stripped === '') return [{ type: 'system', content: text }];
  return [{ type: 'user', content: stripped }];
}

function toolResult(block: JsonObject): Spoken {
  return defined({
    type: 'tool' as const,
    content: '',
    tool_output: blocksText(block.content) ?? '',
    is_error: block.is_error === true ? true : undefined,
    call_id: stringAt(block, 'tool_use_id'),
  });
}

function assistantEntries(line: JsonObject, message: JsonObject): readonly Spoken[] {
  const blocks = Array.isArray(message.content) ? message.content.filter(isObject) : [];
  const type = isSynthetic(line, message) ? 'system' : 'assistant';
  return blocks.flatMap((block) => assistantEntry(block, type));
}

/** Claude Code itself in the model's place: API errors, "No response requested.". */
function isSynthetic(line: JsonObject, message: JsonObject): boolean {
  return message.model === '<synthetic>' || line.isApiErrorMessage === true;
}

function assistantEntry(block: JsonObject, type: 'assistant' | 'system'): readonly Spoken[] {
  if (block.type === 'text') {
    const text = stringAt(block, 'text') ?? '';
    return text.trim() === '' ? [] : [{ type, content: text }];
  }
  if (block.type !== 'tool_use') return [];
  return [
    defined({
      type: 'tool' as const,
      content: '',
      tool_name: stringAt(block, 'name'),
      tool_input: inputText(block.input),
      call_id: stringAt(block, 'id'),
    }),
  ];
}

/** What JSON.parse takes in can be too deep for JSON.stringify. */
function inputText(input: unknown): string {
  try {
    return JSON.stringify(input ?? {});
  } catch {
    return '{"agentwork":"input nested too deep"}';
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // A line that was being written when the agent was killed.
    return undefined;
  }
}
