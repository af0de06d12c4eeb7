import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs, { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { hostname } from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { DAY_MS, HOUR_MS, isoTime, MINUTE_MS } from '../src/clock.ts';
import { acquireLock, hasStaleLock, isStale, type LockRecord, lockPath, readLiveLock } from '../src/lock.ts';
import { isProcessAlive, processStartedAt, processStartTime } from '../src/process-facts.ts';
import { PATIENCE } from './support/patience.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const NOON = Date.UTC(2026, 2, 6, 12);
const CONTENDER = new URL('support/lock-contender.ts', import.meta.url).pathname;
const clock = () => NOON;

const deadPid = () => spawnSync(process.execPath, ['--version']).pid;
const stateFolder = () => path.join(temporaryFolder(), 'state');

function record(more: Partial<LockRecord> = {}): LockRecord {
  return {
    id: 'another',
    pid: process.pid,
    host: hostname(),
    started_at: isoTime(NOON),
    command: 'finalize',
    heartbeat_at: isoTime(NOON),
    ...more,
  };
}

/** So long ago, by the time that the machine has run. */
const gotOn = (agoMs: number) => ({ heartbeat_uptime_ms: Number(process.hrtime.bigint() / 1_000_000n) - agoMs });
const LAST_YEAR = isoTime(NOON - 365 * DAY_MS);
const NEXT_YEAR = isoTime(NOON + 365 * DAY_MS);

/** A state folder in which somebody's lock lies. */
function lockedFolder(content: string | LockRecord): string {
  const stateDir = stateFolder();
  mkdirSync(stateDir);
  writeFileSync(lockPath(stateDir), typeof content === 'string' ? content : JSON.stringify(content));
  return stateDir;
}

function contender(...words: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', CONTENDER, ...words], { stdio: ['pipe', 'pipe', 'pipe'] });
}

type Step = 'linkSync' | 'readFileSync' | 'rmSync' | 'writeFileSync';

/** Does something right before each such step on disk, as another process can; what it throws is what the step throws. */
function justBefore(step: Step, deed: (file: string, target: string) => void): void {
  const taken = fs[step] as (...values: unknown[]) => unknown;
  const changed = (...values: unknown[]) => {
    deed(String(values[0]), String(values[1]));
    return taken(...values);
  };
  Object.assign(fs, { [step]: changed });
  syncBuiltinESMExports();
  onTestFinished(() => {
    Object.assign(fs, { [step]: taken });
    syncBuiltinESMExports();
  });
}

function refuse(code: string): never {
  throw Object.assign(new Error(`${code}: not here`), { code });
}

async function outcomeOf(child: ChildProcess): Promise<string> {
  let said = '';
  child.stderr?.on('data', (text) => {
    said += text;
  });
  const [code] = await once(child, 'close');
  return code === 0 ? 'ok' : said;
}

describe('the lock', () => {
  test('tells who holds it, and is gone after its release', () => {
    const stateDir = stateFolder();
    const lock = acquireLock(stateDir, 'finalize', clock);
    expect(JSON.parse(readFileSync(lockPath(stateDir), 'utf8'))).toEqual(lock.record);
    expect(lock.record).toMatchObject({
      pid: process.pid,
      host: hostname(),
      started_at: '2026-03-06T12:00:00.000Z',
      heartbeat_at: '2026-03-06T12:00:00.000Z',
      command: 'finalize',
      process_started: processStartTime(process.pid),
    });
    expect(readLiveLock(stateDir, NOON)).toEqual(lock.record);
    lock.release();
    expect(readdirSync(stateDir)).toEqual([]);
    expect(readLiveLock(stateDir, NOON)).toBeUndefined();
  });

  test('can be had once, even by the same process', () => {
    const stateDir = stateFolder();
    acquireLock(stateDir, 'finalize', clock);
    expect(() => acquireLock(stateDir, 'finalize', clock)).toThrow(
      expect.objectContaining({
        code: 'LEDGER_LOCKED',
        message: `another pass is running on this clone (pid ${process.pid} on ${hostname()}, since 2026-03-06T12:00:00.000Z)`,
        suggestions: ['wait for it: agentwork status shows what it does'],
      }),
    );
    expect(readdirSync(stateDir)).toEqual(['pass.lock']);
  });

  test('can be had again after its release', () => {
    const stateDir = stateFolder();
    acquireLock(stateDir, 'first', clock).release();
    expect(acquireLock(stateDir, 'second', clock).record.command).toBe('second');
  });

  test('lies where only its owner can look', () => {
    const stateDir = stateFolder();
    acquireLock(stateDir, 'finalize', clock);
    expect([statSync(stateDir).mode & 0o777, statSync(lockPath(stateDir)).mode & 0o777]).toEqual([0o700, 0o600]);
  });

  test('says that it got on when it is told to', () => {
    const stateDir = stateFolder();
    let now = NOON;
    const lock = acquireLock(stateDir, 'finalize', () => now);
    now += 5 * HOUR_MS;
    lock.beat();
    expect(readLiveLock(stateDir, now)).toEqual({
      ...lock.record,
      heartbeat_at: isoTime(now),
      heartbeat_uptime_ms: expect.any(Number),
    });
    lock.release();
    expect(readdirSync(stateDir)).toEqual([]);
  });

  test('is not written at each step of work that takes no time', () => {
    const stateDir = stateFolder();
    let now = NOON;
    const lock = acquireLock(stateDir, 'finalize', () => now);
    lock.beat();
    now += HOUR_MS;
    lock.beat();
    expect(readLiveLock(stateDir, now)).toMatchObject({ heartbeat_at: isoTime(NOON) });
  });

  test('of somebody else is neither touched by our beat nor by our release', () => {
    const stateDir = stateFolder();
    const lock = acquireLock(stateDir, 'finalize', clock);
    const others = JSON.stringify(record());
    writeFileSync(lockPath(stateDir), others);
    lock.beat();
    lock.release();
    expect(readFileSync(lockPath(stateDir), 'utf8')).toBe(others);
  });

  test('that somebody removed is not made anew by a beat', () => {
    const stateDir = stateFolder();
    const lock = acquireLock(stateDir, 'finalize', clock);
    lock.release();
    lock.beat();
    lock.release();
    expect(existsSync(lockPath(stateDir))).toBe(false);
  });

  test('cannot be had where no file can be made, and the path says where that is', () => {
    const file = path.join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    expect(() => acquireLock(path.join(file, 'state'), 'finalize', clock)).toThrow(
      expect.objectContaining({ code: 'UNWRITABLE', message: expect.stringContaining(path.join(file, 'state')) }),
    );
  });
});

describe('a lock is stale', () => {
  test.each<[string, Partial<LockRecord>, boolean]>([
    ['when its process is gone', { pid: deadPid() }, true],
    ['when its pid belongs to a later process', { process_started: 'at another time' }, true],
    ['not while its process lives', {}, false],
    [
      'not while its process lives, and is the very same',
      { process_started: processStartTime(process.pid) ?? '' },
      false,
    ],
    [
      'when its process made no progress for more than six hours',
      { heartbeat_at: isoTime(NOON - 6 * HOUR_MS - 1) },
      true,
    ],
    ['not when the last progress was six hours ago', { heartbeat_at: isoTime(NOON - 6 * HOUR_MS) }, false],
    ['not when its clock runs ahead of ours', { heartbeat_at: isoTime(NOON + HOUR_MS) }, false],
    ['not when it is another host and nobody can tell', { host: 'elsewhere', pid: deadPid() }, false],
    [
      'when another host was quiet for more than six hours',
      { host: 'elsewhere', heartbeat_at: isoTime(NOON - 7 * HOUR_MS) },
      true,
    ],
    ['when another host’s clock was years ahead', { host: 'elsewhere', heartbeat_at: '2033-03-06T12:00:00Z' }, true],
    ['not when this host’s clock was', { heartbeat_at: '2033-03-06T12:00:00Z' }, false],
    ['not when the clock went a year ahead while its process works', { ...gotOn(0), heartbeat_at: LAST_YEAR }, false],
    ['not when the clock went a year back while its process works', { ...gotOn(0), heartbeat_at: NEXT_YEAR }, false],
    ['when its process made no progress, and the clock went back meanwhile', gotOn(6 * HOUR_MS + MINUTE_MS), true],
    ['when the machine was started anew since, and its pid is in use again', gotOn(-HOUR_MS), true],
    ['when its process is gone, and the clock went back meanwhile', { ...gotOn(0), pid: deadPid() }, true],
    ['when it does not say when it last got on', { heartbeat_at: 'once upon a time' }, true],
  ])('%s', (_, more, expected) => {
    const held = record(more);
    expect(isStale(held, NOON)).toBe(expected);
    const stateDir = lockedFolder(held);
    expect(hasStaleLock(stateDir, NOON)).toBe(expected);
    expect(readLiveLock(stateDir, NOON)).toEqual(expected ? undefined : held);
    if (expected) expect(acquireLock(stateDir, 'finalize', clock).record.pid).toBe(process.pid);
    else expect(() => acquireLock(stateDir, 'finalize', clock)).toThrow('another pass is running');
  });

  test.each<[string, string]>([
    ['empty', ''],
    ['torn', '{"pid": 12, "ho'],
    ['somebody else’s file', '[1, 2]'],
    ['null', 'null'],
    ['of nobody', JSON.stringify({ host: 'elsewhere', heartbeat_at: isoTime(NOON) })],
    ['of nowhere', JSON.stringify({ pid: 1, heartbeat_at: isoTime(NOON) })],
    ['of no process', JSON.stringify(record({ pid: 0 }))],
    ['of all processes', JSON.stringify(record({ pid: -1 }))],
    ['of half a process', JSON.stringify(record({ pid: 1.5 }))],
  ])('when its file is %s', (_, content) => {
    const stateDir = lockedFolder(content);
    expect(readLiveLock(stateDir, NOON)).toBeUndefined();
    expect(hasStaleLock(stateDir, NOON)).toBe(true);
    const lock = acquireLock(stateDir, 'finalize', clock);
    expect(readLiveLock(stateDir, NOON)).toEqual(lock.record);
    expect(readdirSync(stateDir)).toEqual(['pass.lock']);
  });

  test('not when there is none', () => {
    expect(hasStaleLock(stateFolder(), NOON)).toBe(false);
  });

  test('not while its process lives, and the system no longer tells since when', () => {
    const held = record({ process_started: 'at another time' });
    justBefore('readFileSync', () => refuse('EACCES'));
    expect(isStale(held, NOON)).toBe(false);
  });
});

describe('between two of our steps', () => {
  /** What lies in the lock once we have the guard of the stale one that we saw. */
  function overtakenWith(stateDir: string, content: string): void {
    justBefore('linkSync', (_file, target) => {
      if (target.includes('takeover')) writeFileSync(lockPath(stateDir), content);
    });
  }

  test('a lock that somebody took is not thrown out', () => {
    const stateDir = lockedFolder(record({ pid: deadPid() }));
    const others = JSON.stringify(record({ pid: 1 }));
    overtakenWith(stateDir, others);
    expect(() => acquireLock(stateDir, 'finalize', clock)).toThrow(
      `another pass is running on this clone (pid 1 on ${hostname()}, since`,
    );
    expect(readFileSync(lockPath(stateDir), 'utf8')).toBe(others);
    expect(readdirSync(stateDir)).toEqual(['pass.lock']);
  });

  test('a lock that is in nobody’s name is not thrown out either', () => {
    const stateDir = lockedFolder(record({ pid: deadPid() }));
    overtakenWith(stateDir, '');
    expect(() => acquireLock(stateDir, 'finalize', clock)).toThrow(/another pass is running on this clone$/);
    expect(readFileSync(lockPath(stateDir), 'utf8')).toBe('');
  });

  test('a lock that is suddenly there is somebody’s', () => {
    const stateDir = stateFolder();
    const others = JSON.stringify(record());
    justBefore('linkSync', (_file, target) => writeFileSync(target, others));
    expect(() => acquireLock(stateDir, 'finalize', clock)).toThrow(`pid ${process.pid} on ${hostname()}`);
    expect(readFileSync(lockPath(stateDir), 'utf8')).toBe(others);
  });

  test('a file of ours may vanish', () => {
    const stateDir = lockedFolder(record({ pid: deadPid() }));
    justBefore('rmSync', (file) => {
      if (path.dirname(file) === stateDir) fs.unlinkSync(file);
    });
    acquireLock(stateDir, 'finalize', clock).release();
    expect(readdirSync(stateDir)).toEqual([]);
  });

  test('the guard of one that died as it took the lock over is taken over too', () => {
    const stateDir = lockedFolder(record({ pid: deadPid() }));
    const guards: string[] = [];
    // The first attempt finds another in its way, which is dead by the second.
    justBefore('linkSync', (_file, target) => {
      guards.push(target);
      if (guards.length === 1) writeFileSync(target, JSON.stringify(record({ id: 'guard', pid: deadPid() })));
    });
    expect(() => acquireLock(stateDir, 'finalize', clock)).toThrow('another pass is running');
    const lock = acquireLock(stateDir, 'finalize', clock);
    expect(lock.isHeld()).toBe(true);
    expect(new Set(guards).size).toBe(2);
    expect(readdirSync(stateDir)).toEqual(['pass.lock']);
  });
});

describe('where the disk refuses', () => {
  test.each<[string, Step, RegExp]>([
    ['a link', 'linkSync', /^cannot write .*state\/pass\.lock: EPERM: not here$/],
    ['a file', 'writeFileSync', /^cannot write .*agentwork-tmp: EPERM: not here$/],
  ])('%s, that is said and nothing is left', (_, step, message) => {
    const stateDir = stateFolder();
    justBefore(step, () => refuse('EPERM'));
    expect(() => acquireLock(stateDir, 'finalize', clock)).toThrow(
      expect.objectContaining({
        code: 'UNWRITABLE',
        message: expect.stringMatching(message),
        cause: expect.objectContaining({ code: 'EPERM' }),
      }),
    );
    expect(readdirSync(stateDir)).toEqual([]);
  });

  test('a heartbeat, the work goes on and the lock stays ours', () => {
    const stateDir = stateFolder();
    const lock = acquireLock(stateDir, 'finalize', clock);
    justBefore('writeFileSync', () => refuse('ENOSPC'));
    lock.beat();
    expect(lock.isHeld()).toBe(true);
    expect(readLiveLock(stateDir, NOON)).toEqual(lock.record);
  });
});

test('a lock that is a folder is named, and stays', () => {
  const stateDir = stateFolder();
  mkdirSync(lockPath(stateDir), { recursive: true });
  expect(() => acquireLock(stateDir, 'finalize', clock)).toThrow(expect.objectContaining({ code: 'UNREADABLE' }));
  expect(readdirSync(stateDir)).toEqual(['pass.lock']);
});

describe('between processes', () => {
  test('the lock is refused while its holder lives, and free when it was killed', async () => {
    const folder = temporaryFolder();
    const stateDir = path.join(folder, 'state');
    const holder = contender('hold', folder);
    await once(holder.stdout as NodeJS.ReadableStream, 'data');
    expect(() => acquireLock(stateDir, 'finalize')).toThrow(`pid ${holder.pid} on ${hostname()}`);
    expect(readLiveLock(stateDir, Date.now())).toMatchObject({ pid: holder.pid, command: 'hold' });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(hasStaleLock(stateDir, Date.now())).toBe(true);
    expect(acquireLock(stateDir, 'finalize').record.pid).toBe(process.pid);
  });

  test('of eight that race for locks of the dead and the living, one at a time has it', async () => {
    const folder = temporaryFolder();
    const stateDir = path.join(folder, 'state');
    mkdirSync(stateDir);
    writeFileSync(lockPath(stateDir), JSON.stringify(record({ pid: deadPid() })));
    const racers = Array.from({ length: 8 }, () => contender('race', folder, '100'));
    const outcomes = Promise.all(racers.map(outcomeOf));
    onTestFinished(() => {
      for (const racer of racers) racer.kill('SIGKILL');
    });
    writeFileSync(path.join(folder, 'go'), '');
    expect(await outcomes).toEqual(racers.map(() => 'ok'));
    const winners = readFileSync(path.join(folder, 'journal'), 'utf8').trim().split('\n');
    expect(winners.length).toBeGreaterThanOrEqual(100);
    expect(new Set(winners).size).toBeGreaterThan(1);
  });
});

describe('a process', () => {
  test('that runs is alive, ourselves and the first of all included', () => {
    expect([isProcessAlive(process.pid), isProcessAlive(1)]).toEqual([true, true]);
  });

  test('that ended is not', () => {
    expect(isProcessAlive(deadPid())).toBe(false);
  });

  test.runIf(process.platform === 'linux')('that ended is not, even if its parent never asks how', async () => {
    const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [answer] = await once(parent.stdout, 'data');
    const pid = Number(String(answer));
    parent.stdin.write('from now on it is cat, which asks nobody');
    await once(parent.stdout, 'data');
    expect(isProcessAlive(pid)).toBe(true);
    process.kill(pid, 'SIGKILL');
    await vi.waitFor(() => expect(isProcessAlive(pid)).toBe(false), PATIENCE);
    expect(existsSync(`/proc/${pid}`)).toBe(true);
    parent.stdin.end();
    await once(parent, 'exit');
  });

  test('has one start for all its life, and no other has it', async () => {
    const child = spawn('cat', { stdio: ['pipe', 'ignore', 'inherit'] });
    const pid = child.pid ?? 0;
    expect(processStartTime(pid)).toBe(processStartTime(pid));
    expect(processStartTime(pid)).not.toBe(processStartTime(1));
    expect(processStartTime(deadPid())).toBeUndefined();
    child.stdin.end();
    await once(child, 'exit');
  });

  test('started when it did', () => {
    const age = Date.now() - (processStartedAt(process.pid) ?? 0);
    expect(age).toBeGreaterThan(0);
    expect(Math.abs(age - process.uptime() * 1000)).toBeLessThan(5000);
    expect(processStartedAt(deadPid())).toBeUndefined();
  });

  test.runIf(process.platform === 'linux')('is told apart whatever it calls itself', async () => {
    const folder = temporaryFolder();
    const program = path.join(folder, 'a) R 1 (b');
    writeFileSync(program, '#!/bin/sh\nexec 1>&-\nread line\n');
    chmodSync(program, 0o755);
    const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(child.stdout, 'end');
    expect(Math.abs((processStartedAt(child.pid ?? 0) ?? 0) - Date.now())).toBeLessThan(MINUTE_MS);
    child.stdin.end('\n');
    await once(child, 'exit');
  });
});
