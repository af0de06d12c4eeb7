import { structuredPatch } from 'diff';
import { cutText, OUTPUT_LIMIT } from '../cut-text.ts';
import { html, type Markup, when } from '../markup.ts';
import type { Edit } from './call-details.ts';

const CONTEXT_LINES = 3;
/** Two texts further apart than this are shown as all old, then all new: comparing them would take quadratic time. */
const MAX_EDIT_LINES = 400;

/** A replacement as coloured lines; signs and elements say the same as the colours. */
export function renderDiff(edit: Edit): Markup {
  const cut = cutText(diffLines(edit).join('\n'), OUTPUT_LIMIT);
  return html`<pre class="diff" tabindex="0">${renderLines(cut.head.split('\n'))}</pre>${when(
    cut.note !== undefined,
    () => html`<p class="cut">${cut.note}</p>`,
  )}`;
}

function diffLines({ before, after }: Edit): readonly string[] {
  if (before === '') return signed('+', after);
  const patch = structuredPatch('', '', before, after, undefined, undefined, {
    context: CONTEXT_LINES,
    maxEditLength: MAX_EDIT_LINES,
  });
  if (patch === undefined) return [...signed('-', before), ...signed('+', after)];
  return patch.hunks
    .flatMap((hunk, index) => (index > 0 ? ['⋯', ...hunk.lines] : hunk.lines))
    .filter((line) => !line.startsWith('\\'));
}

function signed(sign: string, text: string): readonly string[] {
  if (text === '') return [];
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => sign + line);
}

/** Neighbours of one kind share an element: a file that was written is one, not a thousand. */
function renderLines(lines: readonly string[]): readonly Markup[] {
  const starts = lines.flatMap((line, index) =>
    index === 0 || sign(line) !== sign(lines[index - 1] ?? '') ? [index] : [],
  );
  return starts.map((start, index) => renderRun(lines.slice(start, starts[index + 1])));
}

const sign = (line: string): string => (line.startsWith('+') || line.startsWith('-') ? line.slice(0, 1) : '');

function renderRun(run: readonly string[]): Markup {
  const text = run.join('\n');
  if (text.startsWith('+')) return html`<ins>${text}\n</ins>`;
  if (text.startsWith('-')) return html`<del>${text}\n</del>`;
  return html`<span>${text}\n</span>`;
}
