import { errorCode, type FailureGroup, groupFailures } from '../failure-group.ts';
import type { Recovery } from '../ledger/recovery/recover.ts';
import type { PassReport, SessionReport } from '../pass-report.ts';
import { stopAdvice, stopMessage } from '../pass-stop.ts';
import type { JudgedSession } from '../session-finder.ts';
import type { AgentStop } from '../work/agent-stop.ts';
import { formatCost, formatCount, formatDuration, plural, shellQuoted, someOf } from './format.ts';
import { paint, printable } from './style.ts';

/** One line on one session that the pass has finished. Of those that failed its end tells. */
export function formatResult(result: SessionReport): string {
  const name = printable(result.session);
  const how = {
    share: 'done',
    local_only: 'kept local',
    skip: 'put away',
    kept: 'left as it is',
    'given-up': 'given up',
  };
  const title = result.title ? ` "${printable(result.title)}"` : '';
  const verb = result.isInPlace ? 'done' : how[result.verdict ?? 'share'];
  return `${verb} ${name} (${formatDuration(result.durationMs)})${title}${oddities(result)}`;
}

/** The whole report: nothing for a pass that had nothing to do. Of what lasts, such as a pause, only somebody who watches reads again. */
export function formatPass(report: PassReport, isWatched: boolean): string {
  const lines = [...report.alreadyDone.map(formatAlreadyDone)];
  if (!isIdle(report, isWatched)) lines.push(totals(report));
  lines.push(...troubles(report, isWatched));
  if (report.interrupted)
    lines.push(`${paint.yellow('interrupted')}: what is finished stays; the next pass goes on from here`);
  lines.push(...pushLines(report));
  if (isWatched || report.isNamed)
    lines.push(...report.claimed.map(({ session, by }) => `${printable(session)} ${printable(by)}`));
  return lines.join('\n');
}

/** What of the report somebody has to know who reads nothing but stderr; empty where all is well. */
export function formatTroubles(report: PassReport, isWatched: boolean): string {
  return troubles(report, isWatched).join('\n');
}

/** One entry for each cause, however many sessions failed of it. */
function troubles(report: PassReport, isWatched: boolean): readonly string[] {
  const groups = groupFailures(report.results.filter(({ success }) => !success));
  const lines = groups.flatMap(formatGroup);
  if (report.stopped && !isIdle(report, isWatched)) lines.push(...stopLines(report.stopped, report, groups));
  return [...lines, ...refusalLines(report, isWatched)];
}

function formatGroup({ message, advice, sessions, givenUp }: FailureGroup): readonly string[] {
  const verb = paint.red(givenUp === undefined ? 'failed' : 'given up');
  const [first = '', ...others] = sessions;
  const who = others.length === 0 ? printable(first) : plural(sessions.length, 'session');
  const stays = givenUp === undefined ? '' : ` (${GIVEN_UP[givenUp]})`;
  const names = others.length === 0 ? [] : [`  ${someOf([...sessions].sort())}`];
  const way = others.length === 0 ? advice.replace('SESSION', shellQuoted(first)) : advice;
  return [`${verb} ${who}: ${printable(message)}${stays}`, ...names, `  → ${printable(way)}`];
}

const GIVEN_UP = { offline: 'an offline summary was written', kept: 'the older summary stays' } as const;

/** Whose turn did not come; a cause that stands above is not told twice. */
function stopLines(stop: AgentStop, { unasked = [] }: PassReport, groups: readonly FailureGroup[]): readonly string[] {
  const isTold = stop.kind === 'failing' && groups.some(({ code }) => code === errorCode(stop.error));
  const [head = '', ...advice] = isTold
    ? [`${paint.yellow('stopped')}: ${stop.count} agent runs in a row failed alike`]
    : formatStop(stop);
  const isFailure = stop.kind !== 'paused' && stop.kind !== 'limit' && stop.kind !== 'displaced';
  return [head, ...(isFailure && unasked.length > 0 ? [`  left: ${someOf([...unasked].sort())}`] : []), ...advice];
}

function isIdle(report: PassReport, isWatched: boolean): boolean {
  return report.results.length === 0 && (report.remaining.length === 0 || isOldNews(report, isWatched));
}

export function formatAlreadyDone({ session, verdict }: JudgedSession): string {
  const isDone = verdict.verdict === 'finished' || verdict.verdict === 'given-up';
  const how = isDone ? 'needs nothing' : 'is left alone';
  return `${printable(session.ledgerName)} ${how}: ${verdict.verdict}, ${printable(verdict.reason)}`;
}

/** Why no further agent was asked, and what a person can do about it. */
export function formatStop(stop: AgentStop): readonly string[] {
  const advice = stopAdvice(stop);
  const head = `${paint.yellow('stopped')}: ${printable(stopMessage(stop))}`;
  return advice === undefined ? [head] : [head, `  → ${printable(advice)}`];
}

/** Switched off is a wish; and what was said when it began need not be said by each pass that meets it. */
function isOldNews({ stopped, isOldStop }: PassReport, isWatched: boolean): boolean {
  return stopped?.kind === 'disabled' || (isOldStop === true && !isWatched);
}

function totals({ results, remaining, claimed }: PassReport): string {
  const done = results.filter(({ success }) => success).length;
  const parts = [paint.green(`${formatCount(done)} done`)];
  if (results.length > done) parts.push(paint.red(`${formatCount(results.length - done)} failed`));
  if (remaining.length > 0) parts.push(paint.yellow(`${formatCount(remaining.length)} left`));
  if (claimed.length > 0) parts.push(`${formatCount(claimed.length)} with other machines`);
  const sum = (pick: (result: SessionReport) => number) => results.reduce((total, result) => total + pick(result), 0);
  const [tokensIn, tokensOut, cost] = [sum((r) => r.tokensIn), sum((r) => r.tokensOut), sum((r) => r.costUsd)];
  if (tokensIn + tokensOut > 0) parts.push(`tokens ${formatCount(tokensIn)} in, ${formatCount(tokensOut)} out`);
  if (cost > 0) parts.push(formatCost(cost));
  return parts.join(' · ');
}

function refusalLines({ push, results, isOldRefusal }: PassReport, isWatched: boolean): readonly string[] {
  const { outcome, withheld } = push;
  const lines = withheld.map(({ session, reason }) => {
    return `${paint.red('withheld')} ${printable(session)}: ${printable(reason)}; it stays on this machine`;
  });
  const isTold = isWatched || results.length > 0 || !isOldRefusal;
  if (typeof outcome === 'object' && isTold) lines.push(`${paint.red('not pushed')}: ${printable(outcome.refused)}`);
  return lines;
}

function pushLines({ push, notPushedBecause, results }: PassReport): readonly string[] {
  const { outcome, others, branchLeft, superseded } = push;
  const lines: string[] = [];
  if (superseded.length > 0) {
    lines.push(
      `finished by others first: ${superseded.map(printable).join(', ')} (what was made here is in the trash)`,
    );
  }
  if (outcome === 'done')
    lines.push(`${paint.green('pushed')}${others > 0 ? `, with ${plural(others, 'commit')} of yours below` : ''}`);
  if (outcome === 'off' && results.length > 0) lines.push(`not pushed: ${notPushedBecause ?? 'pushing is off'}`);
  if (branchLeft !== undefined) lines.push(`the branch stays where it is: ${printable(branchLeft)}`);
  return lines;
}

function oddities(report: SessionReport): string {
  const { malformedLines, recovery, isInPlace, leftOut = [] } = report;
  const parts: string[] = isInPlace ? ['judged not worth sharing, and finished where the ledger has it'] : [];
  const recovered = recovery ? recoveryText(recovery) : '';
  if (recovered !== '') parts.push(recovered);
  const redacted = redactionText(report);
  if (redacted !== '') parts.push(redacted);
  if (malformedLines.length > 0) parts.push(`unreadable: line ${shortList(malformedLines)}`);
  parts.push(...leftOut.map(({ file, reason }) => `${file} is not committed: ${reason}`));
  return parts.length === 0 ? '' : ` [${parts.join('; ')}]`;
}

/** Which rules replaced something, the most frequent first: what was found is nobody's to read. */
function redactionText({ findings, isRawUnclean, session }: SessionReport): string {
  const rules = Object.entries(findings).sort(([, a], [, b]) => b - a);
  const total = rules.reduce((sum, [, count]) => sum + count, 0);
  const named = rules.map(([rule, count]) => (count > 1 ? `${rule} ${count}` : rule));
  if (total === 0) return '';
  const found = `${plural(total, 'secret')} redacted: ${named.join(', ')}`;
  const advice = `agentwork cleanup --redact ${printable(session)}`;
  return isRawUnclean ? `${found}; raw.jsonl is committed and still holds them: ${advice}` : found;
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
