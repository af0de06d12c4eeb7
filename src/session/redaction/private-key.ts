import { breakBefore, isMaterial, lineAfter, lineEnd, lineStart, readKeyLine } from './key-lines.ts';
import { NextPlace } from './next-place.ts';

/** Where a private key stands, or what is left of one. */
export interface KeyRange {
  readonly start: number;
  readonly end: number;
  /** Its end has not been seen, and the text ends with it: the text that comes next may go on with it. */
  readonly isOpen: boolean;
}

/** In lower case, what may be a part of a private key: only where one of them begins, a key is looked for. */
export const KEY_MARKS: readonly string[] = [
  '-----begin',
  '---- begin',
  '-----end',
  '---- end',
  'putty-user-key-file-',
  'mii',
  'bgkqhkig9w0bbq0',
  'csqgsib3dqefdt',
  'agea',
  'ageb',
  'caqee',
  'caqawb',
  'caqewb',
  'caqawe',
  'b3blbnnzac1rzxktdj',
  'ls0tls1crudjti',
];

/** Whatever it is called in a comment or a file name: nobody needs to see one. */
const KIND = '[ +_][A-Z0-9 +_]{0,40}PRIVATE[ +_]KEY(?:[ +_]BLOCK)?';
const BEGIN = new RegExp(`-{4,5} ?BEGIN${KIND} ?-{4,5}`, 'iy');
const END = new RegExp(`-{4,5} ?END${KIND} ?-{4,5}`, 'iy');
const PUTTY = /PuTTY-User-Key-File-\d: ?[\w.@-]{1,60}/y;
/** The DER of PKCS#8, PKCS#1, SEC 1 and PKCS#12, of encrypted PKCS#8, and the first words of OpenSSH's own format. */
const OPENING = new RegExp(
  [
    'MII[A-Za-z0-9+/]{2}[AQgw]IBA(?:DA|DC|DB|AK|AJ|zCC)',
    'MI[A-Za-z0-9+/]{6}(?:BgkqhkiG9w0BBQ0|CSqGSIb3DQEFDT)',
    'MI[FGH][A-Za-z0-9+/]AgE(?:AM|BB)',
    'M[A-Z][A-Za-z0-9+/]CAQEE[A-Z]',
    'M[A-Z][A-Za-z0-9+/]CAQ[AE]wBQYDK2V',
    'M[A-Z][A-Za-z0-9+/]CAQAwE[A-Z]YHKoZIzj0',
    'b3BlbnNzaC1rZXktdjE',
  ].join('|'),
  'y',
);
/** How far before a mark such an opening begins. */
const OPENING_BEFORE = [0, 3, 4, 8];
const ENCODED = /LS0tLS1CRUdJTi[A-Za-z0-9+/]{30,}={0,2}/y;
const MATERIAL = /[A-Za-z0-9+/]+={0,2}/y;
/** Enough of it to read the header. */
const ENCODED_HEADER = 44;
const REST = /^[^A-Za-z]{0,60}[A-Za-z0-9+/]{40}/;
const ONLY_MATERIAL = /^[A-Za-z0-9+/]+={0,2}$/;
const LONGEST_PIECE = 1000;
const MIN_OPENING = 40;
/** Lines without key material that may stand between the lines of a key. */
const MAX_OTHERS = 6;
/** Whatever stands between its first and its last line, a key is not longer. */
const LONGEST_KEY = 100_000;

/** All private keys of a text in order, none overlapping another, looked for at the `marks`, which are in order too. */
export function findPrivateKeys(text: string, marks: readonly number[]): readonly KeyRange[] {
  const keys: KeyRange[] = [];
  const body = bodyOf(text);
  let from = 0;
  for (const mark of marks) {
    if (mark < from) continue;
    const key = keyAt(body, mark, from);
    if (key === undefined) continue;
    from = key.end;
    if (key.start < key.end) keys.push(key);
  }
  return keys;
}

/**
 * The lines at the beginning of a text that go on with a key whose beginning was in the text before. A long line of base64
 * with a word before it is something else.
 */
export function restOfKey(text: string): KeyRange | undefined {
  const from = pieceEnd(text);
  if (from === 0 && !REST.test(text)) return undefined;
  const { end, isOpen, material } = keyLines(bodyOf(text), from);
  const isRest = material >= MIN_OPENING || (material === 0 && end > from && !isOpen);
  return isRest ? { start: 0, end, isOpen } : undefined;
}

/** A line that was cut in two: base64 and nothing else up to the first break. What is longer is a line by itself. */
function pieceEnd(text: string): number {
  const end = lineEnd(text, 0, MIN_OPENING);
  return end < MIN_OPENING && ONLY_MATERIAL.test(text.slice(0, end)) ? end : 0;
}

/** A text with its next dashes and its next line break: hostile text has very many marks and none of both. */
interface Body {
  readonly text: string;
  /** Where the next header or footer of any kind may begin; all that is looked for ends there. */
  readonly dashes: NextPlace;
  readonly lineEnds: NextPlace;
}

function bodyOf(text: string): Body {
  return {
    text,
    dashes: new NextPlace((from) => {
      const dashes = text.indexOf('----', from);
      return dashes === -1 ? text.length : dashes;
    }),
    lineEnds: new NextPlace((from) => lineEnd(text, from, text.length)),
  };
}

function keyAt(body: Body, mark: number, from: number): KeyRange | undefined {
  const { text } = body;
  const begin = matchEnd(BEGIN, text, mark);
  if (begin !== undefined) return fromHeader(body, mark, begin);
  const footer = matchEnd(END, text, mark);
  if (footer !== undefined) return beforeFooter(text, mark, footer, from);
  const putty = matchEnd(PUTTY, text, mark);
  if (putty !== undefined) return withLines(body, mark, putty);
  return fromOpening(body, mark, from) ?? encodedKey(body, mark);
}

/** Up to its footer, if a key lies between; else as far as its lines go; at least the header itself. */
function fromHeader(body: Body, start: number, headerEnd: number): KeyRange {
  const { text } = body;
  const dashes = body.dashes.from(headerEnd);
  const footerEnd = footerAt(text, dashes);
  const isWhole = footerEnd !== undefined && dashes - headerEnd <= LONGEST_KEY;
  if (isWhole && holdsMaterial(text.slice(headerEnd, dashes))) return { start, end: footerEnd, isOpen: false };
  const { end, isOpen } = keyLines(body, headerEnd);
  return { start, end, isOpen };
}

function holdsMaterial(body: string): boolean {
  return (body.match(/[A-Za-z0-9+/]{16,}/g) ?? []).some(isMaterial);
}

/** Key lines right before a footer whose header is missing; empty where there are none. */
function beforeFooter(text: string, mark: number, end: number, from: number): KeyRange {
  let start = end;
  let others = 0;
  for (let to = mark; others <= MAX_OTHERS; ) {
    const lineFrom = lineStart(text, to, from);
    const line = readKeyLine(text, lineFrom, to, undefined);
    const isPiece =
      lineFrom === from && ONLY_MATERIAL.test(text.slice(lineFrom, Math.min(to, lineFrom + LONGEST_PIECE)));
    if (isPiece) start = lineFrom;
    else if (line.kind === 'key') start = line.start;
    else if (start === end) others += 1;
    else if (line.kind !== 'blank') break;
    if (lineFrom <= from) break;
    to = breakBefore(text, lineFrom, from);
  }
  return { start, end, isOpen: false };
}

function withLines(body: Body, start: number, from: number): KeyRange | undefined {
  const { end, isOpen, material } = keyLines(body, from);
  return material > 0 ? { start, end, isOpen } : undefined;
}

/** A key without any header is known by what the base64 of all keys of its kind begins with. */
function fromOpening(body: Body, mark: number, from: number): KeyRange | undefined {
  const { text } = body;
  for (const before of OPENING_BEFORE) {
    const start = mark - before;
    if (start < from || !beginsRun(text, start) || matchEnd(OPENING, text, start) === undefined) continue;
    const end = matchEnd(MATERIAL, text, start) ?? start;
    if (end - start < MIN_OPENING) return undefined;
    const lines = keyLines(body, start);
    return { start, end: Math.max(end, lines.end), isOpen: lines.isOpen };
  }
  return undefined;
}

/** All of a PEM file in base64 once more, as Kubernetes writes it. */
function encodedKey(body: Body, mark: number): KeyRange | undefined {
  const { text } = body;
  if (!beginsRun(text, mark)) return undefined;
  const end = matchEnd(ENCODED, text, mark);
  if (end === undefined || !/PRIVATE KEY/.test(atob(text.slice(mark, mark + ENCODED_HEADER)))) return undefined;
  const lines = keyLines(body, mark);
  return { start: mark, end: Math.max(end, lines.end), isOpen: lines.isOpen };
}

interface KeyLines {
  /** Behind the last of them, or where they would have begun. */
  readonly end: number;
  readonly isOpen: boolean;
  /** How many characters the first line of key material has; 0 where there is none. */
  readonly material: number;
}

/** How far the lines of a key go, with their footer if it follows. */
function keyLines({ text, dashes, lineEnds }: Body, from: number): KeyLines {
  const to = dashes.from(from);
  let [end, material, others] = [from, 0, 0];
  let column: number | undefined;
  for (let at = from; at < to; ) {
    const lineTo = Math.min(to, lineEnds.from(at));
    const line = readKeyLine(text, at, lineTo, column);
    others = line.kind === 'blank' ? others + 1 : 0;
    if (line.kind === 'text' || others > MAX_OTHERS) return { end, isOpen: false, material };
    if (line.kind !== 'blank') end = line.end;
    if (line.kind === 'last') return { end, isOpen: false, material: material || line.end - line.start };
    if (line.kind === 'key') material ||= line.end - line.start;
    column = line.kind === 'key' ? line.start - at : undefined;
    at = lineAfter(text, lineTo);
  }
  return { end: footerAt(text, to) ?? end, isOpen: to === text.length, material };
}

/** The end of the footer at a place; in a diff, the mark of a line that was taken out is one more dash. */
function footerAt(text: string, at: number): number | undefined {
  return matchEnd(END, text, at) ?? matchEnd(END, text, at + 1);
}

function matchEnd(sticky: RegExp, text: string, at: number): number | undefined {
  sticky.lastIndex = at;
  return sticky.test(text) ? sticky.lastIndex : undefined;
}

/** Is it the beginning of its base64? The letter of an escaped line break belongs to none, and the mark of a diff neither. */
function beginsRun(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 3), at);
  return !/[A-Za-z0-9+/]$/.test(before) || /\\[nrt][+/]?$|(?:^|[^A-Za-z0-9+/])[+/]$/.test(before);
}
