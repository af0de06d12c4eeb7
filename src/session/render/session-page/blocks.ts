import { isFailure } from '../../failure.ts';
import type { Entry } from '../../transcript.ts';
import type { ShownEntry } from './bounded-entries.ts';
import type { Section } from './sections.ts';

/** What a timeline is made of, in reading order. */
export type Block =
  | { readonly kind: 'section'; readonly section: Section }
  | { readonly kind: 'work'; readonly steps: readonly ToolStep[] }
  | { readonly kind: 'entry'; readonly entry: ShownEntry };

/** A call with its result; either can be missing, at a crash or at the seam of two blocks. */
export interface ToolStep {
  readonly call?: ShownEntry;
  readonly result?: ShownEntry;
}

// A run of calls is held until it ends, so it must end: after these many steps once all are answered, or characters.
const RUN_STEPS = 100;
const RUN_STEPS_UNANSWERED = 400;
const RUN_CHARS = 4 * 1024 * 1024;

/** Groups entries while they stream by: neighbouring calls and results become one block, and each section announces itself. */
export function* groupEntries(entries: Iterable<ShownEntry>, sections: readonly Section[]): Generator<Block> {
  let current = -1;
  let run = new Run();
  for (const entry of entries) {
    const index = sectionIndex(sections, entry.seq, Math.max(current, 0));
    const section = sections[index];
    const isWork = entry.kind === 'tool' || entry.kind === 'tool_result';
    if (run.steps.length > 0 && (index !== current || !isWork || run.isFull(entry))) {
      yield { kind: 'work', steps: run.steps };
      run = new Run();
    }
    if (index !== current && section) yield { kind: 'section', section };
    current = index;
    if (isWork) run.add(entry);
    else yield { kind: 'entry', entry };
  }
  if (run.steps.length > 0) yield { kind: 'work', steps: run.steps };
}

export const isFailed = ({ call, result }: ToolStep): boolean =>
  [call, result].some((entry) => entry !== undefined && isFailure(entry));

function sectionIndex(sections: readonly Section[], seq: number, from: number): number {
  let index = from;
  while (index < sections.length - 1 && seq > (sections[index]?.last ?? 0)) index += 1;
  return index;
}

/** The calls of a run as they come, and which of them wait for their result. */
class Run {
  readonly steps: ToolStep[] = [];
  readonly #open = new Set<number>();
  #chars = 0;

  add(entry: ShownEntry): void {
    const { toolInput = '', toolOutput = '' } = entry;
    this.#chars += entry.text.length + toolInput.length + toolOutput.length;
    const answered = entry.kind === 'tool' ? undefined : this.#answeredBy(entry);
    if (answered !== undefined) {
      this.#open.delete(answered);
      this.steps[answered] = { ...this.steps[answered], result: entry };
      return;
    }
    if (entry.kind === 'tool' && entry.toolOutput === undefined) this.#open.add(this.steps.length);
    this.steps.push(entry.kind === 'tool' ? { call: entry } : { result: entry });
  }

  isFull(next: Entry): boolean {
    if (this.steps.length >= RUN_STEPS_UNANSWERED || this.#chars > RUN_CHARS) return true;
    return next.kind === 'tool' && this.steps.length >= RUN_STEPS && this.#open.size === 0;
  }

  /** The open call that a result belongs to: by its id where both have one, else the first that waits. */
  #answeredBy({ callId }: Entry): number | undefined {
    const open = [...this.#open].map((index) => ({ index, id: this.steps[index]?.call?.callId }));
    const found =
      open.find(({ id }) => id === callId) ?? open.find(({ id }) => callId === undefined || id === undefined);
    return found?.index;
  }
}
