import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../clock.ts';
import { type Change, changesOf } from './file-changes.ts';
import { attribute, content } from './prompt-text.ts';
import { callTarget, parseToolCall } from './tool-call.ts';
import type { Entry } from './transcript.ts';
import { spokenText } from './user-text.ts';

export type Role = 'user' | 'assistant' | 'tool';

/** How a call, or several that look the same, ended. */
export interface CallResult {
  readonly outcome?: 'ok' | 'error' | undefined;
  readonly tookMs?: number | undefined;
  readonly times: number;
  /** The number of the last of them. */
  readonly until: number;
}

const NAME_MAX = 60;
const TARGET_MAX = 160;
const MAX_FILES = 3;

/** What the agent or the harness said by itself, and the output of tools, have no element of their own. */
export function roleOf({ kind, text }: Entry): Role | undefined {
  if (kind === 'tool') return 'tool';
  if (kind === 'assistant') return text.trim() === '' ? undefined : 'assistant';
  return kind === 'user' && spokenText(text) !== undefined ? 'user' : undefined;
}

/** An element without its end tag: the error of a call is added when its result is met. */
export function openElement(entry: Entry, role: Role, boundary: string, result?: CallResult): string {
  const from = entry.coworker === undefined ? '' : ` from="${attribute(entry.coworker, NAME_MAX)}"`;
  return `<entry-${boundary} seq="${entry.seq}" role="${role}"${from}${result ? resultAttributes(result) : ''}>`;
}

export const closeElement = (boundary: string): string => `</entry-${boundary}>`;

export function resultAttributes({ outcome, tookMs, times, until }: CallResult): string {
  return [
    outcome === undefined ? '' : ` result="${outcome}"`,
    tookMs === undefined ? '' : ` took="${formatDuration(tookMs)}"`,
    times === 1 ? '' : ` times="${times}" until="${until}"`,
  ].join('');
}

/** The words of a turn, or the line of a call, cleaned and escaped. */
export function elementText(entry: Entry, role: Role): string {
  if (role === 'tool') return callLine(entry);
  return content(role === 'user' ? (spokenText(entry.text) ?? '') : entry.text.trim());
}

/** `Bash npm test`, `Edit src/a.ts +12 -3`. */
function callLine(entry: Entry): string {
  const call = parseToolCall(entry);
  const changes = changesOf(call);
  const target = changes.length > 0 ? changedFiles(changes) : callTarget(call, TARGET_MAX);
  return content(`${call.name} ${target}`.trim());
}

function changedFiles(changes: readonly Change[]): string {
  const files = changes.slice(0, MAX_FILES).map((change) => fileLine(change));
  const more = changes.length - MAX_FILES;
  return more > 0 ? `${files.join(', ')} and ${more} more` : files.join(', ');
}

/** A path is cut at its beginning: what tells files apart is their names. */
function fileLine({ path, added, removed }: Change): string {
  const shown = path.length <= TARGET_MAX ? path : `…${path.slice(1 - TARGET_MAX)}`;
  return added + removed === 0 ? shown : `${shown} +${added} -${removed}`;
}

function formatDuration(ms: number): string {
  if (ms < SECOND_MS) return `${Math.round(ms / 100) / 10}s`;
  if (ms < MINUTE_MS) return `${Math.round(ms / SECOND_MS)}s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)}m${Math.floor((ms % MINUTE_MS) / SECOND_MS)}s`;
  if (ms < DAY_MS) return `${Math.floor(ms / HOUR_MS)}h${Math.floor((ms % HOUR_MS) / MINUTE_MS)}m`;
  return `${Math.floor(ms / DAY_MS)}d${Math.floor((ms % DAY_MS) / HOUR_MS)}h`;
}
