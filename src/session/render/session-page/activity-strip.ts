import type { SessionDocument } from '../../document.ts';
import type { Chapter } from '../../summary.ts';
import { classifyTool, type ToolKind } from '../../tool-call.ts';
import { formatCount, formatNumber } from '../labels.ts';
import { html, type Markup, type Part, when } from '../markup.ts';
import { buildSections, type ChapterSection, chaptersOf } from './sections.ts';

const FAMILIES = ['read', 'edit', 'run', 'other'] as const;
type Family = (typeof FAMILIES)[number];

const FAMILY_OF_KIND: Readonly<Record<ToolKind, Family>> = {
  explore: 'read',
  edit: 'edit',
  execute: 'run',
  test: 'run',
  other: 'other',
};

// Units of the drawing, which is stretched to the width of the page.
const WIDTH = 1000;
const HEIGHT = 72;
const GAP = 3;
const BAR_TOP = 12;
const BAR_BOTTOM = 66;
const TURN_TOP = 68;
const MARK_WIDTH = 4;

interface Span {
  readonly x: number;
  readonly width: number;
}

interface Box extends Span {
  readonly y: number;
  readonly height: number;
}

/** The shape of a session in one look: a column for each chapter, as wide as it is long, as high as it is busy. */
export function renderActivityStrip(document: SessionDocument): Part {
  const chapters = chaptersOf(buildSections(document));
  if (chapters.length === 0) return undefined;
  return html`<figure class="activity" aria-label="Activity by chapter">
${when(chapters.length > 1, () => renderColumns(chapters, document.outline.entryCount))}<figcaption>${renderLegend(document)}</figcaption>
</figure>
`;
}

/** One column alone would be a slab that tells nothing, so this is for several. */
function renderColumns(chapters: readonly ChapterSection[], entryCount: number): Markup {
  const total = Math.max(entryCount, (chapters.at(-1)?.last ?? -1) + 1);
  const busiest = Math.max(1, ...chapters.map(({ chapter }) => chapter.total_tools));
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="group" aria-label="Tool calls and errors by chapter">
${rect('column', { x: 0, y: 0, width: WIDTH, height: HEIGHT })}
${chapters.map((section) => renderColumn(section, WIDTH / total, busiest))}</svg>
`;
}

function renderColumn(section: ChapterSection, scale: number, busiest: number): Markup {
  const { chapter, first, last, number, title } = section;
  const x = first * scale;
  const width = Math.max(1, (last - first + 1) * scale - GAP);
  const turnWidth = Math.min(width, 2 * MARK_WIDTH);
  const label = `${number}. ${title}: ${formatCount(chapter.total_tools, 'tool call')}, ${formatCount(chapter.total_errors ?? 0, 'error')}`;
  return html`<a href="#chapter-${number}" aria-label="${label}"><title>${label}</title>
${rect('column', { x, y: 0, width, height: HEIGHT })}${renderBars(chapter, { x, width }, busiest)}${rect('turn', { x, y: TURN_TOP, width: turnWidth, height: HEIGHT - TURN_TOP })}${renderErrors(chapter.total_errors ?? 0, { x, width })}</a>
`;
}

/** The root of the count: beside a chapter of 300 calls, one of three should still be seen. */
function renderBars(chapter: Chapter, { x, width }: Span, busiest: number): readonly Markup[] {
  const counts = familyCounts(chapter.tool_counts);
  const total = FAMILIES.reduce((sum, family) => sum + counts[family], 0);
  const unit = total === 0 ? 0 : ((BAR_BOTTOM - BAR_TOP) * Math.sqrt(Math.min(1, total / busiest))) / total;
  return FAMILIES.map((family, index) => {
    const below = FAMILIES.slice(0, index).reduce((sum, lower) => sum + counts[lower], 0);
    const height = counts[family] * unit;
    return height === 0 ? html`` : rect(family, { x, y: BAR_BOTTOM - below * unit - height, width, height });
  });
}

function renderErrors(errors: number, { x, width }: Span): readonly Markup[] {
  const count = Math.min(errors, Math.max(1, Math.floor(width / (2 * MARK_WIDTH))));
  const step = width / (count + 1);
  return Array.from({ length: count }, (_, index) =>
    rect('error', { x: x + step * (index + 1) - MARK_WIDTH / 2, y: 2, width: MARK_WIDTH, height: 8 }),
  );
}

function renderLegend({ outline }: SessionDocument): readonly Part[] {
  const counts = familyCounts(outline.toolCounts);
  const families = FAMILIES.filter((family) => counts[family] > 0).map((family) => renderKey(family, counts[family]));
  return outline.errorCount > 0 ? [...families, renderKey('error', outline.errorCount)] : families;
}

const renderKey = (name: Family | 'error', count: number): Markup =>
  html`<span class="key ${name}">${name} ${formatNumber(count)}</span> `;

function familyCounts(toolCounts: Readonly<Record<string, number>>): Readonly<Record<Family, number>> {
  const counts: Record<Family, number> = { read: 0, edit: 0, run: 0, other: 0 };
  for (const [tool, count] of Object.entries(toolCounts)) counts[toolFamily(tool)] += count;
  return counts;
}

/** Counts keep no arguments; the name stands in for them, since a shell without any would be nothing. */
const toolFamily = (name: string): Family => FAMILY_OF_KIND[classifyTool({ name, input: {}, text: name })];

function rect(kind: string, { x, y, width, height }: Box): Markup {
  return html`<rect class="${kind}" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"/>`;
}

const round = (value: number): number => Math.round(value * 10) / 10;
