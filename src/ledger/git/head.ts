import { lstatSync } from 'node:fs';
import path from 'node:path';
import { readIfThere, readTextIfPossible } from '../../regular-file.ts';
import { isAbsent } from '../plain-file.ts';
import type { GitProcess } from './process.ts';

const MAX_HEAD_BYTES = 64 * 1024;
/** Of some ten thousand refs; git is the quicker one with more. */
const MAX_PACKED_BYTES = 1024 * 1024;
const OBJECT_ID = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/** What stands in git's own HEAD; undefined where it is no plain file. As a link, which very old gits made of it, it tells nothing. */
export function readHeadFile(gitDir: string): string | undefined {
  const file = path.join(gitDir, 'HEAD');
  const isPlain = lstatSync(file, { throwIfNoEntry: false })?.isFile() === true;
  return isPlain ? readIfThere(file, MAX_HEAD_BYTES)?.toString('utf8') : undefined;
}

/** `refs/heads/main`; undefined on a detached HEAD. git is asked only where its file does not tell. */
export async function checkedOutBranch(git: GitProcess): Promise<string | undefined> {
  const named = /^ref: (refs\/heads\/\S+)\n?$/.exec(readHeadFile(await git.gitDir()) ?? '')?.[1];
  // Where refs are kept in tables, the file names a branch that there cannot be.
  if (named !== undefined && named !== 'refs/heads/.invalid') return named;
  return (await git.ask(['symbolic-ref', '--quiet', 'HEAD']))?.trim() || undefined;
}

/**
 * The commit that a ref of this name stands for, as far as git's files tell without a git that is started for it; undefined
 * where they do not: it stands for another ref, is in a table, or not there.
 */
export async function readRef(git: GitProcess, ref: string): Promise<string | undefined> {
  const gitDir = await git.gitDir();
  // A linked work tree names the folder of all, relative to its own.
  const common = path.resolve(gitDir, readTextIfPossible(path.join(gitDir, 'commondir'), MAX_HEAD_BYTES)?.trim() ?? '');
  const file = path.join(common, ref);
  // It is packed before its own file goes: who finds none there finds it in the pack.
  const id = isAbsent(file) ? packedId(common, ref) : readTextIfPossible(file, MAX_HEAD_BYTES)?.trim();
  return id !== undefined && OBJECT_ID.test(id) ? id : undefined;
}

function packedId(commonDir: string, ref: string): string | undefined {
  const lines = readTextIfPossible(path.join(commonDir, 'packed-refs'), MAX_PACKED_BYTES)?.split('\n');
  return lines?.find((line) => line.endsWith(` ${ref}`))?.slice(0, -ref.length - 1);
}

/** The commit of HEAD, where it is on a branch and git's files tell. */
export async function checkedOutCommit(git: GitProcess): Promise<string | undefined> {
  const branch = await checkedOutBranch(git);
  return branch === undefined ? undefined : readRef(git, branch);
}

/** Whether two refs certainly stand at one commit, by git's files. */
export async function areLevel(git: GitProcess, one: string, other: string): Promise<boolean> {
  const commit = await readRef(git, one);
  return commit !== undefined && commit === (await readRef(git, other));
}
