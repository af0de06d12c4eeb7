import { describe, expect, test } from 'vitest';
import { outlineOf } from '../../src/session/outline.ts';
import type { Entry } from '../../src/session/transcript.ts';
import { assistant, call, result, session, user } from './entries.ts';

describe('outlineOf', () => {
  test.each([
    ['Exit code 1\n3 tests failed', '3 tests failed'],
    ['Chunk ID: 4d5e6f\nWall time: 1.2 seconds\nProcess exited with code 2\nOutput:\nno such file', 'no such file'],
    ['Exit code: 1\nWall time: 2 seconds\nOutput:\nOutputs differ', 'Outputs differ'],
    ['Exit code 1', 'Exit code 1'],
    [' ✓ adds\n ✓ removes\n ✗ moves\n1 failed', ' ✗ moves'.trim()],
    ['Exit code 1\n> vitest run\nPASS a.test.ts\nFAIL b.test.ts > moves', 'FAIL b.test.ts > moves'],
    ['src/a.ts(3,7): error TS2322: no string', 'src/a.ts(3,7): error TS2322: no string'],
    [`${' ✓ passes (1 ms)\n'.repeat(500)}AssertionError: 1 is not 2\nTests 1 failed`, 'AssertionError: 1 is not 2'],
    [' ✓ all\n ✓ of them', '✓ all'],
    ['\u001b[31m FAIL \u001b[39m a.test.ts > moves\r\n', 'FAIL a.test.ts > moves'],
    ['=== RUN TestX\n--- FAIL: TestX (0.00s)\n    x_test.go:8: got 1\nFAIL', '--- FAIL: TestX (0.00s)'],
    ['# example.com/x\n./x.go:3:2: undefined: y', './x.go:3:2: undefined: y'],
    ['running 1 test\ntest a ... FAILED\nerror: test failed, to rerun pass `--lib`', 'test a ... FAILED'],
    [
      'Traceback (most recent call last):\n  File "a.py"\nNameError: name \'x\' is not defined',
      "NameError: name 'x' is not defined",
    ],
    ['> x@1.0.0 build\n> tsc\n\nsrc/a.ts:3:7 - error TS2322: no string', 'src/a.ts:3:7 - error TS2322: no string'],
    ['make: Entering\nmake: *** [all] Error 2', 'make: *** [all] Error 2'],
    ['hello\nsh: 1: foo: not found', 'sh: 1: foo: not found'],
    ['src/IOException.java\nsrc/A.java', 'src/IOException.java'],
  ])('tells of %j what went wrong, not how it was told', (output, expected) => {
    expect(outlineOf(session(call('Bash', {}, 'c1'), result(output, 'c1', true))).errors).toEqual([expected]);
  });

  test('tells what was asked, run, changed and answered', () => {
    const outline = outlineOf(
      session(
        user('/clear'),
        user('Fix the login'),
        call('Bash', { command: 'npm test' }, 'c1'),
        result('Exit code 1\n3 tests failed', 'c1', true),
        call('Edit', { file_path: 'src/a.ts', old_string: 'a\nb', new_string: 'a\nc\nd' }, 'c2'),
        result('ok', 'c2'),
        call('Bash', { command: 'npm test' }, 'c3'),
        assistant('All tests pass.'),
      ),
    );
    expect(outline).toEqual({
      entryCount: 8,
      userCount: 2,
      assistantCount: 1,
      toolCallCount: 3,
      errorCount: 1,
      userChars: '/clear'.length + 'Fix the login'.length,
      assistantChars: 'All tests pass.'.length,
      startedAtMs: Date.UTC(2026, 2, 6, 10, 0, 0),
      endedAtMs: Date.UTC(2026, 2, 6, 10, 0, 7),
      toolCounts: { Bash: 2, Edit: 1 },
      requests: ['Fix the login'],
      lastAnswer: 'All tests pass.',
      commands: ['npm test'],
      errors: ['3 tests failed'],
      filesChanged: [{ path: 'src/a.ts', added: 3, removed: 2 }],
      chapters: [
        {
          id: 1,
          title: 'Implementation',
          start_seq: 1,
          end_seq: 7,
          tool_counts: { Bash: 2, Edit: 1 },
          total_tools: 3,
          total_errors: 1,
          has_edits: true,
        },
      ],
      chapterRequests: ['Fix the login'],
      activity: expect.objectContaining({ unit: 'ms', length: 7000 }),
      textSizes: expect.objectContaining({
        user: [
          { count: 1, chars: 6 },
          { count: 1, chars: 13 },
        ],
      }),
    });
  });

  test('tells what began each chapter, however many there are', () => {
    const requests = Array.from({ length: 120 }, (_, index) => `Do part ${index}`);
    const { chapters, chapterRequests } = outlineOf(session(...requests.map(user)));
    expect(chapters).toHaveLength(120);
    expect(chapterRequests).toEqual(requests);
    const more = outlineOf(session(...Array.from({ length: 900 }, (_, index) => user(`Do part ${index}`))));
    expect(more.chapterRequests).toHaveLength(more.chapters.length);
    expect(more.chapters.map(({ start_seq }) => `Do part ${start_seq}`)).toEqual(more.chapterRequests);
  });

  test.each([
    ['Done.\n```mermaid\na-->b\n```', 'Done.'],
    ['Left:\n- [x] code\n- [ ] docs', 'Left: code docs'],
    ['```ts\nconst a = 1;\n```', '```ts const a = 1; ```'],
  ])('quotes of the last answer %j what is prose', (answer, expected) => {
    expect(outlineOf(session(assistant(answer))).lastAnswer).toBe(expected);
  });

  test('of nothing is empty', () => {
    expect(outlineOf([])).toMatchObject({ entryCount: 0, requests: [], chapters: [], filesChanged: [] });
  });

  test('knows an error of older recordings by the words of the result', () => {
    const outline = outlineOf(
      session(user('go'), result('<tool_use_error>File not found</tool_use_error>'), result('fine')),
    );
    expect(outline).toMatchObject({ errorCount: 1, errors: ['File not found'] });
  });

  test('stays bounded whatever the size', () => {
    const outline = outlineOf(hostileEntries(20_000));
    expect(outline.entryCount).toBe(80_000);
    expect(outline.chapters.length).toBeLessThanOrEqual(200);
    expect(outline.requests).toHaveLength(50);
    expect(outline.commands).toHaveLength(100);
    expect(outline.errors).toHaveLength(20);
    expect(outline.filesChanged.length).toBeLessThanOrEqual(500);
    expect(JSON.stringify(outline).length).toBeLessThan(1_000_000);
    expect(outline.chapters.reduce((total, chapter) => total + chapter.total_tools, 0)).toBe(40_000);
    expect(outline.chapters.at(-1)?.end_seq).toBe(79_999);
  });
});

/** Every name is new, every text is long. */
function* hostileEntries(turns: number): Generator<Entry> {
  for (let turn = 0; turn < turns; turn += 1) {
    const parts = session(
      user(`request ${turn} ${'x'.repeat(2000)}`),
      call(turn % 2 ? `Tool${turn}` : 'Bash', { command: `make ${turn}` }),
      call('Write', { file_path: `/p/${turn}.ts`, content: 'x' }, `id${turn}`),
      result(`error ${turn}`, `other${turn}`, true),
    );
    for (const part of parts) yield { ...part, seq: turn * 4 + part.seq };
  }
}
