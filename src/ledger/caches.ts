import { homedir } from 'node:os';
import path from 'node:path';
import type { Ledger } from './ledger.ts';
import { isAbsent } from './plain-file.ts';

/**
 * Folders outside the ledger's tree in which recorders may keep session folders, in the order in which they are asked.
 * The recorder and we may have been started with different environments, hence the alternates.
 */
export function sessionCaches(
  ledger: Pick<Ledger, 'root' | 'repoId'>,
  environment: NodeJS.ProcessEnv,
  extra: readonly string[],
): readonly string[] {
  const home = environment.HOME || homedir();
  const bases = [
    cacheBase(home, environment),
    path.join(home, '.cache', 'sageox'),
    path.join(home, 'Library', 'Caches', 'sageox'),
    path.join(home, '.sageox', 'cache'),
  ];
  const candidates = [
    path.join(ledger.root, '.sageox', 'cache', 'sessions'),
    ...bases.map((base) => path.join(base, 'sessions', ledger.repoId, 'sessions')),
    ...extra.map((folder) => path.resolve(folder)),
  ];
  return [...new Set(candidates)];
}

/** Those that are there now: a recorder makes one when it has something for it, which may be a hold. */
export function presentCaches(caches: readonly string[]): readonly string[] {
  return caches.filter((folder) => !isAbsent(folder));
}

function cacheBase(home: string, environment: NodeJS.ProcessEnv): string {
  if (environment.OX_XDG_DISABLE) return path.join(home, '.sageox', 'cache');
  return path.join(environment.XDG_CACHE_HOME || path.join(home, '.cache'), 'sageox');
}
