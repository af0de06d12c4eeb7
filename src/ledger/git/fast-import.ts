import { lstatSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { readHead } from '../plain-file.ts';
import type { GitProcess } from './process.ts';

const WORDS = ['fast-import', '--quiet', '--force', '--done', '--date-format=raw'] as const;

/** What `fast-import` prints for these commands, line by line. Where it fails it leaves nothing behind. Throws GIT_FAILED. */
export async function runFastImport(git: GitProcess, stream: readonly string[]): Promise<string[]> {
  try {
    const answer = await git.run(WORDS, { input: `${stream.join('')}done\n` });
    return answer.split('\n').filter((line) => line !== '');
  } catch (error) {
    await removeReports(git);
    throw error;
  }
}

const REPORT_PREFIX = 'fast_import_crash_';
const MAX_REPORT_BYTES = 64 * 1024;

/** git keeps a report of each failure in the clone. Those that speak of refs of ours, early on, are about us. */
async function removeReports(git: GitProcess): Promise<void> {
  const folder = await git.gitDir();
  for (const name of readdirSync(folder).filter((each) => each.startsWith(REPORT_PREFIX))) {
    const file = path.join(folder, name);
    const isPlain = lstatSync(file, { throwIfNoEntry: false })?.isFile() === true;
    if (isPlain && readHead(file, MAX_REPORT_BYTES).includes('refs/agentwork/')) rmSync(file, { force: true });
  }
}
