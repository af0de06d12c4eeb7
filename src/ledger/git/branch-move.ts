import { existsSync, lstatSync, rmSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../../errors.ts';
import { readIfThere } from '../../regular-file.ts';
import { parseJson } from '../../session/json-object.ts';
import { listParser, objectParser, type Parser, parseText } from '../../session/json-shape.ts';
import { writeFileAtomic } from '../atomic-file.ts';
import type { Head } from './branch.ts';
import type { PathChange } from './commit-objects.ts';
import type { IndexFile } from './index-file.ts';
import type { LedgerGit } from './ledger-git.ts';
import { isIndexLocked } from './message.ts';
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
  readonly #head: () => Promise<Head>;

  constructor(git: LedgerGit, index: IndexFile, head: () => Promise<Head>) {
    this.#ledger = git;
    this.#git = git.process;
    this.#index = index;
    this.#head = head;
  }

  /** Undefined, or why the branch was left. */
  async run({ ref, commit: from }: Head, to: string, held: readonly PathChange[]): Promise<string | undefined> {
    if (from === undefined) return 'the branch has no commit yet';
    const move: PlannedMove = { ref, from, to, held };
    const journal = await this.#journal();
    if (existsSync(journal)) return 'an earlier move of it is not ended yet; git status shows what there is of that';
    await writeFileAtomic(journal, JSON.stringify(move), { mode: 0o600 });
    let reached = 'nothing' as 'nothing' | 'files' | 'index';
    try {
      await this.#index.edit(
        async (indexFile) => {
          await this.#requireStill(move);
          const goal = await this.#goal(move);
          reached = 'files';
          await this.#git.run(['read-tree', '-m', '-u', from, goal], { indexFile });
          await this.#hold(held, indexFile);
          reached = 'index';
        },
        () => this.#moveRef(move),
      );
      rmSync(journal, { force: true });
      return undefined;
    } catch (error) {
      const said = messageOf(error);
      // git looks at everything first: what it refuses is as it was. Else the next pass sees to what is half done.
      const isAsBefore = reached === 'nothing' || (reached === 'files' && REFUSED.test(said));
      if (isAsBefore || (reached === 'index' && (await this.#takeBack(move)))) rmSync(journal, { force: true });
      return REFUSED.test(said)
        ? `local changes are in the way; once they are committed or put away, git pull --rebase brings it forward (${said})`
        : `it could not be moved; git pull --rebase brings it forward (${said})`;
    }
  }

  /** Ends what a killed pass began. Returns a sentence on what was done; undefined where nothing was left. */
  async finish(): Promise<string | undefined> {
    const journal = await this.#journal();
    const move = readMove(journal);
    const end = move ? await this.#finish(move) : { isOver: true };
    if (end.isOver) rmSync(journal, { force: true });
    return end.sentence;
  }

  /** A move is over when it is ended, or when somebody has gone elsewhere with the branch. */
  async #finish(move: PlannedMove): Promise<{ readonly isOver: boolean; readonly sentence?: string }> {
    const head = await this.#head();
    const isThere = head.ref === move.ref && (head.commit === move.from || head.commit === move.to);
    if (!isThere) return { isOver: true };
    try {
      await this.#index.edit(
        async (indexFile) => {
          // Files may be ahead of the index, which says nothing against them.
          await this.#git.run(['read-tree', '-m', '-i', move.from, await this.#goal(move)], { indexFile });
          await this.#hold(move.held, indexFile);
          await this.#bringFiles(move, indexFile);
        },
        async () => {
          if (head.commit === move.from) await this.#moveRef(move);
        },
      );
      return { isOver: true, sentence: `${BEGUN}; that is done now` };
    } catch (error) {
      if (isIndexLocked(error)) throw error;
      // Whoever mends what is in the way has it ended by the next pass.
      const sentence = `${BEGUN}, and that cannot be ended: git status shows what there is of it (${messageOf(error)})`;
      return { isOver: false, sentence };
    }
  }

  /** Files that are still what they were before the move get their new content; what anybody changed stays. */
  async #bringFiles({ from, to, held }: PlannedMove, indexFile: string): Promise<void> {
    const isHeld = new Set(held.map((change) => change.path));
    const before = new Map((await this.#ledger.differences(to, from, '.')).map((change) => [change.path, change]));
    const stale: string[] = [];
    for (const { path: name, mode } of await this.#ledger.differences(from, to, '.')) {
      const now = await this.#objectOnDisk(name);
      const isSomebodys = now === 'other' || (now !== 'nothing' && now !== before.get(name)?.oid);
      if (isHeld.has(name) || isSomebodys) continue;
      if (now !== 'nothing') rmSync(path.join(this.#git.root, name));
      if (mode !== '000000') stale.push(name);
    }
    if (stale.length === 0) return;
    const input = stale.map((name) => `${name}\0`).join('');
    // Never by force: where anything else lies in the way by now, it stays.
    await this.#git.run(['checkout-index', '--quiet', '-u', '-z', '--stdin'], { indexFile, input });
  }

  /** What git would call the file of this name; `other` for whatever is no plain file in plain folders, or cannot be read. */
  async #objectOnDisk(name: string): Promise<string | 'nothing' | 'other'> {
    const parts = name.split('/');
    for (let depth = 1; depth <= parts.length; depth += 1) {
      const stat = lstatSync(path.join(this.#git.root, ...parts.slice(0, depth)), { throwIfNoEntry: false });
      if (!stat) return 'nothing';
      if (depth < parts.length ? !stat.isDirectory() : !stat.isFile()) return 'other';
    }
    return (await this.#git.ask(['hash-object', '--', name]))?.trim() || 'other';
  }

  /** The tree that files are to come from: where the branch goes, but for what is held, which stays as it was. */
  async #goal(move: PlannedMove): Promise<string> {
    if (move.held.length === 0) return move.to;
    const indexFile = await this.#index.ownFile('goal');
    try {
      await this.#git.run(['read-tree', move.to], { indexFile });
      await this.#hold(await this.#heldBefore(move), indexFile);
      return (await this.#git.run(['write-tree', '--missing-ok'], { indexFile })).trim();
    } finally {
      rmSync(indexFile, { force: true });
    }
  }

  async #heldBefore({ from, to, held }: PlannedMove): Promise<readonly PathChange[]> {
    const isHeld = new Set(held.map((change) => change.path));
    return (await this.#ledger.differences(to, from, '.')).filter((change) => isHeld.has(change.path));
  }

  async #hold(held: readonly PathChange[], indexFile: string): Promise<void> {
    if (held.length === 0) return;
    const lines = held.map(({ path: name, mode, oid }) => `${mode} ${oid}\t${name}\0`);
    await this.#git.run(['update-index', '-z', '--index-info'], { indexFile, input: lines.join('') });
  }

  async #moveRef({ ref, from, to }: PlannedMove): Promise<void> {
    await this.#git.run(['update-ref', '-m', 'agentwork: on top of the remote', ref, to, from]);
  }

  /** Who checks out another branch needs the index, which is ours now. */
  async #requireStill({ ref, from }: PlannedMove): Promise<void> {
    const head = await this.#head();
    if (head.ref !== ref || head.commit !== from) throw new Error('the branch is not where it was any more');
  }

  /** For a branch that somebody else has moved meanwhile. */
  async #takeBack(move: PlannedMove): Promise<boolean> {
    try {
      await this.#index.edit(async (indexFile) => {
        await this.#git.run(['read-tree', '-m', '-u', await this.#goal(move), move.from], { indexFile });
        await this.#hold(await this.#heldBefore(move), indexFile);
      });
      return true;
    } catch {
      // The next pass looks at it again.
      return false;
    }
  }

  #journal(): Promise<string> {
    return this.#index.ownFile('branch-move');
  }
}

const BEGUN = 'an earlier pass had begun to move the branch onto the commits of others';

/** The words of a `read-tree` that has not touched anything. */
const REFUSED = /not uptodate|would (be (overwritten|removed|lost)|lose|overwrite|remove)|Cannot (merge|update)/i;

/** It names every file that is held back. */
const MAX_JOURNAL_BYTES = 64 * 1024 * 1024;

function readMove(journal: string): PlannedMove | undefined {
  const text = readIfThere(journal, MAX_JOURNAL_BYTES)?.toString('utf8');
  // Written whole or not at all: anything else is somebody else's doing, and tells nothing.
  return text === undefined ? undefined : parseMove(parseJson(text));
}

const parseCommit: Parser<string> = (value) =>
  /^[0-9a-f]{40,64}$/.test(parseText(value) ?? '') ? parseText(value) : undefined;

const parseMove = objectParser<PlannedMove>(['ref', 'from', 'to', 'held'], {
  ref: parseText,
  from: parseCommit,
  to: parseCommit,
  held: listParser(
    objectParser<PathChange>(['path', 'mode', 'oid'], { path: parseText, mode: parseText, oid: parseText }),
  ),
});
