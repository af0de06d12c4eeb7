import type { FileRef } from '../session/file-storage.ts';
import { isObject, type JsonObject, parseJson } from '../session/json-object.ts';
import type { InputDigest } from '../session/summary.ts';
import { rewriteFileAtomic } from './atomic-file.ts';
import { formatLike, readWhole } from './file-redaction.ts';
import { META_NAME } from './session-facts.ts';

/** They tell which bytes a summary was made of, and where each file of a session is kept; in the order of writing. */
export const TELLING: readonly string[] = ['summary.json', META_NAME];

/** What is true of the other files now. */
export interface Told {
  /** Of the recording; undefined where there is none. */
  readonly digest: InputDigest | undefined;
  readonly refs: Readonly<Record<string, FileRef>>;
}

/** Makes what such a file says of the others true; one that is no JSON says nothing. Throws UNREADABLE, UNWRITABLE. */
export async function retell(file: string, told: Told): Promise<void> {
  const text = readWhole(file);
  const value = parseJson(text);
  if (!isObject(value)) return;
  const now = formatLike(text, retold(value, told));
  if (now !== formatLike(text, value)) await rewriteFileAtomic(file, [now]);
}

/** A summary of fewer entries stays one, and who says more of the same file keeps the word. */
function retold(value: JsonObject, { digest, refs }: Told): JsonObject {
  const { agentwork, files } = value;
  const input = isObject(agentwork) && isObject(agentwork.input) ? agentwork.input : undefined;
  const isOfThis = digest !== undefined && input?.entries === digest.entries;
  const known = isObject(files) ? Object.entries(refs).filter(([name, ref]) => isOther(files[name], ref)) : [];
  return {
    ...value,
    ...(isOfThis && isObject(agentwork) && { agentwork: { ...agentwork, input: { ...input, ...digest } } }),
    ...(known.length > 0 && isObject(files) && { files: { ...files, ...Object.fromEntries(known) } }),
  };
}

function isOther(before: unknown, ref: FileRef): boolean {
  if (!isObject(before)) return false;
  return before.size !== ref.size || (ref.storage === 'lfs' && before.oid !== ref.oid);
}

/** Whether a file says something of others that are written anew, which has to stay true. Throws UNREADABLE. */
export function tellsOf(
  file: string,
  { others, isRawChanged }: { readonly others: readonly string[]; readonly isRawChanged: boolean },
) {
  const value = parseJson(readWhole(file));
  if (!isObject(value)) return false;
  const { agentwork, files } = value;
  if (isRawChanged && isObject(agentwork) && isObject(agentwork.input)) return true;
  return isObject(files) && others.some((name) => Object.hasOwn(files, name));
}
