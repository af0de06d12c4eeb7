import path from 'node:path';
import { ExpectedError } from '../errors.ts';
import { writeFileAtomic } from '../ledger/atomic-file.ts';
import { makeOwnFolder } from '../own-folder.ts';
import { readIfThere } from '../regular-file.ts';
import { parseJson } from '../session/json-object.ts';
import { objectParser, parseCount, parseText } from '../session/json-shape.ts';
import { type Change, fileChange } from './change.ts';
import { isSchedule, type Schedule } from './schedule.ts';
import { ledgerId, TIMER_KINDS, type TimerKind, type TimerOrder } from './timer.ts';

/**
 * What `setup cron` has set up for this ledger: `<state folder>/timer-<id>.json`, as each work tree of a clone can have
 * its own. To ask cron, or one of the others, takes a process: `status` has no time for that, and `setup check` compares.
 */
export interface TimerNote extends Schedule {
  readonly with: TimerKind;
  readonly path: string;
}

const MAX_BYTES = 64 * 1024;

const parseNote = objectParser<TimerNote>(['with', 'every', 'minute', 'hour', 'path'], {
  with: (value) => TIMER_KINDS.find((kind) => kind === value),
  every: parseText,
  minute: parseCount,
  hour: parseCount,
  path: parseText,
});

interface Place {
  readonly root: string;
  readonly stateDir: string;
}

/** Undefined where there is none that can be understood. */
export function readTimerNote(place: Place): TimerNote | undefined {
  try {
    const note = parseNote(parseJson(readIfThere(fileOf(place), MAX_BYTES)?.toString('utf8') ?? ''));
    return note && isSchedule(note) ? note : undefined;
  } catch (error) {
    if (error instanceof ExpectedError) return undefined;
    throw error;
  }
}

export function planTimerNote(place: Place, kind: TimerKind, { schedule, path: searched }: TimerOrder): Change {
  const note: TimerNote = { with: kind, ...schedule, path: searched };
  const text = `${JSON.stringify(note, undefined, 2)}\n`;
  const apply = async () => {
    makeOwnFolder(place.stateDir);
    await writeFileAtomic(fileOf(place), text, { mode: 0o600 });
  };
  return { ...fileChange(fileOf(place), text, 0o600), apply };
}

export function planTimerNoteRemoval(place: Place): readonly Change[] {
  const { before, ...change } = fileChange(fileOf(place), undefined, 0o600);
  return before === undefined ? [] : [{ ...change, before }];
}

const fileOf = ({ root, stateDir }: Place): string => path.join(stateDir, `timer-${ledgerId(root)}.json`);
