import { type Dirent, readdirSync } from 'node:fs';
import path from 'node:path';
import { isRefusal, messageOf, systemErrorCode } from '../errors.ts';
import { readIfThere } from '../regular-file.ts';
import { ARTIFACTS, type ArtifactName, type SessionFacts } from '../session/facts.ts';
import { isObject, type JsonObject } from '../session/json-object.ts';
import { judgeName } from '../session/name.ts';
import type { Recording } from '../session/recording.ts';
import { parseStoredSummary, type SessionSummary } from '../session/summary.ts';
import type { TranscriptHeader } from '../session/transcript.ts';
import { isTempName } from './atomic-file.ts';
import { type FolderStats, statsIn } from './folder-stats.ts';
import { whyGitWaits } from './git-inputs.ts';
import { HOLD_NAME } from './holds.ts';
import { readHead } from './plain-file.ts';
import { lookAtRaw, NO_RAW, RAW_NAME } from './raw-state.ts';
import { lookAtRecorder, MARKER_NAME, type RecorderWorld } from './recorder.ts';

export const META_NAME = 'meta.json';
/** A recorder's wish for a summary. */
export const NEEDS_SUMMARY_NAME = '.needs-summary';

/** Nobody vouches for these files: more than this of one is not read. */
export const MAX_META_BYTES = 4 * 1024 * 1024;
export const MAX_SUMMARY_BYTES = 16 * 1024 * 1024;

/** A session's folder and what lies in it, read afresh. */
export interface SessionFiles {
  readonly folder: string;
  readonly facts: SessionFacts;
  readonly recording?: Recording;
  /** The marker's bytes as they were judged. */
  readonly marker?: Buffer;
  readonly header: TranscriptHeader;
  readonly meta?: JsonObject;
  readonly summary?: SessionSummary;
  /** Bytes of raw.jsonl; 0 when there is none. */
  readonly rawBytes: number;
  /** Names of files that a killed pass has left half written; undefined where the folder was not listed. */
  readonly temps?: readonly string[];
}

export interface LookOptions extends RecorderWorld {
  /** Whether git tracks the marker of this folder. */
  readonly isMarkerShared?: boolean;
  /** Of this folder, where somebody else asks for them, too. */
  readonly stats?: FolderStats;
}

/**
 * Gathers the facts of one folder; undefined when it is no session: that takes a recording, the marker of one, or the
 * draft of one. Never throws: what cannot be read is a fact.
 */
export function readSessionFiles(
  folder: string,
  place: SessionFacts['place'],
  world: LookOptions = {},
): SessionFiles | undefined {
  const { refusal } = judgeName(path.basename(folder));
  if (refusal !== undefined) return foreignFiles(folder, place, refusal);
  const blank = blankFacts(path.basename(folder), place);
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    return unreadableFiles(folder, blank, `the folder cannot be read: ${messageOf(error)}`);
  }
  const waiting = place === 'ledger' ? whyGitWaits(entries) : undefined;
  if (waiting !== undefined) return foreignFiles(folder, place, waiting);
  const names = new Set(entries.map((entry) => entry.name));
  if (names.has(RAW_NAME) || names.has(MARKER_NAME)) return gather(folder, blank, entries, world);
  const draft = names.has(META_NAME) ? gather(folder, blank, entries, world) : undefined;
  return draft?.facts.isDraft ? draft : undefined;
}

/** What may not be looked at now is not missing: taken for it, it would be made, and paid for, once more. */
function gather(folder: string, blank: SessionFacts, entries: readonly Dirent[], world: LookOptions): SessionFiles {
  try {
    return gatherFacts(folder, blank, entries, world);
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return unreadableFiles(folder, blank, messageOf(error));
  }
}

function unreadableFiles(folder: string, blank: SessionFacts, unreadable: string): SessionFiles {
  return { folder, facts: { ...blank, unreadable }, header: {}, rawBytes: 0 };
}

/** What is left alone, and why. No path of it is ever used, so that what its name hides can be left out of that, too. */
export function foreignFiles(folder: string, place: SessionFacts['place'], foreign: string): SessionFiles {
  const { shown } = judgeName(path.basename(folder));
  const facts = { ...blankFacts(shown, place), foreign };
  return { folder: path.join(path.dirname(folder), shown), facts, header: {}, rawBytes: 0 };
}

/** A folder of which nothing is known but its name. */
export function blankFacts(name: string, place: SessionFacts['place']): SessionFacts {
  return {
    name,
    place,
    raw: { kind: 'missing' },
    isMarkerShared: false,
    transcript: { kind: 'none' },
    missing: ARTIFACTS,
    meta: 'missing',
    isDraft: false,
    isHeld: false,
    isDownloaded: false,
    isSummaryOwed: false,
    isGivenUp: false,
  };
}

function gatherFacts(
  folder: string,
  blank: SessionFacts,
  entries: readonly Dirent[],
  world: LookOptions,
): SessionFiles {
  const kinds = new Map(entries.map((entry) => [entry.name, entry]));
  const at = (name: string) => path.join(folder, name);
  const { stats = statsIn(folder) } = world;
  const summary = kinds.has('summary.json') ? readSummary(at('summary.json')) : undefined;
  const missing = ARTIFACTS.filter((name) => !isArtifactThere(name, kinds.get(name), stats, summary));
  const hasMarker = kinds.has(MARKER_NAME);
  const isMarkerShared = hasMarker && world.isMarkerShared === true;
  const recorder = hasMarker ? lookAtRecorder(folder, isMarkerShared, world) : undefined;
  const meta = kinds.has(META_NAME) ? readMeta(folder) : undefined;
  const rawEntry = kinds.get(RAW_NAME);
  // What a cache holds may be another ledger's, which only its header tells.
  const needsLook = missing.length > 0 || hasMarker || blank.place === 'cache';
  const { raw, header, stat } = rawEntry ? lookAtRaw(at(RAW_NAME), rawEntry, { stats, needsLook, summary }) : NO_RAW;
  return {
    folder,
    rawBytes: stat?.size ?? 0,
    temps: entries.filter((entry) => isTempName(entry.name) && entry.isFile()).map(({ name }) => name),
    header,
    ...(recorder?.facts.recording && { recording: recorder.facts.recording }),
    ...(recorder?.marker && { marker: recorder.marker }),
    ...(meta && { meta }),
    ...(summary && { summary }),
    facts: {
      ...blank,
      raw,
      missing,
      ...(recorder && { recorder: recorder.facts, transcript: recorder.transcript }),
      isMarkerShared,
      meta: meta === undefined ? 'missing' : meta ? 'readable' : 'unreadable',
      isDraft: meta?.draft === true,
      isHeld: kinds.has(HOLD_NAME),
      isDownloaded: kinds.has('.downloaded'),
      isSummaryOwed: kinds.has(NEEDS_SUMMARY_NAME),
      ...(summary?.agentwork && { summarised: summary.agentwork.input }),
      isGivenUp: summary?.summary_status === 'unrecoverable',
    },
  };
}

function isArtifactThere(
  name: ArtifactName,
  entry: Dirent | undefined,
  stats: FolderStats,
  summary?: SessionSummary,
): boolean {
  if (!entry?.isFile()) return false;
  if (name === 'summary.json') return summary !== undefined;
  return (stats(name)?.size ?? 0) > 0;
}

function readSummary(file: string): SessionSummary | undefined {
  const text = readText(file, MAX_SUMMARY_BYTES);
  return text === undefined ? undefined : parseStoredSummary(text);
}

/** `meta.json` of a folder; null when it is there and says nothing readable, which is not the same as no file. */
export function readMeta(folder: string): JsonObject | null | undefined {
  const file = path.join(folder, META_NAME);
  try {
    const bytes = readIfThere(file, MAX_META_BYTES);
    if (!bytes) return undefined;
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isObject(value) ? value : null;
  } catch {
    // Named in the verdict: the session is left alone.
    return null;
  }
}

/** Undefined when it is no plain file, or gone. Throws a refusal. */
function readText(file: string, maxBytes: number): string | undefined {
  try {
    return readHead(file, maxBytes).toString('utf8');
  } catch (error) {
    if (isRefusal(error)) throw error;
    // Which file it was is known to the caller, and what its absence means.
    return undefined;
  }
}

/** Whether meta.json tells of the summary that is there; a summary that others wrote needs no word of ours. */
export function hasMetaOf({ meta, summary }: SessionFiles): boolean {
  const digest = summary?.agentwork?.input.sha256;
  if (digest === undefined) return true;
  const told = isObject(meta?.agentwork) ? meta.agentwork.input : undefined;
  return isObject(told) && told.sha256 === digest;
}
