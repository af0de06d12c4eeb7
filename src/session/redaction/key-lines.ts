/** What one line of a text says to somebody who looks for the lines of a key. */
export type KeyLine =
  /** Where its key material begins and ends; behind that of the `last` line stands text. */
  | { readonly kind: 'key' | 'short' | 'last'; readonly start: number; readonly end: number }
  /** Only signs, a line number, or nothing. */
  | { readonly kind: 'blank' }
  /** A field such as `DEK-Info: …`. */
  | { readonly kind: 'field'; readonly end: number }
  | { readonly kind: 'text' };

const [LINE_FEED, CARRIAGE_RETURN, BACKSLASH, SMALL_N, SMALL_R, TAG] = [10, 13, 92, 110, 114, 60];
const LONGEST_TAG = '<br />'.length;
const BREAK_TAG = /<br ?\/?>/iy;
const BREAK_TAG_BEFORE = /<br ?\/?>$/i;

/** No key has longer lines but one without any line break, of which this much tells enough. */
const LONGEST_LINE = 20_000;
// Lines that were joined by spaces are one; of them only the last may be short.
const MATERIAL = /[A-Za-z0-9+/]{16,}={0,2}(?: [A-Za-z0-9+/]{16,}={0,2})*(?: [A-Za-z0-9+/]{1,15}={1,2})?/y;
const RUN = /[A-Za-z0-9+/]{16,}/g;
const SHORTEST_RUN = 16;
const LONGEST_PREFIX = 120;
const MIN_MATERIAL = 20;
const MIN_BELOW = 40;
/** Numbers before the lines grow. */
const COLUMNS_APART = 3;
const FIELD =
  /^.{0,80}?(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset|MessageID|Encryption|Public-Lines|Private-Lines|Private-MAC|Private-Hash|Key-Derivation|Argon2-[A-Za-z]+|Subject|x-[a-z-]+): ?[^"'`\\]*/i;
// Every sign is read in one way only, so that nothing makes it try others.
const NO_TEXT = /^(?:[^A-Za-z0-9<\\]|<(?:\/?[a-z]{1,6} ?\/?>)?|\\t?)*$/i;

const PREFIX_WORDS = 4;
/** A number, a time, or a label such as `path:12:` or `web_1 |`, with nothing behind it. */
const LABEL = /^(?:[^A-Za-z0-9]*\d{1,6}[^A-Za-z0-9]*|[\d\s:.TZ-]{8,40}|\S{1,100}[:-]\s*|.{0,60}\|\s*)$/;
const SHORT_END = /(?:^|[^A-Za-z0-9+/=])([A-Za-z0-9+/]{1,76}={0,2}|=[A-Za-z0-9+/]{4})[^A-Za-z0-9+/=]*$/;

/** Where the line that `at` stands in ends; its break may be escaped, however often: `\n`, `\\r\\n`; or a tag of HTML. */
export function lineEnd(text: string, at: number, to: number): number {
  for (let place = at; place < to; place += 1) {
    const code = text.charCodeAt(place);
    if (code === LINE_FEED || code === CARRIAGE_RETURN) return place;
    if (code === TAG && tagEnd(text, place) !== undefined) return place;
    if (code !== BACKSLASH) continue;
    const start = place;
    while (text.charCodeAt(place + 1) === BACKSLASH) place += 1;
    if (isBreakLetter(text.charCodeAt(place + 1))) return start;
  }
  return to;
}

/** Where the next line begins, behind the break at `at`. */
export function lineAfter(text: string, at: number): number {
  const tag = tagEnd(text, at);
  if (tag !== undefined) return tag;
  let place = at;
  while (text.charCodeAt(place) === BACKSLASH) place += 1;
  return place + 1;
}

/** Where the line begins whose end is at `at`, not before `from`. */
export function lineStart(text: string, at: number, from: number): number {
  for (let place = at - 1; place >= from; place -= 1) {
    const code = text.charCodeAt(place);
    if (code === LINE_FEED || code === CARRIAGE_RETURN) return place + 1;
    if (isBreakLetter(code) && text.charCodeAt(place - 1) === BACKSLASH) return place + 1;
    if (code === TAG && tagEnd(text, place) !== undefined) return lineAfter(text, place);
  }
  return from;
}

/** Where the break before the line at `start` begins, not before `from`, which is before that line. */
export function breakBefore(text: string, start: number, from: number): number {
  const tag = BREAK_TAG_BEFORE.exec(text.slice(Math.max(from, start - LONGEST_TAG), start));
  if (tag !== null) return start - tag[0].length;
  let place = start - 1;
  while (place > from && text.charCodeAt(place - 1) === BACKSLASH) place -= 1;
  return place;
}

/**
 * Reads one line, whatever stands before and behind its key material: numbers, marks of a diff, quotes, file names.
 * `column` is where the material of the line before began: there a key's last line, which may be short, begins, too.
 */
export function readKeyLine(text: string, start: number, end: number, column: number | undefined): KeyLine {
  const line = text.slice(start, Math.min(end, start + LONGEST_LINE));
  const field = FIELD.exec(line);
  if (field !== null) return { kind: 'field', end: start + field[0].trimEnd().length };
  const material = longestMaterial(line, column);
  if (material !== undefined) {
    const materialEnd = material.index + material[0].length;
    const goesOn = materialEnd === line.length;
    const stop = goesOn ? runEnd(text, start + materialEnd, end) : start + materialEnd;
    const kind = NO_TEXT.test(text.slice(stop, Math.min(end, stop + LONGEST_LINE))) ? 'key' : 'last';
    return { kind, start: start + material.index, end: stop };
  }
  if (NO_TEXT.test(line) || LABEL.test(line)) return { kind: 'blank' };
  if (column === undefined) return { kind: 'text' };
  const [, rest = ''] = SHORT_END.exec(line) ?? [];
  const at = line.lastIndexOf(rest);
  if (!/[\d+/=]|[a-z][A-Z]|[A-Z]{2}/.test(rest) || Math.abs(at - column) > COLUMNS_APART) return { kind: 'text' };
  return { kind: 'short', start: start + at, end: start + at + rest.length };
}

/** Looked for where material may begin: behind a line's first words, however long the line is. */
function longestMaterial(line: string, column: number | undefined): RegExpExecArray | undefined {
  let longest: RegExpExecArray | undefined;
  let from = 0;
  for (const run of line.slice(0, LONGEST_PREFIX + SHORTEST_RUN).matchAll(RUN)) {
    MATERIAL.lastIndex = run.index;
    const match = run.index < from ? null : MATERIAL.exec(line);
    if (match === null) continue;
    from = MATERIAL.lastIndex;
    if (match[0].length > (longest?.[0].length ?? MIN_MATERIAL - 1) && (isMaterial(match[0]) || isBelow(match, column)))
      longest = match;
  }
  return longest !== undefined && isPrefix(line.slice(0, longest.index)) ? longest : undefined;
}

/** A long run right below the one of the line before is the same key, whatever letters it has. */
function isBelow({ 0: run, index }: RegExpExecArray, column: number | undefined): boolean {
  return column !== undefined && run.length >= MIN_BELOW && Math.abs(index - column) <= COLUMNS_APART;
}

/** A place, a time, a mark of a diff: no sentence. */
function isPrefix(before: string): boolean {
  return before.trim().split(/\s+/).length <= PREFIX_WORDS;
}

/** Letters of both cases, and in a line of usual length digits too: no path, no hash, no word. */
export function isMaterial(run: string): boolean {
  return /[a-z]/.test(run) && /[A-Z]/.test(run) && (run.length < 40 || /\d/.test(run));
}

function runEnd(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && /[A-Za-z0-9+/=]/.test(text.charAt(at))) at += 1;
  return at;
}

function tagEnd(text: string, at: number): number | undefined {
  BREAK_TAG.lastIndex = at;
  return BREAK_TAG.test(text) ? BREAK_TAG.lastIndex : undefined;
}

const isBreakLetter = (code: number): boolean => code === SMALL_N || code === SMALL_R;
