import { spawn, spawnSync } from 'node:child_process';
import { BIN, type CliOptions, isolatedEnvironment } from './cli.ts';

/** Whether a terminal can be made here; says why tests are skipped where it cannot. */
export const HAS_TERMINAL = spawnSync('script', ['--version']).status === 0;
if (!HAS_TERMINAL) console.warn('terminal tests are skipped: util-linux script, which makes a terminal, is not here');

const lineOf = (words: readonly string[]) => `stty cols 80 rows 24; ${[process.execPath, BIN, ...words].join(' ')}`;

/** Runs a command on a pseudo-terminal of 80 columns and gives everything that it showed. */
export function onTerminal(root: string, ...words: readonly string[]): { status: number | null; shown: string } {
  const env = { ...isolatedEnvironment({ cwd: root }), TERM: 'xterm' };
  const options = { cwd: root, env, encoding: 'utf8', timeout: 60_000 } as const;
  const { status, stdout } = spawnSync('script', ['-qec', lineOf(words), '/dev/null'], options);
  return { status, shown: stdout };
}

/** A command that runs on such a terminal, for who presses keys meanwhile. */
export function terminalOf(machine: CliOptions, ...words: readonly string[]) {
  const env = { ...isolatedEnvironment(machine), TERM: 'xterm' };
  const child = spawn('script', ['-qec', lineOf(words), '/dev/null'], { cwd: machine.cwd, env });
  let shown = '';
  let look = () => {};
  child.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString('utf8');
    look();
  });
  const end = new Promise<{ status: number | null; shown: string }>((resolve) => {
    child.once('close', (status) => resolve({ status, shown }));
  });
  const until = (sentence: string): Promise<void> =>
    new Promise((resolve, reject) => {
      look = () => {
        if (shown.includes(sentence)) resolve();
      };
      look();
      void end.then(() => reject(new Error(`it ended without ${JSON.stringify(sentence)}: ${shown}`)));
    });
  return { end, until, press: (keys: string) => child.stdin.write(keys) };
}
