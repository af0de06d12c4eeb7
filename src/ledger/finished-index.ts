import { createHash } from 'node:crypto';
import { lstatSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { ExpectedError, systemErrorCode } from '../errors.ts';
import { readIfThere } from '../regular-file.ts';
import { parseJson } from '../session/json-object.ts';
import { listParser, objectParser, parseCount, parseNumber, parseText } from '../session/json-shape.ts';
import { writeFileAtomic } from './atomic-file.ts';
import { readLines } from './plain-file.ts';

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
/** Some 50 bytes for each session. */
const MAX_INDEX_BYTES = 1024 * 1024 * 1024;

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
export function readFingerprints(file: string, { count }: IndexHead): Fingerprints | undefined {
  try {
    const lines = readIfThere(file, MAX_INDEX_BYTES)?.toString('utf8').split('\n').slice(1, -1) ?? [];
    const entries = new Map<string, string>();
    for (const line of lines) {
      const tab = line.indexOf('\t');
      entries.set(line.slice(0, tab), line.slice(tab + 1));
    }
    return entries.size === count ? entries : undefined;
  } catch {
    return undefined;
  }
}

/** False where it could not be written. */
export async function writeIndex(
  file: string,
  head: Omit<IndexHead, 'version' | 'count' | 'bytes'>,
  entries: Fingerprints,
): Promise<boolean> {
  const rest = Array.from(entries, ([name, fingerprint]) => `${name}\t${fingerprint}\n`).join('');
  const sizes = { count: entries.size, bytes: Buffer.byteLength(rest) };
  const first = JSON.stringify({ version: VERSION, ...head, ...sizes } satisfies IndexHead);
  try {
    await writeFileAtomic(file, `${first}\n${rest}`, { mode: 0o600, isDisposable: true });
    return true;
  } catch (error) {
    if (error instanceof ExpectedError) return false;
    throw error;
  }
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

/** Of a folder and its files: which there are, and by size, inode and times whether one is another. Undefined where it is none. */
export function fingerprintOf(folder: string): Fingerprint | undefined {
  try {
    const own = stampOfFolder(folder);
    if (!own) return undefined;
    let { text, newestMs } = own;
    for (const name of readdirSync(folder)) {
      const { size, ino, mode, mtimeMs, ctimeMs } = lstatSync(`${folder}/${name}`);
      newestMs = Math.max(newestMs, mtimeMs, ctimeMs);
      text += `${name}/${size} ${ino} ${mode} ${mtimeMs} ${ctimeMs}/`;
    }
    return { text: createHash('sha1').update(text).digest('base64'), newestMs };
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return undefined;
  }
}
