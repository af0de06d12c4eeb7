import { lstatSync, type Stats } from 'node:fs';
import path from 'node:path';
import type { Clock } from './clock.ts';
import { ExpectedError } from './errors.ts';
import { isInLedger, type Ledger } from './ledger/ledger.ts';
import { RAW_NAME } from './ledger/raw-state.ts';
import { listTrash, restoreFromTrash, type TrashEntry } from './ledger/trash/trash.ts';
import type { TrashOrigin } from './ledger/trash/trash-origins.ts';
import { acquireLock } from './lock.ts';
import { unsafeNameReason } from './session/name.ts';
import { StateStore } from './state.ts';

/** What came back from the trash, or would. */
export interface Restored {
  /** Of the entry in the trash. */
  readonly name: string;
  /** Where it lies again. */
  readonly path: string;
  /** The session that stays on this machine by it; undefined when it is no recording. */
  readonly session: string | undefined;
}

export interface RestoreWorld {
  readonly clock: Clock;
  readonly onTrouble: (message: string) => void;
}

/**
 * Puts an entry of the trash back where it came from, under the lock; a dry run only looks. That it stays local is
 * remembered before it moves: whenever this is killed, no pass judges it anew. Throws UNKNOWN_SESSION,
 * NOT_RECOVERABLE, UNWRITABLE, LEDGER_LOCKED.
 */
export async function runRestore(
  ledger: Ledger,
  world: RestoreWorld,
  { name, isDryRun }: { name: string; isDryRun: boolean },
): Promise<Restored> {
  if (isDryRun) return findReturn(ledger, name).restored;
  const lock = acquireLock(ledger.stateDir, 'cleanup', world.clock);
  try {
    const { entry, origin, recording, restored } = findReturn(ledger, name);
    if (recording) await rememberLocal(ledger, recording, world);
    restoreFromTrash(entry, origin);
    return restored;
  } finally {
    lock.release();
  }
}

interface Return {
  readonly entry: TrashEntry;
  readonly origin: TrashOrigin;
  readonly recording: Recording | undefined;
  readonly restored: Restored;
}

/** A session's folder, and the bytes of its recording. */
interface Recording {
  readonly folder: string;
  readonly bytes: number;
}

function findReturn(ledger: Ledger, name: string): Return {
  const entries = listTrash(ledger.stateDir);
  const entry = entries.find((candidate) => candidate.name === name);
  if (!entry) throw notThere(name, entries);
  const { origin } = entry;
  if (!origin) throw withoutRecord(entry);
  if (statOf(origin.path)) throw placeTaken(entry, origin);
  const recording = recordingOf(entry, origin);
  const session = recording && path.basename(recording.folder);
  return { entry, origin, recording, restored: { name, path: origin.path, session } };
}

/** A folder is a session's; a file is one's recording, or nothing that a pass would look at. */
function recordingOf(entry: TrashEntry, origin: TrashOrigin): Recording | undefined {
  if (!statOf(entry.path)?.isDirectory()) {
    const isRecording = path.basename(origin.path) === RAW_NAME;
    return isRecording ? { folder: path.dirname(origin.path), bytes: statOf(entry.path)?.size ?? 0 } : undefined;
  }
  return { folder: origin.path, bytes: statOf(path.join(entry.path, RAW_NAME))?.size ?? 0 };
}

async function rememberLocal(ledger: Ledger, { folder, bytes }: Recording, { onTrouble }: RestoreWorld): Promise<void> {
  const { store, warning } = await StateStore.open(ledger.stateDir);
  if (warning !== undefined) onTrouble(warning);
  const key = isInLedger(ledger, folder) ? path.basename(folder) : folder;
  store.remember(key, {
    verdict: 'local_only',
    reason: 'restored from the trash',
    recording: { path: folder, bytes },
  });
  await store.save();
}

function statOf(file: string): Stats | undefined {
  try {
    return lstatSync(file);
  } catch {
    // Not there, or not to be reached: then the move says why.
    return undefined;
  }
}

const MAX_SUGGESTIONS = 5;

function notThere(name: string, entries: readonly TrashEntry[]): ExpectedError {
  if (entries.length === 0) {
    return new ExpectedError('UNKNOWN_SESSION', `there is no ${JSON.stringify(name)} in the trash: the trash is empty`);
  }
  const names = entries.map((entry) => entry.name).filter((there) => unsafeNameReason(there) === undefined);
  return new ExpectedError('UNKNOWN_SESSION', `there is no ${JSON.stringify(name)} in the trash`, {
    suggestions: names.slice(0, MAX_SUGGESTIONS).map((there) => `agentwork cleanup --restore ${there}`),
  });
}

function withoutRecord({ name, path: file }: TrashEntry): ExpectedError {
  return new ExpectedError('NOT_RECOVERABLE', `nothing tells where ${name} came from`, {
    suggestions: [`it lies in ${file}: move it by hand`],
  });
}

function placeTaken({ path: file }: TrashEntry, origin: TrashOrigin): ExpectedError {
  return new ExpectedError('UNWRITABLE', `something is in its place already: ${origin.path}`, {
    suggestions: [`move that away first, or take what you need from ${file}`],
  });
}
