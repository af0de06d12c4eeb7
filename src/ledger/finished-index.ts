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
  /** HEAD, and the id of `HEAD:sessions`; empty where git's files do not tell, and where there was none. */
  readonly commit: string;
  readonly tree: string;
  /** When every session was last looked at, in milliseconds since the epoch. */
  readonly fullAt: number;
  /** How many sessions follow, and in how many bytes their names: what was cut off is not trusted. */
  readonly count: number;
  readonly bytes: number;
  /** What else is in the folder. */
  readonly others: readonly string[];
}

/** Sessions, and of each the fingerprint, as the index holds them: what stays as it is is neither taken apart nor made anew. */
export class Fingerprints {
  static readonly NONE = new Fingerprints(Buffer.alloc(0), Buffer.alloc(0));

  /** A line with each name. */
  readonly lines: Buffer;
  /** One fingerprint behind the other. */
  readonly digests: Buffer;
  #names: readonly string[] | undefined;

  constructor(lines: Buffer, digests: Buffer) {
    this.lines = lines;
    this.digests = digests;
  }

  static of(entries: readonly (readonly [name: string, text: string])[]): Fingerprints {
    const lines = entries.map(([name]) => `${name}\n`).join('');
    return new Fingerprints(Buffer.from(lines), Buffer.from(entries.map(([, text]) => text).join(''), 'latin1'));
  }

  get names(): readonly string[] {
    // Behind the last line there is none.
    this.#names ??= this.lines.toString('utf8').split('\n').slice(0, -1);
    return this.#names;
  }

  get count(): number {
    return this.digests.length / FINGERPRINT_BYTES;
  }

  textAt(at: number): string {
    return this.digests.toString('latin1', FINGERPRINT_BYTES * at, FINGERPRINT_BYTES * (at + 1));
  }

  without(doubtful: ReadonlySet<string>): Fingerprints {
    if (!this.names.some((name) => doubtful.has(name))) return this;
    const entries = this.names.map((name, at) => [name, this.textAt(at)] as const);
    return Fingerprints.of(entries.filter(([name]) => !doubtful.has(name)));
  }

  with({ lines, digests }: Fingerprints): Fingerprints {
    return new Fingerprints(Buffer.concat([this.lines, lines]), Buffer.concat([this.digests, digests]));
  }
}

const VERSION = 2;
/** Of some millions of sessions; one string of more could not be held safely. */
const MAX_BYTES = 256 * 1024 * 1024;

const parseHead = objectParser<IndexHead>(
  ['version', 'key', 'root', 'commit', 'tree', 'fullAt', 'count', 'bytes', 'others'],
  {
    version: parseCount,
    key: parseText,
    root: parseText,
    commit: parseText,
    // It goes to git.
    tree: (value) => (typeof value === 'string' && /^[0-9a-f]*$/.test(value) ? value : undefined),
    fullAt: parseNumber,
    count: parseCount,
    bytes: parseCount,
    others: listParser(parseText),
  },
);

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
    const bytes = readIfThere(file, MAX_BYTES) ?? Buffer.alloc(0);
    const start = bytes.length - bytesBehind(head);
    const read = new Fingerprints(bytes.subarray(start, start + head.bytes), bytes.subarray(start + head.bytes));
    return read.names.length === head.count && read.count === head.count ? read : undefined;
  } catch {
    return undefined;
  }
}

/** False where it could not be written. */
export async function writeIndex(
  file: string,
  head: Omit<IndexHead, 'version' | 'count' | 'bytes'>,
  { count, lines, digests }: Fingerprints,
): Promise<boolean> {
  const first = JSON.stringify({ version: VERSION, ...head, count, bytes: lines.length } satisfies IndexHead);
  try {
    await writeFileAtomic(file, [`${first}\n`, lines, digests], { mode: 0o600, isDisposable: true });
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
