import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { isolatedEnvironment, runCli, runJson } from '../support/cli.ts';
import { pushFromElsewhere } from '../support/machines.ts';
import { createSampleLedger } from '../support/sample-ledger.ts';
import { standInTimers } from '../support/stand-in-timers.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface Finding {
  readonly check: string;
  readonly level: string;
  readonly says: string;
}

/** A ledger on a machine with everything that starts programs by the clock. */
function scene(folder = path.join(temporaryFolder(), 'my 100% work')) {
  const { root, remote } = createSampleLedger(folder, Date.now());
  // Where these note what was asked of them, no sign has to be escaped.
  const timers = standInTimers(path.join(path.dirname(folder), 'bin'));
  const options = { cwd: root, claudeFolder: timers.folder };
  const environment = isolatedEnvironment(options);
  const home = environment.HOME ?? '';
  mkdirSync(home, { recursive: true });
  execFileSync('git', ['config', '--global', 'agentwork.agent', 'offline'], { env: environment });
  const filesIn = (...names: readonly string[]) => {
    const place = path.join(home, ...names);
    return existsSync(place) ? readdirSync(place).sort() : [];
  };
  const setup = (...words: readonly string[]) => runCli(['setup', ...words], options);
  const checked = async () => {
    const { json } = await runJson<{ findings: readonly Finding[] }>(['setup', 'check'], options);
    const finding = json.findings.find(({ check }) => check === 'cron');
    return `${finding?.level}: ${finding?.says}`;
  };
  const units = () => filesIn('.config', 'systemd', 'user');
  const agents = () => filesIn('Library', 'LaunchAgents');
  const read = (...names: readonly string[]) => readFileSync(path.join(home, ...names), 'utf8');
  return { ...options, folder, root, remote, home, environment, timers, setup, checked, units, agents, read };
}

type Scene = ReturnType<typeof scene>;

/** As cron, systemd and launchd have it: little of a login. */
function runAlone({ home }: Scene, command: string, env: Readonly<Record<string, string>>) {
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', command], {
    ...{ cwd: '/', encoding: 'utf8', env: { HOME: home, SHELL: '/bin/sh', NODE_DISABLE_COMPILE_CACHE: '1', ...env } },
  });
  return { status, stdout, stderr };
}

/** Something to pull; and a hook that tells what it was told, as ours would start a second pass, which ends with the first. */
function prepareTold(ledger: Scene): () => string {
  pushFromElsewhere(ledger);
  const [hook, told] = [path.join(ledger.root, '.git', 'hooks', 'post-merge'), path.join(ledger.home, 'told')];
  writeFileSync(hook, `#!/bin/sh\necho "pass $AGENTWORK_PASS" > "${told}"\n`, { mode: 0o755 });
  return () => readFileSync(told, 'utf8');
}

const logOf = ({ root }: Scene) => readFileSync(path.join(root, '.git', 'agentwork', 'finalize.log'), 'utf8');
const notesOf = ({ root }: Scene) =>
  readdirSync(path.join(root, '.git', 'agentwork')).filter((name) => name.startsWith('timer-'));
const QUIET = { status: 0, stdout: '', stderr: '' };

describe('setup cron --with crontab', () => {
  test('writes a line that does what it says: pull, and one pass with a log', async () => {
    const ledger = scene();
    const told = prepareTold(ledger);
    expect((await ledger.setup('cron', '--dry-run')).stdout).toContain('would write crontab:');
    expect(ledger.timers.table()).toBe('');
    expect((await ledger.setup('cron')).stdout).toContain('wrote crontab');
    const lines = ledger.timers.table().split('\n');
    const line = lines.find((each) => /^\d/.test(each)) ?? '';
    const command = line.split(' ').slice(5).join(' ').replaceAll('\\%', '%');
    expect(runAlone(ledger, command, { PATH: '/usr/bin:/bin' })).toEqual(QUIET);
    expect(logOf(ledger)).toContain('7 done');
    expect(told()).toBe('pass 1\n');
    expect((await ledger.setup('cron')).stdout).toContain('in place crontab');
    expect(notesOf(ledger)).toHaveLength(1);
    expect(await ledger.checked()).toMatch(/^ok: crontab: next pass \d{4}-/);
    expect((await ledger.setup('remove')).stdout).toContain('taken out of crontab');
    expect(ledger.timers.table()).toBe('');
    expect(notesOf(ledger)).toEqual([]);
  });

  test('keeps how often, once said, and takes each folder of PATH once', async () => {
    const ledger = scene();
    await ledger.setup('cron', '--every', '15m');
    const { PATH = '' } = ledger.environment;
    const env = { PATH: `${PATH}:.::${PATH}` };
    expect((await runCli(['setup', 'cron'], { ...ledger, env })).stdout).toContain('in place crontab');
    expect(ledger.timers.table()).toMatch(/^\d+,\d+,\d+,\d+ \* \* \* \* /m);
    await ledger.setup('cron', '--every', '1h');
    expect(ledger.timers.table()).toMatch(/^\d+ \* \* \* \* /m);
  });
});

describe('setup cron --with systemd', () => {
  test('writes units that do what they say, and switches them on', async () => {
    const ledger = scene();
    const told = prepareTold(ledger);
    const planned = await ledger.setup('cron', '--with', 'systemd', '-n');
    expect(planned.stdout).toMatch(
      /would run systemctl --user daemon-reload && systemctl --user enable --now \S+\.timer/,
    );
    expect([ledger.units(), ledger.timers.commands()]).toEqual([[], []]);

    await ledger.setup('cron', '--with', 'systemd');
    const [service = '', timer = ''] = ledger.units();
    expect([service, timer]).toEqual([expect.stringMatching(/\.service$/), expect.stringMatching(/\.timer$/)]);
    const on = ['systemctl --user daemon-reload', `systemctl --user enable --now ${timer}`];
    expect(ledger.timers.commands()).toEqual(on);
    const text = ledger.read('.config', 'systemd', 'user', service);
    for (const line of text.split('\n').filter((each) => each !== '')) expect(planned.stdout).toContain(`    ${line}`);
    const [, word = ''] = /^ExecStart=\/bin\/sh -c "(.*)"$/m.exec(text) ?? [];
    const command = word.replaceAll('$$', '$').replaceAll('%%', '%').replaceAll(/\\(.)/g, '$1');
    const [, searched = ''] = /"PATH=([^"]*)"/.exec(text) ?? [];
    expect(runAlone(ledger, command, { PATH: searched })).toEqual(QUIET);
    expect(logOf(ledger)).toContain('7 done');
    expect(told()).toBe('pass 1\n');

    expect((await ledger.setup('cron')).stdout).toMatch(
      /^in place .*\.service\nin place .*\.timer\nin place .*\.json\n.* loginctl enable-linger always$/,
    );
    expect(ledger.timers.commands()).toEqual(on);
    expect(await ledger.checked()).toMatch(/^ok: systemd: next pass/);
    await ledger.setup('remove');
    expect(ledger.timers.commands().slice(2)).toEqual([
      `systemctl --user disable --now ${timer}`,
      'systemctl --user daemon-reload',
    ]);
    expect([ledger.units(), ledger.timers.isOn('systemd')]).toEqual([[], false]);
    expect((await ledger.setup('remove')).stdout).toContain('nothing of agentwork');
  });

  test('names what somebody has changed, or switched off, and mends it', async () => {
    const ledger = scene();
    await ledger.setup('cron', '--with', 'systemd', '--every', '6h');
    ledger.timers.switchOff('systemd');
    expect(await ledger.checked()).toBe('warning: systemd: is switched off');
    expect((await ledger.setup('cron')).stdout).toContain('ran systemctl --user daemon-reload');
    const [, timer = ''] = ledger.units();
    const file = path.join(ledger.home, '.config', 'systemd', 'user', timer);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('Persistent=true\n', ''));
    expect(await ledger.checked()).toBe('warning: systemd: is not what this version would write');
    await ledger.setup('cron');
    expect([readFileSync(file, 'utf8'), await ledger.checked()]).toEqual([text, expect.stringMatching(/^ok:/)]);
  });

  test('changes nothing where systemd does not answer, and says what to do', async () => {
    const ledger = scene();
    ledger.timers.loseBus();
    const refused = await ledger.setup('cron', '--with', 'systemd');
    expect(refused).toMatchObject({ status: 3, stdout: '' });
    expect(refused.stderr).toContain('Failed to connect to bus: No medium found');
    expect(refused.stderr).toContain('not with su or sudo');
    expect([ledger.units(), existsSync(path.join(ledger.root, '.git', 'agentwork'))]).toEqual([[], false]);
  });

  test('keeps its units until systemd has switched them off', async () => {
    const ledger = scene();
    await ledger.setup('cron', '--with', 'systemd');
    ledger.timers.loseBus();
    await ledger.setup('hook');
    const hook = path.join(ledger.root, '.git', 'hooks', 'post-merge');
    expect(await ledger.setup('remove')).toMatchObject({
      ...{
        status: 3,
        stdout: expect.stringContaining(`removed ${hook}\n`),
        stderr: expect.stringContaining('No medium found'),
      },
    });
    expect(ledger.units()).toHaveLength(2);
    expect(await ledger.checked()).toContain('is switched off');
  });
});

describe('setup cron --with launchd', () => {
  test('writes an agent, loads it, loads it anew where it has changed, and takes it away', async () => {
    const ledger = scene();
    const domain = `gui/${process.getuid?.()}`;
    expect((await ledger.setup('cron', '--with', 'launchd', '-n')).stdout).toContain('<key>Label</key>');
    expect([ledger.agents(), ledger.timers.commands()]).toEqual([[], []]);
    await ledger.setup('cron', '--with', 'launchd');
    const [name = ''] = ledger.agents();
    const plist = path.join(ledger.home, 'Library', 'LaunchAgents', name);
    const label = name.replace('.plist', '');
    const load = `launchctl bootstrap ${domain} ${plist}`;
    const unload = `launchctl bootout ${domain}/${label}`;
    expect(ledger.timers.commands()).toEqual([load]);
    await ledger.setup('cron');
    expect(ledger.timers.commands()).toEqual([load]);
    await ledger.setup('cron', '--every', '1d');
    expect(ledger.timers.commands()).toEqual([load, unload, load]);
    expect(await ledger.checked()).toMatch(/^ok: launchd: next pass/);
    await ledger.setup('remove');
    expect([ledger.timers.commands().at(-1), ledger.agents(), ledger.timers.isOn('launchd')]).toEqual([
      ...[unload, [], false],
    ]);
  });
});

describe('setup cron', () => {
  test('goes from one to another, and leaves one', async () => {
    const ledger = scene();
    const present = () => ({
      crontab: ledger.timers.table() !== '',
      systemd: ledger.units().length === 2 && ledger.timers.isOn('systemd'),
      launchd: ledger.agents().length === 1 && ledger.timers.isOn('launchd'),
    });
    const none = { crontab: false, systemd: false, launchd: false };
    for (const kind of ['crontab', 'systemd', 'launchd', 'crontab']) {
      expect(await ledger.setup('cron', '--with', kind)).toMatchObject({ status: 0, stderr: '' });
      expect(present()).toEqual({ ...none, [kind]: true });
      const { json } = await runJson(['status'], ledger);
      expect(json).toMatchObject({ next_pass: { started_by: kind } });
    }
  });

  test('stays with what is set up, and says when several are', async () => {
    const ledger = scene();
    await ledger.setup('cron', '--with', 'launchd');
    await ledger.setup('cron');
    expect([ledger.timers.table(), ledger.agents().length]).toEqual(['', 1]);
    const block = `# >>> agentwork ${ledger.root} >>>\n1 * * * * true\n# <<< agentwork ${ledger.root} <<<\n`;
    writeFileSync(path.join(ledger.timers.folder, 'table'), block);
    expect(await ledger.checked()).toBe('warning: several start passes: crontab, launchd');
  });

  test('says when it is gone, and when it is of an older version', async () => {
    const ledger = scene();
    await ledger.setup('cron', '--with', 'crontab');
    const table = ledger.timers.table();
    writeFileSync(path.join(ledger.timers.folder, 'table'), '');
    expect(await ledger.checked()).toBe('warning: what was set up with crontab is gone');
    writeFileSync(path.join(ledger.timers.folder, 'table'), table.replace('AGENTWORK_PASS=1 ', ''));
    expect(await ledger.checked()).toBe('warning: crontab: is not what this version would write');
  });

  test('says when cron is not allowed any more, and when it goes on for a clone that was moved', async () => {
    const ledger = scene();
    await ledger.setup('cron', '--with', 'crontab');
    const table = path.join(ledger.timers.folder, 'table');
    writeFileSync(table, readFileSync(table, 'utf8').replaceAll(ledger.root, `${ledger.root}-before`));
    expect(await ledger.checked()).toBe('warning: what was set up with crontab is gone');
    await ledger.setup('remove');
    expect(await ledger.checked()).toBe(`warning: starts passes for a ledger that is gone: ${ledger.root}-before`);
    await ledger.setup('cron', '--with', 'crontab');
    ledger.timers.forbidCron();
    expect(await ledger.checked()).toMatch(/^error: .*not allowed to use this program/);
  });

  test.each(['crontab', 'systemd', 'launchd'])('goes along, or away, with a clone that is moved: %s', async (kind) => {
    const ledger = scene();
    await ledger.setup('cron', '--with', kind, '--every', '6h');
    const moved = { ...ledger, cwd: `${ledger.root}-moved`, env: { HOME: ledger.home } };
    renameSync(ledger.root, moved.cwd);
    const present = () => [ledger.timers.table(), ...ledger.units(), ...ledger.agents()].filter(Boolean).length;
    const before = present();
    const { json } = await runJson<{ findings: readonly Finding[] }>(['setup', 'check'], moved);
    const cron = json.findings.find(({ check }) => check === 'cron');
    expect(cron).toMatchObject({ level: 'warning', says: `${kind}: starts passes where this clone was before` });
    expect(await runCli(['setup', 'cron'], moved)).toMatchObject({ status: 0, stderr: '' });
    expect(present()).toBe(before);
    expect((await runCli(['setup', 'check'], moved)).stdout).toMatch(/^ok +cron +\w+: next pass/m);
    expect((await runJson(['status'], moved)).json).toMatchObject({ next_pass: { started_by: kind } });
    renameSync(moved.cwd, ledger.root);
    await ledger.setup('remove');
    expect(present()).toBe(0);
    expect(readdirSync(path.join(ledger.root, '.git', 'agentwork')).filter((name) => name.startsWith('timer'))).toEqual(
      [],
    );
  });

  test('stays, and the note of it, where cron does not let us look at removal', async () => {
    const ledger = scene();
    await ledger.setup('cron', '--with', 'crontab');
    ledger.timers.forbidCron();
    expect(await ledger.setup('remove')).toMatchObject({ status: 3, stderr: expect.stringContaining('not allowed') });
    expect(await ledger.checked()).toMatch(/^error: .*not allowed/);
  });

  test('has each of two ledgers of one name pass on its own', async () => {
    const folder = temporaryFolder();
    const one = scene(path.join(folder, 'one'));
    const two = { ...scene(path.join(folder, 'two')), env: { HOME: one.home } };
    for (const ledger of [one, two]) await runCli(['setup', 'cron', '--with', 'systemd'], ledger);
    expect(one.units()).toHaveLength(4);
    await runCli(['setup', 'remove'], two);
    expect(one.units()).toHaveLength(2);
    expect(one.read('.config', 'systemd', 'user', one.units()[0] ?? '')).toContain(one.root.replaceAll('%', '%%'));
  });

  test.each([
    [['crontab', 'systemctl'] as const, 'crontab'],
    [['systemctl'] as const, 'systemd'],
  ])('takes, of what a machine has of %j, %s', async (names, kind) => {
    const ledger = scene();
    const env = onlyGitAnd(ledger, names);
    const { json } = await runJson(['setup', 'cron', '-n'], { ...ledger, env });
    const what = kind === 'crontab' ? 'crontab' : expect.stringMatching(/\.service$/);
    expect(json).toMatchObject({ changes: [{ what, action: 'write' }, ...(kind === 'crontab' ? [{}] : [{}, {}, {}])] });
  });

  test('says so where there is nothing, and still shows the line', async () => {
    const ledger = scene();
    const env = onlyGitAnd(ledger, []);
    const refused = await runCli(['setup', 'cron'], { ...ledger, env });
    expect(refused).toMatchObject({ status: 3, stderr: expect.stringContaining('there is no cron here') });
    expect(refused.stderr).toContain('install cron, or log in so that systemctl --user answers');
    expect((await runCli(['setup', 'cron', '-n'], { ...ledger, env })).stdout).toContain('finalize --log');
    const named = await runCli(['setup', 'cron', '--with', 'launchd'], { ...ledger, env });
    expect(named).toMatchObject({ status: 3, stderr: expect.stringContaining('there is no launchctl here') });
  });

  test.each([
    [['--with', 'at'], "--with: 'at' is none of crontab, systemd, launchd"],
    [['--every', '7m'], "--every: '7m' is none of 15m, 30m"],
  ])('refuses %j', async (words, sentence) => {
    const ledger = scene();
    const refused = await ledger.setup('cron', ...words);
    expect(refused).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining(sentence) });
    expect(ledger.timers.table()).toBe('');
  });
});

describe('status', () => {
  test('says when the next pass is due, and starts nothing to find out', async () => {
    const ledger = scene();
    expect((await runJson(['status'], ledger)).json).not.toHaveProperty('next_pass');
    await ledger.setup('cron', '--with', 'systemd', '--every', '15m');
    const env = onlyGitAnd(ledger, []);
    const { json } = await runJson<{ next_pass: { due_at: string } }>(['status'], { ...ledger, env });
    const waitMs = Date.parse(json.next_pass.due_at) - Date.now();
    expect([waitMs > -60_000, waitMs <= 15 * 60_000]).toEqual([true, true]);
    expect((await runCli(['status'], { ...ledger, env })).stdout).toMatch(/^next +by systemd in \d+/m);
    await ledger.setup('remove');
    expect((await runJson(['status'], ledger)).json).not.toHaveProperty('next_pass');
  });
});

/** A PATH on which there is git, and of the stand-ins these. */
function onlyGitAnd({ timers }: Scene, names: readonly string[]): { readonly PATH: string } {
  const bin = path.join(path.dirname(timers.folder), 'only-git');
  mkdirSync(bin);
  symlinkSync(execFileSync('which', ['git'], { encoding: 'utf8' }).trim(), path.join(bin, 'git'));
  // The interpreter of the stand-ins, and what they start.
  for (const name of ['sh', 'cat', 'rm']) symlinkSync(path.join('/bin', name), path.join(bin, name));
  for (const name of names) symlinkSync(path.join(timers.folder, name), path.join(bin, name));
  return { PATH: bin };
}
