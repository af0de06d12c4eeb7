import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { findAdapter } from '../../src/session/adapters/find-adapter.ts';
import { outlineOf } from '../../src/session/outline.ts';
import { buildSummaryPrompt } from '../../src/session/prompt.ts';
import { buildExcerpt } from '../../src/session/prompt-excerpt.ts';
import { content } from '../../src/session/prompt-text.ts';
import { type Entry, parseTranscriptLine } from '../../src/session/transcript.ts';
import { spokenText } from '../../src/session/user-text.ts';
import { longSession } from '../support/long-session.ts';
import { recovered } from './adapters/story.ts';

const boundary = '0123456789abcdef';
const ROOM = 300_000;
const FIXTURES = fileURLToPath(new URL('../fixtures/claude-transcripts/', import.meta.url));
const RECORDED = readdirSync(FIXTURES).filter((file) => file.endsWith('.jsonl'));

function entriesOf(lines: readonly string[]): readonly Entry[] {
  const parsed = lines.map(parseTranscriptLine).flatMap((line) => (line.kind === 'entry' ? [line.entry] : []));
  return parsed.map((entry, seq) => ({ ...entry, seq }));
}

const excerptOf = (entries: readonly Entry[], maxChars = ROOM) => buildExcerpt(entries, { boundary, maxChars });

const bytes = (text: string) => Buffer.byteLength(text);

describe('a long session', () => {
  const { raw, said } = longSession();
  const entries = entriesOf(raw.split('\n'));
  const outline = outlineOf(entries);

  test('is what a long session is', () => {
    expect(outline).toMatchObject({ userCount: 30, toolCallCount: 600, errorCount: 60 });
    expect(bytes(raw)).toBeGreaterThan(4_000_000);
    expect(longSession().raw).toBe(raw);
  });

  test('is a tenth of itself at most, with every word of the user, every call and the end', () => {
    const { text, kept, total, shortened } = excerptOf(entries);
    expect(bytes(text)).toBeLessThanOrEqual(bytes(raw) / 10);
    expect({ kept, shortened }).toEqual({ kept: total, shortened: 0 });
    for (const words of said) expect(text).toContain(`>${content(words)}</entry-`);
    expect(text.match(/result="error"/g)).toHaveLength(60);
    expect(text.match(/same error as seq/g)).toHaveLength(57);
  });

  test('keeps every word of the user in a third of that room', () => {
    const { text, kept, total } = excerptOf(entries, 100_000);
    expect(kept).toBeLessThan(total);
    for (const words of said) expect(text).toContain(`>${content(words)}</entry-`);
  });

  test('makes a prompt that keeps to its bound and says that it is whole', () => {
    const source = { name: 'long', header: {}, outline, entries, boundary };
    const { prompt, systemPrompt } = buildSummaryPrompt(source);
    expect(prompt.length + systemPrompt.length).toBeLessThanOrEqual(ROOM);
    expect(prompt).toContain('That was the whole session');
  });
});

describe('a recorded session', () => {
  const sessions = RECORDED.map((file) => {
    const source = readFileSync(`${FIXTURES}${file}`, 'utf8');
    const { entries } = recovered(findAdapter('claude-code'), source.split('\n'));
    return { file, source, raw: entries.map((entry) => JSON.stringify(entry)) };
  });

  test.each(sessions)('$file: every turn of the user is in it, whole', ({ raw }) => {
    const entries = entriesOf(raw);
    const { text, kept, total } = excerptOf(entries);
    const said = entries.filter(({ kind }) => kind === 'user').map((entry) => spokenText(entry.text));
    for (const words of said) if (words !== undefined) expect(text).toContain(`>${content(words)}</entry-`);
    expect(kept).toBe(total);
  });

  // Their texts are a few words each, so that our tags weigh more than what is between them.
  test.each(sessions)('$file: is at most a sixth of the agent’s own transcript, not a tenth', ({ source, raw }) => {
    expect(bytes(excerptOf(entriesOf(raw)).text)).toBeLessThanOrEqual(bytes(source) / 6);
  });

  test('all of them: are an eighth of the agent’s own transcripts and under half of what is kept of those', () => {
    const sum = (size: (session: (typeof sessions)[number]) => number) =>
      sessions.reduce((total, session) => total + size(session), 0);
    const excerpts = sum(({ raw }) => bytes(excerptOf(entriesOf(raw)).text));
    expect(excerpts).toBeLessThanOrEqual(sum(({ source }) => bytes(source)) / 8);
    expect(excerpts).toBeLessThanOrEqual(sum(({ raw }) => bytes(raw.join('\n'))) / 2);
  });
});
