import { setMaxListeners } from 'node:events';
import { fstatSync } from 'node:fs';
import { Command, Flags, type Interfaces, type Config as OclifConfig, ux } from '@oclif/core';
import { systemClock } from './clock.ts';
import { buildConfig, type Config, type FlagValues, unreadVariables } from './config.ts';
import { EXIT_STATUS, ExpectedError } from './errors.ts';
import { type Ledger, openLedger } from './ledger/ledger.ts';
import type { PassOptions, World } from './pass.ts';
import { PassLog } from './pass-log.ts';
import { describeFailure, formatFailure, formatLastFailure, formatWarning } from './ui/failure-text.ts';
import { foldText } from './ui/folded-text.ts';
import { liveProgress, type Progress, plainProgress, quietProgress } from './ui/progress.ts';
import { printableJson } from './ui/style.ts';

/** What every command works with. */
export interface Setting {
  readonly ledger: Ledger;
  readonly config: Config;
  readonly world: World;
  readonly progress: Progress;
}

export const JSON_VERSION = 1;

/** What every command can end with, and what this one can besides; its help shows it. */
export function exitStatuses(others: Readonly<Record<number, string>>): Readonly<Record<number, string>> {
  return {
    [EXIT_STATUS.OK]: 'done, or nothing to do',
    [EXIT_STATUS.BUG]: 'a bug in agentwork',
    [EXIT_STATUS.USAGE]: 'wrong usage or configuration',
    [EXIT_STATUS.NO_LEDGER]: 'no ledger here',
    ...others,
  };
}

/** Of commands that look for sessions. */
export const fullFlag = Flags.boolean({ description: 'look at every session, known to be finished or not' });

/** What a command asks of oclif's configuration, which is otherwise found out step by step, on disk. */
const OCLIF_CONFIG = {
  bin: 'agentwork',
  scopedEnvVarKeys: (name: string) => [`AGENTWORK_${name}`],
  scopedEnvVar: (name: string) => process.env[`AGENTWORK_${name}`],
  runHook: async () => ({ successes: [], failures: [] }),
} as unknown as OclifConfig;

export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true;
  /** Status -> when; for the help. */
  static exitStatus = exitStatuses({});
  /** Command lines that are for what is next to this; for the help. */
  static seeAlso: readonly string[] = [];
  static override baseFlags = {
    ledger: Flags.string({
      char: 'l',
      env: 'AGENTWORK_LEDGER',
      helpValue: 'DIR',
      description: 'the clone to work on [default: the one around the current folder]',
      helpGroup: 'GLOBAL',
    }),
    json: Flags.boolean({ description: 'print one JSON document, also of a failure', helpGroup: 'GLOBAL' }),
    quiet: Flags.boolean({ char: 'q', description: 'print nothing but errors', helpGroup: 'GLOBAL' }),
  };

  /** Runs the command without a look at plugins and hooks, of which there are none. */
  static async runAlone(
    this: new (
      words: string[],
      config: OclifConfig,
    ) => BaseCommand,
    words: string[],
  ): Promise<void> {
    await new this(words, OCLIF_CONFIG)._run();
  }

  #signalStatus: number | undefined;
  #progress: Progress | undefined;
  #isQuiet = false;
  /** Of the terminal, before the answer. */
  #linesTold = 0;
  #log: PassLog | undefined;

  /** oclif warns of what is deprecated, which nothing is, and writes down that it is there. */
  protected override async init(): Promise<void> {}

  /** Opens ledger and configuration; what the flags say wins over everything else. */
  protected async open(
    flags: { ledger?: string | undefined; quiet: boolean; log?: boolean },
    values: FlagValues = {},
  ): Promise<Setting> {
    const environment = process.env;
    const ledger = await openLedger(flags.ledger, { cwd: currentFolder(), environment });
    const log = new PassLog(ledger.stateDir, systemClock);
    if (flags.log) {
      log.takeOutput();
      this.#log = log;
    }
    const config = buildConfig(values, environment, ledger.gitConfig);
    const isWatched = process.stderr.isTTY && process.stderr.columns > 0 && !this.jsonEnabled() && !flags.log;
    if (isWatched && !flags.quiet) {
      this.#linesTold = tellFailure(log);
      for (const message of unreadVariables(environment)) process.stderr.write(`${formatWarning(message)}\n`);
    }
    const progress = await openProgress(flags.quiet, isWatched);
    this.#progress = progress;
    this.#isQuiet = flags.quiet;
    return { ledger, config, progress, world: { clock: systemClock, environment, tell: progress.tell } };
  }

  /** Options of a pass that touches nothing and takes everything: the base for looking, too. */
  protected lookOptions(config: Config): PassOptions {
    return { config, sessions: [], again: false, limit: undefined, commit: false };
  }

  /** Aborts at the first SIGINT or SIGTERM, whose name is the reason, and leaves at once at the second. */
  protected abortSignal(): AbortSignal {
    const controller = new AbortController();
    // Each agent that runs listens to it, and there may be many.
    setMaxListeners(0, controller.signal);
    const stop = (status: number) => (signal: NodeJS.Signals) => {
      if (this.#signalStatus !== undefined) process.exit(status);
      this.#signalStatus = status;
      controller.abort(signal);
    };
    // `on`, not `once`: a listener has to remain, or a library's exit hook ends the process at the first signal.
    process.on('SIGINT', stop(EXIT_STATUS.INTERRUPTED));
    process.on('SIGTERM', stop(EXIT_STATUS.TERMINATED));
    return controller.signal;
  }

  /** Ends with this status, or with that of the signal that came. `why`: of a pass that nobody watches. */
  protected async exitWith(status: number, why = ''): Promise<void> {
    process.exitCode = this.#signalStatus ?? status;
    await this.#log?.noteEnd(process.exitCode, why);
  }

  protected override async catch(error: Interfaces.CommandError): Promise<void> {
    if ('code' in error && error.code === 'EEXIT') throw error;
    this.#progress?.end();
    const failure = describeFailure(error);
    process.exitCode = failure.exit_code;
    if (this.jsonEnabled()) this.logJson({ schema_version: JSON_VERSION, error: failure });
    else this.logToStderr(foldText(formatFailure(failure, error.stack), columnsOf(process.stderr)));
    await this.#log?.noteEnd(failure.exit_code, failure.message);
  }

  /** Names and messages of others are in it. */
  override logJson(json: unknown): void {
    ux.stdout(printableJson(json));
  }

  protected override async finally(error: Error | undefined): Promise<void> {
    this.#progress?.end();
    await super.finally(error);
  }

  /** Prints an answer for people, unless they asked for quiet. */
  protected answer(text: string): void {
    if (text !== '' && !this.#isQuiet) this.log(foldText(text, this.width));
  }

  /** Tells those who read only stderr what the answer says, too: not where both are one terminal, mail or log. */
  protected tellApart(text: string): void {
    const isRead = !this.#isQuiet && !this.jsonEnabled() && (this.#log !== undefined || isOnePlace());
    // Under --json, too, where oclif's own way is silent.
    if (text !== '' && !isRead) process.stderr.write(`${foldText(text, columnsOf(process.stderr))}\n`);
  }

  /** Throws BAD_USAGE for a word that no command of this name takes. */
  protected refuseArguments(argv: readonly unknown[], suggestions: readonly string[] = []): void {
    if (argv.length === 0) return;
    throw new ExpectedError('BAD_USAGE', `unexpected argument ${JSON.stringify(argv[0])}`, { suggestions });
  }

  /** Rows never wrap: as wide as the terminal, and as wide as needed where there is none. */
  protected get width(): number {
    return columnsOf(process.stdout);
  }

  protected get height(): number {
    return ((process.stdout.isTTY && process.stdout.rows) || Number.POSITIVE_INFINITY) - this.#linesTold;
  }
}

function columnsOf(stream: NodeJS.WriteStream): number {
  return (stream.isTTY && stream.columns) || Number.POSITIVE_INFINITY;
}

/** Whether stdout and stderr lead to the same reader. */
function isOnePlace(): boolean {
  if (process.stdout.isTTY && process.stderr.isTTY) return true;
  try {
    const [out, err] = [fstatSync(1), fstatSync(2)];
    return out.dev === err.dev && out.ino === err.ino;
  } catch {
    // One of them is closed.
    return false;
  }
}

/** `isWatched`: on a terminal; one without columns, as some scripts make one, has no place for a live line. */
async function openProgress(isQuiet: boolean, isWatched: boolean): Promise<Progress> {
  // Under --json, too: stdout is the answer, stderr the story.
  const write = (line: string) => process.stderr.write(`${line}\n`);
  if (isQuiet) return quietProgress(write);
  return isWatched ? liveProgress(systemClock) : plainProgress(write);
}

/** Of a pass that nobody watched, to the first who does. Returns how many lines that took. */
function tellFailure(log: PassLog): number {
  const failure = log.lastFailure;
  if (!failure) return 0;
  const text = foldText(formatLastFailure(failure, systemClock()), columnsOf(process.stderr));
  process.stderr.write(`${text}\n`);
  log.forgetFailure();
  return text.split('\n').length;
}

/** The name of a session; a path of its folder, as a shell completes it, will do as well. */
export function sessionName(word: unknown): string {
  return String(word)
    .replace(/\/+$/, '')
    .replace(/^(.*\/)?sessions\//, '');
}

/** A shell can stand in a folder that somebody has removed. */
function currentFolder(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new ExpectedError('NO_LEDGER', 'the current folder is gone', { cause });
  }
}
