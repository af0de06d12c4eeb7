/**
 * ECMA-48: strings (OSC, DCS and kin, up to their terminator), control sequences, then two-character escapes; each in its
 * form of seven bits and of eight. Loops that may be long are lazy: so they need no memory, however long they get.
 */
export const ANSI =
  /(?:\u001b\]|\u009d)[^\u0007\u001b\u009c]*?(?:\u0007|\u001b\\|\u009c)|(?:\u001b[PX^_]|[\u0090\u0098\u009e\u009f])[^\u001b\u009c]*?(?:\u001b\\|\u009c)|(?:\u001b\[|\u009b)[0-?]*?[ -/]*?[@-~]|\u001b[ -/]*?[0-Z\\^-~]/g;

/**
 * What an eye would miss: control characters, line separators, what Unicode calls "default ignorable" (bidirectional
 * controls, characters without width, fillers, tags), and surrogates that stand alone. Tab and line feed are ordinary.
 */
export const INVISIBLE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu;

/**
 * Whether a text is of letters, signs and drawings alone of which everybody sees each: one quick look at most texts is
 * enough. The alphabets that it does not know may have something between their letters.
 */
export const isOrdinary = (text: string): boolean => !UNCOMMON.test(text);

// ASCII, Latin, Greek, Cyrillic, punctuation, arrows, mathematics, frames, ticks, kana, the signs of Chinese, Korean.
const UNCOMMON =
  /[^\t\n -~\u00a1-\u00ac\u00ae-\u02ff\u0370-\u058f\u2010-\u2027\u2030-\u205e\u2070-\u2bff\u3001-\u3029\u3041-\u30ff\u4e00-\u9fff\uac00-\ud7a3]/;

/** The text without escape sequences and what an eye would miss, so that it is safe on a terminal and in a page. */
export function cleanText(text: string): string {
  if (isOrdinary(text)) return text;
  return stripAnsi(text.replace(/\r\n?/g, '\n')).replace(INVISIBLE, (sign, at: number, whole: string) =>
    joinsLetters(sign, whole.slice(Math.max(0, at - 2), at)) ? sign : '',
  );
}

const JOINERS = ['\u200c', '\u200d', '\ufe0e', '\ufe0f'];

/** Joiners and variation selectors are a part of emoji and of how some languages are spelt; in ASCII they only hide. */
function joinsLetters(sign: string, before: string): boolean {
  if (!JOINERS.includes(sign)) return false;
  const letter = [...before].at(-1) ?? '';
  return letter > '\u007f' && letter.search(INVISIBLE) === -1;
}

/** The text without what only a terminal understands: colours, titles, movements. */
export function stripAnsi(text: string): string {
  return /[\u001b\u0090\u0098\u009b\u009d-\u009f]/.test(text) ? text.replace(ANSI, '') : text;
}

export function oneLine(text: string): string {
  return withSingleSpaces(cleanText(text)).trim();
}

/** Every space, of whatever kind and length, as a single one. Those that are one already are not replaced by themselves. */
export const withSingleSpaces = (text: string): string => text.replace(/\s{2,}|[^\S ]/g, ' ');

/** The text without HTML that means formatting, or would run. Names in angle brackets stay: `Map<string, number>`, a lone `<script>`. */
export function withoutTags(text: string): string {
  return text.replace(RUNNING, '').replace(WITH_ATTRIBUTES, '').replace(FORMATTING, '');
}

const RUNNING = /<(script|style|iframe|object)\b[^<>]{0,500}>[^<]{0,5000}<\/\1\s*>/gi;
const WITH_ATTRIBUTES = /<[a-z][\w-]{0,20}[\s/][^<>]{0,500}?[\w-]=["'\w/#][^<>]{0,500}>/gi;
const FORMATTING =
  /<\/?(?:a|b|big|blockquote|br|center|code|div|em|font|h[1-6]|hr|i|img|li|mark|ol|p|pre|s|small|span|strong|sub|sup|table|td|th|tr|u|ul)\s?\/?>/gi;

/** A line that a model wrote, without what would make it a heading, a list item, a quotation, bold or code. */
export function withoutMarkup(line: string): string {
  const bare = withoutTags(line)
    .trim()
    .replace(/^(?:#{1,6}|[-*+•]|\d{1,2}[.)])\s+(?=\S)/, '')
    .replace(/(\*\*|__)(?=\S)([^*_]{1,500}?\S)\1/g, '$2');
  return bare.replace(/^(["'`“*_])([^"'`“”*_]{1,1000})["'`”*_]$/, '$2').trim();
}

/** At most `max` characters, cut after a whole word where there is one, and never inside a surrogate pair. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  const wordEnd = text.slice(0, max).search(/\s\S*$/);
  const atWord = wordEnd >= max / 2 ? text.slice(0, wordEnd) : text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '');
  return `${atWord.replace(/[\s,;:.–-]{1,8}$/, '')}…`;
}

/** The beginning of a text of any size, as one bounded line. */
export function shortLine(text: string, max: number): string {
  return detached(cutText(oneLine(text.trimStart().slice(0, max * 4)), max));
}

/** How many lines a text has; a final newline does not begin another one. */
export function lineCount(text: string): number {
  if (text === '') return 0;
  let count = text.endsWith('\n') ? 0 : 1;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

/** The same text by itself: a slice keeps the whole string that it was cut from alive, which may be many megabytes. */
export const detached = (text: string): string => ` ${text}`.slice(1);
