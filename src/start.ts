import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Command, execute, handle, type Interfaces } from '@oclif/core';
import { EXIT_STATUS } from './errors.ts';

/** A module of a command. */
interface CommandModule {
  readonly default: unknown;
}

/** Each is loaded alone. */
const COMMANDS: Readonly<Record<string, () => Promise<CommandModule>>> = {
  cleanup: () => import('./commands/cleanup.ts'),
  detect: () => import('./commands/detect.ts'),
  finalize: () => import('./commands/finalize.ts'),
  status: () => import('./commands/status.ts'),
};

/** Runs the command that the command line names. `from`: the URL of a file of the package. */
export async function start(from: string): Promise<void> {
  process.stdout.prependListener('error', endWithoutAnswer);
  const [name = '', ...words] = process.argv.slice(2);
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  // What oclif would find out about a command that is named, we know: it reads manifest, plugins and hooks for that.
  if (load && !isForOclif(words)) await runCommand(await load(), words, from).catch(handle);
  else await execute({ dir: from });
  // Nobody waits for what a git that was ended has left behind, such as an ssh that nobody answers, or for a timer.
  for (const stream of [process.stdout, process.stderr]) await new Promise((done) => stream.write('', done));
  process.exit();
}

/** Help is made from the manifest; and who looks for a fault wants to be told of every step. */
function isForOclif(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  const asksForHelp = words.slice(0, end < 0 ? undefined : end).some((word) => word === '--help' || word === '-h');
  return asksForHelp || Boolean(process.env.DEBUG);
}

async function runCommand(module: CommandModule, words: string[], from: string): Promise<void> {
  const command = module.default as Command.Class;
  const root = fileURLToPath(new URL('..', from));
  const pjson = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as Interfaces.PJSON;
  const { name, version } = pjson;
  const known = { name, version, root, pjson, type: 'core', isRoot: true, valid: true };
  const plugin = { ...known, commands: [], commandIDs: [], topics: [], hooks: {} } as unknown as Interfaces.Plugin;
  await command.run(words, { root, pjson, plugins: new Map([[name, plugin]]), logger: SILENT });
}

const silence = () => {};

/** In place of a package that would be loaded to write down nothing. */
const SILENT: Interfaces.Logger = {
  namespace: 'agentwork',
  child: () => SILENT,
  debug: silence,
  error: silence,
  info: silence,
  trace: silence,
  warn: silence,
};

/** A full disk behind `>`, say. Who has closed a pipe has read enough, which oclif sees to. */
function endWithoutAnswer({ code, message }: NodeJS.ErrnoException): void {
  if (code === 'EPIPE') return;
  process.stderr.write(`error: the answer cannot be written: ${message}\n`);
  process.exit(EXIT_STATUS.PARTIAL);
}
