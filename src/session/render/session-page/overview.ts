import { filesChangedIn, hasEntry, type SessionDocument } from '../../document.ts';
import type { AhaMoment, FileChange, SessionSummary } from '../../summary.ts';
import { formatNumber } from '../labels.ts';
import { html, type Markup, type Part, when } from '../markup.ts';
import { nearestShown } from './bounded-entries.ts';
import { renderCode } from './code-html.ts';
import { renderMarkdown } from './markdown-html.ts';
import { renderProse } from './words.ts';

/** What a reader wants who reads nothing else: the summary and all that was drawn from the session. */
export function renderOverview(document: SessionDocument): Markup {
  const { summary } = document;
  return html`<section class="overview" aria-labelledby="summary-title">
<h2 id="summary-title">Summary</h2>
<p class="lead">${renderProse(summary.summary)}</p>
<div class="columns">
${renderList('Key actions', summary.key_actions, (action) => html`${renderProse(action)}`)}${renderFindings(summary)}${renderFiles(filesChangedIn(document))}${renderTopics(summary)}</div>
${renderMoments(document)}${renderFolds(summary)}</section>
`;
}

function renderList<T>(title: string, items: readonly T[] | undefined, render: (item: T) => Markup): Part {
  if (!items?.length) return undefined;
  return html`<section><h3>${title}</h3><ul>${items.map((item) => html`<li>${render(item)}</li>`)}</ul></section>\n`;
}

function renderFindings({ agent_summary: found, sageox_insights: insights }: SessionSummary): readonly Part[] {
  return [
    renderList(
      'Decisions',
      found?.decisions,
      ({ what, why, owner }) => html`${renderProse(what)}${aside([why, owner].filter(Boolean).join(' · '))}`,
    ),
    renderList(
      'Action items',
      found?.action_items,
      ({ task, assignee, priority }) =>
        html`${renderProse(task)}${aside([assignee, priority].filter(Boolean).join(', '))}`,
    ),
    renderList(
      'Open questions',
      found?.open_questions,
      ({ question, context }) => html`${renderProse(question)}${aside(context)}`,
    ),
    renderList(
      'Insights',
      insights,
      ({ topic, insight, impact }) => html`<strong>${topic}</strong> ${renderProse(insight)}${aside(impact)}`,
    ),
  ];
}

const aside = (text: string | undefined): Part =>
  when(Boolean(text), () => html` <span class="aside">${renderProse(text ?? '')}</span>`);

function renderFiles(files: readonly FileChange[]): Part {
  if (files.length === 0) return undefined;
  return html`<section><h3>Files changed</h3>
<div class="scroll" tabindex="0"><table class="files"><thead><tr><th scope="col">File</th><th scope="col">Added</th><th scope="col">Removed</th></tr></thead>
<tbody>${files.map(({ path, added, removed }) => html`<tr><td><code>${path}</code></td><td class="added">${added ? `+${formatNumber(added)}` : undefined}</td><td class="removed">${removed ? `−${formatNumber(removed)}` : undefined}</td></tr>\n`)}</tbody></table></div></section>
`;
}

function renderTopics({ topics_found: topics }: SessionSummary): Part {
  if (topics.length === 0) return undefined;
  return html`<section><h3>Topics</h3><ul class="topics">${topics.map((topic) => html`<li>${topic}</li>`)}</ul></section>\n`;
}

function renderMoments(document: SessionDocument): Part {
  const moments = document.summary.aha_moments ?? [];
  if (moments.length === 0) return undefined;
  return html`<section class="moments"><h3>Key moments</h3><ol>${moments.map((moment) => renderMoment(moment, document))}</ol></section>\n`;
}

/** A moment that names no entry of this session is still worth reading, but leads nowhere. */
function renderMoment(moment: AhaMoment, document: SessionDocument): Markup {
  const quote = html`<q>${moment.highlight}</q>`;
  return html`<li><span class="kind">${moment.type}</span> ${hasEntry(document, moment.seq) ? html`<a href="#entry-${nearestShown(moment.seq, document.outline.entryCount)}">${quote}</a>` : quote} <span class="aside">${moment.why}</span></li>\n`;
}

function renderFolds({ final_plan: plan, diagrams }: SessionSummary): readonly Part[] {
  return [
    when(
      Boolean(plan),
      () =>
        html`<details class="fold"><summary>Final plan</summary><div class="markdown">${renderMarkdown(plan ?? '')}</div></details>\n`,
    ),
    ...(diagrams ?? []).map(
      (diagram) =>
        html`<details class="fold"><summary>Diagram (Mermaid source)</summary><pre class="code" tabindex="0"><code>${renderCode(diagram, '')}</code></pre></details>\n`,
    ),
  ];
}
