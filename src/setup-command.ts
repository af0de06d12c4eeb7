import { Flags } from '@oclif/core';
import { BaseCommand, JSON_VERSION } from './base-command.ts';
import { type Change, isNeeded } from './setup/change.ts';
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
  protected async make(changes: readonly Change[], isDryRun: boolean): Promise<object> {
    if (!isDryRun) for (const change of changes.filter(isNeeded)) await change.apply();
    this.answer(formatChanges(changes, isDryRun));
    const told = changes.map((change) => ({
      what: change.what,
      action: actionOf(change),
      ...(change.after !== undefined && !change.isCommand && { content: change.after }),
    }));
    return { schema_version: JSON_VERSION, dry_run: isDryRun, changes: told };
  }
}

function actionOf(change: Change): 'keep' | 'run' | 'remove' | 'write' {
  if (!isNeeded(change)) return 'keep';
  if (change.isCommand) return 'run';
  return change.after === undefined ? 'remove' : 'write';
}
