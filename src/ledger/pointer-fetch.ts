import { ExpectedError } from '../errors.ts';
import type { LedgerLfs } from './git/lfs.ts';
import { isAbsent } from './plain-file.ts';
import { readDigest } from './raw-file.ts';
import { RAW_NAME } from './raw-state.ts';
import type { SurveyedSession } from './survey.ts';

/** Content that could not be had, and why. */
export interface FetchFailure {
  readonly session: SurveyedSession;
  /** Completes "raw.jsonl is a Git LFS pointer, and …". */
  readonly reason: string;
  /** Another pass would not fare better until somebody does something. */
  readonly isLasting: boolean;
  /** It is there, and not what the pointer names. */
  readonly isBroken: boolean;
}

interface Pointer {
  readonly session: SurveyedSession;
  readonly oid: string;
  readonly size: number;
  /** Where git-lfs keeps it. */
  readonly file: string;
}

/** So many files are named in one call. */
const FILES_AT_ONCE = 100;

/** The words for an object that nobody uploaded, or that is gone: of a server, and of a folder that serves as one. */
const LACKING = /remote missing object|does not exist|not found|\b(404|410|422)\b/i;
const WRONG = /invalid (hash|size)|expected OID/i;

/** Brings what the pointers among these sessions stand for into git-lfs's own store; says which could not be had. */
export async function fetchContents(
  sessions: readonly SurveyedSession[],
  lfs: LedgerLfs | null | undefined,
): Promise<readonly FetchFailure[]> {
  if (!lfs) return [];
  const failures: FetchFailure[] = [];
  const pointers: Pointer[] = [];
  for (const session of sessions) {
    const { raw } = session.facts;
    if (raw.kind !== 'pointer' || !raw.content) continue;
    const file = await lfs.objectPath(raw.oid);
    if (file === undefined) failures.push(lasting(session, 'it names no content that git-lfs could fetch'));
    else pointers.push({ session, oid: raw.oid, size: raw.size, file });
  }
  const said = await fetchAbsent(pointers, lfs);
  return [...failures, ...pointers.flatMap((pointer) => whyNot(pointer, said.get(pointer)) ?? [])];
}

/** What git-lfs said of the calls that were to bring them. */
async function fetchAbsent(
  pointers: readonly Pointer[],
  lfs: LedgerLfs,
): Promise<ReadonlyMap<Pointer, string | undefined>> {
  const absent = pointers.filter(({ file }) => isAbsent(file));
  const said = new Map<Pointer, string | undefined>();
  for (let at = 0; at < absent.length; at += FILES_AT_ONCE) {
    const some = absent.slice(at, at + FILES_AT_ONCE);
    const words = await lfs.fetch(some.map(({ session }) => `sessions/${session.facts.name}/${RAW_NAME}`));
    for (const pointer of some) said.set(pointer, words);
  }
  return said;
}

/** Undefined for content that is there, and is what the pointer names. */
function whyNot(pointer: Pointer, said: string | undefined): FetchFailure | undefined {
  const { session, file, oid } = pointer;
  if (!isAbsent(file)) {
    const wrong = whatIsWrong(pointer);
    if (wrong === undefined) return undefined;
    return { session, reason: `its content ${wrong} (git lfs fsck): ${file}`, isLasting: true, isBroken: true };
  }
  if (said === undefined) return lasting(session, 'no commit of this branch has it: its content cannot be asked for');
  const own = said.split('; ').filter((line) => line.includes(oid));
  if (own.some((line) => LACKING.test(line))) return lasting(session, 'the remote lacks its content');
  if (own.some((line) => WRONG.test(line))) return lasting(session, 'the remote has other content under its name');
  const reason = `its content could not be fetched: ${own[0] ?? said}`;
  return { session, reason, isLasting: false, isBroken: false };
}

function whatIsWrong({ file, oid, size }: Pointer): string | undefined {
  try {
    const { sha256, bytes } = readDigest(file, 0);
    if (sha256 !== oid) return 'is not what it names';
    return bytes === size ? undefined : `is of ${bytes} bytes, not ${size}`;
  } catch (error) {
    if (error instanceof ExpectedError) return 'cannot be read';
    throw error;
  }
}

function lasting(session: SurveyedSession, reason: string): FetchFailure {
  return { session, reason, isLasting: true, isBroken: false };
}
