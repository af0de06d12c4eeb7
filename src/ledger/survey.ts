import { type Dirent, existsSync, lstatSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { ExpectedError, messageOf, systemErrorCode } from '../errors.ts';
import { ARTIFACTS, type RememberedVerdict, type SessionFacts } from '../session/classify.ts';
import type { TranscriptHeader } from '../session/transcript.ts';
import type { LedgerGit } from './git.ts';
import type { Ledger } from './ledger.ts';
import { readRawFacts } from './raw-file.ts';
import { type PidLookup, RAW_NAME, readHeader, readSessionFiles, type SessionFiles } from './session-facts.ts';

/** What is known of a session from earlier passes; it holds as long as the recording stays the same. */
export interface RememberedSession {
  readonly verdict?: RememberedVerdict;
  readonly reason?: string;
  /** Another path or size is another, or a longer, recording. */
  readonly recording?: { readonly path: string; readonly bytes: number };
}

export interface SurveyOptions {
  readonly ledger: Pick<Ledger, 'sessionsDir' | 'repoId'>;
  readonly caches: readonly string[];
  /** Asked with a `memoryKey`. */
  readonly remembered: (key: string) => RememberedSession | undefined;
  /** Sessions whose artifacts were begun and are not known to be committed. */
  readonly journal: readonly string[];
  /** Asked which sessions are in the tree of HEAD; null where git is left out. */
  readonly git: LedgerGit | null;
  readonly pidLookup?: PidLookup | undefined;
}

/** A session where it was found, and the name that it has or will have in the ledger. */
export interface SurveyedSession extends SessionFiles {
  readonly ledgerName: string;
}

/** Under what a session is remembered: a name can stand for one recording in the ledger and another in a cache. */
export function memoryKey({ folder, facts }: SessionFiles): string {
  return facts.place === 'ledger' ? facts.name : folder;
}

/** Subfolders of `sessions` that very old versions made, and that are no sessions. */
const LEGACY_FOLDERS: ReadonlySet<string> = new Set(['raw', 'events']);

/**
 * Every session of the ledger and of the caches, each once. Changes nothing on disk.
 * Throws UNREADABLE when the ledger's own folder cannot be read: an unreadable ledger is not an empty one.
 */
export async function surveySessions(options: SurveyOptions): Promise<SurveyedSession[]> {
  const { ledger, git } = options;
  const inLedger = readFolder(ledger.sessionsDir, 'ledger', options);
  const known = new Map(inLedger.map((session) => [session.facts.name, session]));
  const inCaches = readCaches(options, (name) => known.get(name));
  const isComplete = (session: SessionFiles) => session.facts.missing.length === 0 && !session.facts.foreign;
  const head = git && inLedger.some(isComplete) ? await git.filesInHead('sessions') : undefined;
  const committed = inLedger.map((session) =>
    head && isComplete(session) ? withHead(session, head, options.journal) : session,
  );
  return [...committed, ...inCaches].sort((a, b) =>
    a.ledgerName < b.ledgerName ? -1 : a.ledgerName > b.ledgerName ? 1 : 0,
  );
}

/** One session read afresh, as `surveySessions` would see it, but without asking git. */
export function surveySession(
  folder: string,
  place: SessionFacts['place'],
  options: SurveyOptions,
): SurveyedSession | undefined {
  const session = readAt(folder, place, options);
  if (!session || place === 'ledger') return session;
  return placeCached(
    session,
    (name) => readAt(path.join(options.ledger.sessionsDir, name), 'ledger', options),
    options,
  );
}

/** Of copies of one session in several caches the first counts, unless the ledger has no use for it. */
function readCaches(options: SurveyOptions, inLedger: FindInLedger): SurveyedSession[] {
  const ours = new Map<string, SurveyedSession>();
  const foreign: SurveyedSession[] = [];
  for (const session of options.caches.flatMap((cache) => readFolder(cache, 'cache', options))) {
    const placed = placeCached(session, inLedger, options);
    const earlier = ours.get(placed.ledgerName);
    if (placed.facts.foreign !== undefined) foreign.push(placed);
    else if (!earlier || (isSuperseded(earlier) && !isSuperseded(placed))) ours.set(placed.ledgerName, placed);
  }
  return [...foreign, ...ours.values()];
}

function readAt(folder: string, place: SessionFacts['place'], options: SurveyOptions): SurveyedSession | undefined {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  if (!stat) return undefined;
  return stat.isSymbolicLink() ? foreignLink(folder, place) : readOne(folder, place, options);
}

function readFolder(folder: string, place: SessionFacts['place'], options: SurveyOptions): SurveyedSession[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    // A recorder's cache comes and goes, and is not ours to demand; an unreadable ledger is not an empty one.
    if (systemErrorCode(error) === 'ENOENT' || place === 'cache') return [];
    throw new ExpectedError('UNREADABLE', `cannot read ${folder}: ${messageOf(error)}`, { cause: error });
  }
  const sessions = entries
    .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !LEGACY_FOLDERS.has(entry.name))
    .map((entry) => readEntry(folder, entry, place, options));
  return sessions.filter((session) => session !== undefined);
}

function readEntry(folder: string, entry: Dirent, place: SessionFacts['place'], options: SurveyOptions) {
  const session = path.join(folder, entry.name);
  if (entry.isDirectory()) return readOne(session, place, options);
  return foreignLink(session, place);
}

function foreignLink(folder: string, place: SessionFacts['place']): SurveyedSession {
  const name = path.basename(folder);
  const raw = { kind: 'missing' } as const;
  const flags = { hasTranscript: false, isDraft: false, isHeld: false, isDownloaded: false, isGivenUp: false } as const;
  const facts = { name, place, raw, missing: ARTIFACTS, meta: 'missing', ...flags } as const;
  return {
    folder,
    ledgerName: name,
    header: {},
    rawBytes: 0,
    facts: { ...facts, foreign: 'a symbolic link, not a folder' },
  };
}

function readOne(folder: string, place: SessionFacts['place'], options: SurveyOptions): SurveyedSession | undefined {
  const files = readSessionFiles(folder, place, options.pidLookup);
  if (!files) return undefined;
  const session = withHold(files, [options.ledger.sessionsDir, ...options.caches]);
  const { name } = session.facts;
  const memory = options.remembered(memoryKey(session));
  const isSameRecording = memory?.recording?.path === folder && memory.recording.bytes === session.rawBytes;
  if (!memory?.verdict || !isSameRecording) return { ...session, ledgerName: name };
  const remembered = { verdict: memory.verdict, reason: memory.reason ?? 'judged by an earlier pass' };
  return { ...session, ledgerName: name, facts: { ...session.facts, remembered } };
}

/** A hold is put into one place and goes for the session's name in every place. */
function withHold(session: SessionFiles, caches: readonly string[]): SessionFiles {
  const { name, place, missing, isHeld } = session.facts;
  if ((place === 'ledger' && missing.length === 0) || isHeld) return session;
  const isHeldElsewhere = caches.some((cache) => existsSync(path.join(cache, name, '.held')));
  return isHeldElsewhere ? { ...session, facts: { ...session.facts, isHeld: true } } : session;
}

/** Whether all artifacts are in HEAD and none was rewritten since without a commit. */
function withHead(session: SurveyedSession, head: ReadonlySet<string>, journal: readonly string[]): SurveyedSession {
  const { name } = session.facts;
  const isCommitted = ARTIFACTS.every((file) => head.has(`sessions/${name}/${file}`)) && !journal.includes(name);
  return { ...session, facts: { ...session.facts, isCommitted } };
}

/** Finds a session of the ledger by its name. */
type FindInLedger = (name: string) => SessionFiles | undefined;

/** Says whose a cached session is, and what the ledger already has of it. */
function placeCached(session: SurveyedSession, inLedger: FindInLedger, options: SurveyOptions): SurveyedSession {
  const owner = session.recording?.repoId ?? session.header.repoId;
  if (session.facts.foreign !== undefined) return session;
  if (owner !== undefined && owner !== options.ledger.repoId) {
    return { ...session, facts: { ...session.facts, foreign: `a session of another ledger (${owner})` } };
  }
  if (session.facts.remembered?.verdict === 'staged') return superseded(session, 'the ledger holds this recording');
  const { ledgerName, counterpart } = findPlace(session, inLedger, options.ledger.sessionsDir);
  const placed = { ...session, ledgerName };
  if (counterpart?.facts.recorder || counterpart?.facts.isHeld) {
    return superseded(placed, 'the copy in the ledger is recorded, or held');
  }
  if (!counterpart || entryCount(session) > entryCount(counterpart)) return placed;
  return superseded(placed, 'the ledger holds this recording, at least as long');
}

/** The name that the ledger has for a recording or can give it: its own, with a number where another one has that. */
function findPlace(session: SurveyedSession, inLedger: FindInLedger, sessionsDir: string) {
  const { name } = session.facts;
  for (let number = 1; ; number += 1) {
    const ledgerName = number === 1 ? name : `${name}-${number}`;
    const counterpart = inLedger(ledgerName);
    const isDraft = counterpart?.facts.isDraft && counterpart.facts.raw.kind === 'missing';
    if (isDraft || (!counterpart && number === 1)) return { ledgerName };
    if (!counterpart && !existsSync(path.join(sessionsDir, ledgerName))) return { ledgerName };
    if (counterpart && isSameRecording(session, counterpart)) return { ledgerName, counterpart };
  }
}

function isSuperseded({ facts }: SessionFiles): boolean {
  return facts.supersededBy !== undefined;
}

function superseded(session: SurveyedSession, reason: string): SurveyedSession {
  return { ...session, facts: { ...session.facts, supersededBy: reason } };
}

/** Same session id, else same agent and start. Where neither side tells, the name decides. */
function isSameRecording(a: SessionFiles, b: SessionFiles): boolean {
  if (b.facts.foreign !== undefined) return false;
  const [left, right] = [identityOf(a), identityOf(b)];
  if (left.sessionId && right.sessionId) return left.sessionId === right.sessionId;
  const differs = <T>(one: T | undefined, other: T | undefined) =>
    one !== undefined && other !== undefined && one !== other;
  return !differs(left.agentId, right.agentId) && !differs(left.createdAtMs, right.createdAtMs);
}

function identityOf(session: SessionFiles): Pick<TranscriptHeader, 'sessionId' | 'agentId' | 'createdAtMs'> {
  const { recording } = session;
  const isUnread = session.facts.raw.kind === 'content' && !session.header.agentId;
  const header = isUnread ? readHeader(path.join(session.folder, RAW_NAME)) : session.header;
  return {
    ...(recording?.sessionId && { sessionId: recording.sessionId }),
    ...(recording?.agentId && { agentId: recording.agentId }),
    ...(recording?.startedAtMs !== undefined && { createdAtMs: recording.startedAtMs }),
    ...header,
  };
}

/** Entries of raw.jsonl; a pointer's are what its summary says. What cannot be counted is more than any copy can have. */
function entryCount(session: SessionFiles): number {
  const { raw, summarised } = session.facts;
  if (raw.kind === 'content') return readRawFacts(path.join(session.folder, RAW_NAME)).entryCount;
  if (raw.kind === 'pointer') return summarised?.entries ?? Number.POSITIVE_INFINITY;
  if (raw.kind === 'unreadable' || raw.kind === 'foreign') return Number.POSITIVE_INFINITY;
  return session.facts.hasTranscript ? 0 : -1;
}
