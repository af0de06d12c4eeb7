import MarkdownParser, { type Env } from 'markdown-it';
import { escapeMarkdown, markdownFence, visibleText } from '../escape.ts';
import { isSafeLink } from '../session-page/markdown-html.ts';

/** Headings of an answer stand below those of the file, whose entries are of the third level. */
const HEADING_SHIFT = 3;

/** Reads as a foreign viewer might: with HTML on. What it finds in our text decides whether the text may stay Markdown. */
const strictReader = new MarkdownParser({ html: true });
strictReader.validateLink = () => true;

/** A last paragraph that must still be one after any text: an open fence or list would swallow it. */
const SENTINEL = 'end-of-speech';

/**
 * Text of an answer that may stay Markdown: no tag, no image, no link but to the web and mail, no heading that could be
 * taken for an entry's, nothing left open. Where that cannot be had by escaping, the text is shown as it is, in a fence.
 */
export function speechMarkdown(text: string): string {
  const visible = visibleText(text).trim();
  const tamed = tame(visible);
  return isHarmless(tamed) ? tamed : markdownFence(visible, 'text');
}

/** Text that was typed and not composed: every character and line break as it was, in a quote. */
export function quoteMarkdown(text: string): string {
  const lines = visibleText(text).trim().split('\n').map(quoteLine);
  return lines.map((line, index) => `> ${line}${line !== '' && lines[index + 1] ? '\\' : ''}`.trimEnd()).join('\n');
}

/** Indentation would be lost on a page, or make code of a line. */
function quoteLine(line: string): string {
  const indent = line.length - line.trimStart().length;
  const body = line.trim();
  return body === '' ? '' : '&nbsp;'.repeat(Math.min(indent, MAX_INDENT)) + escapeMarkdown(body);
}

const MAX_INDENT = 40;

/** Escapes tags and images and lowers headings, on all lines but those of code blocks. */
function tame(text: string): string {
  const code = codeLines(text);
  return text
    .split('\n')
    .map((line, index) => (code.has(index) ? line : tameLine(line)))
    .join('\n');
}

function codeLines(text: string): ReadonlySet<number> {
  const blocks = strictReader.parse(text, {}).filter(({ type }) => type === 'fence' || type === 'code_block');
  return new Set(blocks.flatMap(({ map }) => (map ? range(map[0], map[1]) : [])));
}

function tameLine(line: string): string {
  const lowered = line.replace(
    /^( {0,3})(#{1,6})(?=\s)/,
    (_match, indent: string, marks: string) => indent + '#'.repeat(Math.min(6, marks.length + HEADING_SHIFT)),
  );
  return tameInline(lowered.split(/(`+)/));
}

/** Text and runs of backticks in turn: what stands between two runs of one length is code, and shows a tag as text by itself. */
function tameInline(pieces: readonly string[]): string {
  let codeEnd = -1;
  const tamed = pieces.map((piece, index) => {
    const isTicks = index % 2 === 1;
    if (isTicks && index > codeEnd) codeEnd = pieces.indexOf(piece, index + 1);
    return isTicks || index < codeEnd ? piece : piece.replaceAll('<', '&lt;').replaceAll('![', '!\\[');
  });
  return tamed.join('');
}

function isHarmless(text: string): boolean {
  const env: Env = {};
  const tokens = strictReader.parse(`${text}\n\n${SENTINEL}`, env);
  const last = tokens.at(-2);
  const isClosed = tokens.at(-1)?.type === 'paragraph_close' && last?.content === SENTINEL && last.level === 1;
  if (!isClosed || Object.keys(env.references ?? {}).length > 0) return false;
  return tokens.every((token) => isHarmlessToken(token) && (token.children ?? []).every(isHarmlessToken));
}

interface TokenFacts {
  readonly type: string;
  readonly tag: string;
  attrGet(name: string): string | number | null;
}

function isHarmlessToken(token: TokenFacts): boolean {
  if (token.type.startsWith('html') || token.type === 'image') return false;
  if (token.type === 'heading_open') return Number(token.tag.slice(1)) > HEADING_SHIFT;
  return token.type !== 'link_open' || isSafeLink(String(token.attrGet('href')));
}

const range = (start: number, end: number): readonly number[] =>
  Array.from({ length: end - start }, (_, index) => start + index);
