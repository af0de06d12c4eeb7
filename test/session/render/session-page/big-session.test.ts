import { expect, test } from 'vitest';
import { buildOfflineSummary } from '../../../../src/session/offline-summary.ts';
import { outlineOf } from '../../../../src/session/outline.ts';
import { renderSessionMarkdown } from '../../../../src/session/render/markdown/session-markdown.ts';
import { renderSessionHtml } from '../../../../src/session/render/session-page/session-page.ts';
import { type Entry, parseTranscriptLine } from '../../../../src/session/transcript.ts';
import { bigSessionLines } from '../../../support/big-session.ts';

const MEGABYTE = 1_000_000;

/** Made anew each time that it is read, as a file would be. */
function bigSession(entryCount: number): Iterable<Entry> {
  return {
    *[Symbol.iterator]() {
      let seq = 0;
      for (const line of bigSessionLines(entryCount)) {
        const parsed = parseTranscriptLine(line);
        if (parsed.kind === 'entry') yield { seq: seq++, ...parsed.entry };
      }
    },
  };
}

function documentOf(entries: Iterable<Entry>) {
  const outline = outlineOf(entries);
  const header = { username: 'mia', agentType: 'claude-code' };
  return {
    name: 'big',
    header,
    summary: buildOfflineSummary(outline, header),
    outline,
    malformedLines: [],
    redactions: 0,
  };
}

const bytes = (chunks: readonly string[]): number => chunks.reduce((sum, chunk) => sum + Buffer.byteLength(chunk), 0);

test('the page of a session of 2,000 entries and 6 MB is below 2 MB, and has every entry in it', () => {
  const session = bigSession(2000);
  const chunks = [...renderSessionHtml(documentOf(session), session)];
  expect(bytes(chunks)).toBeLessThan(2 * MEGABYTE);
  expect(new Set(chunks.join('').match(/ id="entry-\d+"/g)).size).toBe(2000);
});

test('of 20,000 entries and 60 MB both artifacts are bounded, hold all that the user said, and name what is left out', () => {
  const session = bigSession(20_000);
  const document = documentOf(session);
  const chunks = [...renderSessionHtml(document, session)];
  const page = chunks.join('');
  expect(bytes(chunks)).toBeLessThan(15 * MEGABYTE);
  expect(bytes([...renderSessionMarkdown(document, session)])).toBeLessThan(8 * MEGABYTE);
  const said = [...session].filter(({ kind }) => kind === 'user');
  expect(said.length).toBeGreaterThan(500);
  expect(said.filter(({ text }) => !page.includes(text))).toEqual([]);
  expect(page.match(/… [\d,]+ more lines? in raw\.jsonl/g)?.length).toBeGreaterThan(5000);
});

test('entries stream through: few of them are ahead of what is written, and chunks are small', () => {
  const session = bigSession(5000);
  let read = 0;
  function* counted(): Generator<Entry> {
    for (const entry of session) {
      read += 1;
      yield entry;
    }
  }
  let [written, ahead, longest] = [0, 0, 0];
  for (const chunk of renderSessionHtml(documentOf(session), counted())) {
    written += chunk.match(/ id="entry-\d+"/g)?.length ?? 0;
    ahead = Math.max(ahead, read - written);
    longest = Math.max(longest, chunk.length);
  }
  expect(written).toBe(5000);
  expect(ahead).toBeLessThan(10);
  expect(longest).toBeLessThan(200_000);
});
