import path from 'node:path';
import type { TranscriptHeader } from '../session/transcript.ts';
import { readRawFacts } from './raw-file.ts';
import { RAW_NAME, readHeader } from './raw-state.ts';
import type { SessionFiles } from './session-facts.ts';

/** What tells one recording from another of the same name. */
export type RecordingIdentity = Pick<TranscriptHeader, 'sessionId' | 'agentId' | 'createdAtMs'>;

/** Same session id, else same agent and start. Where neither side tells, the name decides. */
export function isSameRecording(left: RecordingIdentity, right: RecordingIdentity): boolean {
  if (left.sessionId && right.sessionId) return left.sessionId === right.sessionId;
  const differs = <T>(one: T | undefined, other: T | undefined) =>
    one !== undefined && other !== undefined && one !== other;
  return !differs(left.agentId, right.agentId) && !differs(left.createdAtMs, right.createdAtMs);
}

export function identityOf(session: SessionFiles): RecordingIdentity {
  const { recording } = session;
  const isUnread = session.facts.raw.kind === 'content' && !session.header.agentId;
  const header = isUnread ? readHeader(path.join(session.folder, RAW_NAME)) : session.header;
  return {
    ...(recording?.sessionId && { sessionId: recording.sessionId }),
    ...(recording?.agentId && { agentId: recording.agentId }),
    ...(recording?.startedAtMs !== undefined && { createdAtMs: recording.startedAtMs }),
    ...header,
  };
}

/** Entries of raw.jsonl; a pointer's are what its summary says. What cannot be counted is more than any copy can have. */
export function entryCount(session: SessionFiles): number {
  const { raw, summarised } = session.facts;
  if (raw.kind === 'content') return readRawFacts(path.join(session.folder, RAW_NAME)).entryCount;
  if (raw.kind === 'pointer') return summarised?.entries ?? Number.POSITIVE_INFINITY;
  if (raw.kind === 'unreadable' || raw.kind === 'foreign') return Number.POSITIVE_INFINITY;
  return session.facts.transcript.kind === 'there' ? 0 : -1;
}
