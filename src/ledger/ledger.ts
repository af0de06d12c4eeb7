import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { ExpectedError, messageOf } from '../errors.ts';
import { requireOwnFolder } from '../own-folder.ts';
import { LedgerBranch } from './git/branch.ts';
import { LedgerGit } from './git/ledger-git.ts';
import { LedgerLfs } from './git/lfs.ts';
import { gitMessage } from './git/message.ts';
import { openGit } from './git/process.ts';
import { LedgerRemote } from './git/remote.ts';
import { requireNoWait } from './git-inputs.ts';
import { RedactionPolicies } from './redaction-policy.ts';

/** A clone that holds recorded sessions. */
export interface Ledger {
  /** The work tree's top folder, absolute. */
  readonly root: string;
  /** `<root>/sessions`; it may not exist yet. */
  readonly sessionsDir: string;
  /** `<git common dir>/agentwork`: never committed, shared by the clone's worktrees, gone with it. May not exist yet. */
  readonly stateDir: string;
  /** The base name of the root: what recorders call `repo_id`. */
  readonly repoId: string;
  /** git's whole configuration, as it was when the ledger was opened. */
  readonly gitConfig: string;
  readonly git: LedgerGit;
  /** The checked-out branch, as far as a pass changes it. */
  readonly branch: LedgerBranch;
  readonly remote: LedgerRemote;
  readonly lfs: LedgerLfs;
  /** What nobody is to read of its sessions. */
  readonly redaction: RedactionPolicies;
}

const HOW_TO_NAME_ONE = [
  'name it with --ledger DIR or AGENTWORK_LEDGER',
  'or run agentwork inside a clone that has sessions/',
];

/**
 * The named ledger, else the clone around `cwd` when that has a `sessions` folder.
 * Throws NO_LEDGER with a sentence that says how to name one, UNREADABLE for what must not be opened, BAD_CONFIG for a
 * REDACT.md with a rule that is none.
 */
export async function openLedger(
  named: string | undefined,
  world: { cwd: string; environment: NodeJS.ProcessEnv },
): Promise<Ledger> {
  if (named === '') throw noLedger('--ledger names no folder');
  const folder = path.resolve(world.cwd, named ?? '.');
  if (!isFolder(folder)) throw noLedger(`there is no folder ${folder}`);
  // Both at once: from any folder of a clone, git tells the same of its configuration.
  const [{ root, commonDir, gitDir }, gitConfig] = await Promise.all([
    findClone(folder, world.environment),
    new LedgerGit(folder, world.environment).readConfig(),
  ]);
  if (named === undefined && !existsSync(path.join(root, 'sessions'))) {
    throw noLedger(`${root} is no ledger: it has no sessions folder`, undefined, [
      `mkdir sessions in ${root}, if it is to become one`,
      ...HOW_TO_NAME_ONE.slice(0, 1),
    ]);
  }
  const git = new LedgerGit(root, world.environment, gitDir);
  const remote = new LedgerRemote(git);
  const stateDir = path.join(commonDir, 'agentwork');
  requireOwnFolder(stateDir);
  requireNoWait(root, path.join(root, 'sessions'), commonDir);
  return {
    root,
    sessionsDir: path.join(root, 'sessions'),
    stateDir,
    repoId: path.basename(root),
    gitConfig,
    git,
    branch: new LedgerBranch(git, stateDir),
    remote,
    lfs: new LedgerLfs(git.process, remote, commonDir),
    redaction: await RedactionPolicies.open(root, world.environment),
  };
}

/** Whether `folder` lies inside the ledger's tree of sessions. */
export function isInLedger(ledger: Pick<Ledger, 'sessionsDir'>, folder: string): boolean {
  return path.dirname(path.resolve(folder)) === path.resolve(ledger.sessionsDir);
}

async function findClone(folder: string, environment: NodeJS.ProcessEnv) {
  const questions = ['--show-toplevel', '--path-format=absolute', '--git-common-dir', '--absolute-git-dir'];
  try {
    const answer = await openGit(folder, environment).raw(['rev-parse', ...questions]);
    const [root, commonDir, gitDir, ...rest] = answer.trimEnd().split('\n');
    // git would answer for another clone, whose path ends where the line does.
    if (rest.length > 0) throw noLedger(`${JSON.stringify(folder)}: a path with a line break is no place for a ledger`);
    if (root && commonDir && gitDir) return { root, commonDir, gitDir };
  } catch (error) {
    if (error instanceof ExpectedError) throw error;
    if (/ENOENT/.test(messageOf(error))) {
      const suggestions = ['install git, or put it on PATH'];
      throw new ExpectedError('NO_LEDGER', 'git is not installed, or not on PATH', { suggestions, cause: error });
    }
    const [, safe] = /^\s*(git config --global --add safe\.directory .*)$/m.exec(messageOf(error)) ?? [];
    if (safe) throw noLedger(`${folder} is another user's: git does not look into it`, error, [safe]);
    if (/bare repository|work tree/.test(messageOf(error))) throw noLedger(`${folder} has no work tree`, error);
    if (!/not a git repository/.test(messageOf(error))) throw noLedger(`${folder}: ${gitMessage(error)}`, error);
  }
  throw noLedger(`${folder} is not in a git clone`);
}

function isFolder(folder: string): boolean {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function noLedger(message: string, cause?: unknown, suggestions: readonly string[] = HOW_TO_NAME_ONE): ExpectedError {
  return new ExpectedError('NO_LEDGER', message, { suggestions, cause });
}
