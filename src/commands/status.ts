import { BaseCommand, EXIT_STATUS_HELP, JSON_VERSION } from '../base-command.ts';
import { systemClock } from '../clock.ts';
import { readStatus } from '../status.ts';
import { formatStatus } from '../ui/status-text.ts';

export default class Status extends BaseCommand {
  static override summary = 'Show what waits, what runs, what was done, and what is not pushed.';
  static override description = `Reads the state that passes leave and changes nothing.\n\n${EXIT_STATUS_HELP}.`;
  static override examples = [
    { description: 'At a glance', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'For machines', command: '<%= config.bin %> <%= command.id %> --json' },
  ];

  async run(): Promise<object> {
    const { flags } = await this.parse(Status);
    const { ledger, config, world } = await this.open(flags);
    const status = await readStatus(ledger, world, this.lookOptions(config));
    this.log(formatStatus(status, systemClock()));
    return { ...status, schema_version: JSON_VERSION };
  }
}
