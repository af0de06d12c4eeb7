import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { ExpectedError } from './errors.ts';
import { isInLedger } from './ledger/ledger.ts';
import { nearest } from './nearest.ts';
import type { JudgedSession } from './session-finder.ts';

/** Throws UNKNOWN_SESSION for a name that no session has. */
export function assertKnown(names: readonly string[], judged: readonly JudgedSession[], sessionsDir: string): void {
  const known = new Set(judged.map(({ session }) => session.ledgerName));
  const unknown = names.find((name) => !known.has(name));
  if (unknown !== undefined) throw unknownSession(unknown, sessionsDir, [...known]);
}

/**
 * The same before anybody has looked: a name that no folder has, of the ledger or of a cache, no session has. One from a
 * cache has a number behind it where another recording has its name. Throws UNKNOWN_SESSION.
 */
export function assertPresent(names: readonly string[], sessionsDir: string, caches: readonly string[]): void {
  const isThere = (name: string) => [sessionsDir, ...caches].some((folder) => existsSync(path.join(folder, name)));
  const unknown = names.find((name) => !isThere(name) && !isThere(name.replace(/-\d+$/, '')));
  if (unknown !== undefined) throw unknownSession(unknown, sessionsDir, [sessionsDir, ...caches].flatMap(namesIn));
}

function unknownSession(unknown: string, sessionsDir: string, names: readonly string[]): ExpectedError {
  const folder = path.join(sessionsDir, unknown);
  const isFolder = isInLedger({ sessionsDir }, folder) && existsSync(folder);
  const why = isFolder
    ? `${folder} is no session: it holds neither a recording (raw.jsonl) nor the marker of one`
    : `there is no session ${JSON.stringify(unknown)} in ${path.dirname(sessionsDir)}`;
  const meant = names.find((name) => name.endsWith(`-${unknown}`)) ?? nearest(unknown, names, MOST_WRONG);
  return new ExpectedError('UNKNOWN_SESSION', why, {
    suggestions: [
      ...(meant === undefined ? [] : [`${meant} is one`]),
      'agentwork detect lists the sessions that wait, agentwork detect --explain all of them',
    ],
  });
}

/** Half of a name, or more, is the time, and common to many. */
const MOST_WRONG = 0.1;

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Not there, or not to be read: nothing can be proposed.
    return [];
  }
}
