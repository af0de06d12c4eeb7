import { randomUUID } from 'node:crypto';
import { isObjectId, MAX_POINTER_BYTES, parseLfsPointer } from '../../session/lfs-pointer.ts';
import type { PathChange } from './commit-objects.ts';
import { LFS_LIMIT_MS, lfsMessage, WITH_PROGRESS } from './lfs.ts';
import { sessionOf } from './own-commits.ts';
import type { GitProcess } from './process.ts';
import type { Refusal } from './refusal.ts';

/** So many objects are named in one call. */
const OBJECTS_AT_ONCE = 500;

/** Objects of Git LFS that these changes bring, each with the sessions that need it. Cheap where there is none. */
export async function largeFilesIn(
  git: GitProcess,
  changes: readonly PathChange[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const paths = new Map<string, string[]>();
  for (const { path, mode, oid } of changes) {
    if (mode.startsWith('100')) paths.set(oid, [...(paths.get(oid) ?? []), path]);
  }
  const objects = new Map<string, readonly string[]>();
  for (const { blob, text } of await readSmall(git, [...paths.keys()])) {
    const pointer = parseLfsPointer(text);
    if (!pointer || !isObjectId(pointer.oid)) continue;
    const sessions = (paths.get(blob) ?? []).flatMap((file) => sessionOf(file) ?? []);
    objects.set(pointer.oid, [...new Set([...(objects.get(pointer.oid) ?? []), ...sessions])]);
  }
  return objects;
}

/** Those of these blobs that are short enough for a pointer, with what stands in them. */
async function readSmall(git: GitProcess, blobs: readonly string[]) {
  if (blobs.length === 0) return [];
  const sized = await git.run(['cat-file', '--batch-check'], { input: lines(blobs) });
  const heads = sized.split('\n').filter((line) => Number(/ blob (\d+)$/.exec(line)?.[1]) <= MAX_POINTER_BYTES);
  if (heads.length === 0) return [];
  // What stands between them cannot know this, whatever it says.
  const mark = randomUUID();
  const wanted = heads.map((head) => head.split(' ')[0] ?? '');
  const all = await git.run(['cat-file', `--batch=${mark} %(objectname)`], { input: lines(wanted) });
  return all
    .split(`${mark} `)
    .slice(1)
    .map((part) => ({ blob: part.slice(0, part.indexOf('\n')), text: part.slice(part.indexOf('\n') + 1) }));
}

const lines = (words: readonly string[]) => words.map((word) => `${word}\n`).join('');

/**
 * Sends objects to the remote's Git LFS; nothing is sent twice. Resolves when the remote has confirmed that it has them
 * all: a pointer that others get before its content is one that they cannot read. Throws GIT_FAILED.
 */
export async function uploadLargeFiles(git: GitProcess, remote: string, oids: readonly string[]): Promise<void> {
  for (let at = 0; at < oids.length; at += OBJECTS_AT_ONCE) {
    const some = oids.slice(at, at + OBJECTS_AT_ONCE);
    await git.run([...WITH_PROGRESS, 'lfs', 'push', '--object-id', remote, ...some], { limitMs: LFS_LIMIT_MS });
  }
}

/** Sends what these changes need. A refusal names the sessions whose objects the remote did not get, where git-lfs does. */
export async function uploadFor(
  git: GitProcess,
  remote: string,
  changes: readonly PathChange[],
): Promise<Refusal | undefined> {
  const objects = await largeFilesIn(git, changes);
  try {
    await uploadLargeFiles(git, remote, [...objects.keys()]);
    return undefined;
  } catch (error) {
    const words = lfsMessage(error);
    const isWithoutLfs = /'lfs' is not a git command/.test(words);
    const named = [...objects].filter(([oid]) => isWithoutLfs || words.includes(oid));
    return {
      kind: 'lfs',
      message: `large files did not reach the remote: ${isWithoutLfs ? 'git-lfs is not installed' : words}`,
      sessions: [...new Set(named.flatMap(([, sessions]) => sessions))],
    };
  }
}
