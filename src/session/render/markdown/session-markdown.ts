import type { SessionDocument } from '../../document.ts';
import { isFailure } from '../../failure.ts';
import { lineCount, shortLine } from '../../plain-text.ts';
import type { AhaMoment } from '../../summary.ts';
import { parseToolCall, toolTarget } from '../../tool-call.ts';
import type { Entry } from '../../transcript.ts';
import { boundedEntries } from '../bounded-entries.ts';
import { cutText, OUTPUT_LIMIT, SPEECH_LIMIT, type TextLimit } from '../cut-text.ts';
import { escapeHtml, escapeMarkdown, markdownCode, markdownFence } from '../escape.ts';
import { formatAgent, formatLineNumbers, formatRfc3339, startedAtMs } from '../labels.ts';
import { quoteMarkdown, speechMarkdown } from './speech-markdown.ts';

// What is longer than this folds away behind a preview.
const SPEECH_FOLD: TextLimit = { lines: 10, chars: 1000 };
const OUTPUT_FOLD: TextLimit = { lines: 10, chars: 500 };
const SPEECH_PREVIEW_CHARS = 200;
const OUTPUT_PREVIEW_CHARS = 100;
const TARGET_CHARS = 120;

/** The session as Markdown for GitHub, in chunks: `entries` is iterated once and never held. */
export function* renderSessionMarkdown(document: SessionDocument, entries: Iterable<Entry>): Generator<string> {
  yield renderHead(document);
  const moments = numberMoments(document.summary.aha_moments ?? []);
  for (const entry of boundedEntries(entries, document.outline))
    yield renderEntry(document, entry, moments.get(entry.seq));
  if (document.endedAtMs !== undefined) yield `---\n\n_Session closed: ${formatRfc3339(document.endedAtMs)}_\n`;
}

function renderHead(document: SessionDocument): string {
  const rows = headRows(document).map(([field, value]) => `| ${field} | ${escapeMarkdown(value)} |`);
  return `# Agent Session

## Session Information

| Field | Value |
| --- | --- |
${rows.join('\n')}

---

## Conversation

${renderMoments(document)}`;
}

function headRows(document: SessionDocument): readonly (readonly [string, string])[] {
  const { header, outline } = document;
  const start = startedAtMs(document);
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Session ID', header.sessionId ?? header.agentId],
    ['Agent', header.agentType && formatAgent(header)],
    ['Agent Version', header.agentVersion],
    ['Model', header.model],
    ['User', header.username],
    ['Started', start === undefined ? undefined : formatRfc3339(start)],
    ['File', 'raw.jsonl'],
    ['Type', 'raw'],
    ['Entry Count', String(outline.entryCount)],
    ['Redactions', document.redactions > 0 ? String(document.redactions) : undefined],
    ['Unreadable Lines', formatLineNumbers(document.malformedLines)],
  ];
  return rows.filter((row): row is readonly [string, string] => Boolean(row[1]));
}

function renderMoments({ summary, outline }: SessionDocument): string {
  const lines = (summary.aha_moments ?? []).map((moment, index) => {
    const label = `**#${index + 1} ${escapeMarkdown(moment.type)}**`;
    const isEntry = Number.isInteger(moment.seq) && moment.seq >= 0 && moment.seq < outline.entryCount;
    return `- ${isEntry ? `[${label}](#msg-${moment.seq})` : label}: ${escapeMarkdown(moment.why)}`;
  });
  return lines.length === 0 ? '' : `## Key Moments ★\n\n${lines.join('\n')}\n\n`;
}

const numberMoments = (moments: readonly AhaMoment[]): ReadonlyMap<number, number> =>
  new Map(moments.map(({ seq }, index) => [seq, index + 1]));

function renderEntry(document: SessionDocument, entry: Entry, moment: number | undefined): string {
  const star = moment === undefined ? '' : ` ★ Key Moment #${moment}`;
  const title = `### **${escapeMarkdown(entryRole(document, entry))}**${star}`;
  return [`<a id="msg-${entry.seq}"></a>`, title, ...renderBody(entry)].join('\n\n').concat('\n\n');
}

function entryRole({ header }: SessionDocument, entry: Entry): string {
  if (entry.kind === 'user') return entry.coworker ?? header.username ?? 'User';
  if (entry.kind === 'assistant') return entry.coworker ?? formatAgent(header);
  if (entry.kind === 'tool') return 'Tool Call';
  if (entry.kind === 'tool_result') return isFailure(entry) ? 'Tool Result (error)' : 'Tool Result';
  return entry.kind === 'system' ? 'System' : 'Info';
}

function renderBody(entry: Entry): readonly string[] {
  if (entry.kind === 'tool')
    return [renderCall(entry), ...renderSpeech(entry.text, quoteMarkdown), ...renderOutput(entry.toolOutput)];
  if (entry.kind === 'tool_result') return renderOutput(entry.toolOutput ?? entry.text);
  return renderSpeech(entry.text, entry.kind === 'assistant' ? speechMarkdown : quoteMarkdown);
}

function renderCall(entry: Entry): string {
  const call = parseToolCall(entry);
  return markdownCode(`>_ ${call.name}  ${toolTarget(call, TARGET_CHARS)}`.trimEnd());
}

function renderSpeech(text: string, render: (text: string) => string): readonly string[] {
  if (text.trim() === '') return [];
  const cut = cutText(text, SPEECH_LIMIT);
  const body = [render(cut.head), ...renderNote(cut.note)];
  return isLonger(text, SPEECH_FOLD) ? fold(shortLine(text, SPEECH_PREVIEW_CHARS), body) : body;
}

function renderOutput(output: string | undefined): readonly string[] {
  if (output === undefined) return [];
  if (output.trim() === '') return ['_empty_'];
  const cut = cutText(output, OUTPUT_LIMIT);
  const body = [markdownFence(cut.head, 'text'), ...renderNote(cut.note)];
  return isLonger(output, OUTPUT_FOLD) ? fold(shortLine(output, OUTPUT_PREVIEW_CHARS), body) : body;
}

const renderNote = (note: string | undefined): readonly string[] => (note === undefined ? [] : [`_${note}_`]);

const isLonger = (text: string, limit: TextLimit): boolean =>
  text.length > limit.chars || lineCount(text) > limit.lines;

/** The blank lines around the body, which the caller's join puts there, make it Markdown inside HTML. */
function fold(preview: string, body: readonly string[]): readonly string[] {
  return [`<details>\n<summary>${escapeHtml(preview)}</summary>`, ...body, '</details>'];
}
