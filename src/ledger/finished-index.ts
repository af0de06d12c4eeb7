import { createHash } from 'node:crypto';
import { lstatSync, type Stats } from 'node:fs';
import path from 'node:path';
import { ExpectedError, systemErrorCode } from '../errors.ts';
import { ARTIFACTS } from '../session/facts.ts';
import { parseJson } from '../session/json-object.ts';
import { listParser, objectParser, parseCount, parseNumber, parseText } from '../session/json-shape.ts';
import { writeFileAtomic } from './atomic-file.ts';
import { readLines } from './plain-file.ts';
import { RAW_NAME } from './raw-state.ts';
import { META_NAME } from './session-facts.ts';

/**
 * Which sessions of a clone are known to be finished: `<state folder>/finished`, disposable, and written whole. Its
 * first line is a JSON object, each that follows is the name of a session, a tab, and its fingerprint.
 */

/** The first line: when, and of what, the look was that the index was made of. */
export interface IndexHead {
  readonly version: number;
  /** Who looked, where, and by which rules: what others have seen is not trusted. */
  readonly key: string;
  /** The stamp of the folder of sessions; empty where that had changed so lately that it may have changed since. */
  readonly root: string;
  /** The id of `HEAD:sessions`; empty where there was none. */
  readonly tree: string;
  /** When every session was last looked at, in milliseconds since the epoch. */
  readonly fullAt: number;
  /** How many sessions follow, and in how many bytes: what was cut off is not trusted. */
  readonly count: number;
  readonly bytes: number;
  /** What else is in the folder. */
  readonly others: readonly string[];
}

/** Name -> fingerprint. */
export type Fingerprints = ReadonlyMap<string, string>;

/** The stamps of all that is in a folder, and when the youngest of them was made, in milliseconds since the epoch. */
export interface Fingerprint {
  readonly text: string;
  readonly newestMs: number;
}

const VERSION = 1;

const parseHead = objectParser<IndexHead>(['version', 'key', 'root', 'tree', 'fullAt', 'count', 'bytes', 'others'], {
  version: parseCount,
  key: parseText,
  root: parseText,
  // It goes to git.
  tree: (value) => (typeof value === 'string' && /^[0-9a-f]*$/.test(value) ? value : undefined),
  fullAt: parseNumber,
  count: parseCount,
  bytes: parseCount,
  others: listParser(parseText),
});

export const indexFile = (stateDir: string): string => path.join(stateDir, 'finished');

/** Undefined where there is none, or none that can be read: it only saves time. */
export function readIndexHead(file: string): IndexHead | undefined {
  try {
    for (const line of readLines(file)) {
      if (line === null) return undefined;
      const head = parseHead(parseJson(line));
      const isWhole = head && lstatSync(file).size === Buffer.byteLength(line) + 1 + head.bytes;
      return head?.version === VERSION && isWhole ? head : undefined;
    }
  } catch {
    // Gone, refused, or no plain file: all is looked at.
  }
  return undefined;
}

/** What follows the first line; undefined where it is not what that says. */
export function readFingerprints(file: string, { count }: IndexHead): Map<string, string> | undefined {
  const entries = new Map<string, string>();
  try {
    let isHead = true;
    for (const line of readLines(file)) {
      if (!isHead && line !== null) {
        const tab = line.indexOf('\t');
        entries.set(line.slice(0, tab), line.slice(tab + 1));
      }
      isHead = false;
    }
    return entries.size === count ? entries : undefined;
  } catch {
    return undefined;
  }
}

/** Written piece by piece: there is no text of it all. False where it could not be written. */
export async function writeIndex(
  file: string,
  head: Omit<IndexHead, 'version' | 'count' | 'bytes'>,
  entries: Iterable<readonly [name: string, fingerprint: string]>[],
): Promise<boolean> {
  let [count, bytes] = [0, 0];
  for (const some of entries) {
    for (const entry of some) {
      count += 1;
      bytes += Buffer.byteLength(lineOf(entry));
    }
  }
  const first = JSON.stringify({ version: VERSION, ...head, count, bytes } satisfies IndexHead);
  try {
    await writeFileAtomic(file, linesOf(first, entries), { mode: 0o600, isDisposable: true });
    return true;
  } catch (error) {
    if (error instanceof ExpectedError) return false;
    throw error;
  }
}

const lineOf = ([name, fingerprint]: readonly [string, string]): string => `${name}\t${fingerprint}\n`;

function* linesOf(first: string, entries: readonly Iterable<readonly [string, string]>[]): Generator<string> {
  yield `${first}\n`;
  for (const some of entries) for (const entry of some) yield lineOf(entry);
}

/** Of a folder: which one it is, and what changes with everything that is put into it, taken out of it, or renamed in it. */
export interface FolderStamp extends Fingerprint {
  readonly identity: string;
}

export function stampOfFolder(folder: string): FolderStamp | undefined {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return undefined;
  const { dev, ino, mtimeMs, ctimeMs } = stat;
  return { identity: `${dev} ${ino}`, text: `${mtimeMs} ${ctimeMs}`, newestMs: Math.max(mtimeMs, ctimeMs) };
}

/** Files of a session that count for what is in them; the folder's own stamp tells which others there are. */
const WEIGHED: readonly string[] = [RAW_NAME, META_NAME, ...ARTIFACTS];
/** Of the folder and of each of them: numbers that are filled in anew for each session. */
const stamps = new Float64Array(5 * (1 + WEIGHED.length));

/**
 * Of a session's folder: by inode, size, mode and times whether it, or one of the files that count, is another. As it is
 * made for every session of a ledger, numbers are not written out, and the folder is not listed. Undefined where it is
 * no folder.
 */
export function fingerprintOf(folder: string): Fingerprint | undefined {
  try {
    const own = lstatSync(folder, { throwIfNoEntry: false });
    if (!own?.isDirectory()) return undefined;
    // The size of a folder tells nothing of what is in it.
    let newestMs = fillStamp(0, own, 0);
    let at = 5;
    for (const name of WEIGHED) {
      const stat = lstatSync(`${folder}/${name}`, { throwIfNoEntry: false });
      newestMs = Math.max(newestMs, fillStamp(at, stat, stat?.size ?? -1));
      at += 5;
    }
    return { text: createHash('sha1').update(stamps).digest('base64'), newestMs };
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
