import type { Outline } from './outline.ts';
import { cutText, oneLine } from './plain-text.ts';

const TITLE = { min: 3, max: 100 };
/** A first sentence shorter than this ("Hi there.") says too little to stand for the rest. */
const MIN_SENTENCE = 20;
const CHAPTER_TITLE_MAX = 60;

/**
 * A request as a title: its first sentence, without Markdown, on one line, cut at the end of a word; undefined when it
 * is too short for one.
 */
export function requestTitle(request: string): string | undefined {
  const title = cutText(firstSentence(oneLine(withoutMarkdown(request))), TITLE.max);
  return title.length < TITLE.min || !/[\p{L}\p{N}]/u.test(title) ? undefined : title;
}

/** The request that began a chapter is a better title than a guess, unless it is a single word. */
export function chapterTitles({ chapters, chapterRequests }: Outline): readonly string[] {
  return chapters.map(({ title }, index) => {
    const asked = requestTitle(chapterRequests[index] ?? '');
    return asked !== undefined && SEVERAL_WORDS.test(asked) ? cutText(asked, CHAPTER_TITLE_MAX) : title;
  });
}

/** Some scripts put no space between words. */
const SEVERAL_WORDS =
  /\s|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]{3}/u;

function firstSentence(text: string): string {
  const end = text.slice(MIN_SENTENCE).search(/[.!?](?= |$)|[。！？]/);
  if (end === -1) return text;
  const sentence = text.slice(0, MIN_SENTENCE + end + 1);
  return /[.。]$/.test(sentence) ? sentence.slice(0, -1) : sentence;
}

function withoutMarkdown(text: string): string {
  return text
    .replace(/!?\[([^\]\n]{1,200})\]\([^)\s]{0,500}\)/g, '$1')
    .replace(/^\s{0,8}(?:#{1,6}|>|[-*+]|\d{1,3}[.)])\s+/, '')
    .replace(/\*\*|~~|`{1,3}/g, '');
}
