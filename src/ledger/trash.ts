import { cpSync, existsSync, lstatSync, readdirSync, renameSync, rmSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { DAY_MS } from '../clock.ts';
import { ExpectedError, messageOf, systemErrorCode } from '../errors.ts';
import { makePrivateFolder } from './atomic-file.ts';

/** What was put away stays this long; `cleanup` prunes it afterwards. */
const KEPT_MS = 30 * DAY_MS;

export function trashFolder(stateDir: string): string {
  return path.join(stateDir, 'trash');
}

/** Moves a file or folder out of sight, never out of reach. Returns where it lies now. Throws UNWRITABLE. */
export async function moveToTrash(source: string, name: string, stateDir: string, now: number): Promise<string> {
  const target = await freeTrashPath(name, stateDir);
  try {
    moveAcrossDevices(source, target);
    stamp(target, now);
  } catch (error) {
    throw new ExpectedError('UNWRITABLE', `cannot move ${source} to ${target}: ${messageOf(error)}`, { cause: error });
  }
  return target;
}

/** Keeps a copy of what is about to be replaced. */
export async function copyToTrash(source: string, name: string, stateDir: string, now: number): Promise<string> {
  const target = await freeTrashPath(name, stateDir);
  try {
    cpSync(source, target, { recursive: true, errorOnExist: true });
    stamp(target, now);
  } catch (error) {
    throw new ExpectedError('UNWRITABLE', `cannot copy ${source} to ${target}: ${messageOf(error)}`, { cause: error });
  }
  return target;
}

/** What has lain there for longer than 30 days. */
export function expiredTrash(stateDir: string, now: number): readonly string[] {
  const folder = trashFolder(stateDir);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => path.join(folder, name))
    .filter((entry) => now - lstatSync(entry).mtimeMs > KEPT_MS);
}

async function freeTrashPath(name: string, stateDir: string): Promise<string> {
  const folder = trashFolder(stateDir);
  await makePrivateFolder(folder);
  for (let number = 1; ; number += 1) {
    const target = path.join(folder, number === 1 ? name : `${name}.${number}`);
    if (!existsSync(target)) return target;
  }
}

/** A rename cannot cross devices; there, the copy is complete before the original goes. */
function moveAcrossDevices(source: string, target: string): void {
  try {
    renameSync(source, target);
  } catch (error) {
    if (systemErrorCode(error) !== 'EXDEV') throw error;
    cpSync(source, target, { recursive: true, errorOnExist: true, verbatimSymlinks: true });
    rmSync(source, { recursive: true });
  }
}

/** The 30 days count from the day of the move. */
function stamp(target: string, now: number): void {
  utimesSync(target, new Date(now), new Date(now));
}
