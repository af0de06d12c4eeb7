import type { RememberedVerdict } from '../session/facts.ts';
import type { LeftOut } from '../session/file-storage.ts';
import {
  listReader,
  objectReader,
  type Reader,
  readAmount,
  readCount,
  readFlag,
  readNumber,
  readText,
} from '../session/json-shape.ts';
import type { Unfetched } from './recording-content.ts';
import type { PaidAnswer, RecordingStamp, SessionMemory, Spent } from './survey.ts';

const VERDICTS: ReadonlySet<unknown> = new Set<RememberedVerdict>([
  ...(['staged', 'local_only', 'skip', 'given_up', 'unreadable', 'withheld'] as const),
]);

/** What a saved state remembers of a session; undefined for what nobody here wrote: then nothing is remembered. */
export const readMemory: Reader<SessionMemory> = objectReader<SessionMemory>([], {
  attempts: readCount,
  spent: objectReader<Spent>(['runs', 'tokens_in', 'tokens_out', 'cost_usd'], {
    runs: readCount,
    tokens_in: readAmount,
    tokens_out: readAmount,
    cost_usd: readAmount,
  }),
  last_error: readText,
  complaint: readText,
  verdict: (value) => (VERDICTS.has(value) ? (value as RememberedVerdict) : undefined),
  reason: readText,
  recording: objectReader<RecordingStamp>(['path', 'bytes'], {
    path: readText,
    bytes: readCount,
    transcript_bytes: readCount,
    sha256: readText,
  }),
  staged_as: readText,
  paid: objectReader<PaidAnswer>(['output', 'entries'], {
    output: readText,
    entries: readCount,
    model: readText,
    tokens_in: readAmount,
    tokens_out: readAmount,
    cost_usd: readAmount,
  }),
  unfetched: objectReader<Unfetched>(['reason', 'at'], { reason: readText, at: readNumber, is_broken: readFlag }),
  withheld_at: readNumber,
  left_out: listReader(objectReader<LeftOut>(['file', 'reason'], { file: readText, reason: readText })),
  upgraded: readText,
});
