import { expect, test } from 'vitest';
import { type Block, groupEntries } from '../../../../src/session/render/session-page/blocks.ts';
import { buildSections, type Section } from '../../../../src/session/render/session-page/sections.ts';
import {
  assistant,
  numberEntries,
  sampleDocument,
  toolCall,
  toolError,
  toolResult,
  user,
} from '../../../support/sample-document.ts';

const EVERYTHING: readonly Section[] = [
  { kind: 'outside', title: 'all', folded: false, first: 0, last: Number.POSITIVE_INFINITY },
];

/** `u0 [1>2 3>-] a4`: turns by kind and seq, work in brackets, each call with its result. */
function sketch(blocks: Iterable<Block>): string {
  return [...blocks]
    .map((block) => {
      if (block.kind === 'section') return `|${block.section.first}`;
      if (block.kind === 'entry') return `${block.entry.kind[0]}${block.entry.seq}`;
      return `[${block.steps.map(({ call, result }) => `${call?.seq ?? '-'}>${result?.seq ?? '-'}`).join(' ')}]`;
    })
    .join(' ');
}

const call = (id: string) => toolCall(id, 'Bash', { command: 'ls' });
const { callId: _callId, ...callWithoutId } = call('none');
const { callId: _resultId, ...resultWithoutId } = toolResult('none', 'x');

test.each([
  ['pairs by id', [call('a'), call('b'), toolResult('b', 'x'), toolError('a', 'y')], '|0 [0>3 1>2]'],
  ['pairs by order without ids', [callWithoutId, callWithoutId, resultWithoutId, resultWithoutId], '|0 [0>2 1>3]'],
  ['keeps a result that nobody asked for', [user('x'), toolResult('z', 'x')], '|0 u0 [->1]'],
  ['keeps a call without an answer', [call('a'), assistant('stopped')], '|0 [0>-] a1'],
  ['does not give a result to another call', [call('a'), toolResult('b', 'x')], '|0 [0>- ->1]'],
  ['ends work at a turn', [call('a'), toolResult('a', ''), user('x'), call('b')], '|0 [0>1] u2 [3>-]'],
])('%s', (_name, said, expected) => {
  expect(sketch(groupEntries(numberEntries(said), EVERYTHING))).toBe(expected);
});

test('a section begins where its first entry is, also in the middle of work', () => {
  const sections: readonly Section[] = [
    { kind: 'outside', title: 'before', folded: true, first: 0, last: 1 },
    { kind: 'outside', title: 'rest', folded: true, first: 2, last: Number.POSITIVE_INFINITY },
  ];
  const said = [call('a'), toolResult('a', ''), call('b'), toolResult('b', '')];
  expect(sketch(groupEntries(numberEntries(said), sections))).toBe('|0 [0>1] |2 [2>3]');
});

test('work without end is cut where every call is answered', () => {
  const said = Array.from({ length: 150 }, (_, index) => [call(`c${index}`), toolResult(`c${index}`, 'x')]).flat();
  const blocks = [...groupEntries(numberEntries(said), EVERYTHING)].filter((block) => block.kind === 'work');
  expect(blocks.map(({ steps }) => steps.length)).toEqual([100, 50]);
  expect(blocks.every(({ steps }) => steps.every((step) => step.call && step.result))).toBe(true);
});

test('sections cover every entry, and take the titles of the summary', () => {
  const sections = buildSections(sampleDocument());
  expect(sections.map(({ title, first, last }) => [title, first, last])).toEqual([
    ['1 entry before the first chapter', 0, 0],
    ['Finding the loop', 1, 9],
    ['Fix and test', 10, 22],
    ['0 entries after the last chapter', 23, Number.POSITIVE_INFINITY],
  ]);
});
