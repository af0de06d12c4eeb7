import { lstatSync } from 'node:fs';
import path from 'node:path';
import { ExpectedError } from '../errors.ts';
import type { LedgerGit, Upstream } from '../ledger/git/ledger-git.ts';
import { readDigest } from '../ledger/raw-file.ts';
import { RAW_NAME } from '../ledger/raw-state.ts';
import { memoryKey, type SessionMemory } from '../ledger/recording-stamp.ts';
import { RemoteView } from '../ledger/remote-view.ts';
import { META_NAME } from '../ledger/session-facts.ts';
import type { SurveyedSession } from '../ledger/survey.ts';
import { moveToTrash } from '../ledger/trash/trash.ts';
import { ARTIFACTS } from '../session/facts.ts';
import { MAX_POINTER_BYTES, parseLfsPointer } from '../session/lfs-pointer.ts';
import type { SecondLook } from './dead-recordings.ts';
import type { PlannedRemoval } from './removal.ts';

export interface CopiesScope extends SecondLook {
  readonly git: LedgerGit | null;
  /** Asked with a `memoryKey`. */
  readonly remembered: (key: string) => SessionMemory | undefined;
  readonly stateDir: string;
}

/** A copy in a cache, the name under which the ledger has it, and what its bytes were when it was staged. */
interface Copy {
  readonly session: SurveyedSession;
  readonly stagedAs: string;
  readonly sha256: string;
}

/**
 * Copies in caches that the remote has, and that are still what was staged. They are the only originals with nothing
 * replaced, so they are moved to the trash, never deleted. Without such a memory neither git nor a file is asked.
 */
export async function planPushedCopies(
  sessions: readonly SurveyedSession[],
  scope: CopiesScope,
): Promise<PlannedRemoval[]> {
  const copies = sessions.flatMap((session) => copyOf(session, scope));
  const remote = copies.length > 0 && scope.git ? await openRemote(scope.git) : undefined;
  if (!remote) return [];
  const plan: PlannedRemoval[] = [];
  for (const copy of copies) {
    if (!(await isAtRemote(copy.stagedAs, remote))) continue;
    const stamp = stampIfStaged(copy);
    if (stamp !== undefined) plan.push(planMove(copy, stamp, remote, scope));
  }
  return plan;
}

function copyOf(session: SurveyedSession, { remembered }: CopiesScope): Copy[] {
  const { facts } = session;
  const isLeftAlone = facts.isHeld || facts.excludedBy !== undefined;
  const isFree = facts.foreign === undefined && !facts.recorder && !isLeftAlone && facts.raw.kind === 'content';
  if (facts.place !== 'cache' || !isFree || facts.remembered?.verdict !== 'staged') return [];
  const memory = remembered(memoryKey(session));
  const { sha256 } = memory?.recording ?? {};
  return memory?.staged_as && sha256 ? [{ session, stagedAs: memory.staged_as, sha256 }] : [];
}

interface Remote {
  readonly view: RemoteView;
  readonly upstream: Upstream;
  readonly git: LedgerGit;
  readonly unpushed: ReadonlySet<string>;
  /** Ids of the files of all sessions, there and here. */
  readonly theirs: ReadonlyMap<string, string>;
  readonly ours: ReadonlyMap<string, string>;
}

async function openRemote(git: LedgerGit): Promise<Remote | undefined> {
  const view = await RemoteView.open(git);
  const upstream = await git.upstream();
  if (!view || !upstream || upstream.isGone) return undefined;
  const [theirs, ours] = [await git.blobsIn(upstream.ref, 'sessions'), await git.blobsIn('HEAD', 'sessions')];
  return { view, upstream, git, unpushed: await view.unpushedSessions(), theirs, ours };
}

const ALL_FILES = [RAW_NAME, ...ARTIFACTS, META_NAME];

/** Whether the remote has the whole session, with the recording that this clone committed, and nothing is left to push. */
async function isAtRemote(session: string, { view, theirs, ours, unpushed, git, upstream }: Remote): Promise<boolean> {
  if (unpushed.has(session) || !(await view.has(session, ALL_FILES))) return false;
  const raw = `sessions/${session}/${RAW_NAME}`;
  const id = theirs.get(raw);
  if (id === undefined || id !== ours.get(raw)) return false;
  return !(await isPointer(raw, git, upstream));
}

/** What a pointer stands for may never have been uploaded: that cannot be seen from here. */
async function isPointer(file: string, git: LedgerGit, { ref }: Upstream): Promise<boolean> {
  const size = await git.sizeOf(ref, file);
  if (size === undefined) return true;
  if (size > MAX_POINTER_BYTES) return false;
  const text = await git.read(ref, file);
  return text === undefined || parseLfsPointer(text) !== undefined;
}

/**
 * What tells the recording apart from a later one, if its bytes are those that were staged: somebody may have gone on
 * with it since, and to the very same length.
 */
function stampIfStaged({ session, sha256 }: Copy): string | undefined {
  const raw = path.join(session.folder, RAW_NAME);
  const stamp = stampOf(raw);
  try {
    return readDigest(raw, 0).sha256 === sha256 ? stamp : undefined;
  } catch (error) {
    // What cannot be read is not compared, and stays.
    if (error instanceof ExpectedError) return undefined;
    throw error;
  }
}

function planMove(copy: Copy, stamp: string, { view }: Remote, scope: CopiesScope): PlannedRemoval {
  const { session, stagedAs } = copy;
  const { folder, facts } = session;
  const place = `sessions/${stagedAs}`;
  return {
    row: { path: folder, kind: 'pushed-copy', reason: `${view.name} has it as ${place}; moved to the trash` },
    remove: async () => {
      const again = await scope.lookAgain(session);
      if (!again || copyOf(again, scope).length === 0 || stampOf(path.join(folder, RAW_NAME)) !== stamp) return false;
      await moveToTrash(folder, facts.name, scope.stateDir, scope.now, `pushed as ${place}`);
      return true;
    },
  };
}

function stampOf(file: string): string | undefined {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  return stat && [stat.ino, stat.size, stat.mtimeMs, stat.ctimeMs].join(' ');
}
