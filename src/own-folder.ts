import { chmodSync, lstatSync, mkdirSync, rmSync, type Stats, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { ExpectedError, messageOf, systemErrorCode } from './errors.ts';

const OTHERS = 0o077;

/** Whose everything is: the home that the environment names, else that of the account. */
export function homeOf({ HOME }: NodeJS.ProcessEnv): string {
  return HOME || homedir();
}

/**
 * Makes a folder that only its owner can enter, with what leads there, and closes one that others could enter: for
 * everything of ours outside the ledger's tree. Throws UNREADABLE for a link in its place, UNWRITABLE.
 */
export function makeOwnFolder(folder: string): void {
  requireOwnFolder(folder);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const stat = lstatSync(folder);
    if ((stat.mode & OTHERS) !== 0 && isOurs(stat)) chmodSync(folder, 0o700);
  } catch (error) {
    throw new ExpectedError('UNWRITABLE', `cannot make the folder ${folder}: ${messageOf(error)}`, { cause: error });
  }
}

/** Writes a new file that only its owner can read, whole or not at all: a full disk takes the name and not the words. */
export function writeOwnFile(file: string, text: string): void {
  try {
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') removeIfPossible(file);
    throw new ExpectedError('UNWRITABLE', `cannot write ${file}: ${messageOf(error)}`, { cause: error });
  }
}

/** Takes away a file that is of no use; where that cannot be done, something else is to be told, or nothing at all. */
export function removeIfPossible(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // A leftover for the next cleanup.
  }
}

/** A link or a file in the place of a folder of ours is not looked behind. Throws UNREADABLE. */
export function requireOwnFolder(folder: string): void {
  const stat = statOf(folder);
  if (stat?.isSymbolicLink()) {
    throw new ExpectedError('UNREADABLE', `${folder} is a symbolic link: nothing is looked for outside the clone`);
  }
  if (stat && !stat.isDirectory()) throw new ExpectedError('UNREADABLE', `cannot read ${folder}: it is no folder`);
}

function statOf(folder: string): Stats | undefined {
  try {
    return lstatSync(folder, { throwIfNoEntry: false });
  } catch (error) {
    // Below a file there is nothing: who makes or reads the folder is told so.
    if (systemErrorCode(error) === 'ENOTDIR') return undefined;
    throw new ExpectedError('UNREADABLE', `cannot look at ${folder}: ${messageOf(error)}`, { cause: error });
  }
}

/** Windows has no such modes. */
function isOurs({ uid }: Stats): boolean {
  return process.getuid !== undefined && uid === process.getuid();
}
