import { lstatSync } from 'node:fs';
import path from 'node:path';
import type { PointerContent, RawState } from '../session/facts.ts';
import type { LedgerLfs } from './git/lfs.ts';
import { RAW_NAME } from './raw-state.ts';
import type { SessionFiles } from './session-facts.ts';
import type { SurveyedSession, SurveyOptions } from './survey.ts';

/** Why the content behind a pointer could not be had; the time, in milliseconds since the epoch, is that of the last try. */
export interface Unfetched {
  readonly reason: string;
  readonly at: number;
  /** It was had, and is not what the pointer names. */
  readonly is_broken?: boolean;
}

/** The file that holds what was recorded: `raw.jsonl`, or what its pointer stands for, which stays where git-lfs keeps it. */
export function contentPath({ folder, facts: { raw } }: Pick<SessionFiles, 'folder' | 'facts'>): string {
  const content = raw.kind === 'pointer' ? raw.content : undefined;
  return content?.kind === 'here' ? content.path : path.join(folder, RAW_NAME);
}

/** Whether there is content to be read, now and without asking anybody for it. */
export function hasContent(raw: RawState): boolean {
  return raw.kind === 'content' || (raw.kind === 'pointer' && raw.content?.kind === 'here');
}

/** Whether there is content, and nobody brought it into this clone yet. */
export function isToFetch(raw: RawState): boolean {
  return raw.kind === 'pointer' && (raw.content?.kind === 'elsewhere' || raw.content?.kind === 'lacking');
}

/**
 * Adds to sessions of the ledger whose recording is a pointer where its content is: to those that are to be worked on,
 * and to all where patterns exclude some, as the content tells which.
 */
export async function withPointerContents(
  sessions: readonly SurveyedSession[],
  { lfs, again, exclude = [] }: Pick<SurveyOptions, 'lfs' | 'again' | 'exclude'>,
): Promise<SurveyedSession[]> {
  if (!lfs) return [...sessions];
  return Promise.all(
    sessions.map(async (session) => {
      const { raw, missing, place, name } = session.facts;
      const isWanted = missing.length > 0 || again?.has(name) || exclude.length > 0;
      if (raw.kind !== 'pointer' || !isWanted || place !== 'ledger') return session;
      const content = await findContent(session, raw, lfs);
      return { ...session, facts: { ...session.facts, raw: { ...raw, content } } };
    }),
  );
}

async function findContent(
  { memory }: SurveyedSession,
  { oid, size }: Extract<RawState, { kind: 'pointer' }>,
  lfs: LedgerLfs,
): Promise<PointerContent> {
  if (!(await lfs.isThere())) return { kind: 'without-lfs' };
  const file = await lfs.objectPath(oid);
  const unfetched = memory?.unfetched;
  if (file !== undefined && sizeOf(file) === size && !unfetched?.is_broken) return { kind: 'here', path: file };
  if (typeof unfetched?.reason !== 'string' || typeof unfetched.at !== 'number') return { kind: 'elsewhere' };
  return { kind: 'lacking', reason: unfetched.reason, triedAtMs: unfetched.at };
}

function sizeOf(file: string): number | undefined {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  return stat?.isFile() ? stat.size : undefined;
}
