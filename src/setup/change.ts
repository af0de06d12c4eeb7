import { lstatSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ExpectedError, messageOf } from '../errors.ts';
import { writeFileAtomic } from '../ledger/atomic-file.ts';
import { readIfThere } from '../regular-file.ts';
import { shellWord } from './program.ts';

/** What a file, or something like one, is to become. */
export interface Change {
  /** The path of the file, or what else it is. */
  readonly what: string;
  /** Undefined where there is none. */
  readonly before: string | undefined;
  /** Undefined where it is to go. */
  readonly after: string | undefined;
  /** It is a command line, to be run once what comes before it is there. */
  readonly isCommand?: true;
  /** Something of ours goes, and what others have there stays. */
  readonly isRemoval?: true;
  readonly apply: () => Promise<void>;
}

/** Files of this kind are small; what is larger is something else. */
const MAX_BYTES = 4 * 1024 * 1024;

/** What stands in a file that people write; undefined where there is none. Throws UNREADABLE, also for a link. */
export function readOthersFile(file: string): string | undefined {
  return readIfThere(file, MAX_BYTES)?.toString('utf8');
}

/** A file that is to have this content, or to go. `mode`: of a new one. Throws UNREADABLE. */
export function fileChange(file: string, after: string | undefined, mode: number): Change {
  const before = readOthersFile(file);
  return { what: file, before, after, apply: () => write(file, after, mode) };
}

export function isNeeded({ before, after }: Change): boolean {
  return before !== after;
}

async function write(file: string, content: string | undefined, mode: number): Promise<void> {
  try {
    if (content === undefined) return rmSync(file, { force: true });
    mkdirSync(path.dirname(file), { recursive: true });
    const present = lstatSync(file, { throwIfNoEntry: false });
    // What was switched off by its mode stays so.
    await writeFileAtomic(file, content, { mode: present ? present.mode & 0o777 : mode });
  } catch (cause) {
    if (cause instanceof ExpectedError) throw cause;
    const suggestions = [`ls -ld ${shellWord(path.dirname(file))} tells who may write there`];
    throw new ExpectedError('UNWRITABLE', `cannot write ${file}: ${messageOf(cause)}`, { cause, suggestions });
  }
}
