import { type Dirent, lstatSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { MINUTE_MS } from '../clock.ts';
import { isTempName } from '../ledger/atomic-file.ts';
import type { SessionFiles } from '../ledger/session-facts.ts';
import { COPY_NAME } from '../ledger/trash/durable-move.ts';
import { trashFolder } from '../ledger/trash/trash.ts';
import { orphanedRecords } from '../ledger/trash/trash-origins.ts';
import type { PlannedRemoval } from './removal.ts';

export interface TempScope {
  readonly sessionsDir: string;
  readonly caches: readonly string[];
  readonly stateDir: string;
  readonly now: number;
  /** Folders of the ledger that were looked at; all without it: what is finished was so before anything was left in it. */
  readonly looked?: ReadonlySet<string> | undefined;
  /** Sessions that were read just now: their folders need not be listed again. */
  readonly sessions: readonly SessionFiles[];
}

/** Where somebody else may be at work under a lock of his own, or for an instant without one, only what is old is dead. */
const YOUNG_MS = 10 * MINUTE_MS;

/** What passes that were killed have left half written. */
export function planTempFiles({ sessionsDir, caches, stateDir, now, looked, sessions }: TempScope): PlannedRemoval[] {
  const isOld = (file: string) => now - (changedAt(file) ?? now) > YOUNG_MS;
  const folders = [sessionsDir, ...caches];
  // A folder is copied to beside the folder of sessions, a file to beside the session.
  const beside = new Set([...(looked ? caches : folders), ...folders.map((folder) => path.dirname(folder))]);
  const inSessions = [...(looked ?? [])].filter(isTempName).map((name) => path.join(sessionsDir, name));
  const copies = [...inSessions, ...[...beside].flatMap((folder) => tempsIn(folder))].filter((file) =>
    path.basename(file).startsWith(`.${COPY_NAME}.`),
  );
  const known = new Map(sessions.map(({ folder, temps }) => [folder, temps]));
  return [
    ...sessionTemps(sessionsDir, known, looked),
    ...caches.flatMap((cache) => sessionTemps(cache, known)).filter(isOld),
    ...[...tempsIn(stateDir), ...copies, ...orphanedRecords(trashFolder(stateDir))].filter(isOld),
  ].map(planRemoval);
}

/** Only files: what is a folder in a session's folder is not ours. */
function sessionTemps(
  parent: string,
  known: ReadonlyMap<string, SessionFiles['temps']>,
  looked?: ReadonlySet<string>,
): string[] {
  const names = () => entriesOf(parent).flatMap((entry) => (entry.isDirectory() ? entry.name : []));
  return [...(looked ?? names())].flatMap((name) => {
    const folder = path.join(parent, name);
    const temps = known.get(folder)?.map((temp) => path.join(folder, temp));
    return temps ?? tempsIn(folder, (entry) => entry.isFile());
  });
}

function tempsIn(folder: string, isOurs = (entry: Dirent) => entry.isFile() || entry.isDirectory()): string[] {
  return entriesOf(folder)
    .filter((entry) => isTempName(entry.name) && isOurs(entry))
    .map(({ name }) => path.join(folder, name));
}

function planRemoval(file: string): PlannedRemoval {
  return {
    row: { path: file, kind: 'temp-file', reason: 'left by a pass that was killed' },
    remove: () => {
      const stat = lstatSync(file, { throwIfNoEntry: false });
      if (!stat?.isFile() && !stat?.isDirectory()) return false;
      rmSync(file, { recursive: stat.isDirectory() });
      return true;
    },
  };
}

function changedAt(file: string): number | undefined {
  try {
    return lstatSync(file).mtimeMs;
  } catch {
    // Gone meanwhile, or in a folder that may be listed but not entered: it stays.
    return undefined;
  }
}

/** None for a folder that is not there or may not be entered: nothing of ours was left in it. */
function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // Whoever looks for sessions there says what is wrong with it.
    return [];
  }
}
