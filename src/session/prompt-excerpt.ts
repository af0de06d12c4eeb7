import { isFailure } from './failure.ts';
import { cleanText } from './plain-text.ts';
import { parseToolCall, toolTarget } from './tool-call.ts';
import type { Entry } from './transcript.ts';
import { requestText, slashCommand } from './user-text.ts';

export interface ExcerptOptions {
  /** Unpredictable to whoever wrote the transcript. */
  readonly boundary: string;
  readonly maxChars: number;
}

/** The part of a transcript that a prompt has room for. */
export interface Excerpt {
  readonly text: string;
  readonly kept: number;
  /** Messages and tool calls of the whole transcript. */
  readonly total: number;
}

type Role = 'user' | 'assistant' | 'tool';

type CallOutcome = 'ok' | 'error';

const USER_MAX = 2000;
const ASSISTANT_MAX = 3000;
const TARGET_MAX = 160;
const MANY_ENTRIES = 800;
const CUT_MARK = '\n[...truncated]';

/**
 * Reads the entries twice, first to weigh and then to keep, and never holds more than the excerpt. What does not fit
 * leaves the middle first: the beginning says what was wanted, the end what came of it.
 */
export function buildExcerpt(entries: Iterable<Entry>, { boundary, maxChars }: ExcerptOptions): Excerpt {
  const { sizes, outcomes, entryCount } = weigh(entries, boundary);
  const keeps = chooseByRole(sizes, entryCount, maxChars);
  const seen = { user: 0, assistant: 0, tool: 0 };
  const parts: string[] = [];
  for (const entry of entries) {
    const role = roleOf(entry);
    if (role === undefined) continue;
    if (keeps[role][seen[role]]) parts.push(renderEntry(entry, role, { boundary, outcome: outcomes.get(entry.seq) }));
    seen[role] += 1;
  }
  return { text: parts.join('\n'), kept: parts.length, total: seen.user + seen.assistant + seen.tool };
}

/** Text that cannot close an element or an attribute. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => XML_ENTITIES[char] ?? char);
}

const XML_ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

interface Weights {
  /** Characters of each entry, in order. */
  readonly sizes: Readonly<Record<Role, number[]>>;
  readonly outcomes: ReadonlyMap<number, CallOutcome>;
  readonly entryCount: number;
}

function weigh(entries: Iterable<Entry>, boundary: string): Weights {
  const sizes = { user: [] as number[], assistant: [] as number[], tool: [] as number[] };
  const outcomes = new CallOutcomes();
  let entryCount = 0;
  for (const entry of entries) {
    entryCount += 1;
    if (entryCount <= MANY_ENTRIES) outcomes.add(entry);
    const role = roleOf(entry);
    if (role === undefined) continue;
    const isCounted = role === 'tool' && entryCount > MANY_ENTRIES;
    // A call is weighed with the longer of its two outcomes, as its result comes later.
    sizes[role].push(isCounted ? 1 : renderEntry(entry, role, { boundary, outcome: 'error' }).length + 1);
  }
  return { sizes, outcomes: outcomes.bySeq, entryCount };
}

/** How each call ended, by the call's `seq`. */
class CallOutcomes {
  readonly bySeq = new Map<number, CallOutcome>();
  readonly #seqOfCall = new Map<string, number>();
  #lastCall: Entry | undefined;

  add(entry: Entry): void {
    const outcome = isFailure(entry) ? 'error' : 'ok';
    if (entry.kind === 'tool' && entry.callId !== undefined) this.#seqOfCall.set(entry.callId, entry.seq);
    if (entry.kind === 'tool' && entry.toolOutput !== undefined) this.bySeq.set(entry.seq, outcome);
    if (entry.kind === 'tool_result') {
      const call = entry.callId === undefined ? this.#lastCall?.seq : this.#seqOfCall.get(entry.callId);
      if (call !== undefined) this.bySeq.set(call, outcome);
    }
    // Without an id, a result belongs to the call right before it.
    this.#lastCall = entry.kind === 'tool' ? entry : undefined;
  }
}

/** What the agent or the harness said by itself, and the output of tools, are no part of the excerpt. */
function roleOf({ kind, text }: Entry): Role | undefined {
  if (kind === 'tool') return 'tool';
  if (kind === 'assistant') return text.trim() === '' ? undefined : 'assistant';
  if (kind !== 'user') return undefined;
  return (requestText(text) ?? slashCommand(text)) === undefined ? undefined : 'user';
}

interface EntryContext {
  readonly boundary: string;
  readonly outcome: CallOutcome | undefined;
}

function renderEntry(entry: Entry, role: Role, { boundary, outcome }: EntryContext): string {
  const from = entry.coworker === undefined ? '' : ` from="${escapeXml(cleanText(entry.coworker).slice(0, 80))}"`;
  const result = role === 'tool' && outcome !== undefined ? ` result="${outcome}"` : '';
  const text = escapeXml(entryText(entry, role));
  return `<entry-${boundary} seq="${entry.seq}" role="${role}"${from}${result}>${text}</entry-${boundary}>`;
}

function entryText(entry: Entry, role: Role): string {
  if (role === 'tool') {
    const call = parseToolCall(entry);
    return `${call.name} ${toolTarget(call, TARGET_MAX)}`.trim();
  }
  const words = role === 'user' ? (requestText(entry.text) ?? slashCommand(entry.text) ?? '') : entry.text.trim();
  const max = role === 'user' ? USER_MAX : ASSISTANT_MAX;
  return words.length <= max ? cleanText(words) : `${cleanText(words.slice(0, max))}${CUT_MARK}`;
}

type Keeps = Readonly<Record<Role, readonly boolean[]>>;

/** A user's words are worth most and are placed first, then the agent's, and calls only while there is room. */
function chooseByRole(sizes: Weights['sizes'], entryCount: number, maxChars: number): Keeps {
  const user = choose(sizes.user, maxChars);
  const assistant = choose(sizes.assistant, maxChars - user.used);
  const room = entryCount > MANY_ENTRIES ? 0 : maxChars - user.used - assistant.used;
  return { user: user.keep, assistant: assistant.keep, tool: choose(sizes.tool, room).keep };
}

interface Choice {
  readonly keep: readonly boolean[];
  readonly used: number;
}

/** All when all fit; else a quarter of the room from the beginning, a quarter from the end, and a sampled middle. */
function choose(sizes: readonly number[], room: number): Choice {
  const sum = (list: readonly number[]): number => list.reduce((total, size) => total + size, 0);
  if (sum(sizes) <= room) return { keep: sizes.map(() => true), used: sum(sizes) };
  const head = fittingCount(sizes, room / 4);
  const tail = fittingCount(sizes.slice(head).reverse(), room / 4);
  const outer = sum(sizes.slice(0, head)) + sum(sizes.slice(sizes.length - tail));
  const middle = sampled(sizes.slice(head, sizes.length - tail), room - outer);
  const keep = [
    ...sizes.slice(0, head).map(() => true),
    ...middle.keep,
    ...sizes.slice(sizes.length - tail).map(() => true),
  ];
  return { keep, used: outer + middle.used };
}

function fittingCount(sizes: readonly number[], room: number): number {
  let used = 0;
  const firstOver = sizes.findIndex((size) => {
    used += size;
    return used > room;
  });
  return firstOver === -1 ? sizes.length : firstOver;
}

/** Evenly spread: an entry is kept when the share of the room that belongs to what came so far has place for it. */
function sampled(sizes: readonly number[], room: number): Choice {
  const share = room / sizes.reduce((total, size) => total + size, 0);
  let [earned, used] = [0, 0];
  const keep = sizes.map((size) => {
    earned += size * share;
    if (used + size > earned) return false;
    used += size;
    return true;
  });
  return { keep, used };
}
