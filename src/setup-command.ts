import { Flags } from '@oclif/core';
import { BaseCommand, JSON_VERSION } from './base-command.ts';
import { type Change, isNeeded } from './setup/change.ts';
import type { ChangeJson, ChangesDocument } from './ui/documents.ts';
import { formatChanges } from './ui/setup-text.ts';

/** Of commands that write what outlives them, once, or only say what that would be. */
export const dryRunFlag = Flags.boolean({
  char: 'n',
  default: false,
  description: 'only print what would be written, or removed',
});

/** What all of them do with what is to be written. */
export abstract class SetupCommand extends BaseCommand {
  /** Writes what is not there yet, and says so. Throws UNWRITABLE, SYSTEM_FAILED. */
  protected async make(changes: readonly Change[], isDryRun: boolean): Promise<ChangesDocument> {
    if (!isDryRun) for (const change of changes.filter(isNeeded)) await change.apply();
    this.answer(formatChanges(changes, isDryRun));
    const told = changes.map(
      (change): ChangeJson => ({
        what: change.what,
        action: isNeeded(change) ? (change.after === undefined ? 'remove' : 'write') : 'keep',
        ...(change.after !== undefined && { content: change.after }),
      }),
    );
    return { schema_version: JSON_VERSION, dry_run: isDryRun, changes: told };
  }
}
