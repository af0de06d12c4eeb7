import { type PathChange, parseRawDiff } from './commit-objects.ts';
import { FollowedBranches } from './followed.ts';
import { areLevel, checkedOutBranch, readRef } from './head.ts';
import { GitProcess } from './process.ts';
import { Readiness } from './readiness.ts';

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

const LEVEL = { isGone: false, isAhead: false, isBehind: false } as const;

/** Bytes against bytes: no program of the clone's has a say in it. */
const OWN_DIFF = ['--name-only', '-z', '--no-renames', '--no-ext-diff', '--no-textconv'] as const;

/** git reads the whole index to compare two trees, which have none: where there is no such file, there is nothing to read. */
const WITHOUT_INDEX = { indexFile: '/nonexistent/index' } as const;

/** Session -> names of its files, relative to its folder. */
export type FilesByFolder = ReadonlyMap<string, ReadonlySet<string>>;

/** What a pass asks of git; nothing here changes anything. */
export class LedgerGit {
  readonly process: GitProcess;
  /** Whether a pass may commit here. */
  readonly readiness: Readiness;
  readonly followed: FollowedBranches;
  #upstream: Promise<Upstream | undefined> | undefined;

  /** `gitDir`: git's own folder of this work tree, where it is known already. */
  constructor(root: string, environment: NodeJS.ProcessEnv = process.env, gitDir?: string) {
    this.process = new GitProcess(root, environment, gitDir);
    this.readiness = new Readiness(this.process);
    this.followed = new FollowedBranches(this.process);
  }

  /** git's whole configuration, with scope and origin of each value: a git that has nothing to say is waited for longer. */
  async readConfig(): Promise<string> {
    return (await this.#try('config', '-z', '--show-scope', '--show-origin', '--list')) ?? '';
  }

  /** Paths below these folders in the tree of a commit, relative to the root; none where there is no such commit. */
  async filesIn(commit: string, ...folders: readonly string[]): Promise<ReadonlySet<string>> {
    return splitNul(await this.#treeOf(commit, folders, '--name-only'));
  }

  /** What HEAD has in the folders of these sessions: of few sessions of them alone, of many of all that it has. */
  async filesAtHead(sessions: readonly string[]): Promise<FilesByFolder> {
    if (sessions.length === 0) return new Map();
    const folders = sessions.length > MAX_WORDS ? ['sessions/'] : sessions.map((name) => `sessions/${name}/`);
    return filesByFolder(await this.#treeOf('HEAD', folders, '--name-only'));
  }

  /** The id of a tree, `HEAD:sessions` say; undefined where there is none. */
  async treeAt(name: string): Promise<string | undefined> {
    return (await this.#try('rev-parse', '--verify', '--quiet', name))?.trim() || undefined;
  }

  /** Names that stand for something else in the second of two trees; undefined where one of them is not there any more. */
  async changedNames(before: string, after: string): Promise<ReadonlySet<string> | undefined> {
    if (before === after) return new Set();
    if (before === '' || after === '') return undefined;
    const words = ['diff-tree', '--name-only', '-z', '--no-renames', before, after];
    const listed = await this.process.ask(words, WITHOUT_INDEX);
    return listed === undefined ? undefined : splitNul(listed);
  }

  /** The id of each plain file below `folder` in the tree of a commit, by its path; none where there is no such commit. */
  async blobsIn(commit: string, folder: string): Promise<ReadonlyMap<string, string>> {
    const listed = splitNul(await this.#treeOf(commit, [folder]));
    const files = [...listed].map((line) => /^100\d{3} blob ([0-9a-f]+)\t(.*)$/s.exec(line));
    return new Map(files.filter((file) => file !== null).map(([, id = '', name = '']) => [name, id]));
  }

  async #treeOf(commit: string, folders: readonly string[], ...options: readonly string[]): Promise<string> {
    try {
      return await this.#run('ls-tree', '-r', '-z', ...options, '--full-tree', commit, '--', ...folders);
    } catch (error) {
      if ((await this.commitAt(commit)) === undefined) return '';
      throw error;
    }
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

  /** These files, and all files in these folders, as far as the index knows them. */
  async indexedAt(...relativePaths: readonly string[]): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    for (const some of chunks(relativePaths, MAX_WORDS)) {
      const listed = await this.#run('--literal-pathspecs', 'ls-files', '-z', '--', ...some);
      for (const file of splitNul(listed)) found.add(file);
    }
    return found;
  }

  /** Whether git leaves this file out of commits because of an ignore rule. */
  async isIgnored(relativePath: string): Promise<boolean> {
    return (await this.#try('check-ignore', '--quiet', '--', `./${relativePath}`)) !== undefined;
  }

  /** Whether this file stands in HEAD with the bytes that it has on disk. */
  async matchesHead(relativePath: string): Promise<boolean> {
    return (await this.matchingHead([relativePath])).has(relativePath);
  }

  /** Those of these files, of one session say, that stand in HEAD with the bytes that they have on disk. */
  async matchingHead(relativePaths: readonly string[]): Promise<ReadonlySet<string>> {
    if (relativePaths.length === 0) return new Set();
    const listed = await this.#try('ls-tree', '-z', '--full-tree', '--name-only', 'HEAD', '--', ...relativePaths);
    const there = [...splitNul(listed ?? '')];
    if (there.length === 0) return new Set();
    const listing = await this.#try('--literal-pathspecs', 'diff', ...OWN_DIFF, 'HEAD', '--', ...there);
    const changed = splitNul(listing ?? '');
    return new Set(listing === undefined ? [] : there.filter((file) => !changed.has(file)));
  }

  /** Which of these files (relative to the root) differ from HEAD, on disk or in the index. */
  async changedFiles(files: readonly string[]): Promise<readonly string[]> {
    if (files.length === 0) return [];
    const words = ['--literal-pathspecs', 'diff', '--name-only', '-z', '--no-renames'];
    const onDisk = splitNul(await this.#run(...words, 'HEAD', '--', ...files));
    const inIndex = splitNul(await this.#run(...words, '--cached', 'HEAD', '--', ...files));
    return [...new Set([...onDisk, ...inIndex])];
  }

  /**
   * The branch at the remote that this one follows, as the last fetch left it; undefined when there is none. Who asks
   * while git is being asked gets the same answer.
   */
  upstream(): Promise<Upstream | undefined> {
    this.#upstream ??= this.#askUpstream().finally(() => {
      this.#upstream = undefined;
    });
    return this.#upstream;
  }

  async #askUpstream(): Promise<Upstream | undefined> {
    const branch = await checkedOutBranch(this.process);
    if (branch === undefined) return undefined;
    const followed = await this.followed.of(branch);
    if (!followed) return undefined;
    const { tracking: ref, name } = followed;
    if (await areLevel(this.process, branch, ref)) return { ref, name, ...LEVEL };
    const track = await this.#run('for-each-ref', '--format=%(upstream:track)', branch);
    // A branch without a commit is level with nothing.
    if (track === '') return undefined;
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

  /** The same of a branch by its full name: git is asked only where its files do not tell. */
  async tipOf(ref: string): Promise<string | undefined> {
    return (await readRef(this.process, ref)) ?? this.commitAt(ref);
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
    const words = ['diff-tree', ...options, before, to, '--', folder];
    return parseRawDiff(await this.process.run(words, WITHOUT_INDEX)).changes;
  }

  /** The id of a tree with nothing in it, which depends on the kind of ids that the clone has. */
  async emptyTree(): Promise<string> {
    return (await this.#run('hash-object', '-t', 'tree', '/dev/null')).trim();
  }

  async hasRemote(): Promise<boolean> {
    return (await this.#run('remote')).trim() !== '';
  }

  #run(...command: readonly string[]): Promise<string> {
    return this.process.run(command);
  }

  #try(...command: readonly string[]): Promise<string | undefined> {
    return this.process.ask(command);
  }
}

function rangeBeyond({ ref, isGone }: Upstream): readonly string[] {
  return isGone ? ['HEAD'] : [`${ref}..HEAD`];
}

/**
 * Of paths such as `sessions/a/raw.jsonl`, each with a NUL behind it, those of a folder one after the other. Folders with
 * the same files share a set.
 */
function filesByFolder(listed: string): Map<string, ReadonlySet<string>> {
  const folders = new Map<string, ReadonlySet<string>>();
  const sets = new Map<string, ReadonlySet<string>>();
  let [folder, names] = ['', ''];
  const close = () => {
    if (folder === '') return;
    const files = sets.get(names) ?? new Set(names.split('\0'));
    sets.set(names, files);
    folders.set(folder, files);
  };
  for (let start = 0, end = 0; start < listed.length; start = end + 1) {
    end = listed.indexOf('\0', start);
    const [, session = '', ...file] = listed.slice(start, end).split('/');
    if (file.length === 0) continue;
    const name = file.join('/');
    if (session === folder) names += `\0${name}`;
    else {
      close();
      [folder, names] = [session, name];
    }
  }
  close();
  return folders;
}

function splitNul(text: string): ReadonlySet<string> {
  return new Set(text.split('\0').filter((name) => name !== ''));
}

/** So many words of a command are never too long together for the system. */
const MAX_WORDS = 500;

function chunks<T>(all: readonly T[], size: number): (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );
}
