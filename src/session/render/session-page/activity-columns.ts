import { type Activity, type ActivityCounts, type ActivitySlice, addCounts } from '../../activity.ts';

// Shares of the width.
const MOST_PAUSE_SHARE = 0.02;
const ALL_PAUSES_SHARE = 0.2;
/** Beside a pause a column may have only this part of its width. */
const NARROWEST = 0.4;

/** A column as wide as its part of the time, of what lies between two pauses. */
export interface Column {
  readonly start: number;
  readonly end: number;
  readonly pauses: number;
  readonly seq: number;
  readonly counts: ActivityCounts;
  /** Where the first of these kinds is, for its mark. */
  readonly marks: { user?: number; error?: number };
}

/** Neighbouring slices as so many columns at most; a pause divides them. */
export function joinSlices(activity: Activity, count: number): readonly Column[] {
  const { slices, sliceLength, length } = activity;
  const columnLength = Math.max(sliceLength, length / count);
  const columns = new Map<string, Column>();
  for (const slice of slices) {
    const position = slice.index * sliceLength;
    const place = Math.min(count - 1, Math.floor(position / columnLength));
    const key = `${place} ${toldBefore(activity, slice.pauses)}`;
    const column = columns.get(key) ?? newColumn(activity, slice, place, columnLength);
    addCounts(column.counts, slice.counts);
    if (slice.counts.user) column.marks.user ??= position;
    if (slice.counts.error) column.marks.error ??= position;
    columns.set(key, column);
  }
  return [...columns.values()].filter(({ counts }) => Object.keys(counts).length > 0);
}

/** From where its time begins, or the pause before it ends, to where its time ends, or the next pause begins. */
function newColumn({ pauses, length }: Activity, slice: ActivitySlice, place: number, columnLength: number): Column {
  const before = pauses.findLast(({ number }) => number <= slice.pauses);
  const after = pauses.find(({ number }) => number > slice.pauses);
  const narrowest = columnLength * NARROWEST;
  const begin = Math.max(place * columnLength, before?.at ?? 0);
  const end = Math.min(Math.max((place + 1) * columnLength, begin + narrowest), after?.at ?? length);
  const start = Math.max(0, Math.min(begin, end - narrowest));
  return { start, end, pauses: slice.pauses, seq: slice.seq, counts: {}, marks: {} };
}

/** Where a place in the session lies across the strip, from 0 to 1; each pause before it takes a little room. */
export function placeOf(activity: Activity, position: number, pausesBefore: number): number {
  const gap = pauseShare(activity);
  return (
    (position / Math.max(1, activity.length)) * (1 - gap * activity.pauses.length) +
    gap * toldBefore(activity, pausesBefore)
  );
}

/** How many of so many pauses have a place of their own. */
const toldBefore = ({ pauses }: Activity, count: number): number =>
  pauses.filter(({ number }) => number <= count).length;

/** The share of the width that each pause gets. */
export const pauseShare = ({ pauses }: Activity): number =>
  Math.min(MOST_PAUSE_SHARE, ALL_PAUSES_SHARE / Math.max(1, pauses.length));
