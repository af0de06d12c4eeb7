import type { AgentName } from '../config.ts';
import type { PassPlan, PlannedSession, PlanTotal } from '../pass-plan.ts';
import { formatAbout, formatCost, formatCount, formatSize, plural } from './format.ts';
import { formatAlreadyDone, formatStop } from './pass-text.ts';
import { printable } from './style.ts';
import { type Column, formatTable } from './table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'session' },
  { title: 'would be', isFlexible: true },
  { title: 'prompt', align: 'right' },
  { title: 'tokens in', align: 'right' },
  { title: 'out', align: 'right' },
  { title: 'cost', align: 'right' },
];
/** Without a question to an agent there is nothing to count; and a narrow terminal has no room for what counts least. */
const FREE_COLUMNS = 2;
const NARROW = 96;
const NARROW_WITHOUT = 'prompt';

/** What `--dry-run` prints: what would be done for each session, and what that would take. */
export function formatPlan(plan: PassPlan, agent: AgentName, width: number): string {
  const { work, beyondLimit, alreadyDone, total } = plan;
  const notes = alreadyDone.map(formatAlreadyDone);
  if (work.length === 0) return notes.join('\n') || 'nothing to do';
  const shown = COLUMNS.map((column, index) => ({ column, index })).filter(({ column, index }) => {
    if (total.runs === 0) return index < FREE_COLUMNS;
    return width >= NARROW || column.title !== NARROW_WITHOUT;
  });
  const rows = work.map((planned) => rowOf(planned, agent));
  const table = formatTable(
    shown.map(({ column }) => column),
    rows.map((row) => shown.map(({ index }) => row[index] ?? '')),
    width,
  );
  const more = beyondLimit.length > 0 ? ` of ${work.length + beyondLimit.length} that wait` : '';
  const lines = [...totalLines(plan), `${plural(work.length, 'session')}${more}; nothing was written`];
  return [...notes, table, '', ...lines].join('\n');
}

function rowOf(planned: PlannedSession, agent: AgentName): string[] {
  const { session, verdict, question, because } = planned;
  const what = `${whatWouldBe(planned, agent)}: ${printable(because ?? verdict.reason)}`;
  const cells = [printable(session.ledgerName), what];
  if (!question) return [...cells, '–', '–', '–', '–'];
  const { estimate, promptChars, isRough } = question;
  const about = isRough ? '~' : '';
  return [
    ...cells,
    `${about}${formatSize(promptChars)}`,
    `${about}${formatAbout(estimate.tokensIn)}`,
    formatAbout(estimate.tokensOut),
    estimate.costUsd === undefined ? '?' : formatCost(estimate.costUsd),
  ];
}

function whatWouldBe({ need, question }: PlannedSession, agent: AgentName): string {
  if (need === 'commit') return 'committed';
  if (need === 'render') return 'rendered';
  if (need === 'nothing') return 'left';
  if (agent === 'none' && need === 'agent') return 'left (it needs an agent)';
  return question ? `summarised by ${agent}` : 'summarised without an agent';
}

function totalLines({ total, work, startable, stop }: PassPlan): readonly string[] {
  if (total.runs === 0) return [];
  const tokens = `${formatAbout(total.tokensIn)} tokens in, ${formatAbout(total.tokensOut)} out`;
  const by = total.model === undefined ? '' : ` by ${printable(total.model)}`;
  const most = total.mostUsd ? `; one run can take ${formatCost(total.mostUsd)} at most` : '';
  const cost = total.costUsd === undefined ? unpriced(total) : `about ${formatCost(total.costUsd)}${most}`;
  const isRough = work.some(({ question }) => question?.isRough);
  return [
    `${plural(total.runs, 'agent run')}${by}: ${tokens}, ${cost}`,
    ...(isRough ? ['~ a guess: the recording is completed, or fetched, first'] : []),
    ...(stop
      ? [`now ${startable === 0 ? 'none' : `only ${formatCount(startable)}`} would start`, ...formatStop(stop)]
      : []),
  ];
}

function unpriced({ model }: PlanTotal): string {
  if (model === undefined) return 'cost unknown until a run has told its model (or name one with --model)';
  return `cost unknown (git config --add agentwork.price ${printable(model)}=IN/OUT, US dollars per million tokens)`;
}
