/** A Git LFS pointer (git-lfs specification v1): the content it stands for is elsewhere. */
export interface LfsPointer {
  /** Bare hex sha256 of the content. */
  readonly oid: string;
  /** Bytes of the content. */
  readonly size: number;
}

/** A pointer is never longer. */
export const MAX_POINTER_BYTES = 200;

/** Recognised by content alone, never by name or attributes; undefined for anything else. */
export function parseLfsPointer(text: string): LfsPointer | undefined {
  if (text.length > MAX_POINTER_BYTES) return undefined;
  const lines = text.trim().split(/\r?\n/);
  if (lines.length < 3 || !lines[0]?.startsWith('version ') || !lines[0].includes('git-lfs')) return undefined;
  const oid = lines.find((line) => line.startsWith('oid '))?.replace(/^oid (sha256:)?/, '');
  const size = Number(lines.find((line) => line.startsWith('size '))?.slice('size '.length));
  return oid && size > 0 && Number.isSafeInteger(size) ? { oid, size } : undefined;
}

/** Whether it names content as Git LFS does. Anything else may be a path that leads elsewhere. */
export function isObjectId(oid: string): boolean {
  return /^[0-9a-f]{64}$/.test(oid);
}
