import MarkdownParser, { type MarkdownIt, type MarkdownItOptions } from 'markdown-it';

/** A parser of Markdown that reads words without marks at once; what it makes of a text is what any other makes of it. */
export function buildMarkdownParser(options: MarkdownItOptions): MarkdownIt {
  const parser = new MarkdownParser(options);
  parser.core.ruler.at('inline', ({ tokens, env, Token }) => {
    for (const { type, content, children } of tokens) {
      if (type !== 'inline' || children === null) continue;
      if (wordsEnd(content, 0) < content.length) parser.inline.parse(content, parser, env, children);
      else children.push(Object.assign(new Token('text', '', 0), { content }));
    }
  });
  parser.inline.ruler.at('text', (state, silent) => {
    const end = Math.min(wordsEnd(state.src, state.pos), state.posMax);
    if (end === state.pos) return false;
    if (!silent) state.pending += state.src.slice(state.pos, end);
    state.pos = end;
    return true;
  });
  return parser;
}

/** What no rule of Markdown begins with. The parser's own text ends at many more signs, and every rule looks at each of them. */
const WORDS = /(?:[^\n\\`*_~[\]!<&:]|!(?!\[)|:(?!\/\/))*/y;

function wordsEnd(text: string, from: number): number {
  WORDS.lastIndex = from;
  WORDS.test(text);
  return WORDS.lastIndex;
}
