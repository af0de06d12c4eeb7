/**
 * Another process that wants the lock. `hold FOLDER` takes it, says so, and keeps it until its stdin ends.
 * `race FOLDER WINS` takes it again and again, leaving it now and then as a killed pass would, until all contenders
 * together have had it WINS times; it complains when somebody else is in at the same time.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import { ExpectedError } from '../../src/errors.ts';
import { acquireLock, lockPath, type PassLock, readLiveLock } from '../../src/lock.ts';

const [mode = '', folder = '', wins = '0'] = process.argv.slice(2);
const stateDir = path.join(folder, 'state');
const journal = path.join(folder, 'journal');
const inside = path.join(folder, 'inside');
/** Beyond what any system gives out. */
const DEAD_PID = 2 ** 31 - 2;

if (mode === 'hold') hold();
else race(Number(wins));

function hold(): void {
  const lock = acquireLock(stateDir, 'hold');
  process.stdout.write('held\n');
  process.stdin.resume().on('end', () => lock.release());
}

function race(goal: number): void {
  shake();
  while (!fs.existsSync(path.join(folder, 'go')));
  for (let won = winsSoFar(); won < goal; won = winsSoFar()) {
    const lock = tryLock();
    if (!lock) continue;
    fs.closeSync(fs.openSync(inside, 'wx'));
    fs.appendFileSync(journal, `${process.pid}\n`);
    const holder = readLiveLock(stateDir, Date.now());
    if (holder?.id !== lock.record.id) throw new Error(`lost the lock to pid ${holder?.pid}`);
    fs.unlinkSync(inside);
    if (won % 3 === 0) lock.release();
    else dieWith(lock);
    if (won % 3 === 2) dieInTakeover();
  }
}

/** Now and then lets the others go first, right before a step on disk: what can come between two steps does. */
function shake(): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (const name of ['linkSync', 'renameSync', 'readFileSync', 'rmSync'] as const) {
    const step = fs[name] as (...values: unknown[]) => unknown;
    const shaken = (...values: unknown[]) => {
      if (Math.random() < 0.1) Atomics.wait(pause, 0, 0, 2);
      return step(...values);
    };
    Object.assign(fs, { [name]: shaken });
  }
  syncBuiltinESMExports();
}

function winsSoFar(): number {
  return fs.existsSync(journal) ? fs.readFileSync(journal, 'utf8').split('\n').length - 1 : 0;
}

function tryLock(): PassLock | undefined {
  try {
    return acquireLock(stateDir, 'race');
  } catch (error) {
    if (error instanceof ExpectedError && error.code === 'LEDGER_LOCKED') return undefined;
    throw error;
  }
}

/** Leaves the lock as a process does that was killed: its file stays, its pid is nobody's. */
function dieWith({ record }: PassLock): void {
  replaceFile(lockPath(stateDir), JSON.stringify({ ...record, pid: DEAD_PID }));
}

/** Stops at the moment at which a stale lock is about to be replaced. */
function dieInTakeover(): void {
  const { renameSync, rmSync } = fs;
  fs.renameSync = () => {
    throw new Error('killed');
  };
  fs.rmSync = () => {};
  syncBuiltinESMExports();
  let lock: PassLock | undefined;
  try {
    lock = acquireLock(stateDir, 'race');
  } catch {
    // Killed, or somebody else was faster.
  }
  Object.assign(fs, { renameSync, rmSync });
  syncBuiltinESMExports();
  lock?.release();
  for (const name of fs.readdirSync(stateDir).filter((entry) => entry.includes('takeover'))) buryOwn(name);
}

function buryOwn(name: string): void {
  const file = path.join(stateDir, name);
  try {
    const record = JSON.parse(fs.readFileSync(file, 'utf8')) as { pid: number };
    if (record.pid === process.pid) replaceFile(file, JSON.stringify({ ...record, pid: DEAD_PID }));
  } catch {
    // Somebody else's, and gone.
  }
}

function replaceFile(file: string, content: string): void {
  const temp = `${file}.${process.pid}`;
  fs.writeFileSync(temp, content);
  fs.renameSync(temp, file);
}
