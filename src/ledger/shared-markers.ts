import path from 'node:path';
import { gitPath } from './git/git-path.ts';
import type { LedgerGit } from './git/ledger-git.ts';
import { isWithin } from './real-path.ts';
import { MARKER_NAME } from './recorder.ts';

/** Which of these folders have a marker that git tracks; a commit can bring one into a cache in the clone, too. */
export async function foldersWithSharedMarker(
  folders: readonly string[],
  root: string,
  git: LedgerGit,
): Promise<ReadonlySet<string>> {
  const inClone = folders.filter((folder) => isWithin(folder, root));
  if (inClone.length === 0) return new Set();
  const relative = (folder: string) => gitPath(root, folder);
  const parents = new Set(inClone.map((folder) => relative(path.dirname(folder))));
  const which =
    inClone.length === 1
      ? inClone.map((folder) => escapeGlob(relative(folder)))
      : [...parents].map((parent) => `${escapeGlob(parent)}/*`);
  const tracked = await git.trackedFiles(...which.map((folder) => `${folder}/${MARKER_NAME}`));
  return new Set(inClone.filter((folder) => tracked.has(`${relative(folder)}/${MARKER_NAME}`)));
}

function escapeGlob(name: string): string {
  return name.replace(/[*?[\]\\]/g, '\\$&');
}
