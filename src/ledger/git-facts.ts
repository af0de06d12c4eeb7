import { ARTIFACTS } from '../session/facts.ts';
import type { FilesByFolder, LedgerGit } from './git/ledger-git.ts';
import { RAW_NAME } from './raw-state.ts';
import { entryCount, identityOf, isSameRecording } from './recording-identity.ts';
import type { FinishedAtRemote } from './remote-view.ts';
import { RemoteView } from './remote-view.ts';
import type { SurveyedSession, SurveyOptions } from './survey.ts';

/** What the remote has, as this clone last heard of it, and which sessions have commits that it lacks. */
export interface RemoteFacts {
  readonly view: RemoteView;
  readonly unpushed: ReadonlySet<string>;
}

/** Nobody is asked over the net. Undefined where the branch follows none. */
export async function askRemote(git: LedgerGit): Promise<RemoteFacts | undefined> {
  const view = await RemoteView.open(git);
  return view && { view, unpushed: await view.unpushedSessions() };
}

/** Adds to surveyed sessions what git knows of them: committed, pushed, finished by somebody else. */
export async function withGitFacts(
  sessions: readonly SurveyedSession[],
  { git, journal, unclean }: Pick<SurveyOptions, 'git' | 'journal' | 'unclean'>,
  remote: RemoteFacts | undefined,
): Promise<SurveyedSession[]> {
  if (!git || sessions.length === 0) return [...sessions];
  const names = sessions.filter(isComplete).map(({ facts }) => facts.name);
  const files = await git.filesAtHead(names);
  return Promise.all(
    sessions.map(async (session) => {
      if (isComplete(session)) return withHead(session, { files, journal, unclean, unpushed: remote?.unpushed });
      return remote?.view.isBehind ? withRemote(session, remote.view) : session;
    }),
  );
}

/** Whether git has to be asked if a session is committed. */
function isComplete({ facts }: SurveyedSession): boolean {
  return facts.place === 'ledger' && facts.missing.length === 0 && !facts.foreign;
}

/** Whether all artifacts are in HEAD and none was rewritten since without a commit; and whether that commit is pushed. */
function withHead(session: SurveyedSession, { files, journal, unclean = [], unpushed }: HeadFacts): SurveyedSession {
  const { name } = session.facts;
  const leftOut = new Set(session.memory?.left_out?.map(({ file }) => file));
  const head = files.get(name);
  const isCommitted = hasArtifacts(head, leftOut) && !journal.includes(name);
  const pushed = unpushed && isCommitted ? { isPushed: !unpushed.has(name) } : {};
  const isUnclean = unclean.includes(name) ? { isUnclean: true } : {};
  const isRawInHead = head?.has(RAW_NAME) === true;
  return { ...session, isRawInHead, facts: { ...session.facts, isCommitted, ...pushed, ...isUnclean } };
}

/** Whether HEAD has all artifacts of a session, but for those that no commit takes. */
export function hasArtifacts(head: ReadonlySet<string> | undefined, leftOut?: ReadonlySet<string>): boolean {
  return ARTIFACTS.every((file) => head?.has(file) || leftOut?.has(file));
}

/** The files of HEAD, and names of sessions of which it does not tell all. */
interface HeadFacts extends Pick<SurveyOptions, 'journal' | 'unclean'> {
  readonly files: FilesByFolder;
  readonly unpushed: ReadonlySet<string> | undefined;
}

/** A colleague may have finished it already, and this clone has not pulled yet: paying again would be for nothing. */
async function withRemote(session: SurveyedSession, remote: RemoteView): Promise<SurveyedSession> {
  if (session.facts.foreign !== undefined || session.facts.supersededBy !== undefined) return session;
  const finished = await remote.finished(session.ledgerName);
  // In the tree the name is the place, and what stands there is one recording; a cache may hold another one.
  const isSame = session.facts.place === 'ledger' || isSameRecording(identityOf(session), finished?.identity ?? {});
  if (!finished || !isSame) return session;
  return isLonger(session, finished) ? session : { ...session, facts: { ...session.facts, finishedIn: remote.name } };
}

/** A summary that does not say of how many entries it was made is taken to be of all. */
function isLonger(session: SurveyedSession, { summary }: FinishedAtRemote): boolean {
  const summarised = summary.agentwork?.input.entries;
  return summarised !== undefined && session.facts.raw.kind === 'content' && entryCount(session) > summarised;
}
