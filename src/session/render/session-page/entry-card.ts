import { lineCount, shortLine } from '../../plain-text.ts';
import type { AhaMoment } from '../../summary.ts';
import type { Entry } from '../../transcript.ts';
import { type CutText, cutText, OUTPUT_LIMIT, SPEECH_LIMIT, type TextLimit } from '../cut-text.ts';
import { visibleText } from '../escape.ts';
import { formatCount, formatSecond } from '../labels.ts';
import { html, type Markup, type Part, when } from '../markup.ts';
import { renderMarkdown } from './markdown-html.ts';
import { labelNote } from './note-label.ts';
import { renderTyped, withWholeFence } from './words.ts';

/** What the cards of one timeline share. */
export interface TimelineNames {
  readonly user: string;
  readonly agent: string;
  /** Key moments by `Entry.seq`. */
  readonly moments: ReadonlyMap<number, AhaMoment>;
}

const SPEAKER_CHARS = 100;
/** A prompt that is longer than the first is shown so far, and the rest folds away. */
const LONG_PROMPT: TextLimit = { lines: 40, chars: 4000 };
const PROMPT_HEAD: TextLimit = { lines: 20, chars: 2000 };

/** A turn of the conversation, or a small fold for what the machinery said. */
export function renderCard(entry: Entry, names: TimelineNames): Markup {
  if (entry.kind === 'user') return renderTurn(entry, names, renderPrompt(entry));
  if (entry.kind === 'assistant') return renderTurn(entry, names, renderAnswer(entry));
  return renderNote(entry);
}

export function renderCutNote({ note }: CutText): Part {
  return when(note !== undefined, () => html`<p class="cut">${note}</p>`);
}

export function renderPermalink(seq: number): Markup {
  return html`<a class="permalink" href="#entry-${seq}">#${seq}</a>`;
}

export function renderTime(atMs: number | undefined): Part {
  return atMs === undefined ? undefined : html`<time>${formatSecond(atMs)}</time>`;
}

export function renderMoment(moment: AhaMoment | undefined): Part {
  if (moment === undefined) return undefined;
  return html`<p class="moment"><strong>★ Key moment: ${moment.type}</strong> ${moment.why}</p>`;
}

function renderTurn(entry: Entry, names: TimelineNames, body: Markup): Markup {
  const role = entry.kind === 'user' ? 'user' : 'assistant';
  const speaker = shortLine(entry.coworker ?? names[role === 'user' ? 'user' : 'agent'], SPEAKER_CHARS);
  return html`<article class="entry ${role}${entry.isError ? ' failed' : ''}" id="entry-${entry.seq}">
<header><h4>${speaker}</h4>${renderTime(entry.atMs)}${renderPermalink(entry.seq)}</header>
${body}${renderMoment(names.moments.get(entry.seq))}
</article>
`;
}

function renderPrompt(entry: Entry): Markup {
  const cut = cutText(visibleText(entry.text), SPEECH_LIMIT);
  if (cutText(cut.head, LONG_PROMPT).note === undefined)
    return html`<div class="said">${renderTyped(cut.head)}</div>${renderCutNote(cut)}`;
  const head = withWholeFence(cut.head, cutText(cut.head, PROMPT_HEAD).head.length);
  const rest = cut.head.slice(head.length).replace(/^\n/, '');
  return html`<div class="said">${renderTyped(head)}</div><details class="rest"><summary>${formatCount(lineCount(rest), 'more line')}</summary><div class="said">${renderTyped(rest)}</div></details>${renderCutNote(cut)}`;
}

function renderAnswer(entry: Entry): Markup {
  const cut = cutText(visibleText(entry.text), SPEECH_LIMIT);
  return html`<div class="markdown">${renderMarkdown(cut.head)}</div>${renderCutNote(cut)}`;
}

function renderNote(entry: Entry): Markup {
  const cut = cutText(visibleText(entry.text), OUTPUT_LIMIT);
  const { kind, preview } = labelNote(entry.text, entry.kind === 'system' ? 'System' : 'Info');
  return html`<details class="entry note${entry.isError ? ' failed' : ''}" id="entry-${entry.seq}">
<summary><span class="note-kind">${kind}</span> <span class="preview">${preview}</span></summary>
<pre class="output">${cut.head}</pre>${renderCutNote(cut)}<p class="where">${renderTime(entry.atMs)}${renderPermalink(entry.seq)}</p>
</details>
`;
}
