import { isoTime, parseTime } from '../../clock.ts';
import { defined, isObject, type JsonObject, parseJson } from '../json-object.ts';
import { blocksText } from '../transcript.ts';
import type { PlacedLine, RecoveredEntry, SourceFacts, SourceLine } from './adapter.ts';

/** An entry of which the time is told by its line. */
export type Spoken = Omit<RecoveredEntry, 'ts'>;

export interface SpokenAbout {
  readonly offset?: number;
  /** Names the line when nothing was said in it. */
  readonly type: string;
  readonly timestamp?: unknown;
  readonly cwd?: string | undefined;
  readonly id?: string | undefined;
  readonly facts?: SourceFacts;
}

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)$/i;

/** One SourceLine for each line, in step. `read` is given what is a JSON object. */
export function* parseJsonLines(
  lines: Iterable<PlacedLine>,
  read: (value: JsonObject, offset: number) => SourceLine,
): Generator<SourceLine> {
  for (const line of lines) yield parseJsonLine(line, read);
}

export function parseJsonLine(
  { text, offset }: PlacedLine,
  read: (value: JsonObject, offset: number) => SourceLine,
): SourceLine {
  if (text === null) return { kind: 'malformed', offset };
  if (text.trim() === '') return { kind: 'blank', offset };
  const value = parseJson(text);
  return isObject(value) ? read(value, offset) : { kind: 'malformed', offset };
}

/** The line of what was said in it, be it nothing. */
export function spokenLine(spoken: readonly Spoken[], about: SpokenAbout): SourceLine {
  const { offset, type, timestamp, cwd, id, facts } = about;
  if (spoken.length === 0) return defined({ kind: 'dropped' as const, offset, type });
  const ts = timeText(timestamp);
  const entries = spoken.map((entry) => defined({ ts, ...entry }));
  return defined({ kind: 'entries' as const, offset, entries, atMs: parseTime(ts), cwd, id, facts });
}

/** The time as it is told; in RFC 3339 when it is told in another way, undefined when it is none. */
export function timeText(timestamp: unknown): string | undefined {
  const atMs = parseTime(timestamp);
  if (atMs === undefined || typeof timestamp !== 'string') return undefined;
  return RFC_3339.test(timestamp) ? timestamp : isoTime(atMs);
}

export function textEntry(type: 'user' | 'assistant' | 'system', text: string | undefined): readonly Spoken[] {
  return text === undefined || text.trim() === '' ? [] : [{ type, content: text }];
}

export function toolCall(name: string | undefined, input: unknown, callId: string | undefined): Spoken {
  return defined({
    type: 'tool' as const,
    content: '',
    tool_name: name,
    tool_input: jsonText(input ?? {}),
    call_id: callId,
  });
}

export function toolResult(
  output: { readonly text: string; readonly failed: boolean },
  callId: string | undefined,
): Spoken {
  const isError = output.failed ? true : undefined;
  return defined({ type: 'tool' as const, content: '', tool_output: output.text, is_error: isError, call_id: callId });
}

/** What JSON.parse takes in can be too deep for JSON.stringify. */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '{"agentwork":"input nested too deep"}';
  }
}

/** The text in a content of any shape: its text blocks, or its JSON when it is neither text nor blocks. */
export function contentText(content: unknown): string {
  if (content === undefined || content === null) return '';
  return blocksText(content) ?? jsonText(content);
}
