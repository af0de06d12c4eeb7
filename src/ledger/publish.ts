import { lstatSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Clock } from '../clock.ts';
import { ExpectedError } from '../errors.ts';
import type { SessionDocument } from '../session/document.ts';
import type { ArtifactName } from '../session/facts.ts';
import type { LeftOut } from '../session/file-storage.ts';
import { defined, type JsonObject } from '../session/json-object.ts';
import { parseSessionName } from '../session/name.ts';
import { countFindings, type RedactionPolicy } from '../session/redaction/policy.ts';
import { createRedactor } from '../session/redaction/redactor.ts';
import type { InputDigest, QualityCategory, SessionSummary, SummaryOrigin } from '../session/summary.ts';
import type { TranscriptHeader } from '../session/transcript.ts';
import { sessionFileNames, writeArtifacts, writeMeta } from './artifacts.ts';
import { cleanRaw, cleanSidecars, keepArtifacts, stageRaw } from './clean-files.ts';
import type { Committer } from './committer.ts';
import { gitPath } from './git/git-path.ts';
import type { LedgerGit } from './git/ledger-git.ts';
import { isAbsent } from './plain-file.ts';
import { readDigest, readDigestOfFirst } from './raw-file.ts';
import { RAW_NAME } from './raw-state.ts';
import { MARKER_NAME, readMarker } from './recorder.ts';
import { contentPath } from './recording-content.ts';
import { META_NAME, NEEDS_SUMMARY_NAME, readMeta } from './session-facts.ts';
import { type SessionStorage, type StoragePolicy, storeAsItIs, storeSession } from './session-storage.ts';
import type { SurveyedSession } from './survey.ts';
import { retell } from './telling-files.ts';
import { searchLines, studiedEntries, type TranscriptStudy } from './transcript-file.ts';
import { moveToTrash } from './trash/trash.ts';

/** A session with its summary, ready to be made to last. */
export interface FinishedSession {
  readonly found: SurveyedSession;
  /** Undefined when all files are there and only the commit is missing. */
  readonly study: TranscriptStudy | undefined;
  /** What goes from everything that a commit takes. */
  readonly policy: RedactionPolicy;
  readonly summary: SessionSummary;
  readonly verdict: QualityCategory;
  /** Which artifacts are to be written. */
  readonly missing: readonly ArtifactName[];
  /** Who made the summary and what that took; absent when the existing summary was used. */
  readonly origin?: Omit<SummaryOrigin, 'input'> | undefined;
  readonly ledgerPath: string;
}

/** What publishing needs of the world. */
export interface Publication {
  readonly git: LedgerGit | null;
  readonly clock: Clock;
  /** Takes finished sessions for the next commit; null leaves them uncommitted. */
  readonly committer: Committer | null;
  /** Where the trash is. */
  readonly stateDir: string;
  /** What git is not to take as it is; git takes all without it. */
  readonly storage?: StoragePolicy | undefined;
  /** Asked before anything is changed for a session. Throws LEDGER_BUSY where somebody is at work in the clone. */
  readonly requireUndisturbed?: () => Promise<unknown>;
  /** Called before the first file of a session that will be committed is written: after a kill it is known what was begun. */
  readonly onBegin: (session: string, how: 'in-place' | 'staged') => Promise<void>;
}

/**
 * `in-place`: in the ledger's tree, to be committed. `staged`: copied there from a cache, to be committed.
 * `beside`: artifacts written next to the recording, no commit. `trash`: put away.
 */
export interface Published {
  readonly how: 'in-place' | 'staged' | 'beside' | 'trash';
  /** Where the session lies now. */
  readonly folder: string;
  /** Of the cached recording that was staged, unredacted as it is. */
  readonly sha256?: string;
  /** Files that no commit takes. */
  readonly leftOut: readonly LeftOut[];
  /** Its recording was committed before, and holds what was taken out of all that was made of it. */
  readonly isRawUnclean?: true;
}

/** `digests`: SHA-256 of what was written, by name. */
type Written = SessionStorage & Pick<Published, 'isRawUnclean'> & { readonly digests?: ReadonlyMap<string, string> };

/** Makes a finished session last in the place that its verdict calls for. Idempotent. Throws UNWRITABLE. */
export async function publishSession(session: FinishedSession, world: Publication): Promise<Published> {
  const { found, study } = session;
  const how = await choosePlace(session, world.git);
  const folder = how === 'staged' ? path.join(session.ledgerPath, 'sessions', found.ledgerName) : found.folder;
  const isCommitted = how === 'in-place' || how === 'staged';
  // Files of ours in the tree would keep a rebase of the user's from going on.
  if (isCommitted) await world.requireUndisturbed?.();
  if (isCommitted) await world.onBegin(found.ledgerName, how);
  // Before it is read: what a recorder adds from here on makes it another recording.
  const sha256 = how === 'staged' ? readDigest(path.join(found.folder, RAW_NAME), 0).sha256 : undefined;
  // What is put away goes with its summary, which was paid for.
  const written: Written = study
    ? await writeSession(session, study, { folder, how }, world)
    : await store(folder, how, world);
  if (how === 'trash') return { how, folder: await discard(session, world), leftOut: [] };
  removeMarkers(found);
  if (isCommitted) await handOver(session, folder, written, world);
  const { leftOut, isRawUnclean } = written;
  return { how, folder, leftOut, ...defined({ sha256, isRawUnclean }) };
}

/** What the ledger tracks is finished in place whatever its verdict: deleting it would only make git bring it back. */
async function choosePlace(
  { found, verdict, ledgerPath }: FinishedSession,
  git: LedgerGit | null,
): Promise<Published['how']> {
  if (found.facts.place === 'cache') return verdict === 'share' ? 'staged' : verdict === 'skip' ? 'trash' : 'beside';
  if (verdict === 'share') return 'in-place';
  const isTracked = (await git?.isTracked(gitPath(ledgerPath, found.folder))) === true;
  if (isTracked) return 'in-place';
  return verdict === 'skip' ? 'trash' : 'beside';
}

async function writeSession(
  session: FinishedSession,
  study: TranscriptStudy,
  { folder, how }: Pick<Published, 'folder' | 'how'>,
  world: Publication,
): Promise<Written> {
  const { found, policy } = session;
  const raw = how === 'staged' ? path.join(folder, RAW_NAME) : contentPath(found);
  const meta = knownMeta(folder, session);
  const originals = { ...world, ledgerPath: session.ledgerPath };
  if (how === 'staged') await stageRaw(path.join(found.folder, RAW_NAME), folder, policy, originals);
  const isUnclean = how === 'in-place' && world.git !== null && isToClean(raw, study);
  // What a pointer stands for is at the remote, or was handed over by whoever made it.
  const isPointer = found.facts.raw.kind === 'pointer';
  const isKept = isUnclean && (isPointer || (await cleanRaw(raw, policy, world.git, originals)) === 'committed');
  const document = buildDocument(session, study, raw);
  if (world.git && (how === 'in-place' || how === 'staged')) {
    await keepArtifacts(folder, session.missing, world.git, originals);
  }
  const digests = await writeArtifacts(folder, session.missing, document, studiedEntries(raw, study));
  const storage = await store(folder, how, world);
  await writeMeta(folder, meta, {
    name: path.basename(folder),
    repoId: path.basename(session.ledgerPath),
    header: study.raw.header,
    recording: createRedactor(policy).json(found.recording),
    outline: study.outline,
    summary: document.summary,
    files: storage.refs,
    wasRecovered: found.facts.recorder !== undefined,
  });
  return { ...storage, digests, ...(isKept && { isRawUnclean: true }) };
}

/** A secret may stand where no entry of a transcript is read. */
function isToClean(raw: string, { findings, policy }: TranscriptStudy): boolean {
  return countFindings(findings) > 0 || countFindings(searchLines(raw, policy).findings) > 0;
}

/** What is not committed is not for git to judge. */
async function store(folder: string, how: Published['how'], { git, committer, storage }: Publication) {
  const isCommitted = how === 'in-place' || how === 'staged';
  return isCommitted && git && committer && storage ? storeSession(folder, git, storage) : storeAsItIs(folder);
}

/** What a live session published as a draft, or an earlier copy, already tells stays; the recorder's own words win. */
function knownMeta(folder: string, { found: { meta }, policy }: FinishedSession): JsonObject | undefined {
  const there = readMeta(folder);
  if (there !== null) return there || meta ? createRedactor(policy).json({ ...there, ...meta }) : undefined;
  throw new ExpectedError('UNREADABLE', `${path.join(folder, META_NAME)} cannot be read; the session is left alone`);
}

/** What the artifacts of a session show; `raw` is the recording that they are made of. */
export function buildDocument(
  session: Pick<FinishedSession, 'found' | 'summary' | 'origin'>,
  study: TranscriptStudy,
  raw: string,
): SessionDocument {
  const { summary, origin, found } = session;
  const input = inputOf(raw, study);
  const { footer, malformedLines } = study.raw;
  const header = { ...createRedactor(study.policy).json(namedHeader(found)), ...study.raw.header };
  return defined({
    name: found.ledgerName,
    header,
    summary: origin ? { ...summary, agentwork: { ...origin, input } } : summary,
    outline: study.outline,
    endedAtMs: header.stoppedAtMs ?? footer.stoppedAtMs ?? footer.closedAtMs ?? study.outline.endedAtMs,
    malformedLines,
    redactions: Math.max(countFindings(study.findings), (origin ?? summary.agentwork)?.redactions ?? 0),
  });
}

/** What was recorded while an agent thought is in the page, and not in the summary: the next look is to see that. */
function inputOf(raw: string, { raw: { entryCount }, bytes }: TranscriptStudy): InputDigest {
  const all = readDigest(raw, entryCount);
  return all.bytes === bytes ? all : readDigestOfFirst(raw, entryCount);
}

/** Where a recording does not say whose it is, its folder's name and its marker do. */
function namedHeader({ ledgerName, recording }: SurveyedSession): TranscriptHeader {
  const { username, agentId } = parseSessionName(ledgerName);
  return defined({
    username: recording?.username ?? username,
    agentId: recording?.agentId ?? agentId,
    agentType: recording?.agentType,
    model: recording?.model,
    createdAtMs: recording?.startedAtMs,
  });
}

/** What meta.json says of files that were cleaned after it was written. */
async function tellSizes(folder: string, cleaned: readonly string[]): Promise<void> {
  const meta = path.join(folder, META_NAME);
  if (cleaned.length === 0 || isAbsent(meta)) return;
  const { refs } = storeAsItIs(folder);
  const changed = Object.fromEntries(Object.entries(refs).filter(([name]) => cleaned.includes(name)));
  await retell(meta, { digest: undefined, refs: changed });
}

/** Only the marker that was judged: a recorder may have started again meanwhile. */
function removeMarkers({ folder, marker, facts }: SurveyedSession): void {
  if (marker && readMarker(folder)?.equals(marker)) rmSync(path.join(folder, MARKER_NAME), { force: true });
  const owed = path.join(folder, NEEDS_SUMMARY_NAME);
  if (facts.isSummaryOwed && lstatSync(owed, { throwIfNoEntry: false })?.isFile()) rmSync(owed, { force: true });
}

async function handOver(
  session: FinishedSession,
  folder: string,
  { leftOut, attributes, digests }: Written,
  world: Publication,
): Promise<void> {
  const { policy, ledgerPath, study, missing } = session;
  const search = { policy, made: study ? missing : [], leftOut };
  const cleaned = world.git ? await cleanSidecars(folder, search, world.git, { ledgerPath }) : [];
  await tellSizes(folder, cleaned);
  if (!world.committer) return;
  const relative = (name: string) => gitPath(session.ledgerPath, path.join(folder, name));
  const isTaken = (name: string) => !leftOut.some(({ file }) => file === name);
  const files = [...attributes, ...sessionFileNames(folder).filter(isTaken)].map(relative);
  const ifTracked = [relative(MARKER_NAME)];
  const written = ['summary.json', ...(digests?.keys() ?? [])].map((name) => {
    const file = path.join(folder, name);
    const known = cleaned.includes(name) ? undefined : digests?.get(name);
    return { file, sha256: known ?? readDigest(file, 0).sha256 };
  });
  world.committer.add({ session: path.basename(folder), files, ifTracked, written });
}

async function discard({ found, summary }: FinishedSession, world: Publication): Promise<string> {
  const reason = `judged to be of no use: ${summary.score_reason ?? 'no reason given'}`;
  return moveToTrash(found.folder, found.ledgerName, world.stateDir, world.clock(), reason);
}
