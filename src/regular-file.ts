import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { ExpectedError, messageOf, systemErrorCode } from './errors.ts';

/** An open file, and its bytes when it was opened. */
export interface OpenFile {
  readonly descriptor: number;
  readonly size: number;
}

/**
 * Opens a plain file and nothing else: no symlink in its place is followed, and a pipe cannot make us wait. Throws
 * UNREADABLE; what the system said is the cause.
 */
export function openRegular(file: string): OpenFile {
  try {
    const descriptor = openSync(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    const stat = fstatSync(descriptor);
    if (stat.isFile()) return { descriptor, size: stat.size };
    closeSync(descriptor);
  } catch (error) {
    const why = systemErrorCode(error) === 'ELOOP' ? 'it is a symbolic link' : messageOf(error);
    throw new ExpectedError('UNREADABLE', `cannot read ${file}: ${why}`, { cause: error });
  }
  throw new ExpectedError('UNREADABLE', `cannot read ${file}: not a regular file`);
}

/** Reads into `buffer` what stands at `position`; the number of bytes, 0 behind the end. Throws UNREADABLE. */
export function readAt(descriptor: number, file: string, buffer: Buffer, position: number, length: number): number {
  try {
    return readSync(descriptor, buffer, 0, length, position);
  } catch (error) {
    throw new ExpectedError('UNREADABLE', `cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
}

/** All that stands in a small file; undefined where there is none. Throws UNREADABLE, also for one of more than `maxBytes`. */
export function readIfThere(file: string, maxBytes: number): Buffer | undefined {
  const opened = openIfThere(file);
  if (opened === undefined) return undefined;
  const { descriptor, size } = opened;
  try {
    if (size > maxBytes) {
      throw new ExpectedError(
        'UNREADABLE',
        `cannot read ${file}: ${size} bytes are more than the ${maxBytes} expected`,
      );
    }
    const buffer = Buffer.alloc(size);
    let length = 0;
    for (let read = -1; read !== 0 && length < size; length += read) {
      read = readAt(descriptor, file, buffer.subarray(length), length, size - length);
    }
    return buffer.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}

/** The same as text; undefined, too, for what cannot be read. */
export function readTextIfPossible(file: string, maxBytes: number): string | undefined {
  try {
    return readIfThere(file, maxBytes)?.toString('utf8');
  } catch (error) {
    if (error instanceof ExpectedError) return undefined;
    throw error;
  }
}

function openIfThere(file: string): OpenFile | undefined {
  try {
    return openRegular(file);
  } catch (error) {
    if (error instanceof ExpectedError && systemErrorCode(error.cause) === 'ENOENT') return undefined;
    throw error;
  }
}
