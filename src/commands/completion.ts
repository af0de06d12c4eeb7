import { Args } from '@oclif/core';
import { BaseCommand, exitStatuses, JSON_VERSION } from '../base-command.ts';
import { SCRIPTS, SHELLS, type Shell } from '../completion/scripts.ts';
import type { CompletionDocument } from '../ui/documents.ts';

export default class Completion extends BaseCommand {
  static override summary = 'Print what makes a shell complete command lines of agentwork.';
  static override description =
    `Commands, flags, their values, and the names of sessions in the ledger. The script asks agentwork itself at each press of the key, so that it fits every later version, too.`;
  static override strict = false;
  static override args = {
    shell: Args.string({ description: 'the shell', options: [...SHELLS], required: true, ignoreStdin: true }),
  };
  static override exitStatus = exitStatuses({});
  static override examples = [
    {
      description: 'bash, now; or at each start, in ~/.bashrc',
      command: 'source <(<%= config.bin %> <%= command.id %> bash)',
    },
    {
      description: 'zsh, the same, in ~/.zshrc behind compinit',
      command: 'source <(<%= config.bin %> <%= command.id %> zsh)',
    },
    {
      description: 'fish',
      command: '<%= config.bin %> <%= command.id %> fish > ~/.config/fish/completions/<%= config.bin %>.fish',
    },
  ];

  async run(): Promise<CompletionDocument> {
    const { args, argv } = await this.parse(Completion);
    const shell = args.shell as Shell;
    this.refuseArguments(argv.slice(1));
    if (!this.jsonEnabled()) process.stdout.write(SCRIPTS[shell]);
    return { schema_version: JSON_VERSION, shell, script: SCRIPTS[shell] };
  }
}
