import { expect, test } from 'vitest';
import { ExpectedError } from '../../src/errors.ts';
import type { Change } from '../../src/setup/change.ts';
import { TIMER_KINDS, type Timer, type TimerKind } from '../../src/setup/timer.ts';
import { chooseTimer, type Timers } from '../../src/setup/timers.ts';

const GOES: Change = { what: 'x', before: 'x', after: undefined, apply: async () => {} };

/** A machine on which these answer, and of which these are set up. */
function machine(answering: readonly TimerKind[], present: readonly TimerKind[] = []): Timers {
  const timer = (kind: TimerKind): Timer => ({
    kind,
    require() {
      if (!answering.includes(kind)) throw new ExpectedError('SYSTEM_FAILED', 'not here');
    },
    plan: () => [],
    planRemoval: () => (present.includes(kind) ? [GOES] : []),
  });
  return Object.fromEntries(TIMER_KINDS.map((kind) => [kind, timer(kind)])) as Timers;
}

test.each<[string, Timers, string | undefined, NodeJS.Platform, TimerKind]>([
  ['launchd on a Mac, although it has cron', machine(['crontab', 'launchd']), undefined, 'darwin', 'launchd'],
  ['cron where it is', machine(['crontab', 'systemd']), undefined, 'linux', 'crontab'],
  ['else systemd', machine(['systemd']), undefined, 'linux', 'systemd'],
  ['cron, which says that it is not there, else', machine([]), undefined, 'linux', 'crontab'],
  ['what is set up', machine(['crontab', 'launchd'], ['crontab']), undefined, 'darwin', 'crontab'],
  ['what is named', machine(['crontab'], ['crontab']), 'systemd', 'linux', 'systemd'],
])('who starts passes is %s', (_, timers, named, platform, kind) => {
  expect(chooseTimer(timers, named, platform).kind).toBe(kind);
});
