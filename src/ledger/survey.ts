import { type Dirent, lstatSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { ExpectedError, messageOf, systemErrorCode } from '../errors.ts';
import { requireOwnFolder } from '../own-folder.ts';
import type { Exclusion, Provenance } from '../session/exclusion.ts';
import type { SessionFacts } from '../session/facts.ts';
import { presentCaches } from './caches.ts';
import type { FinishedSessions } from './finished-sessions.ts';
import type { LedgerGit } from './git/ledger-git.ts';
import type { LedgerLfs } from './git/lfs.ts';
import { askRemote, hasArtifacts, type RemoteFacts, withGitFacts } from './git-facts.ts';
import { withHold } from './holds.ts';
import type { Ledger } from './ledger.ts';
import { type FindInLedger, isHalfStaged, isSuperseded, placeCached, superseded } from './placement.ts';
import { withProvenance } from './provenance.ts';
import { readDigest } from './raw-file.ts';
import { RAW_NAME } from './raw-state.ts';
import type { PidLookup } from './recorder.ts';
import { withPointerContents } from './recording-content.ts';
import { isStampOf, memoryKey, type SessionMemory } from './recording-stamp.ts';
import type { AgentFolders } from './recovery/agent-transcripts.ts';
import { foreignFiles, readSessionFiles, type SessionFiles } from './session-facts.ts';
import { foldersWithSharedMarker } from './shared-markers.ts';
import { withSilences } from './silences.ts';

export interface SurveyOptions {
  readonly ledger: Pick<Ledger, 'sessionsDir' | 'repoId'>;
  /** Where caches may be; they come and go. */
  readonly caches: readonly string[];
  /** Asked with a `memoryKey`. */
  readonly remembered: (key: string) => SessionMemory | undefined;
  /** Sessions whose artifacts were begun and are not known to be committed. */
  readonly journal: readonly string[];
  /** Sessions of which commits that no remote has hold secrets. */
  readonly unclean?: readonly string[] | undefined;
  /** Asked which sessions are in the tree of HEAD; null where git is left out. */
  readonly git: LedgerGit | null;
  /** Patterns of sessions that are left alone. */
  readonly exclude?: readonly Exclusion[] | undefined;
  /** Asked where the content behind pointers is; nobody without it. */
  readonly lfs?: LedgerLfs | null | undefined;
  /** Sessions that are to be worked on although they are finished. */
  readonly again?: ReadonlySet<string>;
  /** What is known to be finished, and so left out of a survey; all is looked at without it. */
  readonly finished?: FinishedSessions | undefined;
  readonly pidLookup?: PidLookup | undefined;
  /** Where lost transcripts are looked for; nowhere without it. */
  readonly agentFolders?: AgentFolders | undefined;
  /** Hears of a cache that cannot be read. */
  readonly onTrouble?: ((message: string) => void) | undefined;
}

/** A session where it was found, and the name that it has or will have in the ledger. */
export interface SurveyedSession extends SessionFiles {
  readonly ledgerName: string;
  /** Whose it is and where it was made; looked for where a pattern asks for it. */
  readonly provenance?: Provenance;
  /** What earlier passes remember of this very recording. */
  readonly memory?: SessionMemory;
  /** Whether git has a recording in its place at HEAD; asked of those alone that have all artifacts. */
  readonly isRawInHead?: boolean;
}

/** Subfolders of `sessions` that very old versions made, and that are no sessions. */
export const LEGACY_FOLDERS: ReadonlySet<string> = new Set(['raw', 'events']);

/**
 * Every session of the ledger and of the caches, each once, but for those that `finished` leaves out. Changes nothing on
 * disk. Throws UNREADABLE when the ledger's own folder cannot be read: an unreadable ledger is not an empty one.
 */
export async function surveySessions(asked: SurveyOptions): Promise<SurveyedSession[]> {
  const options = { ...asked, caches: presentCaches(asked.caches) };
  requireOwnFolder(options.ledger.sessionsDir);
  const cached = options.caches.flatMap((cache) => readFolder(cache, 'cache', options));
  const remote = options.git ? await askRemote(options.git) : undefined;
  const inLedger = await withSharedMarkers(await readLedger(cached, remote, options), options);
  const known = new Map(inLedger.map((session) => [session.facts.name, session]));
  const leftOut = (name: string) =>
    options.finished && readAt(path.join(options.ledger.sessionsDir, name), 'ledger', options);
  const inCaches = placeAll(
    await withSharedMarkers(cached, options),
    (name) => known.get(name) ?? leftOut(name),
    options,
  );
  const halves = new Set(inCaches.filter((each) => isHalfStaged(each, options)).map(({ ledgerName }) => ledgerName));
  const inPlace = inLedger.map((each) => (halves.has(each.ledgerName) ? superseded(each, STAGED_AGAIN) : each));
  const found = await withSilences(await withPointerContents([...inPlace, ...inCaches], options));
  const told = found.map((session) => withProvenance(session, options.exclude ?? []));
  const sessions = await withGitFacts(told, options, remote);
  return sessions.sort((a, b) => (a.ledgerName < b.ledgerName ? -1 : a.ledgerName > b.ledgerName ? 1 : 0));
}

const STAGED_AGAIN = 'a killed pass left it half staged, and the cache has the whole recording';

/** One session read afresh, as `surveySessions` would see it, but without asking git what is committed or pushed. */
export async function surveySession(
  folder: string,
  place: SessionFacts['place'],
  asked: SurveyOptions,
): Promise<SurveyedSession | undefined> {
  const options = { ...asked, caches: presentCaches(asked.caches) };
  const read = readAt(folder, place, options);
  if (!read) return undefined;
  const [session = read] = await withSharedMarkers([read], options);
  const find = (name: string) => readAt(path.join(options.ledger.sessionsDir, name), 'ledger', options);
  const placed = place === 'ledger' ? session : placeCached(session, find, options);
  const [found = placed] = await withSilences(await withPointerContents([placed], options));
  return withProvenance(found, options.exclude ?? []);
}

/** Sessions whose marker git tracks are read again as what they are: another machine's. */
async function withSharedMarkers(sessions: readonly SurveyedSession[], options: SurveyOptions) {
  const marked = sessions.filter(({ facts }) => facts.recorder !== undefined).map(({ folder }) => folder);
  if (!options.git || marked.length === 0) return [...sessions];
  const shared = await foldersWithSharedMarker(marked, path.dirname(options.ledger.sessionsDir), options.git);
  return sessions.map((session) => {
    if (!shared.has(session.folder)) return session;
    return readOne(session.folder, session.facts.place, options, true) ?? session;
  });
}

/** Of copies of one session in several caches the first counts, unless the ledger has no use for it. */
function placeAll(
  cached: readonly SurveyedSession[],
  inLedger: FindInLedger,
  options: SurveyOptions,
): SurveyedSession[] {
  const ours = new Map<string, SurveyedSession>();
  const foreign: SurveyedSession[] = [];
  for (const session of cached) {
    const placed = placeCached(session, inLedger, options);
    const earlier = ours.get(placed.ledgerName);
    if (placed.facts.foreign !== undefined) foreign.push(placed);
    else if (!earlier || (isSuperseded(earlier) && !isSuperseded(placed))) ours.set(placed.ledgerName, placed);
  }
  return [...foreign, ...ours.values()];
}

function readAt(folder: string, place: SessionFacts['place'], options: SurveyOptions): SurveyedSession | undefined {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  if (stat?.isSymbolicLink()) return foreignLink(folder, place);
  return stat?.isDirectory() ? readOne(folder, place, options) : undefined;
}

/** Sessions of the tree, but for those that are known to be finished and of which no cache and no commit says more. */
async function readLedger(
  cached: readonly SurveyedSession[],
  remote: RemoteFacts | undefined,
  options: SurveyOptions,
): Promise<SurveyedSession[]> {
  const { finished, ledger } = options;
  const { sessionsDir } = ledger;
  if (!finished) return readFolder(sessionsDir, 'ledger', options);
  // A folder with nothing but a hold in it is no session, and says something of one.
  const inCaches = options.caches.flatMap(namesIn);
  const staged = cached.flatMap(({ memory }) => memory?.staged_as ?? []);
  try {
    const names = await finished.recall(new Set([...inCaches, ...staged, ...(remote?.unpushed ?? [])]));
    const places = [sessionsDir, ...options.caches];
    const left = await finished.leaveFinished(places, (asked) => publishedAmong(asked, remote, options));
    const waiting = [...names].filter((name) => !LEGACY_FOLDERS.has(name) && !left.has(name));
    const sessions = waiting.map((name) => readAt(path.join(sessionsDir, name), 'ledger', options));
    return sessions.filter((session) => session !== undefined);
  } catch (error) {
    return nothingIn(sessionsDir, 'ledger', error, options);
  }
}

/** Whether a session is in HEAD with all its artifacts and known to the remote, and no earlier pass has more to say of it. */
async function publishedAmong(
  names: readonly string[],
  remote: RemoteFacts | undefined,
  { git, journal, remembered }: SurveyOptions,
): Promise<(name: string) => boolean> {
  const files = await git?.filesAtHead(names);
  const begun = new Set(journal);
  return (name) => {
    const isKnown = begun.has(name) || remote?.unpushed.has(name) || remembered(name) !== undefined;
    return !isKnown && hasArtifacts(files?.get(name));
  };
}

function readFolder(folder: string, place: SessionFacts['place'], options: SurveyOptions): SurveyedSession[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    return nothingIn(folder, place, error, options);
  }
  const sessions = entries
    .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !LEGACY_FOLDERS.has(entry.name))
    .map((entry) => readEntry(folder, entry, place, options));
  return sessions.filter((session) => session !== undefined);
}

/** None of a cache that is gone or refused: whoever looks for sessions there says so. */
function namesIn(cache: string): readonly string[] {
  try {
    return readdirSync(cache);
  } catch {
    return [];
  }
}

/** No folder has no sessions. Throws UNREADABLE for a ledger that cannot be read: that is not an empty one. */
function nothingIn(
  folder: string,
  place: SessionFacts['place'],
  error: unknown,
  { onTrouble }: Pick<SurveyOptions, 'onTrouble'>,
): SurveyedSession[] {
  if (systemErrorCode(error) === 'ENOENT') return [];
  const trouble = `cannot read ${folder}: ${messageOf(error)}`;
  if (place === 'ledger') throw new ExpectedError('UNREADABLE', trouble, { cause: error });
  // A recorder's cache is not ours to demand, but what may wait in it is not nothing.
  onTrouble?.(trouble);
  return [];
}

function readEntry(folder: string, entry: Dirent, place: SessionFacts['place'], options: SurveyOptions) {
  const session = path.join(folder, entry.name);
  if (entry.isDirectory()) return readOne(session, place, options);
  return foreignLink(session, place);
}

function foreignLink(folder: string, place: SessionFacts['place']): SurveyedSession {
  const files = foreignFiles(folder, place, 'a symbolic link, not a folder');
  return { ...files, ledgerName: files.facts.name };
}

function readOne(
  folder: string,
  place: SessionFacts['place'],
  options: SurveyOptions,
  isMarkerShared = false,
): SurveyedSession | undefined {
  const { pidLookup, agentFolders } = options;
  const files = readSessionFiles(folder, place, { pidLookup, agentFolders, isMarkerShared });
  if (!files) return undefined;
  const session = withHold(withoutBegun(files, options), [options.ledger.sessionsDir, ...options.caches]);
  const { name } = session.facts;
  const memory = options.remembered(memoryKey(session));
  if (!memory || !isStampOf(memory.recording, session) || isOfOtherInput(memory, session)) {
    return { ...session, ledgerName: name };
  }
  const found = { ...session, ledgerName: name, memory };
  if (!memory.verdict) return found;
  const remembered = { verdict: memory.verdict, reason: memory.reason ?? 'judged by an earlier pass' };
  return { ...found, facts: { ...session.facts, remembered } };
}

/** Attempts are those of an input: the same number of other bytes is another one. */
function isOfOtherInput({ attempts, recording }: SessionMemory, { folder, facts }: SessionFiles): boolean {
  if (attempts === undefined || recording?.sha256 === undefined || facts.raw.kind !== 'content') return false;
  return readDigest(path.join(folder, RAW_NAME), 0).sha256 !== recording.sha256;
}

/** A placeholder in whose place a pass has put the recording is one no longer, although a kill left it its meta.json. */
function withoutBegun(session: SessionFiles, { journal }: SurveyOptions): SessionFiles {
  const { facts } = session;
  const isBegun = facts.place === 'ledger' && facts.raw.kind === 'content' && journal.includes(facts.name);
  return facts.isDraft && isBegun ? { ...session, facts: { ...facts, isDraft: false } } : session;
}
