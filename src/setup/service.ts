import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { MINUTE_MS } from '../clock.ts';
import { ExpectedError, systemErrorCode } from '../errors.ts';
import { type Change, fileChange, isNeeded } from './change.ts';
import { shellWord } from './program.ts';
import type { Timer, TimerKind, TimerOrder } from './timer.ts';

type Words = readonly string[];

/** How one who starts programs is told of some of them: command lines, in their order. */
export interface ServiceCommands {
  /** Ends well where it answers. */
  readonly answers: Words;
  /** All end well where the service is on. */
  readonly isOn: readonly Words[];
  readonly switchOn: (isOn: boolean) => readonly Words[];
  readonly switchOff: (isOn: boolean) => readonly Words[];
  /** Once its files are gone. */
  readonly forget: readonly Words[];
  /** What to do where it does not answer. */
  readonly advice: string;
}

/** A service of the user's: files that say what it is, and commands that make it count. */
export interface Service {
  readonly kind: TimerKind;
  /** Path -> what stands there. */
  readonly files: (order: TimerOrder) => Readonly<Record<string, string>>;
  readonly paths: readonly string[];
  readonly commands: ServiceCommands;
  /** When it does not start what it should, and what helps. */
  readonly remark: string;
}

const MODE = 0o644;
const TIMEOUT_MS = MINUTE_MS;

export function serviceTimer({ kind, files, paths, commands, remark }: Service, environment: NodeJS.ProcessEnv): Timer {
  const { isOn, switchOn, switchOff, forget, advice } = commands;
  const isUp = () => isOn.every((words) => run(words, environment) === undefined);
  const command = (lines: readonly Words[]): readonly Change[] => {
    if (lines.length === 0) return [];
    const what = lines.map((words) => words.map(shellWord).join(' ')).join(' && ');
    const apply = async () => {
      for (const words of lines) requireRun(words, environment, advice);
    };
    return [{ what, before: undefined, after: what, isCommand: true, apply }];
  };
  return {
    ...{ kind, remark },
    require: () => requireRun(commands.answers, environment, advice),
    plan(order) {
      const written = Object.entries(files(order)).map(([file, text]) => fileChange(file, text, MODE));
      const isRunning = isUp();
      return [...written, ...(isRunning && !written.some(isNeeded) ? [] : command(switchOn(isRunning)))];
    },
    planRemoval() {
      const there = paths.filter((file) => existsSync(file));
      if (there.length === 0) return [];
      const gone = there.map((file) => fileChange(file, undefined, MODE));
      return [...command(switchOff(isUp())), ...gone, ...command(forget)];
    },
  };
}

function requireRun(words: Words, environment: NodeJS.ProcessEnv, advice: string): void {
  const trouble = run(words, environment);
  if (trouble === undefined) return;
  throw new ExpectedError('SYSTEM_FAILED', `${words.join(' ')}: ${trouble}`, { suggestions: [advice] });
}

/** What went wrong; undefined where it ended well. */
function run([program = '', ...words]: Words, environment: NodeJS.ProcessEnv): string | undefined {
  const { status, stderr, error } = spawnSync(program, words, {
    ...{ env: environment, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'], timeout: TIMEOUT_MS },
  });
  if (error) return systemErrorCode(error) === 'ENOENT' ? `there is no ${program} here` : error.message;
  return status === 0 ? undefined : stderr.trim() || `it ended with status ${status}`;
}
