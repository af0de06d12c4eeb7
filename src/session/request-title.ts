import { cutText, oneLine } from './plain-text.ts';

const TITLE = { min: 3, max: 100 };

/** A request as a title: one line without Markdown, cut at the end of a word; undefined when it is too short for one. */
export function requestTitle(request: string): string | undefined {
  const title = cutText(oneLine(withoutMarkdown(request)), TITLE.max);
  return title.length < TITLE.min || !/[\p{L}\p{N}]/u.test(title) ? undefined : title;
}

function withoutMarkdown(text: string): string {
  return text
    .replace(/!?\[([^\]\n]{1,200})\]\([^)\s]{0,500}\)/g, '$1')
    .replace(/^\s{0,8}(?:#{1,6}|>|[-*+]|\d{1,3}[.)])\s+/, '')
    .replace(/\*\*|~~|`{1,3}/g, '');
}
