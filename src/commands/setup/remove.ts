import { EXIT_STATUS_HELP } from '../../base-command.ts';
import { ExpectedError } from '../../errors.ts';
import { recorderCache } from '../../ledger/caches.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Change } from '../../setup/change.ts';
import { planCronRemoval, userCrontab } from '../../setup/crontab.ts';
import { findHookFolder, planHookRemoval } from '../../setup/git-hook.ts';
import { planRecorderRemoval, settingsFile } from '../../setup/recorder.ts';
import { dryRunFlag, SetupCommand } from '../../setup-command.ts';

export default class SetupRemove extends SetupCommand {
  static override summary = 'Take away all that setup wrote for this ledger.';
  static override description =
    `The lines in hooks and crontab go, and the hook in the settings of Claude Code; what others wrote there stays as it was.\n\n${EXIT_STATUS_HELP}; 3 something cannot be written.`;
  static override strict = false;
  static override examples = [
    { description: 'What would go', command: '<%= config.bin %> <%= command.id %> --dry-run' },
    { description: 'Take it away', command: '<%= config.bin %> <%= command.id %>' },
  ];
  static override flags = { 'dry-run': dryRunFlag };

  async run(): Promise<object> {
    const { flags, argv } = await this.parse(SetupRemove);
    this.refuseArguments(argv);
    const { ledger, world } = await this.open(flags);
    const cron = without(() => planCronRemoval(userCrontab(world.environment), ledger.root));
    const recorder = planRecorderRemoval(settingsFile(world.environment), recorderCache(ledger, world.environment));
    return this.make([...(await hooksOf(ledger)), ...(cron ? [cron] : []), ...recorder], flags['dry-run']);
  }
}

/** Hooks that others share, or that are no scripts, never had a line of ours. */
async function hooksOf(ledger: Ledger): Promise<readonly Change[]> {
  try {
    return planHookRemoval(await findHookFolder(ledger));
  } catch (error) {
    if (error instanceof ExpectedError && error.code === 'BAD_CONFIG') return [];
    throw error;
  }
}

/** Where there is no cron, nothing of ours is in it. */
function without(plan: () => Change | undefined): Change | undefined {
  try {
    return plan();
  } catch (error) {
    if (error instanceof ExpectedError && error.code === 'SYSTEM_FAILED') return undefined;
    throw error;
  }
}
