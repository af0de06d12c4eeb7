import path from 'node:path';
import { ExpectedError } from '../errors.ts';
import { writeFileAtomic } from '../ledger/atomic-file.ts';
import { makeOwnFolder } from '../own-folder.ts';
import { readIfThere } from '../regular-file.ts';
import { parseJson } from '../session/json-object.ts';
import { type Change, fileChange } from './change.ts';
import { ledgerId } from './timer.ts';

/** A ledger, and where its state is. */
export interface Place {
  readonly root: string;
  readonly stateDir: string;
}

/** What setup remembers of a ledger, as `<state folder>/<kind>-<id>.json`: each work tree of a clone can have its own. */
export type NoteKind = 'timer' | 'recorder';

const MODE = 0o600;
const MAX_BYTES = 64 * 1024;

/** Undefined where there is none, or none that can be read. */
export function readNote(place: Place, kind: NoteKind): unknown {
  try {
    return parseJson(readIfThere(fileOf(place, kind), MAX_BYTES)?.toString('utf8') ?? '');
  } catch (error) {
    if (error instanceof ExpectedError) return undefined;
    throw error;
  }
}

export function planNote(place: Place, kind: NoteKind, note: object): Change {
  const file = fileOf(place, kind);
  const text = `${JSON.stringify(note, undefined, 2)}\n`;
  const apply = async () => {
    makeOwnFolder(place.stateDir);
    await writeFileAtomic(file, text, { mode: MODE });
  };
  return { ...fileChange(file, text, MODE), apply };
}

/** Empty where there is none. */
export function planNoteRemoval(place: Place, kind: NoteKind): readonly Change[] {
  const change = fileChange(fileOf(place, kind), undefined, MODE);
  return change.before === undefined ? [] : [change];
}

const fileOf = ({ root, stateDir }: Place, kind: NoteKind): string =>
  path.join(stateDir, `${kind}-${ledgerId(root)}.json`);
