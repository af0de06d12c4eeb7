import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { HOUR_MS, MINUTE_MS } from '../clock.ts';
import { ExpectedError } from '../errors.ts';
import type { Change } from './change.ts';
import { blockIn, withBlock, withoutBlock } from './marked-block.ts';
import { shellWord, type ThisProgram } from './program.ts';

/** How the user's table is read and written; tests have one of their own on PATH. */
export interface Crontab {
  /** Empty where the user has none. Throws SYSTEM_FAILED. */
  readonly read: () => string;
  readonly write: (text: string) => void;
}

/** A table with nothing in it, to show what would be written. */
export const NO_CRONTAB: Crontab = { read: () => '', write() {} };

/** What cron does not know of a login. */
export interface CronWorld {
  readonly ledger: string;
  readonly program: ThisProgram;
  /** The PATH that is to count there. */
  readonly path: string;
  readonly host: string;
}

/** Steps that end with the hour, or with the day: at others, cron would begin anew in between. */
const EVERY = { '15m': 15, '30m': 30, '1h': 60, '2h': 120, '3h': 180, '4h': 240, '6h': 360, '12h': 720, '1d': 1440 };
export const INTERVALS = Object.keys(EVERY);
const [HOUR, DAY] = [HOUR_MS / MINUTE_MS, (24 * HOUR_MS) / MINUTE_MS];
/** What cron reads of a line; what is longer it cuts, or refuses the table. */
const MAX_LINE = 990;

/** The user's own table. */
export function userCrontab(environment: NodeJS.ProcessEnv): Crontab {
  const run = (words: readonly string[], input?: string) => {
    const { status, stdout, stderr, error } = spawnSync('crontab', words, {
      env: environment,
      encoding: 'utf8',
      input,
    });
    if (error) throw failed(NO_CRON, error);
    return { status, stdout, said: stderr.trim() };
  };
  return {
    read() {
      const { status, stdout, said } = run(['-l']);
      if (status === 0) return stdout;
      if (/no crontab/i.test(said)) return '';
      throw failed(`crontab -l: ${said}`);
    },
    write(text) {
      const { status, said } = run(['-'], text);
      if (status !== 0) throw failed(`crontab takes no such table: ${said}`);
    },
  };
}

const NO_CRON = 'there is no cron here: crontab cannot be started';

function failed(message: string, cause?: unknown): ExpectedError {
  return new ExpectedError('SYSTEM_FAILED', message, {
    suggestions: ['agentwork setup cron --dry-run prints the line for whatever starts programs here'],
    cause,
  });
}

/** The user's table with a line for this ledger in it. Throws BAD_USAGE, SYSTEM_FAILED. */
export function planCron(crontab: Crontab, every: string, world: CronWorld): Change {
  const before = crontab.read();
  const after = withBlock(before, nameOf(world.ledger), cronLines(every, world), 'last');
  return { what: 'crontab', before, after, apply: async () => crontab.write(after) };
}

/** The table without it. */
export function planCronRemoval(crontab: Crontab, ledger: string): readonly Change[] {
  const before = crontab.read();
  if (!blockIn(before, nameOf(ledger))) return [];
  const after = withoutBlock(before, nameOf(ledger));
  return [{ what: 'crontab', before, after, apply: async () => crontab.write(after) }];
}

/** Of several ledgers each has its own. */
const nameOf = (ledger: string): string => `agentwork ${ledger}`;

/** Throws BAD_USAGE for an interval that is none of `INTERVALS`, and for a path that no line can have. */
export function cronLines(every: string, world: CronWorld): readonly string[] {
  const { ledger, program, path } = world;
  const pull = 'git pull --quiet --rebase >/dev/null 2>&1';
  const command = `cd ${shellWord(ledger)} && export PATH=${shellWord(path)} && { ${pull}; ${commandOf(program)}; }`;
  // A plain percent sign would end the command.
  const line = `${timesOf(every, world)} ${command.replaceAll('%', '\\%')}`;
  if (/[\n\r]/.test(line)) throw new ExpectedError('BAD_USAGE', `cron takes no line break: ${JSON.stringify(ledger)}`);
  if (line.length > MAX_LINE) {
    const suggestions = ['run it with a shorter PATH: PATH=/usr/local/bin:/usr/bin:/bin agentwork setup cron'];
    throw new ExpectedError('BAD_USAGE', `the line for cron has ${line.length} signs, and cron reads ${MAX_LINE}`, {
      suggestions,
    });
  }
  return ['# From: agentwork setup cron. Away with: agentwork setup remove.', line];
}

/** Machines that were set up alike do not begin at the same minute. */
function timesOf(every: string, { host, ledger }: CronWorld): string {
  const minutes = Object.hasOwn(EVERY, every) ? EVERY[every as keyof typeof EVERY] : undefined;
  if (minutes === undefined) {
    throw new ExpectedError('BAD_USAGE', `--every: '${every}' is none of ${INTERVALS.join(', ')}`);
  }
  const chance = createHash('sha256').update(`${host} ${ledger}`).digest().readUInt32BE(0);
  const minute = chance % Math.min(minutes, HOUR);
  if (minutes < HOUR) return `${minute}-59/${minutes} * * * *`;
  if (minutes === DAY) return `${minute} ${(chance >>> 8) % 24} * * *`;
  return minutes === HOUR ? `${minute} * * * *` : `${minute} */${minutes / HOUR} * * *`;
}

const USUAL_PATH = '/usr/local/bin:/usr/bin:/bin';

export function cronWorld(ledger: string, program: ThisProgram, environment: NodeJS.ProcessEnv): CronWorld {
  return { ledger, program, path: environment.PATH || USUAL_PATH, host: hostname() };
}

/** The line for this ledger; undefined where there is none, or no cron. */
export function cronLineOf(crontab: Crontab, ledger: string): string | undefined {
  try {
    return blockIn(crontab.read(), nameOf(ledger))?.find((line) => !line.startsWith('#'));
  } catch (error) {
    if (error instanceof ExpectedError) return undefined;
    throw error;
  }
}

export function startsProgram(line: string, { node, script }: ThisProgram): boolean {
  return line.includes(commandOf({ node, script }).replaceAll('%', '\\%'));
}

/** What a program sees that this line starts; undefined where there is none. */
export function cronEnvironment(
  crontab: Crontab,
  ledger: string,
  { HOME }: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv | undefined {
  const line = cronLineOf(crontab, ledger);
  const word = / && export PATH=('(?:[^']|'\\'')*'|[^' ]*) && /.exec(line ?? '')?.[1];
  if (word === undefined) return undefined;
  const path = word.replaceAll("'\\''", '\0').replaceAll("'", '').replaceAll('\0', "'").replaceAll('\\%', '%');
  return { HOME, PATH: path, SHELL: '/bin/sh' };
}

const commandOf = ({ node, script }: ThisProgram): string => `${shellWord(node)} ${shellWord(script)} finalize --log`;
