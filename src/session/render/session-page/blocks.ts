import { isFailure } from '../../failure.ts';
import type { Entry } from '../../transcript.ts';
import type { Section } from './sections.ts';

/** What a timeline is made of, in reading order. */
export type Block =
  | { readonly kind: 'section'; readonly section: Section }
  | { readonly kind: 'work'; readonly steps: readonly ToolStep[] }
  | { readonly kind: 'entry'; readonly entry: Entry };

/** A call with its result; either can be missing, at a crash or at the seam of two blocks. */
export interface ToolStep {
  readonly call?: Entry;
  readonly result?: Entry;
}

// A run of calls is held until it ends, so it must end: after these many steps once all are answered, or characters.
const RUN_STEPS = 100;
const RUN_STEPS_UNANSWERED = 400;
const RUN_CHARS = 4 * 1024 * 1024;

/** Groups entries while they stream by: neighbouring calls and results become one block, and each section announces itself. */
export function* groupEntries(entries: Iterable<Entry>, sections: readonly Section[]): Generator<Block> {
  let current = -1;
  let steps: readonly ToolStep[] = [];
  for (const entry of entries) {
    const index = sectionIndex(sections, entry.seq, Math.max(current, 0));
    const section = sections[index];
    const isWork = entry.kind === 'tool' || entry.kind === 'tool_result';
    if (steps.length > 0 && (index !== current || !isWork || isFull(steps, entry))) {
      yield { kind: 'work', steps };
      steps = [];
    }
    if (index !== current && section) yield { kind: 'section', section };
    current = index;
    if (isWork) steps = addStep(steps, entry);
    else yield { kind: 'entry', entry };
  }
  if (steps.length > 0) yield { kind: 'work', steps };
}

export const isFailed = ({ call, result }: ToolStep): boolean =>
  [call, result].some((entry) => entry !== undefined && isFailure(entry));

function sectionIndex(sections: readonly Section[], seq: number, from: number): number {
  const found = sections.findIndex((section, index) => index >= from && seq <= section.last);
  return found === -1 ? sections.length - 1 : found;
}

function addStep(steps: readonly ToolStep[], entry: Entry): readonly ToolStep[] {
  if (entry.kind === 'tool') return [...steps, { call: entry }];
  const index = answeredStep(steps, entry);
  if (index === -1) return [...steps, { result: entry }];
  return steps.map((step, position) => (position === index ? { ...step, result: entry } : step));
}

/** The open call that a result belongs to: by its id where both have one, else the first that waits. */
function answeredStep(steps: readonly ToolStep[], result: Entry): number {
  const byId = steps.findIndex((step) => isOpen(step) && step.call?.callId === result.callId);
  if (byId !== -1) return byId;
  return steps.findIndex((step) => isOpen(step) && (result.callId === undefined || step.call?.callId === undefined));
}

const isOpen = ({ call, result }: ToolStep): boolean => call !== undefined && call.toolOutput === undefined && !result;

function isFull(steps: readonly ToolStep[], next: Entry): boolean {
  if (steps.length >= RUN_STEPS_UNANSWERED || heldChars(steps) > RUN_CHARS) return true;
  return next.kind === 'tool' && steps.length >= RUN_STEPS && !steps.some(isOpen);
}

function heldChars(steps: readonly ToolStep[]): number {
  return steps.reduce((sum, { call, result }) => sum + entryChars(call) + entryChars(result), 0);
}

function entryChars(entry: Entry | undefined): number {
  return (entry?.text.length ?? 0) + (entry?.toolInput?.length ?? 0) + (entry?.toolOutput?.length ?? 0);
}
