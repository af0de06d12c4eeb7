import { describe, expect, test } from 'vitest';
import { outlineOf } from '../../../../src/session/outline.ts';
import { renderSessionMarkdown } from '../../../../src/session/render/markdown/session-markdown.ts';
import type { Entry } from '../../../../src/session/transcript.ts';
import { readSession } from '../../../support/github-markdown.ts';
import { sampleDocument } from '../../../support/sample-document.ts';

const MOST_BYTES = 500 * 1024;
const LONG = 20_000;

/** Requests and answers with calls between them, and outputs of very different length. */
function* longSession(count: number): Generator<Entry> {
  for (let seq = 0; seq < count; seq += 1) {
    if (seq % 500 === 0) yield { seq, kind: 'user', text: `request ${seq}` };
    else if (seq % 50 === 1) yield { seq, kind: 'assistant', text: `answer ${seq}\n\n${'a word '.repeat(seq % 300)}` };
    else if (seq % 2 === 0) yield { seq, kind: 'tool', text: '', toolName: 'Bash', toolInput: '{"command":"make"}' };
    else yield { seq, kind: 'tool_result', text: '', toolOutput: `out ${seq}\n`.repeat(seq % 97 === 0 ? 5000 : 8) };
  }
}

const moment = (seq: number) => ({
  seq,
  role: 'assistant',
  type: 'insight' as const,
  highlight: `moment ${seq}`,
  why: 'It matters.',
});

function render(count: number, entries: Iterable<Entry> = longSession(count)): string {
  const base = sampleDocument();
  const summary = { ...base.summary, aha_moments: [moment(0), moment(9_951), moment(9_952), moment(19_990)] };
  const document = { ...base, summary, outline: outlineOf(longSession(count)) };
  return [...renderSessionMarkdown(document, entries)].join('');
}

describe('session.md of twenty thousand entries', () => {
  const markdown = render(LONG);
  const { entries } = readSession(markdown);
  const anchors = new Set(entries.map(({ anchor }) => anchor));

  test('is short enough for GitHub to show', () => {
    expect(Buffer.byteLength(markdown)).toBeLessThan(MOST_BYTES);
    expect(Buffer.byteLength(markdown)).toBeGreaterThan(MOST_BYTES / 2);
  });

  test('has both ends, every request and every key moment', () => {
    const requests = Array.from({ length: LONG / 500 }, (_, at) => `msg-${at * 500}`);
    expect([...requests, 'msg-1', 'msg-2', 'msg-19999'].filter((anchor) => !anchors.has(anchor))).toEqual([]);
    expect([...markdown.matchAll(/\(#(msg-\d+)\)/g)].map(([, anchor]) => anchor)).toEqual([
      'msg-0',
      'msg-9951',
      'msg-9952',
      'msg-19990',
    ]);
    expect(anchors.has('msg-9951') && anchors.has('msg-9952') && anchors.has('msg-19990')).toBe(true);
    expect(markdown.trimEnd().endsWith('_Session closed: 2026-03-06T10:07:00Z_')).toBe(true);
  });

  test('says of every gap how much is missing', () => {
    const gaps = [...markdown.matchAll(/^> ([\d,]+) (?:entry|entries) left out here/gm)];
    const missing = gaps.reduce((sum, [, count = '']) => sum + Number(count.replaceAll(',', '')), 0);
    expect(gaps.length).toBeGreaterThan(20);
    expect(missing + entries.length).toBe(LONG);
  });
});

test('a session of a thousand entries has them all, its long outputs shortened', () => {
  const markdown = render(1000);
  expect(readSession(markdown).entries).toHaveLength(1000);
  expect(markdown).toMatch(/_[\d,]+ more lines in raw\.jsonl_/);
  expect(markdown).not.toContain('left out here');
});

test('an entry that alone has no room is told by its first words', () => {
  const indented = `first words\n${`${' '.repeat(40)}x\n`.repeat(1500)}`;
  const markdown = render(2, [
    { seq: 0, kind: 'user', text: indented },
    { seq: 1, kind: 'assistant', text: 'done' },
  ]);
  expect(Buffer.byteLength(markdown)).toBeLessThan(MOST_BYTES);
  expect(markdown).toMatch(/> first words x x .*\n\n_The rest is in raw\.jsonl\._/);
  expect(readSession(markdown).entries.map(({ anchor }) => anchor)).toEqual(['msg-0', 'msg-1']);
});

test('no more of a long session is held than its last entries', () => {
  let [taken, given] = [0, 0];
  function* counted(): Generator<Entry> {
    for (const entry of longSession(LONG)) {
      taken += 1;
      yield entry;
    }
  }
  const document = { ...sampleDocument(), outline: outlineOf(longSession(LONG)) };
  for (const chunk of renderSessionMarkdown(document, counted())) {
    given += 1;
    expect(chunk.length).toBeLessThan(100_000);
    if (given === 500) expect(taken).toBe(499);
  }
  expect(taken).toBe(LONG);
});
