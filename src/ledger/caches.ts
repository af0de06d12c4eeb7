import path from 'node:path';
import { homeOf } from '../own-folder.ts';
import type { Ledger } from './ledger.ts';
import { isAbsent } from './plain-file.ts';
import { hasLinkOnTheWay, isWithin } from './real-path.ts';

/**
 * Folders outside the ledger's tree in which recorders may keep session folders, in the order in which they are asked.
 * The recorder and we may have been started with different environments, hence the alternates. One in the clone that lies
 * behind a link is told and left out: a commit of others could have brought the link, and it could lead to anything that
 * the user has.
 */
export function sessionCaches(
  ledger: Pick<Ledger, 'root' | 'repoId' | 'stateDir'>,
  environment: NodeJS.ProcessEnv,
  extra: readonly string[],
  onTrouble?: (message: string) => void,
): readonly string[] {
  const home = homeOf(environment);
  const bases = [
    cacheBase(home, environment),
    path.join(home, '.cache', 'sageox'),
    path.join(home, 'Library', 'Caches', 'sageox'),
    path.join(home, '.sageox', 'cache'),
  ];
  const candidates = [
    recorderCache(ledger),
    path.join(ledger.root, '.sageox', 'cache', 'sessions'),
    ...bases.map((base) => path.join(base, 'sessions', ledger.repoId, 'sessions')),
    ...extra.map((folder) => path.resolve(folder)),
  ];
  const caches = [...new Set(candidates)];
  const isLinked = (cache: string) => isWithin(cache, ledger.root) && hasLinkOnTheWay(cache, ledger.root);
  for (const cache of caches.filter(isLinked)) onTrouble?.(`${cache} lies behind a symbolic link: it is left alone`);
  return caches.filter((cache) => !isLinked(cache));
}

/**
 * Where our own recorder keeps the sessions of a clone: it goes with the clone. Other recorders' caches are named after the
 * clone's folder alone, and two ledgers can have folders of one name.
 */
export function recorderCache({ stateDir }: Pick<Ledger, 'stateDir'>): string {
  return path.join(stateDir, 'recordings');
}

/** Those that are there now: a recorder makes one when it has something for it, which may be a hold. */
export function presentCaches(caches: readonly string[]): readonly string[] {
  return caches.filter((folder) => !isAbsent(folder));
}

function cacheBase(home: string, environment: NodeJS.ProcessEnv): string {
  if (environment.OX_XDG_DISABLE) return path.join(home, '.sageox', 'cache');
  return path.join(environment.XDG_CACHE_HOME || path.join(home, '.cache'), 'sageox');
}
