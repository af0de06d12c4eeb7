import type { Dirent, Stats } from 'node:fs';
import { messageOf, systemErrorCode } from '../errors.ts';
import type { RawState } from '../session/facts.ts';
import { MAX_POINTER_BYTES, parseLfsPointer } from '../session/lfs-pointer.ts';
import type { SessionSummary } from '../session/summary.ts';
import { parseTranscriptLine, type TranscriptHeader } from '../session/transcript.ts';
import type { FolderStats } from './folder-stats.ts';
import { readHead, readLines } from './plain-file.ts';
import { readRawFacts } from './raw-file.ts';

export const RAW_NAME = 'raw.jsonl';

/** A recording larger than this is taken to have content; looking is for the small ones. */
const MAX_HEADER_ONLY_BYTES = 64 * 1024;

/** What lies in the place of `raw.jsonl`. */
export interface RawLook {
  readonly raw: RawState;
  readonly header: TranscriptHeader;
  readonly stat?: Stats;
}

interface RawLookOptions {
  readonly stats: FolderStats;
  readonly needsLook: boolean;
  readonly summary?: SessionSummary | undefined;
}

export const NO_RAW: RawLook = { raw: { kind: 'missing' }, header: {} };

/** Looks into a recording only as far as its verdict may need it. Never throws: what cannot be read is a state. */
export function lookAtRaw(file: string, entry: Dirent, { stats, needsLook, summary }: RawLookOptions): RawLook {
  if (!entry.isFile()) return { raw: { kind: 'foreign', reason: `${RAW_NAME} is not a regular file` }, header: {} };
  try {
    const stat = stats(RAW_NAME);
    // It was there a moment ago: nobody knows what it held.
    if (!stat) return { raw: { kind: 'unreadable', reason: `${RAW_NAME}: ENOENT` }, header: {} };
    const raw = readRawState(file, stat.size, needsLook, summary);
    const isRecording = raw.kind === 'content' || raw.kind === 'header-only';
    return { raw, stat, header: isRecording && needsLook ? readHeader(file) : {} };
  } catch (error) {
    const code = systemErrorCode(error);
    const reason = code === undefined ? messageOf(error) : `${RAW_NAME}: ${code}`;
    return { raw: { kind: 'unreadable', reason }, header: {} };
  }
}

/** The header of a recording, for telling whose and which it is; empty when there is none. */
export function readHeader(file: string): TranscriptHeader {
  for (const line of readLines(file)) {
    if (line === null) return {};
    const parsed = parseTranscriptLine(line);
    if (parsed.kind === 'blank') continue;
    return parsed.kind === 'header' ? parsed.header : {};
  }
  return {};
}

function readRawState(file: string, bytes: number, needsLook: boolean, summary?: SessionSummary): RawState {
  if (bytes === 0) return { kind: 'empty' };
  const pointer = bytes <= MAX_POINTER_BYTES ? parseLfsPointer(readHead(file, bytes).toString('utf8')) : undefined;
  if (pointer) return { kind: 'pointer', ...pointer };
  if (needsLook && bytes <= MAX_HEADER_ONLY_BYTES && !hasContent(file)) return { kind: 'header-only' };
  const input = summary?.agentwork?.input;
  if (!input || input.bytes === bytes) return { kind: 'content', bytes };
  const { entryCount, lastAtMs } = readRawFacts(file);
  return { kind: 'content', bytes, entries: entryCount, ...(lastAtMs !== undefined && { lastAtMs }) };
}

/** A line that cannot be read counts as content: what was not understood is never taken for nothing. */
function hasContent(file: string): boolean {
  for (const line of readLines(file)) {
    const kind = line === null ? 'malformed' : parseTranscriptLine(line).kind;
    if (kind === 'entry' || kind === 'malformed') return true;
  }
  return false;
}
