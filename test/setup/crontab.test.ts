import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ExpectedError } from '../../src/errors.ts';
import { cronLines, crontabTimer, userCrontab } from '../../src/setup/crontab.ts';
import { INTERVALS, makeSchedule } from '../../src/setup/schedule.ts';
import type { TimerOrder } from '../../src/setup/timer.ts';
import { writeScript } from '../support/ledger-dir.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ORDER: TimerOrder = {
  ledger: '/home/mia/ledger',
  schedule: { every: '1h', minute: 17, hour: 4 },
  program: { node: '/usr/bin/node', script: '/usr/lib/agentwork/bin/run.js' },
  path: '/usr/local/bin:/usr/bin',
  home: '/home/mia',
};

/** Debian's crontab says whether it would take a table. */
const CHECKS = spawnSync('crontab', ['-n', '-'], { input: '17 * * * * true\n' }).status === 0;
if (!CHECKS) console.warn('no line is put before the real crontab: there is none here that checks (-n)');

function table(text: string) {
  const state = { text };
  const write = (now: string) => {
    state.text = now;
  };
  return { state, read: () => state.text, write };
}

describe('the line for cron', () => {
  test('goes to the ledger, pulls, and makes a pass by absolute paths', () => {
    const [, line = ''] = cronLines(ORDER);
    expect(line).toMatch(/^17 \* \* \* \* cd \/home\/mia\/ledger && export PATH=\/usr\/local\/bin:\/usr\/bin && /);
    expect(line).toContain('{ AGENTWORK_PASS=1 git pull --quiet --rebase >/dev/null 2>&1; ');
    expect(line).toContain('/usr/bin/node /usr/lib/agentwork/bin/run.js finalize --log; }');
  });

  test.each([
    ['15m', '7,22,37,52 * * * *'],
    ['2h', '7 0,2,4,6,8,10,12,14,16,18,20,22 * * *'],
    ['1d', '7 4 * * *'],
  ])('of %s has its times', (every, times) => {
    expect(cronLines({ ...ORDER, schedule: { every, minute: 7, hour: 4 } })[1]).toContain(`${times} cd /`);
  });

  test.skipIf(!CHECKS).each(INTERVALS)('of %s is one that cron takes', async (every) => {
    const crontab = table('MAILTO=mia\n5 4 * * * backup\n');
    const ledger = '/home/mia/my 100% "ledger"';
    const schedule = makeSchedule(every, 'here', ledger);
    for (const change of crontabTimer(crontab, ledger).plan({ ...ORDER, ledger, schedule })) await change.apply();
    expect(crontab.state.text).toContain('finalize --log');
    const { status, stderr } = spawnSync('crontab', ['-n', '-'], { input: crontab.state.text, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, expect.not.stringContaining('bad')]);
  });

  test('keeps what a shell or cron would read as its own', () => {
    const [, line = ''] = cronLines({ ...ORDER, ledger: "/home/mia/it's 5% & $HOME" });
    expect(line).toContain(`cd '/home/mia/it'\\''s 5\\% & $HOME' &&`);
    const words = line.replaceAll('\\%', '%').split(' ').slice(5).join(' ');
    const shown = spawnSync('sh', ['-c', words.replace(/^cd/, 'printf %s').replace(/ && .*/, '')], {
      encoding: 'utf8',
    });
    expect(shown.stdout).toBe("/home/mia/it's 5% & $HOME");
  });

  test.each([
    ['a line break', { ledger: '/home/a\nb' }, 'no line break'],
    ['a control sign', { path: '/bin:/\u001b[2J' }, 'no other control sign'],
    ['a PATH that makes it too long', { path: '/bin:'.repeat(300) }, 'cron reads 990'],
  ])('is refused for %s', (_, more, message) => {
    expect(() => cronLines({ ...ORDER, ...more })).toThrow(message);
  });
});

test('a table that cannot be read is not written over', async () => {
  const crontab = table('5 4 * * * backup\n');
  const { read } = crontab;
  crontab.read = () => {
    throw new ExpectedError('SYSTEM_FAILED', 'crontab -l: not now');
  };
  const timer = crontabTimer(crontab, ORDER.ledger);
  const [change] = timer.plan(ORDER);
  crontab.read = read;
  await expect(change?.apply()).rejects.toThrow('not now');
  expect(crontab.state.text).toBe('5 4 * * * backup\n');
});

test('a table gets it once, and is what it was without it', async () => {
  const crontab = table('5 4 * * * backup\n');
  const [one, other] = [crontabTimer(crontab, ORDER.ledger), crontabTimer(crontab, '/other')];
  for (const change of one.plan(ORDER)) await change.apply();
  const once = crontab.state.text;
  expect(one.plan(ORDER)).toMatchObject([{ before: once, after: once }]);
  for (const change of other.plan({ ...ORDER, ledger: '/other' })) await change.apply();
  for (const change of other.planRemoval()) await change.apply();
  expect(crontab.state.text).toBe(once);
  for (const change of one.planRemoval()) await change.apply();
  expect(crontab.state.text).toBe('5 4 * * * backup\n');
  expect(one.planRemoval()).toEqual([]);
});

test('a crontab that does not answer is not waited for', () => {
  const folder = temporaryFolder();
  writeScript(path.join(folder, 'crontab'), 'exec tail -f /dev/null');
  const { read } = userCrontab({ PATH: `${folder}:${process.env.PATH}` }, 200);
  expect(read).toThrow('crontab does not answer');
});
