import { detached } from './plain-text.ts';
import { type Choice, chooseEnds, chooseTurns, isKept, type Weight } from './prompt-budget.ts';
import { CallBook, type CallGroup, errorReference, errorText } from './prompt-calls.ts';
import { closeElement, elementText, openElement, type Role, roleOf } from './prompt-element.ts';
import { keepEnds } from './prompt-text.ts';
import type { Entry } from './transcript.ts';

export interface ExcerptOptions {
  /** Unpredictable to whoever wrote the transcript. */
  readonly boundary: string;
  readonly maxChars: number;
}

/** The part of a transcript that a prompt has room for. */
export interface Excerpt {
  readonly text: string;
  readonly kept: number;
  /** Messages that are not shown whole. */
  readonly shortened: number;
  /** Messages and tool calls of the whole transcript. */
  readonly total: number;
}

const ASSISTANT_MAX = 3000;

/**
 * Reads the entries twice, first to weigh and then to keep, and never holds more than the excerpt and some numbers
 * for each entry. A user's words are worth most and are placed first, then the agent's, then calls.
 */
export function buildExcerpt(entries: Iterable<Entry>, options: ExcerptOptions): Excerpt {
  const weights = weigh(entries, options.boundary);
  const selection = select(weights, options.maxChars);
  const writer = new ExcerptWriter(selection, options.boundary);
  for (const entry of entries) writer.add(entry);
  const total = weights.user.length + weights.assistant.length + weights.callCount;
  return { ...writer.finish(), total };
}

interface Weights {
  /** Characters of each whole turn of the user, and of each of the agent as it may be shown. */
  readonly user: readonly number[];
  readonly assistant: readonly Weight[];
  readonly groups: readonly CallGroup[];
  readonly callCount: number;
}

function weigh(entries: Iterable<Entry>, boundary: string): Weights {
  const [user, assistant, calls] = [[] as number[], [] as Weight[], new CallBook(boundary)];
  const ending = closeElement(boundary).length + 1;
  for (const entry of entries) {
    const role = roleOf(entry);
    calls.add(entry);
    if (role === undefined || role === 'tool') continue;
    calls.addTurn();
    const length = elementText(entry, role).length;
    const frame = openElement(entry, role, boundary).length + ending;
    if (role === 'user') user.push(frame + length);
    else assistant.push({ size: frame + Math.min(length, ASSISTANT_MAX) });
  }
  return { user, assistant, groups: calls.groups(), callCount: calls.count };
}

interface Selection {
  readonly user: Choice & { readonly level: number };
  readonly assistant: Choice;
  readonly groups: readonly CallGroup[];
}

function select({ user, assistant, groups }: Weights, maxChars: number): Selection {
  const users = chooseTurns(user, maxChars);
  const assistants = chooseEnds(assistant, maxChars - users.used);
  const weights = groups.map(({ weight }) => weight);
  const calls = chooseEnds(weights, maxChars - users.used - assistants.used);
  return { user: users, assistant: assistants, groups: groups.filter((_, index) => isKept(calls, index)) };
}

/** Writes what was selected, in the order of the recording. */
class ExcerptWriter {
  readonly #selection: Selection;
  readonly #boundary: string;
  readonly #groups: ReadonlyMap<number, CallGroup>;
  /** Elements without their end tags. */
  readonly #elements: string[] = [];
  /** Which result holds the error of which element; and by the error's id, which call shows it. */
  readonly #errorsWanted = new Map<number, number>();
  readonly #errorsShown = new Map<number, number>();
  readonly #seen = { user: 0, assistant: 0 };
  #kept = 0;
  #shortened = 0;

  constructor(selection: Selection, boundary: string) {
    this.#selection = selection;
    this.#boundary = boundary;
    this.#groups = new Map(selection.groups.map((group) => [group.seq, group]));
  }

  add(entry: Entry): void {
    const role = roleOf(entry);
    const group = role === 'tool' ? this.#groups.get(entry.seq) : undefined;
    if (group) this.#addCalls(entry, group);
    if (role === 'user' || role === 'assistant') this.#addTurn(entry, role);
    const wantedBy = this.#errorsWanted.get(entry.seq);
    if (wantedBy !== undefined) this.#elements[wantedBy] += detached(`\n${errorText(entry)}`);
  }

  finish(): Omit<Excerpt, 'total'> {
    const end = closeElement(this.#boundary);
    const text = this.#elements.map((element) => element + end).join('\n');
    return { text, kept: this.#kept, shortened: this.#shortened };
  }

  #addTurn(entry: Entry, role: 'user' | 'assistant'): void {
    const index = this.#seen[role];
    this.#seen[role] += 1;
    if (!isKept(this.#selection[role], index)) return;
    const tag = openElement(entry, role, this.#boundary);
    const whole = elementText(entry, role);
    const text = keepEnds(whole, this.#roomFor(role, tag));
    if (text !== whole) this.#shortened += 1;
    this.#push(tag, text, 1);
  }

  #roomFor(role: Exclude<Role, 'tool'>, tag: string): number {
    if (role === 'assistant') return ASSISTANT_MAX;
    return this.#selection.user.level - tag.length - closeElement(this.#boundary).length - 1;
  }

  #addCalls(entry: Entry, group: CallGroup): void {
    const line = elementText(entry, 'tool');
    const shownBy = group.error && this.#errorsShown.get(group.error.id);
    const reference = shownBy === undefined ? '' : `\n${errorReference(shownBy)}`;
    if (group.error && shownBy === undefined) {
      this.#errorsShown.set(group.error.id, entry.seq);
      this.#errorsWanted.set(group.error.resultSeq, this.#elements.length);
    }
    this.#push(openElement(entry, 'tool', this.#boundary, group), line + reference, group.times);
  }

  #push(tag: string, text: string, entries: number): void {
    this.#elements.push(detached(tag + text));
    this.#kept += entries;
  }
}
