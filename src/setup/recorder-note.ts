import { listParser, objectParser, parseText } from '../session/json-shape.ts';
import type { Change } from './change.ts';
import { type Place, planNote, readNote } from './note.ts';
import { settingsFile } from './recorder.ts';

/** Into which settings `setup recorder` has written for this ledger: who logs in elsewhere may have another CLAUDE_CONFIG_DIR. */
interface RecorderNote {
  readonly settings: readonly string[];
}

const parseNote = objectParser<RecorderNote>(['settings'], { settings: listParser(parseText) });

/** Where our recorder of this ledger can be: the settings of this environment first. */
export function recorderSettings(place: Place, environment: NodeJS.ProcessEnv): readonly string[] {
  const noted = parseNote(readNote(place, 'recorder'))?.settings ?? [];
  return [...new Set([settingsFile(environment), ...noted])];
}

export function planRecorderNote(place: Place, environment: NodeJS.ProcessEnv): Change {
  const note: RecorderNote = { settings: [...recorderSettings(place, environment)].sort() };
  return planNote(place, 'recorder', note);
}
