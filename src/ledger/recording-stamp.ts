import type { RememberedVerdict } from '../session/facts.ts';
import type { LeftOut } from '../session/file-storage.ts';
import type { Unfetched } from './recording-content.ts';
import type { SessionFiles } from './session-facts.ts';

/** Tells a recording from another, or a longer, one. */
export interface RecordingStamp {
  readonly path: string;
  readonly bytes: number;
  /** Of the agent's transcript, where the recording itself could not be read. */
  readonly transcript_bytes?: number;
  /** Of what was staged, and of what an agent failed on. */
  readonly sha256?: string;
}

/** What is known of a session from earlier passes; it holds as long as the recording stays the same. */
export interface SessionMemory {
  /** Agent runs that gave nothing of use for this recording, and what they took. */
  readonly attempts?: number;
  readonly spent?: Spent;
  readonly last_error?: string;
  /** What was wrong with the last answer, as long as the agent was not told. */
  readonly complaint?: string;
  readonly verdict?: RememberedVerdict;
  readonly reason?: string;
  readonly recording?: RecordingStamp;
  /** The name that a staged recording has in the ledger. */
  readonly staged_as?: string;
  readonly unfetched?: Unfetched;
  /** When the remote refused it, in milliseconds since the epoch. */
  readonly withheld_at?: number;
  /** Files of the session that no commit takes. */
  readonly left_out?: readonly LeftOut[];
  /** The digest of the input whose offline summary an agent was asked to better, and could not. */
  readonly upgraded?: string;
}

/** What agent runs took that left nothing but this. */
export interface Spent {
  readonly runs: number;
  readonly tokens_in: number;
  readonly tokens_out: number;
  readonly cost_usd: number;
}

/** Under what a session is remembered: a name can stand for one recording in the ledger and another in a cache. */
export function memoryKey({ folder, facts }: SessionFiles): string {
  return facts.place === 'ledger' ? facts.name : folder;
}

/** The stamp by which this very recording is known again. */
export function stampOf({ folder, rawBytes, facts }: SessionFiles): RecordingStamp {
  const { raw, transcript } = facts;
  return {
    path: folder,
    bytes: rawBytes,
    ...(transcript.kind === 'there' && { transcript_bytes: transcript.bytes }),
    ...(raw.kind === 'pointer' && { sha256: raw.oid }),
  };
}

/** Whether a stamp is of this very recording. A transcript that is gone, or was not looked for, tells nothing. */
export function isStampOf(stamp: RecordingStamp | undefined, session: SessionFiles): boolean {
  const now = stampOf(session);
  const isTranscriptSame =
    stamp?.transcript_bytes === undefined ||
    now.transcript_bytes === undefined ||
    stamp.transcript_bytes === now.transcript_bytes;
  // Pointers are of one length, whatever they stand for.
  const isObjectSame = now.sha256 === undefined || stamp?.sha256 === undefined || stamp.sha256 === now.sha256;
  return stamp?.path === now.path && stamp.bytes === now.bytes && isTranscriptSame && isObjectSame;
}
