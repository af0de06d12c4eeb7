import type { GitProcess } from './process.ts';

/** The branch at a remote that another one follows. */
export interface RemoteBranch {
  /** `.` for this very clone. */
  readonly remote: string;
  /** `refs/heads/main`, there. */
  readonly ref: string;
  /** `refs/remotes/origin/main`, here. */
  readonly tracking: string;
  /** `origin/main`. */
  readonly name: string;
  /** Whether a plain `git push` would push the branch to it. */
  readonly isPlainTarget: boolean;
}

const FORMAT = ['remotename', 'remoteref', 'short']
  .map((what) => `%(upstream:${what})`)
  .concat('%(upstream)', '%(push)');

/** What the branches of a clone follow; git is asked once for each. */
export class FollowedBranches {
  readonly #git: GitProcess;
  readonly #known = new Map<string, RemoteBranch>();

  constructor(git: GitProcess) {
    this.#git = git;
  }

  /** `branch`: `refs/heads/main`. Undefined where it follows none. */
  async of(branch: string): Promise<RemoteBranch | undefined> {
    const followed = this.#known.get(branch) ?? (await this.#ask(branch));
    if (followed) this.#known.set(branch, followed);
    return followed;
  }

  async #ask(branch: string): Promise<RemoteBranch | undefined> {
    const asked = await this.#git.ask(['for-each-ref', `--format=${FORMAT.join('%00')}`, branch]);
    const [remote, ref, name, tracking, push] = (asked || (await this.#configured(branch))).trim().split('\0');
    if (!remote || !ref || !tracking || !name) return undefined;
    return { remote, ref, tracking, name, isPlainTarget: push === tracking };
  }

  /** A branch without a commit is no ref yet; what it is to follow stands in the configuration. */
  async #configured(branch: string): Promise<string> {
    const own = branch.replace(/^refs\/heads\//, '');
    const read = async (key: string) =>
      ((await this.#git.ask(['config', '--get', `branch.${own}.${key}`])) ?? '').trim();
    const [remote, ref] = [await read('remote'), await read('merge')];
    const name = `${remote}/${ref.replace(/^refs\/heads\//, '')}`;
    const tracking = `refs/remotes/${name}`;
    return remote && ref ? [remote, ref, name, tracking, tracking].join('\0') : '';
  }
}
