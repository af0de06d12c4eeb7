import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseTime, SECOND_MS } from './clock.ts';
import { systemErrorCode } from './errors.ts';

/**
 * Whether a process of this id runs on this machine; one that is not ours to signal runs all the same. One that has
 * ended keeps its id until somebody asks how, which in a container may be never: it does not run.
 */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return systemErrorCode(error) === 'EPERM';
  }
  return process.platform !== 'linux' || !ENDED_STATES.has(linuxStat(pid)?.[STATE_FIELD - NAME_FIELD - 1] ?? '');
}

/**
 * When the system started this process, in the system's own words: equal for the same process, different for a later
 * one that got the same id. Undefined when the process is gone or the system does not tell.
 */
export function processStartTime(pid: number): string | undefined {
  if (process.platform === 'linux') return linuxStartTicks(pid);
  if (process.platform === 'win32') return undefined;
  return psStartTime(pid);
}

/** Milliseconds since the epoch at which the process started, where the system tells. */
export function processStartedAt(pid: number): number | undefined {
  if (process.platform === 'linux') {
    const ticks = linuxStartTicks(pid);
    const bootedAt = linuxBootTime();
    if (ticks === undefined || bootedAt === undefined) return undefined;
    return bootedAt + (Number(ticks) / LINUX_TICKS_PER_SECOND) * SECOND_MS;
  }
  if (process.platform === 'win32') return undefined;
  return parseTime(psStartTime(pid));
}

/** USER_HZ, which is 100 on every Linux that Node runs on. */
const LINUX_TICKS_PER_SECOND = 100;
/** Fields of /proc/PID/stat, counted from 1 as its manual does. */
const NAME_FIELD = 2;
const STATE_FIELD = 3;
const START_TIME_FIELD = 22;
const ENDED_STATES: ReadonlySet<string> = new Set(['Z', 'X', 'x']);

function linuxStartTicks(pid: number): string | undefined {
  return linuxStat(pid)?.[START_TIME_FIELD - NAME_FIELD - 1];
}

/** The fields of /proc/PID/stat behind the name. */
function linuxStat(pid: number): readonly string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in brackets, may hold spaces and brackets itself; counting starts behind its last bracket.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    // Gone, or /proc is hidden: nothing is known.
    return undefined;
  }
}

function linuxBootTime(): number | undefined {
  try {
    const seconds = /^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1];
    return seconds === undefined ? undefined : Number(seconds) * SECOND_MS;
  } catch {
    // /proc is hidden: nothing is known.
    return undefined;
  }
}

/** What `ps -o lstart=` tells, as macOS and the BSDs write it: `Thu Mar  6 12:00:05 2026`, in the time of the machine. */
export function startIn(answer: string): string | undefined {
  return answer.trim() || undefined;
}

function psStartTime(pid: number): string | undefined {
  try {
    const options = { encoding: 'utf8', timeout: 5 * SECOND_MS, env: { ...process.env, LC_ALL: 'C' } } as const;
    const answer = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      ...options,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return startIn(answer);
  } catch {
    // No such process, or no ps: nothing is known.
    return undefined;
  }
}
