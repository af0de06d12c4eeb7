import { appendFileSync, closeSync, fstatSync } from 'node:fs';
import { ExpectedError } from '../errors.ts';
import { openRegular, readAt } from '../regular-file.ts';
import { type FileContent, writeFileAtomic } from './atomic-file.ts';

/** Somebody who writes a line now and then is not in the way of the next try. */
const TRIES = 3;

/**
 * Puts what `content` makes of a file in its place, although somebody may be appending to it: what was not read is not
 * replaced, and what comes at the last moment is added. Throws STILL_RECORDED where that goes on, UNWRITABLE, or what
 * `content` threw.
 */
export async function replaceGrowing(file: string, content: () => FileContent, mode?: number): Promise<void> {
  // The old file under no name: whatever is still written to it is seen here, and nowhere else.
  const { descriptor: old } = openRegular(file);
  try {
    for (let attempt = 1; ; attempt += 1) {
      const { size } = fstatSync(old);
      const isGrown = () => fstatSync(old).size !== size;
      const beforeRename = () => {
        if (isGrown()) throw new GrownError(file);
      };
      const isDone = await writeFileAtomic(file, content(), { beforeRename, ...(mode !== undefined && { mode }) }).then(
        () => true,
        (error) => leaveTo(attempt < TRIES, error),
      );
      if (!isDone) continue;
      if (isGrown()) throw addLate(old, size, file);
      return;
    }
  } finally {
    closeSync(old);
  }
}

class GrownError extends ExpectedError {
  constructor(file: string) {
    super('STILL_RECORDED', `${file} is written to by somebody; it is left to the next pass`);
  }
}

function leaveTo(mayTryAgain: boolean, error: unknown): false {
  if (error instanceof GrownError && mayTryAgain) return false;
  throw error;
}

/** As it is, and not yet for a commit: the next pass looks through it. */
function addLate(old: number, from: number, file: string): ExpectedError {
  const late = Buffer.alloc(fstatSync(old).size - from);
  const length = readAt(old, file, late, from, late.length);
  appendFileSync(file, late.subarray(0, length));
  return new GrownError(file);
}
