import { spawnSync } from 'node:child_process';
import { BIN, isolatedEnvironment } from './cli.ts';

/** Whether a terminal can be made here; says why tests are skipped where it cannot. */
export const HAS_TERMINAL = spawnSync('script', ['--version']).status === 0;
if (!HAS_TERMINAL) console.warn('terminal tests are skipped: util-linux script, which makes a terminal, is not here');

/** Runs a command on a pseudo-terminal of 80 columns and gives everything that it showed. */
export function onTerminal(root: string, ...words: readonly string[]): { status: number | null; shown: string } {
  const command = `stty cols 80 rows 24; ${[process.execPath, BIN, ...words].join(' ')}`;
  const env = { ...isolatedEnvironment({ cwd: root }), TERM: 'xterm' };
  const options = { cwd: root, env, encoding: 'utf8', timeout: 20_000 } as const;
  const { status, stdout } = spawnSync('script', ['-qec', command, '/dev/null'], options);
  return { status, shown: stdout };
}
