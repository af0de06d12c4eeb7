import { existsSync } from 'node:fs';
import path from 'node:path';
import { ExpectedError } from '../../errors.ts';
import { askCommitFacts, type CommitFacts, type Identity } from './commit-facts.ts';
import { checkedOutBranch, readHeadFile } from './head.ts';
import type { GitProcess } from './process.ts';

/** Operations that git leaves half done in its folder, and what they are called. */
const UNFINISHED: readonly (readonly [file: string, what: string])[] = [
  ['rebase-merge', 'a rebase'],
  ['rebase-apply', 'a rebase'],
  ['MERGE_HEAD', 'a merge'],
  ['CHERRY_PICK_HEAD', 'a cherry-pick'],
  ['REVERT_HEAD', 'a revert'],
  ['BISECT_LOG', 'a bisect'],
];

/** `add --sparse` and signatures by ssh keys are the youngest of what is used. */
const LEAST_VERSION = [2, 34] as const;

/** Whether a pass may commit in a clone, or would be in somebody's way. Changes nothing. */
export class Readiness {
  readonly #git: GitProcess;
  /** What stood in git's HEAD when that was first asked. */
  #head: string | undefined;
  #commitFacts: Promise<CommitFacts> | undefined;

  constructor(git: GitProcess) {
    this.#git = git;
  }

  /** Stops before anything is done that could not be committed. Throws GIT_TOO_OLD, NO_IDENTITY, LEDGER_BUSY. */
  async requireCommittable(): Promise<void> {
    await this.requireVersion();
    await this.requireIdentity();
    await this.requireSettled();
  }

  /** What of that can be told without git, which a pass with nothing to do need not start: LEDGER_BUSY in most cases. */
  async requireFree(): Promise<void> {
    await this.requireNothingUnderWay();
    await this.requireBranch();
  }

  /** Throws LEDGER_BUSY where somebody is in the middle of something, or no branch is checked out. */
  async requireSettled(): Promise<void> {
    await this.requireQuiet();
    await this.requireBranch();
  }

  /** Throws GIT_TOO_OLD for a git that lacks what a pass needs. */
  async requireVersion(): Promise<void> {
    const said = await this.#git.run(['version']);
    const [major = 0, minor = 0] = /(\d+)\.(\d+)/.exec(said)?.slice(1).map(Number) ?? [];
    const [wantedMajor, wantedMinor] = LEAST_VERSION;
    if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
    const message = `${said.trim()} is too old: agentwork needs git ${LEAST_VERSION.join('.')} or later`;
    throw new ExpectedError('GIT_TOO_OLD', message);
  }

  /** Who commits here. Throws NO_IDENTITY when git does not know. */
  async requireIdentity(): Promise<Identity> {
    const { identity } = await this.commitFacts();
    if (identity) return identity;
    throw new ExpectedError('NO_IDENTITY', `git does not know who commits in ${this.#git.root}`, {
      suggestions: ['git config --global user.name "Your Name"', 'git config --global user.email you@example.com'],
    });
  }

  /** Asked once, and again as long as nobody is named. */
  async commitFacts(): Promise<CommitFacts> {
    const asked = this.#commitFacts ?? askCommitFacts(this.#git);
    this.#commitFacts = asked;
    const facts = await asked.catch((error) => {
      this.#commitFacts = undefined;
      throw error;
    });
    if (!facts.identity) this.#commitFacts = undefined;
    return facts;
  }

  /** Throws LEDGER_BUSY when somebody's merge, rebase or the like is under way, or left unmerged files: not ours to touch. */
  async requireQuiet(): Promise<void> {
    await this.requireNothingUnderWay();
    if ((await this.#git.run(['ls-files', '--unmerged', '-z'])) !== '') throw this.#busy('there are unmerged files');
  }

  /** Throws LEDGER_BUSY when somebody's merge, rebase or the like is under way. Cheap. */
  async requireNothingUnderWay(): Promise<void> {
    const gitDir = await this.#git.gitDir();
    const unfinished = UNFINISHED.find(([file]) => existsSync(path.join(gitDir, file)));
    if (unfinished) throw this.#busy(`${unfinished[1]} is under way`);
  }

  /** The same, and where another branch was checked out since this was first asked. No git is started for it. */
  async requireUndisturbed(): Promise<void> {
    await this.requireNothingUnderWay();
    const head = readHeadFile(await this.#git.gitDir());
    this.#head ??= head;
    if (head !== this.#head) throw switched(this.#head, head);
  }

  /** Throws LEDGER_BUSY on a detached HEAD: a commit there belongs to no branch, and is lost at the next switch. */
  async requireBranch(): Promise<void> {
    if ((await checkedOutBranch(this.#git)) !== undefined) return;
    throw new ExpectedError('LEDGER_BUSY', `${this.#git.root} is on no branch (detached HEAD)`, {
      suggestions: ['git switch BRANCH, then run agentwork again'],
    });
  }

  #busy(what: string): ExpectedError {
    return new ExpectedError('LEDGER_BUSY', `${what} in ${this.#git.root}`, {
      suggestions: ['finish it (git status tells how), then run agentwork again'],
    });
  }
}

/** Somebody has gone to another branch while a pass works on this one. */
export function switched(from = '', to = ''): ExpectedError {
  return new ExpectedError(
    'LEDGER_BUSY',
    `${shortName(to)} was checked out while the pass worked on ${shortName(from)}`,
  );
}

function shortName(head: string): string {
  const branch = /^(?:ref: )?refs\/heads\/(.*)$/.exec(head.trim())?.[1];
  return branch ?? 'a commit of no branch';
}
