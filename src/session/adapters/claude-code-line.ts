import { defined, isObject, type JsonObject, objectAt, stringAt } from '../json-object.ts';
import { blocksText } from '../transcript.ts';
import { isFrameworkText, stripFrameworkTags } from '../user-text.ts';
import type { SourceFacts, SourceLine } from './adapter.ts';
import { type Spoken, spokenLine, textEntry, toolCall, toolResult } from './source-line.ts';

/**
 * Types of lines that hold nothing that was said: those that 2.0.77, 2.1.100 and 2.1.330 wrote when they were run, and
 * those that 2.1.100 and 2.1.330 name where they append to a transcript or read it again.
 */
const BOOKKEEPING: ReadonlySet<string> = new Set([
  ...['system', 'progress', 'attachment', 'summary', 'task-summary', 'last-prompt', 'queue-operation', 'continued-in'],
  ...['custom-title', 'ai-title', 'tag', 'agent-name', 'agent-color', 'agent-setting', 'pr-link', 'relocated'],
  ...['file-history-snapshot', 'file-history-delta', 'attribution-snapshot', 'content-replacement', 'worktree-state'],
  ...['mode', 'permission-mode', 'memory-mode', 'repl-mode', 'dev-mods', 'isolation-latch', 'atis-latch'],
  ...['api-request', 'api-request-shape', 'api-request-blob', 'api-request-resumed', 'cost-state', 'tools-used'],
  ...['session-owner', 'bridge-session', 'host-row', 'hybrid-organization', 'history-suppression', 'ended-by-model'],
  ...['resume-head-vouch', 'fork-context-ref', 'derived-from', 'frame-link', 'observer-ref', 'speculation-accept'],
  ...['data-flow-records', 'data-flow-incomplete', 'artifact-comment-monitor', 'artifact-autoreact-ledger'],
  ...['marble-origami-commit', 'marble-origami-snapshot'],
]);

/** Reads one line of `projects/<folder>/<session>.jsonl`. */
export function readClaudeCodeLine(line: JsonObject, offset: number): SourceLine {
  const { type } = line;
  if (typeof type !== 'string') return { kind: 'malformed', offset };
  if (type !== 'user' && type !== 'assistant' && !BOOKKEEPING.has(type)) return { kind: 'unknown', offset, type };
  return spokenLine(spokenIn(line), {
    offset,
    type,
    timestamp: line.timestamp,
    cwd: stringAt(line, 'cwd'),
    id: stringAt(line, 'uuid'),
    facts: factsOf(line),
  });
}

/** What was said in a line: by a message, or by words that were typed while the agent worked. */
function spokenIn(line: JsonObject): readonly Spoken[] {
  const queued = line.type === 'attachment' ? objectAt(line, 'attachment') : undefined;
  if (queued?.type === 'queued_command') return queuedWords(queued);
  const message = objectAt(line, 'message');
  if (line.type === 'user' && message) return userEntries(line, message);
  if (line.type === 'assistant' && message) return assistantEntries(line, message);
  return [];
}

function factsOf(line: JsonObject): SourceFacts {
  const message = objectAt(line, 'message');
  return defined({
    model: line.type === 'assistant' && message && !isSynthetic(line, message) ? stringAt(message, 'model') : undefined,
    version: stringAt(line, 'version'),
    sessionId: stringAt(line, 'sessionId'),
  });
}

/** The entries of a message in the shape of the Anthropic API; `line` may carry marks of who really wrote it. */
export function userEntries(line: JsonObject, message: JsonObject): readonly Spoken[] {
  const content = message.content;
  const blocks = Array.isArray(content) ? content.filter(isObject) : [];
  const results = blocks.filter((block) => block.type === 'tool_result').map(resultEntry);
  const words = typeof content === 'string' ? content : blocks.filter((block) => block.type !== 'tool_result');
  return [...results, ...userWords(line, wordsText(words))];
}

/** Images are named beside words; alone they say nothing. */
function wordsText(words: string | readonly JsonObject[]): string {
  if (typeof words !== 'string' && !words.some((block) => stringAt(block, 'text'))) return '';
  return blocksText(words) ?? '';
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

/** Has an origin of its own when it was not typed: another agent, a task that ended. */
function queuedWords(queued: JsonObject): readonly Spoken[] {
  const { prompt } = queued;
  const text = typeof prompt === 'string' ? prompt : wordsText(Array.isArray(prompt) ? prompt.filter(isObject) : []);
  const isTyped = queued.isMeta !== true && !isObject(queued.origin) && queued.commandMode !== 'task-notification';
  return userWords({ isMeta: !isTyped }, text);
}

function resultEntry(block: JsonObject): Spoken {
  const output = { text: blocksText(block.content) ?? '', failed: block.is_error === true };
  return toolResult(output, stringAt(block, 'tool_use_id'));
}

export function assistantEntries(line: JsonObject, message: JsonObject): readonly Spoken[] {
  const { content } = message;
  const type = isSynthetic(line, message) ? 'system' : 'assistant';
  if (typeof content === 'string') return textEntry(type, content);
  const blocks = Array.isArray(content) ? content.filter(isObject) : [];
  return blocks.flatMap((block) => assistantEntry(block, type));
}

/** Claude Code itself in the model's place: API errors, "No response requested.". */
function isSynthetic(line: JsonObject, message: JsonObject): boolean {
  return message.model === '<synthetic>' || line.isApiErrorMessage === true;
}

/** Tools that run at the provider's have blocks of their own: `server_tool_use`, `mcp_tool_result`. */
function assistantEntry(block: JsonObject, type: 'assistant' | 'system'): readonly Spoken[] {
  const kind = stringAt(block, 'type') ?? '';
  if (kind === 'text' || kind === 'output_text') return textEntry(type, stringAt(block, 'text'));
  if (kind.endsWith('tool_use')) return [toolCall(stringAt(block, 'name'), block.input, stringAt(block, 'id'))];
  return kind.endsWith('tool_result') ? [resultEntry(block)] : [];
}
