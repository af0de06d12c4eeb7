import { existsSync } from 'node:fs';
import path from 'node:path';
import { GitPluginError } from 'simple-git';
import { MINUTE_MS } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import { isObjectId, MAX_POINTER_BYTES, parseLfsPointer } from '../../session/lfs-pointer.ts';
import type { GitProcess } from './process.ts';
import type { LedgerRemote } from './remote.ts';

/** Whatever git-lfs goes on to bring or to send meanwhile. */
export const LFS_LIMIT_MS = 10 * MINUTE_MS;

/** Words with which git-lfs shows a sign of life, also where nobody watches. */
export const WITH_PROGRESS = ['-c', 'lfs.forceprogress=true'] as const;

/** Enough of them to know a ledger that uses Git LFS by. */
const MOST_POINTERS_ASKED = 20;

/** Git LFS in one clone. Whether git-lfs is there is asked once, and only when something depends on it. */
export class LedgerLfs {
  readonly #git: GitProcess;
  readonly #remote: LedgerRemote;
  readonly #commonDir: string;
  #store: Promise<string | undefined> | undefined;
  #isUsed: Promise<boolean> | undefined;
  #shared: Promise<boolean> | undefined;

  /** `commonDir`: git's own folder, of all work trees of the clone. */
  constructor(git: GitProcess, remote: LedgerRemote, commonDir: string) {
    this.#git = git;
    this.#commonDir = commonDir;
    this.#remote = remote;
  }

  async isThere(): Promise<boolean> {
    return (await this.#storeFolder()) !== undefined;
  }

  /** Where git-lfs keeps this object, or would; undefined without git-lfs, or where this names no object. */
  async objectPath(oid: string): Promise<string | undefined> {
    if (!isObjectId(oid)) return undefined;
    const store = await this.#storeFolder();
    return store && path.join(store, oid.slice(0, 2), oid.slice(2, 4), oid);
  }

  /** Brings the content behind pointers of HEAD into git-lfs's own store, and changes no other file. What went wrong, if anything. */
  async fetch(files: readonly string[]): Promise<string | undefined> {
    const remote = (await this.#remote.branch())?.remote ?? 'origin';
    const which = [`--include=${files.map(asPattern).join(',')}`, '--exclude='];
    const options = [...WITH_PROGRESS, '-c', 'lfs.fetchrecentalways=false'];
    try {
      await this.#git.run([...options, 'lfs', 'fetch', remote, 'HEAD', ...which], { limitMs: LFS_LIMIT_MS });
      return undefined;
    } catch (error) {
      return lfsMessage(error);
    }
  }

  /** Which of these files have the attribute that makes git hand them to git-lfs. */
  async marked(files: readonly string[]): Promise<ReadonlySet<string>> {
    if (!(await this.#hasAttributes(files))) return new Set();
    const answer = await this.#git.run(['check-attr', '-z', 'filter', '--', ...files]);
    const parts = answer.split('\0');
    return new Set(parts.filter((_, index) => index % 3 === 0 && parts[index + 2] === 'lfs'));
  }

  /** Whether the ledger as it is committed keeps anything in Git LFS: an attribute says so, or a pointer in a recording's place. */
  async isUsed(): Promise<boolean> {
    this.#isUsed ??= this.#hasAttribute().then((hasAttribute) => hasAttribute || this.#hasPointer());
    return this.#isUsed;
  }

  /** Most ledgers have no attributes at all, and need not be asked about each session. */
  async #hasAttributes(files: readonly string[]): Promise<boolean> {
    this.#shared ??= existsSync(path.join(this.#commonDir, 'info', 'attributes'))
      ? Promise.resolve(true)
      : this.#git.run(['ls-files', '-z', '--', ':(top,glob)**/.gitattributes']).then((listed) => listed !== '');
    const folders = new Set(files.flatMap(foldersOf));
    const isIn = (folder: string) => existsSync(path.join(this.#git.root, folder, '.gitattributes'));
    return (await this.#shared) || [...folders].some(isIn);
  }

  async #hasAttribute(): Promise<boolean> {
    const words = [
      'grep',
      '--quiet',
      '--fixed-strings',
      '-e',
      'filter=lfs',
      'HEAD',
      '--',
      ':(top,glob)**/.gitattributes',
    ];
    return (await this.#git.ask(words)) !== undefined;
  }

  async #hasPointer(): Promise<boolean> {
    const listed = await this.#git.ask(['ls-tree', '-r', '-l', '-z', '--full-tree', 'HEAD', '--', 'sessions']);
    const small = (listed ?? '').split('\0').flatMap((line) => {
      const [, oid = '', size = ''] = /^100\d{3} blob ([0-9a-f]+) +(\d+)\t.*\/raw\.jsonl$/s.exec(line) ?? [];
      return size !== '' && Number(size) <= MAX_POINTER_BYTES ? [oid] : [];
    });
    for (const blob of small.slice(0, MOST_POINTERS_ASKED)) {
      if (parseLfsPointer((await this.#git.ask(['cat-file', 'blob', blob])) ?? '')) return true;
    }
    return false;
  }

  #storeFolder(): Promise<string | undefined> {
    this.#store ??= this.#git.ask(['lfs', 'env']).then((answer) => /^LocalMediaDir=(.+)$/m.exec(answer ?? '')?.[1]);
    return this.#store;
  }
}

/** What git-lfs said went wrong, without its progress. */
export function lfsMessage(error: unknown): string {
  const cause = (error as Error).cause;
  // A call that was ended says so itself; all that git-lfs said stands in the cause.
  const said = cause === undefined || cause instanceof GitPluginError ? error : cause;
  const lines = messageOf(said)
    .replace(/^git lfs: /, '')
    .split(/[\r\n;]+/)
    .map((line) => line.replace(/^\s*(error|fatal): /, '').trim())
    .filter((line) => line !== '' && !/^(fetch: |(Down|Up)loading LFS objects)/.test(line));
  return [...new Set(lines)].join('; ');
}

/** `sessions/a/raw.jsonl` -> the root, `sessions`, `sessions/a`. */
function foldersOf(file: string): readonly string[] {
  const parts = file.split('/').slice(0, -1);
  return ['', ...parts.map((_, index) => parts.slice(0, index + 1).join('/'))];
}

/** A file's path as a pattern of git-lfs: signs that mean something in a list of patterns stand for any sign. */
function asPattern(file: string): string {
  return file.replace(/[,*[\]{}\\!#]/g, '?');
}
