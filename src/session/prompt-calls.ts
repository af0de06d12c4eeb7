import { errorEnds, isFailure } from './failure.ts';
import type { Weight } from './prompt-budget.ts';
import { type CallResult, closeElement, elementText, openElement, resultAttributes } from './prompt-element.ts';
import { content, keepEnds } from './prompt-text.ts';
import type { Entry } from './transcript.ts';

/** Calls in a row that look the same, the first of them and how all ended. Numbers only: a session may hold a million. */
export interface CallGroup extends CallResult {
  readonly seq: number;
  readonly weight: Weight;
  /** Where the text of the error stands, and a number that only the same text has. */
  readonly error?: ErrorPlace | undefined;
}

interface ErrorPlace {
  readonly resultSeq: number;
  readonly id: number;
  readonly size: number;
}

interface Call {
  readonly seq: number;
  /** Calls that look the same have the same; see `fingerprint`. */
  readonly look: number;
  readonly size: number;
  /** How many turns of user and agent came before. */
  readonly turns: number;
  readonly atMs: number | undefined;
  readonly outcome?: 'ok' | 'error';
  readonly tookMs?: number | undefined;
  readonly error?: ErrorPlace | undefined;
}

const ERROR_MAX = 400;
const MAX_WAITING = 1000;
const LARGEST_SEQ = 9_999_999_999;

/** The few lines of a failed call's output that are shown, escaped. */
export const errorText = (result: Entry): string => keepEnds(content(errorEnds(result)), ERROR_MAX);

export const errorReference = (seq: number): string => `same error as seq ${seq}`;

/** Brings calls and their results together while a session streams by. */
export class CallBook {
  readonly #calls: Call[] = [];
  /** Calls without a result so far: fingerprint of the id -> index. */
  readonly #waiting = new Map<number, number>();
  readonly #boundary: string;
  #lastCall: number | undefined;
  #turns = 0;

  constructor(boundary: string) {
    this.#boundary = boundary;
  }

  get count(): number {
    return this.#calls.length;
  }

  addTurn(): void {
    this.#turns += 1;
  }

  /** Takes the next entry, whatever it is. */
  add(entry: Entry): void {
    if (entry.kind === 'tool') this.#addCall(entry);
    if (entry.kind === 'tool' && entry.toolOutput !== undefined) this.#addResult(this.#calls.length - 1, entry);
    if (entry.kind === 'tool_result') this.#addResult(this.#callOf(entry), entry);
    // Without an id, a result belongs to the call right before it.
    this.#lastCall = entry.kind === 'tool' ? this.#calls.length - 1 : undefined;
  }

  groups(): readonly CallGroup[] {
    const groups: CallGroup[] = [];
    let last: Call | undefined;
    for (const call of this.#calls) {
      const group = last && looksSame(last, call) ? groups.pop() : undefined;
      groups.push(group ? joined(group, call) : groupOf(call));
      last = call;
    }
    return groups.map(weighed);
  }

  #addCall(entry: Entry): void {
    const text = elementText(entry, 'tool');
    const size =
      openElement(entry, 'tool', this.#boundary).length + text.length + closeElement(this.#boundary).length + 1;
    const look = fingerprint(`${entry.coworker ?? ''}\n${text}`);
    this.#calls.push({ seq: entry.seq, look, size, turns: this.#turns, atMs: entry.atMs });
    if (entry.callId === undefined || entry.toolOutput !== undefined) return;
    this.#waiting.set(fingerprint(entry.callId), this.#calls.length - 1);
    const [oldest] = this.#waiting.keys();
    if (this.#waiting.size > MAX_WAITING && oldest !== undefined) this.#waiting.delete(oldest);
  }

  #callOf({ callId }: Entry): number | undefined {
    if (callId === undefined) return this.#lastCall;
    const id = fingerprint(callId);
    const index = this.#waiting.get(id);
    this.#waiting.delete(id);
    return index;
  }

  #addResult(index: number | undefined, result: Entry): void {
    const call = index === undefined ? undefined : this.#calls[index];
    if (index === undefined || call === undefined) return;
    const failed = isFailure(result);
    const ownOutput = call.seq === result.seq;
    this.#calls[index] = {
      ...call,
      outcome: failed ? 'error' : 'ok',
      tookMs: ownOutput ? undefined : duration(call.atMs, result.atMs),
      error: failed ? errorPlace(result) : undefined,
    };
  }
}

function duration(from: number | undefined, to: number | undefined): number | undefined {
  return from === undefined || to === undefined || to < from ? undefined : to - from;
}

function errorPlace(result: Entry): ErrorPlace | undefined {
  const text = errorText(result);
  return text === '' ? undefined : { resultSeq: result.seq, id: fingerprint(text), size: text.length };
}

/** Nothing was said between them, and they have the same name, target, outcome and error. */
function looksSame(a: Call, b: Call): boolean {
  return a.turns === b.turns && a.look === b.look && a.outcome === b.outcome && a.error?.id === b.error?.id;
}

function groupOf({ seq, size, outcome, tookMs, error }: Call): CallGroup {
  return { seq, weight: { size }, outcome, tookMs, times: 1, until: seq, error };
}

function joined(group: CallGroup, call: Call): CallGroup {
  const tookMs = group.tookMs === undefined || call.tookMs === undefined ? undefined : group.tookMs + call.tookMs;
  return { ...group, tookMs, times: group.times + 1, until: call.seq };
}

/** The text of an error is paid for once; every call that has it can pay for the reference. */
function weighed(group: CallGroup): CallGroup {
  const size = group.weight.size + resultAttributes(group).length;
  if (group.error === undefined) return { ...group, weight: { size } };
  const reference = errorReference(LARGEST_SEQ).length;
  const shared = { id: group.error.id, size: group.error.size - reference };
  return { ...group, weight: { size: size + 1 + reference, shared } };
}

/**
 * Stands for a text where only numbers may be kept. Two different texts with the same number are not to be expected;
 * whoever makes such a pair has made his own two texts pass for one.
 */
function fingerprint(text: string): number {
  let [a, b] = [0x811c9dc5, 0x9e3779b9];
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ (code + (a >>> 16)), 0x85ebca6b);
  }
  return (a >>> 0) * 0x20_0000 + (b >>> 11);
}
