import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DAY_MS, HOUR_MS, isoTime, SECOND_MS } from '../../src/clock.ts';
import { type Claim, claimRef, formatClaim, parseClaim } from '../../src/ledger/claims/claim.ts';
import { loginEntries, recording } from './sample-ledger.ts';
import { type StandInScenario, writeStandInClaude } from './stand-in-claude.ts';

/** Machines that share one remote, and a stand-in `claude` that counts what all of them ask. */
export interface Fleet {
  readonly folder: string;
  readonly remote: string;
  readonly claudeFolder: string;
  /** Sessions that wait at the remote for their summary. */
  readonly sessions: readonly string[];
}

/** One clone, with a home and a user of its own: what `runCli` is to be started with. */
export interface Machine {
  readonly cwd: string;
  readonly claudeFolder: string;
  readonly env: Readonly<Record<string, string>>;
}

const FIRST_DAY_MS = Date.UTC(2026, 0, 1, 10);

/** Nothing here asks vitest for anything: a bench uses it, too. */
export async function createFleet(
  folder: string,
  sessionCount: number,
  scenario: StandInScenario = {},
): Promise<Fleet> {
  const [remote, claudeFolder] = [path.join(folder, 'remote.git'), path.join(folder, 'claude-bin')];
  mkdirSync(folder, { recursive: true });
  gitIn(folder, 'init', '--quiet', '--bare', '--initial-branch=main', remote);
  const fleet = { folder, remote, claudeFolder, sessions: [] };
  const { cwd } = addMachine(fleet, 'recorder');
  const sessions = Array.from({ length: sessionCount }, (_, index) => record(cwd, index));
  writeFileSync(path.join(cwd, 'README.md'), 'a ledger\n');
  pushAll(cwd, 'record sessions');
  await writeStandInClaude(claudeFolder, scenario);
  return { ...fleet, sessions };
}

export function addMachine({ folder, remote, claudeFolder }: Omit<Fleet, 'sessions'>, name: string): Machine {
  const cwd = path.join(folder, name, 'ledger');
  mkdirSync(path.dirname(cwd), { recursive: true });
  gitIn(folder, 'clone', '--quiet', remote, cwd);
  gitIn(cwd, 'symbolic-ref', 'HEAD', 'refs/heads/main');
  identify(cwd, name);
  return { cwd, claudeFolder, env: { AGENTWORK_MAX_INVOCATIONS_PER_HOUR: '100000' } };
}

/** A session that waits for its summary, and its name. */
export function record(root: string, index: number): string {
  const start = FIRST_DAY_MS + index * DAY_MS;
  const id = `Ox${String(index).padStart(4, '0')}`;
  const name = `${isoTime(start).slice(0, 16).replace(':', '-')}-mia-${id}`;
  mkdirSync(path.join(root, 'sessions', name), { recursive: true });
  writeFileSync(path.join(root, 'sessions', name, 'raw.jsonl'), recording(start, 'mia', id, loginEntries(start)));
  return name;
}

/** A colleague pushes one more session, `new`, which no other clone has yet. */
export function pushFromElsewhere({ folder, remote }: Pick<Fleet, 'folder' | 'remote'>): void {
  const colleague = path.join(folder, 'colleague');
  gitIn(folder, 'clone', '--quiet', remote, colleague);
  identify(colleague, 'colleague');
  const session = path.join(colleague, 'sessions', 'new');
  mkdirSync(session);
  writeFileSync(path.join(session, 'raw.jsonl'), recording(0, 'ryan', 'OxNew1', loginEntries(0)));
  pushAll(colleague, 'record a session');
}

export function pushAll(root: string, message: string): void {
  gitIn(root, 'add', '--all');
  gitIn(root, 'commit', '--quiet', '--message', message);
  gitIn(root, 'push', '--quiet', '--set-upstream', 'origin', 'HEAD');
}

/** A program that the remote asks before, or tells after, it changes its refs: `pre-receive`, `update` and the like. */
export function installHook({ remote }: Pick<Fleet, 'remote'>, name: string, ...script: readonly string[]): string {
  const file = path.join(remote, 'hooks', name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${['#!/bin/sh', ...script].join('\n')}\n`);
  chmodSync(file, 0o755);
  return file;
}

export function gitIn(cwd: string, ...words: readonly string[]): string {
  return gitWith(cwd, '', ...words);
}

/** With something to read on stdin. */
export function gitWith(cwd: string, input: string, ...words: readonly string[]): string {
  const own = Object.entries(process.env).filter(([key]) => !key.startsWith('GIT_'));
  const env = { ...Object.fromEntries(own), GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  const maxBuffer = 64 * 1024 * 1024;
  return execFileSync('git', words, { cwd, env, input, encoding: 'utf8', maxBuffer, stdio: 'pipe' }).trimEnd();
}

/** Somebody else's claim, as another machine would have pushed it; also one whose `message` nobody can read. */
export function plantClaim(
  { remote }: Pick<Fleet, 'remote'>,
  session: string,
  { atMs = Date.now(), message, ...more }: Partial<Claim> & { readonly atMs?: number; readonly message?: string } = {},
): void {
  const claim: Claim = {
    claim_id: '019cb3a0-0000-7000-8000-000000000001',
    clone_id: '5f0c7a54-27d5-4f5e-9a53-1d1f4a7a9c11',
    session,
    host: 'far-away',
    user: 'tom',
    started_at: isoTime(atMs),
    expires_at: isoTime(atMs + HOUR_MS),
    input: 'sha256:00',
    state: 'working',
    ...more,
  };
  const tree = gitWith(remote, '', 'hash-object', '-t', 'tree', '-w', '--stdin');
  const who = `tom <tom@example.com> ${Math.floor(atMs / SECOND_MS)} +0000`;
  const commit = `tree ${tree}\nauthor ${who}\ncommitter ${who}\n\n${message ?? formatClaim(claim)}`;
  gitIn(
    remote,
    'update-ref',
    claimRef(session),
    gitWith(remote, commit, 'hash-object', '-t', 'commit', '-w', '--stdin'),
  );
}

/** What the remote says of who has a session; undefined where nobody has. */
export function claimAt({ remote }: Pick<Fleet, 'remote'>, session: string): Claim | undefined {
  return parseClaim(gitIn(remote, 'for-each-ref', '--format=%(contents)', claimRef(session)));
}

/** How the sessions stand at the remote. */
export interface Outcome {
  /** Names of those that have a summary. */
  readonly finished: readonly string[];
  /** The sessions of every commit that wrote a summary, one after the other. */
  readonly finishings: readonly string[];
  readonly isLinear: boolean;
  /** Claims that still stand. */
  readonly claims: number;
}

export function outcomeOf({ remote }: Pick<Fleet, 'remote'>): Outcome {
  const files = lines(gitIn(remote, 'ls-tree', '-r', '--name-only', 'main'));
  const written = gitIn(remote, 'log', '--format=', '--name-only', '--no-renames', 'main', '--', '*/summary.json');
  const sessionsIn = (paths: readonly string[]) =>
    paths.flatMap((file) => /^sessions\/([^/]+)\/summary\.json$/.exec(file)?.[1] ?? []).sort();
  return {
    finished: sessionsIn(files),
    finishings: sessionsIn(lines(written)),
    isLinear: gitIn(remote, 'rev-list', '--merges', '--count', 'main') === '0',
    claims: lines(gitIn(remote, 'for-each-ref', '--format=%(refname)', 'refs/agentwork/')).length,
  };
}

/** The user of a clone that was made by hand. */
export function identify(root: string, name: string): void {
  gitIn(root, 'config', 'user.name', `User ${name}`);
  gitIn(root, 'config', 'user.email', `${name}@example.com`);
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
