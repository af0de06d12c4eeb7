import { execute, handle } from '@oclif/core';
import { EXIT_STATUS } from './errors.ts';

/** Each is loaded alone. */
const COMMANDS = {
  cleanup: () => import('./commands/cleanup.ts'),
  detect: () => import('./commands/detect.ts'),
  finalize: () => import('./commands/finalize.ts'),
  status: () => import('./commands/status.ts'),
};

/** Runs the command that the command line names. `from`: a folder of the package. */
export async function start(from: string): Promise<void> {
  process.stdout.prependListener('error', endWithoutAnswer);
  const [name = '', ...words] = process.argv.slice(2);
  if (isCommand(name) && !isForOclif(words)) await runCommand(name, words).catch(handle);
  else await execute({ dir: from });
  // Nobody waits for what a git that was ended has left behind, such as an ssh that nobody answers, or for a timer.
  for (const stream of [process.stdout, process.stderr]) await new Promise((done) => stream.write('', done));
  process.exit();
}

function isCommand(name: string): name is keyof typeof COMMANDS {
  return Object.hasOwn(COMMANDS, name);
}

/** What oclif finds out in manifest, plugins and hooks, we know of a command that is named. */
async function runCommand(name: keyof typeof COMMANDS, words: string[]): Promise<void> {
  const { default: command } = await COMMANDS[name]();
  await command.runAlone(words);
}

/** Help is made from the manifest; and who looks for a fault wants to be told of every step. */
function isForOclif(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  const asksForHelp = words.slice(0, end < 0 ? undefined : end).some((word) => word === '--help' || word === '-h');
  return asksForHelp || Boolean(process.env.DEBUG);
}

/** A full disk behind `>`, say. Who has closed a pipe has read enough, which oclif sees to. */
function endWithoutAnswer({ code, message }: NodeJS.ErrnoException): void {
  if (code === 'EPIPE') return;
  process.stderr.write(`error: the answer cannot be written: ${message}\n`);
  process.exit(EXIT_STATUS.PARTIAL);
}
