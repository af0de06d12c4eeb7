import { Flags } from '@oclif/core';
import { BaseCommand, EXIT_STATUS_HELP, JSON_VERSION } from '../base-command.ts';
import { runCleanup } from '../cleanup.ts';
import { formatCleanup } from '../ui/cleanup-text.ts';

export default class Cleanup extends BaseCommand {
  static override summary = 'Remove ghosts, leftovers of killed passes, and old trash.';
  static override description =
    `A ghost is a recording whose process is gone and that holds nothing that could be recovered. Works whether an agent is enabled or not.\n\n${EXIT_STATUS_HELP}; 11 a pass is running.`;
  // Words too many come to us, so that they get our answer.
  static override strict = false;
  static override examples = [
    { description: 'What would go', command: '<%= config.bin %> <%= command.id %> --dry-run' },
    { description: 'Remove it', command: '<%= config.bin %> <%= command.id %>' },
  ];
  static override flags = {
    'dry-run': Flags.boolean({ char: 'n', description: 'only say what would be removed' }),
  };

  async run(): Promise<object> {
    const { flags, argv } = await this.parse(Cleanup);
    this.refuseArguments(argv);
    const { ledger, config, world } = await this.open(flags);
    const onTrouble = (message: string) => world.tell({ type: 'warning', message });
    const removed = await runCleanup(ledger, { ...world, onTrouble }, { config, isDryRun: flags['dry-run'] });
    const isWorthSaying = removed.length > 0 || process.stdout.isTTY;
    if (isWorthSaying) this.answer(formatCleanup(removed, flags['dry-run']));
    return { schema_version: JSON_VERSION, removed, dry_run: flags['dry-run'] };
  }
}
