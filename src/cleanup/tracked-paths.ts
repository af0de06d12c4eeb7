import { realpathSync } from 'node:fs';
import path from 'node:path';
import type { LedgerGit } from '../ledger/git/ledger-git.ts';

/**
 * Tells which of these folders and files git tracks, wholly or in part; git is asked once for all. Removing such a one
 * would leave the clone dirty, and git would bring it back.
 */
export async function trackedAmong(
  targets: readonly string[],
  root: string,
  git: LedgerGit | null,
): Promise<ReadonlySet<string>> {
  const inside = new Map(targets.flatMap((target) => inClone(target, root)));
  if (!git || inside.size === 0) return new Set();
  const tops = new Set([...inside.keys()].map((relative) => relative.split('/')[0] ?? ''));
  const known = new Set<string>();
  for (const file of await git.trackedFiles(...[...tops].flatMap(allBelow))) {
    for (let part = file; part !== '.' && !known.has(part); part = path.posix.dirname(part)) known.add(part);
  }
  return new Set([...inside].filter(([relative]) => known.has(relative)).map(([, target]) => target));
}

/** The path below the clone's root, as git says it, and the path that was asked for; nothing for one that lies outside. */
function inClone(target: string, root: string): [relative: string, target: string][] {
  const folder = realFolder(path.dirname(target));
  if (folder === undefined) return [];
  const relative = path.relative(realFolder(root) ?? root, path.join(folder, path.basename(target)));
  const isOutside = relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative);
  return isOutside ? [] : [[relative.split(path.sep).join('/'), target]];
}

function realFolder(folder: string): string | undefined {
  try {
    return realpathSync(folder);
  } catch {
    // Gone meanwhile: there is nothing to protect.
    return undefined;
  }
}

/** Patterns for a file or folder in the root: few of them, whatever is asked for. */
function allBelow(top: string): readonly string[] {
  const literal = top.replace(/[*?[\]\\]/g, '\\$&');
  return [literal, `${literal}/**`];
}
