import type { AgentName } from '../config.ts';
import type { PassPlan, PlannedSession, PlanTotal } from '../pass-plan.ts';
import { formatCost, formatCount, formatSize, plural } from './format.ts';
import { formatAlreadyDone } from './pass-text.ts';
import { printable } from './style.ts';
import { type Column, formatTable } from './table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'session', isFlexible: true },
  { title: 'would be', isFlexible: true },
  { title: 'recorded', align: 'right' },
  { title: 'prompt', align: 'right' },
  { title: 'tokens in', align: 'right' },
  { title: 'out', align: 'right' },
  { title: 'cost', align: 'right' },
];
/** Without a question to an agent there is nothing to count. */
const FREE_COLUMNS = COLUMNS.slice(0, 3);

/** What `--dry-run` prints: what would be done for each session, and what that would take. */
export function formatPlan({ work, alreadyDone, total }: PassPlan, agent: AgentName, width: number): string {
  const notes = alreadyDone.map(formatAlreadyDone);
  if (work.length === 0) return notes.join('\n') || 'nothing to do';
  const columns = total.runs > 0 ? COLUMNS : FREE_COLUMNS;
  const table = formatTable(
    columns,
    work.map((planned) => rowOf(planned, agent).slice(0, columns.length)),
    width,
  );
  return [
    ...notes,
    table,
    '',
    ...totalLines(total, work),
    `${plural(work.length, 'session')}; nothing was written`,
  ].join('\n');
}

function rowOf(planned: PlannedSession, agent: AgentName): string[] {
  const { session, verdict, question } = planned;
  const what = `${whatWouldBe(planned, agent)}: ${printable(verdict.reason)}`;
  const cells = [printable(session.ledgerName), what, session.rawBytes === 0 ? '–' : formatSize(session.rawBytes)];
  if (!question) return [...cells, '–', '–', '–', '–'];
  const { estimate, promptChars, isRough } = question;
  const about = isRough ? '~' : '';
  return [
    ...cells,
    `${about}${formatSize(promptChars)}`,
    `${about}${formatCount(estimate.tokensIn)}`,
    formatCount(estimate.tokensOut),
    estimate.costUsd === undefined ? '?' : formatCost(estimate.costUsd),
  ];
}

function whatWouldBe({ need, question }: PlannedSession, agent: AgentName): string {
  if (need === 'commit') return 'committed';
  if (need === 'render') return 'rendered';
  if (agent === 'none' && need === 'agent') return 'left (it needs an agent)';
  return question ? `summarised by ${agent}` : 'summarised without an agent';
}

function totalLines(total: PlanTotal, work: readonly PlannedSession[]): readonly string[] {
  if (total.runs === 0) return [];
  const tokens = `${formatCount(total.tokensIn)} tokens in, ${formatCount(total.tokensOut)} out`;
  const by = total.model === undefined ? '' : ` by ${printable(total.model)}`;
  const cost = total.costUsd === undefined ? unpriced(total) : `about ${formatCost(total.costUsd)}`;
  const isRough = work.some(({ question }) => question?.isRough);
  return [
    `${plural(total.runs, 'agent run')}${by}: ${tokens}, ${cost}`,
    ...(isRough ? ['~ a guess: the recording is completed first'] : []),
  ];
}

function unpriced({ model }: PlanTotal): string {
  if (model === undefined) return 'cost unknown until a run has told its model (or name one with --model)';
  return `cost unknown (agentwork.price ${printable(model)}=IN/OUT sets US dollars per million tokens)`;
}
