import { parseTime } from '../clock.ts';
import { asExpected, EXIT_STATUS, ExpectedError, messageOf } from '../errors.ts';
import { nearest } from '../nearest.ts';
import type { LastFailure } from '../pass-log.ts';
import type { Failure } from './documents.ts';
import { formatAgo } from './format.ts';
import { stackInSource } from './source-stack.ts';
import { paintError, printable } from './style.ts';

/** The same words for people and for machines. An unknown error is a bug of ours, and says so. */
export function describeFailure(thrown: unknown): Failure {
  const error = asExpected(thrown);
  if (error instanceof ExpectedError) {
    const { code, message, exitStatus, suggestions } = error;
    return { code, message, exit_code: exitStatus, suggestions };
  }
  const usageStatus = oclifExit(error);
  if (usageStatus !== undefined) {
    const message = messageOf(error)
      .replace(/\nSee more help with --help$/, '')
      .replace(/^The following errors? occurred:\n\s*/, '');
    const usage = { message, suggestions: ['--help tells what there is'], ...wrongUsage(error) };
    return { code: 'BAD_USAGE', exit_code: usageStatus, ...usage };
  }
  return { code: 'BUG', message: messageOf(error), exit_code: EXIT_STATUS.BUG, suggestions: [] };
}

export function formatFailure(failure: Failure, stack: string | undefined): string {
  const lines = failure.message.split('\n').map(printable);
  const head = `${paintError.red('error')}: ${lines.join('\n  ')}`;
  const ways = failure.suggestions.map((suggestion) => `  → ${suggestion}`);
  const report = ['this is a bug in agentwork; please report it with these lines:', stackInSource(stack ?? '')];
  const bug = failure.code === 'BUG' ? report : [];
  return [head, ...ways, ...bug].join('\n');
}

export function formatWarning(message: string): string {
  return `${paintError.yellow('warning')}: ${printable(message)}`;
}

/** What a pass failed of that nobody watched. */
export function formatLastFailure({ at, message }: LastFailure, now: number): string {
  const ago = formatAgo(now - (parseTime(at) ?? now));
  return formatWarning(`the last pass in the background failed ${ago}: ${message}`);
}

/** What oclif keeps beside an error of the command line. */
interface UsageError {
  /** That nobody knows. */
  readonly flags?: readonly string[];
  /** That are missing. */
  readonly args?: readonly {
    readonly name: string;
    readonly description?: string;
    readonly options?: readonly string[];
  }[];
  readonly parse?: { readonly input?: { readonly flags?: object } };
}

/** In our words, and with the flag that somebody may have meant. */
function wrongUsage(error: unknown): Partial<Pick<Failure, 'message' | 'suggestions'>> {
  const { flags: [flag] = [], args: [missing] = [], parse } = error as UsageError;
  const [, valueless] = /^Flag (--\S+) expects a value$/.exec(messageOf(error)) ?? [];
  if (valueless !== undefined) return { message: `${valueless} wants a value` };
  const [, strange, known] = /^Expected (.*) to be one of: (.*)$/m.exec(messageOf(error)) ?? [];
  if (known !== undefined) return { message: `'${strange}' is not one of ${known}` };
  if (missing) {
    const what = missing.options?.join(', ') ?? missing.description;
    return { message: `${missing.name.toUpperCase()} is missing: ${what}` };
  }
  if (flag === undefined) return {};
  const meant = nearest(flag.replace(/^-+/, ''), Object.keys(parse?.input?.flags ?? {}));
  return {
    message: `there is no flag ${flag}`,
    suggestions: [...(meant === undefined ? [] : [`--${meant} is one`]), '--help tells what there is'],
  };
}

/** oclif keeps the exit status of what it found wrong with a command line beside the error. */
function oclifExit(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('oclif' in error)) return undefined;
  const { exit } = error.oclif as { exit?: unknown };
  return typeof exit === 'number' ? exit : undefined;
}
