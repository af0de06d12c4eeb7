import type { Env, Token } from 'markdown-it';
import { EMOJI_COLON, WITHOUT_EMOJI } from '../escape.ts';
import { buildMarkdownParser } from '../markdown-parser.ts';

/** Headings of an answer stand below those of the file, whose entries are of the third level. */
export const HEADING_SHIFT = 3;

/** Reads what a text is made of, and not what stands in each part of it. */
const reader = buildMarkdownParser({ html: true });
reader.core.ruler.disable('inline');

/**
 * The same Markdown without what would act outside of its place: tags, images, notes and definitions that are valid in the
 * whole file, links into a tree that is not there, formulas that are prices, headings as high as ours.
 */
export function tamedMarkdown(text: string): string {
  const lines = text.split('\n');
  const code = new Set<number>();
  const env: Env = {};
  const tokens = reader.parse(text, env);
  for (const [index, { type, map, markup, level }] of tokens.entries()) {
    if (!map) continue;
    if (type === 'fence' || type === 'code_block') for (let line = map[0]; line < map[1]; line += 1) code.add(line);
    if (type !== 'heading_open') continue;
    if (isOurAnchor(lettersOf(tokens[index + 1]?.content ?? '', env))) {
      lines[map[0]] = asWords(lines[map[0]] ?? '');
      if (!markup.startsWith('#')) lines[map[1] - 1] = '';
    } else if (markup.startsWith('#')) lines[map[0]] = lowerHeading(lines[map[0]] ?? '');
    else if (level === 0) replaceUnderline(lines, map[0], map[1] - 1);
  }
  return paragraphsOf(lines, code)
    .map((part) => (part.isCode ? part.text : tamePassage(part.text)))
    .join('\n');
}

/** A heading as it is shown. */
function lettersOf(heading: string, env: Env): string {
  const words: Token[] = [];
  reader.inline.parse(heading, reader, env, words);
  return words.map(({ content }) => content).join('');
}

/** GitHub names a heading by its letters: to one that would be called so, a link `#msg-7` could lead. */
function isOurAnchor(letters: string): boolean {
  return /^msg-+\d/i.test(
    letters
      .replace(/[^\p{L}\p{N}_\s-]/gu, '')
      .trim()
      .replace(/\s/g, '-'),
  );
}

const asWords = (line: string): string => line.replace('#', '\\#');

function lowerHeading(line: string): string {
  return line.replace(
    /^([ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t>]+)*)(#{1,6})(?=\s|$)/,
    (_match, before: string, marks: string) => before + '#'.repeat(Math.min(6, marks.length + HEADING_SHIFT)),
  );
}

/** A line of `-` under words was mostly meant as a rule; one word under `=` as a heading. */
function replaceUnderline(lines: string[], first: number, underline: number): void {
  const line = lines[underline] ?? '';
  if (line.trim().startsWith('-')) lines[underline] = '\n---';
  else if (underline - first > 1) lines[underline] = `\\${line.trim()}`;
  else {
    lines[first] = lowerHeading(`# ${lines[first]?.trim()}`);
    lines[underline] = '';
  }
}

interface Passage {
  readonly text: string;
  readonly isCode: boolean;
}

/** Lines of code one by one, and the others as paragraphs, since what stands between backticks may be longer than a line. */
function paragraphsOf(lines: readonly string[], code: ReadonlySet<number>): readonly Passage[] {
  const passages: Passage[] = [];
  let paragraph: string[] = [];
  const finish = (): void => {
    if (paragraph.length > 0) passages.push({ text: paragraph.join('\n'), isCode: false });
    paragraph = [];
  };
  lines.forEach((line, index) => {
    const isCode = code.has(index);
    if (isCode || line.trim() === '') finish();
    if (isCode) passages.push({ text: line, isCode });
    else paragraph.push(line);
  });
  finish();
  return passages;
}

// In this order: code, what is escaped already, addresses on the web, and what has to be escaped. GitHub makes a link of an
// address without marks up to the next space, even over a backtick, and of `www.` too: one that is not plain stays text.
const INLINE = new RegExp(
  [
    /(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/,
    /\\[!-/:-@[-`{-~]/,
    /<https?:\/\/[^\s<>]*>|(?:https?|ftp)(?=:\/\/[^ \t\n]*[`<$[])|www(?=\.[^ \t\n]*[`<$[])|https?:\/\/[\w./:~%-]*/,
    /!\[|\[\^|\]:|\]\((?!\s*<?(?:https?:\/\/|mailto:))|[<$]/,
    EMOJI_COLON,
  ]
    .map(({ source }) => source)
    .join('|'),
  'gi',
);

const ESCAPED: Readonly<Record<string, string>> = {
  '<': '&lt;',
  $: '\\$',
  '![': '!\\[',
  '[^': '\\[^',
  ']:': ']\\:',
  '](': ']\\(',
  ':': WITHOUT_EMOJI,
};

/** A passage that is no code. */
export const tamePassage = (text: string): string =>
  text.replace(INLINE, (match) => ESCAPED[match] ?? (/^(?:https?|ftp|www)$/i.test(match) ? `${match}\\` : match));
