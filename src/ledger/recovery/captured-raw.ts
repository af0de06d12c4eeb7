import path from 'node:path';
import { parseTime } from '../../clock.ts';
import { ExpectedError } from '../../errors.ts';
import type { RecoveredEntry } from '../../session/adapters/adapter.ts';
import type { AgentTranscript } from '../../session/facts.ts';
import { isObject, type JsonObject, objectAt } from '../../session/json-object.ts';
import type { Recording } from '../../session/recording.ts';
import type { RedactionPolicy } from '../../session/redaction/policy.ts';
import { createRedactor } from '../../session/redaction/redactor.ts';
import { type Entry, parseTranscriptLine } from '../../session/transcript.ts';
import { readBlocks, readHead, readPlacedLines } from '../plain-file.ts';
import { RAW_NAME } from '../raw-state.ts';
import type { SessionFiles } from '../session-facts.ts';
import { readAppendJournal } from './append-journal.ts';

/** What a recorder had written before it was lost: it stays as it is, and what it lacks is added. */
export interface CapturedRaw {
  /** The header line parsed; undefined when the file does not begin with one. */
  readonly header?: JsonObject;
  /** Bytes of raw.jsonl that stay behind the header, and those at its end (footers) that come after what is added. */
  readonly body: { readonly from: number; readonly to: number };
  readonly tail: { readonly from: number; readonly to: number };
  /** Whether bytes of an append that was never confirmed go: the transcript has them, and they are read from there. */
  readonly isCut: boolean;
  /** The byte of the transcript behind what was captured; undefined when nobody wrote that down. */
  readonly cursor?: number;
  /** Whether an entry stands there already; asked only where there is no cursor. */
  readonly has: (entry: RecoveredEntry) => boolean;
}

const NOTHING: CapturedRaw = {
  body: { from: 0, to: 0 },
  tail: { from: 0, to: 0 },
  isCut: false,
  has: () => false,
};

type Source = Pick<Extract<AgentTranscript, { kind: 'there' }>, 'path' | 'bytes'>;

/**
 * Settles what the recorder left: an append that its cursor does not confirm is cut off when the transcript still has
 * it, and kept otherwise. Throws NOT_RECOVERABLE when append and cursor contradict each other.
 */
export function readCaptured(session: SessionFiles, transcript: Source, policy: RedactionPolicy): CapturedRaw {
  const { raw } = session.facts;
  const file = path.join(session.folder, RAW_NAME);
  if (raw.kind === 'missing' || raw.kind === 'empty') return NOTHING;
  const first = readHeaderLine(file, session.rawBytes);
  const { to, tailFrom, places } = settleAppend(
    session,
    transcript,
    first.header && cursorIn(first.header, transcript),
  );
  const { header, length } = first.length <= to ? first : { length: 0 };
  const hasEntries = raw.kind === 'content';
  // Whoever of recorder and recovery came last came furthest.
  const place = Math.max(...places.filter((known) => known !== undefined));
  return {
    ...(header && { header }),
    body: { from: length, to },
    tail: { from: tailFrom, to: session.rawBytes },
    isCut: to < tailFrom,
    ...(hasEntries && place >= 0 && place <= transcript.bytes && { cursor: place }),
    has: hasEntries ? entriesUpTo(file, to, policy) : () => false,
  };
}

/** The offsets of a marker are places in the file that it names; in another one they mean nothing. */
export function areOffsetsOf({ sessionFile }: Recording, transcript: Pick<Source, 'path'>): boolean {
  return sessionFile === undefined || path.basename(sessionFile) === path.basename(transcript.path);
}

/** The parts of raw.jsonl that stay, as bytes. */
export function* capturedBytes(file: string, { from, to }: { from: number; to: number }): Generator<Uint8Array> {
  let last = 10;
  for (const block of to > from ? readBlocks(file, from, to) : []) {
    last = block.at(-1) ?? last;
    yield new Uint8Array(block);
  }
  if (last !== 10) yield Buffer.from('\n');
}

function settleAppend({ folder, rawBytes, recording, facts }: SessionFiles, transcript: Source, recovered?: number) {
  const journal = readAppendJournal(folder);
  const cursor = recording?.sourceOffset;
  const isPlace = recording !== undefined && areOffsetsOf(recording, transcript);
  const whole = { to: rawBytes, tailFrom: rawBytes, places: [recovered, isPlace ? cursor : undefined] };
  if (journal === undefined || (journal && cursor === journal.newOffset)) return whole;
  // A recovery that was killed before it took the journal away: of what the journal speaks, nothing is there any more.
  if (journal && recovered !== undefined && recovered >= journal.newOffset) return whole;
  if (!journal || cursor !== journal.oldOffset || journal.rawSize > rawBytes) {
    throw new ExpectedError(
      'NOT_RECOVERABLE',
      `${facts.name} cannot be recovered: its append journal contradicts its marker`,
    );
  }
  // Without the transcript, what was appended is the only copy.
  if (!isPlace || transcript.bytes < journal.newOffset) return { ...whole, places: [] };
  return { ...whole, to: journal.rawSize, tailFrom: Math.min(journal.finalSize ?? rawBytes, rawBytes) };
}

const MAX_HEADER_BYTES = 1024 * 1024;

function readHeaderLine(file: string, to: number): { header?: JsonObject; length: number } {
  const head = readHead(file, Math.min(MAX_HEADER_BYTES, to));
  const end = head.indexOf(10);
  const line = head.subarray(0, end === -1 ? head.length : end).toString('utf8');
  if (parseTranscriptLine(line).kind !== 'header') return { length: 0 };
  const header: unknown = JSON.parse(line);
  return isObject(header) ? { header, length: end === -1 ? head.length : end + 1 } : { length: 0 };
}

/** An earlier recovery wrote down how far it came, and in which transcript. */
function cursorIn(header: JsonObject, transcript: { path: string }): number | undefined {
  const meta = objectAt(header, '_meta') ?? objectAt(header, 'metadata');
  const offset = meta?.source_offset;
  const isSame = meta?.source_name === path.basename(transcript.path);
  return meta?.recovered === true && isSame && typeof offset === 'number' && offset >= 0 ? offset : undefined;
}

/**
 * Without a cursor, time tells: what is older than the newest entry was captured, and of the same moment what reads the
 * same, secrets aside. An entry without a time cannot be told from one that is there, and is not added a second time.
 */
function entriesUpTo(file: string, to: number, policy: RedactionPolicy): CapturedRaw['has'] {
  let newest = Number.NEGATIVE_INFINITY;
  let ofNewest: Spoken[] = [];
  let isThere = false;
  for (const { text } of readPlacedLines(file, to)) {
    const parsed = parseTranscriptLine(text ?? '');
    if (parsed.kind !== 'entry') continue;
    isThere = true;
    const { atMs } = parsed.entry;
    if (atMs === undefined || atMs < newest) continue;
    if (atMs > newest) ofNewest = [];
    newest = atMs;
    ofNewest.push(parsed.entry);
  }
  // One for each: a redactor remembers a key that has begun, and the same words would not read the same.
  const keyOf = (spoken: Spoken) => keyText(createRedactor(policy).entry({ seq: 0, ...spoken }));
  const keys = new Set(ofNewest.map(keyOf));
  return (recovered) => {
    const atMs = parseTime(recovered.ts);
    if (!isThere || atMs === undefined) return isThere;
    if (atMs !== newest) return atMs < newest || newest === Number.NEGATIVE_INFINITY;
    const parsed = parseTranscriptLine(JSON.stringify(createRedactor(policy).json(recovered)));
    return parsed.kind === 'entry' && keys.has(keyOf(parsed.entry));
  };
}

type Spoken = Omit<Entry, 'seq'>;

function keyText({ kind, text, toolName, toolInput, toolOutput }: Spoken): string {
  return JSON.stringify([kind, text, toolName, toolInput, toolOutput]);
}
