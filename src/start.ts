import { execute } from '@oclif/core';
import { EXIT_STATUS } from './errors.ts';

/** Runs the command that the command line names. `from`: the URL of a file of the package. */
export async function start(from: string): Promise<void> {
  process.stdout.prependListener('error', endWithoutAnswer);
  await execute({ dir: from });
  // Nobody waits for what a git that was ended has left behind, such as an ssh that nobody answers, or for a timer.
  for (const stream of [process.stdout, process.stderr]) await new Promise((done) => stream.write('', done));
  process.exit();
}

/** A full disk behind `>`, say. Who has closed a pipe has read enough, which oclif sees to. */
function endWithoutAnswer({ code, message }: NodeJS.ErrnoException): void {
  if (code === 'EPIPE') return;
  process.stderr.write(`error: the answer cannot be written: ${message}\n`);
  process.exit(EXIT_STATUS.PARTIAL);
}
