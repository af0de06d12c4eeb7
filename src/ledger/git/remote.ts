import { MINUTE_MS, SECOND_MS } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import type { FollowedBranches, RemoteBranch } from './followed.ts';
import { checkedOutBranch } from './head.ts';
import type { LedgerGit } from './ledger-git.ts';
import type { GitProcess } from './process.ts';
import { parseRefusal, type Refusal } from './refusal.ts';

/** A wish for one ref of the remote. */
export interface RefWish {
  readonly ref: string;
  /** What it is to point to; undefined to delete it. */
  readonly to: string | undefined;
  /** What it has to point to now: an id, or `null` for nothing. Without it, only what is ahead is taken. */
  readonly from?: string | null;
}

/** What a push came to, for all its refs and for each. */
export interface PushAnswer {
  /** Why the whole push, or the first of its refs, was refused. */
  readonly refusal: Refusal | undefined;
  /** Refs that are as wished now. */
  readonly done: ReadonlySet<string>;
  /** Ref -> what was said of it. */
  readonly rejected: ReadonlyMap<string, string>;
}

/** How long the remote may take, whatever it goes on to say meanwhile. */
export interface RemoteLimits {
  /** A pass that begins waits no longer than this to hear of others. */
  readonly fetchMs: number;
  readonly pushMs: number;
  /** A few refs without commits. */
  readonly smallPushMs: number;
}

const LIMITS: RemoteLimits = { fetchMs: 1 * MINUTE_MS, pushMs: 30 * MINUTE_MS, smallPushMs: 30 * SECOND_MS };

/** The remote, asked and told in as few calls as can be. Each of them ends in bounded time. */
export class LedgerRemote {
  readonly #git: GitProcess;
  readonly #followed: FollowedBranches;
  readonly #limits: RemoteLimits;

  constructor({ process, followed }: Pick<LedgerGit, 'process' | 'followed'>, limits = LIMITS) {
    this.#git = process;
    this.#followed = followed;
    this.#limits = limits;
  }

  /** Undefined where the branch follows none, or one of this very clone. */
  async branch(): Promise<RemoteBranch | undefined> {
    const head = await checkedOutBranch(this.#git);
    const followed = head === undefined ? undefined : await this.#followed.of(head);
    return followed?.remote === '.' ? undefined : followed;
  }

  /** Brings what this branch follows, and what `refspecs` name, and forgets what is gone there. */
  async fetch(branch: RemoteBranch, refspecs: readonly string[] = []): Promise<Refusal | undefined> {
    const own = `+${branch.ref}:${branch.tracking}`;
    const refusal = await this.#fetch(branch.remote, [own, ...refspecs]);
    // Behind an empty remote there is a name for the branch, and no commit yet.
    if (!refusal?.message.includes("couldn't find remote ref")) return refusal;
    return refspecs.length === 0 ? undefined : this.#fetch(branch.remote, refspecs);
  }

  /** `isAtomic`: all or none. The clone's pre-push hook runs where commits are pushed, which is how Git LFS works. */
  async push(
    remote: string,
    wishes: readonly RefWish[],
    { isAtomic = false, withHooks = false }: { readonly isAtomic?: boolean; readonly withHooks?: boolean } = {},
  ): Promise<PushAnswer> {
    const leases = wishes.flatMap(({ ref, from }) =>
      from === undefined ? [] : [`--force-with-lease=${ref}:${from ?? ''}`],
    );
    const refspecs = wishes.map(({ ref, to }) => `${to ?? ''}:${ref}`);
    const options = ['--porcelain', '--progress', '--no-follow-tags', '--recurse-submodules=no', '--no-signed'];
    const words = ['push', ...options, ...(isAtomic ? ['--atomic'] : []), ...leases, remote, ...refspecs];
    try {
      const limitMs = withHooks ? this.#limits.pushMs : this.#limits.smallPushMs;
      return {
        done: refsTaken(await this.#git.run(words, { withHooks, limitMs })),
        rejected: new Map(),
        refusal: undefined,
      };
    } catch (error) {
      const said = wordsOf(error);
      return {
        done: isAtomic ? new Set() : refsTaken(said),
        rejected: refsRejected(said),
        refusal: parseRefusal(said),
      };
    }
  }

  /** Goes to the remote as a push does, with what it has already; nothing is changed, and no hook runs. */
  async knock({ remote, ref, tracking }: RemoteBranch): Promise<Refusal | undefined> {
    try {
      const words = ['push', '--dry-run', '--porcelain', '--no-verify', '--recurse-submodules=no', remote];
      await this.#git.run([...words, `${tracking}:${ref}`], { limitMs: this.#limits.smallPushMs });
      return undefined;
    } catch (error) {
      const refusal = parseRefusal(wordsOf(error));
      return refusal.kind === 'behind' ? undefined : refusal;
    }
  }

  /** As the user would, for a branch that follows none. */
  async pushPlain(): Promise<Refusal | undefined> {
    try {
      await this.#git.run(['push', '--quiet'], { withHooks: true, limitMs: this.#limits.pushMs });
      return undefined;
    } catch (error) {
      return parseRefusal(wordsOf(error));
    }
  }

  async #fetch(remote: string, refspecs: readonly string[]): Promise<Refusal | undefined> {
    const options = ['--quiet', '--no-tags', '--prune', '--no-write-fetch-head', '--recurse-submodules=no'];
    try {
      await this.#git.run(['fetch', ...options, remote, ...refspecs], { limitMs: this.#limits.fetchMs });
      return undefined;
    } catch (error) {
      return parseRefusal(wordsOf(error));
    }
  }
}

/** All that git said, line by line. */
function wordsOf(error: unknown): string {
  return messageOf((error as Error).cause ?? error);
}

/**
 * Refs of the lines that `push --porcelain` prints, `<flag>\t<from>:<to>\t<summary>`, but for those that were rejected,
 * and those that were there already: whoever wants to be the first was not.
 */
function refsTaken(said: string): ReadonlySet<string> {
  const lines = said.matchAll(/^([ +*-])\t([^\t\n]*):([^\t\n:]+)\t/gm);
  return new Set([...lines].map(([, , , ref = '']) => ref));
}

/** `!\t<from>:<to>\t[rejected] (fetch first)` */
function refsRejected(said: string): ReadonlyMap<string, string> {
  const lines = said.matchAll(/^!\t[^\t\n]*:([^\t\n:]+)\t(.*)$/gm);
  return new Map([...lines].map(([, ref = '', why = '']) => [ref, why]));
}
