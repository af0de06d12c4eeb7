import { readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { type Clock, DAY_MS } from '../clock.ts';
import { classifySession } from '../session/classify.ts';
import { type Fingerprint, fingerprintOf } from './fingerprint.ts';
import {
  type Fingerprints,
  type FolderStamp,
  type IndexHead,
  indexFile,
  readFingerprints,
  readIndexHead,
  stampOfFolder,
  writeIndex,
} from './finished-index.ts';
import type { FolderStats } from './folder-stats.ts';
import type { LedgerGit } from './git/ledger-git.ts';
import { isAbsent } from './plain-file.ts';
import type { SurveyedSession } from './survey.ts';

/** In a smaller ledger nothing is gained by trusting anything. */
const LEAST_SESSIONS = 1000;
/** File systems count time in steps: what changed so lately may change again within the same one. */
const RACY_MS = 2000;
/** What no quick look can see is found this often. */
const FULL_LOOK_MS = DAY_MS;

export interface FinishedOptions {
  readonly sessionsDir: string;
  readonly stateDir: string;
  readonly git: Pick<LedgerGit, 'treeAt' | 'changedNames'>;
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
    const tree = read || this.#isLarge() ? ((await git.treeAt('HEAD:sessions')) ?? '') : '';
    const key = JSON.stringify([ownStamp(), path.resolve(sessionsDir), root?.identity, rules]);
    // What was finished was so by a tree: where nobody can say what has changed since, nothing is known.
    const changed = read?.key === key ? await git.changedNames(read.tree, tree) : undefined;
    const head = changed && read;
    const named = new Set([...always(), ...asked]);
    const must = new Set([...named, ...(changed ?? [])]);
    const isQuick = head !== undefined && this.#isQuick(head, startedAt);
    const moment = { startedAt, key, root, tree, fullAt: isQuick ? head.fullAt : startedAt };
    const isAsItWas = isQuick && head.root !== '' && head.root === root?.text && !this.#knowsAny(head, must);
    const seen = isAsItWas ? this.#leaveAll(head) : this.#compare(head, must, isQuick);
    this.#look = { ...moment, ...seen, asked: named, found: new Map() };
    return this.#look.names;
  }

  /**
   * Leaves a session out from now on if it is finished by its files and HEAD alone, and nobody asks for it; whether it
   * is. `stats`: of its folder, from before it was read.
   */
  leave({ facts, memory, temps }: SurveyedSession, stats: FolderStats): boolean {
    const look = this.#look;
    if (!look || memory !== undefined || facts.recorder !== undefined) return false;
    // What a killed pass has left there is taken away by whoever looks at it.
    if (temps?.length !== 0 || classifySession(facts, look.startedAt).rule !== 'complete') return false;
    const fingerprint = fingerprintOf(path.join(this.#options.sessionsDir, facts.name), stats);
    look.found.set(facts.name, fingerprint && isSettled(fingerprint, look) ? fingerprint.text : undefined);
    return !look.asked.has(facts.name);
  }

  /** Leaves to the next look what this one has found to be finished. */
  async note(): Promise<void> {
    const look = this.#look;
    if (!look || !this.isLarge) return;
    const { key, root, tree, fullAt, names, kept, isQuiet, found } = look;
    const fresh = [...found].flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const]));
    if (isQuiet && fresh.length === 0) return;
    const others = [...names].filter((name) => found.get(name) === undefined);
    const stamp = root && isSettled(root, look) ? root.text : '';
    const head = { key, root: stamp, tree, fullAt, others };
    const before = kept();
    // Where it cannot be written, the next look takes longer: whatever else cannot be written says why.
    if (!before) rmSync(this.#file, { force: true });
    else if (await writeIndex(this.#file, head, [before, fresh])) this.#fullAt = fullAt;
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

  /** By name alone where the look is a quick one, and by fingerprint else. */
  #compare(head: IndexHead | undefined, must: ReadonlySet<string>, isQuick: boolean) {
    const { sessionsDir } = this.#options;
    const kept = (head && readFingerprints(this.#file, head)) ?? new Map<string, string>();
    const there = new Set(readdirSync(sessionsDir));
    for (const [name, fingerprint] of kept) {
      const isSame = () => isQuick || fingerprint === fingerprintOf(path.join(sessionsDir, name))?.text;
      if (must.has(name) || !there.has(name) || !isSame()) kept.delete(name);
      else there.delete(name);
    }
    return { names: there, leftOut: kept.size, kept: () => kept, isQuiet: false };
  }
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
