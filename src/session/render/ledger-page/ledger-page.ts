import { formatCount, formatNumber } from '../labels.ts';
import { html, type Markup, markupText, type Part, trusted, when } from '../markup.ts';
import { PAGE_END, renderPageStart } from '../page/page-shell.ts';
import { formatDay, formatTime } from './figures.ts';
import { LEDGER_PAGE } from './page-assets.ts';
import { renderPageData } from './page-data.ts';
import { renderOutcomes, renderPeople, renderTopics } from './rankings.ts';
import type { SessionRow } from './session-row.ts';
import { renderSessionTable } from './session-table.ts';
import { ranked, type Totals, totalOf, weeksOf } from './tallies.ts';
import { renderSessionWeeks, renderSpending } from './week-charts.ts';

export interface LedgerDocument {
  readonly ledger: string;
  /** Newest first. */
  readonly rows: readonly SessionRow[];
  /** What stands before a session's name in the address of its page. */
  readonly base: string;
  readonly now: number;
}

/** Without scripts the newest sessions are listed, these many. */
const LISTED = 150;

/** Stands in every page of a ledger, and in no other file. */
export const LEDGER_PAGE_MARK = '<div class="page ledger" id="ledger">';

/**
 * All sessions of a ledger as one self-contained page, in chunks: totals, charts and the newest sessions as HTML, and
 * all of them as data, which the page's own script lists, sorts and searches.
 */
export function* renderLedgerHtml(document: LedgerDocument): Generator<string> {
  const { rows, base } = document;
  yield markupText(renderTop(document));
  yield markupText(renderList(rows, base));
  yield '<script type="application/json" id="data">';
  yield* renderPageData(rows, base);
  yield '</script>\n';
  yield markupText(renderBottom(document));
}

function renderTop({ ledger, rows, now }: LedgerDocument): Markup {
  const totals = totalOf(rows);
  const weeks = weeksOf(rows, now);
  return html`${renderPageStart(`Sessions of ${ledger}`, LEDGER_PAGE)}<a class="skip" href="#list">Skip to the list of sessions</a>
${trusted(LEDGER_PAGE_MARK)}
<header class="page-head">
<p class="eyebrow">Session ledger<button type="button" id="theme" class="theme" aria-label="Light or dark" title="Light or dark">◐</button></p>
<h1>${ledger}</h1>
<dl class="session-facts">
${headFacts(totals, rows).map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>\n`)}</dl>
</header>
<main>
${when(
  rows.length > 0,
  () => html`<div class="panels">
${renderSessionWeeks(weeks)}${renderOutcomes(totals)}${renderPeople(rows)}${renderSpending(weeks, totals)}${renderTopics(rows)}</div>
`,
)}`;
}

function headFacts(totals: Totals, rows: readonly SessionRow[]): readonly (readonly [string, Part])[] {
  const { firstMs, lastMs, states } = totals;
  const facts: readonly (readonly [string, Part])[] = [
    ['Sessions', formatNumber(totals.sessions)],
    ['People', formatNumber(ranked(rows, ({ who }) => [who]).length)],
    ['First', firstMs === undefined ? undefined : formatDay(firstMs)],
    ['Latest', lastMs === undefined ? undefined : formatDay(lastMs)],
    ['Waiting', states.waiting === 0 ? undefined : formatNumber(states.waiting)],
    ['Unreadable', states.unreadable === 0 ? undefined : formatNumber(states.unreadable)],
  ];
  return facts.filter(([, value]) => value !== undefined);
}

function renderList(rows: readonly SessionRow[], base: string): Markup {
  const listed = rows.slice(0, LISTED);
  return html`<section class="list" id="list" aria-labelledby="list-title">
<h2 class="unseen" id="list-title">Sessions</h2>
${TOOLBAR}<p class="hint without-script">${
    rows.length > LISTED
      ? `The ${LISTED} newest of ${formatCount(rows.length, 'session')}: the others, sorting and search need scripts.`
      : 'Sorting and search need scripts.'
  }</p>
${renderSessionTable(listed, base)}<p class="nothing" id="nothing"${when(rows.length > 0, () => html` hidden`)}>${rows.length > 0 ? 'No session is like this.' : 'There are no sessions yet.'}</p>
<button type="button" class="more" id="more" hidden></button>
</section>
</main>
`;
}

const TOOLBAR = html`<div class="toolbar" role="search" aria-label="Find sessions">
<input id="search" type="search" placeholder="Search titles, summaries, topics, files" aria-label="Search sessions" autocomplete="off" spellcheck="false">
<select id="who" aria-label="Person"><option value="">Everybody</option></select>
<select id="outcome" aria-label="Outcome"><option value="">Any outcome</option></select>
<select id="topic" aria-label="Topic"><option value="">Any topic</option></select>
<span class="span"><label>From <input id="from" type="date"></label> <label>to <input id="to" type="date"></label></span>
<button type="button" id="clear" hidden>Clear</button>
</div>
<p class="found" id="found" role="status"></p>
`;

function renderBottom({ now, rows }: LedgerDocument): Markup {
  const isCut = rows.some(({ moreFiles, summary }) => moreFiles > 0 || summary.endsWith('…'));
  const cut = isCut ? 'Long summaries and long lists of files are cut here; each session has its own page. ' : '';
  return html`<footer class="page-foot">Made by agentwork status --html, ${formatTime(now)} UTC. Times are in UTC, as far as sessions tell theirs. ${cut}<span class="with-script"><kbd>/</kbd> search, <kbd>j</kbd> <kbd>k</kbd> next and previous session, <kbd>Esc</kbd> clear.</span></footer>
</div>
${PAGE_END}`;
}
