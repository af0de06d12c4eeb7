import { type Activity, ActivityCollector, type ActivityKind, callActivity } from './activity.ts';
import { ChapterCollector, countUp, sortedCounts } from './chapters.ts';
import { errorLine, isFailure } from './failure.ts';
import { FileChangeCollector } from './file-changes.ts';
import { defined } from './json-object.ts';
import { shortLine } from './plain-text.ts';
import type { Chapter, FileChange } from './summary.ts';
import { TextSizeCollector, type TextSizes } from './text-sizes.ts';
import { parseToolCall, shellCommand, type ToolCall } from './tool-call.ts';
import type { Entry } from './transcript.ts';
import { requestText, spokenText } from './user-text.ts';

/** A transcript reduced to what fits in memory whatever its size. */
export interface Outline {
  readonly entryCount: number;
  readonly userCount: number;
  readonly assistantCount: number;
  readonly toolCallCount: number;
  readonly errorCount: number;
  /** How much was said, in characters: by the person, framework text left out, and by the agent. */
  readonly userChars: number;
  readonly assistantChars: number;
  /** Milliseconds since the epoch of the first and last entry that carry a time. */
  readonly startedAtMs?: number;
  readonly endedAtMs?: number;
  /** Tool name -> calls, most used first. */
  readonly toolCounts: Readonly<Record<string, number>>;
  /** What the user asked for, framework text and slash commands left out, in order; the first 50, each bounded. */
  readonly requests: readonly string[];
  /** The assistant's last words, bounded. */
  readonly lastAnswer?: string;
  /** Shell commands that were run, in order, without repetition, bounded. */
  readonly commands: readonly string[];
  /** First lines of what went wrong, bounded. */
  readonly errors: readonly string[];
  readonly filesChanged: readonly FileChange[];
  readonly chapters: readonly Chapter[];
  /** The request that began each chapter, bounded; none where the user never spoke. */
  readonly chapterRequests: readonly (string | undefined)[];
  readonly activity: Activity;
  /** How long its texts are: what of them fits on a page is decided by this. */
  readonly textSizes: TextSizes;
}

const MAX_REQUESTS = 50;
const MAX_COMMANDS = 100;
const MAX_ERRORS = 20;
const REQUEST_MAX = 500;
const ANSWER_MAX = 1000;
const LINE_MAX = 200;

/** Reads a session once and keeps what is bounded. */
export function outlineOf(entries: Iterable<Entry>): Outline {
  const collector = new OutlineCollector();
  for (const entry of entries) collector.add(entry);
  return collector.finish();
}

class OutlineCollector {
  readonly #chapters = new ChapterCollector();
  readonly #fileChanges = new FileChangeCollector();
  readonly #activity = new ActivityCollector();
  readonly #textSizes = new TextSizeCollector();
  readonly #kinds = new Map<string, number>();
  readonly #tools = new Map<string, number>();
  readonly #requests: string[] = [];
  readonly #commands = new Set<string>();
  readonly #errors = new Set<string>();
  #errorCount = 0;
  #userChars = 0;
  #assistantChars = 0;
  #lastAnswer: string | undefined;
  #startedAtMs: number | undefined;
  #endedAtMs: number | undefined;

  add(entry: Entry): void {
    const request = entry.kind === 'user' ? requestText(entry.text) : undefined;
    countUp(this.#kinds, entry.kind);
    this.#chapters.add(entry.seq, request);
    this.#addTime(entry.atMs);
    this.#textSizes.add(entry);
    if (request !== undefined && this.#requests.length < MAX_REQUESTS) {
      this.#requests.push(shortLine(request, REQUEST_MAX));
    }
    if (entry.kind === 'user') this.#userChars += spokenText(entry.text)?.length ?? 0;
    if (entry.kind === 'assistant') this.#addAnswer(entry.text);
    const failed = isFailure(entry);
    const call = entry.kind === 'tool' ? this.#addCall(entry, failed) : undefined;
    if (failed) this.#addError(entry);
    this.#activity.add(entry, activityKinds(entry, { call, failed, isRequest: request !== undefined }));
    if (entry.toolOutput !== undefined) this.#fileChanges.addResult(entry.callId, failed, entry.toolOutput);
  }

  finish(): Outline {
    return defined({
      entryCount: [...this.#kinds.values()].reduce((total, count) => total + count, 0),
      userCount: this.#kinds.get('user') ?? 0,
      assistantCount: this.#kinds.get('assistant') ?? 0,
      toolCallCount: this.#kinds.get('tool') ?? 0,
      errorCount: this.#errorCount,
      userChars: this.#userChars,
      assistantChars: this.#assistantChars,
      startedAtMs: this.#startedAtMs,
      endedAtMs: this.#endedAtMs,
      toolCounts: sortedCounts(this.#tools),
      requests: this.#requests,
      lastAnswer: this.#lastAnswer === undefined ? undefined : shortLine(proseOf(this.#lastAnswer), ANSWER_MAX),
      commands: [...this.#commands],
      errors: [...this.#errors],
      filesChanged: this.#fileChanges.finish(),
      chapters: this.#chapters.finish(),
      chapterRequests: this.#chapters.requests(),
      activity: this.#activity.finish(),
      textSizes: this.#textSizes.finish(),
    });
  }

  #addTime(atMs: number | undefined): void {
    if (atMs === undefined) return;
    this.#startedAtMs = Math.min(atMs, this.#startedAtMs ?? atMs);
    this.#endedAtMs = Math.max(atMs, this.#endedAtMs ?? atMs);
  }

  #addAnswer(text: string): void {
    this.#assistantChars += text.trim().length;
    if (text.trim() !== '') this.#lastAnswer = text;
  }

  #addCall(entry: Entry, failed: boolean): ToolCall {
    const call = parseToolCall(entry);
    const command = shellCommand(call);
    countUp(this.#tools, call.name);
    this.#chapters.addCall(call);
    if (!failed) this.#fileChanges.addCall(call, entry.callId);
    if (command !== undefined && this.#commands.size < MAX_COMMANDS) this.#commands.add(shortLine(command, LINE_MAX));
    return call;
  }

  #addError(entry: Entry): void {
    this.#errorCount += 1;
    this.#chapters.addError();
    const firstLine = shortLine(errorLine(entry), LINE_MAX);
    if (firstLine !== '' && this.#errors.size < MAX_ERRORS) this.#errors.add(firstLine);
  }
}

/** Without blocks of code and the marks of lists, which say nothing on one line; unless there is nothing else. */
function proseOf(answer: string): string {
  const prose = answer
    .slice(0, 20 * ANSWER_MAX)
    .replace(/^```[^\n]*\n[\s\S]*?^```\s*$/gm, '')
    .replace(/^\s{0,8}[-*+]\s(?:\[[ xX]\]\s)?/gm, '');
  return prose.trim() === '' ? answer : prose;
}

interface EntryFacts {
  readonly call: ToolCall | undefined;
  readonly failed: boolean;
  readonly isRequest: boolean;
}

function activityKinds({ kind }: Entry, { call, failed, isRequest }: EntryFacts): readonly ActivityKind[] {
  const errors: readonly ActivityKind[] = failed ? ['error'] : [];
  if (isRequest) return ['user', ...errors];
  if (kind === 'assistant') return ['assistant', ...errors];
  return call === undefined ? errors : [callActivity(call), ...errors];
}
