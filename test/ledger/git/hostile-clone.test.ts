import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { openLedger } from '../../../src/ledger/ledger.ts';
import { changesOf, type GitLedger, gitLedger, gitOf, runGit, writeScript } from '../../support/ledger-dir.ts';
import { writeFiles } from '../../support/temporary-folder.ts';

// A clone's configuration is its user's: whoever writes there has git run programs at the next `git status`. All the
// same, a pass starts nothing that it does not need, and nothing at all that a commit of others can bring along.

const RAW = 'sessions/a/raw.jsonl';

/** A program, and whether it was started. */
function canary({ scratch }: GitLedger) {
  const mark = path.join(scratch, 'ran');
  return {
    program: writeScript(path.join(scratch, 'canary.sh'), `touch '${mark}'; exit 1`),
    ran: () => existsSync(mark),
  };
}

/** Everything that a pass has git do in a clone with one session, short of pushing it. */
async function work(ledger: GitLedger): Promise<void> {
  writeFiles(ledger.root, { [RAW]: '{"type":"user"}\n' });
  await ledger.ours.readiness.requireQuiet();
  await ledger.ours.matchesHead('README.md');
  const upstream = await ledger.ours.upstream();
  if (upstream) await ledger.ours.unpushedFiles(upstream, 'sessions');
  await ledger.commit(RAW);
}

describe('programs that the clone names, and a pass does not start', () => {
  test.each<[string, (program: string) => Readonly<Record<string, string>>]>([
    ['core.fsmonitor', (program) => ({ 'core.fsmonitor': program })],
    ['diff.external', (program) => ({ 'diff.external': program })],
    ['textconv', (program) => ({ 'diff.evil.textconv': program, 'diff.evil.command': program })],
    ['pagers and editors', (program) => ({ 'core.pager': program, 'pager.log': program, 'core.editor': program })],
    ['alias', (program) => ({ 'alias.log': `!${program}`, 'alias.diff': `!${program}`, 'alias.add': `!${program}` })],
    ['merge driver', (program) => ({ 'merge.evil.driver': program })],
    ['gpg to look', (program) => ({ 'gpg.program': program, 'log.showSignature': 'true' })],
  ])('%s', async (_, settings) => {
    const ledger = gitLedger();
    const { program, ran } = canary(ledger);
    writeFiles(ledger.root, { '.git/info/attributes': '* diff=evil merge=evil\n', 'README.md': 'changed\n' });
    for (const [key, value] of Object.entries(settings(program))) ledger.git('config', key, value);
    await work(ledger);
    expect(await ledger.push()).toMatchObject({ outcome: 'done' });
    expect(ran()).toBe(false);
  });

  test('for any diff of files', async () => {
    const ledger = gitLedger();
    const log = path.join(ledger.scratch, 'log');
    writeScript(
      path.join(ledger.scratch, 'bin', 'git'),
      `echo "$@" >> '${log}'; PATH='${process.env.PATH}' exec git "$@"`,
    );
    const PATH = `${path.join(ledger.scratch, 'bin')}:${ledger.environment.PATH}`;
    const { ours } = gitOf({ ...ledger, environment: { ...ledger.environment, PATH } });
    expect(await ours.matchesHead('README.md')).toBe(true);
    const diffs = readFileSync(log, 'utf8')
      .split('\n')
      .filter((words) => / diff /.test(words));
    expect(diffs).toEqual([expect.stringMatching(/ --no-ext-diff --no-textconv /)]);
  });

  test.each(['pre-commit', 'commit-msg', 'post-commit', 'post-index-change', 'reference-transaction', 'pre-auto-gc'])(
    'the hook %s, unless a push is to be judged',
    async (hook) => {
      const ledger = gitLedger();
      const { program, ran } = canary(ledger);
      writeScript(path.join(ledger.root, '.git', 'hooks', hook), program);
      await work(ledger);
      expect(ran()).toBe(false);
      writeScript(path.join(ledger.root, '.git', 'hooks', 'pre-push'), program);
      expect(await ledger.push()).toMatchObject({ outcome: { refused: expect.any(String) } });
      expect(ran()).toBe(true);
    },
  );
});

describe('a remote whose address is a command', () => {
  test.each([
    ['of the remote', 'remote.origin.url', (program: string) => `ext::${program}`],
    ['of the pushes', 'remote.origin.pushurl', (program: string) => `ext::${program}`],
  ])('is not started, even where the clone allows it: %s', async (_, key, address) => {
    const ledger = gitLedger();
    const { program, ran } = canary(ledger);
    ledger.git('config', 'protocol.ext.allow', 'always');
    ledger.git('config', key, address(program));
    await work(ledger);
    expect(await ledger.push()).toMatchObject({ outcome: { refused: expect.stringContaining("'ext' not allowed") } });
    expect(ran()).toBe(false);
  });
});

describe('a submodule', () => {
  function withSubmodule() {
    const ledger = gitLedger();
    const other = gitLedger();
    ledger.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', other.remote, 'sub');
    ledger.git('commit', '--quiet', '--message', 'a submodule');
    const { program, ran } = canary(ledger);
    const sub = path.join(ledger.root, 'sub');
    writeScript(path.join(ledger.root, '.git/modules/sub/hooks/pre-push'), program);
    const someone = ['-c', 'user.name=x', '-c', 'user.email=x@example.com'];
    runGit(sub, ledger.environment, ...someone, 'commit', '--quiet', '--allow-empty', '--message', 'on');
    ledger.git('commit', '--quiet', '--all', '--message', 'the submodule went on');
    ledger.git('config', 'submodule.recurse', 'true');
    ledger.git('config', 'push.recurseSubmodules', 'on-demand');
    return { ledger, ran };
  }

  test('is not pushed along, not even by the plain push of a branch that follows none', async () => {
    const { ledger, ran } = withSubmodule();
    ledger.git('branch', '--unset-upstream');
    ledger.git('config', 'push.default', 'current');
    await work(ledger);
    await ledger.push();
    expect([ran(), runGit(ledger.remote, ledger.environment, 'log', '-1', '--format=%s', 'main')]).toEqual([
      false,
      expect.stringContaining('finalize'),
    ]);
  });
});

describe('a session that looks like a bare repository', () => {
  test('is not taken for the ledger by a pass that is started in it', async () => {
    const evil = 'sessions/2026-03-06T10-00-eve-OxEv1l';
    const ledger = gitLedger({
      [RAW]: '{}\n',
      [`${evil}/raw.jsonl`]: '{}\n',
      [`${evil}/HEAD`]: 'ref: refs/heads/main\n',
      [`${evil}/objects/x`]: '',
      [`${evil}/refs/x`]: '',
      [`${evil}/config`]:
        '[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n\tsshCommand = evil\n',
    });
    const cwd = path.join(ledger.root, evil);
    mkdirSync(path.join(cwd, 'sessions'));
    const opening = openLedger(undefined, { cwd, environment: ledger.environment });
    await expect(opening).rejects.toThrow(expect.objectContaining({ code: 'NO_LEDGER' }));
    await expect(opening).rejects.toThrow(/has no work tree/);
    expect(readFileSync(path.join(cwd, 'HEAD'), 'utf8')).toContain('main');
    expect(changesOf(ledger)).toContain(evil);
  });
});

describe('a clone of somebody else', () => {
  test.runIf(process.getuid?.() === 0)('is none to us unless git is told so, and the way is named', async () => {
    const ledger = gitLedger({ [RAW]: '{}\n' });
    execFileSync('chown', ['-R', '12345', ledger.root]);
    const open = (environment: NodeJS.ProcessEnv) => openLedger(ledger.root, { cwd: '/', environment });
    await expect(open(ledger.environment)).rejects.toThrow(
      expect.objectContaining({
        code: 'NO_LEDGER',
        message: `${ledger.root} is another user's: git does not look into it`,
        suggestions: [`git config --global --add safe.directory ${ledger.root}`],
      }),
    );
    const config = path.join(ledger.scratch, 'gitconfig');
    writeFiles(ledger.scratch, { gitconfig: `[safe]\n\tdirectory = ${ledger.root}\n` });
    expect(await open({ ...ledger.environment, GIT_CONFIG_GLOBAL: config })).toMatchObject({ root: ledger.root });
  });
});
