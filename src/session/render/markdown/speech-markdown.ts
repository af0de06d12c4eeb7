import type { Env } from 'markdown-it';
import { shortLine } from '../../plain-text.ts';
import { linkedMarkdown, markdownFence, visibleText } from '../escape.ts';
import { buildMarkdownParser } from '../markdown-parser.ts';
import { type MarkdownPiece, markdownPieces } from '../markdown-pieces.ts';
import { isSafeLink } from '../session-page/markdown-html.ts';
import { HEADING_SHIFT, tamedMarkdown, tamePassage } from './tamed-markdown.ts';

/** Reads as a foreign viewer might: with HTML on. What it finds in our text decides whether the text may stay Markdown. */
const strictReader = buildMarkdownParser({ html: true });
strictReader.validateLink = () => true;

/** A last paragraph that must still be one after any text: an open fence or list would swallow it. */
const SENTINEL = 'end-of-speech';

/**
 * Text of an answer that may stay Markdown: no tag, no image, no link but to the web and mail, no heading that could be
 * taken for an entry's, nothing left open. Where that cannot be had by escaping, the text is shown as it is, in a fence.
 */
export function speechMarkdown(text: string): string {
  const visible = visibleText(text).trim();
  if ((visible.match(ADDRESS)?.length ?? 0) > MAX_ADDRESSES) return markdownFence(visible, 'text');
  const tamed = piecesOf(visible).map(tamedPiece);
  return tamed.includes(undefined) ? markdownFence(visible, 'text') : tamed.join('').trim();
}

/** A tag may hold in it what looks like pieces. */
const piecesOf = (text: string): readonly MarkdownPiece[] =>
  /^ {0,3}</m.test(text) ? [{ kind: 'markdown', source: text }] : markdownPieces(text);

/** Undefined for what it cannot be had of. */
function tamedPiece(piece: MarkdownPiece): string | undefined {
  if (piece.kind === 'fence') return piece.source;
  if (piece.kind === 'words' && piece.level === 0) return tamePassage(piece.source);
  const tamed = tamedMarkdown(piece.source);
  return isHarmless(tamed) ? tamed : undefined;
}

const ADDRESS = /:\/\/|www\./gi;
/** Each of them is looked at up to the next space. */
const MAX_ADDRESSES = 500;

/** The first words of an answer on one line, without the marks that only a page makes something of. */
export function speechPreview(text: string, max: number): string {
  const blocks = strictReader.parse(text.slice(0, max * PREVIEW_READ), {});
  const words = blocks.map(({ content, children }) => (children ? children.map(spokenWords).join('') : content));
  return shortLine(words.filter((piece) => piece !== '').join(' '), max);
}

/** Marks and addresses take room in a text that its words do not need. */
const PREVIEW_READ = 5;

const spokenWords = ({ type, content }: { readonly type: string; readonly content: string }): string =>
  type.endsWith('break') ? ' ' : content;

/** Text that was typed and not composed: every character and line break as it was, in a quote. */
export function quoteMarkdown(text: string): string {
  const lines = visibleText(text).trim().split('\n').map(quoteLine);
  return lines.map((line, index) => `> ${line}${line !== '' && lines[index + 1] ? '\\' : ''}`.trimEnd()).join('\n');
}

/** Indentation would be lost on a page, or make code of a line. */
function quoteLine(line: string): string {
  const indent = /^\s*/.exec(line)?.[0].replaceAll('\t', '    ').length ?? 0;
  const body = line.trim();
  return body === '' ? '' : '&nbsp;'.repeat(Math.min(indent, MAX_INDENT)) + linkedMarkdown(body);
}

const MAX_INDENT = 40;

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
  readonly content: string;
  attrGet(name: string): string | number | null;
}

/** An entity can name a character that nobody sees: `content` has what it stands for. */
function isHarmlessToken(token: TokenFacts): boolean {
  if (token.type.startsWith('html')) return /^<\/?span>$/.test(token.content);
  if (token.type === 'image') return false;
  if (token.type === 'heading_open') return Number(token.tag.slice(1)) > HEADING_SHIFT;
  const shown = token.content + String(token.attrGet('title') ?? '');
  if (visibleText(shown) !== shown) return false;
  return token.type !== 'link_open' || isSafeLink(String(token.attrGet('href')));
}
