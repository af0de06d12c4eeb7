import { Flags } from '@oclif/core';
import { BaseCommand, exitStatuses, JSON_VERSION, type Setting, sessionName } from '../base-command.ts';
import { runCleanup } from '../cleanup.ts';
import { EXIT_STATUS, ExpectedError } from '../errors.ts';
import type { World } from '../pass.ts';
import { isRedactionWhole, redactionJson, runRedaction } from '../redact-session.ts';
import { runRestore } from '../restore.ts';
import { formatCleanup, formatRestored } from '../ui/cleanup-text.ts';
import type { CleanupDocument, RedactionDocument, RestoreDocument } from '../ui/documents.ts';
import { formatRedaction, redactionWarnings } from '../ui/redaction-text.ts';

export default class Cleanup extends BaseCommand {
  static override summary = 'Remove ghosts, leftovers of killed passes, copies that are pushed, and old trash.';
  static override description =
    `A ghost is a recording whose process is gone and that holds nothing that could be recovered. A cached session that is pushed goes to the trash, where everything stays for 30 days. Works whether an agent is enabled or not.\n\nWith --redact it replaces secrets in files that are committed already, and says which commits still hold them: history is not rewritten, so revoke each secret first.`;
  // Words too many come to us, so that they get our answer.
  static override strict = false;
  static override exitStatus = exitStatuses({
    3: 'it could not be restored, redacted as a whole, or pushed',
    11: 'a pass is running',
  });
  static override seeAlso = ['agentwork detect --explain', 'agentwork finalize'];
  static override examples = [
    { description: 'What would go', command: '<%= config.bin %> <%= command.id %> --dry-run' },
    { description: 'Remove it', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'Take a discarded session back',
      command: '<%= config.bin %> <%= command.id %> --restore 2026-01-06T14-32-ryan-Ox7f3a',
    },
    {
      description: 'Replace the secrets in a session that is committed',
      command: '<%= config.bin %> <%= command.id %> --redact 2026-01-06T14-32-ryan-Ox7f3a',
    },
  ];
  static override flags = {
    'dry-run': Flags.boolean({
      char: 'n',
      default: false,
      description: 'only say what would be removed, restored, or redacted',
    }),
    restore: Flags.string({
      helpValue: 'ENTRY',
      description: 'remove nothing; put this back from the trash to where it came from, to stay on this machine',
      exclusive: ['redact'],
    }),
    redact: Flags.string({
      helpValue: 'SESSION',
      multiple: true,
      description: 'remove nothing; replace the secrets in the committed files of these sessions, commit and push that',
    }),
    'no-push': Flags.boolean({ description: 'with --redact: commit, push nothing' }),
  };

  async run(): Promise<CleanupDocument> {
    const { flags, argv } = await this.parse(Cleanup);
    this.refuseArguments(argv);
    if (flags['no-push'] && !flags.redact) {
      throw new ExpectedError('BAD_USAGE', '--no-push goes with --redact: nothing else of cleanup pushes');
    }
    const setting = await this.open(flags, flags['no-push'] ? { push: { flag: '--no-push', value: 'false' } } : {});
    const isDryRun = flags['dry-run'];
    if (flags.redact) return this.#redact(setting, flags.redact.map(sessionName), flags);
    if (flags.restore !== undefined) return this.#restore(setting, flags.restore, isDryRun);
    const { ledger, config, world } = setting;
    const removed = await runCleanup(ledger, { ...world, onTrouble: warner(world) }, { config, isDryRun });
    const isWorthSaying = removed.length > 0 || process.stdout.isTTY;
    if (isWorthSaying) this.answer(formatCleanup(removed, isDryRun));
    return { schema_version: JSON_VERSION, removed, dry_run: isDryRun };
  }

  async #restore({ ledger, world }: Setting, entry: string, isDryRun: boolean): Promise<RestoreDocument> {
    const restored = await runRestore(ledger, { ...world, onTrouble: warner(world) }, { name: entry, isDryRun });
    this.answer(formatRestored(restored, isDryRun));
    const { name, path } = restored;
    return { schema_version: JSON_VERSION, restored: { name, path }, dry_run: isDryRun };
  }

  async #redact(
    { ledger, config, world }: Setting,
    sessions: readonly string[],
    { 'dry-run': isDryRun, quiet }: { readonly 'dry-run': boolean; readonly quiet: boolean },
  ): Promise<RedactionDocument> {
    const report = await runRedaction(ledger, world, { config, sessions, isDryRun, signal: this.abortSignal() });
    this.answer(formatRedaction(report));
    if (quiet) for (const message of redactionWarnings(report)) world.tell({ type: 'warning', message });
    await this.exitWith(isRedactionWhole(report) ? EXIT_STATUS.OK : EXIT_STATUS.PARTIAL);
    return { schema_version: JSON_VERSION, ...redactionJson(report) };
  }
}

const warner = (world: World) => (message: string) => world.tell({ type: 'warning', message });
