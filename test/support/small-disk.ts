import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe } from 'vitest';
import { temporaryFolder } from './temporary-folder.ts';

/** What a disk has left: kilobytes, or files and folders. */
export type Room = { readonly kilobytes: number } | { readonly files: number };

/** A file system of its own, in memory, that can be made as full as a test wants it. */
export interface SmallDisk {
  readonly folder: string;
  /** Leaves room for so much more, and no more. */
  leave(room: Room): void;
  makeRoom(): void;
}

const LARGE = { kilobytes: 256 * 1024, files: 100_000 };

/** Mounted until the test is over. */
export function mountSmallDisk(): SmallDisk {
  const folder = temporaryFolder();
  mount('-t', 'tmpfs', '-o', `size=${LARGE.kilobytes}k,nr_inodes=${LARGE.files}`, 'agentwork-test', folder);
  mounted.push(folder);
  unmountBehind(folder);
  const resize = ({ kilobytes, files }: typeof LARGE) =>
    mount('-o', `remount,size=${kilobytes}k,nr_inodes=${files}`, folder);
  return {
    folder,
    leave(room) {
      const { blocks, bfree, bsize, files, ffree } = statfsSync(folder);
      const used = { kilobytes: ((blocks - bfree) * bsize) / 1024, files: files - ffree };
      if ('files' in room) resize({ ...LARGE, files: used.files + room.files });
      // A size of nothing would be one without a limit.
      else resize({ ...LARGE, kilobytes: Math.max(4, used.kilobytes + room.kilobytes) });
    },
    makeRoom: () => resize(LARGE),
  };
}

/** Tests on such disks, skipped where none can be mounted, with a word about it. */
export function describeOnSmallDisk(name: string, tests: () => void): void {
  const why = whyNone();
  if (why !== undefined) console.warn(`skipped: ${name}: no small disk can be mounted: ${why}`);
  describe.skipIf(why !== undefined)(name, tests);
}

const mounted: string[] = [];

function mount(...words: readonly string[]): void {
  execFileSync('mount', words, { stdio: 'pipe' });
}

/** Whoever kills the tests leaves no disk behind: the other end of this pipe is then closed. */
function unmountBehind(folder: string): void {
  const script = 'read -r _; umount --lazy "$1"';
  const guard = spawn('sh', ['-c', script, 'sh', folder], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  guard.stdin.on('error', () => {});
  guard.unref();
  // Nobody else holds it, and a pipe that is collected is closed.
  guards.push(guard);
}

const guards: ChildProcess[] = [];

function whyNone(): string | undefined {
  if (process.platform !== 'linux') return `this is ${process.platform}`;
  const folder = mkdtempSync(path.join(tmpdir(), 'agentwork-test-'));
  const { status, stderr, error } = spawnSync('mount', ['-t', 'tmpfs', 'agentwork-test', folder], { encoding: 'utf8' });
  if (status === 0) execFileSync('umount', [folder]);
  rmSync(folder, { recursive: true });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}

// Before their folders are removed: what is registered later runs first.
afterEach(() => {
  for (const folder of mounted.splice(0)) execFileSync('umount', ['--lazy', folder]);
  for (const guard of guards.splice(0)) guard.kill();
});
