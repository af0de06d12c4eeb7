import { execute } from '@oclif/core';

/** Runs the command that the command line names. `from`: the URL of a file of the package. */
export async function start(from: string): Promise<void> {
  await execute({ dir: from });
  // Nobody waits for what a git that was ended has left behind, such as an ssh that nobody answers, or for a timer.
  for (const stream of [process.stdout, process.stderr]) await new Promise((done) => stream.write('', done));
  process.exit();
}
