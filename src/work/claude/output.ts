import type { MeasuredUsage } from '../runner.ts';
import { LineSplitter } from './line-splitter.ts';
import {
  asObject,
  asString,
  type ClaudeNotice,
  type ClaudeRejection,
  type ClaudeResult,
  isNotice,
  type JsonObject,
  parseNotice,
  parseObject,
  parseRejection,
  parseResult,
  parseUsage,
  textOf,
} from './message.ts';

/** What one run printed, with everything that a verdict needs and nothing that grows with the output. */
export interface ClaudeReport {
  /** The model's own words, all blocks of all messages in order: the result line repeats only the last block. */
  readonly text: string;
  /** More text came than is kept. */
  readonly isTextCut: boolean;
  /** The result line, when one came. */
  readonly result: ClaudeResult | undefined;
  /** The message that the program itself put in the place of an answer. */
  readonly notice: ClaudeNotice | undefined;
  /** The last retry, when nothing came after it. */
  readonly retry: ClaudeNotice | undefined;
  /** The last request that the plan's allotment did not cover, when no answer came after it. */
  readonly rejection: ClaudeRejection | undefined;
  /** The beginning of what was not JSON at all: early failures are printed as plain text. */
  readonly stray: string;
  readonly usage: MeasuredUsage;
  /** Lines that were no JSON object, or too long to be kept. */
  readonly lostLines: number;
  /** Whether any event came, or a part of one: a program that fails at its start prints none. */
  readonly isBegun: boolean;
}

/** Reads the stream-json output of a run as it comes, in bounded memory. Unknown lines are ignored. */
export class ClaudeOutput {
  readonly #lines = new LineSplitter(LINE_BYTES, (line) => this.#read(line));
  #text: string[] = [];
  #textLength = 0;
  #isTextCut = false;
  #model: string | undefined;
  #result: JsonObject | undefined;
  #notice: ClaudeNotice | undefined;
  #retry: ClaudeNotice | undefined;
  #rejection: ClaudeRejection | undefined;
  #stray = '';
  #malformed = 0;
  #isBegun = false;

  push(chunk: Uint8Array): void {
    this.#lines.push(chunk);
  }

  end(): ClaudeReport {
    this.#lines.end();
    return {
      text: this.#text.join(''),
      isTextCut: this.#isTextCut,
      result: this.#result && parseResult(this.#result),
      notice: this.#notice,
      retry: this.#retry,
      rejection: this.#rejection,
      stray: this.#stray,
      usage: parseUsage(this.#result, this.#model),
      lostLines: this.#malformed + this.#lines.dropped,
      isBegun: this.#isBegun || this.#lines.dropped > 0,
    };
  }

  #read(line: string): void {
    if (line.trim() === '') return;
    const value = parseObject(line);
    if (value === undefined) this.#lose(line);
    else this.#readEvent(value);
  }

  #readEvent(value: JsonObject): void {
    this.#isBegun = true;
    if (value.type === 'assistant') this.#readAssistant(value);
    if (value.type === 'result') this.#result = value;
    if (value.type === 'system' && value.subtype === 'api_retry') this.#retry = parseNotice(value, '', '');
    if (value.type === 'rate_limit_event') this.#rejection = parseRejection(value) ?? this.#rejection;
  }

  #readAssistant(line: JsonObject): void {
    const message = asObject(line.message);
    const text = textOf(message.content);
    this.#retry = undefined;
    if (isNotice(line, message)) {
      this.#notice = parseNotice(line, text, asString(message.stop_reason));
      return;
    }
    this.#rejection = undefined;
    this.#model ??= asString(message.model) || undefined;
    this.#isTextCut ||= this.#textLength + text.length > TEXT_LENGTH;
    if (this.#isTextCut) return;
    this.#text.push(text);
    this.#textLength += text.length;
  }

  /** A cut JSON line may hold the model's words, which must not be taken for the program's. */
  #lose(line: string): void {
    this.#malformed += 1;
    if (line.startsWith('{')) this.#isBegun = true;
    if (!line.startsWith('{')) this.#stray = `${this.#stray}${line}\n`.slice(0, STRAY_LENGTH);
  }
}

const LINE_BYTES = 8 * 1024 * 1024;
const TEXT_LENGTH = 4 * 1024 * 1024;
const STRAY_LENGTH = 2000;
