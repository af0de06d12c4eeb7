import { SECOND_MS } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { LedgerGit } from './git.ts';

/** A session whose files wait for the next commit. */
export interface CommitRequest {
  readonly session: string;
  /** Relative to the ledger's root, `/`-separated. */
  readonly files: readonly string[];
}

export type CommitReport =
  | { readonly sessions: readonly string[]; readonly commit: string | undefined }
  | { readonly sessions: readonly string[]; readonly error: string };

/** Finished work waits at most this long for its commit; what finishes meanwhile goes along. */
const GATHER_MS = 2 * SECOND_MS;

/**
 * Commits everything that finished since the last commit in one go, while agents work on: a thousand sessions do not
 * cost a thousand commits, and a finished one is durable within seconds.
 */
export class Committer {
  readonly #git: LedgerGit;
  readonly #scratch: string;
  readonly #signal: AbortSignal;
  readonly #onCommit: (report: CommitReport) => Promise<void>;
  #waiting: CommitRequest[] = [];
  #timer: NodeJS.Timeout | undefined;
  #committing: Promise<void> = Promise.resolve();

  /** `scratch` is a folder for short-lived files outside the tree. */
  constructor(git: LedgerGit, scratch: string, signal: AbortSignal, onCommit: (report: CommitReport) => Promise<void>) {
    this.#git = git;
    this.#scratch = scratch;
    this.#signal = signal;
    this.#onCommit = onCommit;
  }

  add(request: CommitRequest): void {
    this.#waiting.push(request);
    this.#timer ??= setTimeout(() => void this.flush(), GATHER_MS);
  }

  /** Commits what waits and resolves when it is reported. Never rejects: a refused commit is a report. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#committing = this.#committing.then(() => this.#commitWaiting());
    await this.#committing;
  }

  async #commitWaiting(): Promise<void> {
    const batch = this.#waiting;
    if (batch.length === 0) return;
    this.#waiting = [];
    const sessions = [...new Set(batch.map((request) => request.session))];
    const files = [...new Set(batch.flatMap((request) => request.files))];
    await this.#onCommit(await this.#commit(sessions, files));
  }

  async #commit(sessions: readonly string[], files: readonly string[]): Promise<CommitReport> {
    const wasAborted = this.#signal.aborted;
    try {
      return { sessions, commit: await this.#git.commit(files, commitMessage(sessions), this.#scratch) };
    } catch (error) {
      // Ctrl-C at a terminal reaches git too; what is finished is committed all the same.
      if (this.#signal.aborted && !wasAborted) return this.#commit(sessions, files);
      return { sessions, error: messageOf(error) };
    }
  }
}

/** One session in the subject, several by name in the body. */
export function commitMessage(sessions: readonly string[]): string {
  if (sessions.length === 1) return `finalize session ${sessions[0]}\n`;
  return `finalize ${sessions.length} sessions\n\n${sessions.join('\n')}\n`;
}
