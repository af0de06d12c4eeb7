import { expect, test } from 'vitest';
import { LineSplitter } from '../../../src/work/claude/line-splitter.ts';

const MAX_BYTES = 4;

function split(...chunks: readonly string[]) {
  const lines: string[] = [];
  const splitter = new LineSplitter(MAX_BYTES, (line) => lines.push(line));
  for (const chunk of chunks) splitter.push(Buffer.from(chunk));
  splitter.end();
  return { lines, dropped: splitter.dropped };
}

test.each<[string, readonly string[], readonly string[], number]>([
  ['nothing is no line', [], [], 0],
  ['nothing behind the last newline is no line', ['a\n'], ['a'], 0],
  ['an empty line is one', ['a\n\nb\n'], ['a', '', 'b'], 0],
  ['the last line may lack its newline', ['a\nb'], ['a', 'b'], 0],
  ['a line may come in pieces', ['a', 'b\nc', '\n'], ['ab', 'c'], 0],
  ['a line may be as long as is kept', ['1234\n'], ['1234'], 0],
  ['a longer one is dropped, and the next is read', ['12345\na\n'], ['a'], 1],
  ['so is one that is too long with its last piece', ['12', '34', '5', '6\na\n'], ['a'], 1],
  ['so is the last one, which lacks its newline', ['a\n12345'], ['a'], 1],
])('%s', (_, chunks, lines, dropped) => {
  expect(split(...chunks)).toEqual({ lines, dropped });
});

test('a character may be cut between two pieces', () => {
  const lines: string[] = [];
  const splitter = new LineSplitter(MAX_BYTES, (line) => lines.push(line));
  for (const byte of Buffer.from('🎉')) splitter.push(Uint8Array.of(byte));
  splitter.end();
  expect(lines).toEqual(['🎉']);
});
