import { lstatSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { SECOND_MS, systemClock } from '../clock.ts';
import { readIfThere } from '../regular-file.ts';
import {
  type FileRef,
  type FileToStore,
  isOrdinary,
  type LeftOut,
  planStorage,
  type StoragePlan,
  withAttributes,
} from '../session/file-storage.ts';
import { MAX_POINTER_BYTES, parseLfsPointer } from '../session/lfs-pointer.ts';
import { sessionFileNames } from './artifacts.ts';
import { writeFileAtomic } from './atomic-file.ts';
import { gitPath } from './git/git-path.ts';
import type { LedgerGit } from './git/ledger-git.ts';
import type { LedgerLfs } from './git/lfs.ts';
import { isAbsent, readHead } from './plain-file.ts';
import { readDigest } from './raw-file.ts';
import { META_NAME } from './session-facts.ts';

/** How the files of sessions get into the ledger. */
export interface StoragePolicy {
  readonly lfs: LedgerLfs;
  readonly lfsThreshold: number;
  readonly maxFileBytes: number;
}

/** How the files of a session get into a commit, as far as it is not as they are. */
export interface SessionStorage {
  /** The file that hands some of them to Git LFS, where there is one. */
  readonly attributes: readonly string[];
  readonly leftOut: readonly LeftOut[];
  /** For meta.json; of what is left out, nothing. */
  readonly refs: Readonly<Record<string, FileRef>>;
}

const ATTRIBUTES_NAME = '.gitattributes';
const MAX_ATTRIBUTES_BYTES = 1024 * 1024;

/** git looks again into what is as young as its index, and then without a filter that only our own call knows. */
const SETTLED_MS = 2 * SECOND_MS;

/** Every file as it is: for what no commit takes. */
export function storeAsItIs(folder: string): SessionStorage {
  const files = sessionFileNames(folder).filter((file) => file !== META_NAME);
  const refs = Object.fromEntries(files.map((file) => [file, refOf(path.join(folder, file))]));
  return { attributes: [], leftOut: [], refs };
}

/** What meta.json is to say of files that were written anew and stay where git keeps them already. */
export async function refsInPlace(
  folder: string,
  names: readonly string[],
  { git, lfs }: { readonly git: LedgerGit; readonly lfs: LedgerLfs },
): Promise<Readonly<Record<string, FileRef>>> {
  const relative = relativeIn(folder, git);
  const marked = await lfs.marked(names.map(relative));
  const refs = names.map((name) => {
    const file = path.join(folder, name);
    return [name, marked.has(relative(name)) ? settle(file) : refOf(file)] as const;
  });
  return Object.fromEntries(refs);
}

/**
 * Says for each file of a session whether git takes it as it is, through Git LFS, or not at all, and makes ready what
 * goes to Git LFS. What HEAD has as it is on disk stays as it is, however large. Throws UNWRITABLE.
 */
export async function storeSession(
  folder: string,
  git: LedgerGit,
  { lfs, ...limits }: StoragePolicy,
): Promise<SessionStorage> {
  const relative = relativeIn(folder, git);
  const names = sessionFileNames(folder);
  const marked = await lfs.marked(names.map(relative));
  const files: readonly FileToStore[] = names.map((file) => {
    return { file, size: sizeOf(path.join(folder, file)), isMarked: marked.has(relative(file)) };
  });
  const special = files.filter((file) => !isOrdinary(file, limits));
  if (special.length === 0) return storeAsItIs(folder);
  const rules = { ...limits, usesLfs: await lfs.isUsed(), hasGitLfs: await lfs.isThere() };
  const plans = new Map<string, StoragePlan>();
  for (const file of special) {
    const plan = planStorage(file, rules);
    const isNew = plan.kind === 'left-out' || (plan.kind === 'lfs' && !plan.isMarked);
    if (!isNew || !(await git.matchesHead(relative(file.file)))) plans.set(file.file, plan);
  }
  return store(folder, plans);
}

async function store(folder: string, plans: ReadonlyMap<string, StoragePlan>): Promise<SessionStorage> {
  const large = [...plans].flatMap(([file, plan]) => (plan.kind === 'lfs' ? [{ file, ...plan }] : []));
  const leftOut = [...plans].flatMap(([file, plan]) => (plan.kind === 'left-out' ? [{ file, ...plan }] : []));
  const unmarked = large.filter(({ isMarked }) => !isMarked);
  if (unmarked.length > 0)
    await mark(
      folder,
      unmarked.map(({ file }) => file),
    );
  const attributes = large.length === 0 || isAbsent(path.join(folder, ATTRIBUTES_NAME)) ? [] : [ATTRIBUTES_NAME];
  const refs = new Map(Object.entries(storeAsItIs(folder).refs));
  for (const { file } of large) {
    const ref = settle(path.join(folder, file));
    if (file !== META_NAME) refs.set(file, ref);
  }
  for (const { file } of leftOut) refs.delete(file);
  return { attributes, leftOut: leftOut.map(({ file, reason }) => ({ file, reason })), refs: Object.fromEntries(refs) };
}

/** In the session's own folder, so that it goes with the session, and into a commit of ours. */
async function mark(folder: string, files: readonly string[]): Promise<void> {
  const file = path.join(folder, ATTRIBUTES_NAME);
  const text = withAttributes(readIfThere(file, MAX_ATTRIBUTES_BYTES)?.toString('utf8') ?? '', files);
  if (text !== undefined) await writeFileAtomic(file, text);
}

/** Makes sure that the file does not look changed once it is committed, and says what it is. */
function settle(file: string): FileRef {
  const { atime, mtimeMs } = lstatSync(file);
  const settled = systemClock() - SETTLED_MS;
  if (mtimeMs > settled) utimesSync(file, atime, new Date(settled));
  const ref = refOf(file);
  if (ref.storage === 'lfs') return ref;
  return { storage: 'lfs', oid: `sha256:${readDigest(file, 0).sha256}`, size: ref.size };
}

function refOf(file: string): FileRef {
  const size = sizeOf(file);
  const pointer = size <= MAX_POINTER_BYTES ? parseLfsPointer(readHead(file, size).toString('utf8')) : undefined;
  if (pointer) return { storage: 'lfs', oid: `sha256:${pointer.oid}`, size: pointer.size };
  return { storage: 'git', size };
}

/** From the name in the folder to the path from the root, as git writes it. */
function relativeIn(folder: string, git: LedgerGit): (file: string) => string {
  return (file) => gitPath(git.process.root, path.join(folder, file));
}

const sizeOf = (file: string) => lstatSync(file).size;
