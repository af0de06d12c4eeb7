import { ANSI, INVISIBLE } from '../plain-text.ts';

/** A text as its reader sees it, which knows where each of its characters stands in the text that was written. */
export interface View {
  readonly text: string;
  /** Where `[start, end)` of the view stands in the written text. */
  written(start: number, end: number): readonly [start: number, end: number];
}

/** Each shows what was hidden in the one before it: an escape may be escaped again. */
const MAX_LAYERS = 4;

/**
 * The views of a text, each on the one before: without colours and what nobody sees, with the escapes of HTML, Markdown,
 * addresses and program text replaced by what they stand for. None where nothing of this is in the text.
 */
export function* viewsOf(text: string): Generator<View> {
  let view: View = { text, written: (start, end) => [start, end] };
  for (let layer = 0; layer < MAX_LAYERS; layer += 1) {
    const below = view;
    const next = viewOf(below.text);
    if (next === undefined) return;
    view = { text: next.text, written: (start, end) => below.written(...next.written(start, end)) };
    yield view;
  }
}

/** The text without any disguise, whatever stands where. */
export function unveiled(text: string): string {
  let bare = text;
  for (const view of viewsOf(text)) bare = view.text;
  return bare;
}

/** HTML names of signs that a secret, or what stands around it, is written with; in lower case. */
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  apos: "'",
  ast: '*',
  bsol: '\\',
  colon: ':',
  comma: ',',
  commat: '@',
  dollar: '$',
  equals: '=',
  excl: '!',
  gt: '>',
  lowbar: '_',
  lpar: '(',
  lt: '<',
  nbsp: ' ',
  newline: '\n',
  num: '#',
  percnt: '%',
  period: '.',
  plus: '+',
  quest: '?',
  quot: '"',
  rpar: ')',
  semi: ';',
  shy: '',
  sol: '/',
  tab: '\t',
  underbar: '_',
  zerowidthspace: '',
  zwj: '',
  zwnj: '',
};

/** Signs of secrets that a backslash before them does not change: Markdown, shells and expressions write it. */
const ESCAPABLE = '-_.:/=+~&#%@';
const HEX = '0123456789abcdef';

/** In lower case, what a disguise begins with: where none of it occurs, and nothing invisible, there is no view. */
export const DISGUISES: readonly string[] = [
  '&#',
  '\\u',
  '\\x',
  '\\b', // How JSON writes two characters that nobody sees.
  '\\f',
  ...[...ESCAPABLE].map((sign) => `\\${sign}`),
  ...Object.keys(ENTITIES).map((name) => `&${name};`),
  ...['%0a', '%0d', ...[...'234567'].flatMap((high) => [...HEX].map((low) => `%${high}${low}`))],
];

/** Each of them may hide something; of a pair of code units, the first one. A carriage return ends a line: it joins nothing. */
export function invisibleCodeUnits(): string {
  const units = INVISIBLE_BLOCKS.map(([from, to]) => codeUnits(from, to)).join('');
  const halves = [0xd82f, 0xd834, 0xdb40, 0xdb41, 0xdb42, 0xdb43];
  return (units.match(INVISIBLE) ?? []).join('') + String.fromCharCode(...halves);
}

/** Where they are: to ask it of all others would take longer than all the rest of the start. */
const INVISIBLE_BLOCKS = [
  [0, 0x0d],
  [0x0e, 0x1900],
  [0x2000, 0x3200],
  [0xfe00, 0x1_0000],
] as const;

function codeUnits(from: number, to: number): string {
  let units = '';
  for (let code = from; code < to; code += 1) units += String.fromCharCode(code);
  return units;
}

const NAME = `&(?:${Object.keys(ENTITIES).join('|')});`;
const NUMBER = '&#(?:0{0,8}\\d{1,7}|x0{0,8}[0-9a-f]{1,6})(?:;|(?![0-9a-f]))';
const PERCENT = '%(?:[2-7][0-9a-f]|0[ad])';
// From the first backslash of a run only, so that a long run is not read again and again.
const BACKSLASH = `(?<!\\\\)\\\\{1,64}(?:u[0-9a-f]{4}|u\\{0{0,8}[0-9a-f]{1,6}\\}|x[0-9a-f]{2}|[${ESCAPABLE.replace('-', '\\-')}])`;
/** Logs are full of it: this is what `ANSI` makes of it, in a tenth of its time. */
const COLOUR = /\u001b\[[\d:;]*m/y;
const DISGUISE = new RegExp([ANSI.source, INVISIBLE.source, NAME, NUMBER, PERCENT, BACKSLASH].join('|'), 'iuy');

/** One layer of disguises taken off; undefined where there is none. */
function viewOf(text: string): View | undefined {
  const parts: string[] = [];
  let from = 0;
  eachDisguise(text, (start, end, shown) => {
    if (start > from) parts.push(text.slice(from, start));
    if (shown !== '') parts.push(shown);
    from = end;
  });
  if (from === 0) return undefined;
  let map: PlaceMap | undefined;
  const written = (start: number, end: number): readonly [number, number] => {
    map ??= mapOf(text); // Few views show a secret.
    return map.written(start, end);
  };
  parts.push(text.slice(from));
  return { text: parts.join(''), written };
}

function mapOf(text: string): PlaceMap {
  const map = new PlaceMap();
  eachDisguise(text, (start, end, shown) => map.add(start, end, shown.length));
  return map;
}

function eachDisguise(text: string, visit: (start: number, end: number, shown: string) => void): void {
  starts ??= startsOfDisguises();
  for (let at = 0; at < text.length; at += 1) {
    if (starts[text.charCodeAt(at)] !== 1) continue;
    const end = matchEnd(COLOUR, text, at) ?? matchEnd(DISGUISE, text, at);
    if (end === undefined) continue;
    visit(at, end, shownBy(text, at, end));
    at = end - 1;
  }
}

function matchEnd(sticky: RegExp, text: string, at: number): number | undefined {
  sticky.lastIndex = at;
  return sticky.test(text) ? sticky.lastIndex : undefined;
}

/** 1 for each code unit that a disguise may begin with: to ask this of every character is much faster than a pattern is. */
let starts: Uint8Array | undefined;

function startsOfDisguises(): Uint8Array {
  const table = new Uint8Array(0x1_0000).fill(1, 0xd800, 0xe000);
  for (const unit of `&%\\${invisibleCodeUnits()}`) table[unit.charCodeAt(0)] = 1;
  return table;
}

/** What stands for a disguise in its view; nothing where nobody sees it. */
function shownBy(text: string, start: number, end: number): string {
  const first = text.charAt(start);
  if (first !== '%' && first !== '&' && first !== '\\') return '';
  const disguise = text.slice(start, end);
  if (first === '%') return character(disguise.slice(1), 16);
  if (first === '\\') return shownByEscape(disguise.slice(disguise.lastIndexOf('\\') + 1));
  if (!disguise.startsWith('&#')) return ENTITIES[disguise.slice(1, -1).toLowerCase()] ?? '';
  const digits = disguise.replace(/[&#;]/g, '');
  return /x/i.test(digits) ? character(digits.slice(1), 16) : character(digits, 10);
}

function shownByEscape(sign: string): string {
  return sign.length === 1 ? sign : character(sign.slice(1).replace(/[{}]/g, ''), 16);
}

function character(digits: string, base: number): string {
  const code = Number.parseInt(digits, base);
  return code > 0x10_ffff ? '' : String.fromCodePoint(code);
}

/** Where the pieces that were replaced stand, in the view and in the text below it. */
class PlaceMap {
  readonly #shownAt: number[] = [];
  readonly #shownEnd: number[] = [];
  readonly #writtenAt: number[] = [];
  readonly #writtenEnd: number[] = [];

  add(start: number, end: number, shownLength: number): void {
    const last = this.#shownAt.length - 1;
    const [lastEnd = 0, lastShown = 0] = [this.#writtenEnd[last], this.#shownEnd[last]];
    const shownAt = lastShown + start - lastEnd;
    this.#shownAt.push(shownAt);
    this.#shownEnd.push(shownAt + shownLength);
    this.#writtenAt.push(start);
    this.#writtenEnd.push(end);
  }

  written(start: number, end: number): readonly [start: number, end: number] {
    return [this.#place(start)[0], this.#place(end - 1)[1]];
  }

  /** Where a character of the view begins and ends in the text below. */
  #place(at: number): readonly [start: number, end: number] {
    const piece = this.#lastUpTo(at);
    const [shownEnd = 0, writtenAt = 0, writtenEnd = 0] = [
      this.#shownEnd[piece],
      this.#writtenAt[piece],
      this.#writtenEnd[piece],
    ];
    if (at < shownEnd) return [writtenAt, writtenEnd];
    const start = writtenEnd + at - shownEnd;
    return [start, start + 1];
  }

  #lastUpTo(at: number): number {
    let [low, high] = [0, this.#shownAt.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#shownAt[middle] ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
