import { access, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { messageOf } from '../../errors.ts';
import { RunError } from '../runner.ts';

/**
 * Gives `work` an empty folder that only we can enter (0700) and removes it afterwards. It lies in no repository: an agent
 * that starts inside one may run what that repository's configuration names.
 */
export async function withPrivateFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await makeFolder();
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => {
      // An empty folder that stays in a temporary place is no reason to lose a paid answer.
    });
  }
}

async function makeFolder(): Promise<string> {
  const parent = await parentFolder();
  try {
    return await mkdtemp(join(parent, 'agentwork-'));
  } catch (cause) {
    throw new RunError('crashed', `no private folder can be made in ${parent}: ${messageOf(cause)}`, { cause });
  }
}

async function parentFolder(): Promise<string> {
  const candidates = process.platform === 'win32' ? [tmpdir()] : [tmpdir(), '/tmp', '/var/tmp'];
  for (const candidate of candidates) {
    const folder = await realpath(candidate).catch(() => undefined);
    if (folder !== undefined && !(await isInRepository(folder))) return folder;
  }
  throw new RunError('unsupported', `the temporary folder ${tmpdir()} is missing or lies inside a git repository`);
}

async function isInRepository(folder: string): Promise<boolean> {
  let current = folder;
  while (true) {
    if (await exists(join(current, '.git'))) return true;
    const parent = dirname(current);
    if (parent === current) return false;
    current = parent;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
