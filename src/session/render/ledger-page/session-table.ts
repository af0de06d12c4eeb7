import { cutText } from '../../plain-text.ts';
import { html, type Markup, type Part, when } from '../markup.ts';
import { formatCost, formatTime, formatTokens, STATE_NAMES } from './figures.ts';
import type { SessionRow } from './session-row.ts';

/** The columns of the list, and by what the script sorts each. */
const COLUMNS = [
  ['session', 'Session'],
  ['who', 'Who'],
  ['when', 'When'],
  ['outcome', 'Outcome'],
  ['tokens', 'Tokens'],
  ['cost', 'Cost'],
] as const;

const SHOWN_TOPICS = 5;
const SHOWN_CHARS = 260;

/**
 * The list as it is without scripts; the script of the page makes the same rows of all sessions. Roles are said, since
 * rows are drawn as cards where there is little room, and then browsers forget that this is a table.
 */
export function renderSessionTable(rows: readonly SessionRow[], base: string): Markup {
  const hasUsage = rows.some(({ tokens, costUsd }) => tokens !== undefined || costUsd !== undefined);
  return html`<table class="sessions${hasUsage ? '' : ' unpaid'}" id="sessions" role="table" aria-label="Sessions">
<thead role="rowgroup"><tr role="row">${COLUMNS.map(([key, name]) => html`<th scope="col" role="columnheader" class="of-${key}"${when(key === 'when', () => html` aria-sort="descending"`)}><button type="button" data-sort="${key}">${name}</button></th>`)}</tr></thead>
<tbody role="rowgroup" id="rows">
${rows.map((row) => renderRow(row, base))}</tbody>
</table>
`;
}

function renderRow(row: SessionRow, base: string): Markup {
  return html`<tr role="row"><th scope="row" role="rowheader" class="of-session">${renderTitle(row, base)}${paragraph('gist', cutText(row.summary, SHOWN_CHARS))}${row.notes.map((note) => paragraph('trouble', note))}${when(
    row.topics.length > 0,
    () => html`<ul class="topics">${row.topics.slice(0, SHOWN_TOPICS).map((topic) => html`<li>${topic}</li>`)}</ul>`,
  )}</th><td role="cell" class="of-who">${row.who}</td><td role="cell" class="of-when">${row.atMs === undefined ? '' : html`<time datetime="${formatTime(row.atMs).replace(' ', 'T')}Z">${formatTime(row.atMs)}</time>`}</td><td role="cell" class="of-outcome"><span class="badge ${row.state}">${STATE_NAMES[row.state]}</span></td><td role="cell" class="of-tokens">${row.tokens === undefined ? '' : html`${formatTokens(row.tokens)}<span class="unit"> tokens</span>`}</td><td role="cell" class="of-cost">${row.costUsd === undefined ? '' : formatCost(row.costUsd)}</td></tr>
`;
}

function renderTitle({ link, title }: SessionRow, base: string): Markup {
  if (link === undefined) return html`<span class="title">${title}</span>`;
  return html`<a class="title" href="${base}${link}/session.html">${title}</a>`;
}

const paragraph = (kind: string, text: string): Part => when(text !== '', () => html`<p class="${kind}">${text}</p>`);
