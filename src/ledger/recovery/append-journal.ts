import path from 'node:path';
import { systemErrorCode } from '../../errors.ts';
import { isObject } from '../../session/json-object.ts';
import { readHead } from '../plain-file.ts';

/** Written by a recorder before it appends: until its cursor is saved, nobody knows whether the append was confirmed. */
export const APPEND_JOURNAL_NAME = 'raw.jsonl.append.json';

const MAX_JOURNAL_BYTES = 64 * 1024;

/** Sizes of raw.jsonl before and after the append, and the recorder's place in the transcript before and after. */
export interface AppendJournal {
  readonly rawSize: number;
  readonly finalSize?: number;
  readonly oldOffset: number;
  readonly newOffset: number;
}

/** Undefined when there is none; null for one that says nothing that can be used. */
export function readAppendJournal(folder: string): AppendJournal | null | undefined {
  try {
    const value: unknown = JSON.parse(
      readHead(path.join(folder, APPEND_JOURNAL_NAME), MAX_JOURNAL_BYTES).toString('utf8'),
    );
    return parseAppendJournal(value);
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    return systemErrorCode(cause) === 'ENOENT' ? undefined : null;
  }
}

function parseAppendJournal(value: unknown): AppendJournal | null {
  if (!isObject(value)) return null;
  const { raw_size: rawSize, final_size: finalSize, old_offset: oldOffset, new_offset: newOffset } = value;
  if (!isSize(rawSize) || !isSize(oldOffset) || !isSize(newOffset) || oldOffset > newOffset) return null;
  return { rawSize, oldOffset, newOffset, ...(isSize(finalSize) && finalSize >= rawSize && { finalSize }) };
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
