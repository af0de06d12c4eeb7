import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { launchdService, plistText } from '../../src/setup/launchd.ts';
import { INTERVALS, makeSchedule } from '../../src/setup/schedule.ts';
import { serviceText, systemdService, timerText } from '../../src/setup/systemd.ts';
import { makeOrder, passCommand, type TimerOrder, timerName } from '../../src/setup/timer.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const LEDGER = `/home/mia/my 100% "led\\ger" it's $HOME \${X} & <x>\\`;
const ORDER: TimerOrder = {
  ledger: LEDGER,
  schedule: { every: '1h', minute: 17, hour: 4 },
  program: { node: '/usr/bin/node', script: '/usr/lib/agent work/run.cjs' },
  path: '/opt/a b:/usr/bin:/$x',
  home: '/home/m%a',
};
const PLAIN = { ...ORDER, ledger: '/home/mia/ledger', path: '/usr/bin:/bin', home: '/home/mia' };

/** Both are asked whether they would take what is written, where they are here. */
const HAS_SYSTEMD = spawnSync('systemd-analyze', ['--version']).status === 0;
if (!HAS_SYSTEMD) console.warn('no unit is put before the real systemd: there is no systemd-analyze here');
const HAS_PLISTS = spawnSync('python3', ['-c', 'import plistlib']).status === 0;
if (!HAS_PLISTS) console.warn('no plist is read by another parser: there is no python3 here');

/** The words of a setting as systemd.syntax(7) and systemd.service(5) say that they are read. */
function words(text: string, setting: string): readonly string[] {
  const value = text.split('\n').find((line) => line.startsWith(`${setting}=`)) ?? '';
  const found = value.slice(setting.length + 1).match(/"(?:\\.|[^"\\])*"|[^\s"]+/g) ?? [];
  return found.map((word) => word.replace(/^"|"$/g, '').replace(/\\(.)/g, '$1').replaceAll('%%', '%'));
}

describe('a unit of systemd', () => {
  test('starts in a shell what cron would, whatever stands in the paths', () => {
    const [shell, flag, command = ''] = words(serviceText(ORDER), 'ExecStart');
    expect([shell, flag]).toEqual(['/bin/sh', '-c']);
    expect(command.replaceAll('$$', '')).not.toContain('$');
    expect(command.replaceAll('$$', '$')).toBe(passCommand(ORDER));
    expect(words(serviceText(ORDER), 'Environment')).toEqual([`HOME=${ORDER.home}`, `PATH=${ORDER.path}`]);
  });

  test('is what it is', () => {
    expect(serviceText(PLAIN)).toBe(`# From: agentwork setup cron. Away with: agentwork setup remove.
[Unit]
Description=A pass over /home/mia/ledger (agentwork)

[Service]
Type=oneshot
Environment="HOME=/home/mia" "PATH=/usr/bin:/bin"
ExecStart=/bin/sh -c "cd /home/mia/ledger && { AGENTWORK_PASS=1 git pull --quiet --rebase >/dev/null 2>&1; /usr/bin/node '/usr/lib/agent work/run.cjs' finalize --log; }"
SuccessExitStatus=11 13 143
`);
    expect(timerText({ ...PLAIN, schedule: { every: '12h', minute: 17, hour: 4 } })).toContain(
      '[Timer]\nOnCalendar=*-*-* 0,12:17:00\nPersistent=true\n\n[Install]\nWantedBy=timers.target\n',
    );
  });

  test.skipIf(!HAS_SYSTEMD).each(INTERVALS)('of every %s is one that systemd takes', (every) => {
    const folder = temporaryFolder();
    const order = { ...ORDER, schedule: makeSchedule(every, 'here', LEDGER) };
    const files = { 'x.service': serviceText(order), 'x.timer': timerText(order) };
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
    const verified = spawnSync('systemd-analyze', ['--user', 'verify', './x.timer', './x.service'], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, XDG_RUNTIME_DIR: folder },
      encoding: 'utf8',
    });
    expect(verified).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });

  test.each([
    [{ HOME: '/home/mia' }, '/home/mia/.config/systemd/user/'],
    [{ HOME: '/home/mia', XDG_CONFIG_HOME: '/home/mia/conf' }, '/home/mia/conf/systemd/user/'],
    [{ HOME: '/home/mia', XDG_CONFIG_HOME: 'conf' }, '/home/mia/.config/systemd/user/'],
  ])('lies with %j in %s', (environment, folder) => {
    expect(systemdService('/l', environment).paths.map((file) => `${path.dirname(file)}/`)).toEqual([folder, folder]);
  });
});

describe('an agent of launchd', () => {
  test.skipIf(!HAS_PLISTS)('says what cron would do to another parser of it, whatever stands in the paths', () => {
    const read = 'import json, plistlib, sys; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))';
    const { stdout, stderr } = spawnSync('python3', ['-c', read], { input: plistText(ORDER), encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      Label: timerName(LEDGER),
      ProgramArguments: ['/bin/sh', '-c', passCommand(ORDER)],
      EnvironmentVariables: { HOME: ORDER.home, PATH: ORDER.path },
      StartCalendarInterval: [{ Minute: 17 }],
      StandardErrorPath: `/home/m%a/Library/Logs/${timerName(LEDGER)}.log`,
    });
  });

  test.each([
    ['30m', '<dict><key>Minute</key><integer>17</integer></dict><dict><key>Minute</key><integer>47</integer></dict>'],
    ['1d', '<dict><key>Hour</key><integer>4</integer><key>Minute</key><integer>17</integer></dict>'],
  ])('of every %s has its times', (every, times) => {
    const text = plistText({ ...PLAIN, schedule: { every, minute: 17, hour: 4 } }).replaceAll(/\n */g, '');
    expect(text).toContain(`<key>StartCalendarInterval</key><array>${times}</array>`);
  });

  test('escapes what XML would read as its own', () => {
    expect(plistText(ORDER)).toContain('$HOME ${X} &amp; &lt;x&gt;\\');
    expect(launchdService('/l', { HOME: '/Users/mia' }).paths).toEqual([
      `/Users/mia/Library/LaunchAgents/${timerName('/l')}.plist`,
    ]);
  });
});

test('two ledgers whose folders have one name have timers of two names', () => {
  expect(timerName('/a/ledger')).toMatch(/^agentwork-ledger-[0-9a-f]{8}$/);
  expect(timerName('/a/ledger')).not.toBe(timerName('/b/ledger'));
  expect(timerName(`/a/${'ß/ %'.repeat(90)}`)).toMatch(/^agentwork-[\w.-]{1,49}$/);
});

test.each([
  ['/bin:/usr/bin:/bin', '/bin:/usr/bin'],
  [':/bin::node_modules/.bin:.:/usr/bin:', '/bin:/usr/bin'],
  ['', '/usr/local/bin:/usr/bin:/bin'],
  ['relative', '/usr/local/bin:/usr/bin:/bin'],
])('of a PATH %j what starts by itself gets %j', (searched, expected) => {
  const { schedule, program } = ORDER;
  expect(makeOrder('/l', schedule, program, { PATH: searched, HOME: '/home/mia' })).toMatchObject({
    ...{ path: expected, home: '/home/mia' },
  });
});
