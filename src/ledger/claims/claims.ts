import { v7 as uuidv7 } from 'uuid';
import { type Clock, isoTime, parseTime, SECOND_MS } from '../../clock.ts';
import type { LedgerBranch } from '../git/branch.ts';
import { forgetRoots, writeRoots } from '../git/commit-objects.ts';
import type { RemoteBranch } from '../git/followed.ts';
import type { LedgerGit } from '../git/ledger-git.ts';
import type { Refusal } from '../git/refusal.ts';
import type { LedgerRemote, PushAnswer, RefWish } from '../git/remote.ts';
import { type Claim, claimRef, describeClaim, expiryOf, formatClaim, isExpired } from './claim.ts';
import { isLocked, isLostRace, isRefused, isTakenOver, unclaimed } from './rejection.ts';
import { RemoteLook } from './remote-look.ts';

/** Whose claims these are. */
export interface Claimant {
  /** Of this clone, and of no copy of it. */
  readonly cloneId: string;
  readonly host: string;
}

export interface ClaimsWorld {
  readonly git: LedgerGit;
  readonly branch: LedgerBranch;
  readonly remote: LedgerRemote;
  readonly clock: Clock;
  readonly claimant: Claimant;
  /** Milliseconds that one agent run may take. */
  readonly timeoutMs: number;
  /** Hears that the remote has taken claims: it is one that does. */
  readonly onTaken: () => void;
  /** Says of a remote that refused all claims whether it is one that takes none; else nobody knows who does what. */
  readonly isUnsupported: (why: string) => boolean;
  /** Hears of a session that cannot be claimed although nobody has it. */
  readonly onTrouble: (message: string) => void;
}

/** A session to be claimed, and what tells its input. */
export interface Claimable {
  readonly session: string;
  readonly input: string;
}

/** A wish for the ref of one session; `claim` where it is to be, or to stay, ours. */
export interface ClaimWish extends RefWish {
  readonly session: string;
  readonly claim?: Claim;
}

/** Says of sessions whose they are, as far as those who work on them need it. */
export type Sharing = Pick<Claims, 'take' | 'isLost' | 'holderOf'>;

/** Where there is a remote, and no way to ask it: nobody knows what other machines do. */
export function unknownSharing(why: string): Sharing {
  return {
    take: async () => {
      throw unclaimed(why);
    },
    isLost: () => false,
    holderOf: () => undefined,
  };
}

interface HeldClaim {
  readonly oid: string;
  readonly claim: Claim;
}

/**
 * Which sessions are this clone's to work on, among all machines that share the ledger. The remote decides by what it
 * does anyway: of several pushes that want to make one ref, it takes one.
 */
export class Claims {
  readonly #world: ClaimsWorld;
  readonly #target: RemoteBranch;
  readonly #held = new Map<string, HeldClaim>();
  /** Finished here, and not yet pushed. */
  readonly #finished = new Set<string>();
  readonly #look: RemoteLook;
  /** Session -> why the remote did not take its claim although nobody has it. */
  readonly #unclaimable = new Map<string, string>();
  /** Everything that was in hand, whatever came of it. */
  readonly #claimed = new Set<string>();
  #isUnsupported = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(target: RemoteBranch, world: ClaimsWorld) {
    this.#target = target;
    this.#world = world;
    this.#look = new RemoteLook(world.git, world.remote, target);
  }

  /** Asks the remote what others finished and claimed; why it did not answer, if it did not. */
  async refresh(): Promise<Refusal | undefined> {
    return this.#look.refresh();
  }

  /** Enters what earlier passes of this clone could not give back although it is finished: it goes with the next push. */
  async adopt(): Promise<void> {
    for (const { oid, claim } of this.#look.claims) {
      if (!this.#isOwn(claim) || !(await this.#isDone(claim))) continue;
      this.#held.set(claim.session, { oid, claim });
      this.#claimed.add(claim.session);
      this.#finished.add(claim.session);
    }
  }

  /**
   * Takes what nobody else has. Session -> who has it, for those that are not ours to work on.
   * Throws UNCLAIMED where the remote cannot be asked: then nobody knows.
   */
  async take(wanted: readonly Claimable[]): Promise<ReadonlyMap<string, string>> {
    return this.#inTurn(async () => {
      if (this.#look.silence) throw unclaimed(this.#look.silence.message);
      const fresh = wanted.filter(({ session }) => !this.#held.has(session) || this.#finished.has(session));
      const open = fresh.filter(({ session }) => this.holderOf(session) === undefined);
      if (open.length > 0 && !this.#isUnsupported) await this.#claim(open);
      return new Map(fresh.flatMap(({ session }) => this.#elsewhere(session)));
    });
  }

  /** Who has a session, or has done it, as far as the last look tells; undefined when it is to be had. */
  holderOf(session: string): string | undefined {
    const finished = this.#look.finishedAt(session);
    if (finished !== undefined) return finished;
    const standing = this.#look.claimOn(session);
    if (!standing || isExpired(standing, this.#world.clock())) return undefined;
    // The lock of this clone is ours: whichever pass of it made this is dead.
    return this.#isOwn(standing.claim) ? undefined : describeClaim(standing);
  }

  /** Whether a session that was taken was taken over since, or may have been, as it was not renewed in time. */
  isLost(session: string): boolean {
    if (this.#isUnsupported) return false;
    const end = parseTime(this.#held.get(session)?.claim.expires_at);
    return end === undefined || this.#world.clock() > end;
  }

  /** Says that the commit of these sessions is made: whoever comes later must not pay again, whatever becomes of us. */
  noteFinished(sessions: readonly string[]): void {
    for (const session of sessions) this.#finished.add(session);
  }

  /** Puts off the end of what is in hand. What somebody took over meanwhile is no longer. */
  async renew(): Promise<void> {
    await this.#inTurn(async () => {
      const wishes = await this.#renewals(this.held);
      if (wishes.length > 0) await this.#push(wishes);
    });
  }

  /** Resolves when no talk with the remote is under way that could change what is in hand. */
  async idle(): Promise<void> {
    await this.#turn;
  }

  /** What gives back these sessions, for the push that makes it true. */
  releases(sessions: readonly string[]): readonly ClaimWish[] {
    return sessions.flatMap((session) => {
      const held = this.#held.get(session);
      return held ? [{ session, ref: claimRef(session), to: undefined, from: held.oid }] : [];
    });
  }

  /** Enters that the releases went through. */
  forget(sessions: readonly string[]): void {
    for (const session of sessions) this.#held.delete(session);
  }

  /** Sessions in hand, in the order in which they were taken. */
  get held(): readonly string[] {
    return [...this.#held.keys()];
  }

  /** Ends what is in hand without a push of commits: what is finished stays claimed, and `given back` is what is not. */
  async settle(givenBack: readonly string[]): Promise<void> {
    await this.#inTurn(async () => {
      const kept = this.held.filter((session) => this.#finished.has(session));
      const wishes = [
        ...(await this.#renewals(kept)),
        ...this.releases(givenBack.filter((one) => !kept.includes(one))),
      ];
      if (wishes.length > 0) await this.#push(wishes);
    });
  }

  /** Gives back what a killed pass of this clone had claimed, and this one, which looked at all that waits, did not need. */
  async giveBackUnneeded(): Promise<void> {
    await this.#inTurn(async () => {
      const dead = [...this.#look.claims].flatMap(({ oid, claim }): ClaimWish[] => {
        if (!this.#isOwn(claim) || this.#claimed.has(claim.session)) return [];
        return [{ session: claim.session, ref: claimRef(claim.session), to: undefined, from: oid }];
      });
      for (const { session } of dead) this.#claimed.add(session);
      if (dead.length > 0) await this.#push(dead);
    });
  }

  /** Lets go of the commits that claims are made of: the remote has those that count. */
  async tidyUp(): Promise<void> {
    const refs = [...this.#claimed].map(claimRef);
    if (refs.length > 0) await forgetRoots(this.#world.git.process, refs);
  }

  async #claim(open: readonly Claimable[]): Promise<void> {
    const { committer } = await this.#world.branch.style();
    const claims = open.map((each) => this.#newClaim(each, committer.name));
    for (const { session } of open) this.#finished.delete(session);
    const late = await this.#renewals(this.held.filter((session) => this.#finished.has(session)));
    const from = ({ session }: Claim) => this.#look.claimOn(session)?.oid ?? null;
    const answer = await this.#push([...(await this.#wishes(claims, from)), ...late]);
    // Whoever was faster with a session may have finished it, too, between the last look and the claim.
    const silence = await this.refresh();
    if (silence) throw unclaimed(silence.message);
    this.#recogniseOwn(claims);
    if (claims.some(({ session }) => this.#held.has(session))) this.#world.onTaken();
    this.#judge(claims, answer);
  }

  /** Where a session is neither ours nor anybody's: does the remote take no claims, or did it not take any just now? */
  #judge(claims: readonly Claim[], { rejected, refusal }: PushAnswer): void {
    const open = claims.filter(({ session }) => !this.#held.has(session) && !this.#look.claimOn(session));
    for (const { session } of open) this.#noteLock(session, rejected.get(claimRef(session)) ?? '');
    const said = open.map(({ session }) => rejected.get(claimRef(session)) ?? '').filter((words) => !isLostRace(words));
    if (refusal && !said.every(isRefused)) throw unclaimed(refusal.message);
    if (said.length < claims.length) return;
    if (!this.#world.isUnsupported(said[0] ?? '')) throw unclaimed(`the remote refused it: ${said[0]}`);
    this.#isUnsupported = true;
  }

  /** A lock that somebody's end left at the remote is in the way of every machine, and goes with nobody's next pass. */
  #noteLock(session: string, words: string): void {
    if (!isLocked(words)) return;
    this.#unclaimable.set(session, `cannot be claimed: ${words}`);
    this.#world.onTrouble(`${session} cannot be claimed: ${words}; a lock may have been left at the remote`);
  }

  /** A push can have worked although it did not seem so. */
  #recogniseOwn(claims: readonly Claim[]): void {
    for (const claim of claims) {
      const standing = this.#look.claimOn(claim.session);
      if (standing?.claim?.claim_id === claim.claim_id) this.#held.set(claim.session, { oid: standing.oid, claim });
    }
  }

  #newClaim({ session, input }: Claimable, user: string): Claim {
    const { clock, claimant, timeoutMs } = this.#world;
    const now = clock();
    return {
      claim_id: uuidv7(),
      clone_id: claimant.cloneId,
      session,
      host: claimant.host,
      user,
      started_at: isoTime(now),
      expires_at: expiryOf('working', now, timeoutMs),
      input,
      state: 'working',
    };
  }

  /** The same claims with a later end. That something waits for its push is said once: it cannot wait for ever. */
  async #renewals(sessions: readonly string[]): Promise<readonly ClaimWish[]> {
    const { clock, timeoutMs } = this.#world;
    const claims = sessions.flatMap((session) => {
      const state = this.#finished.has(session) ? ('unpushed' as const) : ('working' as const);
      const held = this.#held.get(session);
      const isTold = held?.claim.state === 'unpushed';
      return held && !isTold ? [{ ...held.claim, state, expires_at: expiryOf(state, clock(), timeoutMs) }] : [];
    });
    return this.#wishes(claims, ({ session }) => this.#held.get(session)?.oid ?? null);
  }

  async #wishes(claims: readonly Claim[], from: (claim: Claim) => string | null): Promise<readonly ClaimWish[]> {
    if (claims.length === 0) return [];
    const { git, branch, clock } = this.#world;
    const style = await branch.style();
    const committer = { ...style.committer, date: `${Math.floor(clock() / SECOND_MS)} +0000` };
    for (const { session } of claims) this.#claimed.add(session);
    const oids = await writeRoots(git.process, claims.map(formatClaim), committer);
    return claims.map((claim, index) => {
      return { session: claim.session, ref: claimRef(claim.session), to: oids[index] ?? '', from: from(claim), claim };
    });
  }

  /** Tells the remote, and enters what became of each wish. */
  async #push(wishes: readonly ClaimWish[]): Promise<PushAnswer> {
    const answer = await this.#world.remote.push(this.#target.remote, wishes);
    for (const { session, ref, to, claim } of wishes) {
      if (answer.done.has(ref) && claim && to !== undefined) this.#held.set(session, { oid: to, claim });
      else if (answer.done.has(ref) || isTakenOver(answer.rejected.get(ref) ?? '')) this.#held.delete(session);
    }
    return answer;
  }

  /** Made by this pass, or an earlier one of this clone. */
  #isOwn(claim: Claim | undefined): claim is Claim {
    return claim?.clone_id === this.#world.claimant.cloneId;
  }

  async #isDone({ session, state }: Claim): Promise<boolean> {
    if (state === 'unpushed' || this.#look.finishedAt(session) !== undefined) return true;
    return (await this.#world.git.sizeOf('HEAD', `sessions/${session}/summary.json`)) !== undefined;
  }

  #elsewhere(session: string): readonly (readonly [string, string])[] {
    const isOurs = this.#held.has(session) || this.#isUnsupported;
    // A claim that stood in the way and is gone: its owner is done, or another machine is about to try again.
    const unknown = this.#unclaimable.get(session) ?? 'claimed by others';
    const holder = isOurs ? this.#look.finishedAt(session) : (this.holderOf(session) ?? unknown);
    return holder === undefined ? [] : [[session, holder]];
  }

  /** One talk with the remote at a time. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work, work);
    this.#turn = turn.catch(() => {});
    return turn;
  }
}
