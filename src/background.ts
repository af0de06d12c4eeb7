import { spawn } from 'node:child_process';
import { ExpectedError, messageOf } from './errors.ts';

/**
 * Starts this very program once more, with other words, in a session of its own: nothing of it holds up whoever started
 * us. Its process id. Throws SYSTEM_FAILED.
 */
export function startInBackground(words: readonly string[], cwd: string): Promise<number> {
  const script = process.argv[1] ?? '';
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv, script, ...words], {
      ...{ cwd, stdio: 'ignore', detached: true, windowsHide: true },
    });
    child.once('error', (error) => {
      reject(new ExpectedError('SYSTEM_FAILED', `no pass can be started: ${messageOf(error)}`, { cause: error }));
    });
    child.once('spawn', () => {
      child.unref();
      resolve(child.pid ?? 0);
    });
  });
}
