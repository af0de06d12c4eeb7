import { Flags } from '@oclif/core';
import { exitStatuses, JSON_VERSION } from '../../base-command.ts';
import { detectWork } from '../../detection.ts';
import { examine } from '../../doctor.ts';
import { EXIT_STATUS } from '../../errors.ts';
import type { JudgedSession } from '../../session-finder.ts';
import { thisProgram } from '../../setup/program.ts';
import { SetupCommand } from '../../setup-command.ts';
import { readStatus } from '../../status.ts';
import type { CheckDocument } from '../../ui/documents.ts';
import { formatFindings } from '../../ui/setup-text.ts';

export default class SetupCheck extends SetupCommand {
  static override summary = 'Say whether everything is in place that passes need, and what mends what is not.';
  static override description =
    `One line each: git, git-lfs, remote, agent and its login as far as that can be seen without a call, hook and cron as this version would write them, clock, disk, lock, caches, backlog. Nothing is changed, and without --live nothing is asked that costs.`;
  static override strict = false;
  static override exitStatus = exitStatuses({ 3: 'something is an error' });
  static override seeAlso = ['agentwork setup hook', 'agentwork setup cron', 'agentwork status'];
  static override examples = [
    { description: 'What is wrong here?', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'Is claude logged in, here and where cron starts it?',
      command: '<%= config.bin %> <%= command.id %> --live',
    },
    { description: 'For machines', command: '<%= config.bin %> <%= command.id %> --json' },
  ];

  static override flags = {
    live: Flags.boolean({
      description: 'ask claude for one word, here and as cron does, to know that it is logged in: at most a cent each',
    }),
  };

  async run(): Promise<CheckDocument> {
    const { flags, argv } = await this.parse(SetupCheck);
    this.refuseArguments(argv);
    const { ledger, config, world } = await this.open(flags);
    const look = this.lookOptions(config);
    const detection = detectWork(ledger, world, look);
    const status = await readStatus(ledger, world, look, detection);
    const { waiting } = await detection;
    const patient = {
      ledger,
      config,
      world,
      status,
      program: thisProgram(),
      oldestMs: oldestOf(waiting),
      isLive: flags.live,
    };
    const findings = await examine(patient);
    const errors = findings.filter(({ level }) => level === 'error');
    this.answer(formatFindings(findings, this.width));
    if (flags.quiet && errors.length > 0) this.logToStderr(formatFindings(errors));
    const isWell = errors.length === 0;
    await this.exitWith(isWell ? EXIT_STATUS.OK : EXIT_STATUS.PARTIAL);
    return { schema_version: JSON_VERSION, ok: isWell, findings };
  }
}

/** Of transcripts of agents, which these remove some day, although sessions wait for them. */
function oldestOf(waiting: readonly JudgedSession[]): number | undefined {
  const times = waiting.flatMap(({ session: { facts } }) =>
    facts.transcript.kind === 'there' ? facts.transcript.changedAtMs : [],
  );
  return times.length === 0 ? undefined : Math.min(...times);
}
