import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';

const STAND_IN = fileURLToPath(new URL('without-lfs', import.meta.url));

/** What tests get, whether or not git-lfs is installed: most are not about it, and go the same way everywhere. */
export function withoutGitLfs(PATH: string): string {
  return [STAND_IN, PATH].join(path.delimiter);
}

export function withGitLfs(PATH: string): string {
  return PATH.replace(`${STAND_IN}${path.delimiter}`, '');
}

/** On the PATH that the real binary is tested with. */
const HAS_GIT_LFS =
  spawnSync('git', ['lfs', 'version'], { env: { PATH: '/usr/local/bin:/usr/bin:/bin' } }).status === 0;

/** Tests with git-lfs itself, skipped where there is none, with a word about it. */
export function describeWithGitLfs(name: string, tests: () => void): void {
  if (!HAS_GIT_LFS) console.warn(`skipped: ${name}: git-lfs is not installed`);
  describe.skipIf(!HAS_GIT_LFS)(name, tests);
}

export const oidOf = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

export function pointerTo(content: string): string {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${oidOf(content)}\nsize ${Buffer.byteLength(content)}\n`;
}

/** Where a clone, or a folder that serves as a remote, keeps an object. */
export function objectIn(gitDir: string, oid: string): string {
  return path.join(gitDir, 'lfs', 'objects', oid.slice(0, 2), oid.slice(2, 4), oid);
}

export function hasObject(gitDir: string, content: string): boolean {
  return existsSync(objectIn(gitDir, oidOf(content)));
}

/** As if somebody had uploaded it; under a name of its own where that is not what it is. */
export function putObject(gitDir: string, content: string, oid: string = oidOf(content)): void {
  const file = objectIn(gitDir, oid);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
}
