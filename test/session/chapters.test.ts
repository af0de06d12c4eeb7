import { describe, expect, test } from 'vitest';
import { withChapterTitles } from '../../src/session/chapters.ts';
import { outlineOf } from '../../src/session/outline.ts';
import { assistant, call, type Part, result, session, user } from './entries.ts';

const chaptersOf = (...parts: Part[]) => outlineOf(session(...parts)).chapters;

describe('chapters', () => {
  test('begin at each request of the user, and what came before the first is left out', () => {
    const chapters = chaptersOf(
      user('<system-reminder>x</system-reminder>'),
      call('Read', { file_path: 'a' }),
      user('one'),
      user('/compact'),
      assistant('done'),
      user('two'),
    );
    expect(chapters.map(({ id, start_seq, end_seq }) => [id, start_seq, end_seq])).toEqual([
      [1, 2, 4],
      [2, 5, 5],
    ]);
  });

  test('are one when the user never spoke', () => {
    const chapters = chaptersOf(call('Bash', { command: 'make' }), assistant('built'));
    expect(chapters).toMatchObject([{ title: 'Execution', start_seq: 0, end_seq: 1, total_tools: 1 }]);
  });

  test.each([
    ['Discussion', []],
    [
      'Implementation',
      [call('Edit', { file_path: 'a', old_string: 'x', new_string: 'y' }), call('Bash', { command: 'npm test' })],
    ],
    ['Testing', [call('Read', { file_path: 'a' }), call('Bash', { command: 'cd app && npm run test -- --run' })]],
    [
      'Exploration',
      [call('Read', { file_path: 'a' }), call('Grep', { pattern: 'x' }), call('Bash', { command: 'ls' })],
    ],
    ['Execution', [call('Bash', { command: 'make' }), call('Task', { prompt: 'x' })]],
    ['Turn 1', [call('Task', { prompt: 'x' })]],
  ])('with these tools are called %s', (title, calls) => {
    expect(chaptersOf(user('go'), ...calls)[0]?.title).toBe(title);
  });

  test('count tools, and errors only when there are some', () => {
    const [first, second] = chaptersOf(
      user('a'),
      call('Read', {}),
      result('bad', 'x', true),
      user('b'),
      call('Read', {}),
    );
    expect(first).toMatchObject({ tool_counts: { Read: 1 }, total_tools: 1, total_errors: 1, has_edits: false });
    expect(second).not.toHaveProperty('total_errors');
  });
});

test('given titles replace guessed ones by position, blank ones do not', () => {
  const chapters = chaptersOf(user('a'), user('b'), user('c'));
  const titles = withChapterTitles(chapters, ['Problem', ' ']).map(({ title }) => title);
  expect(titles).toEqual(['Problem', 'Discussion', 'Discussion']);
});
