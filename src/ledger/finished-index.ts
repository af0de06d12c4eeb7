import { lstatSync } from 'node:fs';
import path from 'node:path';
import { ExpectedError } from '../errors.ts';
import { parseJson } from '../session/json-object.ts';
import { listParser, objectParser, parseCount, parseNumber, parseText } from '../session/json-shape.ts';
import { writeFileAtomic } from './atomic-file.ts';
import type { Fingerprint } from './fingerprint.ts';
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
