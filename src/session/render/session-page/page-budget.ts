import type { Outline } from '../../outline.ts';
import type { SizeBucket, TextKind, TextSizes } from '../../text-sizes.ts';

/** How many characters of a text are shown, by its kind; infinite where there is room for all of them. */
export type PageBudget = ReadonlyMap<TextKind, number>;

/** Kinds of text that share room. */
interface Share {
  readonly kinds: readonly TextKind[];
  /** A text is shown so far in any case, times its weight. */
  readonly least: number;
}

/** What weighs twice as much is shown twice as far before it is cut. */
const WEIGHTS: Readonly<Record<TextKind, number>> = {
  user: 4,
  answer: 1,
  edit: 4,
  argument: 1,
  error: 4,
  output: 2,
  reading: 1,
  note: 1,
};

const SAID: Share = { kinds: ['user', 'answer'], least: 1000 };
const ASKED: Share = { kinds: ['edit', 'argument'], least: 150 };
const PRINTED: Share = { kinds: ['error', 'output', 'reading', 'note'], least: 100 };

const SAID_CHARS = 3_000_000;
const ASKED_CHARS = 250_000;
/** A page of this size opens at once, also on a telephone. What tools printed fills what the rest leaves of it… */
const PAGE_CHARS = 2_020_000;
/** …but gets so much in any case. */
const LEAST_PRINTED_CHARS = 120_000;

// What a page makes of it, in characters: Markdown with its tags and colours, the frame of a turn and that of a call.
const ANSWER_GROWTH = 1.45;
const TURN_FRAME = 200;
const CALL_FRAME = 440;

/** Whatever the room, no text is shown further than this: cutText sees to it. */
const HIGHEST = 64 * 1024;

/** What a page has room for when a session holds so much. A small one is shown whole; of a large one what was said comes first. */
export function buildPageBudget({ textSizes, toolCallCount, entryCount }: Outline): PageBudget {
  const said = fairLevel(SAID, textSizes, SAID_CHARS);
  const asked = fairLevel(ASKED, textSizes, ASKED_CHARS);
  const taken =
    ANSWER_GROWTH * shownChars(SAID, textSizes, said) +
    shownChars(ASKED, textSizes, asked) +
    CALL_FRAME * toolCallCount +
    TURN_FRAME * Math.max(0, entryCount - 2 * toolCallCount);
  const printed = fairLevel(PRINTED, textSizes, Math.max(LEAST_PRINTED_CHARS, PAGE_CHARS - taken));
  return new Map([...limitsAt(SAID, said), ...limitsAt(ASKED, asked), ...limitsAt(PRINTED, printed)]);
}

/** The highest level at which the texts of a share fit into the room, when each is cut at the level times its weight. */
function fairLevel(share: Share, sizes: TextSizes, room: number): number {
  if (shownChars(share, sizes, Number.POSITIVE_INFINITY) <= room) return Number.POSITIVE_INFINITY;
  let [low, high] = [share.least, HIGHEST];
  while (high - low > 1) {
    const middle = (low + high) / 2;
    if (shownChars(share, sizes, middle) <= room) low = middle;
    else high = middle;
  }
  return Math.floor(low);
}

function shownChars(share: Share, sizes: TextSizes, level: number): number {
  return limitsAt(share, level).reduce((sum, [kind, limit]) => sum + charsBelow(sizes[kind] ?? [], limit), 0);
}

const limitsAt = ({ kinds }: Share, level: number): readonly (readonly [TextKind, number])[] =>
  kinds.map((kind) => [kind, level * WEIGHTS[kind]]);

const charsBelow = (buckets: readonly SizeBucket[], limit: number): number =>
  buckets.reduce((sum, { count, chars }) => sum + Math.min(chars, count * limit), 0);
