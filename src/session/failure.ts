import { shortLine, stripAnsi } from './plain-text.ts';
import type { Entry } from './transcript.ts';

const BEGINNING = 200;
const FAILURE = /^\s*(?:<tool_use_error>|(?:Error: )?Exit code [1-9])/;

/** What Codex writes around the output of a command. */
const FRAME =
  /^(?:Chunk ID|Wall time|Exit code|Process exited with code|Original token count|Total output lines|Output)\b/;

/** What of an error is shown: what went wrong stands at its beginning, how much of it at its end. */
const HEAD = { lines: 3, chars: 150 };
const TAIL = { lines: 5, chars: 230 };
/** So much of either end of an output is looked at, whatever its size. */
const LOOKED_AT = 2000;
const LINES_LEFT_OUT = '[...]';

/** Did the call end badly? Older recorders did not say so, except in the words of the result. */
export function isFailure(entry: Entry): boolean {
  if (entry.kind !== 'tool' && entry.kind !== 'tool_result') return false;
  return entry.isError ?? FAILURE.test(entry.toolOutput?.slice(0, BEGINNING) ?? '');
}

/**
 * The line that says what went wrong: the first that looks like it, at the beginning or the end of the output; else the
 * first that says something, which `Exit code 1` alone does not, nor what a test runner says of a test that passed.
 */
export function errorLine(entry: Entry): string {
  const output = outputOf(entry);
  const lines = linesOf(stripAnsi(output.slice(0, LOOKED_AT)));
  const end = output.length > LOOKED_AT ? output.slice(Math.max(LOOKED_AT, output.length - LOOKED_AT)) : '';
  const said = [...lines, ...linesOf(stripAnsi(end))].filter((line) => !isFrame(line) && !PASSED.test(line));
  const trouble = said.filter((line) => TROUBLE.test(line));
  const best = trouble.find((line) => !HARDLY.test(line)) ?? trouble[0] ?? said[0];
  return best ?? lines.find((line) => !isFrame(line)) ?? lines[0] ?? '';
}

/** How compilers, shells and test runners begin or end the line that tells of a failure. */
const TROUBLE = new RegExp(
  [
    /^\s*(?:[✗✘×✖❌]|FAIL(?:ED)?\b|--- FAIL|not ok\b|E {2,}|\[?ERROR\b|e: |fatal:|panic:|Traceback\b)/,
    /^\s*(?:[\w.$]{0,80}(?:Error|Exception)|Failure\/Error)(?::|$)/,
    /(?:^\s*|[-:] )(?:fatal )?error(?:\[\w{1,20}\]| [A-Z]{1,4}\d{1,6})?:/,
    /\bpanicked at\b|\.\.\. FAILED\b|^\S{1,80}: \*\*\* |^\S{1,200}:\d{1,7}:\d{1,5}: /,
    /: (?:command )?not found$|: No such file or directory$|Permission denied\)?\.?$/,
  ]
    .map(({ source }) => source)
    .join('|'),
);
/** Says that something failed, and not what. */
const HARDLY =
  /^\s*(?:FAIL(?:ED)?|Traceback \(most recent call last\):|error: test failed\b.*|FAIL\s+\S+\s+[\d.]+m?s)\s*$/;
const PASSED = /^\s*(?:[✓✔√]|PASS(?:ED)?\b|ok \d|--- PASS)/;

/** The first and last lines of an error of any size, without what a harness puts before it. */
export function errorEnds(entry: Entry): string {
  const output = outputOf(entry);
  const isShort = output.length <= 2 * LOOKED_AT;
  const all = withoutFrame(linesOf(isShort ? output : output.slice(0, LOOKED_AT)));
  const head = fitting(all, HEAD);
  const rest = isShort ? all.slice(head.length) : linesOf(output.slice(-LOOKED_AT));
  const tail = fitting([...rest].reverse(), TAIL).reverse();
  const isWhole = isShort && head.length + tail.length === all.length;
  return [...head, ...(isWhole ? [] : [LINES_LEFT_OUT]), ...tail].join('\n');
}

/** As many lines as fit, the first in any case. */
function fitting(lines: readonly string[], { lines: maxLines, chars }: typeof HEAD): string[] {
  const kept: string[] = [];
  let room = chars;
  for (const line of lines.slice(0, maxLines)) {
    const short = shortLine(line, chars);
    if (kept.length > 0 && short.length > room) break;
    kept.push(short);
    room -= short.length + 1;
  }
  return kept;
}

const outputOf = ({ toolOutput, text }: Entry): string => toolOutput ?? text;

const isFrame = (line: string): boolean => FAILURE.test(line) || FRAME.test(line);

function withoutFrame(lines: readonly string[]): readonly string[] {
  return lines.slice(
    Math.max(
      0,
      lines.findIndex((line) => !isFrame(line)),
    ),
  );
}

function linesOf(output: string): readonly string[] {
  const words = output.replace(/<\/?tool_use_error>/g, '');
  return words.split(/\r?\n/).filter((line) => line.trim() !== '');
}
