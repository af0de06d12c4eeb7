import { hostname } from 'node:os';
import { Flags } from '@oclif/core';
import { exitStatuses } from '../../base-command.ts';
import { formerRoots, planFormerNotesRemoval } from '../../setup/note.ts';
import { thisProgram } from '../../setup/program.ts';
import { INTERVALS, makeSchedule } from '../../setup/schedule.ts';
import { makeOrder, TIMER_KINDS } from '../../setup/timer.ts';
import { planTimerNote, readTimerNote } from '../../setup/timer-note.ts';
import { chooseTimer, openTimers } from '../../setup/timers.ts';
import { dryRunFlag, SetupCommand } from '../../setup-command.ts';
import type { ChangesDocument } from '../../ui/documents.ts';

const USUAL_INTERVAL = '1h';

export default class SetupCron extends SetupCommand {
  static override summary = 'Have the ledger pulled and a pass made every hour or so: by cron, systemd or launchd.';
  static override description =
    `Writes a line into your crontab, between markers that name the ledger; or a timer of your own systemd (~/.config/systemd/user); or an agent of launchd (~/Library/LaunchAgents), and switches it on. It pulls, then makes a pass that says everything in the log beside the state. PATH is the one that you have now. The minute is another one on each machine. What another of them had for this ledger is taken away.

None of them reads the files that your shell reads when it starts: keys, proxies and CLAUDE_CONFIG_DIR that are set there are unknown. For a subscription of Claude, give it the token of claude setup-token as CLAUDE_CODE_OAUTH_TOKEN: a line in the crontab above ours; systemctl --user edit NAME.service, with [Service] and Environment=; a Mac's agent finds the login in the key chain while you are logged in on its screen. systemd makes passes while you are logged in, or always after loginctl enable-linger.`;
  static override strict = false;
  static override exitStatus = exitStatuses({ 3: 'there is none of them here, or it refuses' });
  static override seeAlso = ['agentwork setup hook', 'agentwork setup check', 'agentwork setup remove'];
  static override examples = [
    { description: 'What would be written', command: '<%= config.bin %> <%= command.id %> --dry-run' },
    { description: 'Twice an hour', command: '<%= config.bin %> <%= command.id %> --every 30m' },
    { description: 'Also while nobody has a crontab', command: '<%= config.bin %> <%= command.id %> --with systemd' },
  ];
  static override flags = {
    'dry-run': dryRunFlag,
    every: Flags.string({
      helpValue: INTERVALS.join('|'),
      description: `how often [default: as it was set up, or ${USUAL_INTERVAL}]`,
    }),
    with: Flags.string({
      helpValue: TIMER_KINDS.join('|'),
      description: 'who starts passes [default: what was set up, or what is here; on a Mac launchd]',
    }),
  };

  async run(): Promise<ChangesDocument> {
    const { flags, argv } = await this.parse(SetupCron);
    this.refuseArguments(argv);
    const { ledger, world } = await this.openForGood(flags);
    const former = formerRoots(ledger);
    const timers = openTimers(ledger.root, world.environment, former);
    const timer = chooseTimer(timers, flags.with, process.platform);
    const noted = [ledger.root, ...former].map((root) => readTimerNote({ ...ledger, root })?.every);
    const every = flags.every ?? noted.find((each) => each !== undefined) ?? USUAL_INTERVAL;
    const schedule = makeSchedule(every, hostname(), ledger.root);
    const order = makeOrder(ledger.root, schedule, thisProgram(), world.environment);
    const planned = timer.plan(order);
    if (!flags['dry-run']) timer.require();
    const others = Object.values(timers).filter((each) => each !== timer);
    // The new one first: if it cannot be had, the old one stays.
    const changes = [...planned, ...others.flatMap((each) => each.planRemoval())];
    const notes = [planTimerNote(ledger, timer.kind, order), ...planFormerNotesRemoval(ledger, 'timer')];
    const told = await this.make([...changes, ...notes], flags['dry-run']);
    if (!flags['dry-run']) this.answer(timer.remark ?? '');
    return told;
  }
}
