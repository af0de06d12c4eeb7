import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { BIN } from './cli.ts';
import { writeScript } from './ledger-dir.ts';
import type { SharedClone } from './shared-clone.ts';
import { CONTINUE_REBASE } from './user-actions.ts';

/** A program that does what the user does, and what became of it. */
export class User {
  /** For a pass to be interrupted by. */
  readonly program: string;
  readonly #done: string;
  readonly #log: string;

  constructor({ folder, cwd, claudeFolder, env }: SharedClone, steps: readonly string[]) {
    [this.#done, this.#log] = [path.join(folder, 'user-done'), path.join(folder, 'user-log')];
    for (const file of [this.#done, this.#log]) rmSync(file, { force: true });
    const variables = { ...env, HOME: path.join(folder, 'home'), GIT_CONFIG_NOSYSTEM: '1', PATH };
    const exports = Object.entries(variables).map(([name, value]) => `export ${name}='${value}'`);
    const pass = `PATH='${claudeFolder}':$PATH '${process.execPath}' '${BIN}' "$@"`;
    this.program = writeScript(
      path.join(folder, 'user'),
      [
        ...exports,
        CONTINUE_REBASE,
        `agentwork() { ${pass}; case $? in 0|11) ;; *) return 1;; esac; }`,
        `cd '${cwd}' && exec > '${this.#log}.now' 2>&1`,
        ...steps.map((step) => `{ ${step}; } && echo >> '${this.#done}' &&`),
        ':',
        `mv '${this.#log}.now' '${this.#log}'`,
      ].join('\n'),
    );
  }

  act(): void {
    spawnSync(this.program, { stdio: 'ignore' });
  }

  get isAtIt(): boolean {
    return existsSync(`${this.#log}.now`);
  }

  /** How many of the steps were done before one was refused. */
  get steps(): number {
    return textOf(this.#done).length;
  }

  get said(): string {
    return textOf(this.#log);
  }
}

const PATH = '/usr/local/bin:/usr/bin:/bin';

const textOf = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : '');
