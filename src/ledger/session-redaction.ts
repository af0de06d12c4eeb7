import { lstatSync } from 'node:fs';
import path from 'node:path';
import { ExpectedError } from '../errors.ts';
import type { ArtifactName } from '../session/facts.ts';
import type { Findings, RedactionPolicy } from '../session/redaction/policy.ts';
import { createRedactor } from '../session/redaction/redactor.ts';
import type { InputDigest } from '../session/summary.ts';
import { parseTranscriptLine } from '../session/transcript.ts';
import { writeArtifacts } from './artifacts.ts';
import { rewriteFileAtomic } from './atomic-file.ts';
import { keepOriginal, type Originals } from './clean-files.ts';
import { redactedParts, searchFile } from './file-redaction.ts';
import type { Ledger } from './ledger.ts';
import { isAbsent, readLines } from './plain-file.ts';
import { buildDocument } from './publish.ts';
import { readDigest } from './raw-file.ts';
import { RAW_NAME } from './raw-state.ts';
import { META_NAME } from './session-facts.ts';
import { type SessionSearch, searchFiles } from './session-search.ts';
import { refsInPlace } from './session-storage.ts';
import type { SurveyedSession } from './survey.ts';
import { retell, TELLING, tellsOf } from './telling-files.ts';
import { redactLine, studiedEntries, studyTranscript } from './transcript-file.ts';

/** A file that is written anew. */
export interface PlannedFile {
  /** Relative to the session's folder. */
  readonly file: string;
  /** What goes from it; nothing where it only follows the others. */
  readonly findings: Findings;
}

/** What is to be done for the files of a session that git tracks. */
export interface RedactionPlan {
  readonly session: SurveyedSession;
  readonly policy: RedactionPolicy;
  readonly files: readonly PlannedFile[];
  /** All of its files that git tracks, as far as they are there. */
  readonly there: readonly string[];
  readonly unsearched: SessionSearch['unsearched'];
  readonly binary: SessionSearch['binary'];
}

/** Made of the recording and the summary, and so made anew from clean ones: in a page, markup hides what is searched for. */
const RENDERED = ['summary.md', 'session.html', 'session.md'] as const satisfies readonly ArtifactName[];

/**
 * Searches the files of a session, and says which of them are to be written. `tracked`: names in its folder. `isBegun`:
 * an earlier run was killed over it. Changes nothing.
 */
export function planRedaction(
  session: SurveyedSession,
  policy: RedactionPolicy,
  { tracked, isBegun }: { readonly tracked: readonly string[]; readonly isBegun: boolean },
): RedactionPlan {
  const at = (name: string) => path.join(session.folder, name);
  const there = tracked.filter((name) => isPlainFile(at(name)));
  const absent = tracked.filter((name) => isAbsent(at(name))).map((name) => [name, 'not in the work tree']);
  const { findings, unsearched, binary } = searchFiles(there, policy, at);
  const holds = (name: string) => Object.hasOwn(findings, name);
  const isRendered = (holds(RAW_NAME) || holds('summary.json')) && canRender(session, unsearched);
  const mayRender = (name: string) => RENDERED.some((each) => each === name) && !Object.hasOwn(unsearched, name);
  const changed = there.filter((name) => holds(name) || (isRendered && mayRender(name)));
  const follows = (name: string) => {
    if (changed.includes(name) || Object.hasOwn(unsearched, name)) return false;
    const others = isBegun ? there : changed;
    return TELLING.includes(name) && tellsOf(at(name), { others, isRawChanged: others.includes(RAW_NAME) });
  };
  const written = there.filter((name) => changed.includes(name) || follows(name));
  return {
    session,
    policy,
    there,
    files: written.map((file) => ({ file, findings: holds(file) ? (findings[file] ?? {}) : {} })),
    unsearched: { ...unsearched, ...Object.fromEntries(absent) },
    binary,
  };
}

/** What became of the files that were written. */
export interface Rewritten {
  /** Of the recording as it is now; undefined where there is none. */
  readonly digest: InputDigest | undefined;
}

/**
 * Writes what was planned, each file whole or not at all, its original in the trash first. Whenever this is killed, a
 * plan made anew finds what is left to do. Throws UNWRITABLE, UNREADABLE, REDACTION_FAILED, STILL_RECORDED.
 */
export async function applyRedaction(
  plan: RedactionPlan,
  { git, lfs }: Pick<Ledger, 'git' | 'lfs'>,
  world: Originals,
): Promise<Rewritten> {
  const { session, policy } = plan;
  const at = (name: string) => path.join(session.folder, name);
  const names = inOrder(plan.files.map(({ file }) => file));
  const hasLines = session.facts.raw.kind === 'content' || session.facts.raw.kind === 'header-only';
  const entries = hasLines ? countEntries(at(RAW_NAME), policy) : undefined;
  const isAsRead = stillTheSame(at(RAW_NAME));
  for (const name of names) await keepOriginal(at(name), world, 'the original of a redacted file');
  await render(plan);
  for (const name of names) {
    if (!holdsAny(at(name), name, policy)) continue;
    const parts = redactedParts(at(name), name, createRedactor(policy));
    await rewriteFileAtomic(at(name), parts, name === RAW_NAME ? isAsRead : undefined);
  }
  const digest = entries === undefined ? undefined : readDigest(at(RAW_NAME), entries);
  for (const name of TELLING.filter((telling) => names.includes(telling))) {
    const others = plan.there.filter((other) => other !== META_NAME);
    await retell(at(name), { digest, refs: await refsInPlace(session.folder, others, { git, lfs }) });
  }
  return { digest };
}

/** The recording last: as long as that is unclean, all of it is done again. */
function inOrder(names: readonly string[]): readonly string[] {
  return [...names.filter((name) => name !== RAW_NAME), ...names.filter((name) => name === RAW_NAME)];
}

/** Only pages of ours are replaced by such; those of others keep their looks. */
function canRender({ facts, summary }: SurveyedSession, unsearched: SessionSearch['unsearched']): boolean {
  return facts.raw.kind === 'content' && summary?.agentwork !== undefined && !Object.hasOwn(unsearched, RAW_NAME);
}

async function render({ session, policy, files }: RedactionPlan): Promise<void> {
  const isPlanned = (name: string) => files.some(({ file }) => file === name);
  const { summary, folder } = session;
  const isSourceUnclean = isPlanned(RAW_NAME) || isPlanned('summary.json');
  if (!summary || !isSourceUnclean || !canRender(session, {})) return;
  const raw = path.join(folder, RAW_NAME);
  const study = studyTranscript(raw, policy);
  if (study.raw.entryCount === 0) return;
  const clean = { found: session, summary: createRedactor(policy).json(summary) };
  const wanted = RENDERED.filter(isPlanned);
  await writeArtifacts(folder, wanted, buildDocument(clean, study, raw), studiedEntries(raw, study));
}

function holdsAny(file: string, name: string, policy: RedactionPolicy): boolean {
  const search = searchFile(file, name, policy);
  return search.kind === 'searched' && Object.keys(search.findings).length > 0;
}

/** How many there are. Throws REDACTION_FAILED where a rule takes away what makes an entry of a line, or no entry. */
function countEntries(file: string, policy: RedactionPolicy): number {
  const redactor = createRedactor(policy);
  let [before, after] = [0, 0];
  for (const line of readLines(file)) {
    if (line === null) continue;
    if (isEntry(line)) before += 1;
    if (isEntry(redactLine(line, redactor))) after += 1;
  }
  if (before === after) return before;
  const message = `${file} would have ${after} entries in place of ${before}: a rule of yours replaces what makes them such`;
  throw new ExpectedError('REDACTION_FAILED', message);
}

const isEntry = (line: string) => parseTranscriptLine(line).kind === 'entry';

/** Throws STILL_RECORDED, when it is called, if somebody has written to the file since. */
function stillTheSame(file: string): () => void {
  const before = lstatSync(file, { throwIfNoEntry: false });
  return () => {
    const now = lstatSync(file, { throwIfNoEntry: false });
    if (now?.size === before?.size && now?.mtimeMs === before?.mtimeMs) return;
    throw new ExpectedError('STILL_RECORDED', `${file} was written to meanwhile; run agentwork again when it is done`);
  };
}

function isPlainFile(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false })?.isFile() === true;
}
