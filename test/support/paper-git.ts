import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { SimpleGit, SimpleGitOptions } from 'simple-git';
import { assertAlive, laterStep } from './crash.ts';

type SimpleGitModule = typeof import('simple-git');

/** Path -> bytes, each as one character. */
type Tree = ReadonlyMap<string, string>;

interface Commit {
  readonly id: string;
  readonly tree: Tree;
  readonly parent: Commit | undefined;
}

/**
 * A clone and its remote in memory, with the answers that git gives to the commands of `LedgerGit`: a thousand times
 * faster than git, and the same each time. What the tool does is held with git itself too, in fewer runs.
 */
export class PaperRepository {
  readonly root: string;
  #index = new Map<string, string>();
  #head: Commit = { id: idOf('root'), tree: new Map(), parent: undefined };
  #tracking: Commit = this.#head;
  #remote: Commit = this.#head;
  /** What the remote says to a push; it takes it when undefined. */
  refusal: string | undefined;

  constructor(root: string) {
    this.root = root;
  }

  /** Commits the files of the tree, and pushes. */
  begin(files: readonly string[]): void {
    this.#add(files);
    this.#commit(files);
    this.#push();
  }

  /** What stands in the files of this name in any commit of the clone or of its remote. */
  committed(basename: string): string[] {
    const commits = new Set([...historyOf(this.#head), ...historyOf(this.#remote)]);
    const files = [...commits].flatMap(({ tree }) => [...tree]).filter(([file]) => path.basename(file) === basename);
    return [...new Set(files.map(([, bytes]) => bytes))].map(textOf);
  }

  /** Somebody else pushes these files, and this clone hears of it. */
  pushFromElsewhere(files: Readonly<Record<string, string>>): void {
    const tree = new Map([...this.#remote.tree, ...Object.entries(files)]);
    this.#remote = this.#tracking = commitOf(tree, this.#remote);
  }

  /** Files that a `git pull --rebase` brings; undefined when git refuses it. */
  pull(): ReadonlyMap<string, string> | undefined {
    const base = historyOf(this.#head).find((commit) => historyOf(this.#remote).includes(commit));
    const theirs = changes(base?.tree, this.#remote.tree);
    const ours = changes(base?.tree, this.#head.tree);
    const isInTheWay = (file: string) => ours.has(file) || this.#onDisk(file) !== this.#head.tree.get(file);
    if ([...theirs.keys()].some(isInTheWay)) return undefined;
    if (ours.size === 0) this.#head = this.#remote;
    else this.#head = commitOf(withChanges(this.#remote.tree, ours), this.#remote);
    for (const [file, bytes] of theirs) this.#index.set(file, bytes ?? '');
    return new Map([...theirs].map(([file, bytes]) => [file, bytes ?? '']));
  }

  async run(words: readonly string[]): Promise<string> {
    assertAlive();
    const command = words.filter((word, index) => !IGNORED.has(word) && words[index - 1] !== '-c');
    const verb = command[0] ?? '';
    if (!CHANGES.has(verb)) return this.#answer(command);
    return laterStep(`git ${verb}`, async () => this.#answer(command));
  }

  #answer(command: readonly string[]): string {
    const [verb, ...rest] = command;
    const last = command.at(-1) ?? '';
    const paths = () => filesNamedIn(rest);
    if (verb === 'add') return this.#add(paths());
    if (verb === 'commit') return this.#commit(paths());
    if (verb === 'reset') return this.#reset(paths());
    if (verb === 'push') return this.#push();
    if (verb === 'rev-parse') return this.#revParse(rest);
    if (verb === 'config') return 'Paper\n';
    if (verb === 'symbolic-ref') return 'refs/heads/main\n';
    if (verb === 'remote') return 'origin\n';
    if (verb === 'for-each-ref') return this.#forEachRef(rest.join(' '));
    if (verb === 'ls-files') return rest.includes('--unmerged') ? '' : this.#lsFiles(rest);
    if (verb === 'ls-tree') return this.#lsTree(rest);
    if (verb === 'cat-file') return this.#catFile(rest);
    if (verb === 'diff') return this.#onDisk(last) === this.#head.tree.get(last) ? '' : refuse('differs');
    if (verb === 'rev-list') return `${this.#ahead().length}\n`;
    if (verb === 'log') return joined(this.#ahead().flatMap((one) => [...changes(one.parent?.tree, one.tree).keys()]));
    throw new Error(`paper git does not know: git ${command.join(' ')}`);
  }

  #add(files: readonly string[]): string {
    for (const file of files) this.#index.set(file, this.#onDisk(file) ?? refuse(`pathspec '${file}' did not match`));
    return '';
  }

  #commit(files: readonly string[]): string {
    const now = new Map(files.map((file) => [file, this.#onDisk(file)]));
    const tree = withChanges(this.#head.tree, now);
    if (changes(this.#head.tree, tree).size === 0) return refuse('nothing to commit, working tree clean');
    this.#head = commitOf(tree, this.#head);
    this.#index = new Map(withChanges(this.#index, now));
    return '';
  }

  #reset(files: readonly string[]): string {
    this.#index = new Map(withChanges(this.#index, new Map(files.map((file) => [file, this.#head.tree.get(file)]))));
    return '';
  }

  #push(): string {
    if (this.refusal !== undefined) return refuse(this.refusal);
    if (!historyOf(this.#head).includes(this.#remote)) return refuse('! [rejected] main -> main (fetch first)');
    this.#remote = this.#tracking = this.#head;
    return '';
  }

  #revParse(words: readonly string[]): string {
    const gitDir = path.join(this.root, '.git');
    if (words.includes('--git-common-dir')) return `${this.root}\n${gitDir}\n`;
    if (words.includes('--absolute-git-dir')) return `${gitDir}\n`;
    return `${this.#at(words.at(-1) ?? '').id}\n`;
  }

  #forEachRef(format: string): string {
    if (format.includes('remotename')) return 'origin\0refs/heads/main\n';
    const isBehind = !historyOf(this.#head).includes(this.#tracking);
    const track = [...(this.#ahead().length > 0 ? ['ahead 1'] : []), ...(isBehind ? ['behind 1'] : [])].join(', ');
    return `refs/remotes/origin/main\0origin/main\0${track}\n`;
  }

  #lsFiles(words: readonly string[]): string {
    const patterns = words.slice(words.indexOf('--') + 1).map(matcher);
    return joined([...this.#index.keys()].filter((file) => patterns.some((matches) => matches.test(file))));
  }

  #lsTree(words: readonly string[]): string {
    const split = words.indexOf('--');
    const tree = this.#at(words[split - 1] ?? '').tree;
    const inside = [...tree].filter(([file]) => matcher(words[split + 1] ?? '').test(file));
    if (words.includes('--name-only')) return joined(inside.map(([file]) => file));
    return joined(inside.map(([file, bytes]) => `100644 blob ${idOf(bytes)}\t${file}`));
  }

  #catFile([kind, what = '']: readonly string[]): string {
    const [commit = '', file = ''] = what.split(':');
    const bytes = this.#at(commit).tree.get(file) ?? refuse(`path '${file}' does not exist`);
    return kind === '-s' ? `${bytes.length}\n` : textOf(bytes);
  }

  #at(commit: string): Commit {
    return commit.includes('origin') ? this.#tracking : this.#head;
  }

  #ahead(): Commit[] {
    const known = historyOf(this.#tracking);
    return historyOf(this.#head).filter((commit) => !known.includes(commit));
  }

  #onDisk(file: string): string | undefined {
    const full = path.join(this.root, file);
    return existsSync(full) ? readFileSync(full, 'latin1') : undefined;
  }
}

const repositories = new Map<string, PaperRepository>();

export function openPaperRepository(root: string): PaperRepository {
  const repository = new PaperRepository(root);
  repositories.set(root, repository);
  return repository;
}

export function closePaperRepository({ root }: PaperRepository): void {
  repositories.delete(root);
}

/** `simple-git`, whose commands that change something are steps: on paper where there is such a repository. */
export function crashingGit(actual: SimpleGitModule): SimpleGitModule {
  refuse = (message) => {
    throw new actual.GitError(undefined, message);
  };
  return {
    ...actual,
    simpleGit: ((options: Partial<SimpleGitOptions>) => {
      const repository = repositories.get(options.baseDir ?? '');
      return repository ? onPaper(repository) : withSteps(actual.simpleGit(options));
    }) as SimpleGitModule['simpleGit'],
  };
}

function onPaper(repository: PaperRepository): SimpleGit {
  const git = { env: () => git, raw: (words: readonly string[]) => repository.run(words) };
  return git as unknown as SimpleGit;
}

function withSteps(real: SimpleGit): SimpleGit {
  const git = {
    env(environment: object) {
      real.env(environment);
      return git;
    },
    async raw(words: readonly string[]) {
      assertAlive();
      const verb = words.find((word, index) => CHANGES.has(word) && words[index - 1] !== '--');
      const run = async () => real.raw([...words]);
      return verb === undefined ? run() : laterStep(`git ${verb}`, run);
    },
  };
  return git as unknown as SimpleGit;
}

/** Throws a GitError. */
let refuse = (message: string): never => {
  throw new Error(message);
};

const CHANGES: ReadonlySet<string> = new Set(['add', 'commit', 'push', 'reset']);
const IGNORED: ReadonlySet<string> = new Set(['--literal-pathspecs', '-c']);

function filesNamedIn(words: readonly string[]): readonly string[] {
  const option = words.find((word) => word.startsWith('--pathspec-from-file=')) ?? '';
  return readFileSync(option.slice(option.indexOf('=') + 1), 'utf8')
    .split('\0')
    .filter(Boolean);
}

/** A path, with everything below it, or a glob. */
function matcher(pattern: string): RegExp {
  const isGlob = pattern.startsWith(':(top,glob)');
  const glob = pattern.replace(/^:\(top,glob\)/, '');
  const body = glob.replace(/\\(.)|\*\*|\*|[^\w/]/g, (part, escaped?: string) => {
    if (escaped !== undefined) return `\\${escaped}`;
    if (!isGlob || !part.startsWith('*')) return `\\${part}`;
    return part === '**' ? '.*' : '[^/]*';
  });
  return new RegExp(`^${body}(?:/.*)?$`);
}

function changes(before: Tree | undefined, after: Tree): Map<string, string | undefined> {
  const files = new Set([...(before?.keys() ?? []), ...after.keys()]);
  return new Map(
    [...files].filter((file) => before?.get(file) !== after.get(file)).map((file) => [file, after.get(file)]),
  );
}

function withChanges(tree: Tree, changed: ReadonlyMap<string, string | undefined>): Tree {
  const gone = new Set([...changed].filter(([, bytes]) => bytes === undefined).map(([file]) => file));
  return new Map([...tree, ...(changed as Tree)].filter(([file]) => !gone.has(file)));
}

function commitOf(tree: Tree, parent: Commit): Commit {
  return { id: idOf(JSON.stringify([parent.id, ...tree])), tree, parent };
}

function historyOf(commit: Commit): Commit[] {
  const commits: Commit[] = [];
  for (let one: Commit | undefined = commit; one; one = one.parent) commits.push(one);
  return commits;
}

function idOf(bytes: string): string {
  return createHash('sha1').update(bytes, 'latin1').digest('hex');
}

function textOf(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function joined(lines: readonly string[]): string {
  return lines.map((line) => `${line}\0`).join('');
}
