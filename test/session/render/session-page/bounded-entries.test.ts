import { expect, test } from 'vitest';
import { outlineOf } from '../../../../src/session/outline.ts';
import { boundedEntries } from '../../../../src/session/render/session-page/bounded-entries.ts';
import type { Entry } from '../../../../src/session/transcript.ts';
import { assistant, numberEntries, toolCall, toolError, toolResult, user } from '../../../support/sample-document.ts';

function* session(count: number, outputLength: number): Generator<Entry> {
  for (let seq = 0; seq < count; seq += 1) {
    if (seq % 1000 === 0) yield { seq, kind: 'user', text: `request ${seq}` };
    else if (seq % 2 === 1) yield { seq, kind: 'tool', text: '', toolName: 'Bash', toolInput: '{"command":"x"}' };
    else yield { seq, kind: 'tool_result', text: '', toolOutput: 'line of it\n'.repeat(outputLength / 11) };
  }
}

const bounded = (count: number, length: number) => [
  ...boundedEntries(session(count, length), outlineOf(session(count, length))),
];

const boundedSaid = (said: Parameters<typeof numberEntries>[0]) => {
  const entries = numberEntries(said);
  return [...boundedEntries(entries, outlineOf(entries))];
};

const outputs = (entries: readonly Entry[]): readonly string[] => entries.flatMap(({ toolOutput }) => toolOutput ?? []);

/** Enough of it that the page is full. */
const manyCalls = (output: string) =>
  Array.from({ length: 1000 }, (_, n) => [toolCall(`c${n}`, 'Read', {}), toolResult(`c${n}`, output)]).flat();

const LINES = Array.from({ length: 400 }, (_, n) => `line ${n + 1}`).join('\n');

test('a session of usual length is shown whole', () => {
  expect(bounded(500, 3300)).toEqual([...session(500, 3300)]);
});

test('a very long one keeps both ends and every request, and says how much is left out in between', () => {
  const shown = bounded(50_000, 11);
  expect(shown.length).toBeLessThan(20_100);
  expect(shown.filter(({ kind }) => kind === 'user')).toHaveLength(50);
  expect(shown[0]?.seq).toBe(0);
  expect(shown.at(-1)?.seq).toBe(49_999);
  expect(shown.find(({ kind }) => kind === 'info')?.text).toMatch(/^999 entries left out here, in raw\.jsonl$/);
});

test('also requests are left out where they are too many', () => {
  const entries = numberEntries(Array.from({ length: 40_000 }, () => user('more')));
  expect([...boundedEntries(entries, outlineOf(entries))].length).toBeLessThan(25_100);
});

test('output that would fill a page many times over is told by both of its ends, in whole lines', () => {
  const shown = bounded(20_000, 11_000);
  expect(outputs(shown).reduce((sum, output) => sum + output.length, 0)).toBeLessThan(4_000_000);
  expect(outputs(shown)[0]).toMatch(/^(?:line of it\n)+… 9\d\d more lines in raw\.jsonl(?:\nline of it)+\n?$/);
  expect(shown.find(({ toolOutput }) => toolOutput)?.outputLines).toBe(1000);
});

test('an error is told further than what was run, and that further than what was read', () => {
  const said = [
    ...manyCalls(LINES),
    toolCall('read', 'Read', { file_path: 'a' }),
    toolResult('read', LINES),
    toolCall('run', 'Bash', { command: 'npm test' }),
    toolResult('run', LINES),
    toolCall('failed', 'Bash', { command: 'npm test' }),
    toolError('failed', LINES),
  ];
  const [reading = '', output = '', error = ''] = outputs(boundedSaid(said)).slice(-3);
  expect(reading.length).toBeLessThan(output.length);
  expect(output.length).toBeLessThan(error.length);
  expect(reading).toMatch(/more lines in raw\.jsonl$/);
  expect(output).toMatch(/line 400$/);
  expect(error).toMatch(/line 400$/);
});

test('what is short stays whole beside what is long', () => {
  const shown = boundedSaid([...manyCalls(LINES), toolCall('s', 'Bash', { command: 'x' }), toolResult('s', 'ok')]);
  expect(shown.at(-1)).toEqual(expect.objectContaining({ toolOutput: 'ok' }));
});

test('the arguments of an edit stay JSON, and of what it changes the first lines are there', () => {
  const before = LINES;
  const after = LINES.replace('line 200\n', `line 200\n${'new line\n'.repeat(400)}`);
  const edits = Array.from({ length: 500 }, (_, n) =>
    toolCall(`e${n}`, 'Edit', { file_path: 'a.ts', old_string: before, new_string: after }),
  );
  const input = JSON.parse(boundedSaid(edits)[0]?.toolInput ?? '');
  expect(input.file_path).toBe('a.ts');
  expect(input.old_string).toBe(['line 198', 'line 199', 'line 200', 'line 201', 'line 202', 'line 203'].join('\n'));
  expect(input.new_string).toMatch(/^line 198\nline 199\nline 200\n(?:new line\n)+… \d+ more lines in raw\.jsonl$/);
});

test('of many edits in one call each keeps what it changed, and arguments that are no text are cut as JSON', () => {
  const edit = (n: number) => ({
    old_string: `${LINES}\nold ${n}\n${LINES}`,
    new_string: `${LINES}\nnew ${n}\n${LINES}`,
  });
  const list = Array.from({ length: 3000 }, (_, n) => n);
  const edits = Array.from({ length: 1000 }, (_, n) => [
    toolCall(`e${n}`, 'MultiEdit', { file_path: 'a.ts', edits: [edit(1), 'none', edit(2)] }),
    toolCall(`l${n}`, 'Read', { list, few: [1, 2] }),
  ]);
  const [edited, listed] = boundedSaid(edits.flat()).map(({ toolInput = '' }) => JSON.parse(toolInput));
  const around = 'line 398\nline 399\nline 400\n';
  expect(edited.edits).toEqual(
    [1, 2].map((n) => ({
      old_string: `${around}old ${n}\nline 1\nline 2\nline 3`,
      new_string: `${around}new ${n}\nline 1\nline 2\nline 3`,
    })),
  );
  expect(listed).toMatchObject({ list: expect.stringMatching(/^\[\n {2}0,\n {2}1,/), few: [1, 2] });
  expect(listed.list.length).toBeLessThan(3000);
});

test('an answer that is cut leaves no block of code open', () => {
  const long = `Look:\n\n\`\`\`ts\n${'const a = 1;\n'.repeat(3000)}\`\`\`\n`;
  const shown = boundedSaid(Array.from({ length: 300 }, () => assistant(long)));
  expect(shown[0]?.text).toMatch(/const a = 1;\n```\n\n… 2,\d\d\d more lines in raw\.jsonl$/);
});

test('what the user said is cut last', () => {
  const said = Array.from({ length: 1000 }, (_, n) => [
    user('please '.repeat(400)),
    assistant(`answer ${n}\n`.repeat(900)),
  ]);
  const shown = boundedSaid(said.flat());
  expect(shown[0]?.text).toHaveLength(2800);
  expect(shown[1]?.text).toMatch(/more lines in raw\.jsonl$/);
});
