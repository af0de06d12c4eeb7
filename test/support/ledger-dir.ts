import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import { LedgerBranch } from '../../src/ledger/git/branch.ts';
import { LedgerGit } from '../../src/ledger/git/ledger-git.ts';
import { commitMessage, sessionOf } from '../../src/ledger/git/own-commits.ts';
import { BranchPush, type PushOptions } from '../../src/ledger/git/push.ts';
import { LedgerRemote, type RemoteLimits } from '../../src/ledger/git/remote.ts';
import { withGitLfs, withoutGitLfs } from './git-lfs.ts';
import { temporaryFolder, writeFiles } from './temporary-folder.ts';

/** A clone with its own bare remote, on its branch `main`; both are gone after the test. */
export interface TemporaryLedger {
  readonly root: string;
  readonly remote: string;
  /** Beside clone and remote, for whatever else a test needs. */
  readonly scratch: string;
  /** What git is to be started with: nothing of the user's own configuration reaches it. */
  readonly environment: NodeJS.ProcessEnv;
  /** Runs git in the clone and returns what it printed, without the last newline. */
  git(...command: readonly string[]): string;
}

/** The files are committed and pushed, so that the clone and its remote are level. Without files there is no commit. */
export function temporaryLedger(files: Readonly<Record<string, string>> = {}): TemporaryLedger {
  const folder = temporaryFolder();
  const environment = isolatedEnvironment(folder);
  const [root, remote, scratch] = [
    path.join(folder, 'ledger'),
    path.join(folder, 'remote.git'),
    path.join(folder, 'scratch'),
  ];
  copyEmptyLedger(folder);
  const git = (...command: readonly string[]) => runGit(root, environment, ...command);
  if (Object.keys(files).length > 0) {
    writeFiles(root, files);
    git('add', '--all');
    git('commit', '--quiet', '--message', 'record sessions');
    git('push', '--quiet', '--set-upstream', 'origin', 'main');
  }
  return { root, remote, scratch, environment, git };
}

/** Another clone of the same remote, as another machine would have it. */
export function secondClone({ remote, environment, scratch }: TemporaryLedger): Pick<TemporaryLedger, 'root' | 'git'> {
  const root = path.join(path.dirname(scratch), 'second');
  clone(remote, root, environment);
  return cloneAt(root, environment);
}

function cloneAt(root: string, environment: NodeJS.ProcessEnv): Pick<TemporaryLedger, 'root' | 'git'> {
  return { root, git: (...command) => runGit(root, environment, ...command) };
}

/** A ledger with one commit, and what a pass on it has of git. */
export function gitLedger(files: Readonly<Record<string, string>> = { 'README.md': 'a ledger\n' }) {
  const ledger = temporaryLedger(files);
  return { ...ledger, ...gitOf(ledger) };
}

export type GitLedger = ReturnType<typeof gitLedger>;

/** What a pass on a clone has of git. */
export function gitOf(
  { root, environment, scratch }: Pick<TemporaryLedger, 'root' | 'environment' | 'scratch'>,
  limits?: RemoteLimits,
) {
  const ours = new LedgerGit(root, environment);
  const branch = new LedgerBranch(ours, scratch);
  const there = new LedgerRemote(ours, limits);
  const commit = (...names: readonly string[]) => branch.commit(names, commitMessage(sessionsOf(names)));
  const push = (options: Partial<PushOptions> = {}) =>
    new BranchPush(ours, branch, there, { ...PUSH_OPTIONS, ...options }).run();
  return { ours, branch, there, commit, push };
}

const PUSH_OPTIONS: PushOptions = { keep: async () => {}, signal: new AbortController().signal, random: () => 0 };

const sessionsOf = (names: readonly string[]) => [...new Set(names.map((name) => sessionOf(name) ?? name))];

/** What a commit changed: `M README.md`. */
export function changesOf({ git }: Pick<TemporaryLedger, 'git'>, commit = 'HEAD'): string {
  const options = ['--format=', '--name-status', '--no-renames', '-z', '--root'];
  return git('show', ...options, commit)
    .replaceAll('\0', ' ')
    .trim();
}

export function statusOf({ git }: Pick<TemporaryLedger, 'git'>): string[] {
  return git('status', '--porcelain=v1', '-z').split('\0').filter(Boolean);
}

/** A script of `sh` that git, or whoever else, starts. */
export function writeScript(file: string, script: string): string {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

/** Somebody else pushes these files, from another machine; undefined takes one away. */
export function pushFromElsewhere(
  ledger: TemporaryLedger,
  files: Readonly<Record<string, string | undefined>>,
  subject = 'theirs',
): void {
  const root = path.join(path.dirname(ledger.scratch), 'second');
  const { git } = existsSync(root) ? cloneAt(root, ledger.environment) : secondClone(ledger);
  git('pull', '--quiet', '--rebase');
  for (const [name, text] of Object.entries(files)) {
    if (text === undefined) rmSync(path.join(root, name));
    else writeFiles(root, { [name]: text });
  }
  git('add', '--all');
  git('commit', '--quiet', '--message', subject);
  git('push', '--quiet', 'origin', 'HEAD:main');
}

export function runGit(folder: string, environment: NodeJS.ProcessEnv, ...command: readonly string[]): string {
  const options = { cwd: folder, env: environment, encoding: 'utf8' } as const;
  return execFileSync('git', command, { ...options, stdio: ['ignore', 'pipe', 'pipe'] }).trimEnd();
}

/** As a user with git-lfs does, where that is installed. */
export function runGitWithLfs(folder: string, environment: NodeJS.ProcessEnv, ...command: readonly string[]): string {
  return runGit(folder, { ...environment, PATH: withGitLfs(environment.PATH ?? '') }, ...command);
}

/** Without the user's git configuration, and without what a hook around the test run may have exported. */
function isolatedEnvironment(home: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
  const PATH = withoutGitLfs(process.env.PATH ?? '');
  return { ...Object.fromEntries(own), PATH, HOME: home, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
}

let template: string | undefined;

/** Made once for all tests of a file: copying is faster than asking git. */
function copyEmptyLedger(folder: string): void {
  template ??= makeEmptyLedger();
  cpSync(template, folder, { recursive: true });
  const config = path.join(folder, 'ledger', '.git', 'config');
  writeFileSync(config, readFileSync(config, 'utf8').replaceAll(template, folder));
}

function makeEmptyLedger(): string {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'agentwork-test-')));
  const environment = isolatedEnvironment(folder);
  const remote = path.join(folder, 'remote.git');
  writeFiles(folder, { 'scratch/.keep': '' });
  runGit(folder, environment, 'init', '--quiet', '--bare', '--template=', '--initial-branch=main', remote);
  clone(remote, path.join(folder, 'ledger'), environment);
  return folder;
}

function clone(remote: string, root: string, environment: NodeJS.ProcessEnv): void {
  runGit(path.dirname(remote), environment, 'clone', '--quiet', '--template=', remote, root);
  runGit(root, environment, 'symbolic-ref', 'HEAD', 'refs/heads/main');
  runGit(root, environment, 'config', 'user.name', 'Test Person');
  runGit(root, environment, 'config', 'user.email', 'test@example.com');
}

afterAll(() => {
  if (template !== undefined) rmSync(template, { recursive: true, force: true });
});
