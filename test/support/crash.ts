import { AsyncLocalStorage } from 'node:async_hooks';
import type { FileHandle } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

/**
 * A process that can be killed at any of its changes to the disk, inside of the test's own process. What runs in
 * `runBoot` is the process; everything else passes through untouched. A killed one goes on running, as no `finally` can
 * be stopped, but it cannot change anything any more, however late it tries: it is known by its async context.
 */

type Fs = typeof import('node:fs');
type FsPromises = typeof import('node:fs/promises');
type Path = Parameters<Fs['lstatSync']>[0];

/** Not the mocks that are made of them. */
const load = createRequire(import.meta.url);
const fs = load('node:fs') as Fs;
const promises = load('node:fs/promises') as FsPromises;

/** Killed before the step took effect, after it did, or with half of its bytes or files done. */
export const FLAVOURS = ['before', 'after', 'half'] as const;

/** Burns at the `nth` step (from 0) whose description matches `where`. */
export interface Fuse {
  /** The source of a regular expression. */
  readonly where: string;
  readonly nth: number;
  readonly flavour: (typeof FLAVOURS)[number];
}

export interface BootOptions {
  readonly fuse: Fuse | undefined;
  /** Milliseconds since the epoch: what is written bears this time. */
  readonly now: number;
  /** Renames from one device to another fail with EXDEV. */
  readonly deviceOf: (file: string) => unknown;
}

export type BootEnd<T> =
  | { readonly ended: 'well'; readonly value: T; readonly steps: readonly string[] }
  | { readonly ended: 'threw'; readonly error: unknown; readonly steps: readonly string[] }
  | { readonly ended: 'killed'; readonly at: string; readonly steps: readonly string[] };

export class CrashError extends Error {
  constructor(what: string) {
    super(`killed at: ${what}`);
    this.name = 'CrashError';
  }
}

interface Boot extends BootOptions {
  readonly number: number;
  readonly steps: string[];
  matches: number;
  killedAt: string | undefined;
  isOver: boolean;
}

const boots = new AsyncLocalStorage<Boot>();
let bootCount = 0;
/** Changes that a process tried after its work had ended well: nobody holds the lock then. */
const stragglers: string[] = [];

/** Runs `work` as a process of its own, up to its end or to the moment when its fuse burns. */
export async function runBoot<T>(options: BootOptions, work: () => Promise<T>): Promise<BootEnd<T>> {
  const boot: Boot = { ...options, number: ++bootCount, steps: [], matches: 0, killedAt: undefined, isOver: false };
  const { steps } = boot;
  const end = await boots.run(boot, async () => {
    try {
      return { ended: 'well', value: await work(), steps } as const;
    } catch (error) {
      return { ended: 'threw', error, steps } as const;
    }
  });
  boot.isOver = true;
  return boot.killedAt === undefined ? end : { ended: 'killed', at: boot.killedAt, steps };
}

/** Whether the process that asks was killed: it is given no answer by anybody. */
export function assertAlive(): void {
  const boot = boots.getStore();
  if (boot?.killedAt !== undefined) throw new CrashError('it is dead');
}

export function takeStragglers(): string[] {
  return stragglers.splice(0);
}

/** One change: done, half done or left undone, as the fuse says. */
export function step<T>(what: string, deed: () => T, half: () => void = () => {}): T {
  const boot = boots.getStore();
  if (!boot) return deed();
  const fate = burn(boot, what);
  if (fate === 'half') half();
  const done = fate === undefined || fate === 'after' ? deed() : undefined;
  if (fate === undefined) return done as T;
  if (done instanceof Promise) return done.then(() => Promise.reject(new CrashError(what))) as T;
  throw new CrashError(what);
}

/** As `step`, for what answers later. `last` is the deed when nobody will hear of its end. */
export async function laterStep<T>(
  what: string,
  deed: () => Promise<T>,
  half?: () => Promise<void>,
  last: () => Promise<unknown> = deed,
): Promise<T> {
  const boot = boots.getStore();
  if (!boot) return deed();
  const fate = burn(boot, what);
  if (fate === 'half') await half?.();
  if (fate === 'after') await last();
  if (fate !== undefined) throw new CrashError(what);
  return deed();
}

function burn(boot: Boot, what: string): Fuse['flavour'] | undefined {
  if (boot.isOver && boot.killedAt === undefined) stragglers.push(what);
  if (boot.isOver || boot.killedAt !== undefined) throw new CrashError(what);
  boot.steps.push(what);
  const { fuse } = boot;
  if (!fuse || !new RegExp(fuse.where).test(what) || boot.matches++ !== fuse.nth) return undefined;
  boot.killedAt = `${what} (step ${boot.steps.length}, ${fuse.flavour})`;
  return fuse.flavour;
}

/** Functions that only look: whatever is not among them is taken for a change. */
const LOOKS: ReadonlySet<string> = new Set(
  ['access', 'exists', 'fstat', 'lstat', 'read', 'readFile', 'readdir', 'realpath', 'stat', 'close', 'readlink']
    .flatMap((name) => [name, `${name}Sync`])
    .concat('constants'),
);

/** `node:fs` whose changes are steps. */
export function crashingFs(): Fs {
  const own: Partial<Record<keyof Fs, unknown>> = {
    openSync: (file: Path, flags: string | number = 'r', mode?: number) => {
      const open = () => fs.openSync(file, flags, mode);
      return isReading(flags) ? open() : step(`open ${file}`, open);
    },
    // The disk of a test does not forget, and to wait for it takes most of a pass.
    fsyncSync: (descriptor: number) => step(`fsync ${descriptor}`, () => {}),
    writeSync: (descriptor: number, text: string) =>
      step(
        `write ${descriptor}`,
        () => fs.writeSync(descriptor, text),
        () => fs.writeSync(descriptor, firstHalf(text)),
      ),
    writeFileSync: (file: string, text: string, options?: object) =>
      step(
        `write ${file}`,
        () => stamped(file, () => fs.writeFileSync(file, text, options)),
        () => fs.writeFileSync(file, firstHalf(text), options),
      ),
    renameSync: (from: string, to: string) => {
      assertOneDevice(from, to);
      return step(`rename ${from} -> ${to}`, () => fs.renameSync(from, to));
    },
    rmSync: (file: string, options?: object) => {
      if (!fs.existsSync(file)) return fs.rmSync(file, options);
      return step(
        `rm ${file}`,
        () => fs.rmSync(file, options),
        () => removeHalf(file),
      );
    },
    cpSync: (from: string, to: string, options?: object) =>
      step(
        `cp ${from} -> ${to}`,
        () => fs.cpSync(from, to, options as never),
        () => copyHalf(from, to),
      ),
    mkdirSync: (folder: string, options?: object) => {
      if (fs.existsSync(folder)) return fs.mkdirSync(folder, options);
      return step(`mkdir ${folder}`, () => fs.mkdirSync(folder, options));
    },
  };
  return wrapped(fs, own, step as never);
}

/** `node:fs/promises` whose changes are steps. */
export function crashingPromises(): FsPromises {
  const own: Partial<Record<keyof FsPromises, unknown>> = {
    open: async (file: string, flags: string | number = 'r', mode?: number) => {
      const open = () => promises.open(file, flags, mode);
      if (isReading(flags)) return crashingHandle(await open(), file);
      const make = async () => (await open()).close();
      return crashingHandle(await laterStep(`open ${file}`, open, undefined, make), file);
    },
    writeFile: (file: string, text: string, options?: object) =>
      laterStep(
        `write ${file}`,
        () => promises.writeFile(file, text, options),
        () => promises.writeFile(file, firstHalf(text), options),
      ),
    rename: async (from: string, to: string) => {
      assertOneDevice(from, to);
      return laterStep(`rename ${from} -> ${to}`, () => promises.rename(from, to));
    },
    rm: async (file: string, options?: object) => {
      if (!fs.existsSync(file)) return promises.rm(file, options);
      return laterStep(
        `rm ${file}`,
        () => promises.rm(file, options),
        async () => removeHalf(file),
      );
    },
    mkdir: async (folder: string, options?: object) => {
      if (fs.existsSync(folder)) return promises.mkdir(folder, options);
      return laterStep(`mkdir ${folder}`, () => promises.mkdir(folder, options));
    },
  };
  return wrapped(promises, own, laterStep as never);
}

function wrapped<T extends object>(
  real: T,
  own: Partial<Record<keyof T, unknown>>,
  change: (what: string, deed: () => unknown) => unknown,
): T {
  const all = Object.entries(real).map(([name, value]) => {
    if (name in own) return [name, own[name as keyof T]];
    if (typeof value !== 'function' || LOOKS.has(name) || /^[A-Z]/.test(name)) return [name, value];
    return [name, (...words: unknown[]) => change(`${name} ${words[0]}`, () => value.apply(real, words))];
  });
  const module = Object.fromEntries(all);
  return { ...module, default: module };
}

const CHANGES_OF_HANDLES: ReadonlySet<string> = new Set([
  'write',
  'writev',
  'appendFile',
  'truncate',
  'utimes',
  'chmod',
]);

function crashingHandle(handle: FileHandle, file: string): FileHandle {
  let isWritten = false;
  const own: Record<string, unknown> = {
    async writeFile(data: string | Uint8Array) {
      isWritten = true;
      const half = async () => void (await handle.writeFile(firstHalf(data)));
      return laterStep(`write ${file}`, () => handle.writeFile(data), half);
    },
    sync: () => laterStep(`fsync ${file}`, async () => {}),
    async close() {
      const now = boots.getStore()?.now;
      if (isWritten && now !== undefined) await handle.utimes(now / 1000, now / 1000);
      return handle.close();
    },
  };
  return new Proxy(handle, {
    get(target, name: string) {
      if (name in own) return own[name];
      const value = Reflect.get(target, name) as unknown;
      if (typeof value !== 'function') return value;
      if (!CHANGES_OF_HANDLES.has(name)) return value.bind(target);
      return (...words: unknown[]) => laterStep(`${name} ${file}`, async () => value.apply(target, words));
    },
  });
}

function isReading(flags: string | number): boolean {
  const { O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND } = fs.constants;
  if (typeof flags === 'number') return (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND)) === 0;
  return flags === 'r' || flags === 'rs';
}

function assertOneDevice(from: string, to: string): void {
  const deviceOf = boots.getStore()?.deviceOf;
  if (!deviceOf || deviceOf(from) === deviceOf(to)) return;
  throw Object.assign(new Error(`EXDEV: cross-device link not permitted, rename '${from}' -> '${to}'`), {
    code: 'EXDEV',
  });
}

function stamped<T>(file: string, write: () => T): T {
  const done = write();
  const now = boots.getStore()?.now;
  if (now !== undefined) fs.utimesSync(file, now / 1000, now / 1000);
  return done;
}

function firstHalf<T extends string | Uint8Array>(data: T): T {
  return (typeof data === 'string' ? data.slice(0, data.length >> 1) : data.subarray(0, data.length >> 1)) as T;
}

function filesBelow(file: string): string[] {
  if (!fs.lstatSync(file).isDirectory()) return [file];
  return fs.readdirSync(file).flatMap((name) => filesBelow(path.join(file, name)));
}

function removeHalf(file: string): void {
  const files = filesBelow(file);
  // A single file is there or not.
  for (const each of files.slice(0, files.length >> 1)) fs.rmSync(each);
}

function copyHalf(from: string, to: string): void {
  const files = filesBelow(from);
  files.slice(0, (files.length >> 1) + 1).forEach((file, index, half) => {
    const target = path.join(to, path.relative(from, file));
    fs.mkdirSync(path.dirname(target), { recursive: true });
    const bytes = fs.readFileSync(file);
    fs.writeFileSync(target, index === half.length - 1 ? firstHalf(bytes) : bytes);
  });
}

/** The processes of the machine: pid -> milliseconds since the epoch when it started. */
export const processes = new Map<number, number>();

/** `process-facts.ts` of that machine. Each boot is a process of its own, although the test's pid is all it has. */
export const processFacts = {
  isProcessAlive: (pid: number) => pid === process.pid || processes.has(pid),
  processStartTime: (pid: number) =>
    pid === process.pid ? `boot ${boots.getStore()?.number}` : processes.get(pid)?.toString(),
  processStartedAt: (pid: number) => processes.get(pid),
};
