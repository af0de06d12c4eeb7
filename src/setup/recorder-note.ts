import { listParser, objectParser, parseText } from '../session/json-shape.ts';
import type { Change } from './change.ts';
import { formerRoots, type Place, planNote, readNote } from './note.ts';
import { settingsFile } from './recorder.ts';

/** Into which settings `setup recorder` has written for this ledger: who logs in elsewhere may have another CLAUDE_CONFIG_DIR. */
interface RecorderNote {
  readonly settings: readonly string[];
  /** The cache that it has named there. */
  readonly cache: string;
}

const parseNote = objectParser<RecorderNote>(['settings', 'cache'], {
  settings: listParser(parseText),
  cache: parseText,
});

/** Where our recorder of a ledger can be. */
export interface RecorderPlaces {
  /** The settings of this environment first. */
  readonly settings: readonly string[];
  /** Caches that it can name there: the one of now first, then those of where the clone was before. */
  readonly caches: readonly string[];
}

export function recorderPlaces(place: Place, cache: string, environment: NodeJS.ProcessEnv): RecorderPlaces {
  const notes = [place.root, ...formerRoots(place)].flatMap(
    (root) => parseNote(readNote({ ...place, root }, 'recorder')) ?? [],
  );
  return {
    settings: [...new Set([settingsFile(environment), ...notes.flatMap(({ settings }) => settings)])],
    caches: [...new Set([cache, ...notes.map((note) => note.cache)])],
  };
}

export function planRecorderNote(place: Place, cache: string, { settings }: RecorderPlaces): Change {
  const note: RecorderNote = { settings: [...settings].sort(), cache };
  return planNote(place, 'recorder', note);
}
