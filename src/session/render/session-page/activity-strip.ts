import { dayAndTime } from '../../../clock.ts';
import type { Activity, ActivityKind } from '../../activity.ts';
import type { SessionDocument } from '../../document.ts';
import { durationMs, formatCount, formatDuration, startedAtMs } from '../labels.ts';
import { html, type Markup, type Part, when } from '../markup.ts';
import { type Column, joinSlices, pauseShare, placeOf } from './activity-columns.ts';
import { nearestShown } from './bounded-entries.ts';
import { buildSections, type ChapterSection, chaptersOf } from './sections.ts';

/** What a column is built of, from below; turns of the user and errors have lanes of their own. */
const BARS = ['assistant', 'read', 'run', 'edit', 'other'] as const satisfies readonly ActivityKind[];

/** What is told in words, in their order. */
const TOLD = ['user', ...BARS, 'error'] as const satisfies readonly ActivityKind[];

const NAMES: Readonly<Record<ActivityKind, string>> = {
  user: 'request',
  assistant: 'answer',
  read: 'read',
  edit: 'edit',
  run: 'run',
  other: 'other call',
  error: 'error',
};

// Down, in pixels, as in the style sheet. Across everything is a share of the width, so that text keeps its shape at any of them.
const BARS_TOP = 14;
const BARS_BOTTOM = 72;
const TURN_TOP = 76;
const LABEL_BASE = 96;

const FEWEST_COLUMNS = 60;
const MOST_COLUMNS = 160;
const COLUMN_FILL = 0.82;
/** A column of fewer entries than this does not fill its height, however quiet the others are. */
const FULL_COLUMN = 3;
/** Numbers of chapters closer than this would run into each other. */
const LABEL_SHARE = 0.035;
const LAST_LABEL = 0.97;
/** Of more pauses each has too little room for words. */
const MOST_LABELLED = 10;

/** Across the bars, so that a path needs no per cent. */
const UNITS = 1000;

interface Place {
  readonly column: Column;
  readonly x: number;
  readonly width: number;
}

/** The shape of a session in one look: what was done along its time, where the user spoke, where it went wrong. */
export function renderActivityStrip(document: SessionDocument): Part {
  const { activity } = document.outline;
  if (activity.slices.length === 0) return undefined;
  return html`<figure class="activity" aria-label="${describeActivity(document)}">
<svg aria-hidden="true">
${renderGround()}${chaptersOf(buildSections(document)).map(chapterMark(activity))}${renderColumns(activity, document.outline.entryCount)}${renderPauses(activity)}</svg>
${renderEnds(document)}<figcaption>${renderLegend(activity)}</figcaption>
</figure>
`;
}

function describeActivity(document: SessionDocument): string {
  const { outline } = document;
  const duration = durationMs(document);
  const over = duration === undefined ? '' : ` over ${formatDuration(duration)}`;
  return `Activity: ${formatCount(outline.entryCount, 'entry')}${over}, ${formatCount(outline.errorCount, 'error')}`;
}

const renderGround = (): Markup => rect('ground', { x: 0, width: 1, y: BARS_TOP, height: BARS_BOTTOM - BARS_TOP });

function renderPauses(activity: Activity): readonly Markup[] {
  const gap = pauseShare(activity);
  return activity.pauses.map(({ at, ms, number }) => {
    const x = placeOf(activity, at, number) - gap;
    return html`<g class="pause"><title>Pause of ${formatDuration(ms)}</title>${rect('gap', { x, width: gap, y: BARS_TOP, height: TURN_TOP - BARS_TOP })}${when(activity.pauses.length <= MOST_LABELLED, () => html`<text x="${share(x + gap / 2)}" y="${(BARS_TOP + BARS_BOTTOM) / 2}">${formatDuration(ms, 1)}</text>`)}</g>\n`;
  });
}

/** A line where a chapter begins, and its number where there is room for it. */
function chapterMark(activity: Activity): (chapter: ChapterSection) => Markup {
  let labelled = Number.NEGATIVE_INFINITY;
  return ({ number, title, first }) => {
    const slice = activity.slices.findLast(({ seq }) => seq <= first);
    const x = placeOf(activity, (slice?.index ?? 0) * activity.sliceLength, slice?.pauses ?? 0);
    const isLabelled = x - labelled >= LABEL_SHARE && x <= LAST_LABEL;
    if (isLabelled) labelled = x;
    return html`<a class="chapter-mark" href="#chapter-${number}" tabindex="-1"><title>${number}. ${title}</title><line x1="${share(x)}" x2="${share(x)}" y1="${BARS_TOP}" y2="${isLabelled ? LABEL_BASE : TURN_TOP}"/>${when(isLabelled, () => html`<text x="${share(x)}" dx="4" y="${LABEL_BASE}">${number}</text>`)}</a>\n`;
  };
}

/** What was done is one path for each kind, stretched to the width; where somebody spoke and what failed are marks. */
function renderColumns(activity: Activity, entryCount: number): readonly Markup[] {
  const columns = joinSlices(activity, Math.max(FEWEST_COLUMNS, Math.min(entryCount, MOST_COLUMNS)));
  const placed = columns.map((column) => {
    const x = placeOf(activity, column.start, column.pauses);
    return { column, x, width: placeOf(activity, column.end, column.pauses) - x };
  });
  return [
    html`<svg viewBox="0 0 ${UNITS} ${LABEL_BASE}" width="100%" height="${LABEL_BASE}" preserveAspectRatio="none">${renderBars(placed)}</svg>\n`,
    ...placed.map((place) => renderTouch(activity, place, nearestShown(place.column.seq, entryCount))),
  ];
}

const barCount = ({ counts }: Column): number => BARS.reduce((sum, kind) => sum + (counts[kind] ?? 0), 0);

/** The height is the root of the count: beside a minute of 300 calls, one of three should still be seen. */
function renderBars(places: readonly Place[]): readonly Markup[] {
  const busiest = Math.max(FULL_COLUMN, ...places.map(({ column }) => barCount(column)));
  const bars = places.flatMap((place) => columnBars(place, busiest));
  return BARS.map((kind) => {
    const path = bars.filter((bar) => bar.kind === kind).map(({ d }) => d);
    return path.length === 0 ? html`` : html`<path class="of-${kind}" d="${path.join('')}"/>`;
  });
}

function columnBars({ column, x, width }: Place, busiest: number) {
  const total = barCount(column);
  const unit = total === 0 ? 0 : ((BARS_BOTTOM - BARS_TOP - 2) * Math.sqrt(total / busiest)) / total;
  const [left, room] = [round(x * UNITS), round(width * COLUMN_FILL * UNITS)];
  let y = BARS_BOTTOM;
  return BARS.filter((kind) => column.counts[kind]).map((kind) => {
    const height = (column.counts[kind] ?? 0) * unit;
    y -= height;
    return { kind, d: `M${left} ${round(y)}h${room}v${round(height)}h-${room}z` };
  });
}

/** What a click or a pointer on a column meets. */
function renderTouch(activity: Activity, { column, x, width }: Place, target: number): Markup {
  const marks = (['error', 'user'] as const).map((kind) => {
    const position = column.marks[kind];
    return when(
      position !== undefined,
      () => html`<rect class="of-${kind}" x="${share(placeOf(activity, position ?? 0, column.pauses))}"/>`,
    );
  });
  return html`<a href="#entry-${target}" tabindex="-1"><title>${describeColumn(column)}</title><rect x="${share(x)}" width="${share(width)}"/>${marks}</a>
`;
}

const describeColumn = ({ counts }: Column): string =>
  TOLD.filter((kind) => counts[kind])
    .map((kind) => formatCount(counts[kind] ?? 0, NAMES[kind]))
    .join(', ');

/** When it began and ended; a recording without times has none to tell. */
function renderEnds(document: SessionDocument): Part {
  const start = startedAtMs(document);
  const duration = durationMs(document);
  if (document.outline.activity.unit === 'entries' || start === undefined || duration === undefined) return undefined;
  return html`<p class="ends" aria-hidden="true"><span>${dayAndTime(start)}</span><span>${dayAndTime(start + duration)}</span></p>\n`;
}

function renderLegend({ slices }: Activity): readonly Markup[] {
  const sums = TOLD.map((kind) => [kind, slices.reduce((sum, { counts }) => sum + (counts[kind] ?? 0), 0)] as const);
  return sums
    .filter(([, sum]) => sum > 0)
    .map(([kind, sum]) => html`<span class="key of-${kind}">${formatCount(sum, NAMES[kind])}</span> `);
}

interface Box {
  readonly x: number;
  readonly width: number;
  readonly y: number;
  readonly height: number;
}

function rect(kind: string, { x, width, y, height }: Box): Markup {
  return html`<rect class="${kind}" x="${share(x)}" y="${round(y)}" width="${share(width)}" height="${round(height)}"/>`;
}

const share = (fraction: number): string => `${round(fraction * 100, 100)}%`;

const round = (value: number, parts = 10): number => Math.round(value * parts) / parts;
