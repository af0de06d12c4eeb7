import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import pLimit from 'p-limit';
import { SECOND_MS, systemClock } from '../../clock.ts';
import { ExpectedError, messageOf } from '../../errors.ts';
import { writeOwnFile } from '../../own-folder.ts';
import { tempName } from '../atomic-file.ts';
import { BranchMove } from './branch-move.ts';
import type { Identity } from './commit-facts.ts';
import {
  type CommitDraft,
  type CommitStyle,
  forgetRoots,
  type PathChange,
  PENDING_REF,
  PENDING_REFS,
  parseRawDiff,
  trySignature,
  writeCommits,
} from './commit-objects.ts';
import { checkedOutBranch, readRef } from './head.ts';
import { discard, IndexFile } from './index-file.ts';
import type { LedgerGit } from './ledger-git.ts';
import type { GitAuthor, GitProcess } from './process.ts';
import { switched } from './readiness.ts';

/** Somebody else may commit at the same moment: so often a commit is made anew on top of theirs. */
const TRIES = 5;
const TRY_PAUSE_MS = 50;

/**
 * What belongs into Git LFS gets there whether or not `git lfs install` was run here, and is never added as it is. Only
 * for files that have the attribute is git-lfs started at all.
 */
const LFS_FILTER = [
  ...['-c', 'filter.lfs.process=git-lfs filter-process'],
  ...['-c', 'filter.lfs.clean=git-lfs clean -- %f'],
  ...['-c', 'filter.lfs.required=true'],
] as const;

/** Where HEAD stands: on a branch, and at a commit unless there is none yet. */
export interface Head {
  /** `refs/heads/main`, or `HEAD` where no branch is checked out. */
  readonly ref: string;
  readonly commit: string | undefined;
}

/**
 * The branch that is checked out, as far as a pass changes it. What the user has staged, changed or begun stays as it is,
 * and a kill at any moment leaves a clone that the user and the next pass can work with.
 */
export class LedgerBranch {
  readonly #git: GitProcess;
  readonly #ledger: LedgerGit;
  readonly #scratch: string;
  readonly #index: IndexFile;
  readonly #move: BranchMove;
  readonly #oneAtATime = pLimit(1);
  /** The branch that was first asked for: a pass stays on it. */
  #ref: string | undefined;

  /** `scratch` is a folder of ours on the file system of the clone. */
  constructor(git: LedgerGit, scratch: string) {
    this.#git = git.process;
    this.#ledger = git;
    this.#scratch = scratch;
    this.#index = new IndexFile(this.#git, scratch);
    this.#move = new BranchMove(git, this.#index, () => this.head());
  }

  async head(): Promise<Head> {
    const branch = await checkedOutBranch(this.#git);
    const tip = branch && (await readRef(this.#git, branch));
    if (branch && tip) return { ref: branch, commit: tip };
    const answer = await this.#git.ask(['rev-parse', 'HEAD', '--symbolic-full-name', 'HEAD']);
    const [commit, ref] = answer?.split('\n') ?? [];
    if (commit && ref) return { ref, commit };
    return { ref: (await this.#git.run(['symbolic-ref', 'HEAD'])).trim(), commit: undefined };
  }

  /**
   * Where HEAD stands. Throws LEDGER_BUSY where somebody is in the middle of something, or has checked out another branch
   * since this was first asked: that is not the one that the commits of a pass are for.
   */
  async ownHead(): Promise<Head> {
    await this.#ledger.readiness.requireUndisturbed();
    const head = await this.head();
    this.#ref ??= head.ref;
    if (head.ref === this.#ref) return head;
    throw switched(this.#ref, head.ref);
  }

  /** From here on commits are for the branch that is checked out now. git is asked only where its files do not tell. */
  async begin(): Promise<void> {
    await this.#ledger.readiness.requireUndisturbed();
    if (this.#hasTables()) await this.ownHead();
  }

  /**
   * Commits exactly these files (relative to the root, `/`-separated) as they stand on disk, deleted ones too, and those of
   * `ifTracked` that the index has. Undefined when there was nothing to commit, else the commit id. Throws LEDGER_BUSY,
   * GIT_FAILED, UNWRITABLE.
   */
  async commit(
    files: readonly string[],
    message: string,
    ifTracked: readonly string[] = [],
  ): Promise<string | undefined> {
    return this.#oneAtATime(async () => {
      for (let attempt = 1; ; attempt += 1) {
        const tracked = await this.#ledger.indexedAt(...ifTracked);
        const end = await this.#tryCommit([...files, ...tracked], message);
        if (end.inTheWay === undefined) return end.commit;
        if (attempt === TRIES) throw new ExpectedError('GIT_FAILED', `git commit: ${end.inTheWay}`);
        await setTimeout(TRY_PAUSE_MS * attempt);
      }
    });
  }

  /** Moves branch, index and files to another commit, if nothing of the user's is in the way; else says what is. */
  async moveTo(head: Head, commit: string, held: readonly PathChange[] = []): Promise<string | undefined> {
    return this.#oneAtATime(async () => {
      const busy = await this.#ledger.readiness.requireNothingUnderWay().catch(messageOf);
      return busy ?? this.#move.run(head, commit, held);
    });
  }

  /** Ends or takes back what a killed pass of this clone left half done; a sentence for each thing that was. */
  async recover(): Promise<readonly string[]> {
    const hadLock = await this.#index.dropOwnLock();
    dropLocksOnOwnRefs(this.#commonDir);
    if (this.#mayHaveRefs()) await forgetRoots(this.#git, [PENDING_REF]);
    const moved = await this.#move.finish();
    return [
      ...(hadLock ? ['a killed pass had left the index locked; it is free again'] : []),
      ...(moved ? [moved] : []),
    ];
  }

  /** Signs nothing where commits are to be signed: what could not be committed afterwards is not paid for. Throws GIT_FAILED. */
  async requireSignature(): Promise<void> {
    if (!(await this.#ledger.readiness.commitFacts()).isSigned) return;
    try {
      await trySignature(this.#git, await this.#ledger.emptyTree());
    } catch (error) {
      throw new ExpectedError(
        'GIT_FAILED',
        `commits are to be signed here (commit.gpgSign), and cannot be: ${messageOf(error)}`,
        {
          suggestions: ['git commit -S tells more; git config commit.gpgSign false in this clone does without'],
          cause: error,
        },
      );
    }
  }

  /** How commits of this clone are written. */
  async style(): Promise<CommitStyle> {
    const { committer } = await this.#who();
    return { committer, isSigned: (await this.#ledger.readiness.commitFacts()).isSigned };
  }

  /** `inTheWay`: why another try may help. */
  async #tryCommit(files: readonly string[], message: string): Promise<{ commit?: string; inTheWay?: string }> {
    const copy = await this.#index.copy();
    try {
      // Later than the copy: who checks out another branch changes the index, and what is made here is not put in place.
      const head = await this.ownHead();
      await this.#stage(files, copy.file);
      const changes = await this.#changesIn(copy.file, head, new Set(files));
      if (changes.length === 0) return {};
      const draft: CommitDraft = { message, changes, author: (await this.#who()).author };
      const [commit = ''] = await writeCommits(this.#git, head.commit, [draft], await this.style());
      // A kill in between leaves our files staged, with the very content that the next pass commits.
      const inTheWay = await this.#index.install(copy, () => this.#advance(head, commit));
      return inTheWay === undefined ? { commit } : { inTheWay };
    } catch (error) {
      // Another pass writes commits at this very moment, or somebody has git throw away what no commit has yet.
      if (isLockedRef(error) || isThrownAway(error)) return { inTheWay: messageOf(error) };
      throw error;
    } finally {
      discard(copy);
    }
  }

  /** Ignore rules and sparse checkouts do not hide what is to be shared, and line ends are no reason to refuse it. */
  async #stage(files: readonly string[], indexFile: string): Promise<void> {
    await this.#withFileList(files, (list) => {
      const config = ['-c', 'core.safecrlf=false', ...LFS_FILTER];
      const words = [...config, '--literal-pathspecs', 'add', '--force', '--sparse', ...list];
      return this.#git.run(words, { indexFile });
    });
  }

  /** What these files are to become, told by an index that has them. Throws LEDGER_BUSY for unmerged ones of others. */
  async #changesIn(indexFile: string, { commit }: Head, files: ReadonlySet<string>) {
    const before = commit ?? (await this.#ledger.emptyTree());
    const words = ['diff-index', '--cached', '--raw', '-z', '--no-renames', '--no-abbrev', before];
    const { changes, unmerged } = parseRawDiff(await this.#git.run(words, { indexFile }));
    if (unmerged.length > 0) {
      throw new ExpectedError('LEDGER_BUSY', `there are unmerged files in ${this.#git.root}, such as ${unmerged[0]}`);
    }
    return changes.filter((change) => files.has(change.path));
  }

  /** Undefined, or why the branch could not be moved: it may no longer be where it was. */
  async #advance({ ref, commit: before }: Head, commit: string): Promise<string | undefined> {
    const move = before === undefined ? `create ${ref} ${commit}` : `update ${ref} ${commit} ${before}`;
    try {
      const input = `${move}\ndelete ${PENDING_REF}\n`;
      await this.#git.run(['update-ref', '-m', 'agentwork: finalize', '--stdin'], { input });
      return undefined;
    } catch (error) {
      if (!isLockedRef(error)) throw error;
      return messageOf(error).replace(/^git update-ref: /, '');
    }
  }

  async #withFileList<T>(files: readonly string[], work: (options: readonly string[]) => Promise<T>): Promise<T> {
    const list = tempName(path.join(this.#scratch, 'pathspecs'));
    try {
      writeOwnFile(list, files.map((file) => `${file}\0`).join(''));
      return await work([`--pathspec-from-file=${list}`, '--pathspec-file-nul']);
    } finally {
      rmSync(list, { force: true });
    }
  }

  /** As git knows them, at this moment. Throws NO_IDENTITY. */
  async #who(): Promise<Identity> {
    const { author, committer } = await this.#ledger.readiness.requireIdentity();
    const seconds = Math.floor(systemClock() / SECOND_MS);
    const now = (who: GitAuthor) => ({ ...who, date: who.date.replace(/^\d+/, String(seconds)) });
    return { author: now(author), committer: now(committer) };
  }

  /** Whether git may have refs of ours to forget, as far as its files tell: it is not started to forget nothing. */
  #mayHaveRefs(): boolean {
    const isLoose = PENDING_REFS.some((ref) => existsSync(path.join(this.#commonDir, ref)));
    return this.#hasTables() || isLoose || isPacked(this.#commonDir, PENDING_REFS);
  }

  /** Whether refs are kept in tables, of which files tell nothing. */
  #hasTables(): boolean {
    return existsSync(path.join(this.#commonDir, 'reftable'));
  }

  get #commonDir(): string {
    return path.dirname(this.#scratch);
  }
}

/** Refs of ours are written by passes only, of which this one is the only one: no lock on one of them has a holder. */
function dropLocksOnOwnRefs(commonDir: string): void {
  const folder = path.join(commonDir, 'refs', 'agentwork');
  if (!existsSync(folder)) return;
  const locks = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.lock'));
  for (const lock of locks) rmSync(path.join(folder, lock), { force: true });
}

/** Refs that are packed stand in one file, as lines. */
function isPacked(commonDir: string, refs: readonly string[]): boolean {
  const file = path.join(commonDir, 'packed-refs');
  if (!existsSync(file)) return false;
  const packed = readFileSync(file);
  return refs.some((ref) => packed.includes(` ${ref}\n`));
}

const isLockedRef = (error: unknown): boolean => /cannot lock ref/.test(messageOf(error));

const isThrownAway = (error: unknown): boolean => /blob not found/i.test(messageOf(error));
