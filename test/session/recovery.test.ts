import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RecoveredEntry, SourceFacts, SourceLine } from '../../src/session/adapters/adapter.ts';
import {
  describeRecovery,
  type RecoveryCounts,
  type RecoveryScope,
  RecoverySelection,
} from '../../src/session/recovery.ts';
import { EVERYTHING } from './adapters/story.ts';

const NOTHING_LEFT_OUT: RecoveryCounts = {
  ...{ entries: 0, understood: 0, captured: 0, beforeStart: 0, afterStop: 0, paused: 0, otherRepository: 0 },
  ...{ duplicates: 0, malformed: 0, dropped: 0, unknownTypes: {} },
};

describe('a line', () => {
  test.each<[string, Partial<RecoveryScope>, Partial<Spoken>, keyof RecoveryCounts | 'taken']>([
    ['of an open scope', {}, { atMs: 5 }, 'taken'],
    ['from before the start', { startedAtMs: 10 }, { atMs: 9 }, 'beforeStart'],
    ['at the start', { startedAtMs: 10 }, { atMs: 10 }, 'taken'],
    ['at the stop', { stoppedAtMs: 10 }, { atMs: 10 }, 'taken'],
    ['from after the stop', { stoppedAtMs: 10 }, { atMs: 11 }, 'afterStop'],
    ['at the beginning of a pause', { pauses: [{ fromMs: 5, toMs: 8 }] }, { atMs: 5 }, 'paused'],
    [
      'in a pause',
      {
        pauses: [
          { fromMs: 1, toMs: 2 },
          { fromMs: 5, toMs: 8 },
        ],
      },
      { atMs: 7 },
      'paused',
    ],
    ['at the end of a pause', { pauses: [{ fromMs: 5, toMs: 8 }] }, { atMs: 8 }, 'taken'],
    [
      'in a pause that never ended',
      { pauses: [{ fromMs: 5, toMs: Number.POSITIVE_INFINITY }] },
      { atMs: 1e15 },
      'paused',
    ],
    ['at the first byte of a pause', { pausedBytes: [{ from: 50, to: 60 }] }, { offset: 50 }, 'paused'],
    ['past the last byte of a pause', { pausedBytes: [{ from: 50, to: 60 }] }, { offset: 60 }, 'taken'],
    ['that starts before what is asked for', { fromOffset: 60 }, { offset: 59 }, 'captured'],
    ['that starts where it is asked for', { fromOffset: 60 }, { offset: 60 }, 'taken'],
    ['without a time', { startedAtMs: 10, stoppedAtMs: 20, pauses: [{ fromMs: 0, toMs: 99 }] }, {}, 'taken'],
    ['of our repository', { isOurs: (cwd) => cwd === '/ours' }, { cwd: '/ours' }, 'taken'],
    ['of another repository', { isOurs: (cwd) => cwd === '/ours' }, { cwd: '/theirs' }, 'otherRepository'],
    ['of an unknown folder', { isOurs: () => false }, {}, 'taken'],
    ['that is recorded', { isCaptured: () => true }, {}, 'captured'],
    ['that is not recorded', { isCaptured: () => false }, {}, 'taken'],
  ])('%s', (_name, scope, line, expected) => {
    const { taken, counts } = select(scope, [said('a', line)]);
    const count = expected === 'taken' ? { entries: 1 } : { [expected]: 1 };
    expect(taken).toEqual(expected === 'taken' ? ['a'] : []);
    expect(counts).toEqual({ ...NOTHING_LEFT_OUT, understood: 1, ...count });
  });

  test('of a document has no place, and so no byte that is captured or paused', () => {
    const { offset: _, ...line } = said('a');
    expect(select({ fromOffset: 1e9, pausedBytes: [{ from: 0, to: 1e9 }] }, [line]).taken).toEqual(['a']);
  });

  test('of which a part is recorded gives the other part', () => {
    const entries: readonly RecoveredEntry[] = [
      { type: 'assistant', content: 'known' },
      { type: 'assistant', content: 'new' },
    ];
    const isCaptured = (entry: RecoveredEntry) => entry.content === 'known';
    const { taken, counts } = select({ isCaptured }, [{ kind: 'entries', offset: 0, entries }]);
    expect(taken).toEqual(['new']);
    expect(counts).toEqual({ ...NOTHING_LEFT_OUT, understood: 1, entries: 1 });
  });

  test('that is told twice is taken once, be the first one captured or not', () => {
    expect(select({}, [said('a', { id: '1' }), said('a', { id: '1' }), said('b', { id: '2' })])).toMatchObject({
      taken: ['a', 'b'],
      counts: { understood: 3, entries: 2, duplicates: 1 },
    });
    const captured = select({ fromOffset: 10 }, [
      said('a', { id: '1', offset: 0 }),
      said('a', { id: '1', offset: 10 }),
    ]);
    expect(captured).toMatchObject({ taken: [], counts: { understood: 2, captured: 1, duplicates: 1 } });
  });

  test('that says nothing is counted for what it is', () => {
    const lines: readonly SourceLine[] = [
      { kind: 'blank', offset: 0 },
      { kind: 'malformed', offset: 0 },
      { kind: 'dropped', offset: 0, type: 'mode' },
      { kind: 'facts', offset: 0, facts: {} },
      { kind: 'unknown', offset: 0, type: 'hologram' },
    ];
    const counts = { ...NOTHING_LEFT_OUT, malformed: 1, dropped: 2, unknownTypes: { hologram: 1 } };
    expect(select({}, lines).counts).toEqual(counts);
    expect(select({ fromOffset: 1 }, lines).counts).toEqual({ ...NOTHING_LEFT_OUT, captured: 4 });
  });
});

describe('the folder', () => {
  const isOurs = (cwd: string) => cwd === '/ours';

  test('of a line that does not tell it is the one that was told last', () => {
    const lines = [said('a'), said('b', { cwd: '/theirs' }), said('c'), facts({ cwd: '/ours' }), said('d')];
    expect(select({ isOurs }, lines)).toMatchObject({ taken: ['a', 'd'], counts: { otherRepository: 2 } });
  });

  test('is told by lines that are left out, too', () => {
    const lines = [said('a', { cwd: '/theirs', offset: 0 }), facts({ cwd: '/theirs' }, 1), said('b', { offset: 9 })];
    expect(select({ isOurs, fromOffset: 5 }, lines)).toMatchObject({
      taken: [],
      counts: { captured: 2, otherRepository: 1 },
    });
  });
});

test('the facts are the first model and version and the last session, of lines that are left out, too', () => {
  const { selection } = select({ startedAtMs: 10, fromOffset: 5 }, [
    facts({ sessionId: 'parent' }, 0),
    said('a', { offset: 6, atMs: 1, facts: { model: 'm1', sessionId: 'parent' } }),
    said('b', { offset: 7, atMs: 20, facts: { model: 'm2', version: 'v1', sessionId: 'own' } }),
    facts({ model: 'm3', version: 'v2', cwd: '/w' }, 8),
  ]);
  expect(selection.facts).toEqual({ model: 'm1', version: 'v1', sessionId: 'own' });
});

describe('types that nobody knows', () => {
  const unknown = (type: string): SourceLine => ({ kind: 'unknown', offset: 0, type });

  test('are counted under names that are safe to print', () => {
    const { counts } = select({}, ['__proto__', '__proto__', 'a\u001b[31m\nb\u202e', '', 'x'.repeat(1e6)].map(unknown));
    expect(Object.entries(counts.unknownTypes)).toEqual([
      ['__proto__', 2],
      ['a b', 1],
      ['other', 1],
      [`${'x'.repeat(59)}…`, 1],
    ]);
  });

  test('are counted under 50 names and one for the rest', () => {
    const { counts } = select(
      {},
      Array.from({ length: 500 }, (_, index) => unknown(`type-${index}`)),
    );
    expect(Object.keys(counts.unknownTypes)).toHaveLength(51);
    expect(counts.unknownTypes).toMatchObject({ 'type-0': 1, 'type-49': 1, other: 450 });
  });
});

describe('what people are told', () => {
  test.each<[Partial<RecoveryCounts>, string]>([
    [{}, ''],
    [{ entries: 9, understood: 9, dropped: 4 }, ''],
    [{ beforeStart: 3 }, 'left out: 3 lines from before its start'],
    [{ malformed: 1 }, 'left out: 1 line malformed'],
    [
      { beforeStart: 3, paused: 2, otherRepository: 5, malformed: 1, unknownTypes: { bar: 2, foo: 5 } },
      'left out: 3 lines from before its start, 2 from pauses, 5 from another repository, 7 of unknown type (foo 5, bar 2), 1 malformed',
    ],
    [{ captured: 1, afterStop: 2, duplicates: 3 }, 'left out: 2 lines from after its stop, 3 told twice'],
    [
      { unknownTypes: { a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 9 } },
      'left out: 15 lines of unknown type (g 9, a 1, b 1, c 1, d 1, and 2 more)',
    ],
  ])('of %j is %j', (counts, sentence) => {
    expect(describeRecovery({ ...NOTHING_LEFT_OUT, ...counts })).toBe(sentence);
  });
});

test('whatever is left out, each line is counted once', () => {
  const small = fc.option(fc.nat(20), { nil: undefined });
  const line = fc.record({
    kind: fc.constantFrom('entries', 'facts', 'dropped', 'unknown', 'blank', 'malformed'),
    atMs: small,
    offset: small,
    id: small,
    ours: fc.option(fc.boolean(), { nil: undefined }),
  });
  const scope = fc.record({
    startedAtMs: small,
    stoppedAtMs: small,
    from: fc.nat(20),
    to: fc.nat(20),
    fromOffset: fc.nat(20),
    captured: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(line), scope, (drawn, { from, to, captured, ...times }) => {
      const lines = drawn.map(
        ({ ours, id, ...rest }) =>
          ({
            ...rest,
            type: 't',
            facts: {},
            entries: [{ type: 'user', content: 'a' }],
            ...(ours === undefined ? {} : { cwd: String(ours) }),
            ...(id === undefined ? {} : { id: String(id) }),
          }) as SourceLine,
      );
      const { taken, counts } = select(
        {
          ...(times as Partial<RecoveryScope>),
          pauses: [{ fromMs: from, toMs: to }],
          pausedBytes: [{ from, to }],
          isOurs: (cwd) => cwd === 'true',
          isCaptured: () => captured,
        },
        lines,
      );
      const { entries, understood, unknownTypes, ...leftOut } = counts;
      expect(entries).toBe(taken.length);
      expect(understood).toBe(lines.filter(({ kind }) => kind === 'entries').length);
      const counted = [...Object.values(leftOut), ...Object.values(unknownTypes)].reduce(
        (sum, count) => sum + count,
        entries,
      );
      expect(counted).toBe(lines.filter(({ kind }) => kind !== 'blank').length);
    }),
  );
});

type Spoken = Extract<SourceLine, { kind: 'entries' }>;

function said(content: string, line: Partial<Spoken> = {}): SourceLine {
  return { offset: 100, ...line, kind: 'entries', entries: [{ type: 'user', content }] };
}

function facts(told: SourceFacts, offset = 100): SourceLine {
  return { kind: 'facts', offset, facts: told };
}

function select(scope: Partial<RecoveryScope>, lines: readonly SourceLine[]) {
  const selection = new RecoverySelection({ ...EVERYTHING, ...scope });
  const taken = lines.flatMap((line) => selection.take(line)).map(({ content }) => content);
  return { taken, counts: selection.counts, selection };
}
