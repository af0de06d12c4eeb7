import { SECOND_MS } from '../clock.ts';
import { ExpectedError, messageOf } from '../errors.ts';
import type { LedgerBranch } from './git/branch.ts';
import { isIndexLocked } from './git/message.ts';
import { commitMessage } from './git/own-commits.ts';
import { readDigest } from './raw-file.ts';

/** A session whose files wait for the next commit. */
export interface CommitRequest {
  readonly session: string;
  /** Relative to the ledger's root, `/`-separated. */
  readonly files: readonly string[];
  /** The same for files that may be gone, or were never git's: they go along where the index has them. */
  readonly ifTracked?: readonly string[];
  /** Its artifacts as they were written, by their absolute paths. */
  readonly written?: readonly { readonly file: string; readonly sha256: string }[];
}

export type CommitReport =
  | { readonly sessions: readonly string[]; readonly commit: string | undefined }
  | {
      readonly sessions: readonly string[];
      readonly error: string;
      /** Somebody else is at work in the clone, and will be done some time. */
      readonly isBusy: boolean;
    };

/** Finished work waits at most this long for its commit; what finishes meanwhile goes along. */
const GATHER_MS = 2 * SECOND_MS;

/**
 * Commits everything that finished since the last commit in one go, while agents work on: a thousand sessions do not
 * cost a thousand commits, and a finished one is durable within seconds.
 */
export class Committer {
  readonly #branch: LedgerBranch;
  readonly #signal: AbortSignal;
  readonly #onCommit: (report: CommitReport) => Promise<void>;
  #waiting: CommitRequest[] = [];
  #timer: NodeJS.Timeout | undefined;
  #committing: Promise<void> = Promise.resolve();
  /** What the listener threw while nobody waited. */
  #failure: unknown;

  constructor(branch: LedgerBranch, signal: AbortSignal, onCommit: (report: CommitReport) => Promise<void>) {
    this.#branch = branch;
    this.#signal = signal;
    this.#onCommit = onCommit;
  }

  add(request: CommitRequest): void {
    this.#waiting.push(request);
    this.#timer ??= setTimeout(() => void this.#commitAll({ isLast: false }), GATHER_MS);
  }

  /** Commits what waits and resolves when it is reported. A refused commit is a report; rejects with what the listener threw. */
  async flush(): Promise<void> {
    await this.#commitAll({ isLast: true });
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
  }

  /** One commit after another. Never rejects. */
  #commitAll(turn: { readonly isLast: boolean }): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#committing = this.#committing.then(() => this.#commitWaiting(turn));
    return this.#committing;
  }

  /** A rebase of the user's ends while agents are at work: what it keeps from being committed goes with the next commit. */
  async #commitWaiting({ isLast }: { readonly isLast: boolean }): Promise<void> {
    const batch = this.#waiting;
    if (batch.length === 0) return;
    this.#waiting = [];
    const reports = await this.#commitTogether(batch);
    const taken = new Set(batch.filter(isTaken).map(({ session }) => session));
    for (const report of reports.flatMap((each) => withoutTaken(each, taken))) {
      if ('error' in report && report.isBusy && !isLast) {
        this.#waiting.push(...batch.filter(({ session }) => report.sessions.includes(session)));
        continue;
      }
      await this.#onCommit(report).catch((error: unknown) => {
        this.#failure ??= error;
      });
    }
  }

  /** One session that cannot be committed does not keep the others from it. */
  async #commitTogether(batch: readonly CommitRequest[]): Promise<readonly CommitReport[]> {
    const together = await this.#commit(batch);
    if (!('error' in together) || together.isBusy || together.sessions.length === 1) return [together];
    const oneByOne: CommitReport[] = [];
    for (const session of together.sessions) {
      oneByOne.push(await this.#commit(batch.filter((request) => request.session === session)));
    }
    return oneByOne.every((report) => 'error' in report) ? [together] : oneByOne;
  }

  async #commit(batch: readonly CommitRequest[]): Promise<CommitReport> {
    const sessions = [...new Set(batch.map((request) => request.session))];
    const files = [...new Set(batch.flatMap((request) => request.files))];
    const ifTracked = [...new Set(batch.flatMap((request) => request.ifTracked ?? []))];
    const wasAborted = this.#signal.aborted;
    try {
      return { sessions, commit: await this.#branch.commit(files, commitMessage(sessions), ifTracked) };
    } catch (error) {
      // Ctrl-C at a terminal reaches git too; what is finished is committed all the same.
      if (this.#signal.aborted && !wasAborted) return this.#commit(batch);
      return { sessions, error: messageOf(error), isBusy: isBusy(error) };
    }
  }
}

/** A stash or a checkout of the user's can take away what is not committed yet, and git then finds nothing to commit. */
function withoutTaken(report: CommitReport, taken: ReadonlySet<string>): readonly CommitReport[] {
  if ('error' in report) return [report];
  const gone = report.sessions.filter((session) => taken.has(session));
  const there = report.sessions.filter((session) => !taken.has(session));
  const error = 'somebody changed its files before they were committed';
  return [
    ...(there.length > 0 ? [{ ...report, sessions: there }] : []),
    ...(gone.length > 0 ? [{ sessions: gone, error, isBusy: false }] : []),
  ];
}

function isTaken({ written = [] }: CommitRequest): boolean {
  try {
    return written.some(({ file, sha256 }) => readDigest(file, 0).sha256 !== sha256);
  } catch {
    // Gone, or in somebody's hand.
    return true;
  }
}

function isBusy(error: unknown): boolean {
  return isIndexLocked(error) || (error instanceof ExpectedError && error.code === 'LEDGER_BUSY');
}
