import { type Dirent, lstatSync, type Stats } from 'node:fs';
import path from 'node:path';
import { ExpectedError } from '../errors.ts';

/** Files that git opens by itself in every folder that it looks into, and waits for where they are pipes. */
const GIT_INPUTS = ['.gitattributes', '.gitignore', '.gitmodules'] as const;
/** The same in git's own folder. */
const OWN_INPUTS = ['info/attributes', 'info/exclude'] as const;

/** Why git would wait for ever in a folder with these entries; undefined where it would not. */
export function whyGitWaits(entries: readonly Dirent[]): string | undefined {
  const inTheWay = entries.find((entry) => isInput(entry.name) && isWaitedFor(entry));
  return inTheWay && `its ${inTheWay.name} is not a regular file`;
}

/** Throws UNREADABLE where the first call of git that looks at files would wait until it is ended. */
export function requireNoWait(root: string, sessionsDir: string, gitDir: string): void {
  const files = [
    ...[root, sessionsDir].flatMap((folder) => GIT_INPUTS.map((name) => path.join(folder, name))),
    ...OWN_INPUTS.map((name) => path.join(gitDir, name)),
  ];
  const inTheWay = files.find((file) => isWaitedFor(statOf(file)));
  if (inTheWay) throw new ExpectedError('UNREADABLE', `${inTheWay} is not a regular file: git would wait for it`);
}

function isInput(name: string): boolean {
  return (GIT_INPUTS as readonly string[]).includes(name);
}

/** A pipe, a socket or a device. Links are not followed by git, and folders are no files to it. */
function isWaitedFor(entry: Dirent | Stats | undefined): boolean {
  return entry !== undefined && !entry.isFile() && !entry.isDirectory() && !entry.isSymbolicLink();
}

function statOf(file: string): Stats | undefined {
  try {
    return lstatSync(file);
  } catch {
    // Not there, or not to be reached: git will say so.
    return undefined;
  }
}
