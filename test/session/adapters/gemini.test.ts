import { describe, expect, test } from 'vitest';
import type { PlacedLine } from '../../../src/session/adapters/adapter.ts';
import { gemini, parseGemini } from '../../../src/session/adapters/gemini.ts';
import { parsed, placed, recovered, told } from './story.ts';

const AT = '2026-03-06T10:00:05.000Z';
const message = (id: string, content: unknown, more: object = {}) => ({
  ...{ id, timestamp: AT, type: 'gemini', content },
  ...more,
});

describe('a document', () => {
  const document = { sessionId: 's', projectHash: 'h', messages: [message('g1', 'Yes.', { model: 'm' })] };
  const expected = [
    { kind: 'facts', facts: { sessionId: 's' } },
    {
      kind: 'entries',
      entries: [{ ts: AT, type: 'assistant', content: 'Yes.' }],
      atMs: Date.parse(AT),
      facts: { model: 'm' },
    },
  ];

  test.each([
    ['on many lines', JSON.stringify(document, undefined, 2)],
    ['on many lines that end as on Windows', JSON.stringify(document, undefined, 2).replaceAll('\n', '\r\n')],
    ['on one line', JSON.stringify(document)],
  ])('%s has no places in the file, since it is written anew each time', (_name, text) => {
    expect(parsed(gemini, text.split('\n'))).toEqual(expected);
  });

  test('that is torn is malformed', () => {
    const text = JSON.stringify(document, undefined, 2).slice(0, -3);
    expect(parsed(gemini, text.split('\n'))).toEqual([{ kind: 'malformed' }]);
  });

  test('with a line too long to read is malformed', () => {
    expect([
      ...gemini.parse([
        { text: '{', offset: 0 },
        { text: null, offset: 2 },
      ]),
    ]).toEqual([{ kind: 'malformed' }]);
    expect([...gemini.parse([{ text: null, offset: 0 }])]).toEqual([{ kind: 'malformed', offset: 0 }]);
  });

  test('too large to hold is malformed, and read no further', () => {
    let asked = 0;
    const endless = (function* (): Generator<PlacedLine> {
      for (;;) yield { text: asked++ === 0 ? '{' : 'x'.repeat(99), offset: asked };
    })();
    expect([...parseGemini(endless, 1000)]).toEqual([{ kind: 'malformed' }]);
    expect(asked).toBeLessThan(15);
  });

  test('without messages is malformed', () => {
    expect(parsed(gemini, ['{', '}'])).toEqual([{ kind: 'malformed' }]);
    expect(parsed(gemini, ['[1,', '2]'])).toEqual([
      { kind: 'malformed', offset: 0 },
      { kind: 'malformed', offset: 4 },
    ]);
  });

  test('that is a list of what was typed gives that', () => {
    const logs = [{ sessionId: 's', messageId: 0, type: 'user', message: 'Fix it', timestamp: AT }];
    const { entries } = recovered(gemini, JSON.stringify(logs, undefined, 2).split('\n'));
    expect(entries).toEqual([{ ts: AT, type: 'user', content: 'Fix it' }]);
  });
});

describe('records', () => {
  test.each<[string, object | string, object]>([
    ['a blank one', ' ', { kind: 'blank' }],
    ['a torn one', '{"id":"g1","ty', { kind: 'malformed' }],
    ['the first', { sessionId: 's', projectHash: 'h' }, { kind: 'facts', facts: { sessionId: 's' } }],
    ['an update of facts', { $set: { lastUpdated: AT } }, { kind: 'facts', facts: {} }],
    ['a step back', { $rewindTo: 'g1' }, { kind: 'dropped', type: '$rewindTo' }],
    ['a type of the future', { id: 'x', type: 'hologram' }, { kind: 'unknown', type: 'hologram' }],
    ['no type', { id: 'x' }, { kind: 'malformed' }],
    ['nothing but an image', message('u', [{ inlineData: {} }], { type: 'user' }), { kind: 'dropped', type: 'user' }],
  ])('%s', (_name, line, expected) => {
    const text = typeof line === 'string' ? line : JSON.stringify(line);
    expect(parsed(gemini, [text])).toEqual([{ ...expected, offset: 0 }]);
  });

  test('are read in step', () => {
    let asked = 0;
    const endless = (function* (): Generator<PlacedLine> {
      for (;;) yield { text: JSON.stringify(message(`g${asked++}`, 'x')), offset: asked };
    })();
    const reading = gemini.parse(endless)[Symbol.iterator]();
    expect([reading.next(), reading.next()]).toMatchObject([{ done: false }, { done: false }]);
    expect(asked).toBe(2);
  });

  test('say of a message that is written again only what is new, and when that happened', () => {
    const call = { id: 'c1', name: 'ls', args: {}, timestamp: '2026-03-06T10:01:00.000Z' };
    const result = [{ functionResponse: { id: 'c1', response: { output: 'README' } } }];
    const lines = [
      message('g1', ''),
      message('g1', 'I look.'),
      message('g1', 'I look.', { toolCalls: [{ ...call, status: 'executing' }] }),
      message('g1', 'I look. (masked)', { toolCalls: [{ ...call, status: 'success', result }] }),
    ].map((line) => JSON.stringify(line));
    const read = [...gemini.parse(placed(lines))];
    expect(read.map((line) => (line.kind === 'entries' ? line.entries.map(told) : line.kind))).toEqual([
      'dropped',
      ['assistant: I look.'],
      ['call: ls {}'],
      ['result: "README"'],
    ]);
    expect(read.at(-1)).toMatchObject({ atMs: Date.parse(call.timestamp) });
  });

  test('of calls without names stay apart', () => {
    const toolCalls = [{ name: 'a' }, { name: 'b' }];
    const line = JSON.stringify(message('g1', '', { toolCalls }));
    expect(recovered(gemini, [line, line]).entries.map(told)).toEqual(['call: a {}', 'call: b {}']);
  });
});
