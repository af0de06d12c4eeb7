import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { classifySession } from '../session/classify.ts';
import { FINGERPRINT_BYTES, type Fingerprint, fingerprintOf } from './fingerprint.ts';
import { statsIn } from './folder-stats.ts';
import { withHold } from './holds.ts';
import { readSessionFiles } from './session-facts.ts';

/**
 * A look at very many sessions, by their files alone: neither git nor what earlier passes remember has a say in it, so
 * that several threads can share it. They take the names piece by piece, and write what they see where all can read it.
 */
export interface GlanceTask {
  readonly sessionsDir: string;
  readonly names: readonly string[];
  /** Undefined where nothing is asked but the fingerprints. */
  readonly judge?: Judging;
}

/** By what it is judged whether a session would be finished if its files were committed and pushed. */
export interface Judging {
  /** In milliseconds since the epoch. */
  readonly now: number;
  /** Where holds may lie. */
  readonly places: readonly string[];
}

/** What threads share. */
interface Sheet {
  /** The next piece of the names that nobody has taken. */
  readonly next: Int32Array;
  /** Of each piece: whether it was looked at to its end. */
  readonly done: Uint8Array;
  /** Of each name. */
  readonly isSeen: Uint8Array;
  readonly digests: Uint8Array;
  readonly newestMs: Float64Array;
}

/** What another thread is started with. */
export interface GlanceShare extends GlanceTask {
  readonly sheet: Sheet;
}

const PIECE = 500;
/** Fewer are looked at before another thread has started. */
const LEAST_FOR_THREADS = 4000;
const MOST_THREADS = 4;
/** What a look leaves behind dies young, and need not be kept for long. */
const MOST_YOUNG_MB = 4;

/** What was seen of a name, by its place: the fingerprint of its folder. */
export type Glance = (at: number) => Fingerprint | undefined;

/**
 * Undefined is seen of what is no folder and, where that is judged, of what is not finished by its files. Several threads
 * look at many names; where none can be started, this one looks at all of them. `before`: what it waits for first, while
 * others begin. Throws what that throws.
 */
export async function glanceAt(task: GlanceTask, before?: Promise<unknown>): Promise<Glance> {
  const count = task.names.length;
  const sheet = blankSheet(count);
  const share = { ...task, sheet };
  const others = Array.from({ length: helpersFor(count) }, () => runThread(share));
  await before;
  for (const piece of takePieces(sheet)) {
    lookAtPiece(piece, share);
    // A key that was pressed has its turn, too.
    await setImmediate();
  }
  await Promise.all(others);
  // What a thread has begun and not ended.
  for (const [piece, isDone] of sheet.done.entries()) if (isDone === 0) lookAtPiece(piece, share);
  return readSheet(sheet);
}

/** What another thread does of a task: pieces, as long as there are any. */
export function glanceAtShare(share: GlanceShare): void {
  for (const piece of takePieces(share.sheet)) lookAtPiece(piece, share);
}

function helpersFor(names: number): number {
  return names < LEAST_FOR_THREADS ? 0 : Math.min(MOST_THREADS, availableParallelism()) - 1;
}

/** Resolves when it has ended, however it did; one that cannot even be started has. */
async function runThread(workerData: GlanceShare): Promise<void> {
  const file = path.join(path.dirname(import.meta.filename), 'glance-thread.js');
  try {
    await once(new Worker(file, { workerData, resourceLimits: { maxYoungGenerationSizeMb: MOST_YOUNG_MB } }), 'exit');
  } catch {
    // What it has not done is left to this one.
  }
}

function blankSheet(names: number): Sheet {
  const shared = (bytes: number) => new SharedArrayBuffer(bytes);
  return {
    next: new Int32Array(shared(4)),
    done: new Uint8Array(shared(Math.ceil(names / PIECE))),
    isSeen: new Uint8Array(shared(names)),
    digests: new Uint8Array(shared(FINGERPRINT_BYTES * names)),
    newestMs: new Float64Array(shared(8 * names)),
  };
}

/** Pieces that nobody else has taken, as long as there are any. */
function* takePieces({ next, done }: Sheet): Generator<number> {
  for (let piece = Atomics.add(next, 0, 1); piece < done.length; piece = Atomics.add(next, 0, 1)) yield piece;
}

function lookAtPiece(piece: number, { sessionsDir, names, judge, sheet }: GlanceShare): void {
  const bytes = Buffer.from(sheet.digests.buffer);
  const to = Math.min(names.length, PIECE * (piece + 1));
  for (let at = PIECE * piece; at < to; at += 1) {
    const folder = `${sessionsDir}/${names[at]}`;
    const fingerprint = judge ? fingerprintOfFinished(folder, judge) : fingerprintOf(folder);
    if (!fingerprint) continue;
    bytes.write(fingerprint.text, FINGERPRINT_BYTES * at, 'latin1');
    sheet.newestMs[at] = fingerprint.newestMs;
    sheet.isSeen[at] = 1;
  }
  sheet.done[piece] = 1;
}

/** Taken before anything is read: what changes meanwhile has another one. */
function fingerprintOfFinished(folder: string, { now, places }: Judging): Fingerprint | undefined {
  const stats = statsIn(folder);
  const fingerprint = fingerprintOf(folder, stats);
  const session = fingerprint && readSessionFiles(folder, 'ledger', { stats });
  // What a killed pass has left there is taken away by whoever looks at it.
  if (!session || session.facts.recorder !== undefined || session.temps?.length !== 0) return undefined;
  const { facts } = withHold(session, places);
  const isFinished = classifySession({ ...facts, isCommitted: true }, now).rule === 'complete';
  return isFinished ? fingerprint : undefined;
}

function readSheet({ digests, isSeen, newestMs }: Sheet): Glance {
  const texts = Buffer.from(digests.buffer).toString('latin1');
  return (at) => {
    if (isSeen[at] !== 1) return undefined;
    const text = texts.slice(FINGERPRINT_BYTES * at, FINGERPRINT_BYTES * (at + 1));
    return { text, newestMs: newestMs[at] ?? 0 };
  };
}
