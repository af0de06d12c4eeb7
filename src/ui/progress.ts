import type { Ora } from 'ora';
import { type Clock, SECOND_MS } from '../clock.ts';
import type { PassEvent } from '../pass.ts';
import { formatRemoval } from './cleanup-text.ts';
import { formatDuration, plural } from './format.ts';
import { formatResult } from './pass-text.ts';
import { paintError, printable } from './style.ts';

/** Shows a pass while it goes on, on stderr. */
export interface Progress {
  readonly tell: (event: PassEvent) => void;
  /** Takes the live lines away. */
  readonly end: () => void;
}

const SHOWN_AT_ONCE = 8;

/** One plain line per finished session: for logs, cron mail and pipes. */
export function plainProgress(write: (line: string) => unknown): Progress {
  return {
    tell(event) {
      if (event.type === 'warning') write(`warning: ${printable(event.message)}`);
      if (event.type === 'removed') write(formatRemoval(event.removal));
      if (event.type === 'finished') write(formatResult(event.report));
    },
    end() {},
  };
}

/** Only what went wrong. */
export function quietProgress(write: (line: string) => unknown): Progress {
  return {
    tell(event) {
      if (event.type === 'warning') write(`warning: ${printable(event.message)}`);
      if (event.type === 'finished' && !event.report.success) write(formatResult(event.report));
    },
    end() {},
  };
}

/** A live line for each running session, with a count; finished ones scroll up above it. */
export async function liveProgress(clock: Clock): Promise<Progress> {
  const { default: ora } = await import('ora');
  const spinner = ora({ stream: process.stderr, discardStdin: false });
  const running = new Map<string, number>();
  const state = { found: 0, done: 0, doing: 'looking for sessions' };
  const show = () => {
    spinner.text = liveText(running, state, clock());
  };
  let timer: NodeJS.Timeout | undefined;
  return {
    tell(event) {
      timer ??= startLive(spinner, state.doing, show);
      follow(event, running, state, clock(), spinner);
      show();
    },
    end() {
      clearInterval(timer);
      if (timer) spinner.stop();
    },
  };
}

/** Nothing is shown, and nothing keeps turning, before there is something to tell. */
function startLive(spinner: Ora, text: string, show: () => void): NodeJS.Timeout {
  spinner.start(text);
  return setInterval(show, SECOND_MS).unref();
}

interface LiveState {
  found: number;
  done: number;
  doing: string;
}

function follow(event: PassEvent, running: Map<string, number>, state: LiveState, now: number, spinner: Ora): void {
  if (event.type === 'warning') persist(spinner, paintError.yellow('!'), printable(event.message));
  if (event.type === 'removed') persist(spinner, '-', formatRemoval(event.removal));
  if (event.type === 'asking') state.doing = 'asking the remote';
  if (event.type === 'found') {
    state.found = event.sessions;
    state.doing = 'looking for sessions';
  }
  if (event.type === 'started' && !running.has(event.session)) running.set(event.session, now);
  if (event.type === 'pushing') state.doing = 'pushing';
  if (event.type !== 'finished') return;
  running.delete(event.report.session);
  state.done += 1;
  persist(spinner, event.report.success ? paintError.green('✓') : paintError.red('✗'), formatResult(event.report));
}

function persist(spinner: Ora, symbol: string, text: string): void {
  spinner.stopAndPersist({ symbol, text });
  spinner.start();
}

function liveText(running: ReadonlyMap<string, number>, { found, done, doing }: LiveState, now: number): string {
  if (running.size === 0) return doing;
  const shown = [...running].slice(0, SHOWN_AT_ONCE);
  const lines = shown.map(([session, since]) => `  ${printable(session)}  ${formatDuration(now - since)}`);
  const more = running.size - shown.length;
  return [`${done} of ${plural(found, 'session')}`, ...lines, ...(more > 0 ? [`  and ${more} more`] : [])].join('\n');
}
