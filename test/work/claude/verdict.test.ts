import { describe, expect, test } from 'vitest';
import type { ProcessEnd } from '../../../src/work/claude/process.ts';
import { quote } from '../../../src/work/claude/verdict.ts';
import type { RunFailureKind } from '../../../src/work/runner.ts';
import { DONE, done, EXITED, failureOf, judge, lines, noticed, retried, said } from './judged-run.ts';

const BEGUN = { type: 'system', subtype: 'init' };
const NOTHING_TOLD = { usage: { input_tokens: 0, output_tokens: 0 } };

const failed = (stdout: Uint8Array, end: Partial<ProcessEnd> = {}) => failureOf(judge(stdout, { ...EXITED, ...end }));

test.each<[string, Uint8Array, Partial<ProcessEnd>, RunFailureKind, string]>([
  ['says nothing', lines(), {}, 'malformed', 'claude ended without a result line'],
  ['answers with blanks', lines(said(' \n '), DONE), {}, 'malformed', 'claude gave an empty answer'],
  [
    'gives up before it begins',
    lines(),
    { exitCode: 1, stderr: 'boom' },
    'not_started',
    'claude ended with exit status 1 before it began: boom',
  ],
  [
    'gives up before it begins, and says so in two places',
    Buffer.from('first\n'),
    { exitCode: 1, stderr: 'second' },
    'not_started',
    'claude ended with exit status 1 before it began: first',
  ],
  [
    'ends nobody knows how, before it begins',
    lines(),
    { exitCode: undefined },
    'not_started',
    'claude ended with exit status unknown before it began',
  ],
  [
    'begins and gives up',
    lines(BEGUN),
    { exitCode: 1 },
    'crashed',
    'claude ended with exit status 1 without an answer',
  ],
  [
    'is ended by a signal that its status names',
    lines(),
    { exitCode: 128 },
    'crashed',
    'claude ended with exit status 128 without an answer',
  ],
  [
    'is ended by a signal',
    lines(),
    { exitCode: undefined, signalName: 'SIGKILL' },
    'crashed',
    'claude ended by SIGKILL without an answer',
  ],
  [
    'waits in vain for a service that it asked again',
    lines(retried(418, 'teapot')),
    { exitCode: 143, stopped: 'timed_out' },
    'network',
    'the service did not answer',
  ],
  [
    'waits in vain for an answer',
    lines(BEGUN),
    { exitCode: 143, stopped: 'timed_out' },
    'timed_out',
    'claude gave no answer within 300 s',
  ],
  [
    'repeats the words of the model in its result',
    lines(said('about the rate limit'), done({ subtype: 'error_during_execution', result: 'about the rate limit' })),
    {},
    'malformed',
    'claude ended with error_during_execution',
  ],
  [
    'repeats in its result what may be the words of a model that were lost',
    Buffer.concat([Buffer.from('{"type":"assist\n'), lines(done({ result: 'about the rate limit' }))]),
    {},
    'malformed',
    'claude gave an empty answer',
  ],
])('a claude that %s', (_, stdout, end, kind, message) => {
  expect(failed(stdout, end)).toMatchObject({ kind, message });
});

describe('what a failed run took', () => {
  const nothing = { tokensIn: 0, tokensOut: 0 };

  test('is what it told, where nothing was begun', () => {
    expect(failed(lines(done({ is_error: true, ...NOTHING_TOLD }))).usage).toStrictEqual(nothing);
  });

  test('is unknown but for the model, where an answer was begun and nothing counted', () => {
    expect(failed(lines(said('half'), done({ is_error: true, ...NOTHING_TOLD }))).usage).toStrictEqual({
      model: 'claude-x',
    });
  });

  test.each(['API Error: terminated', 'API Error terminated'])('is unknown where it broke off: %s', (words) => {
    expect(failed(lines(noticed(words), done({ is_error: true, ...NOTHING_TOLD }))).usage).toStrictEqual({});
  });

  test('is what it told, where an answer was begun and counted', () => {
    const usage = { input_tokens: 900, output_tokens: 12 };
    expect(failed(lines(said('half'), done({ is_error: true, usage }))).usage).toStrictEqual({
      ...{ tokensIn: 900, tokensOut: 12, model: 'claude-x' },
    });
  });
});

test.each([
  ['', ''],
  ['\n \r\n', ''],
  ['first\r\nsecond', 'first'],
  ['\n\n  \n  first  \nsecond', 'first'],
  ['\u001b[31mred\u001b[0m \u0007bell\u202e', 'red bell'],
  ['\u001b]0;a title\u0007told', 'told'],
  ['/opt/claude/cli.js:12\n  throw new Error("no")\n  ^\n\nError: no login\n    at cli.js:12', 'Error: no login'],
  [
    "node:internal/modules/cjs/loader:1228\n  throw err;\n\nError: Cannot find module '/x'",
    "Error: Cannot find module '/x'",
  ],
  ['<--- Last few GCs --->\n[1] Mark-sweep\nFATAL ERROR: Reached heap limit', 'FATAL ERROR: Reached heap limit'],
  ['/opt/claude/cli.js:12\nnothing else', '/opt/claude/cli.js:12'],
  ['usage limit reached|1772798400', 'usage limit reached'],
  ['x'.repeat(300), 'x'.repeat(200)],
])('%j is quoted as %j', (text, quoted) => {
  expect(quote(text)).toBe(quoted);
});
