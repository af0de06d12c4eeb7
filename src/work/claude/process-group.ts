import { spawnSync } from 'node:child_process';
import { SECOND_MS } from '../../clock.ts';

/** How a program is ended with all that it has started: by a signal to a process or a group, or by another program. */
export type GroupEnd =
  | { readonly target: number; readonly signal: NodeJS.Signals }
  | { readonly command: string; readonly words: readonly string[] };

/**
 * Windows has no groups and no SIGTERM: ended alone, a `claude.cmd` would leave behind the node that it started. Elsewhere
 * the number of a group is that of its head, negative.
 */
export function endOfGroup(pid: number, signal: NodeJS.Signals, platform: NodeJS.Platform): GroupEnd {
  if (platform !== 'win32') return { target: -pid, signal };
  return { command: 'taskkill', words: ['/pid', String(pid), '/t', '/f'] };
}

/** Ends what is left of a group. Never throws, and is through when it returns: a process that leaves calls it, too. */
export function killGroup(pid: number, signal: NodeJS.Signals): void {
  const end = endOfGroup(pid, signal, process.platform);
  try {
    if ('target' in end) process.kill(end.target, end.signal);
    else spawnSync(end.command, end.words, { stdio: 'ignore', windowsHide: true, timeout: 5 * SECOND_MS });
  } catch {
    // Nobody of the group is left, which is what was wanted.
  }
}
