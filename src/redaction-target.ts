import path from 'node:path';
import { surveyOf } from './cleanup.ts';
import type { Config } from './config.ts';
import { ExpectedError } from './errors.ts';
import { assertKnown } from './known-sessions.ts';
import { type LocalCommit, localCommits, redactionMessage, sessionOf } from './ledger/git/own-commits.ts';
import { uncleanInHead } from './ledger/history-search.ts';
import { isInLedger, type Ledger } from './ledger/ledger.ts';
import { isAbsent } from './ledger/plain-file.ts';
import { planRedaction, type RedactionPlan } from './ledger/session-redaction.ts';
import { type SurveyedSession, type SurveyOptions, surveySession } from './ledger/survey.ts';
import type { World } from './pass.ts';
import { classifySession, type VerdictName } from './session/classify.ts';
import { unsafeNameReason } from './session/name.ts';

/** A session that somebody named. */
export type RedactionTarget = { readonly name: string } & (
  | { readonly left: 'cached' | 'untracked' }
  | {
      readonly plan: RedactionPlan;
      /** Its files that git tracks, relative to the root. */
      readonly tracked: readonly string[];
      /** An earlier run, or a pass, was killed over it: what of its files no commit holds is ours. */
      readonly isBegun: boolean;
    }
);

/** From the root, as git writes it. */
export const folderOf = (session: string) => `sessions/${session}`;

/**
 * Looks at each of these sessions, once, and says what is to be done for it; changes nothing. Throws UNKNOWN_SESSION,
 * UNREADABLE, STILL_RECORDED, and LEDGER_BUSY where somebody else's changes are in the way.
 */
export async function findTargets(
  ledger: Ledger,
  world: World,
  {
    config,
    sessions,
  }: { readonly config: Pick<Config, 'sessionCache' | 'exclude' | 'push'>; readonly sessions: readonly string[] },
): Promise<RedactionTarget[]> {
  const onTrouble = (message: string) => world.tell({ type: 'warning', message });
  const options = surveyOf(ledger, { environment: world.environment, onTrouble }, config);
  const targets: RedactionTarget[] = [];
  for (const name of new Set(sessions))
    targets.push(await findTarget(name, ledger, world, { ...options, push: config.push }));
  return targets;
}

async function findTarget(
  name: string,
  ledger: Ledger,
  world: World,
  { push, ...options }: SurveyOptions & Pick<Config, 'push'>,
): Promise<RedactionTarget> {
  const folder = path.join(ledger.sessionsDir, name);
  const session = isInLedger(ledger, folder) ? await surveySession(folder, 'ledger', options) : undefined;
  if (!session) return findCached(name, ledger, options);
  const verdict = requireSettled(session, world.clock());
  const tracked = [...(await ledger.git.indexedAt(folderOf(name)))];
  if (tracked.length === 0) return { name, left: 'untracked' };
  await requireLatest(name, ledger);
  const isKept = verdict === 'held' || session.facts.excludedBy !== undefined;
  if (isKept && push) await requirePublic(name, ledger);
  const isBegun = options.journal.includes(name);
  const names = tracked.map((file) => file.slice(folderOf(name).length + 1));
  const plan = planRedaction(session, await ledger.redaction.of(session), { tracked: names, isBegun });
  if (!isBegun) await requireCommitted(plan, ledger);
  return { name, plan, tracked, isBegun };
}

/** Throws UNKNOWN_SESSION for what lies in no cache either. */
function findCached(name: string, { sessionsDir }: Ledger, { caches }: SurveyOptions): RedactionTarget {
  const isName = unsafeNameReason(name) === undefined;
  const isCached = isName && caches.some((cache) => !isAbsent(path.join(cache, name)));
  if (!isCached) assertKnown([name], [], sessionsDir);
  return { name, left: 'cached' };
}

/** One that is held may be redacted. */
function requireSettled({ ledgerName, facts }: SurveyedSession, now: number): VerdictName {
  const reason = facts.foreign ?? facts.unreadable;
  if (reason !== undefined) throw new ExpectedError('UNREADABLE', `${ledgerName} is left alone: ${reason}`);
  const { verdict, reason: why } = classifySession(facts, now);
  if (verdict !== 'recording' && verdict !== 'draft') return verdict;
  throw new ExpectedError('STILL_RECORDED', `${ledgerName} is still recorded: ${why}`, {
    suggestions: ['run agentwork again when its recorder has ended'],
  });
}

async function requireLatest(name: string, { git }: Ledger): Promise<void> {
  const upstream = await git.upstream();
  if (!upstream?.isBehind) return;
  const base = await git.mergeBase(upstream.ref, 'HEAD');
  const changes = await git.differences(base, upstream.ref, `:(literal)${folderOf(name)}`);
  if (changes.length === 0) return;
  throw new ExpectedError('LEDGER_BUSY', `${upstream.name} has newer files of ${name}`, {
    suggestions: ['git pull --rebase, then run agentwork again'],
  });
}

/** Of what is held nothing else is to become public with what takes secrets out of it. */
async function requirePublic(name: string, { git }: Ledger): Promise<void> {
  const upstream = await git.upstream();
  const commits = upstream ? await localCommits(git.process, await git.commitAt(upstream.ref)) : [];
  const isOfIt = ({ draft }: LocalCommit) => draft.changes.some((change) => sessionOf(change.path) === name);
  const isRedaction = ({ isOwn, draft }: LocalCommit) =>
    isOwn && draft.message.trim() === redactionMessage(name).trim();
  if (commits.filter(isOfIt).every(isRedaction)) return;
  throw new ExpectedError('LEDGER_BUSY', `${name} is held, and has commits that would be published with this`, {
    suggestions: ['run it with --no-push, or take the hold away, then run agentwork again'],
  });
}

/**
 * What somebody wrote into these files, and did not commit, is theirs to commit: also where that took the secrets out
 * which HEAD still has.
 */
async function requireCommitted({ session, policy, files, there }: RedactionPlan, ledger: Ledger): Promise<void> {
  const at = (name: string) => `${folderOf(session.ledgerName)}/${name}`;
  const written = new Set(files.map(({ file }) => at(file)));
  const changes = await ledger.git.changedFiles(there.map(at));
  const inTheWay = changes.find((file) => written.has(file));
  const [changed] = inTheWay === undefined ? await uncleanInHead(ledger, changes, policy) : [inTheWay];
  if (changed === undefined) return;
  throw new ExpectedError('LEDGER_BUSY', `${changed} has changes that no commit holds`, {
    suggestions: ['commit them, or take them back with git restore, then run agentwork again'],
  });
}
