import path from 'node:path';
import { homeOf } from '../own-folder.ts';
import { timesOf } from './schedule.ts';
import type { Service, ServiceCommands } from './service.ts';
import { ORIGIN, passCommand, type TimerOrder, timerName } from './timer.ts';

/** An agent of the user's own launchd, on a Mac. */
export function launchdService(ledger: string, environment: NodeJS.ProcessEnv): Service {
  const label = timerName(ledger);
  const file = path.join(homeOf(environment), 'Library', 'LaunchAgents', `${label}.plist`);
  return {
    kind: 'launchd',
    files: (order) => ({ [file]: plistText(order) }),
    paths: [file],
    commands: commandsFor(label, file),
    remark: 'passes are made while you are logged in on the screen of this Mac',
  };
}

/** launchctl(1). What is loaded is not loaded again, and what is not cannot be taken out. */
function commandsFor(label: string, file: string): ServiceCommands {
  const domain = `gui/${process.getuid?.() ?? 0}`;
  const out = ['launchctl', 'bootout', `${domain}/${label}`];
  return {
    answers: ['launchctl', 'print', domain],
    isOn: [['launchctl', 'print', `${domain}/${label}`]],
    switchOn: (isOn) => [...(isOn ? [out] : []), ['launchctl', 'bootstrap', domain, file]],
    switchOff: (isOn) => (isOn ? [out] : []),
    forget: [],
    advice: 'log in on the screen of the Mac once; or --with crontab',
  };
}

/** launchd.plist(5). What the shell itself has to say, such as that node is gone, goes where logs of agents are. */
export function plistText(order: TimerOrder): string {
  const { ledger, schedule, home, path: searched } = order;
  const { minutes, hours = [undefined] } = timesOf(schedule);
  const label = timerName(ledger);
  const agent = {
    Label: label,
    ProgramArguments: ['/bin/sh', '-c', passCommand(order)],
    EnvironmentVariables: { HOME: home, PATH: searched },
    StartCalendarInterval: hours.flatMap((Hour) =>
      minutes.map((Minute) => (Hour === undefined ? { Minute } : { Hour, Minute })),
    ),
    StandardErrorPath: path.join(home, 'Library', 'Logs', `${label}.log`),
  };
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- ${ORIGIN} -->
<plist version="1.0">
${element(agent).join('\n')}
</plist>
`;
}

type Value = string | number | readonly Value[] | { readonly [key: string]: Value };

/** plist(5), a line each. */
function element(value: Value): readonly string[] {
  if (typeof value === 'string') return [`<string>${escaped(value)}</string>`];
  if (typeof value === 'number') return [`<integer>${value}</integer>`];
  if (Array.isArray(value)) return ['<array>', ...value.flatMap(element).map(indented), '</array>'];
  const members = Object.entries(value).flatMap(([key, each]) => [`<key>${key}</key>`, ...element(each)]);
  return ['<dict>', ...members.map(indented), '</dict>'];
}

const indented = (line: string): string => `  ${line}`;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
