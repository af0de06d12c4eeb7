import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { systemErrorCode } from '../errors.ts';
import { ARTIFACTS } from '../session/facts.ts';
import { type FolderStats, freshStatsIn } from './folder-stats.ts';
import { RAW_NAME } from './raw-state.ts';
import { META_NAME } from './session-facts.ts';

/** The stamps of all that is in a folder, and when the youngest of them was made, in milliseconds since the epoch. */
export interface Fingerprint {
  /** A digest of them: `FINGERPRINT_BYTES` bytes, as latin1. */
  readonly text: string;
  readonly newestMs: number;
}

export const FINGERPRINT_BYTES = 20;

/** Files of a session that count for what is in them; the folder's own stamp tells which others there are. */
const WEIGHED: readonly string[] = [RAW_NAME, META_NAME, ...ARTIFACTS];
/** Of the folder and of each of them: numbers that are filled in anew for each session. */
const stamps = new Float64Array(5 * (1 + WEIGHED.length));

/**
 * Of a session's folder: by inode, size, mode and times whether it, or one of the files that count, is another. As it is
 * made for every session of a ledger, numbers are not written out, and the folder is not listed. Undefined where it is
 * no folder.
 */
export function fingerprintOf(folder: string, stats: FolderStats = freshStatsIn(folder)): Fingerprint | undefined {
  try {
    const own = stats();
    if (!own?.isDirectory()) return undefined;
    // The size of a folder tells nothing of what is in it.
    let newestMs = fillStamp(0, own, 0);
    let at = 5;
    for (const name of WEIGHED) {
      const stat = stats(name);
      newestMs = Math.max(newestMs, fillStamp(at, stat, stat?.size ?? -1));
      at += 5;
    }
    return { text: createHash('sha1').update(stamps).digest('binary'), newestMs };
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return undefined;
  }
}

/** When it was last changed, in milliseconds since the epoch. */
function fillStamp(at: number, stat: Stats | undefined, size: number): number {
  const { ino = 0, mode = 0, mtimeMs = 0, ctimeMs = 0 } = stat ?? {};
  stamps[at] = size;
  stamps[at + 1] = ino;
  stamps[at + 2] = mode;
  stamps[at + 3] = mtimeMs;
  stamps[at + 4] = ctimeMs;
  return Math.max(mtimeMs, ctimeMs);
}
