import { chmodSync, lstatSync, lutimesSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { DAY_MS, isoTime, parseTime } from '../../clock.ts';
import { ExpectedError, messageOf, systemErrorCode } from '../../errors.ts';
import { makeOwnFolder, requireOwnFolder } from '../../own-folder.ts';
import { readDigest } from '../raw-file.ts';
import { copyDurably, moveDurably } from './durable-move.ts';
import { claimEntry, forgetOrigin, ORIGINS_NAME, readOrigin, type TrashOrigin } from './trash-origins.ts';

/** What was put away stays this long; `cleanup` prunes it afterwards. */
const KEPT_MS = 30 * DAY_MS;

/** One thing that was put away. */
export interface TrashEntry {
  readonly name: string;
  /** Where it lies now. */
  readonly path: string;
  readonly putAwayAtMs: number;
  /** Undefined for what an older version put away. */
  readonly origin: TrashOrigin | undefined;
}

export function trashFolder(stateDir: string): string {
  return path.join(stateDir, 'trash');
}

/** Moves a file or folder out of sight, never out of reach. Returns where it lies now. Throws UNWRITABLE. */
export async function moveToTrash(
  source: string,
  name: string,
  stateDir: string,
  now: number,
  reason = 'put away by a pass',
): Promise<string> {
  return putAway(source, name, { stateDir, now, reason, verb: 'move', by: moveDurably });
}

/** Keeps a copy of what is about to be replaced. Throws UNWRITABLE. */
export async function copyToTrash(
  source: string,
  name: string,
  stateDir: string,
  now: number,
  reason = 'kept before it was replaced',
): Promise<string> {
  return putAway(source, name, { stateDir, now, reason, verb: 'copy', by: copyPrivately });
}

/** What lies in the trash, the newest first. Throws UNREADABLE. */
export function listTrash(stateDir: string): readonly TrashEntry[] {
  const trash = trashFolder(stateDir);
  const names = namesIn(trash).filter((name) => name !== ORIGINS_NAME);
  return names.flatMap((name) => readEntry(trash, name)).sort((a, b) => b.putAwayAtMs - a.putAwayAtMs);
}

/** What has lain there for longer than 30 days. Throws UNREADABLE. */
export function expiredTrash(stateDir: string, now: number): readonly TrashEntry[] {
  return listTrash(stateDir).filter(({ putAwayAtMs }) => now - putAwayAtMs > KEPT_MS);
}

/** Whether two folders hold the same plain files with the same bytes; what cannot be read is not the same. */
export function isSameFolder(one: string, other: string): boolean {
  try {
    const [names, others] = [readdirSync(one).sort(), readdirSync(other).sort()];
    const digestIn = (folder: string, name: string) => readDigest(path.join(folder, name), 0).sha256;
    const isSameFile = (name: string) => digestIn(one, name) === digestIn(other, name);
    return names.join('\0') === others.join('\0') && names.every(isSameFile);
  } catch {
    // A folder in it, or none at all: another copy does no harm.
    return false;
  }
}

/** Removes it for good. Throws a system error. */
export function deleteFromTrash(entry: TrashEntry): void {
  rmSync(entry.path, { recursive: true });
  forgetOrigin(path.dirname(entry.path), entry.name);
}

/** Puts it back where it came from, where nothing may lie. Throws UNWRITABLE. */
export function restoreFromTrash(entry: TrashEntry, origin: TrashOrigin): void {
  try {
    mkdirSync(path.dirname(origin.path), { recursive: true });
    moveDurably(entry.path, origin.path);
    forgetOrigin(path.dirname(entry.path), entry.name);
  } catch (error) {
    const trouble = `cannot move ${entry.path} to ${origin.path}: ${messageOf(error)}`;
    throw new ExpectedError('UNWRITABLE', trouble, { cause: error });
  }
}

interface Deed {
  readonly stateDir: string;
  readonly now: number;
  readonly reason: string;
  readonly verb: 'move' | 'copy';
  readonly by: (source: string, target: string) => void;
}

async function putAway(source: string, name: string, { stateDir, now, reason, verb, by }: Deed): Promise<string> {
  const trash = trashFolder(stateDir);
  makeOwnFolder(trash);
  let target = path.join(trash, name);
  try {
    const origin = { path: path.resolve(source), moved_at: isoTime(now), reason };
    target = path.join(trash, claimEntry(trash, name, origin));
    by(source, target);
    stamp(target, now);
    return target;
  } catch (error) {
    if (!lstatSync(target, { throwIfNoEntry: false })) forgetOrigin(trash, path.basename(target));
    throw new ExpectedError('UNWRITABLE', `cannot ${verb} ${source} to ${target}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** What is moved keeps its mode, so that it comes back as it was; what is made here is its owner's alone. */
function copyPrivately(source: string, target: string): void {
  copyDurably(source, target);
  const stat = lstatSync(target);
  if (!stat.isSymbolicLink()) chmodSync(target, stat.isDirectory() ? 0o700 : 0o600);
}

/** For whoever finds no record: the 30 days count from the day of the move. */
function stamp(target: string, now: number): void {
  try {
    lutimesSync(target, new Date(now), new Date(now));
  } catch {
    // It has arrived, and its record tells the day.
  }
}

function readEntry(trash: string, name: string): TrashEntry[] {
  const file = path.join(trash, name);
  const stat = lstatSync(file, { throwIfNoEntry: false });
  const origin = readOrigin(trash, name);
  return stat ? [{ name, path: file, putAwayAtMs: parseTime(origin?.moved_at) ?? stat.mtimeMs, origin }] : [];
}

function namesIn(folder: string): readonly string[] {
  requireOwnFolder(folder);
  try {
    return readdirSync(folder);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw new ExpectedError('UNREADABLE', `cannot read ${folder}: ${messageOf(error)}`, { cause: error });
  }
}
