/** A part of a text in Markdown that is the same whatever stands before and after it. */
export type MarkdownPiece = {
  /** All of it as it was written, with the blank lines that follow. */
  readonly source: string;
} & (
  | { readonly kind: 'fence'; readonly info: string; readonly code: string }
  /** One line without marks: a heading of its level, or a paragraph, which has none. */
  | { readonly kind: 'words'; readonly words: string; readonly level: number }
  | { readonly kind: 'markdown' }
);

/**
 * A text in pieces: most of an answer are blocks of code and lines of words, for which nobody needs a parser. A block of
 * code that begins in the first column ends whatever was open before it, and so does a line between blank ones. Where
 * neither is certain, the rest is one piece.
 */
export function markdownPieces(text: string): readonly MarkdownPiece[] {
  const pieces: MarkdownPiece[] = [];
  const takeUpTo = (end: number): void => {
    if (end > taken) pieces.push({ kind: 'markdown', source: text.slice(taken, end) });
    taken = end;
  };
  let taken = 0;
  let isAfterBlank = true;
  // A definition holds for the whole text.
  for (let at = text.includes(']:') ? text.length : 0; at < text.length; ) {
    const found: MarkdownPiece | undefined = fenceAt(text, at) ?? (isAfterBlank ? wordsAt(text, at) : undefined);
    if (found === undefined && matchAt(OPEN_FENCE, text, at)) break;
    const end: number = found === undefined ? lineEnd(text, at) : at + found.source.length;
    if (found !== undefined) {
      takeUpTo(at);
      pieces.push(found);
      taken = end;
    }
    isAfterBlank = found !== undefined || end === at + 1;
    at = end;
  }
  takeUpTo(text.length);
  return pieces;
}

const FENCE = /(`{3,})([^`\n]*)\n((?:[^\n]*\n)*?) {0,3}\1`*[ \t]*(?:\n+|$)/y;
/** Not closed, or moved to the right, or of other signs. */
const OPEN_FENCE = / {0,3}(?:`{3}|~{3})/y;
const WORDS = /(?:(#{1,6}) )?([A-Za-z](?:[^\n\\`*_~[\]!<&:/#]|!(?!\[)|:(?![^ \n])|\/(?!\/))*(?<!\s))(?:\n{2,}|\n?$)/y;

function fenceAt(text: string, at: number): MarkdownPiece | undefined {
  const [source, , info = '', code = ''] = matchAt(FENCE, text, at) ?? [];
  return source === undefined ? undefined : { kind: 'fence', source, info, code };
}

function wordsAt(text: string, at: number): MarkdownPiece | undefined {
  const [source, marks = '', words = ''] = matchAt(WORDS, text, at) ?? [];
  return source === undefined ? undefined : { kind: 'words', source, words, level: marks.length };
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end + 1;
}
