import { expect, test } from 'vitest';
import { HOUR_MS, SECOND_MS } from '../../../../src/clock.ts';
import { outlineOf } from '../../../../src/session/outline.ts';
import { markupText } from '../../../../src/session/render/markup.ts';
import { renderActivityStrip } from '../../../../src/session/render/session-page/activity-strip.ts';
import type { Entry } from '../../../../src/session/transcript.ts';
import {
  assistant,
  numberEntries,
  sampleDocument,
  sampleEntries,
  toolCall,
  toolError,
  user,
} from '../../../support/sample-document.ts';

function strip(entries: readonly Entry[]): string {
  const markup = renderActivityStrip(sampleDocument({ outline: outlineOf(entries) }));
  return markup === undefined ? '' : markupText(markup as Parameters<typeof markupText>[0]);
}

/** The numbers that an attribute has, in order. */
const numbers = (text: string, pattern: RegExp): readonly number[] =>
  [...text.matchAll(pattern)].map(([, n]) => Number(n));

test('shows each kind of work, where the user spoke and where it went wrong', () => {
  const shown = strip(sampleEntries());
  const bars = [...shown.matchAll(/<path class="of-(\w+)" d="([^"]+)"/g)].map(([, kind, path]) => [
    kind,
    path?.match(/M/g)?.length,
  ]);
  expect(bars).toEqual([
    ['assistant', 4],
    ['read', 3],
    ['run', 2],
    ['edit', 3],
  ]);
  expect(shown.match(/<rect class="of-\w+"/g)).toEqual([
    '<rect class="of-user"',
    '<rect class="of-user"',
    '<rect class="of-error"',
  ]);
  expect(shown).toContain('aria-label="Activity: 23 entries over 7 min, 1 error"');
  expect(shown.match(/<span class="key of-\w+">[^<]+/g)).toEqual([
    '<span class="key of-user">2 requests',
    '<span class="key of-assistant">4 answers',
    '<span class="key of-read">3 reads',
    '<span class="key of-run">2 runs',
    '<span class="key of-edit">3 edits',
    '<span class="key of-error">1 error',
  ]);
});

test('leads from each of its columns to the first entry in it', () => {
  const shown = strip(sampleEntries());
  expect(numbers(shown, /href="#entry-(\d+)"/g)).toEqual([1, 2, 3, 5, 7, 9, 10, 11, 13, 15, 16, 17, 18, 20, 22]);
  expect(shown).toContain('<a href="#entry-10" tabindex="-1"><title>1 request</title>');
});

test('stays within its width and its height, whatever the session', () => {
  const kinds = [user('go on'), assistant('done'), toolCall('a', 'Bash', {}), toolError('a', 'no')];
  const entries = Array.from({ length: 5000 }, (_, seq) => ({
    ...(kinds[(seq * 7) % 4] as Entry),
    seq,
    atMs: seq * SECOND_MS + Math.floor(seq / 300) * 5 * HOUR_MS,
  }));
  const shown = strip(entries);
  const [starts, widths] = [numbers(shown, / x="([\d.]+)%"/g), numbers(shown, / width="([\d.]+)%"/g)];
  expect(Math.max(...starts, ...widths)).toBeLessThanOrEqual(100);
  expect(Math.min(...numbers(shown, /M\S+ ([\d.-]+)h/g))).toBeGreaterThanOrEqual(14);
  expect(Math.max(...numbers(shown, /M([\d.]+) /g))).toBeLessThan(1000);
  expect(numbers(shown, /href="#entry-(\d+)"/g).length).toBeLessThanOrEqual(160 + 16);
  expect(shown.match(/class="pause"/g)).toHaveLength(16);
  expect(shown).toContain('<title>Pause of 5 h</title>');
  expect(shown.length).toBeLessThan(80_000);
});

test('numbers the chapters that it has room for, and leads to all of them', () => {
  const turns = Array.from({ length: 100 }, () => [user('go on'), assistant('done')]).flat();
  const shown = strip(numberEntries(turns));
  expect(shown.match(/href="#chapter-\d+"/g)).toHaveLength(100);
  expect(numbers(shown, / dx="4" y="96">(\d+)</g).length).toBeLessThan(30);
});

test('of a recording without times tells no time', () => {
  const entries = sampleEntries().map(({ atMs: _at, ...entry }) => entry);
  expect(strip(entries)).not.toContain('class="ends"');
  expect(strip(sampleEntries())).toContain('<span>2026-03-06 10:00 UTC</span><span>2026-03-06 10:07 UTC</span>');
});

test('of nothing is nothing', () => {
  expect(strip([])).toBe('');
});

test('among more pauses than can be told no two columns lie upon each other', () => {
  const entries = Array.from({ length: 120 }, (_, seq) => ({
    ...(assistant('done') as Entry),
    seq,
    atMs: Math.floor(seq / 2) * 24 * HOUR_MS + (seq % 2) * 300 * SECOND_MS,
  }));
  const shown = strip(entries);
  const bars = [...shown.matchAll(/M([\d.]+) [\d.]+h([\d.]+)v/g)].map(
    ([, x, width]) => [Number(x), Number(width)] as const,
  );
  const sorted = bars.toSorted(([a], [b]) => a - b);
  expect(sorted.length).toBeGreaterThan(20);
  expect(sorted.filter(([x, width], index) => x + width > (sorted[index + 1]?.[0] ?? 1000) + 0.2)).toEqual([]);
});
