import { errorLine, isFailure } from '../../failure.ts';
import { changesOf, totalChange } from '../../file-changes.ts';
import { formatBytes } from '../../image-mark.ts';
import { lineCount, shortLine } from '../../plain-text.ts';
import { parseToolCall, type ToolCall } from '../../tool-call.ts';
import type { Entry } from '../../transcript.ts';
import { cutText, OUTPUT_LIMIT } from '../cut-text.ts';
import { visibleText } from '../escape.ts';
import { formatCount, formatNumber } from '../labels.ts';
import { html, type Markup, type Part, when } from '../markup.ts';
import { isFailed, type ToolStep } from './blocks.ts';
import { type CallDetails, describeCall, type Field } from './call-details.ts';
import { renderCode } from './code-html.ts';
import { renderDiff } from './diff-html.ts';
import { renderCutNote, renderMoment, renderPermalink, renderTime, type TimelineNames } from './entry-card.ts';
import { renderMarkdown } from './markdown-html.ts';
import { renderOutput } from './words.ts';

/** How many tools a block names before the rest is "more". */
const NAMED_TOOLS = 4;
const TOOL_NAME_CHARS = 80;
const ERROR_LINE_CHARS = 160;
const SHORT_FIELD_CHARS = 80;
/** Arguments that are written for people. */
const PROSE_FIELDS: ReadonlySet<string> = new Set(['plan', 'prompt']);
/** Longer output opens by itself. */
const FOLDED_LINES = 30;

/** A run of tool calls as one fold that opens to each call; a single call needs no fold around it. */
export function renderWork(steps: readonly ToolStep[], names: TimelineNames): Markup {
  const calls = steps.map((step) => renderStep(step, names));
  const failed = steps.filter(isFailed);
  if (steps.length === 1) return html`<div class="work${failed.length > 0 ? ' failed' : ''}">${calls}</div>\n`;
  const errors = failed.length;
  return html`<details class="work${errors > 0 ? ' failed' : ''}">
<summary><strong>${formatCount(steps.length, 'tool call')}</strong> <span class="tools">${toolSummary(steps)}</span>${when(
    errors > 0,
    () => html` <span class="error-count">${formatCount(errors, 'error')}</span>`,
  )}${renderErrorLine(failed[0])}</summary>
${calls}</details>
`;
}

/** `Read 5, Bash 4, Grep 2, Edit 1, 3 more` */
function toolSummary(steps: readonly ToolStep[]): string {
  const counts = new Map<string, number>();
  for (const name of steps.map(stepName)) counts.set(name, (counts.get(name) ?? 0) + 1);
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  const rest = sorted.slice(NAMED_TOOLS).reduce((sum, [, count]) => sum + count, 0);
  const named = sorted.slice(0, NAMED_TOOLS).map(([name, count]) => `${name} ${count}`);
  return (rest > 0 ? [...named, `${rest} more`] : named).join(', ');
}

const stepName = ({ call, result }: ToolStep): string =>
  shortLine(call?.toolName ?? result?.toolName ?? 'tool', TOOL_NAME_CHARS);

function renderStep(step: ToolStep, names: TimelineNames): Markup {
  const entry = step.call ?? step.result;
  if (entry === undefined) return html``;
  const parsed = parseToolCall(entry);
  const call = describeCall(parsed);
  return html`<details class="entry tool${isFailed(step) ? ' failed' : ''}" id="entry-${entry.seq}">
<summary><b>${call.name}</b> <code>${call.target}</code>${renderSums(parsed)}${renderErrorLine(step)}</summary>
<div class="call">${renderSpoken(step.call)}${renderInput(call)}${renderResult(step)}${renderMoment(names.moments.get(entry.seq))}${renderWhere(step)}</div>
</details>
`;
}

/** How many lines an edit was to add and to take out. */
function renderSums(call: ToolCall): Part {
  const { added, removed } = totalChange(changesOf(call));
  return when(
    added + removed > 0,
    () =>
      html` <span class="sums"><span class="added">+${formatNumber(added)}</span> <span class="removed">−${formatNumber(removed)}</span></span>`,
  );
}

/** The first line of what went wrong, so that nobody has to open anything to see it. */
function renderErrorLine(step: ToolStep | undefined): Part {
  const failed = [step?.result, step?.call].find((entry) => entry !== undefined && isFailure(entry));
  if (failed === undefined) return undefined;
  return html`<span class="error-line"><b>error</b> ${shortLine(errorLine(failed), ERROR_LINE_CHARS)}</span>`;
}

function renderSpoken(call: Entry | undefined): Part {
  return when(Boolean(call?.text), () => html`<p class="said">${cutText(call?.text ?? '', OUTPUT_LIMIT).head}</p>`);
}

function renderInput({ fields, diff, name }: CallDetails): Part {
  const short = fields.filter(isShort);
  const long = fields.filter((field) => !isShort(field));
  return [
    when(short.length > 0, () => html`<p class="field">${short.map((field) => renderPair(field, name))}</p>`),
    long.map((field) => renderField(field, name)),
    renderDiff(diff),
  ];
}

const isShort = ({ value }: Field): boolean => value.length <= SHORT_FIELD_CHARS && !value.includes('\n');

const renderPair = (field: Field, tool: string): Markup =>
  html`<b>${field.name}</b> <code>${renderValue(field, field.value, tool)}</code> `;

function renderField(field: Field, tool: string): Markup {
  const cut = cutText(visibleText(field.value), OUTPUT_LIMIT);
  if (PROSE_FIELDS.has(field.name))
    return html`<p class="field"><b>${field.name}</b></p><div class="markdown">${renderMarkdown(cut.head)}</div>${renderCutNote(cut)}`;
  const code = renderValue(field, cut.head, tool);
  return html`<p class="field"><b>${field.name}</b></p><pre class="input" tabindex="0"><code>${code}</code></pre>${renderCutNote(cut)}`;
}

const renderValue = (field: Field, text: string, tool: string): Markup =>
  tool === 'Bash' && field.name === 'command' ? renderCode(text, 'bash') : html`${text}`;

function renderResult(step: ToolStep): Part {
  const output = outputOf(step);
  if (output === undefined) return html`<p class="field"><b>no result recorded</b></p>`;
  const cut = cutText(visibleText(output), OUTPUT_LIMIT);
  const shownLines = lineCount(output);
  // How many there were, where not all of them are here.
  const outputLines = (step.result ?? step.call)?.outputLines;
  const id = step.call && step.result ? html` id="entry-${step.result.seq}"` : undefined;
  const label = html`<b>${isFailed(step) ? 'error' : 'output'}</b> ${sizeOf(output, shownLines, outputLines)}`;
  const text = html`<pre class="output">${renderOutput(cut.head)}</pre>${renderCutNote(cut)}`;
  if (shownLines > FOLDED_LINES) return html`<details class="result"${id}><summary>${label}</summary>${text}</details>`;
  return html`<div class="result"${id}><p>${label}</p>${when(shownLines > 0, () => text)}</div>`;
}

/** Of what was shortened on its way here only the lines are known. */
function sizeOf(output: string, shownLines: number, outputLines: number | undefined): string {
  if (outputLines !== undefined) return formatCount(outputLines, 'line');
  return shownLines === 0 ? 'empty' : `${formatCount(shownLines, 'line')}, ${formatBytes(Buffer.byteLength(output))}`;
}

const outputOf = ({ call, result }: ToolStep): string | undefined =>
  result ? (result.toolOutput ?? result.text) : call?.toolOutput;

function renderWhere({ call, result }: ToolStep): Part {
  const entry = call ?? result;
  return entry && html`<p class="where">${renderTime(entry.atMs)}${renderPermalink(entry.seq)}</p>`;
}
