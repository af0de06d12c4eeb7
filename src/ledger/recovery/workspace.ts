import { lstatSync } from 'node:fs';
import path from 'node:path';
import { readHead } from '../plain-file.ts';
import { isWithin, realPath } from '../real-path.ts';

/**
 * Whether what was said in a folder belongs to the workspace: below it, or in the same repository, be it another
 * worktree. Where no workspace is known nothing can be told apart, and everything belongs.
 */
export function workspaceMatcher(workspacePath: string | undefined): (cwd: string) => boolean {
  if (workspacePath === undefined || !path.isAbsolute(workspacePath)) return () => true;
  const workspace = path.normalize(workspacePath);
  const realWorkspace = realPath(workspace);
  const repository = repositoryOf(workspace);
  const isOurs = (cwd: string) =>
    isWithin(cwd, workspace) ||
    isWithin(realPath(cwd), realWorkspace) ||
    (repository !== undefined && repositoryOf(cwd) === repository);
  const known = new Map<string, boolean>();
  return (cwd) => {
    const answer = known.get(cwd) ?? (path.isAbsolute(cwd) && isOurs(cwd));
    if (known.size < MAX_KNOWN) known.set(cwd, answer);
    return answer;
  };
}

/** A hostile transcript can name a new folder in every line. */
const MAX_KNOWN = 1000;

/** The git folder that all worktrees of a repository share; undefined outside of any, and for a folder that is gone. */
function repositoryOf(folder: string): string | undefined {
  if (!path.isAbsolute(folder)) return undefined;
  for (let current = path.normalize(folder); ; current = path.dirname(current)) {
    const gitPath = path.join(current, '.git');
    const kind = kindOf(gitPath);
    if (kind === 'folder') return realPath(gitPath);
    if (kind === 'file') return linkedRepository(gitPath);
    if (path.dirname(current) === current) return undefined;
  }
}

function kindOf(file: string): 'folder' | 'file' | undefined {
  try {
    const stat = lstatSync(file);
    return stat.isDirectory() ? 'folder' : stat.isFile() ? 'file' : undefined;
  } catch {
    // Not there, or not ours to look at: nothing is known.
    return undefined;
  }
}

const MAX_GIT_FILE_BYTES = 4096;

/** A worktree's `.git` is a file that names `<git folder>/worktrees/<name>`. */
function linkedRepository(gitFile: string): string | undefined {
  try {
    const target = /^gitdir: (.+)$/m.exec(readHead(gitFile, MAX_GIT_FILE_BYTES).toString('utf8'))?.[1]?.trim();
    if (target === undefined) return undefined;
    const gitFolder = path.resolve(path.dirname(gitFile), target);
    const worktrees = path.dirname(gitFolder);
    return realPath(path.basename(worktrees) === 'worktrees' ? path.dirname(worktrees) : gitFolder);
  } catch {
    // Unreadable: nothing is known.
    return undefined;
  }
}
