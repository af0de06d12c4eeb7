import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { PATIENCE } from './patience.ts';

/** Whether screens can be captured here; says why tests are skipped where they cannot. */
export const HAS_SCREEN = process.platform === 'linux' && spawnSync('tmux', ['-V']).status === 0;
if (!HAS_SCREEN) console.warn('captures of screens are skipped: tmux, which draws them, is not here');

export interface ScreenOptions {
  /** Where tmux keeps what it needs: a folder that goes with the test. */
  readonly folder: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly columns: number;
  readonly rows: number;
}

/** A command on a terminal of its own, and what stands there. */
export interface Screen {
  /** All that was printed, line by line as the program ended them, without colours. */
  readonly lines: () => readonly string[];
  /** The same, with escape sequences for colours. */
  readonly painted: () => string;
  /** How many lines are out of sight, above. */
  readonly scrolled: () => number;
  /** Resolves when the screen shows this; rejects with what it shows instead. */
  readonly until: (sentence: string) => Promise<void>;
  readonly press: (key: string) => void;
  /** Resolves with the exit status when the program has ended. */
  readonly end: () => Promise<number>;
}

/** Runs a command line in tmux, which has no other session, no settings of anybody, and no line for itself. */
export function openScreen(command: readonly string[], { folder, cwd, env, columns, rows }: ScreenOptions): Screen {
  const home = mkdtempSync(path.join(folder, 'tmux-'));
  const [socket, settings] = [path.join(home, 'socket'), path.join(home, 'conf')];
  writeFileSync(settings, "set -g remain-on-exit on\nset -g remain-on-exit-format ''\nset -g status off\n");
  const tmux = (...words: readonly string[]): string => {
    const { status, stdout, stderr } = spawnSync('tmux', ['-S', socket, '-f', settings, ...words], {
      ...{ cwd, env: { ...env, TERM: 'xterm-256color', LC_ALL: 'C.UTF-8' }, encoding: 'utf8' },
    });
    if (status !== 0) throw new Error(`tmux ${words[0]}: ${stderr}`);
    return stdout;
  };
  const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const status = path.join(home, 'status');
  // The shell outlives Ctrl-C, to note how the program took it.
  const line = `trap : INT; ${quoted}; echo $? > '${status}'`;
  tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), line);
  onTestFinished(() => void tmux('kill-server'));
  const tell = (format: string) => Number(tmux('display-message', '-p', `#{${format}}`));
  // Joined: what a terminal had to break is one line that is too wide.
  const captured = (...words: readonly string[]) => tmux('capture-pane', '-p', '-J', '-S', '-', ...words).trimEnd();
  const lines = () =>
    captured()
      .split('\n')
      .map((each) => each.trimEnd());
  return {
    lines,
    painted: () => captured('-e'),
    scrolled: () => tell('history_size'),
    until: (sentence) =>
      vi
        .waitUntil(() => lines().join('\n').includes(sentence), PATIENCE)
        .then(
          () => {},
          () => Promise.reject(new Error(`no ${JSON.stringify(sentence)} on this screen:\n${lines().join('\n')}`)),
        ),
    press: (key) => void tmux('send-keys', key),
    end: async () => {
      await vi.waitUntil(() => tell('pane_dead') === 1, PATIENCE);
      return Number(readFileSync(status, 'utf8'));
    },
  };
}
