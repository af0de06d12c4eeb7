import { type Change, isNeeded } from '../setup/change.ts';
import { paint, printable } from './style.ts';

/** What was done, or with `isDryRun` what would be, with all that would stand there. */
export function formatChanges(changes: readonly Change[], isDryRun: boolean): string {
  if (changes.length === 0) return 'nothing of agentwork is set up here';
  return changes.flatMap((change) => (isDryRun ? planned(change) : done(change))).join('\n');
}

function done(change: Change): readonly string[] {
  const { what, after } = change;
  if (!isNeeded(change)) return [`${paint.green('in place')} ${printable(what)}`];
  return [`${paint.green(after === undefined ? 'removed' : 'wrote')} ${printable(what)}`];
}

function planned(change: Change): readonly string[] {
  const { what, after } = change;
  if (!isNeeded(change)) return [`in place: ${printable(what)}`];
  if (after === undefined) return [`would remove ${printable(what)}`];
  const lines = after.replace(/\n$/, '').split('\n');
  return [`would write ${printable(what)}:`, ...lines.map((line) => `    ${printable(line)}`)];
}
