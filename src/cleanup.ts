import { type Dirent, lstatSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { type Clock, MINUTE_MS } from './clock.ts';
import type { Config } from './config.ts';
import { messageOf } from './errors.ts';
import { isTempName } from './ledger/atomic-file.ts';
import { sessionCaches } from './ledger/caches.ts';
import type { Ledger } from './ledger/ledger.ts';
import { MARKER_NAME } from './ledger/session-facts.ts';
import { type SurveyedSession, surveySessions } from './ledger/survey.ts';
import { expiredTrash } from './ledger/trash.ts';
import { acquireLock, hasStaleLock, lockPath } from './lock.ts';
import { classifySession } from './session/classify.ts';

/** One thing that a cleanup removes, or would. */
export interface Removal {
  readonly path: string;
  readonly kind: 'ghost' | 'temp-file' | 'stale-lock' | 'expired-trash';
  readonly reason: string;
}

export interface CleanupScope {
  readonly sessions: readonly SurveyedSession[];
  /** Folders that hold session folders. */
  readonly folders: readonly string[];
  readonly stateDir: string;
  readonly now: number;
  /** Whether git knows anything in this folder: removing that would leave the clone dirty, and git brings it back. */
  readonly isTracked: (folder: string) => Promise<boolean>;
}

/**
 * Cleans a clone and its recorders' caches, under the lock; a dry run only looks. Returns what was removed, or would be.
 * What cannot be removed is told, and does not keep the rest. Throws LEDGER_LOCKED, UNREADABLE.
 */
export async function runCleanup(
  ledger: Ledger,
  world: {
    readonly clock: Clock;
    readonly environment: NodeJS.ProcessEnv;
    readonly onTrouble: (message: string) => void;
  },
  { config, isDryRun }: { config: Pick<Config, 'sessionCache'>; isDryRun: boolean },
): Promise<readonly Removal[]> {
  const caches = sessionCaches(ledger, world.environment, config.sessionCache);
  const look = async () => {
    const sessions = await surveySessions({ ledger, caches, remembered: () => undefined, journal: [], git: null });
    return planCleanup({
      sessions,
      folders: [ledger.sessionsDir, ...caches],
      stateDir: ledger.stateDir,
      now: world.clock(),
      isTracked: (folder) => ledger.git.isTracked(path.relative(ledger.root, folder)),
    });
  };
  if (isDryRun) return look();
  const stale = hasStaleLock(ledger.stateDir, world.clock()) ? [staleLock(ledger.stateDir)] : [];
  const lock = acquireLock(ledger.stateDir, 'cleanup', world.clock);
  try {
    const plan = await look();
    return [...applyCleanup(plan, world.onTrouble), ...stale];
  } finally {
    lock.release();
  }
}

/** What a cleanup would remove; changes nothing. The rows of a real run are these rows. */
export async function planCleanup({ sessions, folders, stateDir, now, isTracked }: CleanupScope): Promise<Removal[]> {
  const ghosts = sessions.flatMap((session) => ghostRemoval(session, now));
  const kept = await Promise.all(ghosts.map((ghost) => isTracked(ghost.path)));
  return [
    ...ghosts.filter((_, index) => !kept[index]),
    ...folders.flatMap(tempRemovals),
    ...tempFilesIn(stateDir).filter((entry) => isOld(entry.path, now)),
    ...expiredTrash(stateDir, now).map((entry) => removal(entry, 'expired-trash', 'put away more than 30 days ago')),
    ...(hasStaleLock(stateDir, now) ? [staleLock(stateDir)] : []),
  ];
}

/**
 * Removes what a plan names, and returns what could be removed; one thing that cannot does not keep the others. A
 * ghost's folder goes only when nothing else is in it.
 */
export function applyCleanup(plan: readonly Removal[], onTrouble: (message: string) => void): readonly Removal[] {
  return plan.filter((entry) => {
    try {
      if (entry.kind === 'ghost') removeGhost(entry.path);
      else rmSync(entry.path, { recursive: entry.kind === 'expired-trash', force: true });
      return true;
    } catch (error) {
      onTrouble(`cannot remove ${entry.path}: ${messageOf(error)}`);
      return false;
    }
  });
}

/** A ghost recorded nothing, its process is gone, and no transcript of it can be recovered. */
function ghostRemoval(session: SurveyedSession, now: number): Removal[] {
  const { verdict, reason } = classifySession(session.facts, now);
  return verdict === 'ghost' ? [removal(session.folder, 'ghost', reason)] : [];
}

/** Acts on the folder that was scanned, never on a path that the marker tells. */
function removeGhost(folder: string): void {
  rmSync(path.join(folder, MARKER_NAME), { force: true });
  const rest = readdirSync(folder);
  if (rest.length === 0) rmdirSync(folder);
}

function tempRemovals(sessionsFolder: string): Removal[] {
  return entriesOf(sessionsFolder)
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => tempFilesIn(path.join(sessionsFolder, entry.name)));
}

/** Whoever tries for the lock at this moment has a temp file there for an instant. */
const YOUNG_MS = 10 * MINUTE_MS;

function isOld(file: string, now: number): boolean {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  return stat !== undefined && now - stat.mtimeMs > YOUNG_MS;
}

function tempFilesIn(folder: string): Removal[] {
  return entriesOf(folder)
    .filter((entry) => entry.isFile() && isTempName(entry.name))
    .map(({ name }) => removal(path.join(folder, name), 'temp-file', 'left by a pass that was killed'));
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

/** A stale lock goes by being taken over, which is safe, and released. */
function staleLock(stateDir: string): Removal {
  return removal(lockPath(stateDir), 'stale-lock', 'the pass that held it is gone');
}

function removal(target: string, kind: Removal['kind'], reason: string): Removal {
  return { path: target, kind, reason };
}
