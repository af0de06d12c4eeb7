import type { Outline } from './outline.ts';
import type { FileChange, SessionSummary } from './summary.ts';
import type { TranscriptHeader } from './transcript.ts';

/** Everything that the rendered artifacts show besides the entries themselves. */
export interface SessionDocument {
  /** The session's folder name. */
  readonly name: string;
  readonly header: TranscriptHeader;
  readonly summary: SessionSummary;
  readonly outline: Outline;
  /** When the recording ended, in milliseconds since the epoch: stop time, footer, or last entry. */
  readonly endedAtMs?: number;
  /** Line numbers of `raw.jsonl`, one-based, that could not be read; they stay in the file. */
  readonly malformedLines: readonly number[];
  /** How many secrets were replaced on the way to this document. */
  readonly redactions: number;
}

/** Whether it has an entry of this number: what a model or a stored summary names need not be there. */
export function hasEntry({ outline }: SessionDocument, seq: number): boolean {
  return Number.isInteger(seq) && seq >= 0 && seq < outline.entryCount;
}

/** The files that it changed, as the summary tells them, or else its own outline. */
export function filesChangedIn({ summary, outline }: SessionDocument): readonly FileChange[] {
  return summary.files_changed ?? outline.filesChanged;
}
