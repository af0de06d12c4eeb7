/** A file of a finished session, as it lies on disk. */
export interface FileToStore {
  readonly file: string;
  readonly size: number;
  /** An attribute of the ledger makes git hand it to Git LFS. */
  readonly isMarked: boolean;
}

export interface StorageRules {
  /** From which size on a file goes to Git LFS, where the ledger uses that. */
  readonly lfsThreshold: number;
  /** From which size on nothing is committed as it is. */
  readonly maxFileBytes: number;
  readonly usesLfs: boolean;
  readonly hasGitLfs: boolean;
}

/** What the others read themselves, and what every pass reads of sessions that lie elsewhere. */
const ALWAYS_PLAIN: ReadonlySet<string> = new Set(['summary.json', 'meta.json']);

/** `unmarked`: it needs an attribute first. `left-out`: no commit takes it; `reason` completes "<file> is not committed: …". */
export type StoragePlan =
  | { readonly kind: 'git' }
  | { readonly kind: 'lfs'; readonly isMarked: boolean }
  | { readonly kind: 'left-out'; readonly reason: string };

/** A file of a session that no commit takes, and why. */
export interface LeftOut {
  readonly file: string;
  readonly reason: string;
}

/** What `files` of meta.json says of a file. */
export type FileRef =
  | { readonly storage: 'git'; readonly size: number }
  | { readonly storage: 'lfs'; readonly oid: string; readonly size: number };

/** Where a file is to be kept: history forgets nothing, so that what is too large for it never gets into it. */
export function planStorage({ file, size, isMarked }: FileToStore, rules: StorageRules): StoragePlan {
  const isLarge = rules.usesLfs && size > rules.lfsThreshold && !ALWAYS_PLAIN.has(file);
  if (isMarked || isLarge) {
    if (rules.hasGitLfs) return { kind: 'lfs', isMarked };
    return { kind: 'left-out', reason: 'it belongs into Git LFS, and git-lfs is not installed' };
  }
  if (size <= rules.maxFileBytes) return { kind: 'git' };
  const reason = `it has ${formatMegabytes(size)}, more than agentwork.maxFileBytes (${formatMegabytes(rules.maxFileBytes)})`;
  return { kind: 'left-out', reason };
}

/** Whether there is anything to decide about a file. */
export function isOrdinary(
  { size, isMarked }: FileToStore,
  rules: Pick<StorageRules, 'lfsThreshold' | 'maxFileBytes'>,
) {
  return !isMarked && size <= rules.lfsThreshold && size <= rules.maxFileBytes;
}

/** Three digits say enough, and two sizes that differ do not look the same. */
function formatMegabytes(bytes: number): string {
  const megabytes = bytes / (1024 * 1024);
  return megabytes >= 0.1 ? `${Number(megabytes.toPrecision(3))} MB` : `${bytes} bytes`;
}

/** The line that makes git hand this file of a folder to Git LFS. */
export function attributeLine(file: string): string {
  return `${file} filter=lfs diff=lfs merge=lfs -text`;
}

/** The attributes of a folder with those of these files added; undefined where all stand there. */
export function withAttributes(existing: string, files: readonly string[]): string | undefined {
  const known = new Set(existing.split(/\r?\n/));
  const missing = files.map(attributeLine).filter((line) => !known.has(line));
  if (missing.length === 0) return undefined;
  const begin = existing === '' || existing.endsWith('\n') ? existing : `${existing}\n`;
  return `${begin}${missing.join('\n')}\n`;
}
