import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { MINUTE_MS } from './clock.ts';
import { ExpectedError } from './errors.ts';
import { Claims, type Sharing, unknownSharing } from './ledger/claims/claims.ts';
import type { RemoteBranch } from './ledger/git/followed.ts';
import { BranchPush, NO_PUSH, type PushReport, refused } from './ledger/git/push.ts';
import { NO_UPSTREAM, type Refusal } from './ledger/git/refusal.ts';
import type { Ledger } from './ledger/ledger.ts';
import { copyToTrash, isSameFolder, listTrash } from './ledger/trash/trash.ts';
import type { PassOptions, World } from './pass.ts';
import { withheldMemory, withheldSessions } from './session-memory.ts';
import type { StateStore } from './state.ts';
import { searchUnclean } from './unclean-sessions.ts';

const RENEWAL_MS = 10 * MINUTE_MS;

export interface PassRemoteOptions {
  readonly ledger: Ledger;
  readonly world: World;
  readonly options: PassOptions;
  readonly store: StateStore;
  readonly signal: AbortSignal;
  /** Asked before each push for the sessions that may not go, with the reason. */
  readonly heldBack: () => Promise<ReadonlyMap<string, string>>;
}

/** What the remote has to know of a pass that ends. */
export interface PassEnd {
  /** There is something new to push. */
  readonly hasCommitted: boolean;
  /** Sessions that this clone wants to try again. */
  readonly failed: readonly string[];
  /** All that waits was looked at, and nothing of it was left for a later pass. */
  readonly isWhole: boolean;
}

/** A pass's dealings with the remote: it hears first, claims meanwhile, and pushes last. */
export class PassRemote {
  readonly #setting: PassRemoteOptions;
  readonly #target: RemoteBranch | undefined;
  /** Undefined where nobody is to be told. */
  readonly claims: Claims | undefined;
  /** The same for those who work on sessions, also where no claim can be made. */
  readonly sharing: Sharing | undefined;
  /** What was told of sessions that are held back. */
  readonly #told = new Set<string>();
  #silence: Refusal | undefined;
  #early: PushReport | undefined;
  #renewal: NodeJS.Timeout | undefined;

  private constructor(setting: PassRemoteOptions, target: RemoteBranch | undefined, sharing: Sharing | undefined) {
    this.#setting = setting;
    this.#target = target;
    this.sharing = sharing;
    this.claims = sharing instanceof Claims ? sharing : undefined;
  }

  static async open(setting: PassRemoteOptions): Promise<PassRemote> {
    if (setting.options.commit) await setting.ledger.branch.begin();
    const target = await setting.ledger.remote.branch();
    const { config, commit } = setting.options;
    const isShared = commit && config.push && config.claim && config.agent === 'claude';
    return new PassRemote(setting, target, isShared ? await openSharing(target, setting) : undefined);
  }

  /** Ends what a killed pass began, asks what others did, and pushes what earlier passes could not. */
  async catchUp(): Promise<void> {
    const { ledger, world, options, store } = this.#setting;
    if (options.commit) {
      for (const message of await ledger.branch.recover()) world.tell({ type: 'warning', message });
    }
    await searchUnclean(ledger, store);
    if (!this.#target) return;
    const { withheld, due } = withheldSessions(store.state.sessions, world.clock());
    const isAskedFor = (session: string) => options.sessions.includes(session);
    for (const session of [...due, ...withheld.filter(isAskedFor)]) store.forget(session);
    world.tell({ type: 'asking' });
    this.#silence = await (this.claims?.refresh() ?? ledger.remote.fetch(this.#target));
    if (this.#silence) return;
    await this.claims?.adopt();
    if (this.#mayPush && (await ledger.git.upstream())?.isAhead) {
      await ledger.git.readiness.requireCommittable();
      this.#early = await this.#push(this.claims?.held ?? []);
    }
    if (this.claims) this.#renewal = setInterval(() => void this.#renew(), RENEWAL_MS).unref();
  }

  /** Says that others could not be asked. Where claims were to be made, it is said why there are none. */
  warnOfSilence(): void {
    if (!this.#silence || this.claims) return;
    const message = `what others did is not known: ${this.#silence.message}`;
    this.#setting.world.tell({ type: 'warning', message });
  }

  /** Once per pass. */
  async finish({ hasCommitted, failed, isWhole }: PassEnd): Promise<PushReport> {
    this.close();
    await this.claims?.idle();
    const mine = new Set(failed);
    const givenBack = this.claims?.held.filter((session) => !mine.has(session)) ?? [];
    const report = await this.#lastPush(hasCommitted, givenBack);
    const isSettled = typeof report.outcome === 'string' && !this.#setting.signal.aborted;
    // What is finished and stays here, be it refused or interrupted, is not to be paid for elsewhere.
    await this.claims?.settle(isSettled ? [] : givenBack).catch(() => {});
    if (isWhole && !this.#setting.signal.aborted) await this.claims?.giveBackUnneeded().catch(() => {});
    await this.claims?.tidyUp();
    return report;
  }

  /** Claims of a pass that is over are renewed no more, however it ended. */
  close(): void {
    clearInterval(this.#renewal);
  }

  async #lastPush(hasCommitted: boolean, givenBack: readonly string[]): Promise<PushReport> {
    const { signal, world } = this.#setting;
    if (!this.#mayPush) return { ...NO_PUSH, outcome: 'off' };
    const isRefusedAlready = typeof this.#early?.outcome === 'object';
    const isIdle = !hasCommitted && (givenBack.length === 0 || signal.aborted || isRefusedAlready);
    if (isIdle) return this.#early ?? this.#leftBehind();
    if (signal.aborted) return { ...NO_PUSH, outcome: INTERRUPTED };
    if (hasCommitted) world.tell({ type: 'pushing' });
    return both(this.#early, await this.#push(givenBack));
  }

  /** What earlier passes could not push, and this one could not either, as the remote did not even answer. */
  async #leftBehind(): Promise<PushReport> {
    const silence = this.#silence;
    const isLeft = silence && ((await this.#setting.ledger.git.unpushed('sessions')) ?? 0) > 0;
    return isLeft ? { ...NO_PUSH, outcome: refused(silence) } : NO_PUSH;
  }

  get #mayPush(): boolean {
    const { config, commit } = this.#setting.options;
    return config.push && commit;
  }

  async #push(givenBack: readonly string[]): Promise<PushReport> {
    const { ledger, store, signal, world } = this.#setting;
    const { withheld: refusedBefore } = withheldSessions(store.state.sessions, world.clock());
    const known = new Set(refusedBefore);
    const push = async () => {
      for (const session of await this.#heldBack()) known.add(session);
      // Without a branch to compare with, git pushes all or nothing.
      if (!this.#target && store.state.unclean.length > 0) return { ...NO_PUSH, outcome: UNCLEAN };
      return new BranchPush(ledger.git, ledger.branch, ledger.remote, {
        alongside: (withheld) => this.claims?.releases(givenBack.filter((session) => !withheld.has(session))) ?? [],
        withheld: [...known],
        keep: (sessions) => this.#keep(sessions),
        signal,
      }).run();
    };
    const report = await push().catch(unfinishedPush);
    const withheld = new Set([...known, ...report.withheld.map(({ session }) => session)]);
    if (typeof report.outcome === 'string') this.claims?.forget(givenBack.filter((session) => !withheld.has(session)));
    for (const { session, reason } of report.withheld) {
      const folder = path.join(ledger.sessionsDir, session);
      store.remember(session, withheldMemory(folder, reason, world.clock()));
    }
    if (report.withheld.length > 0) await store.save();
    return report;
  }

  /** A hold may have come after the commit, and so may the knowledge that it holds a secret. */
  async #heldBack(): Promise<readonly string[]> {
    const { ledger, store, heldBack } = this.#setting;
    const held = new Map([...(await heldBack()), ...(await searchUnclean(ledger, store))]);
    for (const [session, reason] of held) {
      const message = `${session} is not pushed: ${reason}`;
      // A pass pushes what earlier ones left before it begins, and its own at the end.
      if (!this.#told.has(message)) this.#setting.world.tell({ type: 'warning', message });
      this.#told.add(message);
    }
    return [...held.keys()];
  }

  /** What others made of these sessions takes the place of what was made here. */
  async #keep(sessions: readonly string[]): Promise<void> {
    if (sessions.length === 0) return;
    const { ledger, world } = this.#setting;
    const kept = listTrash(ledger.stateDir);
    for (const session of sessions) {
      const folder = path.join(ledger.sessionsDir, session);
      // A branch that cannot be moved is tried again by each pass.
      const isKept = kept.some((entry) => entry.origin?.path === folder && isSameFolder(entry.path, folder));
      if (!isKept) await copyToTrash(folder, session, ledger.stateDir, world.clock(), FINISHED_FIRST);
    }
  }

  async #renew(): Promise<void> {
    // A remote that is silent for a while may answer before the claims end.
    await this.claims?.renew().catch(() => {});
  }
}

const FINISHED_FIRST = 'others finished the session first';

const INTERRUPTED = { refused: 'interrupted before the push; the next pass pushes', kind: 'interrupted' } as const;

const UNCLEAN = { refused: 'commits that no remote has yet hold secrets', kind: 'secret' } as const;

/** Whatever git could not do at the end, the pass has something to report. */
function unfinishedPush(error: unknown): PushReport {
  if (!(error instanceof ExpectedError)) throw error;
  return { ...NO_PUSH, outcome: { refused: error.message, kind: 'other' } };
}

/** What was pushed at the beginning and at the end, as one. */
function both(early: PushReport | undefined, late: PushReport): PushReport {
  if (!early) return late;
  return {
    ...late,
    outcome: late.outcome === 'nothing' ? early.outcome : late.outcome,
    others: early.others + late.others,
    superseded: [...early.superseded, ...late.superseded],
    withheld: [...early.withheld, ...late.withheld],
  };
}

async function openSharing(target: RemoteBranch | undefined, setting: PassRemoteOptions): Promise<Sharing | undefined> {
  if (target) return openClaims(target, setting);
  return (await setting.ledger.git.hasRemote()) ? unknownSharing(NO_UPSTREAM) : undefined;
}

async function openClaims(target: RemoteBranch, { ledger, world, options, store }: PassRemoteOptions): Promise<Claims> {
  return new Claims(target, {
    git: ledger.git,
    branch: ledger.branch,
    remote: ledger.remote,
    clock: world.clock,
    timeoutMs: options.config.timeoutMs,
    claimant: { cloneId: await cloneId(ledger, store), host: hostname() },
    onTrouble: (message) => world.tell({ type: 'warning', message }),
    onTaken: () => store.update({ claimsTakenBy: target.remote, claimsRefusedBy: undefined }),
    isUnsupported(why) {
      // One that took claims before is out of order, and one whose gate is closed may open it again.
      const wasRefused = store.state.claimsRefusedBy === target.remote;
      if (store.state.claimsTakenBy === target.remote) return false;
      store.update({ claimsRefusedBy: target.remote });
      if (!wasRefused && CLOSED_GATE.test(why)) return false;
      const message = `${target.remote} takes no claims (${why}): other machines may work on the same sessions at the same time`;
      if (!wasRefused) world.tell({ type: 'warning', message });
      return true;
    },
  });
}

/** The words of a remote that refuses whatever is pushed, for the time being or not. */
const CLOSED_GATE = /pre-receive/;

/** The same for every pass of this clone. A copy of it, made with its state, is another one. */
async function cloneId(ledger: Ledger, store: StateStore): Promise<string> {
  const where = `${hostname()}:${ledger.stateDir}:${statSync(ledger.stateDir).ino}`;
  const known = store.state.clone;
  if (known?.where === where) return known.id;
  const id = randomUUID();
  store.update({ clone: { id, where } });
  await store.save();
  return id;
}
