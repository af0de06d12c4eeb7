import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { writeScript } from './ledger-dir.ts';

/** When somebody else acts: just before a call of git, just after it, before the pass goes on, or while it runs. */
export const MOMENTS = ['before', 'after', 'beside'] as const;

/** What somebody else does around one call of git of the process that has this git. */
export interface Interlude {
  readonly moment: (typeof MOMENTS)[number];
  /** Which call: its number, from 1, or words of the first that has them. */
  readonly call: number | string;
  /** A program, started without any of the pass's environment. */
  readonly program: string;
}

/** A `git` that goes first in PATH, counts its calls, and lets somebody else act around one of them. */
export class GitRelay {
  readonly #folder: string;
  readonly #calls: string;

  /** `folder` is to come first in PATH. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#calls = path.join(folder, 'git-calls');
  }

  /** From now on calls are counted anew, and at one of them somebody else acts. */
  arm({ call, moment, program }: Interlude): void {
    const once = `mkdir '${this.#calls}/acted' 2>/dev/null`;
    const isIt =
      typeof call === 'number' ? `[ "$n" = ${call} ]` : `case "$*" in *'${call}'*) ${once};; *) false;; esac`;
    // What is started does not hold the pipes of the pass open.
    const act = `env -i '${program}' </dev/null >/dev/null 2>&1`;
    this.#write([
      `{ ${isIt}; } || exec ${REAL_GIT} "$@"`,
      ...(moment === 'after' ? [`${REAL_GIT} "$@"`, 'status=$?', act, 'exit $status'] : []),
      ...(moment === 'before' ? [act] : []),
      ...(moment === 'beside' ? [`${act} &`] : []),
      `exec ${REAL_GIT} "$@"`,
    ]);
  }

  /** From now on calls are only counted. */
  disarm(): void {
    this.#write([`exec ${REAL_GIT} "$@"`]);
  }

  /** The words of all calls so far, in the order of their starts. */
  calls(): readonly string[] {
    const names = existsSync(this.#calls) ? readdirSync(this.#calls) : [];
    const numbers = names.filter((name) => name !== 'acted').map(Number);
    return numbers.sort((a, b) => a - b).map((n) => readFileSync(path.join(this.#calls, String(n)), 'utf8').trim());
  }

  /** Calls may come at the same time: who can make the file owns the number. */
  #write(lines: readonly string[]): void {
    rmSync(this.#calls, { recursive: true, force: true });
    mkdirSync(this.#calls);
    const count = [
      'n=1',
      'set -C',
      `until { printf '%s\\n' "$*" > '${this.#calls}'/$n; } 2>/dev/null; do n=$((n + 1)); done`,
      'set +C',
    ];
    writeScript(path.join(this.#folder, 'git'), [...count, ...lines].join('\n'));
  }
}

const REAL_GIT = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
