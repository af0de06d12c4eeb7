import { accessSync, constants, existsSync, lstatSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Clock } from '../clock.ts';
import { ExpectedError, messageOf } from '../errors.ts';
import { ARTIFACTS, type ArtifactName } from '../session/facts.ts';
import type { LeftOut } from '../session/file-storage.ts';
import { type RedactionPolicy, TABLE_ONLY } from '../session/redaction/policy.ts';
import { createRedactor } from '../session/redaction/redactor.ts';
import { writeFileAtomic } from './atomic-file.ts';
import { readWhole, redactWhole } from './file-redaction.ts';
import { gitPath } from './git/git-path.ts';
import type { LedgerGit } from './git/ledger-git.ts';
import { replaceGrowing } from './growing-file.ts';
import { readBlocks } from './plain-file.ts';
import { RAW_NAME } from './raw-state.ts';
import { META_NAME, readMeta } from './session-facts.ts';
import { redactedLines } from './transcript-file.ts';
import { copyToTrash } from './trash/trash.ts';

const PART_BYTES = 1024 * 1024;
/** Longer than any secret is. */
const SHARED_BYTES = 64 * 1024;

/** Where originals go that are replaced by their cleaned copies. */
export interface Originals {
  readonly ledgerPath: string;
  readonly stateDir: string;
  readonly clock: Clock;
}

/** The copy that everybody will see holds no secret; the original stays in the cache, what it replaces in the trash. */
export async function stageRaw(
  source: string,
  folder: string,
  policy: RedactionPolicy,
  originals: Originals,
): Promise<void> {
  const target = path.join(folder, RAW_NAME);
  mkdirSync(folder, { recursive: true });
  if (existsSync(target)) await keepOriginal(target, originals, 'replaced by a longer copy from a cache');
  await writeFileAtomic(target, redactedLines(source, createRedactor(policy)));
}

/**
 * A recording is cleaned before a commit takes it in; the original is kept in the trash. One that stands in HEAD as it
 * is stays, and that is told: history has it already, and nothing is rewritten behind its author's back.
 */
export async function cleanRaw(
  raw: string,
  policy: RedactionPolicy,
  git: LedgerGit,
  originals: Originals,
): Promise<'cleaned' | 'committed'> {
  if (await git.matchesHead(gitPath(originals.ledgerPath, raw))) return 'committed';
  await keepOriginal(raw, originals, 'the original of a cleaned recording');
  await replaceGrowing(raw, () => redactedLines(raw, createRedactor(policy)));
  return 'cleaned';
}

/** What is to be found in the files beside a recording, and how they came there. */
export interface SidecarSearch {
  readonly policy: RedactionPolicy;
  /** What was just made of clean text is looked at once more, but not for words of a team: they may be those of a page. */
  readonly made: readonly string[];
  /** What no commit takes, as it is too large, is not searched. */
  readonly leftOut: readonly LeftOut[];
}

/**
 * The files beside a recording, searched for secrets before a commit takes them in; returns those that changed.
 * Throws UNREADABLE for one that is too large to be cleaned, or no text.
 */
export async function cleanSidecars(
  folder: string,
  { policy, made, leftOut }: SidecarSearch,
  git: LedgerGit,
  { ledgerPath }: Pick<Originals, 'ledgerPath'>,
): Promise<readonly string[]> {
  const changed: string[] = [];
  const isTaken = (name: string) => !leftOut.some(({ file }) => file === name);
  for (const name of [...ARTIFACTS, META_NAME].filter(isTaken)) {
    const file = path.join(folder, name);
    if (!lstatSync(file, { throwIfNoEntry: false })?.isFile()) continue;
    const applied = made.includes(name) ? TABLE_ONLY : policy;
    if (!holdsSecrets(file, applied)) continue;
    const text = readWhole(file);
    const clean = redactWhole(text, name, createRedactor(applied));
    if (clean === text || (await git.matchesHead(gitPath(ledgerPath, file)))) continue;
    await writeFileAtomic(file, clean);
    changed.push(name);
  }
  return changed;
}

/** A page can have many megabytes, so it is only read as a whole where there is something to replace. */
function holdsSecrets(file: string, policy: RedactionPolicy): boolean {
  for (const part of readParts(file)) if (createRedactor(policy).text(part) !== part) return true;
  return false;
}

/** The text of a file in parts, each with the end of the one before it, so that no secret is cut by all of them. */
function* readParts(file: string): Generator<string> {
  const room = Buffer.allocUnsafe(PART_BYTES);
  let length = 0;
  for (const block of readBlocks(file)) {
    length += block.copy(room, length);
    if (length + block.length <= PART_BYTES) continue;
    yield room.toString('utf8', 0, length);
    length = room.copy(room, 0, length - SHARED_BYTES, length);
  }
  yield room.toString('utf8', 0, length);
}

/** What somebody wrote in the place of an artifact, and no commit holds, is kept before it is written over. */
export async function keepArtifacts(
  folder: string,
  names: readonly ArtifactName[],
  git: LedgerGit,
  originals: Originals,
): Promise<void> {
  const relative = (file: string) => gitPath(originals.ledgerPath, file);
  const files = names
    .map((name) => path.join(folder, name))
    .filter((file) => lstatSync(file, { throwIfNoEntry: false })?.size);
  const committed = await git.matchingHead(files.map(relative));
  for (const file of files.filter((each) => !committed.has(relative(each)))) {
    await keepOriginal(file, originals, 'written over by a pass');
  }
}

/**
 * Looks before an agent is paid: an answer that could not be written afterwards would be bought again and again.
 * Throws UNWRITABLE or UNREADABLE, naming what is in the way.
 */
export function assertPublishable(folder: string): void {
  const place = existsSync(folder) ? folder : path.dirname(folder);
  try {
    if (existsSync(place)) accessSync(place, constants.W_OK);
    // What can be parsed can still be nested too deep to be written again.
    JSON.stringify(readMeta(folder));
  } catch (error) {
    throw new ExpectedError('UNWRITABLE', `cannot write into ${place}: ${messageOf(error)}`, { cause: error });
  }
  const blocked = [...ARTIFACTS, META_NAME].find((name) => isFolder(path.join(folder, name)));
  if (blocked) throw new ExpectedError('UNWRITABLE', `${path.join(folder, blocked)} is a folder, not a file`);
}

function isFolder(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** A copy in the trash, with the reason for which it will be looked for. Returns where it lies. */
export async function keepOriginal(file: string, { stateDir, clock }: Originals, reason: string): Promise<string> {
  const name = `${path.basename(path.dirname(file))}.${path.basename(file)}`;
  return copyToTrash(file, name, stateDir, clock(), reason);
}
