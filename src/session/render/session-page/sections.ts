import { withChapterTitles } from '../../chapters.ts';
import type { SessionDocument } from '../../document.ts';
import { chapterTitles } from '../../request-title.ts';
import type { Chapter } from '../../summary.ts';
import { formatCount } from '../labels.ts';

/** A stretch of the timeline: a chapter, or the entries that belong to none. Together they cover every entry. */
export type Section = ChapterSection | OutsideSection;

export interface ChapterSection {
  readonly kind: 'chapter';
  /** One-based; also names the anchor, `chapter-1`. */
  readonly number: number;
  readonly title: string;
  readonly chapter: Chapter;
  readonly first: number;
  readonly last: number;
}

export interface OutsideSection {
  readonly kind: 'outside';
  readonly title: string;
  /** Whether it starts closed: what surrounds chapters is rarely what a reader came for. */
  readonly folded: boolean;
  readonly first: number;
  readonly last: number;
}

/** The sections of a session in order, without gaps. A chapter's title is the summary's, or else the request that began it. */
export function buildSections({ outline, summary }: SessionDocument): readonly Section[] {
  const sections: Section[] = [];
  let next = 0;
  const asked = withChapterTitles(outline.chapters, chapterTitles(outline));
  withChapterTitles(asked, summary.chapter_titles ?? []).forEach((chapter, index) => {
    const first = Math.max(next, chapter.start_seq);
    if (chapter.end_seq < first) return;
    if (first > next)
      sections.push(buildOutside(next, first - 1, next === 0 ? 'before the first chapter' : 'between chapters'));
    sections.push({ kind: 'chapter', number: index + 1, title: chapter.title, chapter, first, last: chapter.end_seq });
    next = chapter.end_seq + 1;
  });
  return [...sections, buildRest(next, outline.entryCount)];
}

export function chaptersOf(sections: readonly Section[]): readonly ChapterSection[] {
  return sections.filter((section) => section.kind === 'chapter');
}

function buildOutside(first: number, last: number, place: string): OutsideSection {
  return { kind: 'outside', title: `${formatCount(last - first + 1, 'entry')} ${place}`, folded: true, first, last };
}

/** What follows the last chapter, or everything when there is none. Open-ended: an entry always has a section. */
function buildRest(first: number, entryCount: number): OutsideSection {
  const last = Number.POSITIVE_INFINITY;
  if (first === 0) return { kind: 'outside', title: 'All entries', folded: false, first, last };
  const title = `${formatCount(Math.max(0, entryCount - first), 'entry')} after the last chapter`;
  return { kind: 'outside', title, folded: true, first, last };
}
