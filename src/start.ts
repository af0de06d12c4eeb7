import { execute, handle } from '@oclif/core';
import { ASK } from './completion/scripts.ts';
import { EXIT_STATUS, ExpectedError } from './errors.ts';

/** Each is loaded alone. */
const COMMANDS = {
  cleanup: () => import('./commands/cleanup.ts'),
  completion: () => import('./commands/completion.ts'),
  detect: () => import('./commands/detect.ts'),
  finalize: () => import('./commands/finalize.ts'),
  status: () => import('./commands/status.ts'),
  'setup check': () => import('./commands/setup/check.ts'),
  'setup cron': () => import('./commands/setup/cron.ts'),
  'setup hook': () => import('./commands/setup/hook.ts'),
  'setup recorder': () => import('./commands/setup/recorder.ts'),
  'setup remove': () => import('./commands/setup/remove.ts'),
};
/** Whoever names one alone is told what there is of it. */
const TOPICS = ['setup'];

/** Runs the command that the command line names. `from`: a folder of the package. */
export async function start(from: string): Promise<void> {
  process.stdout.prependListener('error', endWithoutAnswer);
  // `help finalize` is `finalize --help`.
  const [first, ...asked] = process.argv.slice(2);
  const line = first === 'help' ? [...asked, '--help'] : process.argv.slice(2);
  process.argv.splice(2, process.argv.length, ...line);
  const name = nameIn(line);
  const words = line.slice(name?.split(' ').length);
  if (line[0] === ASK) await answer(line.slice(1), from);
  else if (name !== undefined && !isForOclif(words)) await runCommand(name, words).catch(handle);
  else if (name === undefined && isUnknown(line)) await refuse(line);
  else await execute({ dir: from });
  // Nobody waits for what a git that was ended has left behind, such as an ssh that nobody answers, or for a timer.
  for (const stream of [process.stdout, process.stderr]) await new Promise((done) => stream.write('', done));
  process.exit();
}

/** What may stand where a command is named. */
const OCLIFS: ReadonlySet<string> = new Set(['--help', '-h', '--version']);

type CommandName = keyof typeof COMMANDS;

/** The first word, or the first two. */
function nameIn([first = '', second = '']: readonly string[]): CommandName | undefined {
  return [first, `${first} ${second}`].find((name): name is CommandName => Object.hasOwn(COMMANDS, name));
}

function isUnknown([first = '', second = '-']: readonly string[]): boolean {
  const word = TOPICS.includes(first) ? second : first;
  return word !== '' && word !== '-' && !OCLIFS.has(word);
}

/** In the words of all other failures, and for machines. */
async function refuse(line: readonly string[]): Promise<void> {
  const { describeFailure, formatFailure } = await import('./ui/failure-text.ts');
  const { printableJson } = await import('./ui/style.ts');
  const { nearest } = await import('./nearest.ts');
  const words = line.slice(0, TOPICS.includes(line[0] ?? '') ? 2 : 1).join(' ');
  const topic = words.replace(/\S*$/, '');
  const others = [...Object.keys(COMMANDS), ...OCLIFS].filter((name) => name.startsWith(topic));
  const names = others.map((name) => name.slice(topic.length));
  const meant = /^-v$/i.test(words) ? '--version' : nearest(words.slice(topic.length), names);
  const failure = describeFailure(
    new ExpectedError('BAD_USAGE', `there is no command ${JSON.stringify(words)}`, {
      suggestions: [
        ...(meant === undefined ? [] : [`agentwork ${topic}${meant}`]),
        words.startsWith('-')
          ? 'a command comes first, and its flags behind it: agentwork --help tells which there are'
          : 'agentwork --help tells which there are',
      ],
    }),
  );
  process.exitCode = failure.exit_code;
  if (!line.includes('--json')) process.stderr.write(`${formatFailure(failure, undefined)}\n`);
  else process.stdout.write(`${printableJson({ schema_version: 1, error: failure })}\n`);
}

/** A shell, at the press of a key. */
async function answer(words: readonly string[], from: string): Promise<void> {
  const { answerShell } = await import('./completion/answer.ts');
  process.stdout.write(answerShell(words, from, process.env));
}

/** What oclif finds out in manifest, plugins and hooks, we know of a command that is named. */
async function runCommand(name: CommandName, words: string[]): Promise<void> {
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
