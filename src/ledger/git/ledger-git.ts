import { existsSync, lstatSync } from 'node:fs';
import path from 'node:path';
import { ExpectedError } from '../../errors.ts';
import { readIfThere } from '../../regular-file.ts';
import { type PathChange, parseRawDiff } from './commit-objects.ts';
import { GitProcess } from './process.ts';

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

/** Bytes against bytes: no program of the clone's has a say in it. */
const OWN_DIFF = ['--quiet', '--no-ext-diff', '--no-textconv'] as const;

/** What a pass asks of git; nothing here changes anything. */
export class LedgerGit {
  readonly process: GitProcess;
  #gitDir: Promise<string> | undefined;
  /** What stood in git's HEAD when that was first asked. */
  #head: string | undefined;

  constructor(root: string, environment: NodeJS.ProcessEnv = process.env) {
    this.process = new GitProcess(root, environment);
  }

  /** git's whole configuration, with scope and origin of each value: a git that has nothing to say is waited for longer. */
  async readConfig(): Promise<string> {
    return (await this.#try('config', '-z', '--show-scope', '--show-origin', '--list')) ?? '';
  }

  /** Stops before anything is done that could not be committed. Throws GIT_TOO_OLD, NO_IDENTITY, LEDGER_BUSY. */
  async requireCommittable(): Promise<void> {
    await this.requireVersion();
    await this.requireIdentity();
    await this.requireSettled();
  }

  /** Throws LEDGER_BUSY where somebody is in the middle of something, or no branch is checked out. */
  async requireSettled(): Promise<void> {
    await this.requireQuiet();
    await this.requireBranch();
  }

  /** Throws GIT_TOO_OLD for a git that lacks what a pass needs. */
  async requireVersion(): Promise<void> {
    const said = await this.#run('version');
    const [major = 0, minor = 0] = /(\d+)\.(\d+)/.exec(said)?.slice(1).map(Number) ?? [];
    const [wantedMajor, wantedMinor] = LEAST_VERSION;
    if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
    const message = `${said.trim()} is too old: agentwork needs git ${LEAST_VERSION.join('.')} or later`;
    throw new ExpectedError('GIT_TOO_OLD', message);
  }

  /** Throws NO_IDENTITY when git does not know who commits here. */
  async requireIdentity(): Promise<void> {
    const [name, email] = [await this.#config('user.name'), await this.#config('user.email')];
    if (name && email) return;
    throw new ExpectedError('NO_IDENTITY', `git does not know who commits in ${this.process.root}`, {
      suggestions: ['git config --global user.name "Your Name"', 'git config --global user.email you@example.com'],
    });
  }

  /** Throws LEDGER_BUSY when somebody's merge, rebase or the like is under way, or left unmerged files: not ours to touch. */
  async requireQuiet(): Promise<void> {
    await this.requireNothingUnderWay();
    if ((await this.#run('ls-files', '--unmerged', '-z')) !== '') throw this.#busy('there are unmerged files');
  }

  /** Throws LEDGER_BUSY when somebody's merge, rebase or the like is under way. Cheap. */
  async requireNothingUnderWay(): Promise<void> {
    this.#gitDir ??= this.#run('rev-parse', '--absolute-git-dir').then((answer) => answer.trim());
    const gitDir = await this.#gitDir;
    const unfinished = UNFINISHED.find(([file]) => existsSync(path.join(gitDir, file)));
    if (unfinished) throw this.#busy(`${unfinished[1]} is under way`);
  }

  /** The same, and where another branch was checked out since this was first asked. No git is started for it. */
  async requireUndisturbed(): Promise<void> {
    await this.requireNothingUnderWay();
    const head = headIn((await this.#gitDir) ?? '');
    this.#head ??= head;
    if (head !== this.#head) throw switched(this.#head, head);
  }

  /** Throws LEDGER_BUSY on a detached HEAD: a commit there belongs to no branch, and is lost at the next switch. */
  async requireBranch(): Promise<void> {
    if ((await this.#try('symbolic-ref', '--quiet', 'HEAD'))?.trim()) return;
    throw new ExpectedError('LEDGER_BUSY', `${this.process.root} is on no branch (detached HEAD)`, {
      suggestions: ['git switch BRANCH, then run agentwork again'],
    });
  }

  /** Paths below `folder` in the tree of a commit, relative to the root; none where there is no such commit. */
  async filesIn(commit: string, folder: string): Promise<ReadonlySet<string>> {
    if ((await this.commitAt(commit)) === undefined) return new Set();
    return splitNul(await this.#run('ls-tree', '-r', '-z', '--name-only', '--full-tree', commit, '--', folder));
  }

  /** The id of each plain file below `folder` in the tree of a commit, by its path; none where there is no such commit. */
  async blobsIn(commit: string, folder: string): Promise<ReadonlyMap<string, string>> {
    if ((await this.commitAt(commit)) === undefined) return new Map();
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
    return (await this.indexedAt(relativePath)).size > 0;
  }

  /** This file, or all files in this folder, as far as the index knows them. */
  async indexedAt(relativePath: string): Promise<ReadonlySet<string>> {
    return splitNul(await this.#run('--literal-pathspecs', 'ls-files', '-z', '--', relativePath));
  }

  /** Whether git leaves this file out of commits because of an ignore rule. */
  async isIgnored(relativePath: string): Promise<boolean> {
    return (await this.#try('check-ignore', '--quiet', '--', `./${relativePath}`)) !== undefined;
  }

  /** Whether this file stands in HEAD with the bytes that it has on disk. */
  async matchesHead(relativePath: string): Promise<boolean> {
    const there = await this.#try('ls-tree', '--full-tree', '--name-only', 'HEAD', '--', relativePath);
    if (!there?.trim()) return false;
    return (await this.#try('--literal-pathspecs', 'diff', ...OWN_DIFF, 'HEAD', '--', relativePath)) !== undefined;
  }

  /** Which of these files (relative to the root) differ from HEAD, on disk or in the index. */
  async changedFiles(files: readonly string[]): Promise<readonly string[]> {
    if (files.length === 0) return [];
    const words = ['--literal-pathspecs', 'diff', '--name-only', '-z', '--no-renames'];
    const onDisk = splitNul(await this.#run(...words, 'HEAD', '--', ...files));
    const inIndex = splitNul(await this.#run(...words, '--cached', 'HEAD', '--', ...files));
    return [...new Set([...onDisk, ...inIndex])];
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
    // What went there on top of others' commits is there, whatever its name here.
    const range = upstream.isBehind
      ? ['--cherry-pick', '--right-only', `${upstream.ref}...HEAD`]
      : rangeBeyond(upstream);
    return Number((await this.#run('rev-list', '--count', ...range, '--', folder)).trim());
  }

  /** The files under `folder` that commits which the upstream lacks have changed, and that it has not in the same state. */
  async unpushedFiles(upstream: Upstream, folder: string): Promise<ReadonlySet<string>> {
    if (!upstream.isAhead) return new Set();
    const range = rangeBeyond(upstream);
    const changed = splitNul(
      await this.#run('log', '-z', '--format=', '--name-only', '--no-renames', ...range, '--', folder),
    );
    if (!upstream.isBehind) return changed;
    const differing = new Set((await this.differences(upstream.ref, 'HEAD', folder)).map(({ path }) => path));
    return new Set([...changed].filter((path) => differing.has(path)));
  }

  /** The commit that a name stands for; undefined when there is none. */
  async commitAt(name: string): Promise<string | undefined> {
    return (await this.#try('rev-parse', '--verify', '--quiet', `${name}^{commit}`))?.trim() || undefined;
  }

  async isAncestor(older: string, newer: string | undefined): Promise<boolean> {
    return newer !== undefined && (await this.#try('merge-base', '--is-ancestor', older, newer)) !== undefined;
  }

  /** Where two lines of commits parted; undefined for such that never met. */
  async mergeBase(one: string | undefined, other: string | undefined): Promise<string | undefined> {
    if (one === undefined || other === undefined) return undefined;
    return (await this.#try('merge-base', one, other))?.trim() || undefined;
  }

  /** Where HEAD left what the remote had at some time, also where that was rewritten since; undefined where nobody knows. */
  async forkPoint(tracking: string): Promise<string | undefined> {
    return (await this.#try('merge-base', '--fork-point', tracking, 'HEAD'))?.trim() || undefined;
  }

  /** Path -> object, for all files of these sessions in a commit; nothing where there is none. */
  async objectsOf(commit: string | undefined, sessions: ReadonlySet<string>): Promise<ReadonlyMap<string, string>> {
    const objects = new Map<string, string>();
    if (commit === undefined) return objects;
    for (const some of chunks([...sessions], MAX_WORDS)) {
      const folders = some.map((session) => `sessions/${session}/`);
      const listed = splitNul(await this.#run('ls-tree', '-r', '-z', '--full-tree', commit, '--', ...folders));
      for (const line of listed) {
        const [facts = '', name = ''] = line.split('\t', 2);
        objects.set(name, facts.split(' ')[2] ?? '');
      }
    }
    return objects;
  }

  /** Paths below `folder` that differ between two commits, with what stands in the second; all of it without a first. */
  async differences(from: string | undefined, to: string, folder: string): Promise<readonly PathChange[]> {
    const before = from ?? (await this.emptyTree());
    const options = ['-r', '--raw', '-z', '--no-renames', '--no-abbrev'];
    return parseRawDiff(await this.#run('diff-tree', ...options, before, to, '--', folder)).changes;
  }

  /** The id of a tree with nothing in it, which depends on the kind of ids that the clone has. */
  async emptyTree(): Promise<string> {
    return (await this.#run('hash-object', '-t', 'tree', '/dev/null')).trim();
  }

  async hasRemote(): Promise<boolean> {
    return (await this.#run('remote')).trim() !== '';
  }

  async #config(key: string): Promise<string> {
    return ((await this.#try('config', '--get', key)) ?? '').trim();
  }

  #busy(what: string): ExpectedError {
    return new ExpectedError('LEDGER_BUSY', `${what} in ${this.process.root}`, {
      suggestions: ['finish it (git status tells how), then run agentwork again'],
    });
  }

  #run(...command: readonly string[]): Promise<string> {
    return this.process.run(command);
  }

  #try(...command: readonly string[]): Promise<string | undefined> {
    return this.process.ask(command);
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

const MAX_HEAD_BYTES = 64 * 1024;

/** As a link, which very old gits made of it, it tells nothing. */
function headIn(gitDir: string): string | undefined {
  const file = path.join(gitDir, 'HEAD');
  const isPlain = lstatSync(file, { throwIfNoEntry: false })?.isFile() === true;
  return isPlain ? readIfThere(file, MAX_HEAD_BYTES)?.toString('utf8') : undefined;
}

function rangeBeyond({ ref, isGone }: Upstream): readonly string[] {
  return isGone ? ['HEAD'] : [`${ref}..HEAD`];
}

function splitNul(text: string): ReadonlySet<string> {
  return new Set(text.split('\0').filter((name) => name !== ''));
}

/** So many words of a command are never too long together for the system. */
const MAX_WORDS = 500;

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );
}
