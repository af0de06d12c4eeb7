import { closeSync, fsyncSync, lstatSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { parseTime } from '../../clock.ts';
import { systemErrorCode } from '../../errors.ts';
import { makeOwnFolder, requireOwnFolder } from '../../own-folder.ts';
import { isObject } from '../../session/json-object.ts';
import { readHead } from '../plain-file.ts';
import { syncFolder } from './durable-move.ts';

/** Where a thing in the trash came from, when, and why. */
export interface TrashOrigin {
  /** Absolute. */
  readonly path: string;
  /** RFC 3339. */
  readonly moved_at: string;
  readonly reason: string;
}

/** The folder in the trash that holds `<entry>.json` for each entry. */
export const ORIGINS_NAME = '.origins';
/** Leaves room for a number, and for the ending of the record, in what file systems take. */
const MAX_ENTRY_BYTES = 200;
const MAX_RECORD_BYTES = 64 * 1024;

/**
 * Finds a name in the trash that nothing has, and writes down what will lie there, before it does: after a kill there
 * is at worst a record of nothing. Who makes the record owns the name. Throws a system error.
 */
export function claimEntry(trash: string, wanted: string, origin: TrashOrigin): string {
  makeOwnFolder(path.join(trash, ORIGINS_NAME));
  const base = entryName(wanted);
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? base : `${base}.${number}`;
    if (!isThere(path.join(trash, name)) && writeNew(recordOf(trash, name), origin)) return name;
  }
}

/** Undefined for what an older version put away, or when the record says nothing of use. */
export function readOrigin(trash: string, entry: string): TrashOrigin | undefined {
  try {
    const value: unknown = JSON.parse(readHead(recordOf(trash, entry), MAX_RECORD_BYTES).toString('utf8'));
    return isOrigin(value) ? value : undefined;
  } catch {
    // No record, or a torn one: then nothing is known of it.
    return undefined;
  }
}

export function forgetOrigin(trash: string, entry: string): void {
  rmSync(recordOf(trash, entry), { force: true });
}

/** Records of what never arrived, or has left. Throws UNREADABLE, or a system error. */
export function orphanedRecords(trash: string): readonly string[] {
  const folder = path.join(trash, ORIGINS_NAME);
  for (const ours of [trash, folder]) requireOwnFolder(ours);
  if (!isThere(folder)) return [];
  const orphans = readdirSync(folder).filter((record) => !isThere(path.join(trash, path.basename(record, '.json'))));
  return orphans.map((record) => path.join(folder, record));
}

/** One component of a path, whatever the name was: no way leads out of the trash. */
function entryName(wanted: string): string {
  const safe = wanted.replace(/[/\\\0]/g, '_').replace(/^\.{1,2}$/, '_');
  let name = safe === '' ? '_' : safe;
  while (Buffer.byteLength(name) > MAX_ENTRY_BYTES) name = [...name].slice(0, -1).join('');
  return name;
}

function recordOf(trash: string, entry: string): string {
  return path.join(trash, ORIGINS_NAME, `${entry}.json`);
}

/** False when somebody has the name already. */
function writeNew(file: string, origin: TrashOrigin): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'wx', 0o600);
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    writeSync(descriptor, `${JSON.stringify(origin)}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  syncFolder(path.dirname(file));
  return true;
}

function isOrigin(value: unknown): value is TrashOrigin {
  if (!isObject(value) || typeof value.path !== 'string' || typeof value.reason !== 'string') return false;
  return path.isAbsolute(value.path) && parseTime(value.moved_at) !== undefined;
}

function isThere(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}
