import path from 'node:path';
import { ExpectedError, messageOf } from '../errors.ts';
import { MAX_POINTER_BYTES, parseLfsPointer } from '../session/lfs-pointer.ts';
import { addFindings, countFindings, type Findings, type RedactionPolicy } from '../session/redaction/policy.ts';
import { type FileSearch, isBinary, searchFile, searchText } from './file-redaction.ts';
import { fileVersions, type HistoryScope, objectSizes } from './git/file-versions.ts';
import type { GitProcess } from './git/process.ts';
import type { Ledger } from './ledger.ts';
import { isAbsent } from './plain-file.ts';

/** A commit whose version of some files holds secrets. */
export interface LeakyCommit {
  readonly commit: string;
  /** Some branch of a remote has it. */
  readonly pushed: boolean;
  readonly findings: Findings;
}

export interface HistorySearch {
  /** The newest first. */
  readonly commits: readonly LeakyCommit[];
  /** What was not looked into, and may hold more. */
  readonly unsearched: readonly string[];
  /** Whether all was looked into that no remote has yet. */
  readonly isUnpushedKnown: boolean;
}

/** Whoever rewrites history has to look into all of it; this is for telling whether there is a reason to. */
const MAX_COMMITS = 200;
const MAX_BYTES = 128 * 1024 * 1024;
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/**
 * Looks for secrets in what history holds of these files (relative to the root), within bounds that it tells. `clean`:
 * objects that are known to hold none.
 */
export async function searchHistory(
  ledger: Pick<Ledger, 'git' | 'lfs'>,
  files: readonly string[],
  policy: RedactionPolicy,
  clean: ReadonlySet<string> = new Set(),
): Promise<HistorySearch> {
  try {
    return await searchCommits(ledger, files, policy, 'everywhere', clean);
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    return { commits: [], unsearched: [`all of it: ${messageOf(error)}`], isUnpushedKnown: false };
  }
}

/** The same of one part of it. Throws GIT_FAILED. */
export async function searchCommits(
  { git, lfs }: Pick<Ledger, 'git' | 'lfs'>,
  files: readonly string[],
  policy: RedactionPolicy,
  scope: HistoryScope,
  clean: ReadonlySet<string> = new Set(),
): Promise<HistorySearch> {
  const versions = await fileVersions(git.process, files, scope);
  const looked = versions.slice(0, MAX_COMMITS);
  const beyond = versions.length - looked.length;
  const search = new ObjectSearch(git.process, lfs, policy);
  await search.measure(looked.flatMap(({ files }) => files.map(({ oid }) => oid)));
  const commits: LeakyCommit[] = [];
  let isUnpushedKnown = versions.slice(MAX_COMMITS).every(({ isPushed }) => isPushed);
  for (const { commit, isPushed, files } of looked) {
    let findings: Findings = {};
    for (const { path, oid } of files.filter((file) => !clean.has(file.oid))) {
      const found = await search.lookInto(oid, path);
      if (found.kind === 'searched') findings = addFindings(findings, found.findings);
      if (found.kind === 'unsearched' && !isPushed) isUnpushedKnown = false;
    }
    if (countFindings(findings) > 0) commits.push({ commit, pushed: isPushed, findings });
  }
  const older = beyond > 0 ? [`the ${beyond} oldest commits of its files`] : [];
  return { commits, unsearched: [...search.unsearched, ...older], isUnpushedKnown };
}

/** Those of these files (relative to the root) whose version in HEAD holds secrets, or may. Throws GIT_FAILED. */
export async function uncleanInHead(
  { git, lfs }: Pick<Ledger, 'git' | 'lfs'>,
  files: readonly string[],
  policy: RedactionPolicy,
): Promise<readonly string[]> {
  if (files.length === 0) return [];
  const oids = await git.blobsIn('HEAD', 'sessions');
  const search = new ObjectSearch(git.process, lfs, policy);
  await search.measure(files.flatMap((file) => oids.get(file) ?? []));
  const unclean: string[] = [];
  for (const file of files) {
    const oid = oids.get(file);
    if (oid === undefined) continue;
    const found = await search.lookInto(oid, file);
    const isClean = found.kind === 'no-text' || (found.kind === 'searched' && countFindings(found.findings) === 0);
    if (!isClean) unclean.push(file);
  }
  return unclean;
}

/** Looks into each object once, whichever commits have it. */
class ObjectSearch {
  readonly #git: GitProcess;
  readonly #lfs: Ledger['lfs'];
  readonly #policy: RedactionPolicy;
  readonly #known = new Map<string, FileSearch>();
  readonly unsearched: string[] = [];
  #sizes: ReadonlyMap<string, number> = new Map();
  #bytes = 0;

  constructor(git: GitProcess, lfs: Ledger['lfs'], policy: RedactionPolicy) {
    this.#git = git;
    this.#lfs = lfs;
    this.#policy = policy;
  }

  async measure(oids: readonly string[]): Promise<void> {
    this.#sizes = await objectSizes(this.#git, [...new Set(oids)]);
  }

  async lookInto(oid: string, file: string): Promise<FileSearch> {
    const name = path.posix.basename(file);
    // What is JSON under one name is text under another.
    const key = `${oid} ${path.posix.extname(name)}`;
    const known = this.#known.get(key);
    if (known) return known;
    const search = await this.#search(oid, name);
    if (search.kind === 'unsearched') this.unsearched.push(`${file} as ${oid.slice(0, 12)}: ${search.reason}`);
    this.#known.set(key, search);
    return search;
  }

  async #search(oid: string, name: string): Promise<FileSearch> {
    const size = this.#sizes.get(oid) ?? Number.NaN;
    if (!(size <= MAX_FILE_BYTES)) return { kind: 'unsearched', reason: 'larger than 64 MB' };
    if (this.#bytes + size > MAX_BYTES) return { kind: 'unsearched', reason: 'beyond the first 128 MB' };
    this.#bytes += size;
    const text = await this.#git.run(['cat-file', 'blob', oid]);
    const pointer = text.length <= MAX_POINTER_BYTES ? parseLfsPointer(text) : undefined;
    if (pointer) return this.#searchObject(pointer.oid, name);
    if (isBinary(text, name)) return { kind: 'no-text' };
    return { kind: 'searched', findings: searchText(text, name, this.#policy) };
  }

  async #searchObject(oid: string, name: string): Promise<FileSearch> {
    const object = await this.#lfs.objectPath(oid);
    if (object === undefined || isAbsent(object)) return { kind: 'unsearched', reason: 'in Git LFS, and not here' };
    return searchFile(object, name, this.#policy);
  }
}
