import { exitStatuses, JSON_VERSION } from '../../base-command.ts';
import { findHookFolder, planHooks } from '../../setup/git-hook.ts';
import { thisProgram } from '../../setup/program.ts';
import { dryRunFlag, SetupCommand } from '../../setup-command.ts';
import type { SetupDocument } from '../../ui/documents.ts';

const COOLDOWN =
  'a pull that brings nothing, or comes within five minutes of the last look, starts nothing: the next one, or the clock, does';

export default class SetupHook extends SetupCommand {
  static override summary = 'Have each pull followed by a pass in the background.';
  static override description =
    `Writes a few lines into the hooks post-merge and post-rewrite of the clone, in the folder that git really uses, beside what is there. They return at once and never fail a pull. Hooks that lefthook or pre-commit keep are left alone: what belongs into their configuration is printed. Doing it again changes nothing; agentwork setup remove takes the lines out.`;
  static override strict = false;
  static override exitStatus = exitStatuses({ 3: 'a hook cannot be written' });
  static override seeAlso = ['agentwork setup cron', 'agentwork setup check', 'agentwork setup remove'];
  static override examples = [
    { description: 'What would be written', command: '<%= config.bin %> <%= command.id %> --dry-run' },
    { description: 'Write it', command: '<%= config.bin %> <%= command.id %>' },
  ];
  static override flags = { 'dry-run': dryRunFlag };

  async run(): Promise<SetupDocument> {
    const { flags, argv } = await this.parse(SetupHook);
    this.refuseArguments(argv);
    const { ledger } = await this.openForGood(flags);
    const plan = planHooks(await findHookFolder(ledger), thisProgram());
    if ('changes' in plan) {
      const told = await this.make(plan.changes, flags['dry-run']);
      if (!flags['dry-run']) this.answer(COOLDOWN);
      return told;
    }
    const { keeper, snippet } = plan;
    this.answer(`${keeper} keeps the hooks of this clone, and nothing was written. Put this into its configuration:\n`);
    this.answer(snippet.trimEnd());
    return { schema_version: JSON_VERSION, keeper, snippet };
  }
}
