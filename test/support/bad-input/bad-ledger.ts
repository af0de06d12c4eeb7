import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { type CliOptions, type CliResult, runCli } from '../cli.ts';
import { type FileTree, treeOf } from '../file-tree.ts';
import { runGit, type TemporaryLedger, temporaryLedger } from '../ledger-dir.ts';
import { loginEntries, recording } from '../sample-ledger.ts';
import { writeFiles } from '../temporary-folder.ts';
import { bytesOf, type Mutant } from './mutant.ts';
import { sessionFiles } from './session-formats.ts';
import { START } from './session-scene.ts';

/** A session of which one file is bad: which one, and what is wrong with it. */
export type BadFile = readonly [which: number, mutant: Mutant];

export const HEALTHY = ['2026-03-05T10-00-mia-OxHea1', '2026-03-07T10-00-mia-OxHea2'] as const;
/** A command that has not ended by then hangs. */
const KILLED_AFTER_MS = 240_000;
const DOCUMENTED: ReadonlySet<unknown> = new Set([0, 2, 3, 4, 10, 11, 12, 13]);
/** What a terminal would obey. */
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/;
const STACK = /^\s+at .+:\d+:\d+\)?$/m;

/** A clone with its remote, in which healthy sessions lie beside bad ones, and what nobody may touch around it. */
export class BadLedger {
  readonly ledger: TemporaryLedger;
  /** Bad sessions that the remote has. */
  readonly committed: string[] = [];
  readonly #raws = new Map<string, Buffer>();
  /** Of git's own configuration, as it is without what is bad. */
  readonly configBytes: number;
  #untouched: FileTree = {};

  /** Of three bad sessions one is committed and pushed, one lies in the tree, and one in a cache. */
  constructor(bad: readonly BadFile[]) {
    this.ledger = temporaryLedger({
      ...{ 'README.md': 'a ledger\n', 'notes/mine.txt': 'mine\n', '.gitignore': '.sageox/cache/\n' },
      ...Object.fromEntries(HEALTHY.map((name) => [`sessions/${name}/raw.jsonl`, rawOf(name.slice(-6))])),
    });
    writeFiles(this.#at('beside'), { 'theirs.txt': 'theirs\n', 'sessions/other/raw.jsonl': rawOf('OxTh3s') });
    writeFiles(this.#at('home'), { 'own.txt': 'own\n' });
    for (const [index, file] of bad.entries()) this.#addSession(file, index);
    this.configBytes = readFileSync(path.join(this.ledger.root, '.git', 'config')).length;
    this.remember();
  }

  get stateDir(): string {
    return path.join(this.ledger.root, '.git', 'agentwork');
  }

  get healthy(): string {
    return path.join(this.ledger.root, 'sessions', HEALTHY[0]);
  }

  /** As it is now, everything around the sessions is to stay. */
  remember(): void {
    this.#untouched = this.#around();
  }

  /** Ends with a documented status, says nothing that a terminal would obey, and shows no stack. */
  async run(words: readonly string[], options: Partial<CliOptions> = {}): Promise<CliResult> {
    const result = await runCli(words, { cwd: this.ledger.root, killedAfterMs: KILLED_AFTER_MS, ...options });
    const said = `${result.stdout}\n${result.stderr}`;
    expect(DOCUMENTED.has(result.status), `${words.join(' ')} ended with ${result.status}: ${said.slice(-3000)}`).toBe(
      true,
    );
    expect(said).not.toMatch(STACK);
    expect(said).not.toMatch(UNPRINTABLE);
    if (words.includes('--json')) expect(() => JSON.parse(result.stdout)).not.toThrow();
    return result;
  }

  /** Nothing but the ledger's own sessions and the state was written, and of no recording anything is lost. */
  expectNothingTouched(): void {
    expect(this.#around()).toEqual(this.#untouched);
    expect(readdirSync(this.#at('tmp'))).toEqual([]);
    const putAway = filesBelow(path.join(this.stateDir, 'trash')).map((file) => readFileSync(file));
    for (const [file, before] of this.#raws) {
      const now = filesBelow(file).map((there) => readFileSync(there));
      const isKept =
        [...now, ...putAway].some((bytes) => bytes.equals(before)) || now.some((bytes) => hasAll(bytes, before));
      expect(isKept, `${file} is still there`).toBe(true);
    }
  }

  expectHealthyPublished(): void {
    const { remote, environment } = this.ledger;
    const published = runGit(remote, environment, 'ls-tree', '-r', '--name-only', 'main').split('\n');
    expect(published).toEqual(expect.arrayContaining(HEALTHY.map((name) => `sessions/${name}/summary.json`)));
  }

  #addSession([which, mutant]: BadFile, index: number): void {
    const transcript = this.#at(`home/claude-config/projects/-home-dev-shop/5f0c7a54-27d5-4f5e-9a53-${index}.jsonl`);
    const all = sessionFiles(transcript);
    const { file, others, samples } = all[which % all.length] ?? { file: '', others: {}, samples: [] };
    const name = `2026-03-06T10-${String(index).padStart(2, '0')}-ryan-Ox7f3a`;
    const folder = path.join(this.ledger.root, index % 3 === 2 ? '.sageox/cache/sessions' : 'sessions', name);
    const bad = path.resolve(folder, file);
    writeFiles(folder, others);
    writeFiles(path.dirname(bad), { [path.basename(bad)]: bytesOf(samples, mutant) });
    for (const raw of filesBelow(path.join(folder, 'raw.jsonl'))) this.#raws.set(raw, readFileSync(raw));
    if (index % 3 > 0) return;
    this.committed.push(name);
    this.ledger.git('add', '--force', '--', folder);
    this.ledger.git('commit', '--quiet', '--allow-empty', '--message', `record ${index}`);
    this.ledger.git('push', '--quiet', 'origin', 'main');
  }

  #at(name: string): string {
    return path.join(path.dirname(this.ledger.root), name);
  }

  /** Everything that is neither a session nor git's or our own business. */
  #around(): FileTree {
    const { root, remote } = this.ledger;
    mkdirSync(this.#at('tmp'), { recursive: true });
    const ours = [
      ...['sessions', '.sageox'].map((name) => path.join(root, name)),
      ...['objects', 'refs', 'logs', 'agentwork'].map((name) => path.join(root, '.git', name)),
    ];
    const changing = /\/\.git\/(index|HEAD|FETCH_HEAD|ORIG_HEAD|COMMIT_EDITMSG|packed-refs|info(\/exclude)?|gc\.\w+)$/;
    return treeOf(
      [this.#at('home'), this.#at('beside'), path.join(remote, 'hooks'), path.join(remote, 'config'), root],
      (file) => ours.includes(file) || changing.test(file),
    );
  }
}

function rawOf(id: string): string {
  return recording(START, 'mia', id, loginEntries(START));
}

/** Whether every line of the recording stands there still: a recovery adds to them. */
function hasAll(now: Buffer, before: Buffer): boolean {
  const there = new Set(now.toString('latin1').split('\n'));
  return before
    .toString('latin1')
    .split('\n')
    .every((line) => there.has(line));
}

function filesBelow(folder: string): string[] {
  return Object.entries(treeOf([folder])).flatMap(([file, what]) => (/^\d+ [0-9a-f]{64}$/.test(what) ? [file] : []));
}

export function removeAll(...files: readonly string[]): void {
  for (const file of files) rmSync(file, { recursive: true, force: true });
}
