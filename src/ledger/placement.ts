import path from 'node:path';
import { isAbsent } from './plain-file.ts';
import { entryCount, identityOf, isSameRecording } from './recording-identity.ts';
import type { SessionFiles } from './session-facts.ts';
import type { SurveyedSession, SurveyOptions } from './survey.ts';

/** Finds a session of the ledger by its name. */
export type FindInLedger = (name: string) => SessionFiles | undefined;

/** Says whose a cached session is, and what the ledger already has of it. */
export function placeCached(session: SurveyedSession, inLedger: FindInLedger, options: SurveyOptions): SurveyedSession {
  const owner = session.recording?.repoId ?? session.header.repoId;
  if (session.facts.foreign !== undefined) return session;
  if (owner !== undefined && owner !== options.ledger.repoId) {
    return { ...session, facts: { ...session.facts, foreign: `a session of another ledger (${owner})` } };
  }
  if (session.facts.remembered?.verdict === 'staged')
    return superseded(
      { ...session, ledgerName: session.memory?.staged_as ?? session.ledgerName },
      'the ledger holds this recording',
    );
  const { ledgerName, counterpart } = findPlace(session, inLedger, options.ledger.sessionsDir);
  const placed = { ...session, ledgerName };
  if (counterpart?.facts.recorder || counterpart?.facts.isHeld) {
    return superseded(placed, 'the copy in the ledger is recorded, or held');
  }
  const isLonger = !counterpart || entryCount(session) > entryCount(counterpart);
  if (isLonger || isHalfStaged(placed, options)) return placed;
  return superseded(placed, 'the ledger holds this recording, at least as long');
}

/** Whether a pass was killed while it put this very recording into the ledger: then the cache has the whole of it. */
export function isHalfStaged(
  { facts, memory, ledgerName }: SurveyedSession,
  { journal }: Pick<SurveyOptions, 'journal'>,
): boolean {
  const isStaging = facts.place === 'cache' && memory?.staged_as === ledgerName && memory.verdict !== 'staged';
  return isStaging && journal.includes(ledgerName);
}

/** The name that the ledger has for a recording or can give it: its own, with a number where another one has that. */
function findPlace(session: SurveyedSession, inLedger: FindInLedger, sessionsDir: string) {
  const { name } = session.facts;
  for (let number = 1; ; number += 1) {
    const ledgerName = number === 1 ? name : `${name}-${number}`;
    const counterpart = inLedger(ledgerName);
    if ((counterpart && isLeftDraft(counterpart)) || (!counterpart && number === 1)) return { ledgerName };
    if (!counterpart && isAbsent(path.join(sessionsDir, ledgerName))) return { ledgerName };
    if (counterpart && counterpart.facts.foreign === undefined && isSame(session, counterpart))
      return { ledgerName, counterpart };
  }
}

/** A placeholder that nobody holds a hand on: the recording takes its place. */
function isLeftDraft({ facts: { isDraft, raw, recorder } }: SessionFiles): boolean {
  const isOver = !recorder || recorder.process === 'dead' || recorder.recording?.stoppedAtMs !== undefined;
  return isDraft && raw.kind === 'missing' && isOver;
}

function isSame(a: SessionFiles, b: SessionFiles): boolean {
  return isSameRecording(identityOf(a), identityOf(b));
}

export function isSuperseded({ facts }: SessionFiles): boolean {
  return facts.supersededBy !== undefined;
}

export function superseded(session: SurveyedSession, reason: string): SurveyedSession {
  return { ...session, facts: { ...session.facts, supersededBy: reason } };
}
