import { lstatSync } from 'node:fs';
import path from 'node:path';
import { ExpectedError } from '../errors.ts';
import { readIfThere } from '../regular-file.ts';
import { parseJson } from '../session/json-object.ts';
import { listParser, objectParser, parseCount, parseNumber, parseText } from '../session/json-shape.ts';
import { writeFileAtomic } from './atomic-file.ts';
import { FINGERPRINT_BYTES, type Fingerprint } from './fingerprint.ts';
import { readLines } from './plain-file.ts';

/**
 * Which sessions of a clone are known to be finished: `<state folder>/finished`, disposable, and written whole. Its
 * first line is a JSON object; a line with the name of each session follows, and behind them, in the same order, the
 * bytes of their fingerprints. A quick look needs the names alone, all at once.
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
  /** How many sessions follow, and in how many bytes their names: what was cut off is not trusted. */
  readonly count: number;
  readonly bytes: number;
  /** What else is in the folder. */
  readonly others: readonly string[];
}

/** Sessions, and of each the fingerprint, one behind the other. */
export interface Fingerprints {
  readonly names: readonly string[];
  readonly texts: string;
}

export const NO_FINGERPRINTS: Fingerprints = { names: [], texts: '' };

export const fingerprintAt = ({ texts }: Fingerprints, at: number): string =>
  texts.slice(FINGERPRINT_BYTES * at, FINGERPRINT_BYTES * (at + 1));

const VERSION = 2;
/** Of some millions of sessions; one string of more could not be held safely. */
const MAX_BYTES = 256 * 1024 * 1024;

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
      const isWhole = head && lstatSync(file).size === Buffer.byteLength(line) + 1 + bytesBehind(head);
      return head?.version === VERSION && isWhole ? head : undefined;
    }
  } catch {
    // Gone, refused, or no plain file: all is looked at.
  }
  return undefined;
}

/** What follows the first line; undefined where it is not what that says. */
export function readFingerprints(file: string, head: IndexHead): Fingerprints | undefined {
  try {
    const bytes = readIfThere(file, MAX_BYTES);
    if (!bytes) return undefined;
    const start = bytes.length - bytesBehind(head);
    const end = start + head.bytes;
    const names = bytes.toString('utf8', start, end).split('\n');
    // Behind the last line there is none.
    if (names.pop() !== '' || names.length !== head.count) return undefined;
    return { names, texts: bytes.toString('latin1', end) };
  } catch {
    return undefined;
  }
}

/** False where it could not be written. */
export async function writeIndex(
  file: string,
  head: Omit<IndexHead, 'version' | 'count' | 'bytes'>,
  { names, texts }: Fingerprints,
): Promise<boolean> {
  const lines = Buffer.from(names.concat('').join('\n'));
  const sizes = { count: names.length, bytes: lines.length };
  const first = JSON.stringify({ version: VERSION, ...head, ...sizes } satisfies IndexHead);
  try {
    const parts = [`${first}\n`, lines, Buffer.from(texts, 'latin1')];
    await writeFileAtomic(file, parts, { mode: 0o600, isDisposable: true });
    return true;
  } catch (error) {
    if (error instanceof ExpectedError) return false;
    throw error;
  }
}

const bytesBehind = ({ bytes, count }: IndexHead): number => bytes + FINGERPRINT_BYTES * count;

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
