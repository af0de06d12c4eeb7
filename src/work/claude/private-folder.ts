import { access, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { messageOf } from '../../errors.ts';
import { RunError } from '../runner.ts';

/**
 * Gives `work` an empty folder that only we can enter (0700) and removes it afterwards. It lies in no repository: an agent
 * that starts inside one may run what that repository's configuration names.
 */
export async function withPrivateFolder<T>(
  work: (folder: string) => Promise<T>,
  temporary: readonly string[] = temporaryFolders(),
): Promise<T> {
  const folder = await makeFolder(await privateFolderParent(temporary));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, maxRetries: 3 }).catch(() => {
      // Gone already, or an empty folder that stays in a temporary place: no reason to lose a paid answer.
    });
  }
}

function temporaryFolders(): readonly string[] {
  return process.platform === 'win32' ? [tmpdir()] : [tmpdir(), '/tmp', '/var/tmp'];
}

/** Where the folders are made: the first temporary folder that lies in no repository. Throws RunError. */
export async function privateFolderParent(temporary: readonly string[] = temporaryFolders()): Promise<string> {
  for (const candidate of temporary) {
    const folder = await realpath(candidate).catch(() => undefined);
    if (folder !== undefined && !(await isInRepository(folder))) return folder;
  }
  throw new RunError('unsupported', `the temporary folder ${temporary[0]} is missing or lies inside a git repository`);
}

/** The process that made a folder of this name; undefined for a name that we do not give. */
export function makerOf(name: string): number | undefined {
  const pid = /^agentwork-([1-9]\d{0,9})-[A-Za-z0-9]{6}$/.exec(name)?.[1];
  return pid === undefined ? undefined : Number(pid);
}

/** The name tells whose it is: after a kill it is known that nobody will remove it. */
async function makeFolder(parent: string): Promise<string> {
  try {
    return await mkdtemp(join(parent, `agentwork-${process.pid}-`));
  } catch (cause) {
    throw new RunError('not_started', `no private folder can be made in ${parent}: ${messageOf(cause)}`, { cause });
  }
}

async function isInRepository(folder: string): Promise<boolean> {
  let current = folder;
  while (true) {
    if (await isRepository(current)) return true;
    const parent = dirname(current);
    if (parent === current) return false;
    current = parent;
  }
}

/** Git goes by the layout, too: without a `.git` a folder is a bare repository, or one whose files lie elsewhere. */
async function isRepository(folder: string): Promise<boolean> {
  const has = (name: string) => exists(join(folder, name));
  return (await has('.git')) || ((await has('HEAD')) && (await has('objects')) && (await has('refs')));
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
