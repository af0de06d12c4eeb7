import type { Sharing } from './ledger/claims/claims.ts';
import { readDigest } from './ledger/raw-file.ts';
import { type SessionFinalizePayload, WORK_TYPE } from './session-finder.ts';
import type { WorkItem } from './work/queue.ts';

type Item = WorkItem<SessionFinalizePayload>;

/** Claims the sessions about which an agent will be asked. Dedup key -> who has those that are not free. */
export async function claimSessions(claims: Sharing, items: readonly Item[]): Promise<ReadonlyMap<string, string>> {
  const asked = items.filter(needsClaim);
  if (asked.length === 0) return new Map();
  const holders = await claims.take(asked.map((item) => ({ session: sessionOf(item), input: inputOf(item) })));
  return new Map(
    asked.flatMap((item) => {
      const holder = holders.get(sessionOf(item));
      return holder === undefined ? [] : [[item.dedupKey, holder] as const];
    }),
  );
}

/** Whether a session that was claimed may be another machine's by now. */
export function isClaimLost(claims: Sharing, item: Item): boolean {
  return needsClaim(item) && claims.isLost(sessionOf(item));
}

/** What needs no agent is done wherever it is found. */
function needsClaim({ payload }: Item): boolean {
  return payload.missing.includes('summary.json');
}

/** The name that a session has, or will have, in the ledger. */
function sessionOf({ dedupKey }: Item): string {
  return dedupKey.slice(`${WORK_TYPE}:`.length);
}

/** The digest of the recording as it lies there; less where it is to be completed first. */
function inputOf({ payload, input = '' }: Item): string {
  try {
    return `sha256:${readDigest(payload.raw_path, 0).sha256}`;
  } catch {
    // Not there, or not to be read: whoever works on it will say so.
    return input;
  }
}
