import type { Ora } from 'ora';
import { type Clock, SECOND_MS } from '../clock.ts';
import type { PassEvent } from '../pass.ts';
import { formatRemoval } from './cleanup-text.ts';
import { foldText } from './folded-text.ts';
import { LiveText } from './live-text.ts';
import { formatResult } from './pass-text.ts';
import { paintError, printable } from './style.ts';

/** What a symbol takes before a text. */
const MARGIN = 2;

/** Shows a pass while it goes on, on stderr. Sessions that failed are told at its end, one cause at a time. */
export interface Progress {
  readonly tell: (event: PassEvent) => void;
  /** Takes the live lines away. */
  readonly end: () => void;
}

/** One plain line per finished session: for logs, cron mail and pipes. */
export function plainProgress(write: (line: string) => unknown): Progress {
  return {
    tell(event) {
      if (event.type === 'warning') write(`warning: ${printable(event.message)}`);
      if (event.type === 'removed') write(formatRemoval(event.removal));
      if (event.type === 'finished' && event.report.success) write(formatResult(event.report));
    },
    end() {},
  };
}

/** Only what went wrong. */
export function quietProgress(write: (line: string) => unknown): Progress {
  return {
    tell(event) {
      if (event.type === 'warning') write(`warning: ${printable(event.message)}`);
    },
    end() {},
  };
}

/** A live line for each running session, with a count; finished ones scroll up above it. */
export async function liveProgress(clock: Clock): Promise<Progress> {
  const { default: ora } = await import('ora');
  const spinner = ora({ stream: process.stderr, discardStdin: false });
  const live = new LiveText();
  const show = () => {
    spinner.text = live.lines(clock(), process.stderr.columns || Number.POSITIVE_INFINITY).join('\n');
  };
  let timer: NodeJS.Timeout | undefined;
  return {
    tell(event) {
      live.tell(event, clock());
      timer ??= startLive(spinner, show);
      say(event, spinner);
      show();
    },
    end() {
      clearInterval(timer);
      if (timer) spinner.stop();
    },
  };
}

/** Nothing is shown, and nothing keeps turning, before there is something to tell. */
function startLive(spinner: Ora, show: () => void): NodeJS.Timeout {
  show();
  spinner.start();
  return setInterval(show, SECOND_MS).unref();
}

/** What stays on the screen. */
function say(event: PassEvent, spinner: Ora): void {
  if (event.type === 'warning') persist(spinner, paintError.yellow('!'), printable(event.message));
  if (event.type === 'removed') persist(spinner, '-', formatRemoval(event.removal));
  if (event.type === 'finished' && event.report.success)
    persist(spinner, paintError.green('✓'), formatResult(event.report));
}

function persist(spinner: Ora, symbol: string, text: string): void {
  spinner.stopAndPersist({
    symbol,
    text: foldText(text, (process.stderr.columns || Number.POSITIVE_INFINITY) - MARGIN),
  });
  spinner.start();
}
