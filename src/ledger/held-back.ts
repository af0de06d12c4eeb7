import path from 'node:path';
import { classifySession } from '../session/classify.ts';
import { RemoteView } from './remote-view.ts';
import { type SurveyOptions, surveySession } from './survey.ts';

/**
 * Sessions that a commit has and the remote has not, and that are held, or excluded, since; with the reason. Without git,
 * or without a branch to compare with, there is none.
 */
export async function sessionsHeldBack(options: SurveyOptions, now: number): Promise<ReadonlyMap<string, string>> {
  const { git, ledger } = options;
  const unpushed = git && (await (await RemoteView.open(git))?.unpushedSessions());
  const held = new Map<string, string>();
  for (const name of unpushed ?? []) {
    // What is asked is what lies there now; git has told all it can.
    const session = await surveySession(path.join(ledger.sessionsDir, name), 'ledger', { ...options, git: null });
    const { verdict, reason } = session ? classifySession(session.facts, now) : NOTHING_THERE;
    const isHeld = verdict === 'held' || session?.facts.excludedBy !== undefined;
    if (isHeld) held.set(name, session?.facts.excludedBy ?? reason);
  }
  return held;
}

const NOTHING_THERE = { verdict: 'finished', reason: '' } as const;
