import path from 'node:path';
import { isAbsent } from './plain-file.ts';
import type { SessionFiles } from './session-facts.ts';

export const HOLD_NAME = '.held';

/**
 * A hold is put into one folder and goes for the session's name in every place: in the tree of the ledger and in every
 * cache, whatever the session has already. What cannot be looked at may be a hold.
 */
export function withHold(session: SessionFiles, places: readonly string[]): SessionFiles {
  const { facts } = session;
  if (facts.isHeld) return session;
  const heldIn = findHold(facts.name, places, session.folder);
  return heldIn === undefined ? session : { ...session, facts: { ...facts, isHeld: true, heldIn } };
}

/** Its own folder was looked at already. */
function findHold(name: string, places: readonly string[], own: string): string | undefined {
  const folders = namesOf(name).flatMap((each) => places.map((place) => path.join(place, each)));
  return folders.find((folder) => folder !== own && !isAbsent(path.join(folder, HOLD_NAME)));
}

/** What was staged under a number, as another session had its name, is held by the name that it has in its cache. */
function namesOf(name: string): readonly string[] {
  const numbered = /^(.+)-\d+$/.exec(name);
  return numbered?.[1] === undefined ? [name] : [name, numbered[1]];
}
