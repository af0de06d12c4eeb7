import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** What they do is noted; nothing of this machine is asked. */
const SCRIPTS = {
  crontab: (at: string) => `
[ ! -f ${at}/forbidden ] || { echo 'You (mia) are not allowed to use this program (crontab)' >&2; exit 1; }
[ "$1" = -l ] || exec cat > ${at}/table
[ ! -f ${at}/table ] || exec cat ${at}/table
echo 'no crontab for mia' >&2; exit 1`,
  systemctl: (at: string) => `
echo "systemctl $*" >> ${at}/calls
[ ! -f ${at}/no-bus ] || { echo 'Failed to connect to bus: No medium found' >&2; exit 1; }
for last; do :; done
case "$2" in
  is-*) [ -f ${at}/systemd-on/"$last" ] ;;
  enable) mkdir -p ${at}/systemd-on && : > ${at}/systemd-on/"$last" ;;
  disable) rm -f ${at}/systemd-on/"$last" ;;
esac`,
  launchctl: (at: string) => `
echo "launchctl $*" >> ${at}/calls
for last; do :; done
on=${at}/launchd-on/$(basename "$last" .plist)
case "$1 $2" in
  "print gui/"*/*) [ -f "$on" ] ;;
  "bootstrap "*) mkdir -p ${at}/launchd-on && [ ! -f "$on" ] && : > "$on" ;;
  "bootout "*) rm "$on" ;;
esac`,
};

export type StandInTimer = keyof typeof SCRIPTS;

/** Programs that start others by the clock, in place of the machine's own: which there are, how they were called, the table. */
export function standInTimers(folder: string, names: readonly StandInTimer[] = ['crontab', 'systemctl', 'launchctl']) {
  mkdirSync(folder, { recursive: true });
  const file = (name: string) => path.join(folder, name);
  for (const name of names) writeFileSync(file(name), `#!/bin/sh${SCRIPTS[name](folder)}\n`, { mode: 0o755 });
  const read = (name: string) => (existsSync(file(name)) ? readFileSync(file(name), 'utf8') : '');
  return {
    folder,
    table: () => read('table'),
    /** What changed something, in its order; looks are left out. */
    commands: () =>
      read('calls')
        .split('\n')
        .filter((line) => line !== '' && !/ (?:show|print|is-\w+) /.test(line)),
    isOn: (kind: 'systemd' | 'launchd') => existsSync(file(`${kind}-on`)) && readdirSync(file(`${kind}-on`)).length > 0,
    /** As somebody does by hand. */
    switchOff: (kind: 'systemd' | 'launchd') => rmSync(file(`${kind}-on`), { recursive: true }),
    /** From here on the user may have no table. */
    forbidCron: () => writeFileSync(file('forbidden'), ''),
    /** From here on systemd does not answer, as under sudo. */
    loseBus: () => writeFileSync(file('no-bus'), ''),
  };
}
