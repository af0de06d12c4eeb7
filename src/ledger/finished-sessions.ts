import { readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { type Clock, DAY_MS } from '../clock.ts';
import type { Verdict } from '../session/classify.ts';
import {
  type Fingerprint,
  type Fingerprints,
  type FolderStamp,
  fingerprintOf,
  type IndexHead,
  indexFile,
  readFingerprints,
  readIndexHead,
  stampOfFolder,
  writeIndex,
} from './finished-index.ts';
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
  /** How many sessions are left out, all of them finished. */
  readonly leftOut: number;
  /** Those, each with its fingerprint; undefined where that cannot be read. */
  readonly kept: () => Fingerprints | undefined;
  /** Nothing was found to be other than the index says. */
  readonly isQuiet: boolean;
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
    return this.#look?.leftOut ?? 0;
  }

  /** Names that the last look had to look at; undefined before the first. */
  get looked(): ReadonlySet<string> | undefined {
    return this.#look?.names;
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
    const must = new Set([...always(), ...asked, ...(changed ?? [])]);
    const isQuick = head !== undefined && this.#isQuick(head, startedAt);
    const moment = { startedAt, key, root, tree, fullAt: isQuick ? head.fullAt : startedAt };
    const isAsItWas = isQuick && head.root !== '' && head.root === root?.text && !this.#knowsAny(head, must);
    const seen = isAsItWas ? this.#leaveAll(head) : this.#compare(head, must, isQuick);
    this.#look = { ...moment, ...seen };
    return this.#look.names;
  }

  /** Leaves to the next look what this one has found to be finished, by its files and HEAD alone. */
  async note(judged: readonly { readonly session: SurveyedSession; readonly verdict: Verdict }[]): Promise<void> {
    const look = this.#look;
    if (!look) return;
    const { startedAt, key, root, tree, fullAt, names, leftOut, kept, isQuiet } = look;
    const { sessionsDir, leastSessions = LEAST_SESSIONS } = this.#options;
    if (leftOut + names.size < leastSessions) return;
    const isSettled = ({ newestMs }: Fingerprint) => newestMs < startedAt - RACY_MS;
    const fresh = new Map<string, string>();
    for (const { session, verdict } of judged) {
      if (verdict.rule !== 'complete' || !isPlain(session)) continue;
      const { name } = session.facts;
      const fingerprint = fingerprintOf(path.join(sessionsDir, name));
      if (fingerprint && isSettled(fingerprint)) fresh.set(name, fingerprint.text);
    }
    if (isQuiet && fresh.size === 0) return;
    const others = [...names].filter((name) => !fresh.has(name));
    const stamp = root && isSettled(root) ? root.text : '';
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

/** Nothing but its own files says anything of it. */
function isPlain({ facts, memory }: SurveyedSession): boolean {
  return facts.place === 'ledger' && memory === undefined && facts.recorder === undefined;
}

/** Of this very program as it is installed: another one may judge by other rules. */
function ownStamp(): string {
  const { ino, size, ctimeMs } = statSync(import.meta.filename);
  return `${ino} ${size} ${ctimeMs}`;
}
