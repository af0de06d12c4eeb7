import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildExcerpt } from '../../src/session/prompt-excerpt.ts';
import { keepEnds } from '../../src/session/prompt-text.ts';
import type { Entry } from '../../src/session/transcript.ts';
import { assistant, call, type Part, result, session, user } from './entries.ts';

const MUCH = 1_000_000;
const boundary = 'b0a1';

const excerptOf = (entries: readonly Entry[], maxChars = MUCH) => buildExcerpt(entries, { boundary, maxChars });

/** Each element as `seq role attributes: text`. */
function elementsOf(text: string): string[] {
  const elements = text.matchAll(/<entry-b0a1 seq="(\d+)" role="(\w+)"([^>]*)>([^<]*)<\/entry-b0a1>/g);
  return [...elements].map(([, seq, role, attributes, words]) => `${seq} ${role}${attributes}: ${words}`);
}

const shown = (...parts: Part[]) => elementsOf(excerptOf(session(...parts)).text);
const failed = (command: string, id: string, output: string) => [
  call('Bash', { command }, id),
  result(output, id, true),
];
const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index + 1}`).join('\n');

describe('a turn', () => {
  test.each([
    ['/review the login, please', '/review the login, please'],
    ['<command-name>/review</command-name><command-args>x</command-args>', '/review'],
    ['<system-reminder>no</system-reminder>Fix it\nnow', 'Fix it\nnow'],
    ['u'.repeat(50_000), 'u'.repeat(50_000)],
  ])('of the user is whole', (text, expected) => {
    expect(shown(user(text))).toEqual([`0 user: ${expected}`]);
  });

  test('of the agent keeps its two ends', () => {
    const [text = ''] = shown(assistant(`first ${'a'.repeat(5000)} last`));
    expect(text).toMatch(/^0 assistant: first a+\n\[\.\.\.\d+ characters left out\]\na+ last$/);
    expect(text.length).toBeLessThan(3020);
  });
});

describe('a call', () => {
  test.each<[string, Part[], string[]]>([
    ['that has no result', [call('Bash', { command: 'make' })], ['0 tool: Bash make']],
    [
      'with its time',
      [call('Bash', { command: 'make' }, '1'), { ...result('ok', '1'), atMs: Date.UTC(2026, 2, 6, 10, 4, 10) }],
      ['0 tool result="ok" took="4m10s": Bash make'],
    ],
    [
      'whose clock went back',
      [call('Bash', { command: 'make' }, '1'), { ...result('ok', '1'), atMs: Date.UTC(2026, 2, 6, 9) }],
      ['0 tool result="ok": Bash make'],
    ],
    [
      'that searches',
      [
        call('Grep', { pattern: 'a.*b', path: 'src' }),
        call('Grep', { pattern: 'c', path: 'src' }),
        call('Glob', { pattern: '*.ts' }),
      ],
      ['0 tool: Grep a.*b in src', '1 tool: Grep c in src', '2 tool: Glob *.ts'],
    ],
    [
      'that edits',
      [call('MultiEdit', { file_path: 'a.ts', edits: [{ old_string: 'a\nb', new_string: 'c' }] })],
      ['0 tool: MultiEdit a.ts +1 -2'],
    ],
    [
      'that patches files',
      [
        call('apply_patch', {
          input: `*** Begin Patch\n${['a', 'b', 'c', 'd', 'e'].map((name) => `*** Update File: ${name}\n+x\n-y\n+z`).join('\n')}`,
        }),
      ],
      ['0 tool: apply_patch a +2 -1, b +2 -1, c +2 -1 and 2 more'],
    ],
    [
      'that failed',
      failed('npm test', '1', `Exit code 1\n${lines(20)}`),
      [
        '0 tool result="error" took="1s": Bash npm test\nline 1\nline 2\nline 3\n[...]\nline 16\nline 17\nline 18\nline 19\nline 20',
      ],
    ],
    [
      'that failed with few words',
      failed('x', '1', '<tool_use_error>No such tool</tool_use_error>'),
      ['0 tool result="error" took="1s": Bash x\nNo such tool'],
    ],
    [
      'that failed in long lines',
      failed('x', '1', ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(140)).join('\n')),
      [`0 tool result="error" took="1s": Bash x\n${'a'.repeat(140)}\n[...]\n${'d'.repeat(140)}`],
    ],
    [
      'that failed behind the frame of a harness',
      failed('x', '1', 'Chunk ID: 4d5e6f\nWall time: 1.2 seconds\nProcess exited with code 2\nOutput:\nno such file'),
      ['0 tool result="error" took="1s": Bash x\nno such file'],
    ],
    ['that failed without a word', failed('x', '1', ''), ['0 tool result="error" took="1s": Bash x']],
    [
      'that failed in the entry of the call',
      [{ ...call('Bash', { command: 'x' }), toolOutput: 'no', isError: true }],
      ['0 tool result="error": Bash x\nno'],
    ],
    [
      'beside others',
      [
        ...['1', '2'].map((id) => call('Read', { file_path: id }, id)),
        result('no', '2', true),
        { ...result('fine', '1'), atMs: Date.UTC(2026, 2, 6, 10, 1) },
      ],
      ['0 tool result="ok" took="1m0s": Read 1', '1 tool result="error" took="1s": Read 2\nno'],
    ],
    [
      'that took hours, or days',
      [
        ...['1', '2'].map((id) => call('Read', { file_path: id }, id)),
        { ...result('fine', '1'), atMs: Date.UTC(2026, 2, 6, 12, 5) },
        { ...result('fine', '2'), atMs: Date.UTC(2026, 2, 8, 13, 30, 1) },
      ],
      ['0 tool result="ok" took="2h5m": Read 1', '1 tool result="ok" took="2d3h": Read 2'],
    ],
  ])('%s is one line', (_, parts, expected) => {
    expect(shown(...parts)).toEqual(expected);
  });

  test('shows at most 400 characters of an error of any size', () => {
    const [text = ''] = shown(...failed('x', '1', `${'<'.repeat(9_000_000)}\nthe end`));
    expect(text).toContain('the end');
    expect(text.split('\n').slice(1).join('\n').length).toBeLessThanOrEqual(400);
  });

  test('is joined with those after it that look the same', () => {
    const make = (id: string, output = 'ok') => [call('Bash', { command: 'make' }, id), result(output, id)];
    expect(
      shown(
        ...['1', '2', '3'].flatMap((id) => make(id)),
        ...failed('make', '4', 'no'),
        ...failed('make', '5', 'no'),
        ...failed('make', '6', 'something else'),
        assistant('hm'),
        ...make('7', 'ok again'),
        ...make('8', 'ok and again'),
      ),
    ).toEqual([
      '0 tool result="ok" took="3s" times="3" until="4": Bash make',
      '6 tool result="error" took="2s" times="2" until="8": Bash make\nno',
      '10 tool result="error" took="1s": Bash make\nsomething else',
      '12 assistant: hm',
      '13 tool result="ok" took="2s" times="2" until="15": Bash make',
    ]);
  });

  test('counts every call that an element stands for', () => {
    const { kept, total } = excerptOf(session(...Array.from({ length: 9 }, () => call('Bash', { command: 'make' }))));
    expect([kept, total]).toEqual([9, 9]);
  });

  test('refers to an error that was shown before', () => {
    const error = `expected 3 to be 4\n${lines(9)}`;
    const [, , again, other] = shown(
      ...failed('npm test', '1', error),
      user('and now?'),
      ...failed('npm test a', '2', error),
      ...failed('npm test b', '3', 'x'),
    );
    expect(again).toBe('3 tool result="error" took="1s": Bash npm test a\nsame error as seq 0');
    expect(other).toBe('5 tool result="error" took="1s": Bash npm test b\nx');
  });

  test('shows an error itself when the call that had it first was left out', () => {
    const noise = Array.from({ length: 300 }, (_, index) => call('Bash', { command: `make ${index}` }));
    const parts = [...noise, ...failed('a', '1', 'the error'), ...noise, ...failed('b', '2', 'the error')];
    const elements = elementsOf(excerptOf(session(...parts), 8000).text);
    expect(elements.at(-1)).toMatch(/Bash b\nthe error$/);
    expect(elements.join()).not.toContain('same error');
  });
});

describe('turns that do not fit together', () => {
  const long = (name: string, length: number) => user(`${name} ${'u'.repeat(length)} ${name}`);

  test('are cut, the longest of them only', () => {
    const { text, kept, shortened } = excerptOf(session(long('a', 500), long('b', 40_000), long('c', 900)), 20_000);
    const [a, b, c] = elementsOf(text);
    expect([kept, shortened]).toEqual([3, 1]);
    expect([a, c]).toEqual([`0 user: a ${'u'.repeat(500)} a`, `2 user: c ${'u'.repeat(900)} c`]);
    expect(b).toMatch(/^1 user: b u+\n\[\.\.\.\d+ characters left out\]\nu+ b$/);
    expect(text.length).toBeGreaterThan(19_900);
  });

  test('are dropped when all are short already: the oldest of the middle', () => {
    const { text } = excerptOf(session(...Array.from({ length: 100 }, (_, index) => long(`${index}`, 400))), 10_000);
    const seqs = elementsOf(text).map((element) => Number.parseInt(element, 10));
    expect(seqs).toEqual([0, 1, 2, 3, 4, ...seqs.slice(5)]);
    expect(seqs[5]).toBe(100 - (seqs.length - 5));
  });
});

describe('keepEnds', () => {
  test.each([['&lt;'], ['&amp;'], ['&quot;'], ['😀'], ['x']])(
    'cuts through no %s, and counts what is missing',
    (unit) => {
      for (let max = 60; max < 90; max += 1) {
        const text = keepEnds(unit.repeat(200), max);
        const [, head = '', missing, tail = ''] = /^(.*)\n\[\.\.\.(\d+) characters left out\]\n(.*)$/.exec(text) ?? [];
        expect(text.length).toBeLessThanOrEqual(max);
        expect(head + tail).toBe(unit.repeat((head + tail).length / unit.length));
        const each = unit === '😀' ? 2 : 1;
        expect(Number(missing)).toBe((200 - (head + tail).length / unit.length) * each);
      }
    },
  );
});

describe('whatever is said', () => {
  const words = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.tuple(fc.constantFrom('<a>', '&', 'x', '😀', '"\n'), fc.nat(2000)).map(([unit, times]) => unit.repeat(times)),
  );
  const id = fc.constantFrom('1', '2', '3', undefined);
  const part: fc.Arbitrary<Part> = fc.oneof(
    words.map(user),
    words.map(assistant),
    fc.tuple(fc.constantFrom('Bash', 'Edit'), words, id).map(([name, text, callId]) => {
      return call(name, { command: text, file_path: text, new_string: text }, callId);
    }),
    fc.tuple(words, id, fc.boolean()).map(([text, callId, isError]) => result(text, callId, isError)),
    fc.record({ kind: fc.constant('user' as const), text: words, coworker: words }),
  );
  const sessions = fc.array(part, { maxLength: 40 }).map((parts) => session(...parts));
  const budget = fc.oneof(fc.nat(3000), fc.nat(30_000));

  test('the room is kept to, the order too, and the same comes out again', () => {
    fc.assert(
      fc.property(sessions, budget, (entries, maxChars) => {
        const { text, kept, total } = excerptOf(entries, maxChars);
        const elements = elementsOf(text);
        expect(text.length).toBeLessThanOrEqual(maxChars);
        expect(excerptOf(entries, maxChars).text).toBe(text);
        const seqs = elements.map((element) => Number.parseInt(element, 10));
        expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
        // Nothing stands between the elements.
        expect(text.split('</entry-b0a1>').length - 1).toBe(elements.length);
        const stoodFor = elements.map((element) => Number(/ times="(\d+)"/.exec(element)?.[1] ?? 1));
        expect(stoodFor.reduce((sum, times) => sum + times, 0)).toBe(kept);
        expect(kept).toBeLessThanOrEqual(total);
      }),
    );
  });

  test('every turn of the user is whole when they fit together', () => {
    fc.assert(
      fc.property(sessions, budget, (entries, maxChars) => {
        const whole = elementsOf(excerptOf(entries.filter(({ kind }) => kind === 'user')).text);
        const everything = excerptOf(entries, MUCH).text;
        const onlyUsers = everything.split(/(?<=<\/entry-b0a1>)\n/).filter((element) => / role="user"/.test(element));
        const fits = onlyUsers.join('\n').length + 1 <= maxChars;
        const users = elementsOf(excerptOf(entries, maxChars).text).filter((element) => / user/.test(element));
        if (fits) expect(users).toEqual(whole);
      }),
    );
  });
});
