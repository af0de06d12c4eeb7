import { type Change, isNeeded } from '../setup/change.ts';
import type { Finding } from '../setup/finding.ts';
import { paint, printable } from './style.ts';

/** What was done, or with `isDryRun` what would be, with all that would stand there. */
export function formatChanges(changes: readonly Change[], isDryRun: boolean): string {
  if (changes.length === 0) return 'nothing of agentwork is set up here';
  return changes.flatMap((change) => (isDryRun ? planned(change) : done(change))).join('\n');
}

function done(change: Change): readonly string[] {
  const { what, after, isCommand } = change;
  if (!isNeeded(change)) return [`${paint.green('in place')} ${printable(what)}`];
  const verb = isCommand ? 'ran' : after === undefined ? 'removed' : 'wrote';
  return [`${paint.green(verb)} ${printable(what)}`];
}

function planned(change: Change): readonly string[] {
  const { what, after, isCommand } = change;
  if (!isNeeded(change)) return [`in place: ${printable(what)}`];
  if (isCommand) return [`would run ${printable(what)}`];
  if (after === undefined) return [`would remove ${printable(what)}`];
  const lines = after.replace(/\n$/, '').split('\n');
  return [`would write ${printable(what)}:`, ...lines.map((line) => `    ${printable(line)}`)];
}

/** A line each, and below what is not well the way to mend it. */
export function formatFindings(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  return findings.flatMap((finding) => lines(finding, width)).join('\n');
}

function lines({ check, level, says, mend }: Finding, width: number): readonly string[] {
  const mark = { ok: paint.green('ok     '), warning: paint.yellow('warning'), error: paint.red('error  ') }[level];
  const head = `${mark} ${check.padEnd(width)}  ${printable(says)}`;
  return mend === undefined ? [head] : [head, `        ${' '.repeat(width)}  → ${printable(mend)}`];
}
