import { describe, expect, test } from 'vitest';
import { ExpectedError } from '../src/errors.ts';
import { failureOf, groupFailures } from '../src/failure-group.ts';
import { RunError } from '../src/work/runner.ts';

const failed = (session: string, error: Error, more: object = {}) => ({
  session,
  agent: 'none',
  error: failureOf(error),
  ...more,
});
const crash = (said: string) => new RunError('crashed', `claude ended with exit status 1 without an answer: ${said}`);

describe('what failed of one cause stands together', () => {
  test('whatever name, number or id its message has, the largest group first', () => {
    const groups = groupFailures([
      failed('a1', new ExpectedError('UNREADABLE', 'cannot read sessions/a1/raw.jsonl: EIO')),
      failed('b2', crash('overloaded (request req_011CXaaa, 17 waiting)')),
      failed('c3', new ExpectedError('UNREADABLE', 'cannot read sessions/c3/raw.jsonl: EIO')),
      failed('d4', crash('overloaded (request req_022DYbbb, 18 waiting)')),
      failed('e5', crash('overloaded (request req_033EZccc, 19 waiting)')),
    ]);
    expect(groups.map(({ code, sessions }) => [code, sessions])).toEqual([
      ['AGENT_CRASHED', ['b2', 'd4', 'e5']],
      ['UNREADABLE', ['a1', 'c3']],
    ]);
    expect(groups[1]?.message).toBe('cannot read sessions/a1/raw.jsonl: EIO');
  });

  test.each([
    ['another code', new ExpectedError('UNWRITABLE', 'no room'), new ExpectedError('UNREADABLE', 'no room')],
    ['other words', crash('no memory'), crash('no disk')],
    [
      'another exit status',
      crash('x'),
      new RunError('crashed', 'claude ended with exit status 2 without an answer: x'),
    ],
  ])('and not what has %s', (_, one, other) => {
    expect(groupFailures([failed('a', one), failed('b', other)])).toHaveLength(2);
  });

  test('and not what was given up with what is tried again', () => {
    const error = crash('x');
    const groups = groupFailures([
      failed('a', error),
      failed('b', error, { verdict: 'given-up', agent: 'offline' }),
      failed('c', error, { verdict: 'given-up' }),
    ]);
    expect(groups.map(({ givenUp, advice }) => [givenUp, advice])).toEqual([
      [undefined, 'the next pass asks again; agentwork setup check says whether claude is well'],
      ['offline', 'agentwork finalize --again SESSION asks once more'],
      ['kept', 'agentwork finalize --again SESSION asks once more'],
    ]);
  });
});

test.each([
  [new ExpectedError('LEDGER_BUSY', 'x', { suggestions: ['first way', 'second way'] }), 'first way'],
  [new ExpectedError('BAD_TRANSCRIPT', 'x'), 'agentwork detect --explain SESSION tells more of one'],
  [new RunError('timed_out', 'x'), 'the next pass asks again; --timeout or agentwork.timeout gives it longer'],
  [Object.assign(new Error('x'), { code: 'ENOSPC' }), 'mend that; the next pass goes on'],
  [new TypeError('x'), 'this is a bug in agentwork; please report it'],
])('%o has a next step', (error, advice) => {
  expect(failureOf(error).advice).toBe(advice);
});
