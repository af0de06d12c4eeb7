import path from 'node:path';
import { classifySession } from '../session/classify.ts';
import { RemoteView } from './remote-view.ts';
import { type SurveyOptions, surveySession } from './survey.ts';

/**
 * Sessions that a commit has and the remote has not, and that are held, or excluded, since; with the reason. What the
 * remote has of them already is to lose its secrets there, too: commits that do nothing else are not held back. Without
 * git, or without a branch to compare with, there is none.
 */
export async function sessionsHeldBack(options: SurveyOptions, now: number): Promise<ReadonlyMap<string, string>> {
  const { git, ledger } = options;
  const remote = git ? await RemoteView.open(git) : undefined;
  const held = new Map<string, string>();
  for (const name of (await remote?.unpushedSessions()) ?? []) {
    // What is asked is what lies there now; git has told all it can.
    const session = await surveySession(path.join(ledger.sessionsDir, name), 'ledger', { ...options, git: null });
    const { verdict, reason } = session ? classifySession(session.facts, now) : NOTHING_THERE;
    const isHeld = verdict === 'held' || session?.facts.excludedBy !== undefined;
    if (isHeld) held.set(name, session?.facts.excludedBy ?? reason);
  }
  if (!remote || held.size === 0) return held;
  const redacted = await remote.redactedSessions();
  return new Map([...held].filter(([name]) => !redacted.has(name)));
}

const NOTHING_THERE = { verdict: 'finished', reason: '' } as const;
