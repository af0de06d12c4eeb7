import type { JsonObject } from './json-object.ts';
import { parseLfsPointer } from './lfs-pointer.ts';
import type { SessionSummary } from './summary.ts';

/** A session as its two small files tell it. Its recording is not looked at. */
export interface StoredSession {
  /** The folder's own name, whatever is in it. */
  readonly name: string;
  readonly summary?: SessionSummary;
  readonly meta?: JsonObject;
  /** What is there and cannot be used, a sentence each. */
  readonly troubles: readonly string[];
  readonly hasPage: boolean;
}

/** What stands where JSON belongs: the end of a sentence that begins with the file's name. */
export function describeBrokenJson(text: string): string {
  if (text.trim() === '') return 'is empty';
  if (parseLfsPointer(text)) return 'is a Git LFS pointer';
  if (/^<{7} /m.test(text) && /^>{7} /m.test(text)) return 'has the marks of a merge conflict';
  return isJson(text) ? 'says nothing of use' : 'is broken';
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
