import { dayAndTime } from '../../../clock.ts';
import { PAUSE_MS } from '../../activity.ts';
import type { SessionDocument } from '../../document.ts';
import type { Entry } from '../../transcript.ts';
import { formatAgent, formatCount, formatDuration } from '../labels.ts';
import { html, type Markup, type Part } from '../markup.ts';
import { type Block, groupEntries } from './blocks.ts';
import { renderCard, type TimelineNames } from './entry-card.ts';
import { buildSections, type ChapterSection, type Section } from './sections.ts';
import { renderWork } from './work-block.ts';

/** The conversation, chapter by chapter, as it streams by: at most one run of tool calls is held at a time. */
export function* renderTimeline(document: SessionDocument, entries: Iterable<Entry>): Generator<Markup> {
  const names = timelineNames(document);
  let open: Section | undefined;
  let lastMs: number | undefined;
  for (const block of groupEntries(entries, buildSections(document))) {
    if (block.kind !== 'section') {
      const times = timesOf(block);
      yield html`${renderPause(lastMs, times[0])}${renderBlock(block, names)}`;
      lastMs = times.at(-1) ?? lastMs;
      continue;
    }
    if (open) yield renderSectionEnd(open);
    open = block.section;
    yield renderSectionStart(open);
  }
  yield open ? renderSectionEnd(open) : html`<p class="empty">This session has no entries.</p>\n`;
}

/** How much there is in a chapter; the list of chapters shows it too. */
export function chapterFacts({ chapter, first, last }: ChapterSection): readonly Markup[] {
  const errors = chapter.total_errors ?? 0;
  return [
    html`<span>${formatCount(last - first + 1, 'entry')}</span> `,
    chapter.total_tools > 0 ? html`<span>${formatCount(chapter.total_tools, 'tool call')}</span> ` : html``,
    chapter.has_edits ? html`<span>edits</span> ` : html``,
    errors > 0 ? html`<span class="error-count">${formatCount(errors, 'error')}</span>` : html``,
  ];
}

function timelineNames({ header, summary }: SessionDocument): TimelineNames {
  const moments = new Map((summary.aha_moments ?? []).map((moment) => [moment.seq, moment]));
  return { user: header.username ?? 'User', agent: formatAgent(header), moments };
}

function renderBlock(block: Shown, names: TimelineNames): Markup {
  return block.kind === 'work' ? renderWork(block.steps, names) : renderCard(block.entry, names);
}

type Shown = Exclude<Block, { kind: 'section' }>;

const entriesOf = (block: Shown): readonly Entry[] =>
  block.kind === 'entry'
    ? [block.entry]
    : block.steps.flatMap(({ call, result }) => [call, result].filter((entry) => entry !== undefined));

const timesOf = (block: Shown): readonly number[] =>
  entriesOf(block).flatMap(({ atMs }) => (atMs === undefined ? [] : [atMs]));

/** A long silence is told, with the date where another day begins. */
function renderPause(before: number | undefined, after: number | undefined): Part {
  if (before === undefined || after === undefined || after - before <= PAUSE_MS) return undefined;
  const isSameDay = dayAndTime(before).slice(0, 10) === dayAndTime(after).slice(0, 10);
  const day = isSameDay ? '' : `, ${dayAndTime(after)}`;
  return html`<p class="silence">${formatDuration(after - before)} later${day}</p>\n`;
}

function renderSectionStart(section: Section): Markup {
  if (section.kind === 'chapter') {
    return html`<section class="chapter${section.chapter.total_errors ? ' failed' : ''}" id="chapter-${section.number}" aria-labelledby="chapter-title-${section.number}" tabindex="-1">
<header><h3 id="chapter-title-${section.number}"><span class="number">${section.number}</span> ${section.title}</h3>
<p class="facts">${chapterFacts(section)}</p></header>
`;
  }
  if (section.folded) return html`<details class="outside"><summary><h3>${section.title}</h3></summary>\n`;
  return html`<section class="outside" aria-label="${section.title}"><h3 class="unseen">${section.title}</h3>\n`;
}

function renderSectionEnd(section: Section): Markup {
  return section.kind === 'outside' && section.folded ? html`</details>\n` : html`</section>\n`;
}
