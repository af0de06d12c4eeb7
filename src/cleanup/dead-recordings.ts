import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import { HOUR_MS } from '../clock.ts';
import { RAW_NAME } from '../ledger/raw-state.ts';
import { MARKER_NAME, readMarker } from '../ledger/recorder.ts';
import type { SurveyedSession } from '../ledger/survey.ts';
import { classifySession } from '../session/classify.ts';
import type { PlannedRemoval } from './removal.ts';

/** What judging a recording for the second time takes. */
export interface SecondLook {
  readonly now: number;
  /** The session as it is at that moment; undefined when it is gone. */
  readonly lookAgain: (session: SurveyedSession) => Promise<SurveyedSession | undefined>;
}

/** A recorder that is slow to begin is not this slow. */
const STUB_AFTER_MS = 48 * HOUR_MS;

/**
 * What can go of a recording that died before it recorded anything; nothing of any other. It acts on the folder that
 * was scanned, never on a path that a marker tells.
 */
export function planDeadRecording(session: SurveyedSession, look: SecondLook): PlannedRemoval[] {
  // Whatever others have of it, nothing was recorded here.
  const { finishedIn: _, ...facts } = session.facts;
  const dead = { ...session, facts };
  const { verdict, reason } = classifySession(facts, look.now);
  if (verdict === 'ghost') return planGhost(dead, reason, look);
  return verdict === 'header-only' ? planStub(dead, reason, look) : [];
}

/**
 * A ghost: its process is gone, and no transcript of it can be recovered. Its folder goes when nothing but the marker
 * is in it; of a fuller one in a cache only the marker goes, and a fuller one in the ledger stays as it is.
 */
function planGhost(session: SurveyedSession, reason: string, look: SecondLook): PlannedRemoval[] {
  const { folder, facts } = session;
  const before = readContent(folder);
  if (!before?.names.includes(MARKER_NAME)) return [];
  const isAlone = before.names.length === 1;
  if (!isAlone && facts.place === 'ledger') return [];
  const marker = path.join(folder, MARKER_NAME);
  return [
    {
      row: { path: isAlone ? folder : marker, kind: 'ghost', reason },
      remove: async () => {
        if (!(await isUnchanged(session, before, look))) return false;
        unlinkSync(marker);
        if (isAlone) rmdirSync(folder);
        return true;
      },
    },
  ];
}

/** A folder in a cache that holds no marker, and nothing but a recording without an entry that nobody goes on with. */
function planStub(session: SurveyedSession, reason: string, look: SecondLook): PlannedRemoval[] {
  const { folder, facts } = session;
  const before = facts.place === 'cache' && !facts.recorder ? readContent(folder) : undefined;
  if (before?.names.length !== 1 || before.names[0] !== RAW_NAME) return [];
  const raw = path.join(folder, RAW_NAME);
  if (look.now - before.changedAtMs <= STUB_AFTER_MS) return [];
  return [
    {
      row: { path: folder, kind: 'stub', reason: `${reason}, and nothing came for 48 hours` },
      remove: async () => {
        if (!(await isUnchanged(session, before, look))) return false;
        unlinkSync(raw);
        rmdirSync(folder);
        return true;
      },
    },
  ];
}

/** A recorder may have started again since the plan was made. The folder itself is looked at last. */
async function isUnchanged(
  session: SurveyedSession,
  before: Content,
  { now, lookAgain }: SecondLook,
): Promise<boolean> {
  const again = await lookAgain(session);
  if (!again || classifySession(again.facts, now).verdict !== classifySession(session.facts, now).verdict) return false;
  return readContent(session.folder)?.fingerprint === before.fingerprint;
}

interface Content {
  readonly names: readonly string[];
  /** The newest change of the folder or of anything right in it. */
  readonly changedAtMs: number;
  /** Differs as soon as anything in the folder does. */
  readonly fingerprint: string;
}

/** Undefined for a folder that is gone, or cannot be read. */
function readContent(folder: string): Content | undefined {
  try {
    const names = readdirSync(folder).sort();
    const stats = names.map((name) => lstatSync(path.join(folder, name)));
    const marker = createHash('sha256')
      .update(readMarker(folder) ?? '')
      .digest('hex');
    const files = stats.map(({ ino, size, mtimeMs, ctimeMs }, index) => [names[index], ino, size, mtimeMs, ctimeMs]);
    const changedAtMs = Math.max(...[lstatSync(folder), ...stats].map(({ mtimeMs }) => mtimeMs));
    return { names, changedAtMs, fingerprint: JSON.stringify([marker, files]) };
  } catch {
    // What cannot be looked at is not removed.
    return undefined;
  }
}
