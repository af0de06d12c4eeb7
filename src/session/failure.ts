import { shortLine } from './plain-text.ts';
import type { Entry } from './transcript.ts';

const BEGINNING = 200;
const FAILURE = /^\s*(?:<tool_use_error>|(?:Error: )?Exit code [1-9])/;

/** What Codex writes around the output of a command. */
const FRAME =
  /^(?:Chunk ID|Wall time|Exit code|Process exited with code|Original token count|Total output lines|Output)\b/;

/** Lines of an error that are shown: what went wrong stands at its beginning, how much of it at its end. */
const HEAD_LINES = 3;
const TAIL_LINES = 5;
const LINE_MAX = 160;
/** So much of either end of an output is looked at, whatever its size. */
const LOOKED_AT = 2000;
const LINES_LEFT_OUT = '[...]';

/** Did the call end badly? Older recorders did not say so, except in the words of the result. */
export function isFailure(entry: Entry): boolean {
  if (entry.kind !== 'tool' && entry.kind !== 'tool_result') return false;
  return entry.isError ?? FAILURE.test(entry.toolOutput?.slice(0, BEGINNING) ?? '');
}

/** The first line that says something: `Exit code 1` alone does not. */
export function errorLine(entry: Entry): string {
  const lines = linesOf(outputOf(entry).slice(0, LOOKED_AT));
  return lines.find((line) => !isFrame(line)) ?? lines[0] ?? '';
}

/** The first and last lines of an error of any size, each bounded, without what a harness puts before it. */
export function errorEnds(entry: Entry): string {
  const output = outputOf(entry);
  const isShort = output.length <= 2 * LOOKED_AT;
  const head = withoutFrame(linesOf(isShort ? output : output.slice(0, LOOKED_AT)));
  const tail = isShort ? head : linesOf(output.slice(-LOOKED_AT));
  const isWhole = isShort && head.length <= HEAD_LINES + TAIL_LINES;
  const lines = isWhole ? head : [...head.slice(0, HEAD_LINES), LINES_LEFT_OUT, ...tail.slice(-TAIL_LINES)];
  return lines.map((line) => shortLine(line, LINE_MAX)).join('\n');
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
  return words.split('\n').filter((line) => line.trim() !== '');
}
