import fc from 'fast-check';
import { ODD_KEYS, oddJson } from './odd-json.ts';

/** One thing that is done to a text, where, and how: two numbers say that, so that what failed is told in a line. */
export type Change = readonly [how: string, at: number, by: number];

/** A sample with changes: everything that was wrong with a file, in a few words. */
export interface Mutant {
  /** Counted on from the first after the last. */
  readonly sample: number;
  readonly changes: readonly Change[];
}

const number = fc.integer({ min: 0, max: 2 ** 30 });

/** What a file holds of which this was made; the same each time. */
export function bytesOf(samples: readonly Buffer[], { sample, changes }: Mutant): Buffer {
  let bytes = samples[sample % samples.length] ?? Buffer.alloc(0);
  for (const [how, at, by] of changes) bytes = (BYTES[how] ?? ((it) => changeText(it, how, at, by)))(bytes, at, by);
  return bytes;
}

type ChangeBytes = (bytes: Buffer, at: number, by: number) => Buffer;
type ChangeLines = (lines: string[], at: number, by: number) => void;
type ChangeMember = (holder: Holder, key: string, by: number) => string | undefined;
type Holder = Record<string, unknown>;

const NASTY: readonly Buffer[] = [
  ...[[0x00], [0xff], [0xc3], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xef, 0xbb, 0xbf], [0x0d], [0x0a]],
  ...[[0x1b, 0x5b, 0x32, 0x4a], [0xe2, 0x80, 0xae], [0xe2, 0x80, 0xa8], [0x22], [0x5c], [0x7b], [0x5d], [0x2c], [0x3d]],
].map((codes) => Buffer.from(codes));

const replaced = (bytes: Buffer, from: number, to: number, by: Uint8Array) =>
  Buffer.concat([bytes.subarray(0, from), by, bytes.subarray(to)]);

const BYTES: Readonly<Record<string, ChangeBytes>> = {
  flip(bytes, at, by) {
    const changed = Buffer.from(bytes);
    const place = at % Math.max(1, bytes.length);
    if (place < bytes.length) changed[place] = (changed[place] ?? 0) ^ (1 + (by % 255));
    return changed;
  },
  cut: (bytes, at) => bytes.subarray(0, at % (bytes.length + 1)),
  cutStart: (bytes, at) => bytes.subarray(at % (bytes.length + 1)),
  drop(bytes, at, by) {
    const from = at % (bytes.length + 1);
    return replaced(bytes, from, from + 1 + (by % 64), Buffer.alloc(0));
  },
  double(bytes, at, by) {
    const from = at % (bytes.length + 1);
    return replaced(bytes, from, from, bytes.subarray(from, from + 1 + (by % 4096)));
  },
  insert(bytes, at, by) {
    const from = at % (bytes.length + 1);
    return replaced(bytes, from, from, NASTY[by % NASTY.length] ?? Buffer.alloc(0));
  },
  bom: (bytes) => Buffer.concat([Buffer.from('\ufeff'), bytes]),
  crlf: (bytes) => Buffer.from(bytes.toString('latin1').replaceAll('\n', '\r\n'), 'latin1'),
  utf16: (bytes) => Buffer.from(`\ufeff${bytes}`, 'utf16le'),
  empty: (bytes, at) => (at % 4 === 0 ? Buffer.alloc(0) : bytes),
  nuls: (bytes, at, by) => Buffer.concat([bytes.subarray(0, at % (bytes.length + 1)), Buffer.alloc(by % 8192)]),
};

const LINES: Readonly<Record<string, ChangeLines>> = {
  dropLine: (lines, at) => lines.splice(at % lines.length, 1),
  doubleLine: (lines, at) => lines.splice(at % lines.length, 0, lines[at % lines.length] ?? ''),
  swapLines(lines, at, by) {
    const [one, other] = [at % lines.length, by % lines.length];
    [lines[one], lines[other]] = [lines[other] ?? '', lines[one] ?? ''];
  },
  joinLines: (lines, at) =>
    lines.splice(
      at % lines.length,
      2,
      lines
        .slice(at % lines.length)
        .slice(0, 2)
        .join(''),
    ),
  oddLine: (lines, at, by) => lines.splice(at % lines.length, 0, oddJson(by)),
};

/** What a member of an object is replaced by, as text; undefined where the object itself was changed. */
const MEMBERS: Readonly<Record<string, ChangeMember>> = {
  oddValue: (_holder, _key, by) => oddJson(by),
  addMember(holder, _key, by) {
    put(holder, ODD_KEYS[by % ODD_KEYS.length] ?? '', MARK);
    return oddJson(by);
  },
  renameMember(holder, key, by) {
    put(holder, ODD_KEYS[by % ODD_KEYS.length] ?? '', holder[key]);
    delete holder[key];
    return undefined;
  },
  dropMember(holder, key) {
    delete holder[key];
    return undefined;
  },
  doubleMember(holder, key, by) {
    const known = JSON.stringify(holder[key]) ?? 'null';
    return Array.isArray(holder) ? `${known},${oddJson(by)}` : `${known},${JSON.stringify(key)}:${oddJson(by)}`;
  },
};

/** JSON has the most to get wrong, and what is no JSON any more is soon told. */
const WEIGHTED = [
  ...[...Object.keys(BYTES), ...Object.keys(LINES), ...Object.keys(MEMBERS)],
  ...['flip', 'cut', 'insert', ...Object.keys(MEMBERS), ...Object.keys(MEMBERS)],
  ...Array.from({ length: 12 }, () => 'oddValue'),
];

export const MUTANT: fc.Arbitrary<Mutant> = fc.record({
  sample: number,
  changes: fc.array(fc.tuple(fc.constantFrom(...WEIGHTED), number, number), {
    minLength: 1,
    maxLength: 4,
    size: 'max',
  }),
});

function changeText(bytes: Buffer, how: string, at: number, by: number): Buffer {
  const text = bytes.toString('utf8');
  const change = MEMBERS[how];
  const whole = change && changeMember(text, change, at, by);
  if (whole !== undefined) return Buffer.from(whole);
  const lines = text.split('\n');
  if (change) {
    const place = at % lines.length;
    const line = changeMember(lines[place] ?? '', change, by >> 3, by);
    lines[place] = line ?? withOddText(lines[place] ?? '', at >> 3, by);
  } else LINES[how]?.(lines, at, by);
  return Buffer.from(lines.join('\n'));
}

/** Where no JSON stands, the value itself: as text, if it is one. */
function withOddText(line: string, at: number, by: number): string {
  const [odd, place] = [oddJson(by), at % (line.length + 1)];
  const text = parsed(odd);
  return `${line.slice(0, place)}${typeof text === 'string' ? text : odd}${line.slice(place)}`;
}

const MARK = '\ue000here\ue000';
/** Of larger objects the first members are enough. */
const MOST_MEMBERS = 3000;

function changeMember(text: string, change: ChangeMember, at: number, by: number): string | undefined {
  const value = parsed(text);
  const members = membersOf(value);
  const [holder, key] = members[at % Math.max(1, members.length)] ?? [];
  if (holder === undefined || key === undefined) return undefined;
  try {
    const raw = change(holder, key, by);
    if (raw !== undefined && !Object.values(holder).includes(MARK)) holder[key] = MARK;
    const changed = JSON.stringify(value, undefined, text.startsWith('{\n') ? 2 : undefined);
    return raw === undefined ? changed : changed.replace(JSON.stringify(MARK), () => raw);
  } catch {
    return undefined; // What an earlier change made is too deep to be written again.
  }
}

function membersOf(value: unknown): readonly (readonly [Holder, string])[] {
  const members: (readonly [Holder, string])[] = [];
  const open: unknown[] = [value];
  for (const each of open) {
    if (typeof each !== 'object' || each === null) continue;
    for (const key of Object.keys(each)) {
      if (members.length >= MOST_MEMBERS) return members;
      members.push([each as Holder, key]);
      open.push((each as Holder)[key]);
    }
  }
  return members;
}

/** As JSON.parse does it: `__proto__` is a name like any other. */
function put(holder: Holder, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, writable: true, configurable: true });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // No JSON: it is changed as text.
  }
}
