import { readdirSync } from 'node:fs';
import path from 'node:path';
import { writeFileAtomic } from '../ledger/atomic-file.ts';
import { isAbsent } from '../ledger/plain-file.ts';
import { makeOwnFolder } from '../own-folder.ts';
import { readTextIfPossible } from '../regular-file.ts';
import { parseJson, parseObject, stringAt } from '../session/json-object.ts';
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
  return parseJson(readTextIfPossible(fileOf(place, kind), MAX_BYTES) ?? '');
}

export function planNote(place: Place, kind: NoteKind, note: object): Change {
  const file = fileOf(place, kind);
  const text = `${JSON.stringify({ ledger: place.root, ...note }, undefined, 2)}\n`;
  const apply = async () => {
    makeOwnFolder(place.stateDir);
    await writeFileAtomic(file, text, { mode: MODE });
  };
  return { ...fileChange(file, text, MODE), apply };
}

/** Of the ledger, and of where it was before. */
export function planNoteRemoval(place: Place, kind: NoteKind): readonly Change[] {
  return [...removal(fileOf(place, kind)), ...planFormerNotesRemoval(place, kind)];
}

/** Once a new one is there. */
export function planFormerNotesRemoval(place: Place, kind: NoteKind): readonly Change[] {
  return formerRoots(place).flatMap((root) => removal(fileOf({ ...place, root }, kind)));
}

function removal(file: string): readonly Change[] {
  const change = fileChange(file, undefined, MODE);
  return change.before === undefined ? [] : [change];
}

/** Where the clone was before somebody moved it, as far as setup has left a note of that. */
export function formerRoots({ root, stateDir }: Place): readonly string[] {
  const names = isAbsent(stateDir) ? [] : readdirSync(stateDir);
  const roots = names.flatMap((name) => {
    const text = NOTE_NAME.test(name) ? readTextIfPossible(path.join(stateDir, name), MAX_BYTES) : undefined;
    return stringAt(parseObject(text ?? ''), 'ledger') ?? [];
  });
  // Another work tree of the clone has notes of its own, and is there.
  return [...new Set(roots)].filter((each) => each !== root && isAbsent(each));
}

const NOTE_NAME = /^(?:timer|recorder)-[0-9a-f]+\.json$/;

const fileOf = ({ root, stateDir }: Place, kind: NoteKind): string =>
  path.join(stateDir, `${kind}-${ledgerId(root)}.json`);
