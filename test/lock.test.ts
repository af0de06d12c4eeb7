import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { HOUR_MS, isoTime, MINUTE_MS } from '../src/clock.ts';
import { acquireLock, hasStaleLock, isStale, type LockRecord, lockPath, readLiveLock } from '../src/lock.ts';
import { isProcessAlive, processStartedAt, processStartTime } from '../src/process-facts.ts';
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
    expect(readLiveLock(stateDir, now)).toEqual({ ...lock.record, heartbeat_at: isoTime(now) });
    lock.release();
    expect(readdirSync(stateDir)).toEqual([]);
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
    await vi.waitFor(() => expect(isProcessAlive(pid)).toBe(false));
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
