import { existsSync } from 'node:fs';
import { Flags } from '@oclif/core';
import { BaseCommand, JSON_VERSION, type Setting } from './base-command.ts';
import { ExpectedError } from './errors.ts';
import { type Change, isNeeded } from './setup/change.ts';
import { shellWord } from './setup/program.ts';
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
  /**
   * Opens a ledger that certainly is one. Others take the word of who names a clone, as they see there is nothing in it; but
   * what is written here outlives the command, and after a slip of the hand passes would look after any project, and a
   * recorder have sessions committed to it. A new ledger takes one command more. Throws NO_LEDGER.
   */
  protected async openForGood(flags: { ledger?: string | undefined; quiet: boolean }): Promise<Setting> {
    const setting = await this.open(flags);
    const { root, sessionsDir } = setting.ledger;
    if (existsSync(sessionsDir)) return setting;
    throw new ExpectedError('NO_LEDGER', `${root} is no ledger: it has no sessions folder`, {
      suggestions: [`mkdir ${shellWord(sessionsDir)}, if it is to become one`, 'or name the ledger with --ledger DIR'],
    });
  }

  /** Writes what is not there yet, and says so. Throws UNWRITABLE, SYSTEM_FAILED. */
  protected async make(changes: readonly Change[], isDryRun: boolean): Promise<ChangesDocument> {
    if (!isDryRun) await this.#apply(changes);
    this.answer(formatChanges(changes, isDryRun));
    const told = changes.map(
      (change): ChangeJson => ({
        what: change.what,
        action: actionOf(change),
        ...(change.after !== undefined && !change.isCommand && { content: change.after }),
      }),
    );
    return { schema_version: JSON_VERSION, dry_run: isDryRun, changes: told };
  }

  /** Where one cannot be made, those before it are told: they stay. */
  async #apply(changes: readonly Change[]): Promise<void> {
    const made: Change[] = [];
    try {
      for (const change of changes.filter(isNeeded)) {
        await change.apply();
        made.push(change);
      }
    } catch (error) {
      if (made.length > 0) this.answer(formatChanges(made, false));
      throw error;
    }
  }
}

function actionOf(change: Change): 'keep' | 'run' | 'remove' | 'write' {
  if (!isNeeded(change)) return 'keep';
  if (change.isCommand) return 'run';
  return change.after === undefined ? 'remove' : 'write';
}
