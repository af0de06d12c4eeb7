import { MINUTE_MS, SECOND_MS } from '../clock.ts';
import { classifyTool, type ToolCall, type ToolKind } from './tool-call.ts';
import type { Entry } from './transcript.ts';

const ACTIVITY_KINDS = ['assistant', 'read', 'edit', 'run', 'other', 'user', 'error'] as const;

/** What an entry adds to the picture of a session: a turn, a call of some kind, or an error. */
export type ActivityKind = (typeof ACTIVITY_KINDS)[number];

/** How a session went on: what happened in each of at most 512 slices of it. */
export interface Activity {
  /** Whether lengths are milliseconds of work, or entries, as in a recording without times. */
  readonly unit: 'ms' | 'entries';
  /** Of all slices together; pauses have no length. */
  readonly length: number;
  readonly sliceLength: number;
  /** Those in which something happened, in order. */
  readonly slices: readonly ActivitySlice[];
  /** The longest stretches in which nothing happened, in order. */
  readonly pauses: readonly Pause[];
}

export interface ActivitySlice {
  /** Zero-based place among all slices, empty ones too. A pause may divide one of them into two. */
  readonly index: number;
  /** How many pauses lie before it, those that are not told, too. */
  readonly pauses: number;
  /** The first entry in it. */
  readonly seq: number;
  readonly counts: Readonly<ActivityCounts>;
}

export interface Pause {
  /** Which it is of all pauses; the first is 1. */
  readonly number: number;
  /** How much work lies before it, in milliseconds. */
  readonly at: number;
  readonly ms: number;
}

/** The kind of a call, by what it was for. */
export function callActivity(call: ToolCall): ActivityKind {
  return KIND_OF_TOOL[classifyTool(call)];
}

const KIND_OF_TOOL: Readonly<Record<ToolKind, ActivityKind>> = {
  explore: 'read',
  edit: 'edit',
  execute: 'run',
  test: 'run',
  other: 'other',
};

export type ActivityCounts = Partial<Record<ActivityKind, number>>;

/** Adds what was counted to the sums so far; a kind that was not there stays away. */
export function addCounts(sums: ActivityCounts, counts: Readonly<ActivityCounts>): void {
  for (const kind of ACTIVITY_KINDS) {
    if (counts[kind]) sums[kind] = (sums[kind] ?? 0) + counts[kind];
  }
}

/** Nothing for longer than this is a pause: it is told, but takes no room of the picture. */
export const PAUSE_MS = 15 * MINUTE_MS;
const MOST_PAUSES = 40;
/** After so many the slices are no longer divided by them. */
const MOST_DIVIDING = 200;
/** A session that took less has no shape along its time. */
const SHORTEST_MS = 5 * SECOND_MS;
const MOST_SLICES = 512;
const FIRST_SLICE_MS = 250;

/** Takes the entries of a session as they stream by, in memory that does not grow with them. */
export class ActivityCollector {
  readonly #byTime = new Slices(FIRST_SLICE_MS);
  readonly #bySeq = new Slices(1);
  #pauses: Pause[] = [];
  #pauseCount = 0;
  #lastMs: number | undefined;
  #workMs = 0;
  #timed = 0;
  #entries = 0;

  add(entry: Entry, kinds: readonly ActivityKind[]): void {
    this.#entries += 1;
    if (entry.atMs !== undefined) this.#addTime(entry.atMs);
    const { seq } = entry;
    this.#byTime.add({ position: this.#workMs, pauses: Math.min(this.#pauseCount, MOST_DIVIDING), seq }, kinds);
    this.#bySeq.add({ position: seq, pauses: 0, seq }, kinds);
  }

  finish(): Activity {
    if (this.#workMs >= SHORTEST_MS && this.#timed >= this.#entries / 2)
      return { unit: 'ms', length: this.#workMs, ...this.#byTime.finish(), pauses: this.#pauses };
    return { unit: 'entries', length: this.#entries, ...this.#bySeq.finish(), pauses: [] };
  }

  /** A clock that goes backwards stands still here. */
  #addTime(atMs: number): void {
    const passed = Math.max(0, atMs - (this.#lastMs ?? atMs));
    this.#lastMs = Math.max(atMs, this.#lastMs ?? atMs);
    this.#timed += 1;
    if (passed > PAUSE_MS) this.#addPause(passed);
    else this.#workMs += passed;
  }

  #addPause(passed: number): void {
    this.#pauseCount += 1;
    this.#pauses.push({ number: this.#pauseCount, at: this.#workMs, ms: passed });
    if (this.#pauses.length <= MOST_PAUSES) return;
    const shortest = Math.min(...this.#pauses.map(({ ms }) => ms));
    this.#pauses.splice(
      this.#pauses.findIndex(({ ms }) => ms === shortest),
      1,
    );
  }
}

interface Place {
  readonly position: number;
  readonly pauses: number;
  readonly seq: number;
}

interface Draft {
  readonly index: number;
  readonly pauses: number;
  readonly seq: number;
  readonly counts: ActivityCounts;
}

/** Slices of one length, which doubles whenever they become too many. */
class Slices {
  #length: number;
  #drafts = new Map<string, Draft>();

  constructor(length: number) {
    this.#length = length;
  }

  add({ position, pauses, seq }: Place, kinds: readonly ActivityKind[]): void {
    while (position >= this.#length * MOST_SLICES) this.#double();
    const { counts } = this.#draftAt({ index: Math.floor(position / this.#length), pauses, seq });
    for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1;
  }

  finish(): Pick<Activity, 'sliceLength' | 'slices'> {
    return { sliceLength: this.#length, slices: [...this.#drafts.values()] };
  }

  #draftAt({ index, pauses, seq }: Omit<Draft, 'counts'>): Draft {
    const key = `${index} ${pauses}`;
    const draft = this.#drafts.get(key) ?? { index, pauses, seq, counts: {} };
    this.#drafts.set(key, draft);
    return draft;
  }

  #double(): void {
    const halves = this.#drafts;
    this.#length *= 2;
    this.#drafts = new Map();
    for (const { index, pauses, seq, counts } of halves.values()) {
      const whole = this.#draftAt({ index: Math.floor(index / 2), pauses, seq });
      addCounts(whole.counts, counts);
    }
  }
}
