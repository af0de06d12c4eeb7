import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { ExpectedError, systemErrorCode } from '../../errors.ts';
import { readIfThere } from '../../regular-file.ts';

/** More than anybody writes down by hand. */
const MAX_EXCLUDE_BYTES = 1024 * 1024;

/**
 * Has git overlook untracked files of this pattern in a clone, and in none of its commits: what a pass has half written
 * when its user says `git add --all`, or stashes everything. Where that cannot be written down, a pass goes on without.
 */
export function excludeFiles(commonDir: string, pattern: string): void {
  const file = path.join(commonDir, 'info', 'exclude');
  try {
    const lines = readIfThere(file, MAX_EXCLUDE_BYTES)?.toString('utf8').split('\n') ?? [];
    if (lines.includes(pattern)) return;
    mkdirSync(path.dirname(file), { recursive: true });
    appendFileSync(file, `${lines.at(-1) ? '\n' : ''}${pattern}\n`);
  } catch (error) {
    if (systemErrorCode(error) === undefined && !(error instanceof ExpectedError)) throw error;
  }
}
