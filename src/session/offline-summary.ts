import { withChapterTitles } from './chapters.ts';
import { totalChange } from './file-changes.ts';
import type { Outline } from './outline.ts';
import { cutText } from './plain-text.ts';
import { formatAgent, formatDuration } from './render/labels.ts';
import { chapterTitles, requestTitle } from './request-title.ts';
import type { FileChange, Outcome, SessionSummary } from './summary.ts';
import { topicsOf } from './topics.ts';
import type { TranscriptHeader } from './transcript.ts';

const PROVIDER = 'offline';
/** What ox calls a session in which nothing happened that a summary could tell. */
export const BRIEF_TITLE = 'Brief session';
const MAX_ACTIONS = { requests: 5, files: 8, commands: 5 };
/** Below the first two, and with no more calls than this, a session is brief. */
const BRIEF = { userChars: 80, assistantChars: 200, toolCalls: 2 };
/** Commands that only look around say nothing about what was done. */
const LOOKING_AROUND =
  /^(?:cd|ls|ll|pwd|cat|head|tail|less|grep|rg|find|echo|which|wc|sed -n|git (?:status|diff|log|show))\b/;

/** A summary from the transcript alone: no agent, no cost, and the same bytes for the same session. */
export function buildOfflineSummary(outline: Outline, header: TranscriptHeader): SessionSummary {
  const chapter_titles = chapterTitles(outline);
  return {
    title: buildTitle(outline),
    provider: PROVIDER,
    summary: buildParagraph(outline, header),
    key_actions: buildKeyActions(outline),
    outcome: classifyOutcome(outline),
    topics_found: topicsOf(outline),
    chapter_titles,
    chapters: withChapterTitles(outline.chapters, chapter_titles),
    files_changed: outline.filesChanged,
  };
}

/** Nothing happened that a summary could tell. */
export function isBrief(outline: Outline): boolean {
  return briefReason(outline) !== undefined;
}

/** What stands in place of a summary for a session that is not worth one. */
export function buildBriefSummary(outline: Outline, header: TranscriptHeader): SessionSummary {
  return {
    title: BRIEF_TITLE,
    provider: PROVIDER,
    summary: briefText(outline, agentName(header)),
    key_actions: [],
    outcome: 'partial',
    topics_found: [],
    chapters: outline.chapters,
    files_changed: outline.filesChanged,
    quality_category: 'skip',
    score_reason: `prefilter skip — ${briefReason(outline) ?? 'nothing to tell'}`,
  };
}

/** Two words may start a day's work, and a short question have a long answer: only little of everything is brief. */
function briefReason(outline: Outline): string | undefined {
  const { entryCount, assistantCount, toolCallCount, userChars, assistantChars, filesChanged } = outline;
  if (entryCount < 2) return 'fewer than two entries';
  if (assistantCount === 0 && toolCallCount === 0) return 'no answer and no tool call';
  const isTrivial =
    userChars < BRIEF.userChars &&
    assistantChars < BRIEF.assistantChars &&
    toolCallCount <= BRIEF.toolCalls &&
    filesChanged.length === 0;
  return isTrivial ? 'hardly a word, hardly a tool call and no file changed' : undefined;
}

function briefText({ requests, lastAnswer, toolCallCount }: Outline, agent: string): string {
  const done = [
    toolCallCount > 0 ? `made ${plural(toolCallCount, 'tool call')}` : undefined,
    lastAnswer === undefined ? undefined : `answered “${cutText(lastAnswer, 200)}”`,
  ].filter((part) => part !== undefined);
  if (requests.length === 0 && done.length === 0) return 'Nothing was asked in this session, and nothing was done.';
  const quoted = requests.map((request) => `“${cutText(request, 200)}”`);
  const asked = quoted.length <= 3 ? joinWords(quoted) : `${quoted[0]} plus ${quoted.length - 1} more`;
  const work = done.length === 0 ? `no work of ${agent} was recorded` : `${agent} ${joinWords(done)}`;
  return ended(
    requests.length === 0 ? `Nothing was asked in this session; ${work}` : `The user asked ${asked}; ${work}`,
  );
}

function buildTitle({ requests, filesChanged, commands, toolCallCount }: Outline): string {
  const asked = requests.map(requestTitle).find((title) => title !== undefined);
  if (asked !== undefined) return asked;
  const [file, command] = [filesChanged[0], commands[0]];
  if (file) return cutText(`Changed ${fileName(file.path)}${andMore(filesChanged.length - 1)}`, 100);
  if (command) return cutText(`Ran ${command}`, 100);
  return toolCallCount > 0 ? `${plural(toolCallCount, 'tool call')} without a request` : 'Session without a request';
}

/** What a colleague wants to know: what was asked, how long it took, what was done, what went wrong, how it ended. */
function buildParagraph(outline: Outline, header: TranscriptHeader): string {
  const sentences = [
    askedSentence(outline),
    workSentence(outline, header),
    troubleSentence(outline),
    endSentence(outline),
  ];
  return sentences
    .filter((sentence) => sentence !== undefined)
    .map(ended)
    .join(' ');
}

const ended = (sentence: string): string => (/[.!?…。！？]”?$/.test(sentence) ? sentence : `${sentence}.`);

function askedSentence({ requests }: Outline): string {
  const [first, ...others] = requests;
  if (first === undefined) return 'The recording holds no request of a user.';
  const last = others.at(-1);
  if (last === undefined) return `The user asked: “${cutText(first, 300)}”`;
  return `The user asked: “${cutText(first, 300)}” and made ${plural(others.length, 'more request')}, the last: “${cutText(last, 200)}”`;
}

function workSentence(outline: Outline, header: TranscriptHeader): string {
  const { filesChanged, commands, toolCallCount, startedAtMs = 0, endedAtMs = 0 } = outline;
  const agent = `${agentName(header)}${header.model ? ` (${header.model})` : ''}`;
  const time = endedAtMs > startedAtMs ? `In ${formatDuration(endedAtMs - startedAtMs)}, ` : '';
  const done = [
    toolCallCount > 0 ? `made ${plural(toolCallCount, 'tool call')}` : undefined,
    filesChanged.length > 0
      ? `changed ${plural(filesChanged.length, 'file')} (${formatTotals(filesChanged)})`
      : undefined,
    commands.length > 0 ? `ran ${plural(commands.length, 'command')}` : undefined,
  ].filter((part) => part !== undefined);
  const sentence = `${time}${agent} ${done.length > 0 ? joinWords(done) : 'answered without using a tool'}`;
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`;
}

const agentName = (header: TranscriptHeader): string =>
  header.agentType === undefined ? 'the agent' : formatAgent(header);

function troubleSentence({ errorCount, errors }: Outline): string | undefined {
  if (errorCount === 0) return undefined;
  const example = errors[0] === undefined ? '' : `, the first with “${cutText(errors[0], 150)}”`;
  return `${plural(errorCount, 'call')} ended with an error${example}`;
}

function endSentence({ lastAnswer }: Outline): string {
  if (lastAnswer === undefined) return 'The agent gave no answer in words.';
  return `It ended with: “${cutText(lastAnswer, 300)}”`;
}

function buildKeyActions(outline: Outline): readonly string[] {
  const requests = outline.requests.map(requestTitle).filter((title) => title !== undefined);
  const files = [...outline.filesChanged].sort((a, b) => weight(b) - weight(a));
  const commands = outline.commands.filter((command) => !LOOKING_AROUND.test(command));
  const actions = [
    ...requests.slice(0, MAX_ACTIONS.requests).map((title) => `Asked: ${title}`),
    ...files.slice(0, MAX_ACTIONS.files).map((file) => `Changed ${file.path} (${formatTotals([file])})`),
    ...(files.length > MAX_ACTIONS.files ? [`Changed ${plural(files.length - MAX_ACTIONS.files, 'more file')}`] : []),
    ...commands.slice(0, MAX_ACTIONS.commands).map((command) => `Ran ${cutText(command, 120)}`),
  ];
  return actions.length > 0 ? actions : [`Recorded ${plural(outline.entryCount, 'entry', 'entries')}`];
}

/**
 * As much as a program can tell: `failed` when nothing was said nor changed, or every call went wrong; `success` when
 * the agent had the last word and at most one call in five went wrong; `partial` otherwise.
 */
function classifyOutcome({ lastAnswer, filesChanged, errorCount, toolCallCount }: Outline): Outcome {
  const didNothing = lastAnswer === undefined && filesChanged.length === 0;
  if (didNothing || (toolCallCount > 0 && errorCount >= toolCallCount)) return 'failed';
  return lastAnswer !== undefined && errorCount * 5 <= toolCallCount ? 'success' : 'partial';
}

const weight = ({ added, removed = 0 }: FileChange): number => added + removed;

const fileName = (path: string): string => path.split(/[\\/]/).at(-1) || path;

const andMore = (count: number): string => (count > 0 ? ` and ${plural(count, 'more file')}` : '');

const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

const joinWords = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

function formatTotals(files: readonly FileChange[]): string {
  const { added, removed } = totalChange(files);
  return `+${added} −${removed}`;
}
