import { describe, expect, test } from 'vitest';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/clock.ts';
import type { Activity, ActivitySlice } from '../../src/session/activity.ts';
import { outlineOf } from '../../src/session/outline.ts';
import type { Entry } from '../../src/session/transcript.ts';
import { assistant, call, result, session, user } from './entries.ts';

const activityOf = (entries: Iterable<Entry>): Activity => outlineOf(entries).activity;

/** What was said at these times, in milliseconds. */
const saidAt = (...times: readonly (number | undefined)[]): readonly Entry[] =>
  times.map((atMs, seq) => ({ kind: 'assistant', text: 'word', seq, ...(atMs !== undefined && { atMs }) }));

const total = (slices: readonly ActivitySlice[], kind: keyof ActivitySlice['counts']): number =>
  slices.reduce((sum, { counts }) => sum + (counts[kind] ?? 0), 0);

describe('the activity of a session', () => {
  test('tells what happened when', () => {
    const entries = session(
      user('Fix the login'),
      assistant('I look'),
      call('Read', { file_path: 'a.ts' }, 'c1'),
      result('text', 'c1'),
      call('Edit', { file_path: 'a.ts', old_string: 'a', new_string: 'b' }, 'c2'),
      call('Bash', { command: 'npm test' }, 'c3'),
      result('Exit code 1\nno', 'c3', true),
      call('Task', { prompt: 'x' }, 'c4'),
    );
    expect(activityOf(entries)).toEqual({
      unit: 'ms',
      length: 7 * SECOND_MS,
      sliceLength: 250,
      slices: [
        { index: 0, pauses: 0, seq: 0, counts: { user: 1 } },
        { index: 4, pauses: 0, seq: 1, counts: { assistant: 1 } },
        { index: 8, pauses: 0, seq: 2, counts: { read: 1 } },
        { index: 12, pauses: 0, seq: 3, counts: {} },
        { index: 16, pauses: 0, seq: 4, counts: { edit: 1 } },
        { index: 20, pauses: 0, seq: 5, counts: { run: 1 } },
        { index: 24, pauses: 0, seq: 6, counts: { error: 1 } },
        { index: 28, pauses: 0, seq: 7, counts: { other: 1 } },
      ],
      pauses: [],
    });
  });

  test('names a long pause and takes no room for it', () => {
    const { length, pauses } = activityOf(saidAt(0, MINUTE_MS, 3 * HOUR_MS, 3 * HOUR_MS + MINUTE_MS));
    expect(length).toBe(2 * MINUTE_MS);
    expect(pauses).toEqual([{ number: 1, at: MINUTE_MS, ms: 3 * HOUR_MS - MINUTE_MS }]);
  });

  test('divides a slice in which there was a pause', () => {
    const { slices } = activityOf(saidAt(0, MINUTE_MS, 3 * HOUR_MS, 3 * HOUR_MS + MINUTE_MS));
    expect(slices.map(({ index, pauses, seq }) => [index, pauses, seq])).toEqual([
      [0, 0, 0],
      [240, 0, 1],
      [240, 1, 2],
      [480, 1, 3],
    ]);
  });

  test('of many pauses keeps the longest', () => {
    const times = Array.from({ length: 100 }, (_, index) => index * HOUR_MS);
    const { pauses } = activityOf(saidAt(...times, 200 * HOUR_MS, 200 * HOUR_MS + MINUTE_MS));
    expect(pauses).toHaveLength(40);
    expect(pauses.at(-1)).toEqual({ number: 100, at: 0, ms: 101 * HOUR_MS });
  });

  test.each([
    ['no times', [undefined, undefined, undefined]],
    ['one time', [0, undefined, undefined]],
    ['one and the same time', [5, 5, 5]],
    ['less than five seconds', [0, 1000, 4999]],
  ])('counts entries where there are %s', (_name, times) => {
    const { unit, length, slices } = activityOf(saidAt(...times));
    expect({ unit, length, seqs: slices.map(({ seq }) => seq) }).toEqual({
      unit: 'entries',
      length: 3,
      seqs: [0, 1, 2],
    });
  });

  test('stands still when the clock goes backwards', () => {
    const { length, slices } = activityOf(saidAt(10_000, 14_000, 4000, 18_000));
    expect(length).toBe(8000);
    expect(slices.map(({ index, seq }) => [index, seq])).toEqual([
      [0, 0],
      [16, 1],
      [32, 3],
    ]);
  });

  test('stays small however long a session is, and forgets nothing', () => {
    const times = Array.from({ length: 20_000 }, (_, index) => index * 7 * SECOND_MS);
    const { slices, length, sliceLength } = activityOf(saidAt(...times));
    expect(slices.length).toBeLessThanOrEqual(512);
    expect(sliceLength * 512).toBeGreaterThan(length);
    expect(total(slices, 'assistant')).toBe(20_000);
    expect(slices.map(({ seq }) => seq)).toEqual([...slices.map(({ seq }) => seq)].sort((a, b) => a - b));
  });

  test('of nothing is nothing', () => {
    expect(activityOf([])).toEqual({ unit: 'entries', length: 0, sliceLength: 1, slices: [], pauses: [] });
  });
});
