import type { SessionFiles } from './session-facts.ts';

/** Of recordings without a word whose agent is gone, whether anything was said in them at all. */
export async function withSilences<S extends SessionFiles>(sessions: readonly S[]): Promise<S[]> {
  if (!sessions.some(mayBeSilent)) return [...sessions];
  // A look at a ledger in which none is lost does without what reads transcripts.
  const { isSilent } = await import('./recovery/silent-transcript.ts');
  return sessions.map((session) => {
    const { facts, recording } = session;
    const { transcript } = facts;
    const isEmpty = mayBeSilent(session) && transcript.kind === 'there' && isSilent(transcript, recording);
    return isEmpty ? { ...session, facts: { ...facts, transcript: { ...transcript, isSilent: true } } } : session;
  });
}

/** Whoever lives may still speak, and what was captured was said. */
function mayBeSilent({ facts: { raw, recorder, transcript } }: SessionFiles): boolean {
  const isUnrecorded = raw.kind === 'missing' || raw.kind === 'empty' || raw.kind === 'header-only';
  return transcript.kind === 'there' && recorder?.process !== 'alive' && isUnrecorded;
}
