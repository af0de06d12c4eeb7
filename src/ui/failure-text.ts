import { parseTime } from '../clock.ts';
import { asExpected, EXIT_STATUS, ExpectedError, messageOf } from '../errors.ts';
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
    const message = messageOf(error).replace(/\nSee more help with --help$/, '');
    return { code: 'BAD_USAGE', message, exit_code: usageStatus, suggestions: ['--help tells what there is'] };
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

/** What a pass failed of that nobody watched. */
export function formatLastFailure({ at, message }: LastFailure, now: number): string {
  const ago = formatAgo(now - (parseTime(at) ?? now));
  return `${paintError.yellow('warning')}: the last pass in the background failed ${ago}: ${printable(message)}`;
}

/** oclif keeps the exit status of what it found wrong with a command line beside the error. */
function oclifExit(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('oclif' in error)) return undefined;
  const { exit } = error.oclif as { exit?: unknown };
  return typeof exit === 'number' ? exit : undefined;
}
