import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { containsWord, readBlocks, readHead, readPlacedLines, readTail, wordsIn } from '../../src/ledger/plain-file.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const BLOCK = 256 * 1024;

function fileOf(content: string | Uint8Array): string {
  const file = path.join(temporaryFolder(), 'a');
  writeFileSync(file, content);
  return file;
}

describe('each line', () => {
  test.each<[string, string, readonly [string, number][]]>([
    ['of nothing', '', []],
    ['of an empty line', '\n', [['', 0]]],
    [
      'of text',
      'a\nbc\n',
      [
        ['a', 0],
        ['bc', 2],
      ],
    ],
    [
      'without a newline at the end',
      'a\nbc',
      [
        ['a', 0],
        ['bc', 2],
      ],
    ],
    [
      'of characters of many bytes',
      'ä🚀\nb\n',
      [
        ['ä🚀', 0],
        ['b', 7],
      ],
    ],
    [
      'with CRLF',
      'a\r\nb\r\n',
      [
        ['a\r', 0],
        ['b\r', 3],
      ],
    ],
    [
      'behind a byte order mark',
      '\ufeffa\nb\n',
      [
        ['a', 0],
        ['b', 5],
      ],
    ],
  ])('tells the byte at which it starts: %s', (_, content, expected) => {
    expect([...readPlacedLines(fileOf(content))]).toEqual(expected.map(([text, offset]) => ({ text, offset })));
  });

  test('starts where the bytes say it, whatever they are', () => {
    const bytes = fc.uint8Array({ maxLength: 60 }).map((drawn) => drawn.map((byte) => (byte % 5 === 0 ? 10 : byte)));
    const file = fileOf('');
    fc.assert(
      fc.property(bytes, fc.nat(70), (content, to) => {
        writeFileSync(file, content);
        const seen = Buffer.from(content.subarray(0, to));
        const lines = [...readPlacedLines(file, to)];
        const texts = lines.map(({ offset }, index) => seen.subarray(offset, lines[index + 1]?.offset ?? seen.length));
        expect(Buffer.concat(texts).equals(seen)).toBe(true);
        expect(lines.slice(1).every(({ offset }) => seen[offset - 1] === 10)).toBe(true);
        expect(lines.filter(({ text }) => text?.includes('\n'))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  test.each<[number, readonly (string | null)[]]>([
    [0, []],
    [1, ['a']],
    [2, ['a']],
    [3, ['a', 'b']],
    [5, ['a', 'bc']],
    [99, ['a', 'bc', 'd']],
  ])('up to byte %i is told, the last one as far as it reaches', (to, texts) => {
    expect([...readPlacedLines(fileOf('a\nbc\nd'), to)].map(({ text }) => text)).toEqual(texts);
  });

  test('is told what it was when the reading began, though the file grows', () => {
    const file = fileOf('a\nb\n');
    const texts: (string | null)[] = [];
    for (const { text } of readPlacedLines(file, 4)) {
      texts.push(text);
      appendFileSync(file, 'more\n');
    }
    expect(texts).toEqual(['a', 'b']);
  });

  test('behind one that is too long for a string has its place', () => {
    const file = fileOf('');
    truncateSync(file, 256 * 1024 * 1024 + 1);
    appendFileSync(file, '\nb\n');
    expect([...readPlacedLines(file)]).toEqual([
      { text: null, offset: 0 },
      { text: 'b', offset: 256 * 1024 * 1024 + 2 },
    ]);
  });
});

describe('the bytes of a file', () => {
  const content = Buffer.from(Array.from({ length: BLOCK * 2 + 77 }, (_, index) => index % 251));

  test.each<[number, number]>([
    [0, Number.POSITIVE_INFINITY],
    [0, BLOCK],
    [1, BLOCK + 1],
    [BLOCK - 1, BLOCK + 1],
    [BLOCK * 2, BLOCK * 9],
    [5, 5],
    [9, 3],
    [BLOCK * 9, BLOCK * 10],
  ])('from %i to %i', (from, to) => {
    const blocks = [...readBlocks(fileOf(content), from, to)].map((block) => block.length);
    const expected = content.subarray(from, Math.max(from, to));
    expect(blocks.reduce((sum, length) => sum + length, 0)).toBe(expected.length);
    let position = from;
    for (const block of readBlocks(fileOf(content), from, to)) {
      expect(block.equals(content.subarray(position, position + block.length))).toBe(true);
      position += block.length;
    }
  });

  test.each<[number, string, string]>([
    [0, '', ''],
    [3, 'abc', 'fgh'],
    [99, 'abcdefgh', 'abcdefgh'],
  ])('%i at its start are %j, at its end %j', (count, head, tail) => {
    const file = fileOf('abcdefgh');
    expect([readHead(file, count).toString(), readTail(file, count).toString()]).toEqual([head, tail]);
  });
});

describe('a word', () => {
  const word = 'Ox7f3a';

  test.each<[string, string, boolean]>([
    ['in nothing', '', false],
    ['that is the whole file', word, true],
    ['at the start', `${word} and more`, true],
    ['at the end', `more and ${word}`, true],
    ['that lacks a letter', 'Ox7f3', false],
    ['in other letters', 'OX7F3A', false],
    ['behind a beginning of itself', 'Ox7fOx7f3a', true],
  ])('%s', (_, content, isThere) => {
    expect(containsWord(fileOf(content), word)).toBe(isThere);
  });

  test.each(Array.from({ length: word.length + 1 }, (_, index) => index))(
    'is found with %i of its letters before the border of two blocks',
    (before) => {
      for (const border of [BLOCK, BLOCK * 2]) {
        const content = `${'x'.repeat(border - before)}${word}${'x'.repeat(100)}`;
        expect(containsWord(fileOf(content), word)).toBe(true);
      }
    },
  );

  test('is not made of the end of one block and a later part of the next one', () => {
    expect(containsWord(fileOf(`${'x'.repeat(BLOCK - 3)}Ox7-f3a`), word)).toBe(false);
    expect(containsWord(fileOf(`${'x'.repeat(BLOCK - 3)}Ox7${'x'.repeat(BLOCK)}f3a`), word)).toBe(false);
  });
});

describe('what is no plain file is not read', () => {
  test.each<[string, (folder: string) => string]>([
    ['a folder', (folder) => folder],
    ['a link', (folder) => linkIn(folder)],
    ['a pipe', (folder) => pipeIn(folder)],
    ['a device', () => '/dev/zero'],
    ['nothing', (folder) => path.join(folder, 'nothing')],
    ['no path', () => 'a\u0000b'],
  ])('%s', (_, make) => {
    const file = make(temporaryFolder());
    const refusal = expect.objectContaining({ code: 'UNREADABLE', message: expect.stringContaining(file) });
    expect(() => readHead(file, 1)).toThrow(refusal);
    expect(() => readTail(file, 1)).toThrow(refusal);
    expect(() => [...readPlacedLines(file)]).toThrow(refusal);
    expect(() => containsWord(file, 'x')).toThrow(refusal);
  });
});

function linkIn(folder: string): string {
  mkdirSync(path.join(folder, 'real'));
  writeFileSync(path.join(folder, 'real', 'a'), 'x');
  symlinkSync(path.join(folder, 'real', 'a'), path.join(folder, 'link'));
  return path.join(folder, 'link');
}

function pipeIn(folder: string): string {
  execFileSync('mkfifo', [path.join(folder, 'pipe')]);
  return path.join(folder, 'pipe');
}

describe('words of a kind', () => {
  const PATTERN = /(?=(Ox[A-Za-z0-9]{4}))/g;

  test.each<[string, string, readonly string[]]>([
    ['none', 'Ox12 ox1234 0x1234', []],
    ['several, each once', 'Ox1234 "Oxab12" Ox1234', ['Ox1234', 'Oxab12']],
    ['one within another', 'OxOx1234', ['OxOx12', 'Ox1234']],
    ['one across the border of two blocks', `${'.'.repeat(BLOCK - 3)}Ox1234`, ['Ox1234']],
    ['one at the very end of a block', `${'.'.repeat(BLOCK - 6)}Ox1234.`, ['Ox1234']],
  ])('are %s', (_, text, words) => {
    expect([...wordsIn(fileOf(text), PATTERN, 6)]).toEqual(words);
  });
});
