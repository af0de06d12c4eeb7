import { ClaudeOutput, type ClaudeReport } from '../../../src/work/claude/output.ts';
import type { ProcessEnd } from '../../../src/work/claude/process.ts';
import { judgeClaudeRun } from '../../../src/work/claude/verdict.ts';
import { RunError, type RunResult } from '../../../src/work/runner.ts';

/** When every run here ended. */
const NOW_MS = Date.parse('2026-03-06T10:00:00Z');

export const EXITED: ProcessEnd = { exitCode: 0, signalName: undefined, stopped: undefined, stderr: '' };

export const DONE = done();

/** A result line; a success that says nothing where nothing else is named. */
export function done(changes: object = {}): object {
  return { type: 'result', subtype: 'success', is_error: false, result: '', ...changes };
}

/** The model's words. */
export function said(text: string, model = 'claude-x'): object {
  return { type: 'assistant', message: { id: 'msg_1', model, content: [{ type: 'text', text }] } };
}

/** The program's words in the model's place. */
export function noticed(text: string): object {
  return said(text, '<synthetic>');
}

export function retried(status: number, error: string): object {
  return { type: 'system', subtype: 'api_retry', attempt: 1, error_status: status, error };
}

export function lines(...values: readonly object[]): Uint8Array {
  return Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(''));
}

export function readReport(chunks: readonly Uint8Array[]): ClaudeReport {
  const output = new ClaudeOutput();
  for (const chunk of chunks) output.push(chunk);
  return output.end();
}

export function judge(stdout: Uint8Array, end: ProcessEnd, nowMs = NOW_MS): RunResult | RunError {
  const report = readReport([stdout]);
  try {
    return judgeClaudeRun({ report, end, durationMs: 1500, timeoutMs: 300_000, nowMs });
  } catch (error) {
    if (error instanceof RunError) return error;
    throw error;
  }
}

export function answerOf(judged: RunResult | RunError): RunResult {
  if (judged instanceof RunError) throw judged;
  return judged;
}

export function failureOf(judged: RunResult | RunError): RunError {
  if (judged instanceof RunError) return judged;
  throw new Error(`an answer came: ${judged.output}`);
}
