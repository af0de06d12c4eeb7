import { objectParser, parseCount, parseText } from '../session/json-shape.ts';
import type { Change } from './change.ts';
import { type Place, planNote, readNote } from './note.ts';
import { isSchedule, type Schedule } from './schedule.ts';
import { TIMER_KINDS, type TimerKind, type TimerOrder } from './timer.ts';

/**
 * What `setup cron` has set up for this ledger. To ask cron, or one of the others, takes a process: `status` has no time for
 * that, and `setup check` compares.
 */
export interface TimerNote extends Schedule {
  readonly with: TimerKind;
  readonly path: string;
}

const parseNote = objectParser<TimerNote>(['with', 'every', 'minute', 'hour', 'path'], {
  with: (value) => TIMER_KINDS.find((kind) => kind === value),
  every: parseText,
  minute: parseCount,
  hour: parseCount,
  path: parseText,
});

/** Undefined where there is none that can be understood. */
export function readTimerNote(place: Place): TimerNote | undefined {
  const note = parseNote(readNote(place, 'timer'));
  return note && isSchedule(note) ? note : undefined;
}

export function planTimerNote(place: Place, kind: TimerKind, { schedule, path: searched }: TimerOrder): Change {
  const note: TimerNote = { with: kind, ...schedule, path: searched };
  return planNote(place, 'timer', note);
}
