import { cutText, OUTPUT_LIMIT } from '../cut-text.ts';
import { html, type Markup, type Part } from '../markup.ts';
import { renderCutNote } from './entry-card.ts';

/** The lines of a diff in their colours; signs and elements say the same as these. */
export function renderDiff(diff: string): Part {
  if (diff === '') return undefined;
  const cut = cutText(diff, OUTPUT_LIMIT);
  return html`<pre class="diff" tabindex="0">${renderLines(cut.head.split('\n'))}</pre>${renderCutNote(cut)}`;
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
