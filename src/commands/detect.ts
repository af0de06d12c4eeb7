import { Flags } from '@oclif/core';
import { BaseCommand, EXIT_STATUS_HELP, JSON_VERSION } from '../base-command.ts';
import { systemClock } from '../clock.ts';
import { detectWork } from '../detection.ts';
import { EXIT_STATUS } from '../errors.ts';
import { formatDetection } from '../ui/detect-text.ts';

export default class Detect extends BaseCommand {
  static override summary = 'List the sessions that wait to be finished.';
  static override description =
    `Looks over the ledger and the recorders' caches and changes nothing.\n\n${EXIT_STATUS_HELP}; 4 work is waiting (with --exit-code).`;
  // Words too many come to us, so that they get our answer.
  static override strict = false;
  static override examples = [
    { description: 'What waits here', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'In a script',
      command: '<%= config.bin %> <%= command.id %> --exit-code --quiet || <%= config.bin %> finalize',
    },
    { description: 'For machines', command: '<%= config.bin %> <%= command.id %> --ledger ~/ledger --json' },
  ];
  static override flags = {
    'exit-code': Flags.boolean({ description: 'exit with status 4 when work is waiting' }),
  };

  async run(): Promise<object> {
    const { flags, argv } = await this.parse(Detect);
    this.refuseArguments(argv);
    const { ledger, config, world } = await this.open(flags);
    const report = await detectWork(ledger, world, this.lookOptions(config));
    this.answer(formatDetection(report, systemClock(), this.width));
    this.exitWith(flags['exit-code'] && report.items.length > 0 ? EXIT_STATUS.WORK_WAITING : EXIT_STATUS.OK);
    return { schema_version: JSON_VERSION, items: report.items, counts: report.counts };
  }
}
