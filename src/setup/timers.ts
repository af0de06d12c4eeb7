import { ExpectedError } from '../errors.ts';
import { crontabTimer, userCrontab } from './crontab.ts';
import { launchdService } from './launchd.ts';
import { serviceTimer } from './service.ts';
import { systemdService } from './systemd.ts';
import { TIMER_KINDS, type Timer, type TimerKind } from './timer.ts';

/** All that could start passes over this ledger by the clock. */
export type Timers = Readonly<Record<TimerKind, Timer>>;

/** `former`: where the clone was before, of which nothing is to stay. */
export function openTimers(ledger: string, environment: NodeJS.ProcessEnv, former: readonly string[] = []): Timers {
  const service = (of: typeof systemdService) => {
    const [timer, ...others] = [ledger, ...former].map((root) => serviceTimer(of(root, environment), environment));
    return withoutFormer(timer as Timer, others);
  };
  return {
    crontab: crontabTimer(userCrontab(environment), ledger, former),
    systemd: service(systemdService),
    launchd: service(launchdService),
  };
}

function withoutFormer(timer: Timer, former: readonly Timer[]): Timer {
  const removal = () => former.flatMap((each) => each.planRemoval());
  return {
    ...timer,
    plan: (order) => [...timer.plan(order), ...removal()],
    planRemoval: () => [...timer.planRemoval(), ...removal()],
  };
}

/** Those that have something of ours for this ledger. */
export function presentTimers(timers: Timers): readonly Timer[] {
  return Object.values(timers).filter((timer) => timer.planRemoval().length > 0);
}

/**
 * The named one, else the one that is set up, else what the machine has: cron is asked before systemd, whose timers end
 * with the login unless somebody has it linger. Throws BAD_USAGE for a name that is none.
 */
export function chooseTimer(timers: Timers, named: string | undefined, platform: NodeJS.Platform): Timer {
  if (named !== undefined) {
    const kind = TIMER_KINDS.find((each) => each === named);
    if (kind) return timers[kind];
    throw new ExpectedError('BAD_USAGE', `--with: '${named}' is none of ${TIMER_KINDS.join(', ')}`);
  }
  const [present] = presentTimers(timers);
  if (present) return present;
  if (platform === 'darwin') return timers.launchd;
  return [timers.crontab, timers.systemd].find((timer) => whyNot(timer) === undefined) ?? timers.crontab;
}

/** Why this machine can have none of this kind; undefined where it can. */
export function whyNot({ require }: Timer): ExpectedError | undefined {
  try {
    require();
    return undefined;
  } catch (error) {
    if (error instanceof ExpectedError) return error;
    throw error;
  }
}
