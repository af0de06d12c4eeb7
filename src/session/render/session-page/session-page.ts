import { dayAndTime } from '../../../clock.ts';
import type { SessionDocument } from '../../document.ts';
import type { Outline } from '../../outline.ts';
import type { SessionSummary } from '../../summary.ts';
import type { Entry } from '../../transcript.ts';
import { formatCount } from '../labels.ts';
import { html, type Markup, markupText, type Part, when } from '../markup.ts';
import { PAGE_END, renderPageStart } from '../page/page-shell.ts';
import { renderActivityStrip } from './activity-strip.ts';
import { boundedEntries } from './bounded-entries.ts';
import { renderOverview } from './overview.ts';
import { SESSION_PAGE } from './page-assets.ts';
import { pageTitle, renderPageHead } from './page-head.ts';
import { buildSections, chaptersOf } from './sections.ts';
import { chapterFacts, renderTimeline } from './timeline.ts';

/**
 * The session as one self-contained page, in chunks: `entries` is iterated once and never held, so a transcript of any
 * size streams through. The page needs no network, and nothing in it can run but its own script.
 */
export function* renderSessionHtml(document: SessionDocument, entries: Iterable<Entry>): Generator<string> {
  yield markupText(renderTop(document));
  for (const part of renderTimeline(document, boundedEntries(entries, document.outline))) yield markupText(part);
  yield markupText(renderBottom(document));
}

/** What is out of sight is not laid out when there are more entries than this. */
const SHORT_ENTRIES = 300;

function renderTop(document: SessionDocument): Markup {
  return html`${renderPageStart(pageTitle(document), SESSION_PAGE)}<a class="skip" href="#timeline">Skip to the timeline</a>
<div class="page">
<header class="page-head">
${renderPageHead(document)}</header>
<main>
${renderActivityStrip(document)}${renderOverview(document)}<div class="body">
${renderChapterList(document)}<section class="timeline" id="timeline" aria-labelledby="timeline-title">
<h2 class="unseen" id="timeline-title">Timeline</h2>
${renderToolbar(document.outline)}<div class="entries${document.outline.entryCount > SHORT_ENTRIES ? ' long' : ''}" id="entries">
`;
}

function renderChapterList(document: SessionDocument): Part {
  const chapters = chaptersOf(buildSections(document));
  return html`<nav class="chapters" id="chapters" aria-label="Chapters">
${when(
  chapters.length > 0,
  () => html`<h2>Chapters</h2>
<ol>
${chapters.map(
  (section) =>
    html`<li><a href="#chapter-${section.number}"><span class="number">${section.number}</span> ${section.title}<span class="facts">${chapterFacts(section)}</span></a></li>\n`,
)}</ol>
`,
)}</nav>
`;
}

function renderToolbar({ errorCount }: Outline): Markup {
  return html`<div class="toolbar" id="toolbar" role="search" aria-label="This session">
<span class="find"><input id="search" type="search" placeholder="Search this session" aria-label="Search this session" aria-keyshortcuts="/" autocomplete="off"><span class="matches" id="matches" role="status"></span><button type="button" id="previous" aria-label="Previous match" disabled>↑</button><button type="button" id="next" aria-label="Next match" disabled>↓</button></span>
<button type="button" id="more" aria-expanded="false" aria-controls="tools">Options</button>
<span class="tools" id="tools">
<span class="switch" role="group" aria-label="View"><button type="button" data-view="full" aria-pressed="true">Full</button><button type="button" data-view="conversation" aria-pressed="false">Conversation</button></span>
<span class="group" role="group" aria-label="Show"><button type="button" data-filter="user" aria-pressed="true">User</button><button type="button" data-filter="assistant" aria-pressed="true">Assistant</button><button type="button" data-filter="tools" aria-pressed="true">Tools</button><button type="button" data-filter="errors" aria-pressed="false"${errorCount === 0 ? html` disabled` : undefined}>${formatCount(errorCount, 'error')}</button></span>
<span class="group"><button type="button" id="expand">Expand</button><button type="button" id="show-help" aria-label="Keyboard help">?</button><a class="to-chapters" href="#chapters">Chapters</a></span>
</span>
<span class="unseen" id="copied" role="status"></span>
</div>
<p class="nothing" id="nothing" hidden>Nothing to show with these filters. <button type="button" id="show-everything">Show everything</button></p>
`;
}

const KEYS: readonly (readonly [readonly string[], string])[] = [
  [['j', 'k'], 'next, previous entry'],
  [[']', '['], 'next, previous chapter'],
  [['/'], 'search; Enter and Shift-Enter walk through the matches, Esc ends it'],
  [['e'], 'expand or collapse everything'],
  [['v'], 'conversation or everything'],
  [['c'], 'copy the code or the message that has the focus'],
  [['?'], 'this help'],
];

const HELP = html`<dialog id="help" aria-labelledby="help-title">
<h2 id="help-title">Keyboard</h2>
<dl>
${KEYS.map(([keys, meaning]) => html`<dt>${keys.map((key) => html`<kbd>${key}</kbd> `)}</dt><dd>${meaning}</dd>\n`)}</dl>
<form method="dialog"><button>Close</button></form>
</dialog>
`;

function renderBottom({ summary, endedAtMs }: SessionDocument): Markup {
  const closed = endedAtMs === undefined ? undefined : `Session closed ${dayAndTime(endedAtMs)}. `;
  return html`</div>
</section>
</div>
</main>
<footer class="page-foot">${closed}${summaryOrigin(summary)}Times are in UTC. Beside this file: <a href="summary.md">summary.md</a>, <a href="session.md">session.md</a> and the full record, <a href="raw.jsonl">raw.jsonl</a>.</footer>
${HELP}</div>
${PAGE_END}`;
}

function summaryOrigin({ provider, agentwork }: SessionSummary): string {
  if (provider === 'offline') return 'Summary made from the transcript, without an agent. ';
  const author = agentwork?.model ?? provider;
  return author === undefined ? '' : `Summary by ${author}. `;
}
