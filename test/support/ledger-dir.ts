import { execFileSync } from 'node:child_process';
import path from 'node:path';
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
  const [root, remote, scratch] = ['ledger', 'remote.git', 'scratch'].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFiles(scratch, { '.keep': '' });
  runGit(folder, environment, 'init', '--quiet', '--bare', '--initial-branch=main', remote);
  const ledger = cloneOf(remote, root, environment);
  if (Object.keys(files).length > 0) {
    writeFiles(root, files);
    ledger.git('add', '--all');
    ledger.git('commit', '--quiet', '--message', 'record sessions');
    ledger.git('push', '--quiet', '--set-upstream', 'origin', 'main');
  }
  return { ...ledger, remote, scratch, environment };
}

/** Another clone of the same remote, as another machine would have it. */
export function secondClone({ remote, environment, scratch }: TemporaryLedger): Pick<TemporaryLedger, 'root' | 'git'> {
  return cloneOf(remote, path.join(path.dirname(scratch), 'second'), environment);
}

export function runGit(folder: string, environment: NodeJS.ProcessEnv, ...command: readonly string[]): string {
  return execFileSync('git', command, {
    cwd: folder,
    env: environment,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trimEnd();
}

/** Without the user's git configuration, and without what a hook around the test run may have exported. */
function isolatedEnvironment(home: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
  return { ...Object.fromEntries(own), HOME: home, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
}

function cloneOf(remote: string, root: string, environment: NodeJS.ProcessEnv): Pick<TemporaryLedger, 'root' | 'git'> {
  runGit(path.dirname(root), environment, 'clone', '--quiet', remote, root);
  const git = (...command: readonly string[]) => runGit(root, environment, ...command);
  git('symbolic-ref', 'HEAD', 'refs/heads/main');
  git('config', 'user.name', 'Test Person');
  git('config', 'user.email', 'test@example.com');
  return { root, git };
}
