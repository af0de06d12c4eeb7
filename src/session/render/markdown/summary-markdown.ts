import { dayAndTime } from '../../../clock.ts';
import { filesChangedIn, hasEntry, type SessionDocument } from '../../document.ts';
import type { FileChange } from '../../summary.ts';
import { escapeMarkdown, markdownCode, markdownFence, proseMarkdown } from '../escape.ts';
import { formatAgent, startedAtMs } from '../labels.ts';
import { flowchartText } from './flowchart-text.ts';
import { speechMarkdown } from './speech-markdown.ts';

/** The summary for people who stay on GitHub. The headings and their order are what other tools look for; ours follow. */
export function renderSummaryMarkdown(document: SessionDocument): string {
  const { summary } = document;
  const sections = [
    `# Session Summary\n\n**${escapeMarkdown(summary.title)}**`,
    section('Session Info', infoLines(document)),
    section('Summary', paragraphs(summary.summary)),
    section('Key Actions', bullets(summary.key_actions)),
    section('Diagrams', (summary.diagrams ?? []).map(renderDiagram).join('\n\n')),
    section('Final Plan', summary.final_plan ? speechMarkdown(summary.final_plan) : ''),
    section('Files Modified', renderFiles(filesChangedIn(document))),
    section('Topics', summary.topics_found.map(markdownCode).join(' ')),
    section('Key Moments', renderMoments(document)),
    ...findingSections(document),
    LINKS,
  ];
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`;
}

const LINKS = `---

[The whole session](session.md) · [the same as a page](session.html), to be opened in a browser · [summary.json](summary.json) · [raw.jsonl](raw.jsonl)`;

const section = (title: string, body: string): string => (body === '' ? '' : `## ${title}\n\n${body}`);

const bullets = (items: readonly string[]): string => items.map((item) => `- ${proseMarkdown(item)}`).join('\n');

const paragraphs = (text: string): string =>
  text
    .split(/\n{2,}/)
    .map(proseMarkdown)
    .join('\n\n')
    .trim();

function infoLines(document: SessionDocument): string {
  const { header, summary } = document;
  const start = startedAtMs(document);
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['Date', start === undefined ? undefined : dayAndTime(start)],
    ['Agent', header.agentType && [formatAgent(header), header.agentVersion].filter(Boolean).join(' ')],
    ['Model', header.model],
    ['User', header.username],
    ['Session ID', header.agentId],
  ];
  const known = lines.filter(([, value]) => value);
  if (known.length === 0) return '_No metadata available_';
  const shown = [...known, ['Outcome', summary.outcome] as const];
  return shown.map(([name, value]) => `- **${name}:** ${escapeMarkdown(value ?? '')}`).join('\n');
}

/** The source is open, as GitHub draws what it finds there; a terminal never does. */
function renderDiagram(source: string): string {
  const drawing = flowchartText(source);
  const opened = `<details open>\n<summary>Mermaid Source</summary>\n\n${markdownFence(source, 'mermaid')}\n\n</details>`;
  return drawing === undefined ? opened : `${markdownFence(drawing, 'text')}\n\n${opened}`;
}

const ACTION_NAMES = { created: 'Created', deleted: 'Deleted' } as const;

function renderFiles(files: readonly FileChange[]): string {
  if (files.length === 0) return '';
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const rows = sorted.map((file) => `| ${tableCode(file.path)} | ${renderAction(file)} |`);
  return ['| Path | Action |', '| --- | --- |', ...rows].join('\n');
}

/** A patch that deletes a file does not say how long it was. */
function renderAction({ action, added, removed = 0 }: FileChange): string {
  const name = action === undefined ? 'Modified' : ACTION_NAMES[action];
  return action === 'deleted' && added + removed === 0 ? name : `${name} (+${added} −${removed})`;
}

/** A pipe ends a cell even inside a code span, where a backslash before it cannot always be told from one that escapes it. */
const tableCode = (text: string): string =>
  text.includes('|') ? `<code>${escapeMarkdown(text)}</code>` : markdownCode(text);

function renderMoments(document: SessionDocument): string {
  const lines = (document.summary.aha_moments ?? []).map(({ seq, type, highlight, why }) => {
    const quote = escapeMarkdown(highlight);
    const linked = hasEntry(document, seq) ? `[${quote}](session.md#msg-${seq})` : quote;
    return [`- **${escapeMarkdown(type)}**: ${linked}`, proseMarkdown(why)].filter(Boolean).join(' · ');
  });
  return lines.join('\n');
}

function findingSections({ summary: { agent_summary: found } }: SessionDocument): readonly string[] {
  const withNote = (text: string, ...notes: readonly (string | undefined)[]): string =>
    [text, ...notes].filter(Boolean).join(' · ');
  return [
    section('Decisions', bullets((found?.decisions ?? []).map(({ what, why, owner }) => withNote(what, why, owner)))),
    section(
      'Action Items',
      bullets((found?.action_items ?? []).map(({ task, assignee, priority }) => withNote(task, assignee, priority))),
    ),
    section(
      'Open Questions',
      bullets((found?.open_questions ?? []).map(({ question, context }) => withNote(question, context))),
    ),
  ];
}
