import { Worker } from 'node:worker_threads';
import { ExpectedError } from '../../../src/errors.ts';
import { RunError } from '../../../src/work/runner.ts';
import { SEED } from '../torture.ts';

/** What one input may cost: a fixed part, and a part for each megabyte of it. */
const LIMIT_MS = 2000;
const LIMIT_MS_PER_MB = 4000;
/** A call that has not come back after this long never will. */
const HANGS_AFTER_MS = 90_000;
const MEGABYTE = 1024 * 1024;
const LOOK_EVERY = 100;

/** A failure that has a name: what went wrong with an input, as a user would be told it. */
export type Named = ExpectedError | RunError;

/** Lets inputs be read one at a time, and sees to it that none takes too long, too much memory, or hold of what all objects are made of. */
export class InputWatch {
  readonly #names = new Map<object, readonly PropertyKey[]>(ROOTS.map((root) => [root, Reflect.ownKeys(root)]));
  readonly #startRss = process.memoryUsage.rss();
  readonly #startCpu = process.cpuUsage();
  readonly #beat = new Int32Array(new SharedArrayBuffer(4));
  readonly #dog: Worker;
  count = 0;
  failures = 0;
  slowestMs = 0;
  peakMb = 0;

  constructor(what: string) {
    const workerData = { beat: this.#beat, limitMs: HANGS_AFTER_MS, what: `${what}, seed ${SEED}` };
    this.#dog = new Worker(WATCHDOG, { eval: true, workerData });
    this.#dog.unref();
  }

  /** What reading gave, or the named failure. Throws whatever else went wrong. */
  async read<T>(bytes: Uint8Array, read: () => T | Promise<T>): Promise<T | Named> {
    Atomics.add(this.#beat, 0, 1);
    const [start, cpu] = [performance.now(), process.cpuUsage()];
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof ExpectedError || error instanceof RunError)) throw error;
      this.failures += 1;
      return error;
    } finally {
      const tookMs = performance.now() - start;
      Atomics.add(this.#beat, 0, 1);
      this.#expectCheap(tookMs, cpu, bytes.length);
      this.#expectUnpolluted();
    }
  }

  async end(): Promise<void> {
    await this.#dog.terminate();
    this.#look();
  }

  get figures(): Readonly<Record<string, number>> {
    const { user, system } = process.cpuUsage(this.#startCpu);
    return {
      inputs: this.count,
      refused: this.failures,
      'seconds of a core': Math.round((user + system) / 1e6),
      'slowest, ms': Math.round(this.slowestMs),
      'more memory, MB': Math.round(this.peakMb),
    };
  }

  #expectCheap(tookMs: number, since: NodeJS.CpuUsage, bytes: number): void {
    this.count += 1;
    if (this.count % LOOK_EVERY === 0) this.#look();
    const { user, system } = process.cpuUsage(since);
    // What others on this machine took of the time is not ours.
    const ownMs = Math.min(tookMs, (user + system) / 1000);
    this.slowestMs = Math.max(this.slowestMs, ownMs);
    const limitMs = LIMIT_MS + (LIMIT_MS_PER_MB * bytes) / MEGABYTE;
    if (ownMs > limitMs) throw new Error(`${bytes} bytes took ${ownMs} ms, more than ${limitMs}`);
  }

  #look(): void {
    this.peakMb = Math.max(this.peakMb, (process.memoryUsage.rss() - this.#startRss) / MEGABYTE);
  }

  #expectUnpolluted(): void {
    for (const [root, names] of this.#names) {
      const now = Reflect.ownKeys(root);
      if (now.length !== names.length) throw new Error(`a prototype got ${String(now.at(-1))}`);
    }
  }
}

const ROOTS = [Object.prototype, Array.prototype, String.prototype, Function.prototype, Object, Buffer.prototype];

/** Nothing in the process itself can end a loop that never ends. An odd beat: an input is being read. */
const WATCHDOG = `
  const { writeSync } = require('node:fs');
  const { workerData: { beat, limitMs, what } } = require('node:worker_threads');
  let [last, since] = [0, Date.now()];
  setInterval(() => {
    const now = Atomics.load(beat, 0);
    if (now !== last || now % 2 === 0) [last, since] = [now, Date.now()];
    if (Date.now() - since < limitMs) return;
    writeSync(2, 'HANGS: ' + what + ', input ' + (now - 1) / 2 + '\\n');
    process.kill(process.pid, 'SIGKILL');
  }, 1000);
`;
