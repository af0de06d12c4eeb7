import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { SECOND_MS } from '../../clock.ts';
import { messageOf, systemErrorCode } from '../../errors.ts';
import { RunError } from '../runner.ts';
import { killGroup } from './process-group.ts';

export interface ProcessStart {
  readonly program: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly workDir: string;
  readonly signal: AbortSignal;
}

export interface ProcessOrder extends ProcessStart {
  readonly arguments: readonly string[];
  readonly input: string;
  readonly timeoutMs: number;
  readonly onStdout: (chunk: Uint8Array) => void;
  /** From SIGTERM to SIGKILL. */
  readonly killAfterMs?: number;
}

export interface ProcessEnd {
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly signalName: string | undefined;
  /** Why we ended it, if we did. */
  readonly stopped: 'timed_out' | 'aborted' | undefined;
  /** The last 64 KB. */
  readonly stderr: string;
}

const KILL_AFTER_MS = 5 * SECOND_MS;

/**
 * Runs a program as the head of a process group and ends with it: on time-out and abort the whole group gets SIGTERM,
 * then SIGKILL. Rejects when the program cannot be started; however it ends, that is a value.
 */
export async function runProcess(order: ProcessOrder): Promise<ProcessEnd> {
  // Loaded when the first agent starts: a look at a ledger does without it.
  const { execa } = await import('execa');
  const child = start(execa, order);
  if (child.pid === undefined) throw startFailure(order.program, (await child).cause);
  const stderr = collectTail(child.stderr);
  child.stdout.on('data', order.onStdout);
  // A child that dies early breaks the pipe; its exit says more than EPIPE.
  child.stdin.on('error', () => {});
  child.stdin.end(order.input);
  const ended = await endOf(child, child.pid, order);
  return { ...ended, stderr: stderr() };
}

type Execa = typeof import('execa')['execa'];
type Child = ReturnType<typeof start>;

async function endOf(child: Child, pid: number, order: ProcessOrder): Promise<Omit<ProcessEnd, 'stderr'>> {
  const closed = Promise.all([closeOf(child.stdout), closeOf(child.stderr)]);
  const stop = stopOn(order, pid);
  const release = killOnExit(pid);
  try {
    const [code, signalName] = (await once(child, 'exit')) as [number | null, string | null];
    stop.disarm();
    const isDrained = await within(closed, DRAIN_MS);
    if (!isDrained || stop.reason() !== undefined) killGroup(pid, 'SIGKILL');
    return { exitCode: code ?? undefined, signalName: signalName ?? undefined, stopped: stop.reason() };
  } finally {
    release();
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

/** A grandchild may hold the pipes open after the program itself is gone; its output is not worth waiting for. */
const DRAIN_MS = 500;

function start(execa: Execa, order: ProcessOrder) {
  return execa(order.program, [...order.arguments], {
    cwd: order.workDir,
    env: order.environment,
    extendEnv: false,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    // The output is read as it comes, in our own bounded memory.
    buffer: false,
    reject: false,
    // A group of its own, so that it can be ended whole. On Windows it would only open a console window.
    detached: process.platform !== 'win32',
    windowsHide: true,
    // Signals are our business: execa's exit hook would end this process as soon as it is the last listener.
    cleanup: false,
    forceKillAfterDelay: false,
  });
}

/** The machine is short of something, or the program is not one that this machine can start. */
const SHORTAGES: ReadonlySet<string | undefined> = new Set(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM', 'E2BIG']);

function startFailure(program: string, cause: unknown): RunError {
  const kind = SHORTAGES.has(systemErrorCode(cause)) ? 'not_started' : 'unsupported';
  return new RunError(kind, `${program} cannot be started: ${messageOf(cause)}`, { cause });
}

/** SIGTERM on time-out or abort, SIGKILL to what is left after the grace. */
function stopOn(order: ProcessOrder, pid: number) {
  let reason: ProcessEnd['stopped'];
  let killTimer: NodeJS.Timeout | undefined;
  const stop = (why: NonNullable<ProcessEnd['stopped']>) => {
    if (reason !== undefined) return;
    reason = why;
    killGroup(pid, 'SIGTERM');
    killTimer = setTimeout(killGroup, order.killAfterMs ?? KILL_AFTER_MS, pid, 'SIGKILL');
  };
  const onAbort = () => stop('aborted');
  const timer = setTimeout(stop, Math.min(order.timeoutMs, LONGEST_TIMER_MS), 'timed_out');
  order.signal.addEventListener('abort', onAbort);
  if (order.signal.aborted) onAbort();
  return {
    reason: () => reason,
    disarm: () => {
      clearTimeout(timer);
      clearTimeout(killTimer);
      order.signal.removeEventListener('abort', onAbort);
    },
  };
}

/** A longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const living = new Set<number>();

/** Whatever way this process leaves, by `process.exit` too, no agent goes on spending behind it. */
function killOnExit(pid: number): () => void {
  if (living.size === 0) process.on('exit', killLiving);
  living.add(pid);
  return () => {
    living.delete(pid);
    if (living.size === 0) process.off('exit', killLiving);
  };
}

function killLiving(): void {
  for (const pid of living) killGroup(pid, 'SIGKILL');
}

const STDERR_BYTES = 64 * 1024;

function collectTail(stream: Readable): () => string {
  let tail = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    tail = Buffer.concat([tail, chunk]).subarray(-STDERR_BYTES);
  });
  return () => tail.toString('utf8');
}

function closeOf(stream: Readable): Promise<void> {
  return new Promise((resolve) => stream.once('close', resolve));
}

async function within(work: Promise<unknown>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, limitMs, false);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
