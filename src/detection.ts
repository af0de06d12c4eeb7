import { type Explanation, explainSession } from './explanation.ts';
import { openFinder } from './finder-setup.ts';
import { assertKnown } from './known-sessions.ts';
import type { Ledger } from './ledger/ledger.ts';
import { provenanceOf } from './ledger/provenance.ts';
import { type SessionSearch, searchSession } from './ledger/session-search.ts';
import type { PassOptions, World } from './pass.ts';
import { isPushOnly, type VerdictName } from './session/classify.ts';
import type { JudgedSession, SessionFinalizePayload } from './session-finder.ts';
import { completeItem } from './work/queue.ts';

/** A session that waits for work. JSON keys of the item as in the Go package, `verdict` and `reason` beside them. */
export interface WaitingItem {
  readonly id: string;
  readonly type: string;
  readonly priority: number;
  readonly dedup_key: string;
  readonly created_at: string;
  readonly payload: SessionFinalizePayload;
  readonly verdict: VerdictName;
  readonly reason: string;
}

export interface DetectReport {
  readonly items: readonly WaitingItem[];
  /** Verdict -> sessions, every session counted once. */
  readonly counts: Readonly<Partial<Record<VerdictName, number>>>;
  /** The sessions behind the items, in the same order. */
  readonly waiting: readonly JudgedSession[];
  readonly all: readonly JudgedSession[];
  /** Sessions that only wait for the push at the end of the next pass. */
  readonly unpushed: readonly JudgedSession[];
}

/**
 * The named sessions, all without names, with everything that decided over them. The files of named ones are searched
 * for secrets, too: a whole ledger would take hours. Throws UNKNOWN_SESSION.
 */
export async function explainSessions(
  { all }: DetectReport,
  names: readonly string[],
  ledger: Ledger,
  now: number,
): Promise<readonly Explanation[]> {
  assertKnown(names, all, ledger.sessionsDir);
  if (names.length === 0) return all.map((found) => explainSession(withTold(found), now));
  const explanations: Explanation[] = [];
  for (const found of all.filter(({ session }) => names.includes(session.ledgerName))) {
    explanations.push(explainSession(withTold(found), now, await searchNamed(found, ledger)));
  }
  return explanations;
}

/** With whose it is and where it was made: a survey looks for that only where a pattern asks for it. */
function withTold({ session, verdict }: JudgedSession): JudgedSession {
  const { provenance = provenanceOf(session, false) } = session;
  return { session: { ...session, provenance }, verdict };
}

/** What is not ours to touch is not read either. */
async function searchNamed(
  { session }: JudgedSession,
  { redaction, lfs }: Ledger,
): Promise<Partial<Pick<SessionSearch, 'findings' | 'unsearched'>>> {
  if (session.facts.foreign !== undefined) return {};
  const { findings, unsearched, binary } = await searchSession(session, await redaction.of(session), lfs);
  return { findings, unsearched: { ...unsearched, ...Object.fromEntries(binary.map((file) => [file, 'no text'])) } };
}

/** Looks a ledger over and changes nothing. Throws UNREADABLE. */
export async function detectWork(ledger: Ledger, world: World, options: PassOptions): Promise<DetectReport> {
  const finder = openFinder(ledger, world, options);
  const all = await finder.survey(ledger.root);
  const waiting = finder.selectWork(all);
  const items = waiting.map((found) => {
    const item = completeItem(finder.workItem(found, ledger.root), world.clock());
    const { id, type, priority, payload } = item;
    const { verdict, reason } = found.verdict;
    return { id, type, priority, dedup_key: item.dedupKey, created_at: item.createdAt, payload, verdict, reason };
  });
  const unpushed = all.filter(({ verdict }) => isPushOnly(verdict));
  return { items, counts: countVerdicts(all, finder.leftOut), waiting, all, unpushed };
}

/** `leftOut`: finished ones that were not looked at. */
export function countVerdicts(judged: readonly JudgedSession[], leftOut = 0): Partial<Record<VerdictName, number>> {
  const counts: Partial<Record<VerdictName, number>> = leftOut > 0 ? { finished: leftOut } : {};
  for (const { verdict } of judged) counts[verdict.verdict] = (counts[verdict.verdict] ?? 0) + 1;
  return counts;
}
