import type { MarkdownIt } from 'markdown-it';
import { escapeHtml, visibleText } from '../escape.ts';
import { buildMarkdownParser } from '../markdown-parser.ts';
import { type MarkdownPiece, markdownPieces } from '../markdown-pieces.ts';
import { html, type Markup, markupText, trusted } from '../markup.ts';
import { renderCode } from './code-html.ts';

/** Headings of an answer stand below those of the page: its first level is the page's fifth. */
const HEADING_SHIFT = 4;

const SAFE_LINK = /^(?:https?:\/\/|mailto:)/i;

const parser = buildParser();

/** Markdown as HTML: no raw tags, no images, no other links than to the web and to mail. */
export function renderMarkdown(text: string): Markup {
  return trusted(markdownPieces(visibleText(text)).map(renderPiece).join(''));
}

function renderPiece(piece: MarkdownPiece): string {
  if (piece.kind === 'markdown') return parser.render(piece.source);
  if (piece.kind === 'fence') return codeBlock(piece.code, piece.info);
  const tag = piece.level === 0 ? 'p' : headingTag(piece.level);
  return `<${tag}>${escapeHtml(piece.words)}</${tag}>\n`;
}

const headingTag = (level: number): string => `h${Math.min(6, level + HEADING_SHIFT)}`;

/** Whether a link may lead there; whatever may not stays text. */
export function isSafeLink(address: string): boolean {
  return SAFE_LINK.test(address.trim());
}

function buildParser(): MarkdownIt {
  const markdown = buildMarkdownParser({ html: false, linkify: true });
  markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
  markdown.validateLink = isSafeLink;
  setTextRules(markdown);
  setLinkRules(markdown);
  setHeadingRules(markdown);
  setGithubRules(markdown);
  return markdown;
}

/** Text passes our own escape here once more: an entity in the source can name an invisible character. */
function setTextRules({ renderer }: MarkdownIt): void {
  renderer.rules.text = (tokens, index) => escapeHtml(tokens[index]?.content ?? '');
  renderer.rules.code_inline = (tokens, index) => markupText(html`<code>${tokens[index]?.content}</code>`);
  renderer.rules.code_block = (tokens, index) => codeBlock(tokens[index]?.content ?? '', '');
  renderer.rules.fence = (tokens, index) => codeBlock(tokens[index]?.content ?? '', tokens[index]?.info ?? '');
  renderer.rules.table_open = () => '<div class="scroll" tabindex="0"><table>\n';
  renderer.rules.table_close = () => '</table></div>\n';
}

const codeBlock = (code: string, language: string): string =>
  markupText(html`<pre class="code" tabindex="0"><code>${renderCode(code, language)}</code></pre>\n`);

function setLinkRules({ renderer }: MarkdownIt): void {
  renderer.rules.image = (tokens, index) => {
    const image = tokens[index];
    return markupText(html`<span class="image">[image: ${image?.content} ${image?.attrGet('src') ?? ''}]</span>`);
  };
  renderer.rules.link_open = (tokens, index) => {
    const link = tokens[index];
    const title = link?.attrGet('title');
    return markupText(
      html`<a href="${link?.attrGet('href') ?? ''}"${title ? html` title="${title}"` : undefined} rel="noopener noreferrer nofollow">`,
    );
  };
  renderer.renderAttrs = ({ attrs }) =>
    attrs === null ? '' : attrs.map(([name, value]) => renderAttribute(name, String(value))).join('');
}

/** A table cell's alignment comes as a style attribute, which the page's policy forbids: a class does it. */
function renderAttribute(name: string, value: string): string {
  if (name === 'style') return markupText(html` class="${value.replace('text-align:', 'align-')}"`);
  return markupText(html` ${name}="${value}"`);
}

function setHeadingRules({ core }: MarkdownIt): void {
  core.ruler.push('shift_headings', (state) => {
    for (const token of state.tokens) {
      if (token.type !== 'heading_open' && token.type !== 'heading_close') continue;
      token.tag = headingTag(Number(token.tag.slice(1)));
    }
  });
}

const TASK = /^\[([ xX])\] /;
const ALERT = /^\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]\s*/;

/** What agents write because GitHub shows it: lists of tasks, and quotes that are alerts. */
function setGithubRules({ core }: MarkdownIt): void {
  core.ruler.push('github', (state) => {
    state.tokens.forEach((inline, index) => {
      const first = inline.type === 'inline' ? inline.children?.[0] : undefined;
      const owner = state.tokens[index - 2];
      if (first?.type !== 'text' || state.tokens[index - 1]?.type !== 'paragraph_open') return;
      const task = owner?.type === 'list_item_open' ? TASK.exec(first.content) : null;
      const alert = owner?.type === 'blockquote_open' ? ALERT.exec(first.content) : null;
      if (task) first.content = `${task[1] === ' ' ? '☐' : '☑'} ${first.content.slice(task[0].length)}`;
      if (task) owner?.attrSet('class', 'task');
      if (alert) first.content = `${titleCase(alert[1] ?? '')}: ${first.content.slice(alert[0].length)}`;
      if (alert) owner?.attrSet('class', 'alert');
    });
  });
}

const titleCase = (word: string): string => word.slice(0, 1) + word.slice(1).toLowerCase();
