import { isoTime, parseTime } from '../clock.ts';
import type { FileRef } from './file-storage.ts';
import { defined, isObject, type JsonObject, stringAt } from './json-object.ts';
import { parseSessionName } from './name.ts';
import type { Outline } from './outline.ts';
import type { Recording } from './recording.ts';
import type { SessionSummary } from './summary.ts';
import type { TranscriptHeader } from './transcript.ts';

export interface MetaSources {
  readonly name: string;
  readonly repoId: string;
  readonly header: TranscriptHeader;
  readonly recording?: Recording | undefined;
  readonly outline: Outline;
  readonly summary: SessionSummary;
  /** Where each file that is known now is kept. */
  readonly files: Readonly<Record<string, FileRef>>;
  /** Whether this recording had been abandoned. */
  readonly wasRecovered: boolean;
}

/** Markers of an unfinished or failed state, which a finished session no longer carries. */
const CLEARED_KEYS: ReadonlySet<string> = new Set(['draft', 'turn_count', 'summary_attempts', 'validation_error']);

/**
 * `meta.json` (SessionMeta of ox) of a finished session: what stood there stays, unknown keys too; what this pass
 * knows is added. Existing values win over guesses, the summary's title wins over an old one.
 */
export function buildMeta(existing: JsonObject | undefined, sources: MetaSources): JsonObject {
  const { header, recording, summary } = sources;
  const named = parseSessionName(sources.name);
  const kept = Object.fromEntries(Object.entries(existing ?? {}).filter(([key]) => !CLEARED_KEYS.has(key)));
  const keep = (key: string, ...guesses: readonly (string | undefined)[]) =>
    stringAt(existing, key) ?? guesses.find(Boolean);
  const createdAt = header.createdAtMs ?? recording?.startedAtMs ?? sources.outline.startedAtMs;
  const isDated = parseTime(existing?.created_at) !== undefined;
  const always = {
    session_name: sources.name,
    username: keep('username', header.username, recording?.username, named.username) ?? '',
    agent_id: keep('agent_id', header.agentId, recording?.agentId, named.agentId) ?? '',
    agent_type: keep('agent_type', header.agentType, recording?.agentType) ?? '',
  };
  // Twice: the first time for their place at the top of a new file, the second for their value.
  return defined({
    version: '1.0',
    ...always,
    ...kept,
    ...always,
    model: keep('model', header.model, recording?.model),
    session_id: keep('session_id', header.sessionId, recording?.sessionId),
    created_at: isDated ? existing?.created_at : createdAt === undefined ? undefined : isoTime(createdAt),
    repo_id: keep('repo_id', header.repoId, sources.repoId),
    stop_reason: keep('stop_reason', sources.wasRecovered ? 'recovered' : undefined),
    title: summary.title,
    summary: summary.title,
    entry_count: sources.outline.entryCount,
    summary_status: summary.summary_status ?? 'ok',
    files: mergeFiles(existing?.files, sources.files),
    agentwork: summary.agentwork,
  });
}

/** Two-space indent and a newline at the end, as every writer of this file does it. */
export function formatMeta(meta: JsonObject): string {
  return `${JSON.stringify(meta, undefined, 2)}\n`;
}

/** References that other writers made are never dropped; what is known of a file now takes the place of what was. */
function mergeFiles(existing: unknown, files: Readonly<Record<string, FileRef>>): JsonObject {
  const before: JsonObject = isObject(existing) ? existing : {};
  const now = Object.entries(files).map(([name, ref]) => [name, isSameObject(before[name], ref) ? before[name] : ref]);
  return { ...before, ...Object.fromEntries(now) };
}

/** Whoever else wrote of the same object may have said more of it, in older words. */
function isSameObject(before: unknown, ref: FileRef): boolean {
  return isObject(before) && ref.storage === 'lfs' && before.storage !== 'git' && before.oid === ref.oid;
}
