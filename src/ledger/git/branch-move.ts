import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../../errors.ts';
import { writeFileAtomic } from '../atomic-file.ts';
import type { Head } from './branch.ts';
import type { PathChange } from './commit-objects.ts';
import type { IndexFile } from './index-file.ts';
import type { LedgerGit } from './ledger-git.ts';
import type { GitProcess } from './process.ts';

/** A branch on its way, written down before the first file is touched. */
export interface PlannedMove {
  readonly ref: string;
  readonly from: string;
  readonly to: string;
  /** Files of the tree that stay as they are, with what git is to know of them. */
  readonly held: readonly PathChange[];
}

/**
 * Moves the checked-out branch with index and files, as `git merge --ff-only` would, but sideways, too: from commits of
 * ours to the same on top of others'. What the user has staged or changed stays, or nothing is moved.
 */
export class BranchMove {
  readonly #ledger: LedgerGit;
  readonly #git: GitProcess;
  readonly #index: IndexFile;
  readonly #journal: string;

  constructor(git: LedgerGit, index: IndexFile, scratch: string) {
    this.#ledger = git;
    this.#git = git.process;
    this.#index = index;
    this.#journal = path.join(scratch, 'branch-move.json');
  }

  /** Undefined, or why the branch was left. */
  async run({ ref, commit: from }: Head, to: string, held: readonly PathChange[]): Promise<string | undefined> {
    if (from === undefined) return 'the branch has no commit yet';
    await writeFileAtomic(this.#journal, JSON.stringify({ ref, from, to, held } satisfies PlannedMove), {
      mode: 0o600,
    });
    try {
      await this.#index.edit(async (indexFile) => {
        await this.#hold(held, indexFile);
        await this.#git.run(['read-tree', '-m', '-u', from, to], { indexFile });
      });
      await this.#moveRef({ ref, from, to, held });
      rmSync(this.#journal, { force: true });
      return undefined;
    } catch (error) {
      // git looks at everything first: what it refuses is as it was.
      if (!(await this.#isHalfDone(from, to))) rmSync(this.#journal, { force: true });
      return `local changes are in the way; git pull --rebase brings it forward (${messageOf(error)})`;
    }
  }

  /** Ends what a killed pass began. Returns a sentence on what was done; undefined where nothing was left. */
  async finish(): Promise<string | undefined> {
    const move = this.#read();
    if (!move) return undefined;
    const at = await this.#ledger.commitAt('HEAD');
    const isStillOurs = (await this.#ledger.commitAt(move.ref)) === at && (at === move.from || at === move.to);
    if (!isStillOurs) {
      rmSync(this.#journal, { force: true });
      return undefined;
    }
    await this.#index.edit(async (indexFile) => {
      await this.#hold(move.held, indexFile);
      // Files may be ahead of the index, which says nothing against them.
      await this.#git.run(['read-tree', '-m', '-i', move.from, move.to], { indexFile });
      await this.#bringFiles(move, indexFile);
    });
    if (at === move.from) await this.#moveRef(move);
    rmSync(this.#journal, { force: true });
    return 'a killed pass had begun to move the branch onto the commits of others; that is done now';
  }

  /** Files that are still what they were before the move get their new content; what anybody changed stays. */
  async #bringFiles({ from, to, held }: PlannedMove, indexFile: string): Promise<void> {
    const isHeld = new Set(held.map((change) => change.path));
    const before = new Map((await this.#ledger.differences(to, from, '.')).map((change) => [change.path, change]));
    const stale: string[] = [];
    for (const { path: name, mode } of await this.#ledger.differences(from, to, '.')) {
      const old = before.get(name);
      const now = await this.#objectOnDisk(name);
      const wasThere = old !== undefined && old.mode !== '000000';
      if (isHeld.has(name) || (wasThere ? now !== old.oid : now !== undefined)) continue;
      if (mode === '000000') rmSync(path.join(this.#git.root, name), { force: true });
      else stale.push(name);
    }
    if (stale.length === 0) return;
    const input = stale.map((name) => `${name}\0`).join('');
    await this.#git.run(['checkout-index', '--force', '-u', '-z', '--stdin'], { indexFile, input });
  }

  async #objectOnDisk(name: string): Promise<string | undefined> {
    if (!existsSync(path.join(this.#git.root, name))) return undefined;
    return (await this.#git.ask(['hash-object', '--', name]))?.trim();
  }

  async #hold(held: readonly PathChange[], indexFile: string): Promise<void> {
    if (held.length === 0) return;
    const lines = held.map(({ path: name, mode, oid }) => `${mode} ${oid}\t${name}\0`);
    await this.#git.run(['update-index', '-z', '--index-info'], { indexFile, input: lines.join('') });
  }

  async #moveRef({ ref, from, to }: PlannedMove): Promise<void> {
    await this.#git.run(['update-ref', '-m', 'agentwork: on top of the remote', ref, to, from]);
  }

  async #isHalfDone(from: string, to: string): Promise<boolean> {
    const isAt = async (commit: string) =>
      (await this.#git.ask(['diff-index', '--cached', '--quiet', commit])) !== undefined;
    return !(await isAt(from)) && (await isAt(to));
  }

  #read(): PlannedMove | undefined {
    if (!existsSync(this.#journal)) return undefined;
    try {
      return JSON.parse(readFileSync(this.#journal, 'utf8')) as PlannedMove;
    } catch {
      // Written whole or not at all: this is somebody else's doing, and tells nothing.
      rmSync(this.#journal, { force: true });
      return undefined;
    }
  }
}
