import { createHash } from 'node:crypto';
import { DAY_MS, dayAndTime, isoTime, MINUTE_MS, parseTime } from '../../clock.ts';
import { isObject, parseJson, stringAt } from '../../session/json-object.ts';
import { shortLine } from '../../session/plain-text.ts';

/**
 * A word on the remote that somebody works on a session: the message of a commit without parents and files, to which the
 * ref `claimRef(session)` points. Who can make that ref has the session. Keys and meaning are ours (version 1).
 */
export interface Claim {
  readonly claim_id: string;
  /** Of the clone whose pass it is. */
  readonly clone_id: string;
  readonly session: string;
  readonly host: string;
  readonly user: string;
  /** RFC 3339. */
  readonly started_at: string;
  readonly expires_at: string;
  /** What tells the input: the size of the recording, or why it is done anew. */
  readonly input: string;
  /** `working`: an agent is asked, or will be. `unpushed`: it is finished there, and its commit waits for a push. */
  readonly state: 'working' | 'unpushed';
}

/** A claim as it stands on the remote. */
export interface StandingClaim {
  /** Of the commit: changed by every renewal. */
  readonly oid: string;
  readonly committedAtMs: number;
  /** Undefined for one that cannot be read, as of a later version. */
  readonly claim: Claim | undefined;
}

export const CLAIMS_FOLDER = 'refs/agentwork/claims';
export const CLAIMS_REFSPEC = `+${CLAIMS_FOLDER}/*:${CLAIMS_FOLDER}/*`;

/** Whoever is late with a renewal by no more than this keeps the session. */
const GRACE_MS = 30 * MINUTE_MS;
/** How long finished work may wait for its push before others do it anew. */
const UNPUSHED_MS = 7 * DAY_MS;
/** What cannot be read is somebody's all the same, for so long. */
const UNREADABLE_MS = 1 * DAY_MS;
/** A clock that is ahead must not lock a session up for good: neither by a late end, nor by a late beginning. */
const LONGEST_MS = UNPUSHED_MS + DAY_MS;
const MOST_AHEAD_MS = 1 * DAY_MS;

const MAX_WORD = 100;
/** Longer than any claim can be. */
const MAX_TEXT = 4096;

/** A name can hold what no ref may. */
export function claimRef(session: string): string {
  return `${CLAIMS_FOLDER}/${createHash('sha256').update(session).digest('hex')}`;
}

/** Until when a claim of now stands without a renewal. */
export function expiryOf(state: Claim['state'], now: number, timeoutMs: number): string {
  return isoTime(now + (state === 'unpushed' ? UNPUSHED_MS : timeoutMs + GRACE_MS));
}

export function formatClaim(claim: Claim): string {
  return `${JSON.stringify({ version: 1, ...claim })}\n`;
}

/** Undefined for what is no claim. Others wrote it: what is shown of it is short. */
export function parseClaim(message: string): Claim | undefined {
  if (message.length > MAX_TEXT) return undefined;
  const value = parseJson(message);
  if (!isObject(value) || value.version !== 1) return undefined;
  const word = (key: string) => shortLine(stringAt(value, key) ?? '', MAX_WORD);
  const claim: Claim = {
    claim_id: word('claim_id'),
    clone_id: word('clone_id'),
    session: stringAt(value, 'session') ?? '',
    host: word('host'),
    user: word('user'),
    started_at: word('started_at'),
    expires_at: word('expires_at'),
    input: word('input'),
    state: value.state === 'unpushed' ? 'unpushed' : 'working',
  };
  return claim.claim_id && claim.clone_id && parseTime(claim.expires_at) !== undefined ? claim : undefined;
}

/** Whether nobody renews it any more. */
export function isExpired({ claim, committedAtMs }: StandingClaim, now: number): boolean {
  const ageMs = now - committedAtMs;
  if (ageMs < -MOST_AHEAD_MS) return true;
  if (!claim) return ageMs > UNREADABLE_MS;
  return now > (parseTime(claim.expires_at) ?? 0) || ageMs > LONGEST_MS;
}

/** `claimed by mia on laptop until 2026-03-06 14:05 UTC`. */
export function describeClaim({ claim }: StandingClaim): string {
  if (!claim) return 'claimed by another version of agentwork';
  const who = `${claim.user || 'somebody'} on ${claim.host || 'another machine'}`;
  if (claim.state === 'unpushed') return `finished by ${who}, whose push is still to come`;
  return `claimed by ${who} until ${dayAndTime(parseTime(claim.expires_at) ?? 0)}`;
}
