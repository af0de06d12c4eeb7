import type { DetectReport } from '../detection.ts';
import type { JudgedSession } from '../session-finder.ts';
import { formatDuration, formatSize, plural } from './format.ts';
import { paint, printable } from './style.ts';
import { type Column, formatTable } from './table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'session', isFlexible: true },
  { title: 'why', isFlexible: true },
  { title: 'missing' },
  { title: 'age', align: 'right' },
  { title: 'size', align: 'right' },
];

/** What is missing, most reasons say, too. */
const ROOMY = 96;
const MISSING = 2;

/** The table of what waits, and below it one line on everything else. */
export function formatDetection(report: DetectReport, now: number, width: number): string {
  const others = otherVerdicts(report);
  const troubles = [
    ...report.all.filter(({ verdict }) => verdict.rule === 'unclean').map(formatUnclean),
    ...report.all.filter(({ verdict }) => verdict.verdict === 'unreadable').map(formatTrouble),
    ...(report.unpushed.length > 0 ? [formatUnpushed(report.unpushed.length)] : []),
  ];
  if (report.waiting.length === 0)
    return [...troubles, `nothing to do${others === '' ? '' : ` (${others})`}`].join('\n');
  const isShown = (_: unknown, index: number) => width >= ROOMY || index !== MISSING;
  const rows = report.waiting.map((found) => row(found, now).filter(isShown));
  const total = paint.bold(`${plural(report.waiting.length, 'session')} waiting`);
  const table = formatTable(COLUMNS.filter(isShown), rows, width);
  return [table, '', ...troubles, `${total}${others === '' ? '' : `; ${others}`}`].join('\n');
}

/** What cannot be finished is named, or nobody would ever look. */
function formatTrouble({ session, verdict }: JudgedSession): string {
  return `${paint.red('unreadable')} ${printable(session.ledgerName)}: ${printable(verdict.reason)}`;
}

function formatUnclean({ session, verdict }: JudgedSession): string {
  return `${paint.yellow('not pushed')} ${printable(session.ledgerName)}: ${printable(verdict.reason)}`;
}

function formatUnpushed(count: number): string {
  return `${paint.yellow('not pushed')} ${plural(count, 'session')}: the next pass pushes, or says why it cannot`;
}

function row({ session, verdict }: JudgedSession, now: number): string[] {
  const { recording, header, rawBytes, facts } = session;
  const startedAt = header.createdAtMs ?? recording?.startedAtMs;
  return [
    printable(session.ledgerName),
    `${paint.yellow(verdict.verdict)}: ${printable(verdict.reason)}`,
    shortNames(facts.missing),
    startedAt === undefined ? '–' : formatDuration(Math.max(0, now - startedAt)),
    rawBytes === 0 ? '–' : formatSize(rawBytes),
  ];
}

/** `all`, `html md`, or nothing: the names without what they share. */
function shortNames(missing: readonly string[]): string {
  if (missing.length === 4) return 'all';
  return missing.length === 0 ? '–' : missing.join(' ');
}

function otherVerdicts({ counts, waiting }: DetectReport): string {
  const shown = new Set<string>(waiting.map(({ verdict }) => verdict.verdict));
  const rest = Object.entries(counts).filter(([verdict]) => !shown.has(verdict));
  return rest.map(([verdict, count]) => `${count} ${verdict}`).join(', ');
}
