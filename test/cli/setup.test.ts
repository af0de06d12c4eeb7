import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { isolatedEnvironment, runCli, runJson } from '../support/cli.ts';
import { isAlive } from '../support/living.ts';
import { pushFromElsewhere } from '../support/machines.ts';
import { PATIENCE } from '../support/patience.ts';
import { createSampleLedger } from '../support/sample-ledger.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

function scene() {
  const folder = path.join(temporaryFolder(), 'work');
  const { root, remote } = createSampleLedger(folder, Date.now());
  const environment = isolatedEnvironment({ cwd: root });
  const git = (cwd: string, ...words: string[]) =>
    execFileSync('git', words, { cwd, env: environment, encoding: 'utf8' });
  // Offline, whatever PATH there is.
  mkdirSync(environment.HOME ?? '', { recursive: true });
  git(root, 'config', '--global', 'agentwork.agent', 'offline');
  const hook = (name: string) => path.join(root, '.git', 'hooks', name);
  return { folder, cwd: root, root, remote, git, hook, environment };
}

type Scene = ReturnType<typeof scene>;

/** The pass that a hook left behind has ended. */
async function untilPassed({ root }: Scene): Promise<string> {
  const log = path.join(root, '.git', 'agentwork', 'finalize.log');
  const read = () => {
    const text = readFileSync(log, 'utf8');
    const pid = Number(/pid (\d+)/.exec(text)?.[1]);
    expect([text, isAlive(pid)]).toEqual([expect.stringContaining('done'), false]);
    return text;
  };
  return vi.waitFor(read, PATIENCE);
}

describe('setup hook', () => {
  test('is what status takes a pull to start a pass by', async () => {
    const { root, git } = scene();
    const follows = async () => (await runJson<object>(['status'], { cwd: root })).json;
    expect(await follows()).not.toHaveProperty('may_follow_pulls');
    expect((await runCli(['setup', 'hook'], { cwd: root })).status).toBe(0);
    expect(await follows()).toHaveProperty('may_follow_pulls', true);
    expect((await runCli(['setup', 'remove'], { cwd: root })).status).toBe(0);
    git(root, 'config', 'core.hooksPath', '.githooks');
    expect(await follows(), 'hooks elsewhere').toHaveProperty('may_follow_pulls', true);
  });

  test.each([
    ['merges', 'post-merge', ['pull', '--quiet', '--no-rebase']],
    ['rebases', 'post-rewrite', ['pull', '--quiet', '--rebase']],
  ])('has a pull that %s followed by a pass', async (_, name, pull) => {
    const ledger = scene();
    expect((await runCli(['setup', 'hook'], ledger)).stdout).toContain(`wrote ${ledger.hook(name)}`);
    pushFromElsewhere(ledger);
    writeFileSync(path.join(ledger.root, 'mine.txt'), '');
    ledger.git(ledger.root, 'add', 'mine.txt');
    ledger.git(ledger.root, 'commit', '--quiet', '-m', 'mine');
    ledger.git(ledger.root, ...pull);
    expect(await untilPassed(ledger)).toContain('7 done');
  });

  test('asks nothing of the machine: whatever is gone, the hook says nothing, and well', async () => {
    const ledger = scene();
    await runCli(['setup', 'hook'], ledger);
    for (const name of ['post-merge', 'post-rewrite']) {
      const text = readFileSync(ledger.hook(name), 'utf8').replaceAll(process.execPath, '/gone/node');
      writeFileSync(ledger.hook(name), text);
      for (const shell of ['sh', 'bash']) {
        const words = ['-eu', ledger.hook(name), 'rebase'];
        const { status, stdout, stderr } = spawnSync(shell, words, {
          cwd: ledger.root,
          env: ledger.environment,
          encoding: 'utf8',
        });
        expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
      }
    }
    expect(existsSync(path.join(ledger.root, '.git', 'agentwork', 'finalize.log'))).toBe(false);
  });

  test('starts nothing for an agent of a pass', async () => {
    const ledger = scene();
    await runCli(['setup', 'hook'], ledger);
    const text = readFileSync(ledger.hook('post-merge'), 'utf8').replaceAll('exec ', 'echo started > started; true ');
    writeFileSync(ledger.hook('post-merge'), text.replaceAll('2>&1 & fi', '2>&1; fi'));
    const run = (more: object) =>
      spawnSync('sh', [ledger.hook('post-merge')], { cwd: ledger.root, env: { ...ledger.environment, ...more } })
        .status;
    expect([run({ AGENTWORK_PASS: '1' }), existsSync(path.join(ledger.root, 'started'))]).toEqual([0, false]);
    expect([run({}), existsSync(path.join(ledger.root, 'started'))]).toEqual([0, true]);
  });

  test('stands before what others have there, is written once, and goes without a trace', async () => {
    const ledger = scene();
    const lfs = '#!/bin/sh\ncommand -v git-lfs >/dev/null 2>&1 || { exit 2; }\ngit lfs post-merge "$@"\n';
    writeFileSync(ledger.hook('post-merge'), lfs, { mode: 0o755 });
    await runCli(['setup', 'hook'], ledger);
    const written = readFileSync(ledger.hook('post-merge'), 'utf8');
    expect(written.indexOf('finalize')).toBeLessThan(written.indexOf('git-lfs'));
    expect(statSync(ledger.hook('post-rewrite')).mode & 0o777).toBe(0o755);
    expect((await runJson(['setup', 'hook'], ledger)).json).toMatchObject({
      changes: [{ action: 'keep', content: written }, { action: 'keep' }],
    });
    expect((await runCli(['setup', 'remove'], ledger)).status).toBe(0);
    expect([readFileSync(ledger.hook('post-merge'), 'utf8'), existsSync(ledger.hook('post-rewrite'))]).toEqual([
      lfs,
      false,
    ]);
    expect((await runCli(['setup', 'remove'], ledger)).stdout).toContain('nothing of agentwork');
  });

  test('shows what it would write, and writes nothing', async () => {
    const ledger = scene();
    const { stdout } = await runCli(['setup', 'hook', '--dry-run'], ledger);
    expect(stdout).toContain('    if [ -z "${AGENTWORK_PASS:-}" ]; then (');
    expect([existsSync(ledger.hook('post-merge')), existsSync(ledger.hook('post-rewrite'))]).toEqual([false, false]);
  });

  test('goes beside what husky makes anew, without paths of this machine', async () => {
    const ledger = scene();
    mkdirSync(path.join(ledger.root, '.husky', '_'), { recursive: true });
    ledger.git(ledger.root, 'config', 'core.hooksPath', '.husky/_');
    await runCli(['setup', 'hook'], ledger);
    const text = readFileSync(path.join(ledger.root, '.husky', 'post-merge'), 'utf8');
    expect(text).toContain('exec agentwork finalize');
    expect(text).not.toContain(process.execPath);
  });

  test('in a linked work tree is that of the clone', async () => {
    const ledger = scene();
    const linked = path.join(ledger.folder, 'linked');
    ledger.git(ledger.root, 'worktree', 'add', '--quiet', '-b', 'other', linked);
    await runCli(['setup', 'hook'], { ...ledger, cwd: linked });
    expect(existsSync(ledger.hook('post-merge'))).toBe(true);
  });

  test.each([
    ['lefthook', ({ root }: Scene) => writeFileSync(path.join(root, 'lefthook.yml'), 'pre-commit: {}\n')],
    [
      'pre-commit',
      ({ hook }: Scene) => writeFileSync(hook('post-merge'), '#!/bin/sh\n# File generated by pre-commit\n'),
    ],
  ])('leaves alone what %s keeps, and prints what belongs there', async (keeper, prepare) => {
    const ledger = scene();
    prepare(ledger);
    const { json } = await runJson(['setup', 'hook'], ledger);
    expect(json).toMatchObject({ keeper, snippet: expect.stringContaining('agentwork finalize --background') });
    expect(existsSync(ledger.hook('post-rewrite'))).toBe(false);
    for (const [hook, word, isStarted] of [
      ['post-merge', '0', true],
      ['post-rewrite', 'rebase', true],
      ['post-rewrite', 'amend', false],
    ] as const) {
      const run = asKept[keeper as keyof typeof asKept](String(json.snippet), hook, word);
      expect(startsPass(ledger, run), `${hook} ${word}`).toBe(isStarted);
    }
  });

  test.each<[string, (ledger: Scene) => void, number, string]>([
    [
      'a folder that other clones use',
      ({ root, folder, git }) => git(root, 'config', 'core.hooksPath', path.join(folder, 'all')),
      2,
      'outside of the clone',
    ],
    ['a hook of another language', ({ hook }) => writeHook(hook, '#!/usr/bin/env python3\n'), 2, 'no shell'],
    [
      'a hook with line ends of Windows',
      ({ hook }) => writeHook(hook, '#!/bin/sh\r\ntrue\r\n'),
      2,
      'line ends of Windows',
    ],
    ['a hook that is switched off', ({ hook }) => writeHook(hook, '#!/bin/sh\ntrue\n', 0o644), 2, 'switched it off'],
    [
      'a file in the place of all hooks',
      ({ root, git }) => {
        rmSync(path.join(root, '.git', 'hooks'), { recursive: true });
        git(root, 'config', 'core.hooksPath', '.git/hooks');
        writeFileSync(path.join(root, '.git', 'hooks'), '');
      },
      2,
      'is no folder',
    ],
    ['no folder for hooks', ({ root, git }) => git(root, 'config', 'core.hooksPath', ''), 2, 'no folder for hooks'],
    ['a hook that is a link', ({ hook }) => symlinkSync('/etc/hostname', hook('post-merge')), 2, 'symbolic link'],
  ])('refuses %s, names it, and writes nothing', async (_, prepare, status, sentence) => {
    const ledger = scene();
    prepare(ledger);
    const result = await runCli(['setup', 'hook'], ledger);
    expect(result).toMatchObject({ status, stdout: '', stderr: expect.stringContaining(sentence) });
    expect(existsSync(ledger.hook('post-rewrite'))).toBe(false);
  });
});

interface KeptRun {
  readonly command: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** What the keepers make of their configuration when git calls a hook with this first word. */
const asKept = {
  // The words of the hook stand in the place of {1}, {2} …; a shell runs it.
  lefthook: (snippet: string, hook: string, word: string): KeptRun => ({
    command: new RegExp(`^${hook}:(?:\\n .*)*?\\n +run: (.*)$`, 'm').exec(snippet)?.[1]?.replace('{1}', word) ?? '',
  }),
  // It is split into words as a shell would, and run without one; of a rewrite the environment tells.
  'pre-commit': (snippet: string, hook: string, word: string): KeptRun => ({
    command: /^ +entry: (.*)$/m.exec(snippet)?.[1] ?? '',
    env: hook === 'post-rewrite' ? { PRE_COMMIT_REWRITE_COMMAND: word } : {},
  }),
};

function startsPass({ folder, root, environment }: Scene, { command, env }: KeptRun): boolean {
  const [bin, started] = [path.join(folder, 'bin'), path.join(folder, 'started')];
  mkdirSync(bin, { recursive: true });
  rmSync(started, { force: true });
  writeFileSync(path.join(bin, 'agentwork'), `#!/bin/sh\necho "$*" > ${started}\n`, { mode: 0o755 });
  const { status, stderr } = spawnSync('sh', ['-c', command], {
    ...{ cwd: root, encoding: 'utf8', env: { ...environment, ...env, PATH: `${bin}:${environment.PATH}` } },
  });
  expect([command !== '', status, stderr]).toEqual([true, 0, '']);
  if (existsSync(started)) expect(readFileSync(started, 'utf8')).toBe('finalize --background --if-due 5m\n');
  return existsSync(started);
}

describe('of a clone without sessions', () => {
  const scene = () => {
    const root = path.join(temporaryFolder(), 'my app');
    mkdirSync(root);
    execFileSync('git', ['init', '--quiet', root]);
    const home = isolatedEnvironment({ cwd: root }).HOME ?? '';
    return { cwd: path.dirname(root), root, home, env: { HOME: home } };
  };

  test.each([['hook'], ['cron', '--dry-run'], ['recorder', '.']])(
    'nobody makes a ledger by naming it: setup %s',
    async (...words) => {
      const { root, home, ...options } = scene();
      const refused = await runCli(['setup', ...words, '--ledger', root], options);
      expect(refused).toMatchObject({
        status: 10,
        stdout: '',
        stderr: expect.stringContaining(`${root} is no ledger`),
      });
      expect(refused.stderr).toContain(`mkdir '${root}/sessions', if it is to become one`);
      const left = [path.join(root, '.git', 'hooks', 'post-merge'), path.join(root, '.git', 'agentwork'), home];
      expect(left.filter((file) => existsSync(file))).toEqual([]);
    },
  );

  test('a new ledger takes one command more', async () => {
    const { root, home: _, ...options } = scene();
    mkdirSync(path.join(root, 'sessions'));
    expect(await runCli(['setup', 'hook', '--ledger', root], options)).toMatchObject({ status: 0 });
    expect(existsSync(path.join(root, '.git', 'hooks', 'post-merge'))).toBe(true);
  });
});

function writeHook(hook: Scene['hook'], text: string, mode = 0o755): void {
  writeFileSync(hook('post-merge'), text, { mode });
}
