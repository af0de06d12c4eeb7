import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import pLimit from 'p-limit';
import { GitError, type SimpleGit, simpleGit } from 'simple-git';
import { MINUTE_MS } from '../clock.ts';
import { ExpectedError, messageOf } from '../errors.ts';
import { tempName } from './atomic-file.ts';
import { ALLOWED_VARIABLES, gitEnvironment } from './git-environment.ts';
import { gitMessage, isIndexLocked, refusalReason, unlessNothingToCommit } from './git-message.ts';

/** What a push came to. `off`: no remote to push to. */
export type PushOutcome = 'done' | 'nothing' | 'off' | { readonly refused: string };

/** A branch of the remote, as this clone knows it. */
export interface Upstream {
  /** `refs/remotes/origin/main`. */
  readonly ref: string;
  /** `origin/main`. */
  readonly name: string;
  /** There is no such branch at the remote, or not yet. */
  readonly isGone: boolean;
  /** We have commits that it lacks. */
  readonly isAhead: boolean;
  /** It has commits that we lack. */
  readonly isBehind: boolean;
}

/** No git call may hang a pass: this long without a sign of life, and it is ended. */
const SILENCE_LIMIT_MS = 2 * MINUTE_MS;

/** How often, and how long apart, a commit is tried while another git holds the index. */
const INDEX_LOCK_TRIES = 10;
const INDEX_LOCK_WAIT_MS = 300;

/** Operations that git leaves half done in its folder, and what they are called. */
const UNFINISHED: readonly (readonly [file: string, what: string])[] = [
  ['rebase-merge', 'a rebase'],
  ['rebase-apply', 'a rebase'],
  ['MERGE_HEAD', 'a merge'],
  ['CHERRY_PICK_HEAD', 'a cherry-pick'],
  ['REVERT_HEAD', 'a revert'],
  ['BISECT_LOG', 'a bisect'],
];

/** The hooks of the clone judge what people write; they have no say over files that nobody wrote by hand. */
const WITHOUT_HOOKS = ['-c', 'core.hooksPath=/dev/null'] as const;

/** The git calls of a pass, one at a time. Nothing is ever forced, and only named files are touched. */
export class LedgerGit {
  readonly #git: SimpleGit;
  readonly #root: string;
  readonly #oneAtATime = pLimit(1);

  constructor(root: string, environment: NodeJS.ProcessEnv = process.env) {
    this.#root = root;
    this.#git = openGit(root, environment);
  }

  /** git's whole configuration, with scope and origin of each value: a git that has nothing to say is waited for longer. */
  async readConfig(): Promise<string> {
    return (await this.#try('config', '-z', '--show-scope', '--show-origin', '--list')) ?? '';
  }

  /** Throws NO_IDENTITY when git does not know who commits here. */
  async requireIdentity(): Promise<void> {
    const [name, email] = [await this.#config('user.name'), await this.#config('user.email')];
    if (name && email) return;
    throw new ExpectedError('NO_IDENTITY', `git does not know who commits in ${this.#root}`, {
      suggestions: ['git config --global user.name "Your Name"', 'git config --global user.email you@example.com'],
    });
  }

  /** Throws LEDGER_BUSY when somebody's merge, rebase or the like is under way: it is not ours to touch. */
  async requireQuiet(): Promise<void> {
    const gitDir = (await this.#run('rev-parse', '--absolute-git-dir')).trim();
    const unfinished = UNFINISHED.find(([file]) => existsSync(path.join(gitDir, file)));
    const unmerged = unfinished ? '' : await this.#run('ls-files', '--unmerged', '-z');
    if (!unfinished && unmerged === '') return;
    const what = unfinished ? `${unfinished[1]} is under way` : 'there are unmerged files';
    throw new ExpectedError('LEDGER_BUSY', `${what} in ${this.#root}`, {
      suggestions: ['finish it (git status tells how), then run agentwork again'],
    });
  }

  /** Throws LEDGER_BUSY on a detached HEAD: a commit there belongs to no branch, and is lost at the next switch. */
  async requireBranch(): Promise<void> {
    if ((await this.#try('symbolic-ref', '--quiet', 'HEAD'))?.trim()) return;
    throw new ExpectedError('LEDGER_BUSY', `${this.#root} is on no branch (detached HEAD)`, {
      suggestions: ['git switch BRANCH, then run agentwork again'],
    });
  }

  /** Paths below `folder` in the tree of a commit, relative to the root; none where there is no such commit. */
  async filesIn(commit: string, folder: string): Promise<ReadonlySet<string>> {
    const exists = (await this.#try('rev-parse', '--verify', '--quiet', `${commit}^{commit}`))?.trim();
    if (!exists) return new Set();
    return splitNul(await this.#run('ls-tree', '-r', '-z', '--name-only', '--full-tree', commit, '--', folder));
  }

  /** The id of each plain file below `folder` in the tree of a commit, by its path; none where there is no such commit. */
  async blobsIn(commit: string, folder: string): Promise<ReadonlyMap<string, string>> {
    const exists = (await this.#try('rev-parse', '--verify', '--quiet', `${commit}^{commit}`))?.trim();
    if (!exists) return new Map();
    const listed = splitNul(await this.#run('ls-tree', '-r', '-z', '--full-tree', commit, '--', folder));
    const files = [...listed].map((line) => /^100\d{3} blob ([0-9a-f]+)\t(.*)$/s.exec(line));
    return new Map(files.filter((file) => file !== null).map(([, id = '', name = '']) => [name, id]));
  }

  /** Bytes of a file of a commit; undefined when it has no such file. */
  async sizeOf(commit: string, relativePath: string): Promise<number | undefined> {
    const size = await this.#try('cat-file', '-s', `${commit}:${relativePath}`);
    return size === undefined ? undefined : Number(size);
  }

  /** What stands in a file of a commit; undefined when it has no such file. */
  async read(commit: string, relativePath: string): Promise<string | undefined> {
    return this.#try('cat-file', 'blob', `${commit}:${relativePath}`);
  }

  /** Files of the index that these glob patterns name, relative to the root. */
  async trackedFiles(...patterns: readonly string[]): Promise<ReadonlySet<string>> {
    return splitNul(await this.#run('ls-files', '-z', '--', ...patterns.map((pattern) => `:(top,glob)${pattern}`)));
  }

  /** Whether the index knows this file, or anything in this folder: committed, or staged by the user. */
  async isTracked(relativePath: string): Promise<boolean> {
    return (await this.#run('--literal-pathspecs', 'ls-files', '-z', '--', relativePath)) !== '';
  }

  /** Whether this file stands in HEAD with the bytes that it has on disk. */
  async matchesHead(relativePath: string): Promise<boolean> {
    const there = await this.#try('ls-tree', '--full-tree', '--name-only', 'HEAD', '--', relativePath);
    if (!there?.trim()) return false;
    return (await this.#try('--literal-pathspecs', 'diff', '--quiet', 'HEAD', '--', relativePath)) !== undefined;
  }

  /**
   * Commits exactly these files (relative to the root, `/`-separated) as they stand on disk, deleted ones too; what
   * else is staged or changed stays as it is. Undefined when there was nothing to commit, else the commit id.
   */
  async commit(files: readonly string[], message: string, scratch: string): Promise<string | undefined> {
    return this.#oneAtATime(async () => {
      const before = await this.#head();
      const pathspecs = tempName(path.join(scratch, 'pathspecs'));
      const messageFile = tempName(path.join(scratch, 'message'));
      try {
        await writeFile(pathspecs, files.map((file) => `${file}\0`).join(''));
        await writeFile(messageFile, message);
        const only = [`--pathspec-from-file=${pathspecs}`, '--pathspec-file-nul'];
        await this.#whenUnlocked('--literal-pathspecs', 'add', '--force', '--sparse', ...only);
        const options = ['--quiet', '--no-verify', '--only', ...only, '-F', messageFile];
        const commit = this.#whenUnlocked(...WITHOUT_HOOKS, '--literal-pathspecs', 'commit', ...options);
        await commit.catch(unlessNothingToCommit);
      } catch (error) {
        // Nothing of ours stays staged for somebody else's commit to take along.
        await this.#try(
          '--literal-pathspecs',
          'reset',
          '--quiet',
          `--pathspec-from-file=${pathspecs}`,
          '--pathspec-file-nul',
        );
        throw error;
      } finally {
        await rm(pathspecs, { force: true });
        await rm(messageFile, { force: true });
      }
      const after = await this.#head();
      return after === before ? undefined : after;
    });
  }

  /** The branch at the remote that this one follows, as the last fetch left it; undefined when there is none. */
  async upstream(): Promise<Upstream | undefined> {
    const branch = (await this.#try('symbolic-ref', '--quiet', 'HEAD'))?.trim();
    if (!branch) return undefined;
    const format = '--format=%(upstream)%00%(upstream:short)%00%(upstream:track)';
    const [ref, name, track = ''] = (await this.#run('for-each-ref', format, branch)).trim().split('\0');
    if (!ref || !name) return undefined;
    // Behind an empty remote there is a name for the upstream, and no commit yet.
    const isGone = track.includes('gone');
    return { ref, name, isGone, isAhead: isGone || track.includes('ahead'), isBehind: track.includes('behind') };
  }

  /** Commits under `folder` that the upstream branch lacks; undefined when there is no upstream to compare with. */
  async unpushed(folder: string): Promise<number | undefined> {
    const upstream = await this.upstream();
    if (!upstream) return undefined;
    if (!upstream.isAhead) return 0;
    return Number((await this.#run('rev-list', '--count', ...rangeBeyond(upstream), '--', folder)).trim());
  }

  /** The files under `folder` that commits which the upstream lacks have changed. */
  async unpushedFiles(upstream: Upstream, folder: string): Promise<ReadonlySet<string>> {
    if (!upstream.isAhead) return new Set();
    const range = rangeBeyond(upstream);
    return splitNul(await this.#run('log', '-z', '--format=', '--name-only', '--no-renames', ...range, '--', folder));
  }

  async hasRemote(): Promise<boolean> {
    return (await this.#run('remote')).trim() !== '';
  }

  /** Once per pass: a refused push is tried again by the next pass, a lost summary is not. Never forced. */
  async push(): Promise<PushOutcome> {
    if (!(await this.hasRemote())) return 'off';
    try {
      await this.#oneAtATime(async () => this.#run('push', '--quiet', ...(await this.#pushTarget())));
      return 'done';
    } catch (error) {
      return { refused: refusalReason(messageOf(error)) };
    }
  }

  /** This branch to its upstream, and nothing else of the user's, whatever a plain push would take along. */
  async #pushTarget(): Promise<readonly string[]> {
    const branch = (await this.#try('symbolic-ref', '--quiet', 'HEAD'))?.trim() ?? '';
    const format = '--format=%(upstream:remotename)%00%(upstream:remoteref)';
    const [remote, ref] = branch === '' ? [] : (await this.#run('for-each-ref', format, branch)).trim().split('\0');
    if (!remote || !ref) return [];
    return ['--no-follow-tags', '--recurse-submodules=no', remote, `HEAD:${ref}`];
  }

  async #head(): Promise<string | undefined> {
    const id = await this.#try('rev-parse', '--verify', '--quiet', 'HEAD');
    return id === undefined || id.trim() === '' ? undefined : id.trim();
  }

  async #config(key: string): Promise<string> {
    return ((await this.#try('config', '--get', key)) ?? '').trim();
  }

  async #run(...command: readonly string[]): Promise<string> {
    try {
      return await this.#git.raw([...command]);
    } catch (error) {
      const verb = command.find((word) => /^[a-z][a-z-]*$/.test(word));
      throw new ExpectedError('GIT_FAILED', `git ${verb}: ${gitMessage(error)}`, { cause: error });
    }
  }

  /** Somebody's `git status` holds the index for a moment: that is waited for, and never broken. */
  async #whenUnlocked(...command: readonly string[]): Promise<string> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#run(...command);
      } catch (error) {
        if (attempt === INDEX_LOCK_TRIES || !isIndexLocked(error)) throw error;
        await setTimeout(INDEX_LOCK_WAIT_MS);
      }
    }
  }

  /** Undefined where git says no: for questions whose "no" is an answer. */
  async #try(...command: readonly string[]): Promise<string | undefined> {
    try {
      return await this.#git.raw([...command]);
    } catch (error) {
      if (error instanceof GitError) return undefined;
      throw error;
    }
  }
}

/** A simple-git on `folder` that hears nothing of the hook it may have been started from. */
export function openGit(folder: string, environment: NodeJS.ProcessEnv): SimpleGit {
  return simpleGit({
    baseDir: folder,
    timeout: { block: SILENCE_LIMIT_MS },
    allowEnvironment: ALLOWED_VARIABLES,
    // These name what the user's own environment says, which is the user's to say.
    unsafe: {
      allowUnsafeSshCommand: true,
      allowUnsafeAskPass: true,
      allowUnsafeConfigPaths: true,
      allowUnsafeConfigEnvCount: true,
      allowUnsafeFsMonitor: true,
      allowUnsafeHooksPath: true,
    },
    errors: failureOf,
  }).env(gitEnvironment(environment));
}

/** A git that ended with an exit status other than 0 has failed, even if it said nothing about it. */
function failureOf(known: Buffer | Error | undefined, end: { exitCode: number; stdOut: Buffer[]; stdErr: Buffer[] }) {
  if (known || end.exitCode === 0) return known;
  const said = Buffer.concat([...end.stdOut, ...end.stdErr]);
  return said.length > 0 ? said : Buffer.from(`ended with exit status ${end.exitCode}`);
}

function rangeBeyond({ ref, isGone }: Upstream): readonly string[] {
  return isGone ? ['HEAD'] : [`${ref}..HEAD`];
}

function splitNul(text: string): ReadonlySet<string> {
  return new Set(text.split('\0').filter((name) => name !== ''));
}
