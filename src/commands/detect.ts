import { Args, Flags } from '@oclif/core';
import { BaseCommand, exitStatuses, fullFlag, JSON_VERSION, sessionName } from '../base-command.ts';
import { systemClock } from '../clock.ts';
import { detectWork, explainSessions } from '../detection.ts';
import { EXIT_STATUS } from '../errors.ts';
import { formatDetection } from '../ui/detect-text.ts';
import type { DetectDocument } from '../ui/documents.ts';
import { formatExplanations } from '../ui/explain-text.ts';

export default class Detect extends BaseCommand {
  static override summary = 'List the sessions that wait to be finished.';
  static override description =
    `Looks over the ledger and the recorders' caches and changes nothing. --explain says of every session, or of the named ones, what it is, which rule decided, and by which facts; of named ones also which secrets their files hold, by rule and count.`;
  // Words too many come to us, so that they get our answer.
  static override strict = false;
  static override args = {
    session: Args.string({
      description: 'names of sessions to explain (with --explain)',
      required: false,
      ignoreStdin: true,
    }),
  };
  static override exitStatus = exitStatuses({ 4: 'work is waiting (with --exit-code)' });
  static override seeAlso = ['agentwork finalize', 'agentwork status'];
  static override examples = [
    { description: 'What waits here', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'Why was this one not finalised?',
      command: '<%= config.bin %> <%= command.id %> --explain 2026-01-06T14-32-ryan-Ox7f3a',
    },
    {
      description: 'In a script',
      command: '<%= config.bin %> <%= command.id %> --exit-code --quiet || <%= config.bin %> finalize',
    },
    { description: 'For machines', command: '<%= config.bin %> <%= command.id %> --ledger ~/ledger --json' },
  ];
  static override flags = {
    explain: Flags.boolean({ char: 'e', description: 'say of every session why it is what it is' }),
    full: fullFlag,
    'exit-code': Flags.boolean({ description: 'exit with status 4 when work is waiting' }),
  };

  async run(): Promise<DetectDocument> {
    const { flags, argv } = await this.parse(Detect);
    if (!flags.explain) this.refuseArguments(argv, ['agentwork detect --explain SESSION tells of one session']);
    const { ledger, config, world } = await this.open(flags);
    const look = { ...this.lookOptions(config), isFull: flags.full, tellsAll: flags.explain };
    const report = await detectWork(ledger, world, look);
    const now = systemClock();
    const sessions = flags.explain ? await explainSessions(report, argv.map(sessionName), ledger, now) : undefined;
    this.answer(sessions ? formatExplanations(sessions, now) : formatDetection(report, now, this.width));
    const isWaiting = report.items.length > 0 || (config.push && report.unpushed.length > 0);
    await this.exitWith(flags['exit-code'] && isWaiting ? EXIT_STATUS.WORK_WAITING : EXIT_STATUS.OK);
    const { items, counts } = report;
    return { schema_version: JSON_VERSION, items, counts, ...(sessions && { sessions }) };
  }
}
