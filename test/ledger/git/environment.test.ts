import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { gitEnvironment, KEPT_GIT_VARIABLES } from '../../../src/ledger/git/environment.ts';
import { LedgerGit } from '../../../src/ledger/git/ledger-git.ts';
import { changesOf, gitLedger, gitOf, statusOf } from '../../support/ledger-dir.ts';
import { writeFiles } from '../../support/temporary-folder.ts';

const RAW = 'sessions/a/raw.jsonl';

describe('the environment of a hook', () => {
  test('does not reach our git: not its repository, its index, its author', async () => {
    const ledger = gitLedger();
    const victim = gitLedger({ 'victim.txt': '' });
    writeFiles(ledger.root, { [RAW]: '{}\n' });
    const victimHead = victim.git('rev-parse', 'HEAD');
    const hook = {
      GIT_DIR: path.join(victim.root, '.git'),
      GIT_WORK_TREE: victim.root,
      GIT_INDEX_FILE: path.join(victim.root, '.git', 'index'),
      GIT_PREFIX: 'sub/',
      GIT_AUTHOR_NAME: 'Somebody Else',
      GIT_AUTHOR_EMAIL: 'else@example.com',
      GIT_AUTHOR_DATE: '2001-01-01T00:00:00Z',
      GIT_COMMITTER_NAME: 'Somebody Else',
      GIT_EDITOR: ':',
      GIT_EXEC_PATH: '/nowhere',
      GIT_CONFIG_PARAMETERS: "'user.name=Somebody Else'",
      GIT_LITERAL_PATHSPECS: '0',
      EDITOR: 'vi',
      VISUAL: 'vi',
      PAGER: 'less',
    };
    for (const [name, value] of Object.entries({ ...ledger.environment, ...hook })) vi.stubEnv(name, value);
    try {
      const hooked = gitOf({ ...ledger, environment: process.env });
      await hooked.ours.readiness.requireQuiet();
      await hooked.commit(RAW);
      expect(await hooked.push()).toMatchObject({ outcome: 'done' });
    } finally {
      vi.unstubAllEnvs();
    }
    expect(changesOf(ledger)).toBe(`A ${RAW}`);
    expect(ledger.git('log', '-1', '--format=%an %cn')).toBe('Test Person Test Person');
    expect(ledger.git('log', '-1', '--format=%ad', '--date=format:%Y')).not.toBe('2001');
    expect(victim.git('rev-parse', 'HEAD')).toBe(victimHead);
    expect(statusOf(victim)).toEqual([]);
  });

  test('keeps how to reach a remote, and git starts with it', async () => {
    const names = [...KEPT_GIT_VARIABLES, 'SSH_ASKPASS', 'HTTPS_PROXY', 'SSH_AUTH_SOCK'];
    const ledger = gitLedger();
    for (const name of names) {
      const environment = { ...ledger.environment, [name]: name === 'GIT_CONFIG_NOSYSTEM' ? '1' : '/dev/null' };
      expect(gitEnvironment(environment)[name]).toBe(environment[name]);
      expect(await new LedgerGit(ledger.root, environment).hasRemote()).toBe(true);
    }
  });

  test('is spoken to in one language, never asks, and never takes a lock to look', () => {
    expect(gitEnvironment({ LC_ALL: 'de_DE.UTF-8', LANG: 'de_DE.UTF-8', GIT_TERMINAL_PROMPT: '1' })).toMatchObject({
      LC_ALL: 'C',
      GIT_TERMINAL_PROMPT: '0',
      GIT_OPTIONAL_LOCKS: '0',
    });
  });

  test('loses every variable of git that is not kept, in any case', () => {
    const hook = {
      GIT_DIR: 'x',
      git_dir: 'x',
      GIT_NEW_THING: 'x',
      GIT_CONFIG_PARAMETERS: 'x',
      Editor: 'x',
      A: undefined,
    };
    expect(gitEnvironment({ ...hook, PATH: '/bin' })).toEqual({ ...gitEnvironment({}), PATH: '/bin' });
  });
});
