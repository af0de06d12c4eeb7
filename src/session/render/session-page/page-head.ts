import { dayAndTime } from '../../../clock.ts';
import type { SessionDocument } from '../../document.ts';
import { BRIEF_TITLE } from '../../offline-summary.ts';
import { requestTitle } from '../../request-title.ts';
import type { SessionSummary } from '../../summary.ts';
import {
  durationMs,
  formatAgent,
  formatCount,
  formatDuration,
  formatLineNumbers,
  formatNumber,
  formatRfc3339,
  OUTCOME_NAMES,
  startedAtMs,
} from '../labels.ts';
import { html, type Markup, type Part, when } from '../markup.ts';

/** What the session was, before anything that happened in it: title, outcome, and the facts. */
export function renderPageHead(document: SessionDocument): Markup {
  const { header } = document;
  return html`<p class="eyebrow">${renderOutcome(document)}${when(
    header.recovered === true,
    () => html`<span class="badge">Recovered</span>`,
  )}<span class="session-name">${document.name}</span><button type="button" id="theme" class="theme" aria-label="Light or dark" title="Light or dark">◐</button></p>
<h1>${pageTitle(document)}</h1>
<dl class="session-facts">
${headFacts(document).map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>\n`)}</dl>
${renderWarnings(document)}`;
}

/** A session that was too brief for a summary is called by what was asked in it. */
export function pageTitle({ summary, outline }: SessionDocument): string {
  return (summary.title === BRIEF_TITLE ? requestTitle(outline.requests[0] ?? '') : undefined) ?? summary.title;
}

/** What no agent has judged does not look as if one had. */
function renderOutcome(document: SessionDocument): Markup {
  const { summary } = document;
  if (summary.title === BRIEF_TITLE) return html`<span class="badge">Brief</span>`;
  const name = OUTCOME_NAMES[summary.outcome];
  if (summary.provider !== 'offline') return html`<span class="badge ${outcomeClass(document)}">${name}</span>`;
  return html`<span class="badge guessed ${outcomeClass(document)}" title="A guess from the transcript: no agent has judged it">${name}</span>`;
}

/** Class names are ours: an outcome that is none of the three cannot become one. */
const outcomeClass = ({ summary }: SessionDocument): string =>
  Object.hasOwn(OUTCOME_NAMES, summary.outcome) ? summary.outcome : 'partial';

function headFacts(document: SessionDocument): readonly (readonly [string, Part])[] {
  const { header, outline } = document;
  const start = startedAtMs(document);
  const duration = durationMs(document);
  const facts: readonly (readonly [string, Part])[] = [
    ['Who', header.username],
    ['Agent', header.agentType && [formatAgent(header), header.agentVersion].filter(Boolean).join(' ')],
    ['Model', header.model],
    [
      'When',
      start === undefined ? undefined : html`<time datetime="${formatRfc3339(start)}">${dayAndTime(start)}</time>`,
    ],
    ['Duration', duration === undefined ? undefined : formatDuration(duration)],
    ['Entries', formatNumber(outline.entryCount)],
    ['Summary', summaryCost(document.summary)],
    ['Redactions', document.redactions === 0 ? undefined : `${formatCount(document.redactions, 'secret')} replaced`],
  ];
  return facts.filter(([, value]) => value !== undefined && value !== '');
}

/** What the summary took; of what the session itself took, a recording says nothing. */
function summaryCost({ agentwork: origin }: SessionSummary): string {
  const tokens = (origin?.tokens_in ?? 0) + (origin?.tokens_out ?? 0);
  const cost = origin?.cost_usd ?? 0;
  return [
    tokens > 0 && Number.isFinite(tokens) ? formatCount(tokens, 'token') : '',
    cost > 0 ? `$${cost.toFixed(cost < 0.1 ? 3 : 2)}` : '',
  ]
    .filter(Boolean)
    .join(', ');
}

function renderWarnings({ malformedLines, summary }: SessionDocument): Part {
  return [
    when(malformedLines.length > 0, () => html`<p class="warning">${malformedText(malformedLines)}</p>\n`),
    when(
      summary.summary_status === 'unrecoverable',
      () =>
        html`<p class="warning">The agent could not summarise this session; this summary was made from the transcript alone.</p>\n`,
    ),
  ];
}

function malformedText(lines: readonly number[]): string {
  return `${formatCount(lines.length, 'line')} of raw.jsonl could not be read and stayed out of this page: ${formatLineNumbers(lines)}.`;
}
