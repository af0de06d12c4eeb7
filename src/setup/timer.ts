import { createHash } from 'node:crypto';
import path from 'node:path';
import { ExpectedError } from '../errors.ts';
import { homeOf } from '../own-folder.ts';
import type { Change } from './change.ts';
import { shellWord, type ThisProgram } from './program.ts';
import type { Schedule } from './schedule.ts';

export const TIMER_KINDS = ['crontab', 'systemd', 'launchd'] as const;
/** What starts passes by the clock: the user's crontab, or a user's service of systemd, or of launchd on a Mac. */
export type TimerKind = (typeof TIMER_KINDS)[number];

/** What is started, when, and what of a login a program does not know that is started by the clock. */
export interface TimerOrder {
  readonly ledger: string;
  readonly schedule: Schedule;
  readonly program: ThisProgram;
  /** The PATH that is to count there. */
  readonly path: string;
  readonly home: string;
}

/** One kind of them, for one ledger. */
export interface Timer {
  readonly kind: TimerKind;
  /** When passes are not made, if there is something to say. */
  readonly remark?: string;
  /** Throws SYSTEM_FAILED where this machine has none, or it does not answer. */
  readonly require: () => void;
  /** Throws BAD_USAGE for what cannot be written there. */
  readonly plan: (order: TimerOrder) => readonly Change[];
  /** Other ledgers for which something of ours is there still, and that are gone. */
  readonly strays?: () => readonly string[];
  /** Empty where nothing of ours is there. */
  readonly planRemoval: () => readonly Change[];
}

/** What stands above all that is written. */
export const ORIGIN = 'From: agentwork setup cron. Away with: agentwork setup remove.';
const USUAL_PATH = '/usr/local/bin:/usr/bin:/bin';

export function makeOrder(
  ledger: string,
  schedule: Schedule,
  program: ThisProgram,
  environment: NodeJS.ProcessEnv,
): TimerOrder {
  const searched = cleanPath(environment.PATH ?? '') || USUAL_PATH;
  return { ledger, schedule, program, path: searched, home: homeOf(environment) };
}

/** Each folder once, and none that depends on the folder in which something starts. */
function cleanPath(searched: string): string {
  return [...new Set(searched.split(path.delimiter).filter((folder) => path.isAbsolute(folder)))].join(path.delimiter);
}

/** A ledger in a few signs. */
export function ledgerId(ledger: string): string {
  return createHash('sha256').update(ledger).digest('hex').slice(0, ID_DIGITS);
}

/** The name of a unit, or of a plist: two ledgers whose folders have one name have two. */
export function timerName(ledger: string): string {
  const base = path
    .basename(ledger)
    .replace(/[^\w.-]/g, '_')
    .slice(0, MAX_BASE);
  return `agentwork-${base}-${ledgerId(ledger)}`;
}

const MAX_BASE = 40;
const ID_DIGITS = 8;

/**
 * What a shell is to do. `prepare`: once it is in the ledger. The hook that a pull starts leaves the pass to us: at our
 * end, systemd would end one that goes on in the background. Throws BAD_USAGE for what no line can hold.
 */
export function passCommand({ ledger, program, path }: TimerOrder, prepare = ''): string {
  const strange = [ledger, path, program.node, program.script].find((text) => /\p{Cc}/u.test(text));
  if (strange !== undefined) {
    const why = `a timer takes no line break and no other control sign: ${JSON.stringify(strange)}`;
    throw new ExpectedError('BAD_USAGE', why);
  }
  const pull = 'AGENTWORK_PASS=1 git pull --quiet --rebase >/dev/null 2>&1';
  const pass = `${shellWord(program.node)} ${shellWord(program.script)} finalize --log`;
  return `cd ${shellWord(ledger)} && ${prepare}{ ${pull}; ${pass}; }`;
}
