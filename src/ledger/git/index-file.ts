import { constants, copyFileSync, existsSync, linkSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ExpectedError, messageOf, systemErrorCode } from '../../errors.ts';
import { patientlySync } from '../../held-file.ts';
import { makeOwnFolder, writeOwnFile } from '../../own-folder.ts';
import { tempName } from '../atomic-file.ts';
import { readHead } from '../plain-file.ts';
import { INDEX_LOCKED } from './message.ts';
import type { GitProcess } from './process.ts';

/** How often, and how long apart, the index is tried while another git holds it. */
const LOCK_TRIES = 10;
const LOCK_WAIT_MS = 300;
const MARKER = 'index-lock';
const MAX_MARKER_BYTES = 4096;
const MARKER_TEXT = 'A pass of agentwork holds the index. The next pass takes this away if it was killed.\n';

/** An index of our own, and of which state of the clone's it is a copy. */
export interface IndexCopy {
  readonly file: string;
  /** Undefined where the clone had none. */
  readonly of: string | undefined;
}

/**
 * The clone's own index, replaced in one step, as git itself does it. Whatever takes time is done in a copy outside of
 * the clone's way. The lock that git respects is a hard link to a file of ours: one that a killed pass left behind is
 * known by that, and no other lock is ever touched.
 */
export class IndexFile {
  readonly #git: GitProcess;
  readonly #scratch: string;

  /** `scratch` is a folder of ours on the file system of the clone. */
  constructor(git: GitProcess, scratch: string) {
    this.#git = git;
    this.#scratch = scratch;
  }

  async copy(): Promise<IndexCopy> {
    this.#makeScratch();
    const index = await this.#path();
    const file = tempName(path.join(this.#scratch, 'index'));
    const of = stampOf(index);
    if (of === undefined) return { file, of };
    copyWhole(index, file);
    const { atime, mtime } = statSync(index);
    // git takes a file that is younger than its index for changed; a copy must not look younger.
    utimesSync(file, atime, mtime);
    return { file, of };
  }

  /**
   * Puts a copy in the place of the index, does `then` while no other git can read one without the other, and takes the
   * copy back where that has a complaint. Returns the complaint. Throws GIT_FAILED while another git holds the index.
   */
  async install(copy: IndexCopy, then: () => Promise<string | undefined>): Promise<string | undefined> {
    return this.#locked(async (index) => {
      if (stampOf(index) !== copy.of) return 'the index is changed by somebody else all the time';
      const before = await this.copy();
      let isDone = false;
      try {
        if (existsSync(copy.file)) patientlySync(() => renameSync(copy.file, index));
        const complaint = await then();
        isDone = complaint === undefined;
        return complaint;
      } finally {
        if (!isDone) putBack(before, index);
        discard(before);
      }
    });
  }

  /** Changes the index while no other git can, for work that changes files of the tree, too; `then` follows at once. */
  async edit(work: (indexFile: string) => Promise<void>, then = async () => {}): Promise<void> {
    await this.#locked(async (index) => {
      const copy = await this.copy();
      try {
        await work(copy.file);
        if (existsSync(copy.file)) patientlySync(() => renameSync(copy.file, index));
        await then();
      } finally {
        discard(copy);
      }
    });
  }

  /** A file of ours that belongs to this work tree: the folder for such files is one for all of the clone. */
  async ownFile(name: string): Promise<string> {
    this.#makeScratch();
    return path.join(this.#scratch, `${name}-${path.basename(path.dirname(await this.#path()))}`);
  }

  /** Takes away a lock that a killed pass of this clone left; true when there was one. */
  async dropOwnLock(): Promise<boolean> {
    return release(`${await this.#path()}.lock`, await this.ownFile(MARKER));
  }

  async #locked<T>(work: (index: string) => T | Promise<T>): Promise<T> {
    const index = await this.#path();
    const lock = `${index}.lock`;
    const marker = await this.ownFile(MARKER);
    await this.#take(lock, marker);
    try {
      return await work(index);
    } finally {
      release(lock, marker);
    }
  }

  async #take(lock: string, marker: string): Promise<void> {
    // Its name can be known before: what lies there is not written through.
    rmSync(marker, { force: true });
    writeOwnFile(marker, MARKER_TEXT);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return takeLock(marker, lock);
      } catch (error) {
        if (systemErrorCode(error) !== 'EEXIST') {
          throw new ExpectedError('UNWRITABLE', `cannot make ${lock}: ${messageOf(error)}`, { cause: error });
        }
        if (attempt === LOCK_TRIES) throw new ExpectedError('GIT_FAILED', `git index: ${INDEX_LOCKED}`);
        await setTimeout(LOCK_WAIT_MS);
      }
    }
  }

  #makeScratch(): void {
    makeOwnFolder(this.#scratch);
  }

  /** A linked work tree has an index of its own. */
  async #path(): Promise<string> {
    return path.join(await this.#git.gitDir(), 'index');
  }
}

/** All at once, where the file system can; else as git does it. Throws EEXIST where there is one. */
function takeLock(marker: string, lock: string): void {
  try {
    linkSync(marker, lock);
  } catch (error) {
    if (!NO_LINKS.has(systemErrorCode(error) ?? '')) throw error;
    copyFileSync(marker, lock, constants.COPYFILE_EXCL);
  }
}

const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** The lock goes only if it is the marker under its other name, or says the same; true when it was. */
function release(lock: string, marker: string): boolean {
  const isOurs = existsSync(lock) && existsSync(marker) && (isSameFile(lock, marker) || isSameText(lock, marker));
  if (isOurs) rmSync(lock, { force: true });
  rmSync(marker, { force: true });
  return isOurs;
}

function putBack({ file, of }: IndexCopy, index: string): void {
  if (of === undefined) rmSync(index, { force: true });
  else patientlySync(() => renameSync(file, index));
}

function copyWhole(from: string, to: string): void {
  try {
    copyFileSync(from, to);
  } catch (error) {
    rmSync(to, { force: true });
    throw new ExpectedError('UNWRITABLE', `cannot write ${to}: ${messageOf(error)}`, { cause: error });
  }
}

/** Removes a copy that was not put in place, and what a killed git left beside it. */
export function discard({ file }: IndexCopy): void {
  rmSync(file, { force: true });
  rmSync(`${file}.lock`, { force: true });
}

/** Tells one state of a file from another; undefined where there is none. */
function stampOf(file: string): string | undefined {
  const stat = statSync(file, { throwIfNoEntry: false, bigint: true });
  return stat && `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}`;
}

function isSameFile(one: string, other: string): boolean {
  const [first, second] = [one, other].map((file) => statSync(file, { bigint: true }));
  return first?.dev === second?.dev && first?.ino === second?.ino;
}

function isSameText(one: string, other: string): boolean {
  const [first, second] = [one, other].map((file) => readHead(file, MAX_MARKER_BYTES));
  return first !== undefined && second !== undefined && first.equals(second);
}
