import { readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type Clock, DAY_MS } from '../clock.ts';
import type { Fingerprint } from './fingerprint.ts';
import {
  Fingerprints,
  type FolderStamp,
  type IndexHead,
  indexFile,
  readFingerprints,
  readIndexHead,
  stampOfFolder,
  writeIndex,
} from './finished-index.ts';
import { checkedOutCommit } from './git/head.ts';
import type { LedgerGit } from './git/ledger-git.ts';
import { glanceAt } from './glance.ts';
import { isAbsent } from './plain-file.ts';
import { unshared } from './unshared.ts';

/** In a smaller ledger nothing is gained by trusting anything. */
const LEAST_SESSIONS = 1000;
/** File systems count time in steps: what changed so lately may change again within the same one. */
const RACY_MS = 2000;
/** What no quick look can see is found this often. */
const FULL_LOOK_MS = DAY_MS;

const NO_HEAD = { commit: '', tree: '' } as const;

export interface FinishedOptions {
  readonly sessionsDir: string;
  readonly stateDir: string;
  readonly git: Pick<LedgerGit, 'process' | 'treeAt' | 'changedNames'>;
  readonly clock: Clock;
  /** What else decides over what is finished; with another one nothing is known. */
  readonly rules: string;
  /** Names that are looked at whatever is known of them. */
  readonly always: () => Iterable<string>;
  /** Every session is compared with what is known of it. */
  readonly isFull?: boolean | undefined;
  readonly leastSessions?: number;
}

/** One look at the folder: what it was when it began, and what of it was left out. */
interface Look {
  readonly startedAt: number;
  readonly key: string;
  readonly root: FolderStamp | undefined;
  readonly commit: string;
  readonly tree: string;
  readonly fullAt: number;
  /** Names that have to be looked at. */
  readonly names: ReadonlySet<string>;
  /** Those of them that are looked at whatever is found. */
  readonly asked: ReadonlySet<string>;
  /** How many sessions are left out, all of them finished. */
  readonly leftOut: number;
  /** Those, each with its fingerprint; undefined where that cannot be read. */
  readonly kept: () => Fingerprints | undefined;
  /** Nothing was found to be other than the index says. */
  readonly isQuiet: boolean;
  /** What this look has found to be finished, each with its fingerprint; undefined where the next has to look again. */
  readonly found: Map<string, string | undefined>;
}

/**
 * What earlier looks found to be finished, so that a look costs what is new, not what is done. It is trusted as long as
 * neither the folder of sessions nor its tree in HEAD has changed; where one has, names are compared, and sessions that
 * git tells of are looked at. What changes inside of a session's folder, without a commit, is seen by the full look:
 * once a day, wherever the index is another program's or another folder's, and when it is asked for.
 */
export class FinishedSessions {
  readonly #options: FinishedOptions;
  readonly #file: string;
  #look: Look | undefined;
  /** Of what this very object has written. */
  #fullAt: number | undefined;

  constructor(options: FinishedOptions) {
    this.#options = options;
    this.#file = indexFile(options.stateDir);
  }

  /** How many sessions the last look has left out, all of them finished. */
  get leftOut(): number {
    if (!this.#look) return 0;
    const { leftOut, found, asked } = this.#look;
    return leftOut + [...found.keys()].filter((name) => !asked.has(name)).length;
  }

  /** Names that the last look had to look at, and has not left out since; undefined before the first. */
  get looked(): ReadonlySet<string> | undefined {
    if (!this.#look) return undefined;
    const { names, found, asked } = this.#look;
    return new Set([...names].filter((name) => !found.has(name) || asked.has(name)));
  }

  /** Whether the last look is at so many sessions that something is gained by leaving any out. */
  get isLarge(): boolean {
    const { leastSessions = LEAST_SESSIONS } = this.#options;
    return this.#look !== undefined && this.#look.leftOut + this.#look.names.size >= leastSessions;
  }

  /**
   * Begins a look: the names in the folder of sessions that have to be looked at, `asked` ones whatever is known of them.
   * Throws what `readdirSync` throws.
   */
  async recall(asked: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    const { sessionsDir, git, clock, rules, always } = this.#options;
    const startedAt = clock();
    const root = stampOfFolder(sessionsDir);
    const read = readIndexHead(this.#file);
    const { commit, tree } = read || this.#isLarge() ? await this.#askHead(read) : NO_HEAD;
    const key = JSON.stringify([ownStamp(), path.resolve(sessionsDir), root?.identity, rules]);
    // What was finished was so by a tree: where nobody can say what has changed since, nothing is known.
    const ours = read?.key === key ? read : undefined;
    const changing = ours && git.changedNames(ours.tree, tree);
    const [changed, listed] = await Promise.all([changing, ours?.tree === tree ? undefined : this.#list(ours)]);
    const head = changed && ours;
    const named = new Set([...always(), ...asked]);
    const must = new Set([...named, ...(changed ?? [])]);
    const isQuick = head !== undefined && this.#isQuick(head, startedAt);
    const moment = { startedAt, key, root, commit, tree, fullAt: isQuick ? head.fullAt : startedAt };
    const isAsItWas = isQuick && head.root !== '' && head.root === root?.text && !this.#knowsAny(head, must);
    const compare = async () => this.#compare(head, must, isQuick, listed ?? (await this.#list(ours)));
    const seen = isAsItWas ? this.#leaveAll(head) : await compare();
    this.#look = { ...moment, ...seen, asked: named, found: new Map() };
    return this.#look.names;
  }

  /**
   * Leaves out of the look what is finished by its files, or is held in one of `places`, and is published by what git
   * and earlier passes say, unless somebody asks for it. Resolves to their names; to none where there are few: of those,
   * the caller can be told.
   */
  async leaveFinished(
    places: readonly string[],
    ask: (names: readonly string[]) => Promise<(name: string) => boolean>,
  ): Promise<ReadonlySet<string>> {
    const look = this.#look;
    if (!look || !this.isLarge) return new Set();
    const names = [...look.names];
    const judge = { now: look.startedAt, places };
    const glance = { sessionsDir: this.#options.sessionsDir, names, judge };
    const asked = ask(names);
    // A git that is read between two pieces of a look is there until it ends, and hears each Ctrl-C.
    const [isPublished, finished] = await Promise.all([asked, glanceAt(glance, asked)]);
    for (const [at, name] of names.entries()) {
      const fingerprint = finished(at);
      if (!fingerprint || !isPublished(name)) continue;
      look.found.set(name, isSettled(fingerprint, look) ? fingerprint.text : undefined);
    }
    return new Set([...look.found.keys()].filter((name) => !look.asked.has(name)));
  }

  /** Leaves to the next look what this one has found to be finished. */
  async note(): Promise<void> {
    const look = this.#look;
    if (!look || !this.isLarge) return;
    const { key, root, commit, tree, fullAt, names, kept, isQuiet, found } = look;
    const fresh = [...found].flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const]));
    if (isQuiet && fresh.length === 0) return;
    const others = [...names].filter((name) => found.get(name) === undefined);
    const stamp = root && isSettled(root, look) ? root.text : '';
    const head = { key, root: stamp, commit, tree, fullAt, others };
    const before = kept();
    // Where it cannot be written, the next look takes longer: whatever else cannot be written says why.
    if (!before) rmSync(this.#file, { force: true });
    else if (await writeIndex(this.#file, head, before.with(Fingerprints.of(fresh)))) this.#fullAt = fullAt;
  }

  /** In a smaller ledger nothing is left to the next look, and git need not be asked. */
  #isLarge(): boolean {
    const { sessionsDir, leastSessions = LEAST_SESSIONS } = this.#options;
    return readdirSync(sessionsDir).length >= leastSessions;
  }

  #isQuick({ fullAt }: IndexHead, now: number): boolean {
    const age = now - fullAt;
    const isAsked = this.#options.isFull && fullAt !== this.#fullAt;
    return !isAsked && age >= 0 && age < FULL_LOOK_MS;
  }

  /** Whether the index has any of these names, in a folder that has the names that it had. */
  #knowsAny({ others }: IndexHead, names: ReadonlySet<string>): boolean {
    const rest = new Set(others);
    return [...names].some((name) => !rest.has(name) && !isAbsent(path.join(this.#options.sessionsDir, name)));
  }

  #leaveAll(head: IndexHead) {
    const kept = () => readFingerprints(this.#file, head);
    return { names: new Set(head.others), leftOut: head.count, kept, isQuiet: true };
  }

  /** HEAD, and its tree of sessions: a commit has the same one for ever. */
  async #askHead(read: IndexHead | undefined): Promise<Pick<IndexHead, 'commit' | 'tree'>> {
    const { git } = this.#options;
    const commit = await checkedOutCommit(git.process);
    if (commit !== undefined && commit === read?.commit) return { commit, tree: read.tree };
    return { commit: commit ?? '', tree: (await git.treeAt(`${commit ?? 'HEAD'}:sessions`)) ?? '' };
  }

  /** What is known, and what is there; whoever was asked something before is on the way meanwhile. */
  async #list(read: IndexHead | undefined): Promise<Listed> {
    await setImmediate();
    const known = (read && readFingerprints(this.#file, read)) ?? Fingerprints.NONE;
    const there = readdirSync(this.#options.sessionsDir);
    return { known, there, alone: unshared(known.names, there) };
  }

  /** By name alone where the look is a quick one, and by fingerprint else. */
  async #compare(
    head: IndexHead | undefined,
    must: ReadonlySet<string>,
    isQuick: boolean,
    { known, there, alone }: Listed,
  ) {
    if (!head) return { names: new Set(there), leftOut: 0, kept: () => Fingerprints.NONE, isQuiet: false };
    const other = isQuick ? [] : await changedAmong(known, this.#options.sessionsDir);
    const doubtful = new Set([...must, ...alone, ...other]);
    const names = new Set(there.filter((name) => doubtful.has(name)));
    return { names, leftOut: there.length - names.size, kept: () => known.without(doubtful), isQuiet: false };
  }
}

async function changedAmong(known: Fingerprints, sessionsDir: string): Promise<readonly string[]> {
  const seen = await glanceAt({ sessionsDir, names: known.names });
  return known.names.filter((_, at) => seen(at)?.text !== known.textAt(at));
}

/** Names in the index, names in the folder, and those that only one of them has. */
interface Listed {
  readonly known: Fingerprints;
  readonly there: readonly string[];
  readonly alone: ReadonlySet<string>;
}

/** Whether it is so old that what changes from now on will be another. */
function isSettled({ newestMs }: Pick<Fingerprint, 'newestMs'>, { startedAt }: Look): boolean {
  return newestMs < startedAt - RACY_MS;
}

/** Of this very program as it is installed: another one may judge by other rules. */
function ownStamp(): string {
  const { ino, size, ctimeMs } = statSync(import.meta.filename);
  return `${ino} ${size} ${ctimeMs}`;
}
