import path from 'node:path';
import { homeOf } from '../own-folder.ts';
import { timesOf } from './schedule.ts';
import type { Service, ServiceCommands } from './service.ts';
import { ORIGIN, passCommand, type TimerOrder, timerName } from './timer.ts';

/** A timer of the user's own systemd, and the service that it starts. */
export function systemdService(ledger: string, environment: NodeJS.ProcessEnv): Service {
  const { XDG_CONFIG_HOME = '' } = environment;
  const config = path.isAbsolute(XDG_CONFIG_HOME) ? XDG_CONFIG_HOME : path.join(homeOf(environment), '.config');
  const name = timerName(ledger);
  const unit = (kind: string) => path.join(config, 'systemd', 'user', `${name}.${kind}`);
  const [service, timer] = [unit('service'), unit('timer')];
  return {
    kind: 'systemd',
    files: (order) => ({ [service]: serviceText(order), [timer]: timerText(order) }),
    paths: [service, timer],
    commands: commandsFor(`${name}.timer`),
    remark: 'passes are made while you are logged in; after loginctl enable-linger always',
  };
}

/** systemctl(1). A reload has a timer that is on count by its new times. */
function commandsFor(timer: string): ServiceCommands {
  const systemctl = (...words: readonly string[]) => ['systemctl', '--user', ...words];
  const reload = systemctl('daemon-reload');
  return {
    answers: systemctl('show', '--property=Version'),
    isOn: [systemctl('is-enabled', '--quiet', timer), systemctl('is-active', '--quiet', timer)],
    switchOn: () => [reload, systemctl('enable', '--now', timer)],
    switchOff: () => [systemctl('disable', '--now', timer)],
    forget: [reload],
    advice: 'log in as this user, and not with su or sudo, so that systemctl --user answers; or --with crontab',
  };
}

/**
 * systemd.service(5). A limit, another pass and the end of a session are no failures; all others are, and `systemctl
 * --user --failed` lists them.
 */
export function serviceText(order: TimerOrder): string {
  const { ledger, path: searched, home } = order;
  return lines([
    '[Unit]',
    `Description=A pass over ${plain(ledger)} (agentwork)`,
    '',
    '[Service]',
    'Type=oneshot',
    `Environment=${quoted(`HOME=${home}`)} ${quoted(`PATH=${searched}`)}`,
    `ExecStart=/bin/sh -c ${quoted(passCommand(order)).replaceAll('$', '$$$$')}`,
    'SuccessExitStatus=11 13 143',
  ]);
}

/** systemd.timer(5), systemd.time(7). `Persistent`: what was due while the machine was off comes when it is on. */
export function timerText({ ledger, schedule }: TimerOrder): string {
  const { minutes, hours } = timesOf(schedule);
  return lines([
    '[Unit]',
    `Description=Passes over ${plain(ledger)} (agentwork)`,
    '',
    '[Timer]',
    `OnCalendar=*-*-* ${hours?.join(',') ?? '*'}:${minutes.join(',')}:00`,
    'Persistent=true',
    '',
    '[Install]',
    'WantedBy=timers.target',
  ]);
}

const lines = (texts: readonly string[]): string => [`# ${ORIGIN}`, ...texts, ''].join('\n');

/** A percent sign begins a specifier, everywhere. */
const plain = (text: string): string => text.replaceAll('%', '%%');

/** One word. */
const quoted = (text: string): string => `"${plain(text).replace(/[\\"]/g, '\\$&')}"`;
