import { INVISIBLE, isOrdinary, stripAnsi, withSingleSpaces } from '../plain-text.ts';

// The one place where text from a transcript or a summary becomes safe to stand in a page. Nothing else escapes.

/** Text with everything that an eye would miss made visible, and what only a terminal understands taken out. */
export function visibleText(text: string): string {
  if (isOrdinary(text)) return text;
  const unified = stripAnsi(text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text);
  return isOrdinary(unified) ? unified : unified.replace(INVISIBLE, showCodePoint);
}

export function escapeHtml(text: string): string {
  return escapeVisible(visibleText(text));
}

/** The same for visible text, which needs not be looked through for all that once more. */
export function escapeVisible(visible: string): string {
  return HTML_SPECIAL.test(visible) ? escapeText(visible).replaceAll('"', '&quot;').replaceAll("'", '&#39;') : visible;
}

/** Visible text that stands between tags: quotes are only special within one. */
export function escapeText(visible: string): string {
  return visible.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** JSON for a data block of a page: nothing in it can end the block, or open a comment. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(/</g, '\\u003c');
}

/**
 * One line of Markdown that shows exactly the given text: on GitHub no tag, table cell, emoji or heading comes of it, and
 * no link but to mail, which GitHub makes of the text as it is shown. `#1` and `@name` lead nowhere in a file.
 */
export function escapeMarkdown(text: string): string {
  return escapeText(withSingleSpaces(visibleText(text)))
    .replace(EMOJI_COLON, WITHOUT_EMOJI)
    .replace(/[\\`*_[\]|~$]/g, '\\$&')
    .replace(/(?<=https?|ftp):(?=\/\/)|(?<=www)\./gi, '\\$&')
    .replace(/^(\s*)([#+=-]|\d{1,9}(?=[.)](?:\s|$)))/, escapeBlockStart);
}

/**
 * What begins the name of an emoji. GitHub reads it in the text as it is shown, where `\:` and `&#58;` are colons too: only
 * a tag keeps it from what follows.
 */
export const EMOJI_COLON = /:(?=[\w+-]{1,60}:)(?=[\w+-]*?[a-z]|[+-]1:|100:|1234:)/gi;
export const WITHOUT_EMOJI = ':<span></span>';

/** The same with addresses on the web as links. What stands between angle brackets is shown as it is, so nothing of it is escaped. */
export function linkedMarkdown(text: string): string {
  const pieces = text.split(WEB_ADDRESS);
  return pieces.map((piece, index) => (index % 2 === 1 ? `<${piece}>` : escapeMarkdown(piece))).join('');
}

// Ends where a sentence would: not at a full stop or a bracket. `&copy;` would be read as an entity, so no `;` either.
const WEB_ADDRESS = /(\bhttps?:\/\/(?:[\w.~:/?#@!$&+,=%-]|\([\w.~-]*\))*(?:[\w/=#&+%-]|\([\w.~-]*\)))/;

/** One line that a model wrote as plain text: of its marks only those of code are kept. */
export function proseMarkdown(text: string): string {
  const pieces = text.split(/(?<!`)`([^`]+)`(?!`)/);
  return pieces.map((piece, index) => (index % 2 === 1 ? markdownCode(piece) : escapeMarkdown(piece))).join('');
}

/** A code span around text on one line, whatever backticks are in it. */
export function markdownCode(text: string): string {
  const line = visibleText(text).replace(/\n/g, ' ');
  const ticks = '`'.repeat(longestBacktickRun(line) + 1);
  const space = /^[` ]|[` ]$/.test(line) ? ' ' : '';
  return line === '' ? '' : `${ticks}${space}${line}${space}${ticks}`;
}

/** A code block whose fence is longer than any run of backticks inside, so that nothing inside can end it. */
export function markdownFence(text: string, language = ''): string {
  const body = visibleText(text).trimEnd();
  const fence = '`'.repeat(Math.max(3, longestBacktickRun(body) + 1));
  return `${fence}${language}\n${body}\n${fence}`;
}

const HTML_SPECIAL = /[&<>"']/;

function showCodePoint(char: string, offset: number, whole: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code >= 0xd800 && code <= 0xdfff) return '\ufffd';
  if (code === 0x200d && followsEmoji(whole, offset)) return char;
  if (code === 0xfe0f && (followsEmoji(whole, offset) || /[#*0-9]/.test(whole.charAt(offset - 1)))) return char;
  return `⟦U+${code.toString(16).toUpperCase().padStart(4, '0')}⟧`;
}

/** A joiner or selector right after an emoji is part of it. */
function followsEmoji(text: string, offset: number): boolean {
  return /(?![#*0-9])[\p{Extended_Pictographic}\p{Emoji_Modifier}]\ufe0f?$/u.test(
    text.slice(Math.max(0, offset - 3), offset),
  );
}

function escapeBlockStart(_match: string, indent: string, start: string): string {
  return /\d/.test(start) ? `${indent}${start}\\` : `${indent}\\${start}`;
}

function longestBacktickRun(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0);
}
