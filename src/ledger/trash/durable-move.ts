import {
  accessSync,
  closeSync,
  constants,
  cpSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import path from 'node:path';
import { systemErrorCode } from '../../errors.ts';
import { patientlySync } from '../../held-file.ts';
import { tempName } from '../atomic-file.ts';

/** What a copy in the making is called, between the signs that make it a temp file. */
export const COPY_NAME = 'copy';

/**
 * Moves a file or folder to a place that is free. A rename cannot cross devices; there, the copy is whole and lasting
 * before the original goes. Throws a system error.
 */
export function moveDurably(source: string, target: string): void {
  try {
    patientlySync(() => renameSync(source, target));
  } catch (error) {
    if (systemErrorCode(error) !== 'EXDEV') throw error;
    moveAcrossDevices(source, target);
  }
  syncFolder(path.dirname(target));
}

/**
 * Copies a file or folder to a place that is free: whole or not at all. Links stay links. What is in the making lies one
 * folder further up, where nobody takes half a session for one. Throws a system error.
 */
export function copyDurably(source: string, target: string): void {
  const temp = tempName(path.join(path.dirname(path.dirname(target)), COPY_NAME));
  try {
    cpSync(source, temp, { recursive: true, errorOnExist: true, force: false, verbatimSymlinks: true });
    syncCopy(source, temp);
    patientlySync(() => renameSync(temp, target));
    syncFolder(path.dirname(target));
  } catch (error) {
    rmSync(temp, { recursive: true, force: true });
    throw error;
  }
}

/** What could not be taken away afterwards is not copied first: each try would leave another copy. */
function moveAcrossDevices(source: string, target: string): void {
  accessSync(path.dirname(source), constants.W_OK);
  if (lstatSync(source).isDirectory()) accessSync(source, constants.W_OK);
  copyDurably(source, target);
  rmSync(source, { recursive: true });
}

/** Makes a copy last. Throws where it is not whole: from Node 22 on, pipes and devices are passed over without a word. */
function syncCopy(source: string, copy: string): void {
  const [wanted, made] = [lstatSync(source), lstatSync(copy, { throwIfNoEntry: false })];
  const isSameKind = (wanted.mode & constants.S_IFMT) === ((made?.mode ?? 0) & constants.S_IFMT);
  if (!isSameKind || (wanted.isFile() && wanted.size !== made?.size)) throw notCopied(source);
  if (wanted.isDirectory()) {
    for (const name of readdirSync(source)) syncCopy(path.join(source, name), path.join(copy, name));
    syncFolder(copy);
  }
  if (wanted.isFile() && process.platform !== 'win32') sync(copy);
}

function notCopied(source: string): Error {
  return Object.assign(new Error(`EINVAL: ${source} cannot be copied as it is`), { code: 'EINVAL' });
}

/** Makes what was renamed or made in a folder last. Where a folder cannot be opened (Windows) the system sees to it. */
export function syncFolder(folder: string): void {
  if (process.platform !== 'win32') sync(folder);
}

function sync(target: string): void {
  const descriptor = openSync(target, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
