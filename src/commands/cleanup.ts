import { Flags } from '@oclif/core';
import { BaseCommand, EXIT_STATUS_HELP, JSON_VERSION } from '../base-command.ts';
import { runCleanup } from '../cleanup.ts';
import { runRestore } from '../restore.ts';
import { formatCleanup, formatRestored } from '../ui/cleanup-text.ts';

export default class Cleanup extends BaseCommand {
  static override summary = 'Remove ghosts, leftovers of killed passes, copies that are pushed, and old trash.';
  static override description =
    `A ghost is a recording whose process is gone and that holds nothing that could be recovered. A cached session that is pushed goes to the trash, where everything stays for 30 days. Works whether an agent is enabled or not.\n\n${EXIT_STATUS_HELP}; 3 it could not be restored; 11 a pass is running.`;
  // Words too many come to us, so that they get our answer.
  static override strict = false;
  static override examples = [
    { description: 'What would go', command: '<%= config.bin %> <%= command.id %> --dry-run' },
    { description: 'Remove it', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'Take a discarded session back',
      command: '<%= config.bin %> <%= command.id %> --restore 2026-01-06T14-32-ryan-Ox7f3a',
    },
  ];
  static override flags = {
    'dry-run': Flags.boolean({
      char: 'n',
      default: false,
      description: 'only say what would be removed, or restored',
    }),
    restore: Flags.string({
      helpValue: 'NAME',
      description: 'remove nothing; put this back from the trash to where it came from, to stay on this machine',
    }),
  };

  async run(): Promise<object> {
    const { flags, argv } = await this.parse(Cleanup);
    this.refuseArguments(argv);
    const { ledger, config, world } = await this.open(flags);
    const onTrouble = (message: string) => world.tell({ type: 'warning', message });
    const isDryRun = flags['dry-run'];
    if (flags.restore !== undefined) {
      const restored = await runRestore(ledger, { ...world, onTrouble }, { name: flags.restore, isDryRun });
      this.answer(formatRestored(restored, isDryRun));
      const { name, path } = restored;
      return { schema_version: JSON_VERSION, restored: { name, path }, dry_run: isDryRun };
    }
    const removed = await runCleanup(ledger, { ...world, onTrouble }, { config, isDryRun });
    const isWorthSaying = removed.length > 0 || process.stdout.isTTY;
    if (isWorthSaying) this.answer(formatCleanup(removed, isDryRun));
    return { schema_version: JSON_VERSION, removed, dry_run: isDryRun };
  }
}
