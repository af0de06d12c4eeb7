import { type Dirent, lstatSync, readdirSync, type Stats } from 'node:fs';
import path from 'node:path';
import { messageOf, systemErrorCode } from '../errors.ts';
import { isProcessAlive, processStartedAt } from '../process-facts.ts';
import { ARTIFACTS, type ArtifactName, type RawState, type SessionFacts } from '../session/classify.ts';
import { MAX_POINTER_BYTES, parseLfsPointer } from '../session/lfs-pointer.ts';
import { unsafeNameReason } from '../session/name.ts';
import { parseRecording, type RecorderFacts, type Recording } from '../session/recording.ts';
import { parseStoredSummary, type SessionSummary } from '../session/summary.ts';
import { isObject, type JsonObject, parseTranscriptLine, type TranscriptHeader } from '../session/transcript.ts';
import { readHead, readLines, readRawFacts } from './raw-file.ts';

export const RAW_NAME = 'raw.jsonl';
export const MARKER_NAME = '.recording.json';
export const META_NAME = 'meta.json';

/** Nobody vouches for these files: more than this of one is not read. */
const MAX_MARKER_BYTES = 4 * 1024 * 1024;
const MAX_SUMMARY_BYTES = 16 * 1024 * 1024;
/** A recording larger than this is taken to have content; looking is for the small ones. */
const MAX_HEADER_ONLY_BYTES = 64 * 1024;
/** A process that started this long after its recording is another one with the same pid. */
const PID_REUSE_MARGIN_MS = 60_000;

/** How a pid is found for a marker that names none; 0 for unknown. */
export type PidLookup = (agentId: string) => number;

/** A session's folder and what lies in it, read afresh. */
export interface SessionFiles {
  readonly folder: string;
  readonly facts: SessionFacts;
  readonly recording?: Recording;
  readonly header: TranscriptHeader;
  readonly meta?: JsonObject;
  readonly summary?: SessionSummary;
  /** Bytes of raw.jsonl; 0 when there is none. */
  readonly rawBytes: number;
}

/**
 * Gathers the facts of one folder; undefined when it is no session: that takes a recording, the marker of one, or the
 * draft of one. Never throws: what cannot be read is a fact.
 */
export function readSessionFiles(
  folder: string,
  place: SessionFacts['place'],
  pidLookup: PidLookup = () => 0,
): SessionFiles | undefined {
  const name = path.basename(folder);
  const blank = blankFacts(name, place);
  const unsafe = unsafeNameReason(name);
  if (unsafe !== undefined) return { folder, facts: { ...blank, foreign: unsafe }, header: {}, rawBytes: 0 };
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    const reason = `the folder cannot be read: ${messageOf(error)}`;
    return { folder, facts: { ...blank, unreadable: reason }, header: {}, rawBytes: 0 };
  }
  const names = new Set(entries.map((entry) => entry.name));
  if (names.has(RAW_NAME) || names.has(MARKER_NAME)) return gather(folder, blank, entries, pidLookup);
  const draft = names.has(META_NAME) ? gather(folder, blank, entries, pidLookup) : undefined;
  return draft?.facts.isDraft ? draft : undefined;
}

function blankFacts(name: string, place: SessionFacts['place']): SessionFacts {
  return {
    name,
    place,
    raw: { kind: 'missing' },
    hasTranscript: false,
    missing: ARTIFACTS,
    meta: 'missing',
    isDraft: false,
    isHeld: false,
    isDownloaded: false,
    isGivenUp: false,
  };
}

function gather(folder: string, blank: SessionFacts, entries: readonly Dirent[], lookup: PidLookup): SessionFiles {
  const kinds = new Map(entries.map((entry) => [entry.name, entry]));
  const at = (name: string) => path.join(folder, name);
  const summary = kinds.has('summary.json') ? readSummary(at('summary.json')) : undefined;
  const missing = ARTIFACTS.filter((name) => !isArtifactThere(name, kinds.get(name), at(name), summary));
  const recording = kinds.has(MARKER_NAME) ? readMarker(at(MARKER_NAME)) : undefined;
  const meta = readMeta(folder);
  const rawEntry = kinds.get(RAW_NAME);
  // What a cache holds may be another ledger's, which only its header tells.
  const needsLook = missing.length > 0 || kinds.has(MARKER_NAME) || blank.place === 'cache';
  const { raw, header, stat } = rawEntry ? lookAtRaw(at(RAW_NAME), rawEntry, needsLook, summary) : NO_RAW;
  const transcriptChangedAt = recording?.value?.sessionFile && plainFileTime(recording.value.sessionFile);
  const recorder = recording && recorderFacts(recording, stat?.mtimeMs, transcriptChangedAt || undefined, lookup);
  return {
    folder,
    rawBytes: stat?.size ?? 0,
    header,
    ...(recording?.value && { recording: recording.value }),
    ...(meta && { meta }),
    ...(summary && { summary }),
    facts: {
      ...blank,
      raw,
      missing,
      ...(recorder && { recorder }),
      hasTranscript: Boolean(transcriptChangedAt),
      hasUnclearTranscript: !transcriptChangedAt && isUnclear(recording?.value?.sessionFile),
      meta: meta === undefined ? 'missing' : meta ? 'readable' : 'unreadable',
      isDraft: meta?.draft === true,
      isHeld: kinds.has('.held'),
      isDownloaded: kinds.has('.downloaded'),
      ...(summary?.agentwork && { summarised: summary.agentwork.input }),
      isGivenUp: summary?.summary_status === 'unrecoverable',
    },
  };
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

function isArtifactThere(
  name: ArtifactName,
  entry: Dirent | undefined,
  file: string,
  summary?: SessionSummary,
): boolean {
  if (!entry?.isFile()) return false;
  if (name === 'summary.json') return summary !== undefined;
  return (statOf(file)?.size ?? 0) > 0;
}

function readSummary(file: string): SessionSummary | undefined {
  const text = readText(file, MAX_SUMMARY_BYTES);
  return text === undefined ? undefined : parseStoredSummary(text);
}

/** `meta.json` of a folder; null when it is there and says nothing readable, which is not the same as no file. */
export function readMeta(folder: string): JsonObject | null | undefined {
  const file = path.join(folder, META_NAME);
  try {
    if (!lstatSync(file, { throwIfNoEntry: false })) return undefined;
    const value: unknown = JSON.parse(readHead(file, MAX_MARKER_BYTES).toString('utf8'));
    return isObject(value) ? value : null;
  } catch {
    // Named in the verdict: the session is left alone.
    return null;
  }
}

interface Marker {
  readonly value: Recording | undefined;
  readonly changedAtMs: number;
}

function readMarker(file: string): Marker {
  const text = readText(file, MAX_MARKER_BYTES);
  const changedAtMs = statOf(file)?.mtimeMs ?? 0;
  return { value: text === undefined ? undefined : parseRecording(text), changedAtMs };
}

/** Undefined when the file cannot be read as a plain file. */
function readText(file: string, maxBytes: number): string | undefined {
  try {
    return readHead(file, maxBytes).toString('utf8');
  } catch {
    // Which file it was is known to the caller, and what its absence means.
    return undefined;
  }
}

interface RawLook {
  readonly raw: RawState;
  readonly header: TranscriptHeader;
  readonly stat?: Stats;
}

const NO_RAW: RawLook = { raw: { kind: 'missing' }, header: {} };

function lookAtRaw(file: string, entry: Dirent, needsLook: boolean, summary?: SessionSummary): RawLook {
  if (!entry.isFile()) return { raw: { kind: 'foreign', reason: `${RAW_NAME} is not a regular file` }, header: {} };
  try {
    const stat = lstatSync(file);
    const raw = readRawState(file, stat.size, needsLook, summary);
    const isRecording = raw.kind === 'content' || raw.kind === 'header-only';
    return { raw, stat, header: isRecording && needsLook ? readHeader(file) : {} };
  } catch (error) {
    const code = systemErrorCode(error);
    const reason = code === undefined ? messageOf(error) : `${RAW_NAME}: ${code}`;
    return { raw: { kind: 'unreadable', reason }, header: {} };
  }
}

function readRawState(file: string, bytes: number, needsLook: boolean, summary?: SessionSummary): RawState {
  if (bytes === 0) return { kind: 'empty' };
  const pointer = bytes <= MAX_POINTER_BYTES ? parseLfsPointer(readHead(file, bytes).toString('utf8')) : undefined;
  if (pointer) return { kind: 'pointer', oid: pointer.oid };
  if (needsLook && bytes <= MAX_HEADER_ONLY_BYTES && !hasContent(file)) return { kind: 'header-only' };
  const input = summary?.agentwork?.input;
  if (!input || input.bytes === bytes) return { kind: 'content', bytes };
  return { kind: 'content', bytes, entries: readRawFacts(file).entryCount };
}

/** A line that cannot be read counts as content: what was not understood is never taken for nothing. */
function hasContent(file: string): boolean {
  for (const line of readLines(file)) {
    const kind = line === null ? 'malformed' : parseTranscriptLine(line).kind;
    if (kind === 'entry' || kind === 'malformed') return true;
  }
  return false;
}

/** When a plain, non-empty file last changed; undefined for anything else. The path comes from a marker. */
function plainFileTime(file: string): number | undefined {
  if (!path.isAbsolute(file)) return undefined;
  const stat = statOf(file);
  return stat?.isFile() && stat.size > 0 ? stat.mtimeMs : undefined;
}

/** Whether anything but a plain, empty file is in the place, or nobody can tell: a link, an unmounted home. */
function isUnclear(file: string | undefined): boolean {
  if (file === undefined || !path.isAbsolute(file)) return false;
  try {
    const stat = lstatSync(file);
    return !stat.isFile();
  } catch (error) {
    return systemErrorCode(error) === 'EACCES';
  }
}

/** Undefined for what is not there or not to be looked at, be it for its rights or because its path is none. */
function statOf(file: string): Stats | undefined {
  try {
    return lstatSync(file);
  } catch {
    // Absence and refusal come to the same: nothing of it can be used.
    return undefined;
  }
}

function recorderFacts(
  marker: Marker,
  rawChangedAtMs: number | undefined,
  transcriptChangedAtMs: number | undefined,
  lookup: PidLookup,
): RecorderFacts {
  const growth = [rawChangedAtMs, transcriptChangedAtMs].filter((time) => time !== undefined);
  return {
    recording: marker.value,
    markerChangedAtMs: marker.changedAtMs,
    process: processState(marker.value, lookup),
    ...(growth.length > 0 && { lastGrowthMs: Math.max(...growth) }),
  };
}

function processState(recording: Recording | undefined, lookup: PidLookup): RecorderFacts['process'] {
  const pid = recording?.parentPid ?? lookup(recording?.agentId ?? '');
  if (pid <= 0) return 'unknown';
  if (!isProcessAlive(pid)) return 'dead';
  const processStart = processStartedAt(pid);
  const recordingStart = recording?.startedAtMs;
  const isReused =
    processStart !== undefined && recordingStart !== undefined && processStart > recordingStart + PID_REUSE_MARGIN_MS;
  return isReused ? 'dead' : 'alive';
}
