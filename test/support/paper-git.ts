import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { SimpleGit, SimpleGitOptions } from 'simple-git';
import { assertAlive, laterStep } from './crash.ts';

type SimpleGitModule = typeof import('simple-git');

/** Path -> id of what stands there. */
type Tree = ReadonlyMap<string, string>;

interface Commit {
  readonly id: string;
  readonly tree: Tree;
  readonly parent: Commit | undefined;
  readonly author: string;
  readonly message: string;
}

/** What comes with a command besides its words. */
interface PaperCall {
  readonly input: string;
  readonly indexFile: string | undefined;
}

/** What git itself does to the disk is one step, whatever it takes. */
const fs = createRequire(import.meta.url)('node:fs') as typeof import('node:fs');

const MAIN = 'refs/heads/main';
const TRACKING = 'refs/remotes/origin/main';
const AUTHOR = 'Paper <paper@example.com> 1700000000 +0000';
const VARIABLES = `user.name=Paper\nuser.email=paper@example.com\nGIT_AUTHOR_IDENT=${AUTHOR}\nGIT_COMMITTER_IDENT=${AUTHOR}\n`;
const CLAIMS = 'refs/agentwork/claims/';
const NOTHING_THERE = '0'.repeat(40);

/**
 * A clone and its remote in memory, with the answers that git gives to the commands of `src/ledger/git`: a thousand
 * times faster than git, and the same each time. Only the index is a file, as it is copied, locked and replaced. What
 * the tool does is held with git itself too, in fewer runs.
 */
export class PaperRepository {
  readonly root: string;
  readonly #index: string;
  readonly #objects = new Map<string, string>();
  readonly #commits = new Map<string, Commit>();
  readonly #trees = new Map([[idOf(''), new Map() as Tree]]);
  readonly #refs = new Map<string, Commit>();
  readonly #remote = new Map<string, Commit>();
  /** What the remote says to a push; it takes it when undefined. */
  refusal: string | undefined;

  constructor(root: string) {
    this.root = root;
    this.#index = path.join(root, '.git', 'index');
    this.#refs.set(MAIN, this.#commitOf(new Map(), undefined, 'begin'));
  }

  /** Commits the files of the tree, and pushes. */
  begin(files: readonly string[]): void {
    this.#add(files, this.#index);
    const first = this.#commitOf(this.#indexIn(this.#index), this.#head, 'record sessions');
    for (const refs of [this.#refs, this.#remote]) refs.set(MAIN, first);
    this.#refs.set(TRACKING, first);
  }

  /** What stands in the files of this name in any commit of the clone or of its remote. */
  committed(basename: string): string[] {
    const commits = new Set([...this.#refs.values(), ...this.#remote.values()].flatMap(historyOf));
    const files = [...commits].flatMap(({ tree }) => [...tree]).filter(([file]) => path.basename(file) === basename);
    return [...new Set(files.map(([, id]) => id))].map((id) => textOf(this.#bytesOf(id)));
  }

  /** Somebody else pushes these files, and this clone hears of it. */
  pushFromElsewhere(files: Readonly<Record<string, string>>): void {
    const there = this.#at('origin/main', this.#remote);
    const added = Object.entries(files).map(([file, text]) => [file, this.#store(bytesOf(text))] as const);
    const pushed = this.#commitOf(new Map([...there.tree, ...added]), there, 'finish');
    this.#remote.set(MAIN, pushed);
    this.#refs.set(TRACKING, pushed);
  }

  /** `git pull --rebase`; git refuses it where anything is in the way. */
  pull(): void {
    const there = this.#at('origin/main', this.#remote);
    const ours = changes(baseOf(this.#head, there)?.tree, this.#head.tree);
    const onto = ours.size === 0 ? there : this.#commitOf(withChanges(there.tree, ours), there, 'finish');
    try {
      this.#assertUnlocked();
      this.#merge(this.#head.tree, onto.tree, this.#index, (from) => this.#bring(from));
    } catch {
      return;
    }
    this.#refs.set(MAIN, onto).set(TRACKING, there);
  }

  async run(words: readonly string[], call: PaperCall): Promise<string> {
    assertAlive();
    const command = words.filter((word, index) => !IGNORED.has(word) && words[index - 1] !== '-c');
    const verb = command[0] ?? '';
    if (!CHANGES.has(verb)) return this.#answer(command, call);
    const half = verb === 'read-tree' ? async () => void this.#readTree(command.slice(1), call, 'half') : undefined;
    return laterStep(`git ${verb}`, async () => this.#answer(command, call), half);
  }

  #answer([verb = '', ...words]: readonly string[], call: PaperCall): string {
    const index = call.indexFile ?? this.#index;
    const last = words.at(-1) ?? '';
    const answers: Record<string, () => string> = {
      add: () => this.#add(filesNamedIn(words), index),
      'cat-file': () => (call.input === '' ? this.#catFile(words) : this.#catFiles(words, call.input)),
      'check-attr': () =>
        filesAfterDashes(words)
          .map((file) => `${file}\0filter\0unspecified\0`)
          .join(''),
      'checkout-index': () => this.#checkOut(call.input.split('\0').filter(Boolean), index),
      config: () => 'Paper\n',
      diff: () => joined(filesAfterDashes(words).filter((file) => this.#onDisk(file) !== this.#head.tree.get(file))),
      'diff-index': () => this.#diffIndex(words, index),
      'diff-tree': () => this.#diffTree(words),
      'fast-import': () => this.#fastImport(bytesOf(call.input)),
      fetch: () => this.#fetch(),
      'for-each-ref': () => this.#forEachRef(words.join(' ')),
      'hash-object': () => (words.includes('-t') ? idOf('') : (this.#onDisk(last) ?? refuse('cannot open'))),
      lfs: () => refuse("'lfs' is not a git command"),
      log: () => this.#log(words),
      'ls-files': () => (words.includes('--unmerged') ? '' : this.#lsFiles(words)),
      'ls-tree': () => this.#lsTree(words),
      'merge-base': () => this.#mergeBase(words),
      push: () => this.#push(words),
      'read-tree': () => this.#readTree(words, call, 'whole'),
      remote: () => 'origin\n',
      reset: () => this.#reset(filesNamedIn(words)),
      'rev-list': () => `${this.#unpushed(words).length}\n`,
      'rev-parse': () => this.#revParse(words),
      'symbolic-ref': () => `${MAIN}\n`,
      'update-index': () => this.#updateIndex(call.input, index),
      'update-ref': () => this.#updateRef(words, call.input),
      var: () => VARIABLES,
      version: () => 'git version 2.40.0\n',
      'write-tree': () => this.#writeTree(index),
    };
    const answer = answers[verb];
    if (!answer) throw new Error(`paper git does not know: git ${[verb, ...words].join(' ')}`);
    return answer();
  }

  #add(files: readonly string[], index: string): string {
    const before = this.#indexIn(index);
    const isNowhere = (file: string) => this.#onDisk(file) === undefined && !before.has(file);
    for (const file of files.filter(isNowhere)) refuse(`pathspec '${file}' did not match any files`);
    return this.#writeIndex(index, withChanges(before, new Map(files.map((file) => [file, this.#onDisk(file)]))));
  }

  #reset(files: readonly string[]): string {
    this.#assertUnlocked();
    const before = new Map(files.map((file) => [file, this.#head.tree.get(file)]));
    return this.#writeIndex(this.#index, withChanges(this.#indexIn(this.#index), before));
  }

  #updateIndex(input: string, index: string): string {
    const lines = [...input.matchAll(/(\d+) ([0-9a-f]+)\t([^\0]*)\0/g)];
    const wished = lines.map(([, mode, id, file = '']) => [file, mode === '000000' ? undefined : id] as const);
    return this.#writeIndex(index, withChanges(this.#indexIn(index), new Map(wished)));
  }

  #diffIndex(words: readonly string[], index: string): string {
    const differing = changes(this.#treeAt(words.at(-1) ?? ''), this.#indexIn(index));
    if (words.includes('--quiet')) return differing.size === 0 ? '' : refuse('differs');
    return rawDiff(differing);
  }

  #diffTree(words: readonly string[]): string {
    const split = words.indexOf('--');
    const [from, to] = words.slice(split - 2, split).map((name) => this.#treeAt(name));
    const folder = words[split + 1] ?? '.';
    const inside = [...changes(from, to ?? new Map())].filter(([file]) => folder === '.' || matcher(folder).test(file));
    return rawDiff(new Map(inside));
  }

  /** The stream is read as `commit-objects.ts` writes it, and nothing else. */
  #fastImport(stream: string): string {
    const made: Commit[] = [];
    const header = /commit (\S+)\nmark :\d+\nauthor (.*)\ncommitter .*\ndata (\d+)\n/;
    let rest = stream;
    for (let match = header.exec(rest); match; match = header.exec(rest)) {
      const [begin, ref = '', author = '', size] = match;
      const body = rest.slice(match.index + begin.length);
      const [message, [ops = '']] = [body.slice(0, Number(size)), body.slice(Number(size)).split('\nget-mark ')];
      const from = /^from (:?)(\S+)$/m.exec(ops)?.slice(1);
      const parent = from && (from[0] === ':' ? made[Number(from[1]) - 1] : this.#at(from[1] ?? ''));
      const wished = [...ops.matchAll(/^(?:D|M \d+ (\S+)) "(.*)"$/gm)];
      const changed = wished.map(([, id, file = '']) => [textOf(file.replace(/\\(.)/g, '$1')), id] as const);
      made.push(this.#commitOf(withChanges(parent?.tree ?? new Map(), new Map(changed)), parent, message, author));
      this.#refs.set(ref, made.at(-1) as Commit);
      rest = body.slice(Number(size));
    }
    return made.map(({ id }) => `${id}\n`).join('');
  }

  /** All or none, as git does it. */
  #updateRef(words: readonly string[], input: string): string {
    const plain = words.filter((word, at) => !word.startsWith('-') && words[at - 1] !== '-m');
    const lines = words.includes('--stdin')
      ? input
          .split('\n')
          .filter(Boolean)
          .map((line) => line.split(' '))
      : [];
    const wishes = words.includes('--stdin') ? lines : [[words.includes('-d') ? 'delete' : 'update', ...plain]];
    for (const [, ref = '', , from] of wishes) {
      const at = this.#refs.get(ref)?.id;
      if (from !== undefined && at !== from) refuse(`cannot lock ref '${ref}': is at ${at} but expected ${from}`);
    }
    for (const [verb, ref = '', to = ''] of wishes) {
      if (verb === 'delete') this.#refs.delete(ref);
      else this.#refs.set(ref, this.#at(to));
    }
    return '';
  }

  /** One tree is the index; two become one, and files follow with `-u`. */
  #readTree(words: readonly string[], call: PaperCall, extent: 'half' | 'whole'): string {
    const index = call.indexFile ?? this.#index;
    const [from = new Map(), to = from] = words
      .filter((word) => !word.startsWith('-'))
      .map((name) => this.#treeAt(name));
    if (!words.includes('-m')) return this.#writeIndex(index, to);
    if (!words.includes('-u')) return this.#merge(from, to, index);
    return this.#merge(from, to, index, (changed) => {
      const files = [...changed];
      this.#bring(new Map(extent === 'half' ? files.slice(0, files.length >> 1) : files));
    });
  }

  /** Nothing is done where the index has something third, or where files that are to follow are not as it says. */
  #merge(from: Tree, to: Tree, index: string, bring?: (changed: Map<string, string | undefined>) => void): string {
    const before = this.#indexIn(index);
    const changed = new Map([...changes(from, to)].filter(([file, id]) => before.get(file) !== id));
    const isDirty = (file: string) => bring !== undefined && this.#onDisk(file) !== before.get(file);
    const inTheWay = [...changed.keys()].find((file) => before.get(file) !== from.get(file) || isDirty(file));
    if (inTheWay !== undefined) refuse(`Entry '${inTheWay}' not uptodate. Cannot merge.`);
    bring?.(changed);
    return this.#writeIndex(index, withChanges(before, changed));
  }

  #writeTree(index: string): string {
    const tree = this.#indexIn(index);
    const id = idOf(JSON.stringify([...tree]));
    this.#trees.set(id, tree);
    return `${id}\n`;
  }

  #checkOut(files: readonly string[], index: string): string {
    const known = this.#indexIn(index);
    this.#bring(new Map(files.map((file) => [file, known.get(file)])));
    return '';
  }

  #bring(changed: ReadonlyMap<string, string | undefined>): void {
    for (const [name, id] of changed) {
      const file = path.join(this.root, name);
      if (id === undefined) fs.rmSync(file, { force: true });
      else fs.mkdirSync(path.dirname(file), { recursive: true });
      if (id !== undefined) fs.writeFileSync(file, this.#bytesOf(id), 'latin1');
    }
  }

  #fetch(): string {
    this.#refs.set(TRACKING, this.#at('origin/main', this.#remote));
    for (const ref of claimsIn(this.#refs)) this.#refs.delete(ref);
    for (const ref of claimsIn(this.#remote)) this.#refs.set(ref, this.#at(ref, this.#remote));
    return '';
  }

  /** What is not ahead of what is there is not taken, nor what is there where something else was thought to be. */
  #push(words: readonly string[]): string {
    if (this.refusal !== undefined) return refuse(this.refusal);
    const lease = (ref: string) => words.map((word) => word.split(`--force-with-lease=${ref}:`)[1]).find(isSaid);
    const wishes = words.slice(words.indexOf('origin') + 1).map((word) => word.split(':') as [string, string]);
    const objections = wishes.map(([source, ref]) => this.#objection(source, ref, lease(ref)));
    const isRefused = objections.some((why) => why !== undefined);
    wishes.forEach(([source, ref], at) => {
      if (isRefused && (words.includes('--atomic') || objections[at] !== undefined)) return;
      if (source === '') this.#remote.delete(ref);
      else this.#remote.set(ref, this.#at(source));
      if (ref === MAIN) this.#refs.set(TRACKING, this.#at(source));
    });
    const told = wishes.map(([source, ref], at) => {
      return objections[at] === undefined ? `*\t${source}:${ref}\t[new]` : `!\t${source}:${ref}\t${objections[at]}`;
    });
    return isRefused ? refuse(told.join('\n')) : told.join('\n');
  }

  #objection(source: string, ref: string, lease: string | undefined): string | undefined {
    const there = this.#remote.get(ref);
    if (lease !== undefined) return lease === (there?.id ?? '') ? undefined : '[rejected] (stale info)';
    return !there || historyOf(this.#at(source)).includes(there) ? undefined : '[rejected] (fetch first)';
  }

  #revParse(words: readonly string[]): string {
    const gitDir = path.join(this.root, '.git');
    if (words.includes('--git-common-dir')) return `${this.root}\n${gitDir}\n${gitDir}\n`;
    if (words.includes('--absolute-git-dir')) return `${gitDir}\n`;
    if (words.includes('--symbolic-full-name')) return `${this.#head.id}\n${MAIN}\n`;
    return `${this.#at(words.at(-1) ?? '').id}\n`;
  }

  #forEachRef(format: string): string {
    if (format.includes('remotename')) return ['origin', MAIN, 'origin/main', TRACKING, TRACKING].join('\0');
    if (format.includes(CLAIMS))
      return claimsIn(this.#refs)
        .map((ref) => describeClaim(ref, this.#at(ref)))
        .join('');
    const [here, there] = [historyOf(this.#head), this.#at('origin/main')];
    const isAhead = !historyOf(there).includes(this.#head);
    const track = [...(isAhead ? ['ahead 1'] : []), ...(here.includes(there) ? [] : ['behind 1'])].join(', ');
    return `${track}\n`;
  }

  #lsFiles(words: readonly string[]): string {
    const patterns = words.slice(words.indexOf('--') + 1).map(matcher);
    const files = [...this.#indexIn(this.#index).keys()];
    return joined(files.filter((file) => patterns.some((matches) => matches.test(file))));
  }

  #lsTree(words: readonly string[]): string {
    const split = words.indexOf('--');
    const tree = this.#at(words[split - 1] ?? '').tree;
    const patterns = words.slice(split + 1).map((folder) => matcher(folder.replace(/\/$/, '')));
    // Files of a folder stand together, as git lists them.
    const inside = [...tree]
      .filter(([file]) => patterns.some((matches) => matches.test(file)))
      .sort(([one], [other]) => (one < other ? -1 : 1));
    if (words.includes('--name-only')) return joined(inside.map(([file]) => file));
    return joined(inside.map(([file, id]) => `100644 blob ${id}\t${file}`));
  }

  #catFile([kind, what = '']: readonly string[]): string {
    const [commit = '', file = ''] = what.split(':');
    const bytes = this.#bytesOf(this.#at(commit).tree.get(file) ?? refuse(`path '${file}' does not exist`));
    return kind === '-s' ? `${bytes.length}\n` : textOf(bytes);
  }

  #catFiles(words: readonly string[], input: string): string {
    const told = input
      .split('\n')
      .filter(Boolean)
      .map((id) => {
        const bytes = this.#bytesOf(id);
        return `${id} blob ${bytes.length}\n${words.includes('--batch') ? `${textOf(bytes)}\n` : ''}`;
      });
    return told.join('');
  }

  #log(words: readonly string[]): string {
    const known = words.flatMap((word) => (word.startsWith('^') ? historyOf(this.#at(word.slice(1))) : []));
    const range = this.#range(words.find((word) => word.includes('..')) ?? 'HEAD');
    const commits = range.filter((commit) => !known.includes(commit));
    if (words.includes('--name-only')) return joined(commits.flatMap((one) => [...changesIn(one).keys()]));
    const told = commits.reverse().map((one) => {
      const facts = [one.id, one.parent?.id ?? '', one.author, one.message].map(textOf).join('\0');
      return `\u0001${facts}\0\u0002\0${rawDiff(changesIn(one))}`;
    });
    return told.join('');
  }

  /** What went there on top of others' commits is there. */
  #unpushed(words: readonly string[]): Commit[] {
    const known = new Set(this.#range('HEAD..origin/main').map((one) => rawDiff(changesIn(one))));
    const isFresh = (one: Commit) => !words.includes('--cherry-pick') || !known.has(rawDiff(changesIn(one)));
    return this.#range('origin/main..HEAD').filter(isFresh);
  }

  #mergeBase(words: readonly string[]): string {
    const [one, other] = words.slice(-2).map((name) => this.#at(name)) as [Commit, Commit];
    if (!words.includes('--is-ancestor')) return `${baseOf(one, other)?.id ?? refuse('none')}\n`;
    return historyOf(other).includes(one) ? '' : refuse('no');
  }

  /** `a..b`, or all of a branch; the newest first. */
  #range(words: string): Commit[] {
    const [from, to] = words.includes('..') ? words.split('..') : [undefined, words];
    const known = from === undefined ? [] : historyOf(this.#at(from));
    return historyOf(this.#at(to ?? '')).filter((commit) => !known.includes(commit));
  }

  get #head(): Commit {
    return this.#at(MAIN);
  }

  #at(name: string, refs: ReadonlyMap<string, Commit> = this.#refs): Commit {
    const plain = name.replace('^{commit}', '').replace(/^HEAD$/, MAIN);
    const ref = plain === 'origin/main' ? (refs === this.#refs ? TRACKING : MAIN) : plain;
    return refs.get(ref) ?? this.#commits.get(ref) ?? refuse(`bad revision '${name}'`);
  }

  #treeAt(name: string): Tree {
    return this.#trees.get(name) ?? this.#at(name).tree;
  }

  #commitOf(tree: Tree, parent: Commit | undefined, message: string, author = AUTHOR): Commit {
    const id = idOf(JSON.stringify([parent?.id, message, ...tree]));
    const commit = { id, tree, parent, message, author };
    this.#commits.set(id, commit);
    return commit;
  }

  #indexIn(file: string): Tree {
    return new Map(fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, 'utf8')) as [string, string][]) : []);
  }

  #writeIndex(file: string, entries: Tree): string {
    fs.writeFileSync(file, JSON.stringify([...entries]));
    return '';
  }

  #assertUnlocked(): void {
    if (fs.existsSync(`${this.#index}.lock`)) refuse(`Unable to create '${this.#index}.lock': File exists.`);
  }

  /** The id of what stands in a file. */
  #onDisk(file: string): string | undefined {
    const full = path.join(this.root, file);
    return fs.existsSync(full) ? this.#store(fs.readFileSync(full, 'latin1')) : undefined;
  }

  #store(bytes: string): string {
    const id = idOf(bytes);
    this.#objects.set(id, bytes);
    return id;
  }

  #bytesOf(id: string): string {
    return this.#objects.get(id) ?? refuse(`there is no object ${id}`);
  }
}

const filesAfterDashes = (words: readonly string[]) => words.slice(words.indexOf('--') + 1);

const isSaid = (word: string | undefined): boolean => word !== undefined;

function claimsIn(refs: ReadonlyMap<string, Commit>): readonly string[] {
  return [...refs.keys()].filter((ref) => ref.startsWith(CLAIMS));
}

function describeClaim(ref: string, { id, message }: Commit): string {
  const { started_at } = JSON.parse(textOf(message)) as { started_at: string };
  return `${ref}\0${id}\0${Date.parse(started_at) / 1000}\0${textOf(message)}\u0001\n`;
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
      return repository ? onPaper(repository, options) : withSteps(actual.simpleGit(options));
    }) as SimpleGitModule['simpleGit'],
  };
}

function onPaper(repository: PaperRepository, { input }: Partial<SimpleGitOptions>): SimpleGit {
  let indexFile: string | undefined;
  const git = {
    env(environment: Readonly<Record<string, string>>) {
      indexFile = environment.GIT_INDEX_FILE;
      return git;
    },
    outputHandler: () => git,
    raw: (words: readonly string[]) => repository.run(words, { indexFile, input: String(input?.(words) ?? '') }),
  };
  return git as unknown as SimpleGit;
}

function withSteps(real: SimpleGit): SimpleGit {
  const git = {
    env(environment: object) {
      real.env(environment);
      return git;
    },
    outputHandler(handler: Parameters<SimpleGit['outputHandler']>[0]) {
      real.outputHandler(handler);
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

/** What `fast-import` writes is seen by nobody until a ref has it. */
const CHANGES: ReadonlySet<string> = new Set([
  ...['add', 'checkout-index', 'fetch', 'push', 'read-tree', 'reset', 'update-index', 'update-ref'],
]);
const IGNORED: ReadonlySet<string> = new Set(['--literal-pathspecs', '-c']);

function filesNamedIn(words: readonly string[]): readonly string[] {
  const option = words.find((word) => word.startsWith('--pathspec-from-file=')) ?? '';
  return fs
    .readFileSync(option.slice(option.indexOf('=') + 1), 'utf8')
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

function changesIn({ parent, tree }: Commit): Map<string, string | undefined> {
  return changes(parent?.tree, tree);
}

function rawDiff(changed: ReadonlyMap<string, string | undefined>): string {
  const line = (id: string | undefined) =>
    `:100644 ${id ? 100644 : '000000'} ${NOTHING_THERE} ${id ?? NOTHING_THERE} M`;
  return joined([...changed].flatMap(([file, id]) => [line(id), file]));
}

/** Where two lines of commits parted. */
function baseOf(one: Commit, other: Commit): Commit | undefined {
  const known = historyOf(other);
  return historyOf(one).find((commit) => known.includes(commit));
}

function historyOf(commit: Commit): Commit[] {
  const commits: Commit[] = [];
  for (let one: Commit | undefined = commit; one; one = one.parent) commits.push(one);
  return commits;
}

function idOf(bytes: string): string {
  return createHash('sha1').update(bytes, 'latin1').digest('hex');
}

function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}

function textOf(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function joined(lines: readonly string[]): string {
  return lines.map((line) => `${line}\0`).join('');
}
