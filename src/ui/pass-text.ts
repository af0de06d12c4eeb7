import type { AgentName } from '../config.ts';
import type { Recovery } from '../ledger/recovery/recover.ts';
import type { PassPlan } from '../pass.ts';
import type { PassReport, SessionReport } from '../pass-report.ts';
import { stopMessage } from '../pass-report.ts';
import type { JudgedSession } from '../session-finder.ts';
import { formatCost, formatCount, formatDuration, formatSize, plural } from './format.ts';
import { paint, printable } from './style.ts';
import { type Column, formatTable } from './table.ts';

/** One line on one session that the pass is done with. */
export function formatResult(result: SessionReport): string {
  const name = printable(result.session);
  const time = formatDuration(result.durationMs);
  if (!result.success) {
    const given = result.verdict === 'given-up' ? 'offline summary published, ' : '';
    return `failed ${name} (${time}): ${given}${printable(result.error?.message ?? '')}`;
  }
  const how = {
    share: 'done',
    local_only: 'kept local',
    skip: 'put away',
    kept: 'left as it is',
    'given-up': 'given up',
  };
  const title = result.title ? ` "${printable(result.title)}"` : '';
  return `${how[result.verdict ?? 'share']} ${name} (${time})${title}${oddities(result)}`;
}

/** The whole report: nothing for a pass that had nothing to do. */
export function formatPass(report: PassReport): string {
  const lines = [...report.alreadyDone.map(formatAlreadyDone)];
  // Switched off is a wish, not news.
  const isIdle = report.results.length === 0 && (report.remaining.length === 0 || report.stopped?.kind === 'disabled');
  if (!isIdle) lines.push(totals(report));
  for (const result of report.results.filter(({ success }) => !success)) {
    lines.push(`${paint.red('failed')}  ${printable(result.session)}: ${printable(result.error?.message ?? '')}`);
  }
  if (report.stopped && !isIdle) lines.push(`${paint.yellow('stopped')} ${printable(stopMessage(report.stopped))}`);
  if (report.interrupted)
    lines.push(`${paint.yellow('interrupted')}: what is finished stays; the next pass goes on from here`);
  const pushed = pushLine(report);
  if (pushed) lines.push(pushed);
  return lines.join('\n');
}

/** What `--dry-run` prints. */
export function formatPlan({ work, alreadyDone }: PassPlan, agent: AgentName, width: number): string {
  const notes = alreadyDone.map(formatAlreadyDone);
  if (work.length === 0) return notes.join('\n') || 'nothing to do';
  const columns: readonly Column[] = [
    { title: 'session', isFlexible: true },
    { title: 'would be', isFlexible: true },
    { title: 'size', align: 'right' },
  ];
  const rows = work.map((found) => {
    const { session, verdict } = found;
    const what = `${whatWouldBe(found, agent)}: ${printable(verdict.reason)}`;
    return [printable(session.ledgerName), what, formatSize(session.rawBytes)];
  });
  const table = formatTable(columns, rows, width);
  return [...notes, table, '', `${plural(work.length, 'session')}; nothing was written`].join('\n');
}

function whatWouldBe({ session, verdict }: JudgedSession, agent: AgentName): string {
  if (verdict.verdict === 'unpushed') return 'committed';
  if (!session.facts.missing.includes('summary.json')) return 'rendered';
  return agent === 'none' ? 'left (it needs an agent)' : `summarised by ${agent}`;
}

function formatAlreadyDone({ session, verdict }: JudgedSession): string {
  const isDone = verdict.verdict === 'finished' || verdict.verdict === 'given-up';
  const how = isDone ? 'needs nothing' : 'is left alone';
  return `${printable(session.ledgerName)} ${how}: ${verdict.verdict}, ${printable(verdict.reason)}`;
}

function totals({ results, remaining }: PassReport): string {
  const done = results.filter(({ success }) => success).length;
  const parts = [paint.green(`${formatCount(done)} done`)];
  if (results.length > done) parts.push(paint.red(`${formatCount(results.length - done)} failed`));
  if (remaining.length > 0) parts.push(paint.yellow(`${formatCount(remaining.length)} left`));
  const sum = (pick: (result: SessionReport) => number) => results.reduce((total, result) => total + pick(result), 0);
  const [tokensIn, tokensOut, cost] = [sum((r) => r.tokensIn), sum((r) => r.tokensOut), sum((r) => r.costUsd)];
  if (tokensIn + tokensOut > 0) parts.push(`tokens ${formatCount(tokensIn)} in, ${formatCount(tokensOut)} out`);
  if (cost > 0) parts.push(formatCost(cost));
  return parts.join(' · ');
}

function pushLine({ pushed, notPushedBecause, results }: PassReport): string | undefined {
  if (typeof pushed === 'object') return `${paint.red('not pushed')}: ${printable(pushed.refused)}`;
  if (pushed === 'done') return `${paint.green('pushed')}`;
  return pushed === 'off' && results.length > 0 ? `not pushed: ${notPushedBecause ?? 'pushing is off'}` : undefined;
}

function oddities({ redactions, malformedLines, recovery }: SessionReport): string {
  const parts: string[] = [];
  const recovered = recovery ? recoveryText(recovery) : '';
  if (recovered !== '') parts.push(recovered);
  if (redactions > 0) parts.push(`${plural(redactions, 'secret')} redacted`);
  if (malformedLines.length > 0) parts.push(`unreadable: line ${shortList(malformedLines)}`);
  return parts.length === 0 ? '' : ` [${parts.join('; ')}]`;
}

/** Nothing of a transcript goes without a word, and nothing is said where all was there already. */
function recoveryText({ added, leftOut }: Recovery): string {
  const what = added > 0 ? `${formatCount(added)} recovered from the agent's transcript` : '';
  return [what, printable(leftOut)].filter((part) => part !== '').join(', ');
}

function shortList(numbers: readonly number[]): string {
  const SHOWN = 5;
  const rest = numbers.length - SHOWN;
  return numbers.slice(0, SHOWN).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
