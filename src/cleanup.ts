import path from 'node:path';
import { planAgentFolders } from './cleanup/agent-folders.ts';
import { planDeadRecording } from './cleanup/dead-recordings.ts';
import { planPushedCopies } from './cleanup/pushed-copies.ts';
import type { PlannedRemoval, Removal } from './cleanup/removal.ts';
import { planTempFiles } from './cleanup/temp-files.ts';
import { trackedAmong } from './cleanup/tracked-paths.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { messageOf } from './errors.ts';
import { sessionCaches } from './ledger/caches.ts';
import type { Ledger } from './ledger/ledger.ts';
import { agentFoldersIn } from './ledger/recovery/agent-transcripts.ts';
import { type SurveyedSession, type SurveyOptions, surveySession, surveySessions } from './ledger/survey.ts';
import { deleteFromTrash, expiredTrash, type TrashEntry } from './ledger/trash/trash.ts';
import { acquireLock, hasStaleLock, lockPath } from './lock.ts';
import { memoryOf, readState } from './state.ts';

export type { Removal };

export interface CleanupScope {
  /** Which sessions there are, what is remembered of them, and the git that is asked what it tracks and what is pushed. */
  readonly survey: SurveyOptions;
  /** As they were surveyed a moment ago; it is done here without them. */
  readonly sessions?: readonly SurveyedSession[];
  readonly stateDir: string;
  readonly now: number;
  /** Whether cached copies go whose session is pushed. A pass leaves them: it would say so after each push. */
  readonly pushedCopies: 'go' | 'stay';
  /** Where agents get their folders; the machine's temporary folder without it. */
  readonly temporary?: string | undefined;
}

export interface CleanupWorld {
  readonly clock: Clock;
  readonly environment: NodeJS.ProcessEnv;
  readonly onTrouble: (message: string) => void;
}

/**
 * Cleans a clone and its recorders' caches, under the lock; a dry run only looks. Returns what was removed, or would be.
 * What cannot be removed is told, and does not keep the rest. Throws LEDGER_LOCKED, UNREADABLE.
 */
export async function runCleanup(
  ledger: Ledger,
  world: CleanupWorld,
  { config, isDryRun }: { config: Pick<Config, 'sessionCache' | 'exclude'>; isDryRun: boolean },
): Promise<readonly Removal[]> {
  const { stateDir } = ledger;
  const look = () =>
    planCleanup({
      survey: surveyOf(ledger, world, config),
      stateDir,
      now: world.clock(),
      pushedCopies: 'go',
    });
  // A stale lock goes by being taken over, which is safe, and released.
  const stale = hasStaleLock(stateDir, world.clock()) ? [staleLock(stateDir)] : [];
  if (isDryRun) return [...(await look()).map(({ row }) => row), ...stale];
  const lock = acquireLock(stateDir, 'cleanup', world.clock);
  try {
    return [...(await applyCleanup(await look(), world.onTrouble)), ...stale];
  } finally {
    lock.release();
  }
}

/** What a cleanup would remove; changes nothing. The rows of a real run are these rows. Throws UNREADABLE, GIT_FAILED. */
export async function planCleanup(scope: CleanupScope): Promise<PlannedRemoval[]> {
  const { survey, stateDir, now, pushedCopies, temporary } = scope;
  const { ledger, caches, git, remembered } = survey;
  const { sessionsDir } = ledger;
  const withoutGit = { ...survey, git: null };
  const lookAgain = ({ folder, facts }: SurveyedSession) => surveySession(folder, facts.place, withoutGit);
  const sessions = scope.sessions ?? (await surveySessions(withoutGit));
  const inFolders = [
    ...sessions.flatMap((session) => planDeadRecording(session, { now, lookAgain })),
    ...(pushedCopies === 'go' ? await planPushedCopies(sessions, { git, remembered, stateDir, now, lookAgain }) : []),
    ...planTempFiles({ sessionsDir, caches, stateDir, now, looked: survey.finished?.looked, sessions }),
  ];
  const paths = inFolders.map(({ row }) => row.path);
  const tracked = await trackedAmong(paths, path.dirname(sessionsDir), git);
  return [
    ...inFolders.filter(({ row }) => !tracked.has(row.path)),
    ...(await planAgentFolders(now, temporary)),
    ...expiredTrash(stateDir, now).map(planDeletion),
  ];
}

/** Does what was planned, and returns what is gone by it. One thing that cannot be removed does not keep the others. */
export async function applyCleanup(
  plan: readonly PlannedRemoval[],
  onTrouble: (message: string) => void,
): Promise<readonly Removal[]> {
  const removed: Removal[] = [];
  for (const { row, remove } of plan) {
    try {
      if (await remove()) removed.push(row);
    } catch (error) {
      onTrouble(`cannot remove ${row.path}: ${messageOf(error)}`);
    }
  }
  return removed;
}

/** The same look as a pass has, so that a session which can be recovered is no ghost to either. */
export function surveyOf(
  ledger: Ledger,
  { environment, onTrouble }: Omit<CleanupWorld, 'clock'>,
  { sessionCache, exclude }: Pick<Config, 'sessionCache' | 'exclude'>,
): SurveyOptions {
  const { state, warning } = readState(ledger.stateDir);
  if (warning !== undefined) onTrouble(warning);
  return {
    ledger,
    caches: sessionCaches(ledger, environment, sessionCache, onTrouble),
    exclude,
    remembered: (key) => memoryOf(state, key),
    journal: state.journal,
    unclean: state.unclean,
    git: ledger.git,
    lfs: ledger.lfs,
    agentFolders: agentFoldersIn(environment),
    onTrouble,
  };
}

function planDeletion(entry: TrashEntry): PlannedRemoval {
  return {
    row: { path: entry.path, kind: 'expired-trash', reason: 'put away more than 30 days ago' },
    remove: () => {
      deleteFromTrash(entry);
      return true;
    },
  };
}

function staleLock(stateDir: string): Removal {
  return { path: lockPath(stateDir), kind: 'stale-lock', reason: 'the pass that held it is gone' };
}
