import { execute } from '@oclif/core';

/** Runs the command that the command line names. `from`: the URL of a file of the package. */
export async function start(from: string): Promise<void> {
  await execute({ dir: from });
  // What a git that was ended has left behind, such as an ssh that nobody answers, keeps nobody waiting.
  setTimeout(() => process.exit(), 500).unref();
}
