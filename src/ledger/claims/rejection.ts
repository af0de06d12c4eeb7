import { ExpectedError } from '../../errors.ts';

/** What git says of a ref that a remote did not take is all that tells why. */

/** Somebody took the claim over: it is theirs. */
export const isTakenOver = (words: string): boolean => /stale info/.test(words);

/** Another machine is at work on the very ref, or was when it ended. */
export const isLocked = (words: string): boolean => /cannot lock|failed to (update|lock)/.test(words);

/** Another machine was faster. */
export const isLostRace = (words: string): boolean =>
  isTakenOver(words) || isLocked(words) || /already exists|incorrect old value/.test(words);

/** The remote's own no to such a ref, and not to anything at this moment. */
export const isRefused = (words: string): boolean => /\[remote rejected\](?!.*unpacker error)/.test(words);

/** Nobody knows what other machines do, so nothing is asked about. */
export function unclaimed(why: string): ExpectedError {
  return new ExpectedError('UNCLAIMED', `no session can be claimed: ${why}`, {
    suggestions: ['finalize --no-claim goes on without, where no other machine does'],
  });
}
