import { shortLine } from '../../plain-text.ts';
import type { AhaMoment } from '../../summary.ts';
import type { Entry } from '../../transcript.ts';
import { type CutText, cutText, OUTPUT_LIMIT, SPEECH_LIMIT } from '../cut-text.ts';
import { formatSecond } from '../labels.ts';
import { html, type Markup, type Part, when } from '../markup.ts';
import { renderMarkdown } from './markdown-html.ts';

/** What the cards of one timeline share. */
export interface TimelineNames {
  readonly user: string;
  readonly agent: string;
  /** Key moments by `Entry.seq`. */
  readonly moments: ReadonlyMap<number, AhaMoment>;
}

const PREVIEW_CHARS = 100;
const IMAGE_MARK = /(\[image[^\]\n]{0,40}\])/;

/** A turn of the conversation, or a small fold for what the machinery said. */
export function renderCard(entry: Entry, names: TimelineNames): Markup {
  if (entry.kind === 'user') return renderTurn(entry, names, renderTyped(entry));
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
  const speaker = entry.coworker ?? names[role === 'user' ? 'user' : 'agent'];
  return html`<article class="entry ${role}${entry.isError ? ' failed' : ''}" id="entry-${entry.seq}">
<header><h4>${speaker}</h4>${renderTime(entry.atMs)}${renderPermalink(entry.seq)}</header>
${body}${renderMoment(names.moments.get(entry.seq))}
</article>
`;
}

function renderTyped(entry: Entry): Markup {
  const cut = cutText(entry.text, SPEECH_LIMIT);
  return html`<div class="said">${renderWords(cut.head)}</div>${renderCutNote(cut)}`;
}

/** What was typed, as it was; what stands for a picture looks like a place for one. */
export function renderWords(text: string): readonly Part[] {
  return text
    .split(IMAGE_MARK)
    .map((part, index) => (index % 2 === 0 ? part : html`<span class="image">${part.slice(1, -1)}</span>`));
}

function renderAnswer(entry: Entry): Markup {
  const cut = cutText(entry.text, SPEECH_LIMIT);
  return html`<div class="markdown">${renderMarkdown(cut.head)}</div>${renderCutNote(cut)}`;
}

function renderNote(entry: Entry): Markup {
  const cut = cutText(entry.text, OUTPUT_LIMIT);
  return html`<details class="entry note${entry.isError ? ' failed' : ''}" id="entry-${entry.seq}">
<summary><span class="note-kind">${entry.kind === 'system' ? 'System' : 'Info'}</span> <span class="preview">${shortLine(entry.text, PREVIEW_CHARS)}</span></summary>
<pre class="output">${cut.head}</pre>${renderCutNote(cut)}<p class="where">${renderTime(entry.atMs)}${renderPermalink(entry.seq)}</p>
</details>
`;
}
