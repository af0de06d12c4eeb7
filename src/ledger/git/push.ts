import { setTimeout } from 'node:timers/promises';
import type { Head, LedgerBranch } from './branch.ts';
import { forgetPending, type PathChange, writeCommits } from './commit-objects.ts';
import type { RemoteBranch } from './followed.ts';
import type { LedgerGit } from './ledger-git.ts';
import { uploadFor } from './lfs-upload.ts';
import { type LocalCommit, localCommits, planReplay, sessionOf } from './own-commits.ts';
import type { Refusal } from './refusal.ts';
import type { LedgerRemote, RefWish } from './remote.ts';

/** What a push came to. `off`: no remote to push to. */
export type PushOutcome = 'done' | 'nothing' | 'off' | { readonly refused: string; readonly kind: Refusal['kind'] };

/** A push, and what else a person should know of it. */
export interface PushReport {
  readonly outcome: PushOutcome;
  /** Commits of the user's own that went along. */
  readonly others: number;
  /** Why the checked-out branch was left where it is although its commits went to the remote on top of others'. */
  readonly branchLeft?: string;
  /** Sessions that others finished meanwhile: theirs stand, ours are in the trash. */
  readonly superseded: readonly string[];
  /** Sessions that the remote would not have, and why. */
  readonly withheld: readonly { readonly session: string; readonly reason: string }[];
}

export interface PushOptions {
  /** Refs that are to go together with the commits, or not at all; asked anew when sessions turn out to be withheld. */
  readonly alongside?: (withheld: ReadonlySet<string>) => readonly RefWish[];
  /** Sessions that may not go: the remote refused them before, or somebody asked for it. */
  readonly withheld?: readonly string[];
  /** Called before files of these sessions are replaced by those of others. */
  readonly keep: (sessions: readonly string[]) => Promise<void>;
  readonly signal: AbortSignal;
  /** From 0 to 1: many machines that were refused at once do not come back at once. */
  readonly random?: () => number;
}

export const NO_PUSH: PushReport = { outcome: 'nothing', others: 0, superseded: [], withheld: [] };

/** How often a push is tried again on top of what others pushed meanwhile. */
const TRIES = 8;
const TRY_PAUSE_MS = 250;

/** Brings the commits of passes to the remote, whatever others pushed meanwhile. Nothing is ever forced. */
export class BranchPush {
  readonly #git: LedgerGit;
  readonly #branch: LedgerBranch;
  readonly #remote: LedgerRemote;
  readonly #options: PushOptions;
  /** Sessions that do not go: refused before, or just now. */
  readonly #heldBack: Set<string>;
  /** Those refused just now. */
  readonly #withheld: { readonly session: string; readonly reason: string }[] = [];

  constructor(git: LedgerGit, branch: LedgerBranch, remote: LedgerRemote, options: PushOptions) {
    this.#git = git;
    this.#branch = branch;
    this.#remote = remote;
    this.#options = options;
    this.#heldBack = new Set(options.withheld);
  }

  /** Throws LEDGER_BUSY where another branch was checked out since the pass began. */
  async run(): Promise<PushReport> {
    const target = await this.#remote.branch();
    if (!target) return this.#report(await this.#pushUnfollowed());
    for (let attempt = 1; ; attempt += 1) {
      const load = await this.#load(target);
      const refusal = load.refusal ?? asFarAsOurs(await this.#pushLoad(target, load), load);
      if (!refusal) return this.#arrived(load);
      const isLast = attempt === TRIES || this.#options.signal.aborted;
      if (!this.#isWorthAnother(refusal) || isLast) return this.#report(refused(refusal));
      if (refusal.kind !== 'behind') continue;
      await setTimeout(TRY_PAUSE_MS * attempt * (this.#options.random ?? Math.random)());
      const unheard = await this.#remote.fetch(target);
      if (unheard) return this.#report(refused(unheard));
    }
  }

  /** What is to go, on top of what the remote had when it was last asked. */
  async #load(target: RemoteBranch): Promise<Load> {
    const [head, tip] = [await this.#branch.ownHead(), await this.#git.tipOf(target.tracking)];
    const fork = await this.#git.forkPoint(target.tracking);
    const commits = head.commit === undefined ? [] : await localCommits(this.#git.process, tip, fork);
    const others = commits.filter(({ isOwn }) => !isOwn).length;
    const sessions = new Set(commits.filter(({ isOwn }) => isOwn).flatMap(sessionsOf));
    if (sessions.size === 0) return { head, ...NOTHING, refusal: await this.#takenOut(head, tip, fork) };
    const isStraight = tip === undefined || tip === fork || (await this.#git.isAncestor(tip, head.commit));
    if (tip === undefined && others > 0 && !target.isPlainTarget) return { head, ...NOTHING, refusal: NOT_BEGUN };
    if (isStraight && (others === 0 || target.isPlainTarget)) {
      const going = await this.#straight(tip, commits);
      // Whoever committed it, a session that is to stay here stays.
      const isHeldBack = going.flatMap(sessionsOf).some((session) => this.#heldBack.has(session));
      if (!isHeldBack) return { head, ...asTheyAre(going) };
    }
    const isRewritten = fork !== undefined && !(await this.#git.isAncestor(fork, tip));
    return this.#replay(head, tip, commits, { sessions, isRewritten });
  }

  /** What was at the remote and is not any more: somebody took it out, or the remote was set back. It is told, not mended. */
  async #takenOut({ commit }: Head, tip: string | undefined, fork: string | undefined): Promise<Refusal | undefined> {
    if (commit === undefined || fork === undefined || (await this.#git.isAncestor(fork, tip))) return undefined;
    const ours = (await localCommits(this.#git.process, tip)).filter(({ isOwn }) => isOwn).flatMap(sessionsOf);
    const lacking = (await this.#git.differences(tip, commit, 'sessions')).filter(isSummary).map(sessionIn);
    const sessions = new Set(ours.filter((session) => lacking.includes(session) && !this.#heldBack.has(session)));
    if (sessions.size === 0) return undefined;
    const named = [...sessions].slice(0, MOST_NAMED).join(', ');
    const more = sessions.size > MOST_NAMED ? ` and ${sessions.size - MOST_NAMED} more` : '';
    return { kind: 'rewritten', message: `${TAKEN_OUT}: ${named}${more} (${WAYS_OUT})`, sessions: [] };
  }

  /** Up to the last of ours, or to the user's merge that brought it together with what the remote has. */
  async #straight(tip: string | undefined, commits: readonly LocalCommit[]): Promise<readonly LocalCommit[]> {
    const last = commits.findLastIndex(({ isOwn }) => isOwn);
    const ours = commits[last]?.id ?? '';
    let end = last;
    while (end < commits.length - 1 && !(await this.#hasAll([tip, ours], commits[end]?.id))) end += 1;
    return commits.slice(0, end + 1);
  }

  async #hasAll(older: readonly (string | undefined)[], newer: string | undefined): Promise<boolean> {
    for (const commit of older) {
      if (commit !== undefined && commit !== newer && !(await this.#git.isAncestor(commit, newer))) return false;
    }
    return true;
  }

  async #replay(
    head: Head,
    tip: string | undefined,
    commits: readonly LocalCommit[],
    { sessions, isRewritten }: { readonly sessions: ReadonlySet<string>; readonly isRewritten: boolean },
  ): Promise<Load> {
    const base = await this.#git.mergeBase(tip, head.commit);
    const replay = planReplay({
      commits,
      there: await this.#git.objectsOf(tip, sessions),
      changedByOthers: tip === undefined ? new Set() : pathsOf(await this.#git.differences(base, tip, 'sessions')),
      withheld: this.#heldBack,
    });
    const written = await writeCommits(this.#git.process, tip, replay.drafts, await this.#branch.style());
    const source = written.at(-1);
    // What was taken out of the remote's history is the user's to let go of here.
    const isMovable = !isRewritten && commits.every(({ isOwn }) => isOwn);
    return {
      head,
      source,
      brings: replay.drafts.flatMap(({ changes }) => changes),
      others: 0,
      superseded: replay.superseded,
      replaced: replay.replaced,
      moveTo: isMovable ? (source ?? tip) : undefined,
      leftBecause: isRewritten ? REWRITTEN : BELOW_OURS,
      isReplayed: true,
    };
  }

  /** Commits and what goes alongside, together; one after the other at a remote that cannot. */
  async #pushLoad({ remote, ref }: RemoteBranch, { source, brings }: Load): Promise<Refusal | undefined> {
    const alongside = this.#alongside;
    if (source === undefined) return this.#pushAlongside(remote);
    const unsent = await uploadFor(this.#git.process, remote, brings);
    if (unsent) return unsent;
    const wishes = [{ ref, to: source }, ...alongside];
    const isAtomic = alongside.length > 0;
    const { refusal, rejected } = await this.#remote.push(remote, wishes, { withHooks: true, isAtomic });
    const isBesideIt = isAtomic && ATOMIC_TROUBLE.test(rejected.get(ref) ?? refusal?.message ?? '');
    if (!refusal || !isBesideIt) return refusal;
    const alone = await this.#remote.push(remote, wishes.slice(0, 1), { withHooks: true });
    if (!alone.refusal) await this.#pushAlongside(remote);
    return alone.refusal;
  }

  /** A ref that is not as it was thought to be is nobody's trouble: what is wished for it has had its day. */
  async #pushAlongside(remote: string): Promise<Refusal | undefined> {
    const alongside = this.#alongside;
    if (alongside.length === 0) return undefined;
    const { refusal } = await this.#remote.push(remote, alongside);
    return refusal?.kind === 'behind' ? undefined : refusal;
  }

  get #alongside(): readonly RefWish[] {
    return this.#options.alongside?.(this.#heldBack) ?? [];
  }

  /** Everything is at the remote. Now the checked-out branch follows, if nothing of the user's is in the way. */
  async #arrived({
    head,
    source,
    others,
    superseded,
    replaced = [],
    moveTo,
    leftBecause,
    isReplayed,
  }: Load): Promise<PushReport> {
    const outcome = source === undefined ? 'nothing' : 'done';
    if (isReplayed) await forgetPending(this.#git.process);
    if (!isReplayed || moveTo === head.commit) return this.#report(outcome, { others });
    if (moveTo !== undefined) await this.#options.keep([...superseded, ...replaced]);
    const branchLeft =
      moveTo === undefined ? leftBecause : await this.#branch.moveTo(head, moveTo, await this.#heldPaths(head, moveTo));
    // Whoever was told once that the branch is left need not hear of it from each pass that has nothing new.
    if (branchLeft === undefined) return this.#report(outcome, { superseded });
    return this.#report(outcome, outcome === 'done' ? { superseded, branchLeft } : {});
  }

  /** Files of sessions that stay here: what the remote has of them is what git is to know. */
  async #heldPaths(head: Head, moveTo: string): Promise<readonly PathChange[]> {
    if (this.#heldBack.size === 0) return [];
    const differing = await this.#git.differences(head.commit, moveTo, 'sessions');
    return differing.filter(({ path }) => this.#heldBack.has(sessionOf(path) ?? ''));
  }

  /** Others came first, or single sessions are in the way of the rest. */
  #isWorthAnother({ kind, sessions, message }: Refusal): boolean {
    if (kind === 'behind') return true;
    const fresh = sessions.filter((session) => !this.#heldBack.has(session));
    for (const session of fresh) {
      this.#heldBack.add(session);
      this.#withheld.push({ session, reason: message });
    }
    return fresh.length > 0;
  }

  /** A branch that follows none: git itself says what it makes of that. */
  async #pushUnfollowed(): Promise<PushOutcome> {
    await this.#branch.ownHead();
    if (!(await this.#git.hasRemote())) return 'off';
    const refusal = await this.#remote.pushPlain();
    return refusal ? refused(refusal) : 'done';
  }

  #report(outcome: PushOutcome, more: Partial<PushReport> = {}): PushReport {
    return { ...NO_PUSH, ...more, outcome, withheld: this.#withheld };
  }
}

/** What one try brings to the remote. */
interface Load {
  readonly head: Head;
  /** The commit that the remote's branch is to have; undefined when it lacks nothing. */
  readonly source: string | undefined;
  /** What its commits change. */
  readonly brings: readonly PathChange[];
  /** Commits of the user's own in it. */
  readonly others: number;
  readonly superseded: readonly string[];
  /** Sessions of which single files of others stay. */
  readonly replaced?: readonly string[];
  /** Where the checked-out branch belongs afterwards; undefined where it is the user's to move. */
  readonly moveTo?: string | undefined;
  readonly leftBecause?: string;
  readonly isReplayed?: boolean;
  /** Why nothing of it can go. */
  readonly refusal?: Refusal | undefined;
}

const NOTHING = { source: undefined, brings: [], others: 0, superseded: [] } as const satisfies Omit<Load, 'head'>;

function asTheyAre(commits: readonly LocalCommit[]): Omit<Load, 'head'> {
  const others = commits.filter(({ isOwn }) => !isOwn).length;
  const brings = commits.flatMap(({ draft }) => draft.changes);
  return { source: commits.at(-1)?.id, brings, others, superseded: [] };
}

/** What a remote says of sessions counts for those that it was sent. */
function asFarAsOurs(refusal: Refusal | undefined, { brings }: Load): Refusal | undefined {
  const sent = new Set(brings.flatMap(({ path }) => sessionOf(path) ?? []));
  return refusal && { ...refusal, sessions: refusal.sessions.filter((session) => sent.has(session)) };
}

/** On top of nothing, commits of ours would be without the files that they are about. */
const NOT_BEGUN: Refusal = {
  kind: 'no_upstream',
  message: 'the remote has no such branch yet (run `git push` once for your own commits)',
  sessions: [],
};

const BELOW_OURS = 'commits of your own are below ours; git pull --rebase brings both together';
const REWRITTEN = 'the history of the remote was rewritten; git pull --rebase follows it';

const TAKEN_OUT = 'the remote was rewritten or set back, and lacks what was pushed before';
const WAYS_OUT = 'git push brings it there again, git pull --rebase lets go of it here';
const MOST_NAMED = 5;

/** The words where the remote takes no atomic push, or where a ref beside the branch was not as thought. */
const ATOMIC_TROUBLE = /does not support --atomic|atomic push failed|atomic transaction failed/;

export function refused({ message, kind }: Refusal): PushOutcome {
  return { refused: message, kind };
}

function sessionsOf({ draft }: LocalCommit): readonly string[] {
  return draft.changes.flatMap(({ path }) => sessionOf(path) ?? []);
}

const isSummary = ({ path, mode }: PathChange): boolean => path.endsWith('/summary.json') && mode !== '000000';

const sessionIn = ({ path }: PathChange): string => sessionOf(path) ?? '';

function pathsOf(changes: readonly PathChange[]): ReadonlySet<string> {
  return new Set(changes.map(({ path }) => path));
}
