import { defined, type JsonObject, objectAt, stringAt } from '../json-object.ts';
import { type Entry, parseTranscriptLine } from '../transcript.ts';
import type { PlacedLine, SourceFacts, SourceLine, TranscriptAdapter } from './adapter.ts';
import { assistantEntries, userEntries } from './claude-code-line.ts';
import {
  contentText,
  parseJsonLine,
  type Spoken,
  type SpokenAbout,
  spokenLine,
  textEntry,
  toolCall,
  toolResult,
} from './source-line.ts';

/** Transcripts of agents that nobody knows: JSONL with lines as in a `raw.jsonl`, or messages with a `role`. */
export const generic: TranscriptAdapter = {
  name: 'generic',
  names: new Set(['generic', 'generic-jsonl', 'jsonl']),
  parse: parseLines,
};

function* parseLines(lines: Iterable<PlacedLine>): Generator<SourceLine> {
  for (const line of lines) {
    yield parseJsonLine(
      line,
      (value, offset) => readMessage(value, offset) ?? readRecorded(line.text ?? '', value, offset),
    );
  }
}

/** `{role, content}`, by itself or as the `message` of a line; undefined when the line is none. */
function readMessage(line: JsonObject, offset: number): SourceLine | undefined {
  const isBare = stringAt(line, 'type') === undefined || line.type === 'message';
  const message = objectAt(line, 'message') ?? (isBare && !('tool_name' in line) ? line : undefined);
  const role = stringAt(message, 'role');
  if (!message || role === undefined) return undefined;
  const spoken = messageEntries(role, message);
  if (!spoken) return { kind: 'unknown', offset, type: role };
  return spokenLine(spoken, about(line, offset, role));
}

function messageEntries(role: string, message: JsonObject): readonly Spoken[] | undefined {
  if (role === 'user' || role === 'human') return userEntries({}, message);
  if (role === 'assistant' || role === 'model') return [...assistantEntries({}, message), ...calledTools(message)];
  if (role === 'system' || role === 'developer') return textEntry('system', contentText(message.content));
  if (role !== 'tool') return undefined;
  return [toolResult({ text: contentText(message.content), failed: false }, stringAt(message, 'tool_call_id'))];
}

/** As in chat completions. */
function calledTools(message: JsonObject): readonly Spoken[] {
  const calls: readonly unknown[] = Array.isArray(message.tool_calls) ? message.tool_calls : [];
  return calls.flatMap((call) => {
    const called = objectAt({ call }, 'call');
    const tool = called && objectAt(called, 'function');
    if (!tool) return [];
    const entry = toolCall(stringAt(tool, 'name'), tool.arguments, stringAt(called, 'id'));
    return [typeof tool.arguments === 'string' ? { ...entry, tool_input: tool.arguments } : entry];
  });
}

function readRecorded(text: string, line: JsonObject, offset: number): SourceLine {
  const type = stringAt(line, 'type') ?? stringAt(objectAt(line, 'data'), 'role') ?? stringAt(line, 'role') ?? 'entry';
  const parsed = parseTranscriptLine(text);
  if (parsed.kind === 'header') {
    const { model, agentVersion: version, sessionId } = parsed.header;
    return { kind: 'facts', offset, facts: defined({ model, version, sessionId }) };
  }
  if (parsed.kind === 'footer') return { kind: 'dropped', offset, type };
  if (parsed.kind !== 'entry') return { kind: 'malformed', offset };
  const spoken = recordedEntries(parsed.entry, type);
  return spoken ? spokenLine(spoken, about(line, offset, type)) : { kind: 'unknown', offset, type };
}

/** The reader of recordings takes any type that it does not know as `info`: all of an alien transcript would be. */
function recordedEntries(entry: Omit<Entry, 'seq'>, type: string): readonly Spoken[] | undefined {
  if (entry.kind === 'info') return type === 'info' ? textEntry('system', entry.text) : undefined;
  if (entry.kind !== 'tool' && entry.kind !== 'tool_result') return textEntry(entry.kind, entry.text);
  return [
    defined({
      type: 'tool' as const,
      content: entry.text,
      tool_name: entry.toolName,
      tool_input: entry.toolInput,
      tool_output: entry.toolOutput,
      is_error: entry.isError,
      call_id: entry.callId,
    }),
  ];
}

function about(line: JsonObject, offset: number, type: string): SpokenAbout {
  const message = objectAt(line, 'message');
  const facts: SourceFacts = defined({
    model: stringAt(line, 'model') ?? stringAt(message, 'model'),
    version: stringAt(line, 'version'),
    sessionId: stringAt(line, 'session_id', 'sessionId'),
  });
  const timestamp = line.timestamp ?? line.ts ?? message?.timestamp;
  return { offset, type, timestamp, cwd: stringAt(line, 'cwd'), id: stringAt(line, 'uuid'), facts };
}
