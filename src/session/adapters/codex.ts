import { defined, type JsonObject, objectAt, stringAt } from '../json-object.ts';
import type { PlacedLine, SourceLine, TranscriptAdapter } from './adapter.ts';
import { itemEntries } from './codex-item.ts';
import { parseJsonLine, type Spoken, spokenLine, textEntry } from './source-line.ts';

/**
 * Codex: `~/.codex/sessions/YYYY/MM/DD/rollout-<time>-<id>.jsonl`. A line is `{timestamp, type, payload}`. Early
 * versions wrote the payload alone, without a time, after a first line with the facts of the session.
 *
 * After openai/codex, under codex-rs: `RolloutItem` in protocol/src/protocol.rs, later in history/src/lib.rs (04ad786);
 * `ResponseItem` in protocol/src/models.rs (001cb8e and later); what is kept, in rollout/src/policy.rs (0136a73).
 */
export const codex: TranscriptAdapter = {
  name: 'codex',
  names: new Set(['codex', 'codex-cli', 'openai-codex', 'codex_cli']),
  parse: parseRollout,
};

/** Events tell the screen what the items next to them tell the model; the others are facts about the run. */
const BOOKKEEPING: ReadonlySet<string> = new Set([
  ...['event_msg', 'world_state', 'token_usage_record', 'security_risk_score', 'retained_context', 'realtime_item'],
  'inter_agent_communication_metadata',
]);
const PAYLOAD_LINES: ReadonlySet<string> = new Set([
  ...['session_meta', 'turn_context', 'response_item', 'compacted', 'inter_agent_communication'],
  ...BOOKKEEPING,
]);

/** The first session is the file's own: a forked one carries the line of its parent along. */
function* parseRollout(lines: Iterable<PlacedLine>): Generator<SourceLine> {
  let isNamed = false;
  for (const line of lines) {
    const parsed = parseJsonLine(line, readRolloutLine);
    const { sessionId, ...facts } = parsed.kind === 'facts' ? parsed.facts : {};
    yield isNamed && sessionId !== undefined ? { kind: 'facts', offset: line.offset, facts } : parsed;
    isNamed ||= sessionId !== undefined;
  }
}

function readRolloutLine(line: JsonObject, offset: number): SourceLine {
  const type = stringAt(line, 'type');
  if (type === undefined) return readUntypedLine(line, offset);
  const payload = objectAt(line, 'payload');
  if (PAYLOAD_LINES.has(type) && !payload) return { kind: 'malformed', offset };
  if (type === 'session_meta' && payload) return sessionFacts(payload, offset);
  if (type === 'turn_context' && payload)
    return {
      kind: 'facts',
      offset,
      facts: defined({ model: stringAt(payload, 'model'), cwd: stringAt(payload, 'cwd') }),
    };
  if (type === 'response_item' && payload) return itemLine(payload, line.timestamp, offset);
  if (!payload) return itemLine(line, line.timestamp, offset);
  const spoken = spokenPayload(type, payload);
  if (!spoken) return { kind: 'unknown', offset, type };
  return spokenLine(spoken, { offset, type, timestamp: line.timestamp });
}

/** Undefined for a type that is not known. */
function spokenPayload(type: string, payload: JsonObject): readonly Spoken[] | undefined {
  if (type === 'compacted') return textEntry('system', stringAt(payload, 'message'));
  if (type === 'inter_agent_communication') return textEntry('system', stringAt(payload, 'content'));
  return BOOKKEEPING.has(type) ? [] : undefined;
}

function readUntypedLine(line: JsonObject, offset: number): SourceLine {
  if (typeof line.record_type === 'string') return { kind: 'dropped', offset, type: line.record_type };
  return typeof line.id === 'string' ? sessionFacts(line, offset) : { kind: 'malformed', offset };
}

function sessionFacts(meta: JsonObject, offset: number): SourceLine {
  const facts = defined({
    model: stringAt(meta, 'model'),
    version: stringAt(meta, 'cli_version'),
    sessionId: stringAt(meta, 'id', 'session_id'),
    cwd: stringAt(meta, 'cwd'),
  });
  return { kind: 'facts', offset, facts };
}

function itemLine(item: JsonObject, timestamp: unknown, offset: number): SourceLine {
  const type = stringAt(item, 'type');
  if (type === undefined) return { kind: 'malformed', offset };
  const spoken = itemEntries(type, item);
  return spoken ? spokenLine(spoken, { offset, type, timestamp }) : { kind: 'unknown', offset, type };
}
