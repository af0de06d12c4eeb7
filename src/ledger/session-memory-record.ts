import type { RememberedVerdict } from '../session/facts.ts';
import type { LeftOut } from '../session/file-storage.ts';
import {
  listParser,
  objectParser,
  type Parser,
  parseAmount,
  parseCount,
  parseFlag,
  parseNumber,
  parseText,
} from '../session/json-shape.ts';
import type { Unfetched } from './recording-content.ts';
import type { RecordingStamp, SessionMemory, Spent } from './recording-stamp.ts';

const VERDICTS: ReadonlySet<unknown> = new Set<RememberedVerdict>([
  ...(['staged', 'local_only', 'skip', 'given_up', 'unreadable', 'withheld'] as const),
]);

/** What a saved state remembers of a session; undefined for what nobody here wrote: then nothing is remembered. */
export const parseMemory: Parser<SessionMemory> = objectParser<SessionMemory>([], {
  attempts: parseCount,
  spent: objectParser<Spent>(['runs', 'tokens_in', 'tokens_out', 'cost_usd'], {
    runs: parseCount,
    tokens_in: parseAmount,
    tokens_out: parseAmount,
    cost_usd: parseAmount,
  }),
  last_error: parseText,
  complaint: parseText,
  verdict: (value) => (VERDICTS.has(value) ? (value as RememberedVerdict) : undefined),
  reason: parseText,
  recording: objectParser<RecordingStamp>(['path', 'bytes'], {
    path: parseText,
    bytes: parseCount,
    transcript_bytes: parseCount,
    sha256: parseText,
  }),
  staged_as: parseText,
  unfetched: objectParser<Unfetched>(['reason', 'at'], { reason: parseText, at: parseNumber, is_broken: parseFlag }),
  withheld_at: parseNumber,
  left_out: listParser(objectParser<LeftOut>(['file', 'reason'], { file: parseText, reason: parseText })),
  upgraded: parseText,
});
