import { type Hash, randomBytes } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { ExpectedError, messageOf, systemErrorCode } from '../errors.ts';
import { patiently } from '../held-file.ts';

/** Leftovers of a killed pass are known by this ending, and by it alone. */
export const TEMP_SUFFIX = '.agentwork-tmp';
/** All leftovers, as git names files that it overlooks. */
export const TEMP_PATTERN = `.*${TEMP_SUFFIX}`;
const TEMP_NAME = /^\..+\.[0-9a-f-]{12,36}\.agentwork-tmp$/;
const WRITE_SIZE = 256 * 1024;
/** A signal waits no longer than this, and one chunk. */
const LONGEST_TURN_MS = 100;

/** Whole, or in chunks of text and bytes. */
export type FileContent = string | Uint8Array | Iterable<string | Uint8Array>;

interface WriteOptions {
  readonly mode?: number;
  /** It can be made again: it is not flushed to the disk. */
  readonly isDisposable?: true;
  /** Fed with what is written. */
  readonly hash?: Hash;
}

/**
 * Writes a file whole or not at all: temp file in the same folder, fsync, rename. A symlink in the file's place is
 * replaced, never followed, which is why no package does this here: those resolve the link and write through it.
 * `beforeRename` may throw to call the write off. Throws UNWRITABLE, or what `beforeRename` threw.
 */
export async function writeFileAtomic(
  file: string,
  content: FileContent,
  options: WriteOptions & { beforeRename?: () => void } = {},
): Promise<void> {
  const temp = tempName(file);
  try {
    await writeWhole(temp, content, options);
    options.beforeRename?.();
    await patiently(() => rename(temp, file));
    if (!options.isDisposable) await syncFolder(path.dirname(file));
  } catch (error) {
    // What keeps it from being removed has kept it from being written, and that is what is to be told.
    await rm(temp, { force: true }).catch(() => {});
    // A full disk is the world's failure; what the content itself threw is not.
    if (error instanceof ExpectedError || systemErrorCode(error) === undefined) throw error;
    throw new ExpectedError('UNWRITABLE', `cannot write ${file}: ${messageOf(error)}`, { cause: error });
  }
}

/** Writes a file anew that is there, with the rights that it has. Throws as `writeFileAtomic` does. */
export async function rewriteFileAtomic(file: string, content: FileContent, beforeRename?: () => void): Promise<void> {
  const mode = lstatSync(file).mode & 0o777;
  await writeFileAtomic(file, content, { mode, ...(beforeRename && { beforeRename }) });
}

/** A name beside `file` that no other writer has. */
export function tempName(file: string): string {
  return path.join(path.dirname(file), `.${path.basename(file)}.${randomBytes(6).toString('hex')}${TEMP_SUFFIX}`);
}

export function isTempName(name: string): boolean {
  return TEMP_NAME.test(name);
}

async function writeWhole(temp: string, content: FileContent, { mode = 0o644, isDisposable, hash }: WriteOptions) {
  const handle = await open(temp, 'wx', mode);
  try {
    const write = async (part: string | Uint8Array) => {
      hash?.update(part);
      await handle.writeFile(part);
    };
    if (typeof content === 'string' || content instanceof Uint8Array) await write(content);
    else await writeChunks(write, content);
    if (!isDisposable) await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Small chunks are joined. The event loop gets its turn at every write, and where none comes for a while. */
async function writeChunks(
  write: (part: string | Uint8Array) => Promise<void>,
  chunks: Iterable<string | Uint8Array>,
): Promise<void> {
  let pending: string[] = [];
  let size = 0;
  const flush = async () => {
    if (size > 0) await write(pending.join(''));
    pending = [];
    size = 0;
  };
  let turnedAt = performance.now();
  for (const chunk of chunks) {
    if (performance.now() - turnedAt > LONGEST_TURN_MS) {
      await setImmediate();
      turnedAt = performance.now();
    }
    if (typeof chunk === 'string') {
      pending.push(chunk);
      size += chunk.length;
    }
    if (typeof chunk !== 'string' || size >= WRITE_SIZE) await flush();
    if (typeof chunk !== 'string') await write(chunk);
  }
  await flush();
}

/** A rename is durable once its folder is; where a folder cannot be opened (Windows) the system sees to it. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
