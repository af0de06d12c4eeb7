import { Flags } from '@oclif/core';
import { exitStatuses } from '../../base-command.ts';
import { type Crontab, cronWorld, INTERVALS, NO_CRONTAB, planCron, userCrontab } from '../../setup/crontab.ts';
import { thisProgram } from '../../setup/program.ts';
import { dryRunFlag, SetupCommand } from '../../setup-command.ts';
import type { ChangesDocument } from '../../ui/documents.ts';

export default class SetupCron extends SetupCommand {
  static override summary = 'Have cron pull the ledger and make a pass, every hour or so.';
  static override description =
    `Writes a line into your crontab, between markers that name the ledger: pull, then a pass that says everything in the log beside the state. PATH is the one that you have now. The minute is another one on each machine. cron sees little of your login: for a subscription of Claude, give it the token of claude setup-token as CLAUDE_CODE_OAUTH_TOKEN.`;
  static override strict = false;
  static override exitStatus = exitStatuses({ 3: 'there is no cron, or it refuses the line' });
  static override seeAlso = ['agentwork setup hook', 'agentwork setup check', 'agentwork setup remove'];
  static override examples = [
    { description: 'What would be written', command: '<%= config.bin %> <%= command.id %> --dry-run' },
    { description: 'Twice an hour', command: '<%= config.bin %> <%= command.id %> --every 30m' },
  ];
  static override flags = {
    'dry-run': dryRunFlag,
    every: Flags.string({ default: '1h', helpValue: INTERVALS.join('|'), description: 'how often' }),
  };

  async run(): Promise<ChangesDocument> {
    const { flags, argv } = await this.parse(SetupCron);
    this.refuseArguments(argv);
    const { ledger, world } = await this.open(flags);
    const cron = cronWorld(ledger.root, thisProgram(), world.environment);
    const isDryRun = flags['dry-run'];
    return this.make([planCron(openCrontab(world.environment, isDryRun), flags.every, cron)], isDryRun);
  }
}

/** The line can be shown where there is no cron, for whatever starts programs there. */
function openCrontab(environment: NodeJS.ProcessEnv, isDryRun: boolean): Crontab {
  const table = userCrontab(environment);
  if (!isDryRun) return table;
  try {
    const text = table.read();
    return { ...NO_CRONTAB, read: () => text };
  } catch {
    return NO_CRONTAB;
  }
}
