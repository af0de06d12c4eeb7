import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { cronLines, INTERVALS, planCron, planCronRemoval } from '../../src/setup/crontab.ts';

const WORLD = {
  ledger: '/home/mia/ledger',
  program: { node: '/usr/bin/node', script: '/usr/lib/agentwork/bin/run.js' },
  path: '/usr/local/bin:/usr/bin',
  host: 'here',
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
    const [, line = ''] = cronLines('1h', WORLD);
    expect(line).toMatch(/^\d+ \* \* \* \* cd \/home\/mia\/ledger && export PATH=\/usr\/local\/bin:\/usr\/bin && /);
    expect(line).toContain('{ git pull --quiet --rebase >/dev/null 2>&1; ');
    expect(line).toContain('/usr/bin/node /usr/lib/agentwork/bin/run.js finalize --log; }');
  });

  test.each(INTERVALS)('has five fields of time for %s, always the same on one machine', (every) => {
    const times = (host: string) =>
      cronLines(every, { ...WORLD, host })[1]
        ?.split(' ')
        .slice(0, 5) ?? [];
    expect(times('here')).toEqual(times('here'));
    expect(times('here').join(' ')).toMatch(/^(\d+|\d+-59\/\d+) (\*|\*\/\d+|\d+) \* \* \*$/);
    const minutes = new Set(Array.from({ length: 50 }, (_, number) => times(`host ${number}`)[0]));
    expect(minutes.size).toBeGreaterThan(10);
  });

  test.skipIf(!CHECKS).each([...INTERVALS, '1h'])('of %s is one that cron takes', (every) => {
    const crontab = table('MAILTO=mia\n5 4 * * * backup\n');
    const ledger = '/home/mia/my 100% "ledger"';
    planCron(crontab, every, { ...WORLD, ledger }).apply();
    const { status, stderr } = spawnSync('crontab', ['-n', '-'], { input: crontab.state.text, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, expect.not.stringContaining('bad')]);
  });

  test('keeps what a shell or cron would read as its own', () => {
    const [, line = ''] = cronLines('1h', { ...WORLD, ledger: "/home/mia/it's 5% & $HOME" });
    expect(line).toContain(`cd '/home/mia/it'\\''s 5\\% & $HOME' &&`);
    const words = line.replaceAll('\\%', '%').split(' ').slice(5).join(' ');
    const shown = spawnSync('sh', ['-c', words.replace(/^cd/, 'printf %s').replace(/ && .*/, '')], {
      encoding: 'utf8',
    });
    expect(shown.stdout).toBe("/home/mia/it's 5% & $HOME");
  });

  test.each([
    ['an interval that cron has not', '7m', {}, "'7m' is none of 15m, 30m"],
    ['an interval of another kind', 'constructor', {}, 'is none of'],
    ['a line break', '1h', { ledger: '/home/a\nb' }, 'no line break'],
    ['a PATH that makes it too long', '1h', { path: '/bin:'.repeat(300) }, 'cron reads 990'],
  ])('is refused for %s', (_, every, more, message) => {
    expect(() => cronLines(every, { ...WORLD, ...more })).toThrow(message);
  });
});

test('a table gets it once, and is what it was without it', async () => {
  const crontab = table('5 4 * * * backup\n');
  await planCron(crontab, '1h', WORLD).apply();
  const once = crontab.state.text;
  const again = planCron(crontab, '1h', WORLD);
  expect(again.after).toBe(once);
  await planCron(crontab, '6h', { ...WORLD, ledger: '/other' }).apply();
  for (const change of planCronRemoval(crontab, '/other')) await change.apply();
  expect(crontab.state.text).toBe(once);
  for (const change of planCronRemoval(crontab, WORLD.ledger)) await change.apply();
  expect(crontab.state.text).toBe('5 4 * * * backup\n');
  expect(planCronRemoval(crontab, WORLD.ledger)).toEqual([]);
});
