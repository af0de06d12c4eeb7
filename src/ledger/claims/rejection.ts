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
