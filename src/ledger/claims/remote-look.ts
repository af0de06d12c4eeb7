import { SECOND_MS } from '../../clock.ts';
import type { RemoteBranch } from '../git/followed.ts';
import type { LedgerGit } from '../git/ledger-git.ts';
import { sessionOf } from '../git/own-commits.ts';
import type { Refusal } from '../git/refusal.ts';
import type { LedgerRemote } from '../git/remote.ts';
import { CLAIMS_FOLDER, CLAIMS_REFSPEC, claimRef, parseClaim, type StandingClaim } from './claim.ts';

/** What the remote has of others' work, as it last told. */
export class RemoteLook {
  readonly #git: LedgerGit;
  readonly #remote: LedgerRemote;
  readonly #target: RemoteBranch;
  #standing: ReadonlyMap<string, StandingClaim> = new Map();
  #finished: ReadonlySet<string> = new Set();
  #silence: Refusal | undefined;

  constructor(git: LedgerGit, remote: LedgerRemote, target: RemoteBranch) {
    this.#git = git;
    this.#remote = remote;
    this.#target = target;
  }

  /** Asks the remote anew; why it did not answer, if it did not. */
  async refresh(): Promise<Refusal | undefined> {
    this.#silence = await this.#remote.fetch(this.#target, [CLAIMS_REFSPEC]);
    if (this.#silence) return this.#silence;
    this.#standing = await this.#readStanding();
    this.#finished = await this.#askFinished();
    return undefined;
  }

  /** Why nothing of this is known. */
  get silence(): Refusal | undefined {
    return this.#silence;
  }

  /** All claims, expired ones too. */
  get claims(): Iterable<StandingClaim> {
    return this.#standing.values();
  }

  claimOn(session: string): StandingClaim | undefined {
    return this.#standing.get(claimRef(session));
  }

  /** Where others have finished a session; undefined where they have not. */
  finishedAt(session: string): string | undefined {
    if (!this.#finished.has(session)) return undefined;
    return `finished at ${this.#target.tracking.replace(/^refs\/remotes\//, '')}; git pull brings it here`;
  }

  async #readStanding(): Promise<ReadonlyMap<string, StandingClaim>> {
    const format = '--format=%(refname)%00%(objectname)%00%(committerdate:unix)%00%(contents)%01';
    const text = await this.#git.process.run(['for-each-ref', format, `${CLAIMS_FOLDER}/`]);
    const entries = text.split('\u0001\n').filter((entry) => entry.trim() !== '');
    return new Map(
      entries.map((entry) => {
        const [ref = '', oid = '', seconds = '', message = ''] = entry.split('\0');
        return [ref, { oid, committedAtMs: Number(seconds) * SECOND_MS || 0, claim: parseClaim(message) }];
      }),
    );
  }

  /** Sessions whose summary others have pushed, and this clone has not pulled. */
  async #askFinished(): Promise<ReadonlySet<string>> {
    const [head, tip] = [await this.#git.commitAt('HEAD'), await this.#git.commitAt(this.#target.tracking)];
    if (tip === undefined || tip === head) return new Set();
    const theirs = await this.#git.differences(await this.#git.mergeBase(head, tip), tip, 'sessions');
    const summaries = theirs.filter(({ path, mode }) => path.endsWith('/summary.json') && mode !== '000000');
    return new Set(summaries.map(({ path }) => sessionOf(path) ?? ''));
  }
}
