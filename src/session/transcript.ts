import { parseTime } from '../clock.ts';
import { imageMark } from './image-mark.ts';
import { defined, isObject, type JsonObject, objectAt, stringAt } from './json-object.ts';

export type EntryKind = 'user' | 'assistant' | 'tool' | 'tool_result' | 'system' | 'info';

/** One event of a session, whichever of the four shapes its line had. */
export interface Entry {
  /** Zero-based position among the entries of the file: the stable name of an entry in prompts, summaries and anchors. */
  readonly seq: number;
  readonly kind: EntryKind;
  /** What was said; empty for a tool call. */
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly atMs?: number;
  readonly toolName?: string;
  /** The call's arguments, as JSON text where they were JSON. */
  readonly toolInput?: string;
  readonly toolOutput?: string;
  /** Joins a call and its result. */
  readonly callId?: string;
  readonly isError?: boolean;
  /** Who spoke, when it was not the session's own agent. */
  readonly coworker?: string;
}

/** What the first line of a recording says about it; every field is optional in some version. */
export interface TranscriptHeader {
  readonly agentId?: string;
  readonly agentType?: string;
  readonly agentVersion?: string;
  readonly model?: string;
  readonly username?: string;
  readonly branch?: string;
  readonly workspacePath?: string;
  readonly repoId?: string;
  readonly sessionId?: string;
  readonly source?: string;
  readonly createdAtMs?: number;
  readonly stoppedAtMs?: number;
  readonly recovered?: boolean;
}

export interface TranscriptFooter {
  readonly closedAtMs?: number;
  readonly stoppedAtMs?: number;
  readonly entryCount?: number;
}

export type TranscriptLine =
  | { readonly kind: 'entry'; readonly entry: Omit<Entry, 'seq'> }
  | { readonly kind: 'header'; readonly header: TranscriptHeader }
  | { readonly kind: 'footer'; readonly footer: TranscriptFooter }
  | { readonly kind: 'blank' }
  | { readonly kind: 'malformed'; readonly reason: string };

const KIND_OF_TYPE: ReadonlyMap<string, EntryKind> = new Map(
  Object.entries({
    user: 'user',
    human: 'user',
    assistant: 'assistant',
    message: 'assistant',
    ai: 'assistant',
    model: 'assistant',
    tool: 'tool',
    tool_use: 'tool',
    tool_call: 'tool',
    tool_result: 'tool_result',
    tool_output: 'tool_result',
    system: 'system',
  } as const),
);

/** Reads one line of a `raw.jsonl` in any shape that a recorder wrote. Never throws: a bad line is a value. */
export function parseTranscriptLine(line: string): TranscriptLine {
  if (line.trim() === '') return { kind: 'blank' };
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { kind: 'malformed', reason: 'not JSON' };
  }
  if (!isObject(value)) return { kind: 'malformed', reason: 'not a JSON object' };
  if (value.type === 'header') return { kind: 'header', header: parseHeader(objectAt(value, 'metadata') ?? value) };
  if (value.type === 'footer') return { kind: 'footer', footer: parseFooter(value) };
  const meta = objectAt(value, '_meta');
  if (meta) return { kind: 'header', header: parseHeader(meta) };
  try {
    const entry = parseEntry(value);
    return entry ? { kind: 'entry', entry } : { kind: 'malformed', reason: 'no entry in it' };
  } catch {
    // What JSON.parse takes in can still be too deep for JSON.stringify.
    return { kind: 'malformed', reason: 'nested too deep' };
  }
}

function parseHeader(meta: JsonObject): TranscriptHeader {
  return defined({
    agentId: stringAt(meta, 'agent_id', 'session_id'),
    agentType: stringAt(meta, 'agent_type'),
    agentVersion: stringAt(meta, 'agent_version'),
    model: stringAt(meta, 'model'),
    username: stringAt(meta, 'username', 'ox_username'),
    branch: stringAt(meta, 'branch', 'git_branch'),
    workspacePath: stringAt(meta, 'workspace_path', 'cwd'),
    repoId: stringAt(meta, 'repo_id'),
    sessionId: stringAt(meta, 'session_id'),
    source: stringAt(meta, 'source'),
    createdAtMs: parseTime(meta.created_at) ?? parseTime(meta.started_at),
    stoppedAtMs: parseTime(meta.stopped_at) ?? parseTime(meta.ended_at),
    recovered: meta.recovered === true ? true : undefined,
  });
}

function parseFooter(line: JsonObject): TranscriptFooter {
  return defined({
    closedAtMs: parseTime(line.closed_at),
    stoppedAtMs: parseTime(line.stopped_at),
    entryCount: typeof line.entry_count === 'number' ? line.entry_count : undefined,
  });
}

function parseEntry(line: JsonObject): Omit<Entry, 'seq'> | undefined {
  const data = objectAt(line, 'data');
  const type = stringAt(line, 'type') ?? stringAt(data, 'role') ?? stringAt(line, 'role');
  const text = contentText(line, data);
  const tool = parseTool(line, data);
  if (type === undefined && text === undefined && Object.values(tool).every((part) => part === undefined))
    return undefined;
  const kind = entryKind(type, tool);
  return defined({
    kind,
    text: kind === 'tool_result' && tool.toolOutput === undefined ? '' : (text ?? ''),
    atMs: parseTime(line.timestamp) ?? parseTime(line.ts),
    ...tool,
    toolOutput: kind === 'tool_result' ? (tool.toolOutput ?? text ?? '') : tool.toolOutput,
    isError: (line.is_error ?? data?.is_error) === true ? true : undefined,
    coworker: stringAt(line, 'coworker_name'),
  });
}

function parseTool(line: JsonObject, data: JsonObject | undefined) {
  return {
    toolName: stringAt(line, 'tool_name') ?? stringAt(data, 'tool_name'),
    toolInput: valueText(line.tool_input ?? data?.tool_input),
    toolOutput: valueText(line.tool_output ?? data?.tool_output),
    callId: stringAt(line, 'call_id') ?? stringAt(data, 'call_id'),
  };
}

/** Later recorders write a call and its result as two `tool` entries: the one that has only an output is the result. */
function entryKind(type: string | undefined, tool: ReturnType<typeof parseTool>): EntryKind {
  const kind = type === undefined ? 'info' : (KIND_OF_TYPE.get(type) ?? 'info');
  if (kind === 'tool' && tool.toolOutput !== undefined && !tool.toolInput) return 'tool_result';
  return kind;
}

function contentText(line: JsonObject, data: JsonObject | undefined): string | undefined {
  const candidates = [line.content, data?.content, data?.message, line.message, line.text, line.result];
  for (const candidate of candidates) {
    const text = isObject(candidate) ? blocksText(candidate.content ?? candidate.text) : blocksText(candidate);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** A string as it is, or the text blocks of a content array; images are named, since they cannot be read. */
export function blocksText(content: unknown): string | undefined {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return undefined;
  const parts = content.map((block) => {
    if (typeof block === 'string') return block;
    if (!isObject(block)) return undefined;
    if (block.type === 'image') return imageMark(block);
    return stringAt(block, 'text');
  });
  return parts.filter((part) => part !== undefined).join('\n');
}

function valueText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  return blocksTextOrJson(value);
}

function blocksTextOrJson(value: unknown): string {
  const isBlocks =
    Array.isArray(value) && value.length > 0 && value.every((block) => isObject(block) && 'type' in block);
  return (isBlocks ? blocksText(value) : undefined) ?? JSON.stringify(value);
}
