import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import { runCli } from './cli.ts';
import { GitRelay } from './git-relay.ts';
import { addMachine, createFleet, gitIn, type Machine, pushAll, record } from './machines.ts';
import { temporaryFolder, writeFiles } from './temporary-folder.ts';

/** How the clone stands to its remote before anybody does anything. */
export interface Ground {
  /** Others have pushed, and nobody fetched that yet. */
  readonly isBehind: boolean;
  /** The user has a commit that is not pushed. */
  readonly hasOwnCommit: boolean;
}

/** A clone with sessions that wait, in which its user is in the middle of several things. */
export interface SharedClone extends Machine {
  readonly folder: string;
  readonly remote: string;
  readonly relay: GitRelay;
  /** Each session with its recording, as the remote is to have it in the end. */
  readonly recordings: ReadonlyMap<string, string>;
  git(...words: readonly string[]): string;
}

export const TOKEN = ['ghp', 'a1B2c3D4'.repeat(5)].join('_');
const TOKEN_GONE = '[REDACTED_GITHUB_TOKEN]';

const templates = new Map<string, Promise<string>>();

/** A fresh one each time. An agent has to be asked once for each of its sessions. */
export async function sharedClone(ground: Ground): Promise<SharedClone> {
  const key = JSON.stringify(ground);
  const template = templates.get(key) ?? makeTemplate(ground);
  templates.set(key, template);
  const folder = temporaryFolder();
  cpSync(await template, folder, { recursive: true });
  for (const machine of ['mia', 'recorder']) {
    const config = path.join(folder, machine, 'ledger', '.git', 'config');
    writeFileSync(config, readFileSync(config, 'utf8').replaceAll(await template, folder));
  }
  return openClone(folder);
}

function openClone(folder: string): SharedClone {
  const [cwd, cache] = [path.join(folder, 'mia', 'ledger'), path.join(folder, 'cache', 'sessions')];
  const claudeFolder = path.join(folder, 'claude-bin');
  const recordings = [path.join(cwd, 'sessions'), cache].flatMap((sessions) =>
    readdirSync(sessions).map((name) => [name, recordingIn(path.join(sessions, name))] as const),
  );
  return {
    folder,
    cwd,
    claudeFolder,
    remote: path.join(folder, 'remote.git'),
    env: { AGENTWORK_MAX_INVOCATIONS_PER_HOUR: '100000', AGENTWORK_SESSION_CACHE: cache },
    relay: new GitRelay(claudeFolder),
    recordings: new Map(recordings),
    git: (...words) => gitIn(cwd, ...words),
  };
}

export const recordingIn = (session: string) => withoutToken(readFileSync(path.join(session, 'raw.jsonl'), 'utf8'));

export const withoutToken = (text: string) => text.replaceAll(TOKEN, TOKEN_GONE);

/**
 * One session is committed, one was continued after its summary, one is in the tree with a secret in it, one in a cache.
 * Something of the user's is staged, changed, untracked, and stashed; on the branch `topic` two sessions are missing.
 */
async function makeTemplate({ isBehind, hasOwnCommit }: Ground): Promise<string> {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'agentwork-test-')));
  const fleet = await createFleet(folder, 0);
  const mia = addMachine(fleet, 'mia');
  const git = (...words: readonly string[]) => gitIn(mia.cwd, ...words);
  writeFiles(mia.cwd, { 'notes.md': 'notes\n', 'plan.md': 'plan\n', 'kept.md': 'kept\n' });
  const continued = record(mia.cwd, 0);
  pushAll(mia.cwd, 'record a session');
  git('branch', 'topic');
  await runCli(['finalize'], mia);
  goOn(mia.cwd, continued, 'and it goes on after its summary');
  record(mia.cwd, 1);
  pushAll(mia.cwd, 'record another');
  rmSync(path.join(mia.cwd, '.git', 'agentwork'), { recursive: true });
  for (const name of ['calls.jsonl', 'numbers']) rmSync(path.join(fleet.claudeFolder, name), { recursive: true });
  writeFiles(fleet.claudeFolder, { 'numbers/.keep': '' });
  goOn(mia.cwd, record(mia.cwd, 2), `use ${TOKEN} to log in`);
  record(path.join(folder, 'cache'), 3);
  if (isBehind) pushTheirs(path.join(folder, 'recorder', 'ledger'));
  if (hasOwnCommit) {
    writeFiles(mia.cwd, { 'own.md': 'own\n' });
    git('add', 'own.md');
    git('commit', '--quiet', '--message', 'mine before');
  }
  writeFiles(mia.cwd, { 'kept.md': 'kept, and put away\n' });
  git('stash', 'push', '--quiet', 'kept.md');
  writeFiles(mia.cwd, { 'plan.md': 'plan, staged\n' });
  git('add', 'plan.md');
  writeFiles(mia.cwd, { 'notes.md': 'notes, changed\n', 'loose.txt': 'loose\n' });
  return folder;
}

function pushTheirs(root: string): void {
  gitIn(root, 'pull', '--quiet', '--rebase');
  writeFiles(root, { 'theirs.md': 'theirs\n' });
  pushAll(root, 'theirs');
}

function goOn(root: string, session: string, content: string): void {
  const entry = { type: 'user', content, timestamp: '2026-01-20T10:00:00Z' };
  appendFileSync(path.join(root, 'sessions', session, 'raw.jsonl'), `${JSON.stringify(entry)}\n`);
}

/** What is the user's, wherever it stands. `isAll`: whatever is staged, committed or changed, be it sessions. */
export function belongingsIn({ cwd, git }: Pick<SharedClone, 'cwd' | 'git'>, isAll: boolean) {
  const where = isAll ? [] : ['--', '.', ':(exclude)sessions'];
  const differences = (...words: readonly string[]) => git('diff', '--name-status', '--no-renames', ...words, ...where);
  const stashes = git('stash', 'list', '--format=%gd').split('\n').filter(Boolean);
  const own = ['--branches', '--reverse', '--grep=^mine', '--format=%s', '--name-status', '--no-renames'];
  return {
    staged: differences('--cached', 'HEAD'),
    changed: git('diff', '--name-status', '--no-renames', '--', '.', ':(exclude)sessions'),
    untracked: git('ls-files', '--others', '--', '.', ':(exclude)sessions'),
    texts: USERS_FILES.map((name) => textOf(path.join(cwd, name))),
    stashes: stashes.map((stash) =>
      git('stash', 'show', '--include-untracked', '--patch', '--no-renames', stash)
        .split(/^(?=diff --git )/m)
        .filter((text) => !text.startsWith('diff --git a/sessions/'))
        .map((text) => text.replace(/^index .*$/m, '').trim()),
    ),
    commits: git('log', ...own, ...where),
    branch: git('rev-parse', '--abbrev-ref', 'HEAD'),
  };
}

const USERS_FILES = ['notes.md', 'plan.md', 'kept.md', 'own.md', 'loose.txt'];

const textOf = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);

afterAll(async () => {
  for (const template of templates.values()) rmSync(await template, { recursive: true, force: true });
});
