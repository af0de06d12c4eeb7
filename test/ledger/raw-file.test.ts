import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readHead, readLines } from '../../src/ledger/plain-file.ts';
import { type RawFacts, readDigest, readEntries, readRawFacts } from '../../src/ledger/raw-file.ts';
import type { Entry } from '../../src/session/transcript.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const HEADER = '{"metadata":{"agent_id":"Ox7f3a"},"type":"header"}';
const FOOTER = '{"closed_at":"2026-03-06T11:00:00Z","entry_count":2,"type":"footer"}';
const entry = (content: string) => JSON.stringify({ type: 'user', content });

function fileOf(content: string | Uint8Array): string {
  const file = path.join(temporaryFolder(), 'raw.jsonl');
  writeFileSync(file, content);
  return file;
}

function read(content: string | Uint8Array): { entries: Entry[]; facts: RawFacts } {
  const source = readEntries(fileOf(content));
  const entries: Entry[] = [];
  for (;;) {
    const step = source.next();
    if (step.done) return { entries, facts: step.value };
    entries.push(step.value);
  }
}

const texts = (entries: readonly Entry[]) => entries.map(({ text }) => text);

describe('the lines of a file', () => {
  test.each<[string, string, readonly string[]]>([
    ['of nothing', '', []],
    ['with a newline at the end', 'a\nb\n', ['a', 'b']],
    ['without a newline at the end', 'a\nb', ['a', 'b']],
    ['with blank lines', '\n\na\n\n', ['', '', 'a', '']],
    ['with CRLF', 'a\r\nb\r\n', ['a\r', 'b\r']],
    ['with a byte order mark', '\ufeffa\n\ufeffb\n', ['a', '\ufeffb']],
    ['of nothing but a byte order mark', '\ufeff', ['']],
  ])('%s', (_, content, lines) => {
    expect([...readLines(fileOf(content))]).toEqual(lines);
  });

  test('come whole, however many blocks they reach over', () => {
    const long = 'x'.repeat(3_000_000);
    const lines = ['short', long, '', `${long}y`, 'end'];
    expect([...readLines(fileOf(lines.join('\n')))]).toEqual(lines);
  });

  test('keep their characters where a block ends within one', () => {
    for (const offset of [0, 1, 2, 3]) {
      const line = `${'a'.repeat(offset)}${'\u{1f680}日ü'.repeat(60_000)}`;
      expect([...readLines(fileOf(`${line}\n${line}`))]).toEqual([line, line]);
    }
  });

  test('end where a block ends', () => {
    const block = 'z'.repeat(256 * 1024 - 1);
    expect([...readLines(fileOf(`${block}\n${block}\nlast`))]).toEqual([block, block, 'last']);
  });

  test('that are too long for one string come as null, and the rest is read', () => {
    const file = fileOf('first\n');
    truncateSync(file, 6 + 257 * 1024 * 1024);
    execFileSync('sh', ['-c', 'printf "\\nlast\\n" >> "$1"', 'sh', file]);
    expect([...readLines(file)].map((line) => line?.slice(0, 10) ?? null)).toEqual(['first', null, 'last']);
  });

  test('may be left unread', () => {
    for (const line of readLines(fileOf('a\nb\nc\n'))) {
      expect(line).toBe('a');
      break;
    }
  });
});

describe('a transcript', () => {
  test('is read from header to footer', () => {
    const { entries, facts } = read(`${HEADER}\n${entry('one')}\n${entry('two')}\n${FOOTER}\n`);
    expect(entries).toEqual([
      { seq: 0, kind: 'user', text: 'one' },
      { seq: 1, kind: 'user', text: 'two' },
    ]);
    expect(facts).toEqual({
      header: { agentId: 'Ox7f3a' },
      footer: { closedAtMs: Date.UTC(2026, 2, 6, 11), entryCount: 2 },
      entryCount: 2,
      malformedLines: [],
      malformedCount: 0,
    });
  });

  test('of nothing has no entry', () => {
    const nothing = { header: {}, footer: {}, entryCount: 0, malformedLines: [], malformedCount: 0 };
    expect(read('')).toEqual({ entries: [], facts: nothing });
    expect(read('\n \n\r\n')).toEqual({ entries: [], facts: nothing });
  });

  test.each<[string, string]>([
    ['CRLF', `${HEADER}\r\n${entry('one')}\r\n${entry('two')}\r\n`],
    ['a byte order mark', `\ufeff${HEADER}\n${entry('one')}\n${entry('two')}\n`],
    ['blank lines in front', `\n\n${HEADER}\n${entry('one')}\n\n${entry('two')}\n`],
    ['no newline at the end', `${HEADER}\n${entry('one')}\n${entry('two')}`],
  ])('with %s is read like any other', (_, content) => {
    const { entries, facts } = read(content);
    expect(texts(entries)).toEqual(['one', 'two']);
    expect(facts).toMatchObject({ header: { agentId: 'Ox7f3a' }, malformedCount: 0 });
  });

  test('that was cut off in its last line keeps the rest, and names the line', () => {
    const { entries, facts } = read(`${HEADER}\n${entry('one')}\n\n${entry('two').slice(0, -4)}`);
    expect(texts(entries)).toEqual(['one']);
    expect(facts).toMatchObject({ malformedLines: [4], malformedCount: 1, entryCount: 1 });
  });

  test('numbers its entries, not its lines', () => {
    const { entries, facts } = read(`${HEADER}\nnoise\n${entry('one')}\n{}\n${FOOTER}\n${entry('two')}\n`);
    expect(entries.map(({ seq, text }) => [seq, text])).toEqual([
      [0, 'one'],
      [1, 'two'],
    ]);
    expect(facts.malformedLines).toEqual([2, 4]);
  });

  test('takes its header from the first line alone: no later text can forge one', () => {
    const forged = '{"metadata":{"agent_id":"Evil","repo_id":"theirs"},"type":"header"}';
    const meta = '{"_meta":{"agent_id":"Evil"}}';
    expect(read(`${HEADER}\n${forged}\n${meta}\n${entry('x')}`).facts).toMatchObject({
      header: { agentId: 'Ox7f3a' },
      malformedCount: 0,
      entryCount: 1,
    });
    expect(read(`${entry('x')}\n${forged}`).facts.header).toEqual({});
    expect(read(`torn\n${forged}`).facts.header).toEqual({});
    expect(read(`${FOOTER}\n${forged}`).facts.header).toEqual({});
  });

  test('joins what its footers say; the last word counts', () => {
    const stamp = '{"type":"footer","stopped_at":"2026-03-06T12:00:00Z","entry_count":9}';
    expect(read(`${FOOTER}\n${entry('x')}\n${stamp}\n`).facts.footer).toEqual({
      closedAtMs: Date.UTC(2026, 2, 6, 11),
      stoppedAtMs: Date.UTC(2026, 2, 6, 12),
      entryCount: 9,
    });
  });

  test('that is nothing but noise says how much of it, and the first thousand lines of it', () => {
    const { entries, facts } = read('noise\n'.repeat(1500));
    expect(entries).toEqual([]);
    expect(facts.malformedCount).toBe(1500);
    expect(facts.malformedLines).toHaveLength(1000);
    expect(facts.malformedLines.at(-1)).toBe(1000);
  });

  test('that is no text at all is noise', () => {
    const bytes = new Uint8Array(600_000).map((_, index) => (index * 7919) % 256);
    const { entries, facts } = read(bytes);
    expect(entries).toEqual([]);
    expect(facts.malformedCount).toBeGreaterThan(0);
  });

  test('with one entry of many megabytes is read', () => {
    const content = '日'.repeat(4_000_000);
    const { entries } = read(`${entry('before')}\n${entry(content)}\n${entry('after')}`);
    expect(entries.map(({ text }) => text.length)).toEqual([6, 4_000_000, 5]);
    expect(entries[1]?.text).toBe(content);
  });

  test('tells without its entries what it tells with them', () => {
    const content = `${HEADER}\n${entry('one')}\nnoise\n${FOOTER}`;
    expect(readRawFacts(fileOf(content))).toEqual(read(content).facts);
  });
});

describe('what is no plain file', () => {
  const cases: readonly (readonly [string, (file: string) => void])[] = [
    ['a pipe', (file) => execFileSync('mkfifo', [file])],
    ['a folder', (file) => mkdirSync(file)],
    ['a link to a file', (file) => symlinkSync(fileOf(entry('secret')), file)],
    ['a link to nowhere', (file) => symlinkSync('/nowhere', file)],
    ['a link to a device', (file) => symlinkSync('/dev/zero', file)],
    ['not there', () => {}],
  ];

  test.each(cases)('because it is %s is refused at once, and named', (_, make) => {
    const file = path.join(temporaryFolder(), 'raw.jsonl');
    make(file);
    const refusal = expect.objectContaining({ code: 'UNREADABLE', message: expect.stringContaining(file) });
    expect(() => [...readLines(file)]).toThrow(refusal);
    expect(() => readRawFacts(file)).toThrow(refusal);
    expect(() => readDigest(file, 0)).toThrow(refusal);
    expect(() => readHead(file, 10)).toThrow(refusal);
  });
});

test.each([[''], ['a'], [`${'x'.repeat(700_000)}\r\n\ufeff`]])('the digest is that of the bytes', (content) => {
  const bytes = Buffer.from(content);
  expect(readDigest(fileOf(content), 3)).toEqual({
    sha256: createHash('sha256').update(bytes).digest('hex'),
    bytes: bytes.length,
    entries: 3,
  });
});

test.each([
  ['abcdef', 3, 'abc'],
  ['ab', 3, 'ab'],
  ['', 3, ''],
  ['abc', 0, ''],
])('of a file with %j the first %i bytes are %j', (content, maxBytes, expected) => {
  expect(readHead(fileOf(content), maxBytes).toString()).toBe(expected);
});
