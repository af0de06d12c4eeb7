import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TemporaryLedger } from './ledger-dir.ts';

/** What becomes of a connection to the remote. */
export type FickleAct =
  | { readonly do: 'serve' | 'hang' | 'swallow' | 'fail-after' | 'lie' }
  | { readonly do: 'refuse'; readonly words: string }
  | { readonly do: 'cut-in' | 'cut-out' | 'hang-after'; readonly bytes: number }
  | { readonly do: 'slow'; readonly ms: number };

export interface FicklePlan {
  readonly act: FickleAct;
  readonly service: 'fetch' | 'push' | 'any';
  /** The first and the last connection that this happens to, counted from 1. */
  readonly from: number;
  readonly to: number;
}

interface Connection {
  readonly number: number;
  readonly service: 'fetch' | 'push';
  readonly act: FickleAct;
}

const SSH = fileURLToPath(new URL('fickle-ssh.cjs', import.meta.url));

/** A way to a ledger's remote that can be made to fail: an `ssh` that does as it is told. */
export class FickleRemote {
  readonly address: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly #folder: string;

  constructor({ remote, scratch, environment }: Pick<TemporaryLedger, 'remote' | 'scratch' | 'environment'>) {
    this.#folder = path.join(scratch, 'fickle');
    this.address = `ssh://fickle${remote}`;
    const command = `'${process.execPath}' '${SSH}' '${this.#folder}'`;
    this.environment = { ...environment, GIT_SSH_COMMAND: command, GIT_SSH_VARIANT: 'ssh' };
    this.plan({ act: { do: 'serve' }, service: 'any', from: 1, to: 0 });
  }

  /** From now on; connections are counted anew. */
  plan(plan: FicklePlan): void {
    // A connection that was given up may be about to end.
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    mkdirSync(this.#folder, { recursive: true });
    writeFileSync(path.join(this.#folder, 'plan.json'), JSON.stringify(plan));
  }

  heal(): void {
    this.plan({ act: { do: 'serve' }, service: 'any', from: 1, to: 0 });
  }

  get connections(): readonly Connection[] {
    if (!readdirSync(this.#folder).includes('connections.jsonl')) return [];
    const lines = readFileSync(path.join(this.#folder, 'connections.jsonl'), 'utf8').trimEnd().split('\n');
    return lines.map((line) => JSON.parse(line) as Connection);
  }
}
