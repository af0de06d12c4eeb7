import { formatCount } from '../labels.ts';

// GitHub shows the first 500 KiB of a README and promises to draw no Markdown file of 2 MB, and long ones make a browser
// slow. So `session.md` stays under 500 KiB whatever the session: it is for reading there, and what it leaves out is in
// the page and in raw.jsonl. Most sessions fit whole.
const HEAD_BYTES = 200 * 1024;
const TAIL_BYTES = 200 * 1024;
/** What of the middle is told by its first words. */
const BRIEF_BYTES = 60 * 1024;

/** An entry as Markdown. */
export interface Piece {
  readonly markdown: string;
  /** What takes its place where it has no room; without it, it is counted only. */
  readonly brief?: string;
  /** A link leads to it: its brief form is never left out. */
  readonly isLinked?: boolean;
}

/**
 * The pieces that a file has room for: the first ones, the last ones, and between them those that have a brief form, with
 * a word about the others. Iterates once and holds no more than the last ones.
 */
export function* bothEnds(head: string, pieces: Iterable<Piece>): Generator<string> {
  yield head;
  const tail = new Tail();
  let room = HEAD_BYTES - sizeOf(head);
  let briefRoom = BRIEF_BYTES;
  let leftOut = 0;
  for (const piece of pieces) {
    room = tail.isEmpty && sizeOf(piece.markdown) <= room ? room - sizeOf(piece.markdown) : -1;
    if (room >= 0) {
      yield piece.markdown;
      continue;
    }
    for (const { brief, isLinked } of tail.add(piece)) {
      const text = brief === undefined ? undefined : gapNote(leftOut) + brief;
      const isShown = text !== undefined && (isLinked || sizeOf(text) <= briefRoom);
      leftOut = isShown ? 0 : leftOut + 1;
      if (!isShown) continue;
      briefRoom -= sizeOf(text);
      yield text;
    }
  }
  yield gapNote(leftOut);
  yield* tail.finish();
}

function gapNote(count: number): string {
  if (count === 0) return '';
  return `> [!NOTE]\n> ${formatCount(count, 'entry')} left out here, to keep this file short enough to be shown. All is in raw.jsonl.\n\n`;
}

const sizeOf = (text: string): number => Buffer.byteLength(text);

/** The last pieces, as many as there is room for. */
class Tail {
  #pieces: Piece[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#pieces.length === 0;
  }

  /** Takes a piece in and gives those back that have no room any more, oldest first. */
  *add(piece: Piece): Generator<Piece> {
    this.#pieces.push(piece);
    this.#bytes += sizeOf(piece.markdown);
    while (this.#bytes > TAIL_BYTES) {
      const oldest = this.#pieces.shift();
      if (oldest === undefined) return;
      this.#bytes -= sizeOf(oldest.markdown);
      yield oldest;
    }
  }

  *finish(): Generator<string> {
    for (const { markdown } of this.#pieces) yield markdown;
  }
}
