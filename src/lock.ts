import { createHash, randomUUID } from 'node:crypto';
import { linkSync, renameSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { type Clock, HOUR_MS, isoTime, parseTime, SECOND_MS, systemClock } from './clock.ts';
import { ExpectedError, messageOf, systemErrorCode } from './errors.ts';
import { patientlySync } from './held-file.ts';
import { makeOwnFolder, removeIfPossible, writeOwnFile } from './own-folder.ts';
import { isProcessAlive, processStartTime } from './process-facts.ts';
import { readIfThere } from './regular-file.ts';

/** What the lock file says of its holder. Times are RFC 3339. */
export interface LockRecord {
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  readonly started_at: string;
  /** When the system started the process, as the system tells it: a reused pid has another. */
  readonly process_started?: string;
  readonly command: string;
  /** Last progress, not last sign of life. */
  readonly heartbeat_at: string;
  /** The same by the time that the machine has run, which nobody can set. */
  readonly heartbeat_uptime_ms?: number;
}

export interface PassLock {
  readonly record: LockRecord;
  /** False when another pass has taken the lock over, as after a long sleep of the machine. */
  isHeld(): boolean;
  /** Says that the pass got on with its work. Never throws. */
  beat(): void;
  release(): void;
}

const LOCK_NAME = 'pass.lock';
/** A record has some hundred bytes, and its command is one word. */
const MAX_RECORD_BYTES = 64 * 1024;
/** Work that takes milliseconds is not followed by a write each time. */
const BEAT_PAUSE_MS = SECOND_MS;
/** A holder on another host cannot be asked whether it lives; after this long without progress it is presumed dead. */
const STALE_AFTER_MS = 6 * HOUR_MS;

export function lockPath(stateDir: string): string {
  return path.join(stateDir, LOCK_NAME);
}

/**
 * Takes the clone's one lock, from a dead holder if need be. Throws LEDGER_LOCKED, naming the holder, when a pass runs.
 * The record is linked into place whole, so no finder ever reads half of it.
 */
export function acquireLock(stateDir: string, command: string, clock: Clock = systemClock): PassLock {
  makeOwnFolder(stateDir);
  const file = lockPath(stateDir);
  const record = newRecord(command, clock());
  take(file, record, clock());
  return heldLock(file, record, clock);
}

/** The lock's record while its holder lives; undefined when there is none or it is stale. */
export function readLiveLock(stateDir: string, now: number): LockRecord | undefined {
  const record = readRecord(lockPath(stateDir));
  return record && !isStale(record, now) ? record : undefined;
}

/** Whether a lock file lies there whose holder is gone. */
export function hasStaleLock(stateDir: string, now: number): boolean {
  const content = readText(lockPath(stateDir));
  if (content === undefined) return false;
  const record = parseRecord(content);
  return !record || isStale(record, now);
}

export function isStale(record: LockRecord, now: number): boolean {
  // Nobody can be asked, and a clock that was far ahead must not lock the clone up for years.
  if (record.host !== hostname()) return Math.abs(quietByClockMs(record, now)) > STALE_AFTER_MS;
  if (quietHereMs(record, now) > STALE_AFTER_MS) return true;
  if (!isProcessAlive(record.pid)) return true;
  const startedAt = processStartTime(record.pid);
  return startedAt !== undefined && record.process_started !== undefined && startedAt !== record.process_started;
}

function quietByClockMs({ heartbeat_at }: LockRecord, now: number): number {
  return now - (parseTime(heartbeat_at) ?? 0);
}

/** A clock that is set while the holder works, or a sleep of the machine, makes nobody look dead. */
function quietHereMs(record: LockRecord, now: number): number {
  const { heartbeat_uptime_ms } = record;
  if (typeof heartbeat_uptime_ms !== 'number') return quietByClockMs(record, now);
  const quietMs = uptimeMs() - heartbeat_uptime_ms;
  // The machine was started anew, and whoever has that pid by now is another.
  return quietMs < -SECOND_MS ? Number.POSITIVE_INFINITY : quietMs;
}

/** Common to all processes of a machine, and begun anew when it starts, as their ids are. */
function uptimeMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}

function newRecord(command: string, now: number): LockRecord {
  const processStarted = processStartTime(process.pid);
  return {
    id: randomUUID(),
    pid: process.pid,
    host: hostname(),
    started_at: isoTime(now),
    ...(processStarted !== undefined && { process_started: processStarted }),
    command,
    heartbeat_at: isoTime(now),
    heartbeat_uptime_ms: uptimeMs(),
  };
}

/**
 * Puts our record where there is none, or in the place of a stale one. There, only who holds the guard of that very
 * record may, and looks again before it does: of several finders one wins, and none can throw out a lock that a faster
 * one has just taken. The guard of a finder that died half-way is itself taken over in this way.
 */
function take(file: string, record: LockRecord, now: number): void {
  const seen = readText(file);
  if (seen === undefined) {
    if (linkNew(file, record)) return;
    throw lockedBy(readRecord(file));
  }
  const holder = parseRecord(seen);
  if (holder && !isStale(holder, now)) throw lockedBy(holder);
  const guard = guardOf(file, seen);
  take(guard, record, now);
  try {
    if (readText(file) !== seen) throw lockedBy(readRecord(file));
    replace(file, record);
  } finally {
    rmSync(guard, { force: true });
  }
}

/** Named after the content, since every record has an id of its own: a late finder cannot mistake a new lock for the old. */
function guardOf(file: string, content: string): string {
  const digest = createHash('sha256').update(content).digest('hex');
  return path.join(path.dirname(file), `${LOCK_NAME}.takeover-${digest}`);
}

function heldLock(file: string, record: LockRecord, clock: Clock): PassLock {
  const isOurs = () => readRecord(file)?.id === record.id;
  let beatenMs = Number.NEGATIVE_INFINITY;
  return {
    record,
    isHeld: isOurs,
    beat() {
      const now = uptimeMs();
      if (now - beatenMs < BEAT_PAUSE_MS) return;
      beatenMs = now;
      try {
        if (isOurs()) replace(file, { ...record, heartbeat_at: isoTime(clock()), heartbeat_uptime_ms: now });
      } catch {
        // A full disk: the work goes on, and the lock holds for hours without a heartbeat.
      }
    },
    release() {
      try {
        if (isOurs()) rmSync(file, { force: true });
      } catch {
        // Where it cannot be removed it is stale as soon as this process is gone; what the pass has to tell is not lost.
      }
    },
  };
}

/** True when the file was not there and now holds the record. */
function linkNew(file: string, record: LockRecord): boolean {
  const temp = writeTemp(file, record);
  try {
    linkSync(temp, file);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw new ExpectedError('UNWRITABLE', `cannot write ${file}: ${messageOf(error)}`, { cause: error });
  } finally {
    // Whether the lock is taken was decided by the link.
    removeIfPossible(temp);
  }
}

function replace(file: string, record: LockRecord): void {
  const temp = writeTemp(file, record);
  patientlySync(() => renameSync(temp, file));
}

function writeTemp(file: string, record: LockRecord): string {
  // A name of its own each time: one that could not be removed is the lock itself, which others would read half-written.
  const temp = path.join(path.dirname(file), `.${LOCK_NAME}.${randomUUID()}.agentwork-tmp`);
  writeOwnFile(temp, `${JSON.stringify(record, undefined, 2)}\n`);
  return temp;
}

function readText(file: string): string | undefined {
  return readIfThere(file, MAX_RECORD_BYTES)?.toString('utf8');
}

function readRecord(file: string): LockRecord | undefined {
  return parseRecord(readText(file) ?? '');
}

function parseRecord(content: string): LockRecord | undefined {
  try {
    const value = JSON.parse(content) as LockRecord;
    // Zero and less stand for groups of processes, one of which always runs.
    const isOfProcess = Number.isSafeInteger(value?.pid) && value.pid > 0;
    return isOfProcess && typeof value.host === 'string' && typeof value.started_at === 'string' ? value : undefined;
  } catch {
    // Not ours or torn by something else: as good as stale, the takeover replaces it.
    return undefined;
  }
}

function lockedBy(holder: LockRecord | undefined): ExpectedError {
  const who = holder ? ` (pid ${holder.pid} on ${holder.host}, since ${holder.started_at})` : '';
  return new ExpectedError('LEDGER_LOCKED', `another pass is running on this clone${who}`, {
    suggestions: ['wait for it: agentwork status shows what it does'],
  });
}
