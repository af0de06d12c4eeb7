import { lstatSync } from 'node:fs';
import path from 'node:path';
import { parseTime } from '../clock.ts';
import { isProcessAlive, processStartedAt } from '../process-facts.ts';
import type { AgentTranscript } from '../session/facts.ts';
import { parseRecording, type RecorderFacts, type Recording } from '../session/recording.ts';
import { readHead, readTail } from './plain-file.ts';
import { RAW_NAME } from './raw-state.ts';
import { type AgentFolders, findTranscript } from './recovery/agent-transcripts.ts';

export const MARKER_NAME = '.recording.json';

/** Nobody vouches for a marker: more than this of one is not read. */
const MAX_MARKER_BYTES = 4 * 1024 * 1024;
/** A process that started this long after its recording is another one with the same pid. */
const PID_REUSE_MARGIN_MS = 60_000;

/** How a pid is found for a marker that names none; 0 for unknown. */
export type PidLookup = (agentId: string) => number;

/** What a marker can be asked against. */
export interface RecorderWorld {
  readonly pidLookup?: PidLookup | undefined;
  /** Without them only the transcript that a marker names is looked at. */
  readonly agentFolders?: AgentFolders | undefined;
}

/** A marker, and everything that was found out about its recorder. */
export interface RecorderLook {
  /** Its bytes; undefined when they cannot be read. */
  readonly marker: Buffer | undefined;
  readonly facts: RecorderFacts;
  readonly transcript: AgentTranscript;
}

/** The bytes of a marker as they stand; undefined when it is no plain file, or cannot be read. */
export function readMarker(folder: string): Buffer | undefined {
  try {
    return readHead(path.join(folder, MARKER_NAME), MAX_MARKER_BYTES);
  } catch {
    // Its age is then all that is known.
    return undefined;
  }
}

/**
 * Judges the marker of a folder. One that came through git is another machine's: neither its pid nor its paths mean
 * anything here, and a transcript that it names could be the reader's own.
 */
export function lookAtRecorder(folder: string, isShared: boolean, world: RecorderWorld): RecorderLook {
  const marker = readMarker(folder);
  const recording = parseRecording(marker?.toString('utf8') ?? '');
  const raw = path.join(folder, RAW_NAME);
  const markerChangedAtMs = changedAt(path.join(folder, MARKER_NAME)) ?? 0;
  const transcript = findUnlessShared(recording, isShared, world);
  const files = [raw, ...(transcript.kind === 'there' ? [transcript.path] : [])];
  // What git checked out is as old as the checkout.
  const growth = isShared ? [] : files.map(changedAt).filter((time) => time !== undefined);
  const process = isShared ? NO_PROCESS : lookAtProcess(recording, world.pidLookup);
  // Where neither a process nor a file's change tells, the words themselves do.
  const spoken =
    process.process === 'dead' || isShared ? files.map(lastSpoken).filter((time) => time !== undefined) : [];
  return {
    marker,
    transcript,
    facts: {
      recording,
      markerChangedAtMs,
      ...process,
      ...(growth.length > 0 && { lastGrowthMs: Math.max(...growth) }),
      ...(spoken.length > 0 && { lastSpokenMs: Math.max(...spoken) }),
    },
  };
}

function findUnlessShared(recording: Recording | undefined, isShared: boolean, world: RecorderWorld): AgentTranscript {
  if (!recording || isShared) return { kind: 'none' };
  return findTranscript(recording, world.agentFolders);
}

const NO_PROCESS = { process: 'unknown' } as const;

/** The marker's process, or where that is gone the one that is known for its agent: either may live. */
function lookAtProcess(recording: Recording | undefined, lookup: PidLookup = () => 0) {
  const pids = [recording?.parentPid ?? 0, lookup(recording?.agentId ?? '')].filter((pid) => pid > 0);
  const [pid] = pids;
  if (pid === undefined) return NO_PROCESS;
  const alive = pids.find((candidate) => isRecorder(candidate, recording?.startedAtMs));
  return alive === undefined ? ({ pid, process: 'dead' } as const) : ({ pid: alive, process: 'alive' } as const);
}

/** Whether the process runs, and ran when the recording began: a later one has merely got the same pid. */
function isRecorder(pid: number, recordingStart: number | undefined): boolean {
  if (!isProcessAlive(pid)) return false;
  const processStart = processStartedAt(pid);
  if (processStart === undefined || recordingStart === undefined) return true;
  return processStart <= recordingStart + PID_REUSE_MARGIN_MS;
}

function changedAt(file: string): number | undefined {
  try {
    const stat = lstatSync(file);
    return stat.isFile() ? stat.mtimeMs : undefined;
  } catch {
    // Absence and refusal come to the same: nothing can be told from it.
    return undefined;
  }
}

const TAIL_BYTES = 64 * 1024;

/** The newest time in the last lines; a file cannot have been told of what came after its last change. */
function lastSpoken(file: string): number | undefined {
  const changed = changedAt(file);
  if (changed === undefined) return undefined;
  try {
    const tail = readTail(file, TAIL_BYTES).toString('utf8');
    const times = [...tail.matchAll(/"(?:timestamp|ts)"\s*:\s*"([^"\\]{1,64})"/g)].map(([, time]) => parseTime(time));
    const known = times.filter((time) => time !== undefined);
    return known.length === 0 ? undefined : Math.min(Math.max(...known), changed);
  } catch {
    // What cannot be read tells nothing.
    return undefined;
  }
}
