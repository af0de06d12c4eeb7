import { BaseCommand, EXIT_STATUS_HELP, JSON_VERSION } from '../base-command.ts';
import { systemClock } from '../clock.ts';
import { readStatus } from '../status.ts';
import { formatStatus } from '../ui/status-text.ts';

export default class Status extends BaseCommand {
  static override summary = 'Show what waits, what runs, what was done, and what is not pushed.';
  static override description = `Reads the state that passes leave and changes nothing.\n\n${EXIT_STATUS_HELP}.`;
  // Words too many come to us, so that they get our answer.
  static override strict = false;
  static override examples = [
    { description: 'At a glance', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'For machines', command: '<%= config.bin %> <%= command.id %> --json' },
  ];

  async run(): Promise<object> {
    const { flags, argv } = await this.parse(Status);
    this.refuseArguments(argv);
    const { ledger, config, world } = await this.open(flags);
    const status = await readStatus(ledger, world, this.lookOptions(config));
    this.answer(formatStatus(status, systemClock()));
    return { ...status, schema_version: JSON_VERSION };
  }
}
