import { SECOND_MS } from '../../clock.ts';
import { RunError, type RunFailureKind, type RunResult } from '../runner.ts';
import { diagnose } from './diagnosis.ts';
import type { ClaudeReport } from './output.ts';
import type { ProcessEnd } from './process.ts';
import { isProgramMessage } from './program-message.ts';
import { boundResetTime, parseResetTime } from './reset-time.ts';

export interface ClaudeRun {
  readonly report: ClaudeReport;
  readonly end: ProcessEnd;
  readonly durationMs: number;
  readonly timeoutMs: number;
  /** When it ended: reset times are read against it. */
  readonly nowMs: number;
}

/**
 * The answer of a run, or a RunError that says what went wrong. An answer needs all three: a result line of subtype
 * success, not marked as an error, and text. Each of them alone is wrong in some version, and so is exit status 0. How
 * the program ended after its result line, or that it did not, takes nothing away from what was paid for; nor does a
 * budget that turned out to be used up once the answer was whole.
 */
export function judgeClaudeRun(run: ClaudeRun): RunResult {
  const { report, end, durationMs } = run;
  if (!isAnswer(run)) throw failureOf(run);
  return { output: report.text, duration: durationMs, exitCode: end.exitCode ?? 0, ...report.usage };
}

/** The line of what a program said that tells most, as part of a message: bounded, without control characters. */
export function quote(text: string): string {
  const lines = text
    .replaceAll(TERMINAL, '')
    .split(/[\r\n]+/)
    .filter((candidate) => candidate.trim() !== '');
  const [first = ''] = lines;
  const line = PREFACE.test(first) ? (lines.find((candidate) => ERROR.test(candidate)) ?? first) : first;
  return line
    .replace(UNIX_TIME, '')
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, '')
    .trim()
    .slice(0, QUOTE_LENGTH);
}

/** What a terminal obeys, with its words: a title, a link, a colour. */
const TERMINAL = /\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b\[[0-?]*[ -/]*[@-~]/g;
/** What Node, when it falls, tells before the error: a place in a source, or how its memory was. */
const PREFACE = /^(?:\S.*:\d+|<--- .*)$/;
const ERROR = /^(?:Uncaught )?(?:FATAL ERROR|\w*(?:Error|Exception))\b/;
/** When a limit ends, for programs: `usage limit reached|1735689600`. */
const UNIX_TIME = /\|\d{10}(?:\d{3})?\b/;
const QUOTE_LENGTH = 200;

/** What 2.0 says instead of nothing. */
const NO_CONTENT = '(no content)';

function isAnswer({ report, end }: ClaudeRun): boolean {
  if (end.stopped === 'aborted' || !hasAnswer(report) || report.isTextCut) return false;
  if (isPaidInFull(report)) return true;
  return report.result?.subtype === 'success' && !report.result.isError;
}

/** The budget is looked at after the call: an answer that came to its end is whole, and paid for. */
function isPaidInFull({ result }: ClaudeReport): boolean {
  return result?.subtype === 'error_max_budget_usd' && result.stopReason === 'end_turn';
}

function hasAnswer(report: ClaudeReport): boolean {
  const text = report.text.trim();
  return text !== '' && text !== NO_CONTENT && !isProgramsWord(report);
}

/** Words for which tokens were written are a model's, who may say what it likes: they stop nothing. */
function isProgramsWord({ text, usage }: ClaudeReport): boolean {
  return (usage.tokensOut ?? 0) === 0 && isProgramMessage(text);
}

function failureOf(run: ClaudeRun): RunError {
  const { report, end } = run;
  const said = programText(run);
  const { kind, sentence } = nameFailure(run, said);
  const cause = quote(said || plainText(run));
  return new RunError(kind, cause === '' ? sentence : `${sentence}: ${cause}`, {
    exitCode: end.exitCode,
    resetsAt: LIMITS.has(kind) ? resetTime(run, said) : undefined,
    stderr: end.stderr,
    usage: usageOf(report, said),
  });
}

/** An answer that was begun was paid for, also where the program counts nothing of it: then nobody knows how much. */
function usageOf(report: ClaudeReport, said: string): ClaudeReport['usage'] {
  const { usage } = report;
  const isBegun = hasAnswer(report) || /\bAPI Error:? terminated\b/.test(said);
  if (!isBegun || usage.tokensIn) return usage;
  return usage.model === undefined ? {} : { model: usage.model };
}

const LIMITS: ReadonlySet<RunFailureKind> = new Set(['rate_limited', 'usage_limited']);

/** The event is exact; the message is rounded, and may leave out day and zone: what is over would be tomorrow there. */
function resetTime({ report, nowMs }: ClaudeRun, said: string): number | undefined {
  const exactMs = report.rejection?.resetsAtMs;
  return exactMs === undefined ? parseResetTime(said, nowMs) : boundResetTime(exactMs, nowMs);
}

/**
 * Only what the program said: the model's words about a rate limit are a summary, not a failure. Plain output and stderr
 * count of a program that failed at its start: later they may be anybody's, a warning of Node or a piece of an answer.
 */
function programText(run: ClaudeRun): string {
  const { report } = run;
  const { notice, result } = report;
  const isProgramsResult = result?.isError || (!hasAnswer(report) && report.lostLines === 0);
  const said = [
    notice?.text ?? '',
    isProgramsWord(report) ? report.text : '',
    isProgramsResult ? (result?.text ?? '') : '',
  ].filter((text) => text !== '');
  return report.isBegun ? said.join('\n') : plainText(run);
}

function plainText({ report, end }: ClaudeRun): string {
  return `${report.stray}\n${end.stderr}`;
}

interface NamedFailure {
  readonly kind: RunFailureKind;
  readonly sentence: string;
}

function nameFailure(run: ClaudeRun, said: string): NamedFailure {
  const { report, end } = run;
  if (end.stopped === 'aborted') return { kind: 'aborted', sentence: 'the run was stopped' };
  if (report.isTextCut) return { kind: 'malformed', sentence: 'claude answered with more text than can be kept' };
  const known = diagnose(report, said);
  if (known) return known;
  // Silence after retries is the service's; silence from the start may be a prompt that takes too long.
  if (end.stopped === 'timed_out' && report.retry) {
    return { kind: 'network', sentence: 'the service did not answer' };
  }
  if (end.stopped === 'timed_out') {
    return { kind: 'timed_out', sentence: `claude gave no answer within ${run.timeoutMs / SECOND_MS} s` };
  }
  if (CANNOT_START.has(end.exitCode)) return { kind: 'unsupported', sentence: 'claude cannot be started' };
  if (end.exitCode === 0 && report.result?.isError !== true) return { kind: 'malformed', sentence: lackOf(report) };
  if (isBadStart(run)) return { kind: 'not_started', sentence: `claude ended ${waysOut(end)} before it began` };
  return { kind: 'crashed', sentence: `claude ended ${waysOut(end)} without an answer` };
}

/** A signal may have come at any time: only a program that gave up by itself, before its first event, asked nobody. */
function isBadStart({ report, end }: ClaudeRun): boolean {
  return end.signalName === undefined && (end.exitCode ?? 0) < FIRST_SIGNAL_STATUS && !report.isBegun;
}

/** From there on an exit status names a signal. */
const FIRST_SIGNAL_STATUS = 128;

/** A shell's way to say "not executable" and "not found", as when `#!/usr/bin/env node` finds no node. */
const CANNOT_START: ReadonlySet<number | undefined> = new Set([126, 127]);

function lackOf({ result }: ClaudeReport): string {
  if (result === undefined) return 'claude ended without a result line';
  return result.subtype === 'success' ? 'claude gave an empty answer' : `claude ended with ${quote(result.subtype)}`;
}

/** How a program ended: "with exit status 1", "by SIGKILL". */
export function waysOut(end: Pick<ProcessEnd, 'exitCode' | 'signalName'>): string {
  return end.signalName === undefined ? `with exit status ${end.exitCode ?? 'unknown'}` : `by ${end.signalName}`;
}
