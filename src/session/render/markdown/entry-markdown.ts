import type { SessionDocument } from '../../document.ts';
import { isFailure } from '../../failure.ts';
import { changesOf } from '../../file-changes.ts';
import { lineCount, shortLine } from '../../plain-text.ts';
import { callTarget, parseToolCall, type ToolCall } from '../../tool-call.ts';
import type { Entry } from '../../transcript.ts';
import { cutText, SPEECH_LIMIT, type TextLimit } from '../cut-text.ts';
import { editDiff } from '../edit-diff.ts';
import {
  EMOJI_COLON,
  escapeHtml,
  escapeMarkdown,
  markdownCode,
  markdownFence,
  visibleText,
  WITHOUT_EMOJI,
} from '../escape.ts';
import { formatAgent } from '../labels.ts';
import type { OutputRoom } from './output-room.ts';
import { quoteMarkdown, speechMarkdown, speechPreview } from './speech-markdown.ts';

// What is longer than this folds away behind a preview.
const SPEECH_FOLD: TextLimit = { lines: 10, chars: 1000 };
const OUTPUT_FOLD: TextLimit = { lines: 10, chars: 500 };
const DIFF_FOLD: TextLimit = { lines: 20, chars: 2000 };
const SPEECH_PREVIEW_CHARS = 200;
const OUTPUT_PREVIEW_CHARS = 100;
const TARGET_CHARS = 120;
const NAME_CHARS = 100;

/** What an entry is rendered with besides itself. */
export interface EntrySetting {
  readonly document: SessionDocument;
  /** Numbers of the key moments that it is, mostly none. */
  readonly moments: readonly number[];
  readonly room: OutputRoom;
}

/** One entry of `session.md`: its anchor, its heading and what was said, called, changed or answered. */
export function renderEntry(entry: Entry, setting: EntrySetting): string {
  return [...renderTitle(entry, setting), ...renderBody(entry, setting.room), ''].join('\n\n');
}

/** The same by its first words, where the file has no room for more. */
export function renderBriefEntry(entry: Entry, setting: EntrySetting): string {
  const words = isCall(entry) ? [renderCall(parseToolCall(entry))] : [quoteMarkdown(preview(entry))];
  return [...renderTitle(entry, setting), ...words, '_The rest is in raw.jsonl._', ''].join('\n\n');
}

function preview({ kind, text, toolOutput }: Entry): string {
  return kind === 'assistant'
    ? speechPreview(text, SPEECH_PREVIEW_CHARS)
    : shortLine(toolOutput ?? text, SPEECH_PREVIEW_CHARS);
}

function renderTitle(entry: Entry, { document, moments }: EntrySetting): readonly string[] {
  const failed = isFailure(entry) ? ' (error)' : '';
  const star = moments.length === 0 ? '' : ` ★ Key Moment ${moments.map((number) => `#${number}`).join(', ')}`;
  // Bold text may not begin or end with a space, and `****` is a rule.
  const role = escapeMarkdown(entryRole(document, entry).slice(0, NAME_CHARS)).trim() || 'Unknown';
  return [`<a id="msg-${entry.seq}"></a>`, `### **${role}**${failed}${star}`];
}

function entryRole({ header }: SessionDocument, entry: Entry): string {
  if (entry.kind === 'user') return entry.coworker ?? header.username ?? 'User';
  if (entry.kind === 'assistant') return entry.coworker ?? formatAgent(header);
  if (entry.kind === 'tool') return 'Tool Call';
  if (entry.kind === 'tool_result') return 'Tool Result';
  return entry.kind === 'system' ? 'System' : 'Info';
}

const isCall = ({ kind }: Entry): boolean => kind === 'tool';

function renderBody(entry: Entry, room: OutputRoom): readonly string[] {
  if (entry.kind === 'tool_result') return renderOutput(entry.toolOutput ?? entry.text, room);
  if (entry.kind === 'assistant') return renderAnswer(entry.text);
  if (!isCall(entry)) return renderTyped(entry.text);
  const call = parseToolCall(entry);
  const output = entry.toolOutput === undefined ? [] : renderOutput(entry.toolOutput, room);
  return [renderCall(call), ...renderTyped(entry.text), ...renderDiff(call, room), ...output];
}

function renderCall(call: ToolCall): string {
  const paths = changesOf(call).map(({ path }) => path);
  const target = paths.length > 0 ? shortLine(paths.join(', '), TARGET_CHARS) : callTarget(call, TARGET_CHARS);
  return markdownCode(`>_ ${call.name}  ${target}`.trimEnd());
}

function renderAnswer(text: string): readonly string[] {
  const body = renderHead(text, SPEECH_LIMIT, speechMarkdown);
  return isLonger(text, SPEECH_FOLD) ? fold(speechPreview(text, SPEECH_PREVIEW_CHARS), body) : body;
}

function renderTyped(text: string): readonly string[] {
  const body = renderHead(text, SPEECH_LIMIT, quoteMarkdown);
  return isLonger(text, SPEECH_FOLD) ? fold(shortLine(text, SPEECH_PREVIEW_CHARS), body) : body;
}

function renderDiff(call: ToolCall, room: OutputRoom): readonly string[] {
  const diff = editDiff(call);
  const body = renderHead(diff, room.limitOf(diff), (head) => markdownFence(head, 'diff'));
  return isLonger(diff, DIFF_FOLD) ? fold(changedLines(call), body) : body;
}

function changedLines(call: ToolCall): string {
  const changes = changesOf(call);
  const added = changes.reduce((sum, change) => sum + change.added, 0);
  const removed = changes.reduce((sum, change) => sum + change.removed, 0);
  return `+${added} −${removed}`;
}

function renderOutput(output: string, room: OutputRoom): readonly string[] {
  const body = renderHead(output, room.limitOf(output), (head) => markdownFence(head, 'text'));
  if (body.length === 0) return ['_No output_'];
  return isLonger(output, OUTPUT_FOLD) ? fold(shortLine(output, OUTPUT_PREVIEW_CHARS), body) : body;
}

/** The head of a text as Markdown, with a word about the rest; nothing of a text that is blank. */
function renderHead(text: string, limit: TextLimit, render: (head: string) => string): readonly string[] {
  if (isBlank(text)) return [];
  const cut = cutText(text, limit);
  return [render(cut.head), ...(cut.note === undefined ? [] : [`_${cut.note}_`])];
}

/** What JavaScript takes for a space may be one that we make visible. */
const isBlank = (text: string): boolean => text.trim() === '' && visibleText(text).trim() === '';

const isLonger = (text: string, limit: TextLimit): boolean =>
  text.length > limit.chars || lineCount(text) > limit.lines;

/** The blank lines around the body, which the caller's join puts there, make it Markdown inside HTML. */
function fold(preview: string, body: readonly string[]): readonly string[] {
  if (body.length === 0) return [];
  const summary = escapeHtml(preview).replace(EMOJI_COLON, WITHOUT_EMOJI);
  return [`<details>\n<summary>${summary}</summary>`, ...body, '</details>'];
}
