import { lstatSync, type Stats } from 'node:fs';

/**
 * What the system says of a file of a folder, or, without a name, of the folder itself; undefined where there is none.
 * Throws what `lstatSync` throws.
 */
export type FolderStats = (name?: string) => Stats | undefined;

/** Asks the system each time. */
export function freshStatsIn(folder: string): FolderStats {
  return (name = '') => lstatSync(name === '' ? folder : `${folder}/${name}`, { throwIfNoEntry: false });
}

/** Asks the system once for each. */
export function statsIn(folder: string): FolderStats {
  const known = new Map<string, Stats | undefined>();
  const ask = freshStatsIn(folder);
  return (name = '') => {
    if (!known.has(name)) known.set(name, ask(name));
    return known.get(name);
  };
}
