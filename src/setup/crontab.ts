import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { SECOND_MS } from '../clock.ts';
import { ExpectedError, systemErrorCode } from '../errors.ts';
import type { Change } from './change.ts';
import { blockNames, withBlock, withoutBlock } from './marked-block.ts';
import { shellWord } from './program.ts';
import { type Schedule, timesOf } from './schedule.ts';
import { ORIGIN, passCommand, type Timer, type TimerOrder } from './timer.ts';

/** How the user's table is read and written; tests have one of their own on PATH. */
export interface Crontab {
  /** Empty where the user has none. Throws SYSTEM_FAILED. */
  readonly read: () => string;
  readonly write: (text: string) => void;
}

/** What cron reads of a line; what is longer it cuts, or refuses the table. */
const MAX_LINE = 990;

/** The user's own table. A crontab that does not answer is not waited for. */
export function userCrontab(environment: NodeJS.ProcessEnv, timeoutMs = PATIENCE_MS): Crontab {
  const run = (words: readonly string[], input?: string) => {
    const { status, stdout, stderr, error } = spawnSync('crontab', words, {
      env: environment,
      encoding: 'utf8',
      input,
      timeout: timeoutMs,
    });
    if (error) throw failed(systemErrorCode(error) === 'ETIMEDOUT' ? SILENT : NO_CRON, error);
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
const SILENT = 'crontab does not answer';
const PATIENCE_MS = 20 * SECOND_MS;

function failed(message: string, cause?: unknown): ExpectedError {
  return new ExpectedError('SYSTEM_FAILED', message, {
    suggestions: [
      'install cron, or log in so that systemctl --user answers',
      'agentwork setup cron --dry-run prints the line for whatever starts programs here',
    ],
    cause,
  });
}

/** The line for this ledger in the user's table; of several ledgers each has its own. */
export function crontabTimer(crontab: Crontab, ledger: string, former: readonly string[] = []): Timer {
  const name = `${NAME}${ledger}`;
  const withoutFormer = (text: string) => former.reduce((rest, root) => withoutBlock(rest, `${NAME}${root}`), text);
  const change = ({ text: before, failure }: Table, after: string): Change => {
    const apply = async () => {
      // What could not be read is not written over.
      if (failure) throw failure;
      crontab.write(after);
    };
    return { what: 'crontab', before, after, apply };
  };
  return {
    kind: 'crontab',
    require: () => void crontab.read(),
    plan(order) {
      const table = tableIn(crontab);
      return [change(table, withBlock(withoutFormer(table.text), name, cronLines(order), 'last'))];
    },
    strays() {
      const names = blockNames(tableIn(crontab).text).filter((each) => each.startsWith(NAME));
      const ledgers = names.map((each) => each.slice(NAME.length));
      return ledgers.filter((each) => !existsSync(each) && !former.includes(each));
    },
    planRemoval() {
      const table = tableIn(crontab);
      const after = withoutBlock(withoutFormer(table.text), name);
      return after === table.text ? [] : [change(table, after)];
    },
  };
}

/** Of a block, before the folder of a ledger. */
const NAME = 'agentwork ';

interface Table {
  readonly text: string;
  /** Why it could not be read. */
  readonly failure?: ExpectedError;
}

/** The line can be shown where there is no cron, for whatever starts programs there. */
function tableIn(crontab: Crontab): Table {
  try {
    return { text: crontab.read() };
  } catch (failure) {
    if (failure instanceof ExpectedError) return { text: '', failure };
    throw failure;
  }
}

/** Throws BAD_USAGE for what no line can hold. */
export function cronLines(order: TimerOrder): readonly string[] {
  const command = passCommand(order, `export PATH=${shellWord(order.path)} && `);
  // A plain percent sign would end the command.
  const line = `${cronTimes(order.schedule)} ${command.replaceAll('%', '\\%')}`;
  if (line.length > MAX_LINE) {
    const suggestions = ['run it with a shorter PATH: PATH=/usr/local/bin:/usr/bin:/bin agentwork setup cron'];
    throw new ExpectedError('BAD_USAGE', `the line for cron has ${line.length} signs, and cron reads ${MAX_LINE}`, {
      suggestions,
    });
  }
  return [`# ${ORIGIN}`, line];
}

function cronTimes(schedule: Schedule): string {
  const { minutes, hours } = timesOf(schedule);
  return `${minutes.join(',')} ${hours?.join(',') ?? '*'} * * *`;
}
