import { type Change, isNeeded } from '../setup/change.ts';
import type { Finding } from '../setup/finding.ts';
import { foldIndented, foldLine } from './folded-text.ts';
import { paint, printable } from './style.ts';

/** What was done, or with `isDryRun` what would be, with all that would stand there. */
export function formatChanges(changes: readonly Change[], isDryRun: boolean): string {
  if (changes.length === 0) return 'nothing of agentwork is set up here';
  return changes.flatMap((change) => (isDryRun ? planned(change) : done(change))).join('\n');
}

function done(change: Change): readonly string[] {
  const { what, after, isCommand, isRemoval } = change;
  if (!isNeeded(change)) return [`${paint.green('in place')} ${printable(what)}`];
  const verb = isCommand ? 'ran' : after === undefined ? 'removed' : isRemoval ? 'taken out of' : 'wrote';
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

/** A column that is narrower than this is read worse than lines below. */
const LEAST_COLUMN = 40;
const MARK_WIDTH = 'warning '.length;

/** A line each, and below what is not well the way to mend it; on a narrow terminal what is said stands below its name. */
export function formatFindings(findings: readonly Finding[], columns = Number.POSITIVE_INFINITY): string {
  const indent = MARK_WIDTH + Math.max(...findings.map(({ check }) => check.length)) + 2;
  const isNarrow = columns - indent < LEAST_COLUMN;
  return findings.flatMap((finding) => lines(finding, { indent, columns, isNarrow })).join('\n');
}

interface Layout {
  /** Where what is said begins, beside its name. */
  readonly indent: number;
  readonly columns: number;
  readonly isNarrow: boolean;
}

const NARROW_INDENT = 2;

function lines({ check, level, says, mend }: Finding, { indent, columns, isNarrow }: Layout): readonly string[] {
  const mark = { ok: paint.green('ok     '), warning: paint.yellow('warning'), error: paint.red('error  ') }[level];
  const [head, margin] = [`${mark} ${check}`, isNarrow ? NARROW_INDENT : indent];
  const beside = `${mark} ${check.padEnd(indent - MARK_WIDTH)}${printable(says)}`;
  const said = isNarrow ? [head, ...foldIndented(printable(says), columns, margin)] : foldLine(beside, columns, indent);
  return mend === undefined ? said : [...said, ...foldIndented(`→ ${printable(mend)}`, columns, margin, 2)];
}
