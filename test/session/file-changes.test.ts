import { describe, expect, test } from 'vitest';
import { outlineOf } from '../../src/session/outline.ts';
import { call, type Part, result, session } from './entries.ts';

const changesOf = (...parts: Part[]) => outlineOf(session(...parts)).filesChanged;

const PATCH = [
  '*** Begin Patch',
  '*** Update File: src/b.ts',
  '@@ def',
  '-old',
  '+new',
  '+more',
  '*** Add File: src/a.ts',
  '+one',
  '*** Delete File: src/c.ts',
  '*** End Patch',
].join('\n');
const PATCHED = [
  { path: 'src/a.ts', added: 1, action: 'created' },
  { path: 'src/b.ts', added: 2, removed: 1 },
  { path: 'src/c.ts', added: 0, action: 'deleted' },
];

describe('files changed', () => {
  test.each([
    ['Edit', { file_path: 'a', old_string: 'x\ny', new_string: 'z' }, [{ path: 'a', added: 1, removed: 2 }]],
    ['Write', { file_path: 'a', content: 'x\ny\n' }, [{ path: 'a', added: 2 }]],
    [
      'MultiEdit',
      {
        file_path: 'a',
        edits: [
          { old_string: 'x', new_string: 'y' },
          { old_string: '', new_string: 'a\nb' },
        ],
      },
      [{ path: 'a', added: 3, removed: 1 }],
    ],
    ['NotebookEdit', { notebook_path: 'n.ipynb', new_source: 'a\nb' }, [{ path: 'n.ipynb', added: 2 }]],
    ['str_replace_based_edit_tool', { command: 'view', path: 'a' }, []],
    ['str_replace_based_edit_tool', { command: 'create', path: 'a', file_text: 'x' }, [{ path: 'a', added: 1 }]],
    ['apply_patch', { input: PATCH }, PATCHED],
    ['shell', { command: ['apply_patch', PATCH] }, PATCHED],
    ['shell', { command: ['bash', '-lc', `apply_patch <<'EOF'\n${PATCH}\nEOF`] }, PATCHED],
    ['Read', { file_path: 'a' }, []],
    ['Bash', { command: 'rm a' }, []],
    ['Edit', {}, []],
  ])('by %s with %j', (tool, input, changes) => {
    expect(changesOf(call(tool, input))).toEqual(changes);
  });

  test('are read from a patch that is not JSON', () => {
    expect(changesOf({ kind: 'tool', toolName: 'apply_patch', toolInput: PATCH })).toEqual(PATCHED);
  });

  test('are summed per path and sorted by path', () => {
    const write = (path: string) => call('Write', { file_path: path, content: 'x' });
    expect(changesOf(write('b'), write('a'), write('b'))).toEqual([
      { path: 'a', added: 1 },
      { path: 'b', added: 2 },
    ]);
  });

  test('do not count edits that failed, and count those whose result is missing', () => {
    const write = (path: string, id: string) => call('Write', { file_path: path, content: 'x' }, id);
    const changes = changesOf(
      write('failed', '1'),
      write('done', '2'),
      write('open', '3'),
      result('no', '1', true),
      result('ok', '2'),
    );
    expect(changes.map(({ path }) => path)).toEqual(['done', 'open']);
  });

  const write = (callId: string) => call('Write', { file_path: 'a', content: 'x' }, callId);
  const patch = (action: string) => call('apply_patch', { input: `*** Begin Patch\n*** ${action} File: a\n` });

  test.each<[string, Part[], string | undefined]>([
    [
      'of Claude Code',
      [write('1'), result('File created successfully at: /w/a (no need to read it back)', '1')],
      'created',
    ],
    ['of Gemini', [write('1'), result('Successfully created and wrote to new file: /w/a.', '1')], 'created'],
    ['of an entry that has its own result', [{ ...write('1'), toolOutput: 'File created at a' }], 'created'],
    ['that says the file was there', [write('1'), result('The file a has been updated.', '1')], undefined],
    [
      'that says it of another thing',
      [write('1'), result('Updated a, where a new file created by b is read', '1')],
      undefined,
    ],
    ['that is missing', [write('1')], undefined],
    [
      'after a change',
      [write('1'), result('updated', '1'), write('2'), result('File created successfully at: a', '2')],
      undefined,
    ],
    ['before a change', [write('1'), result('File created successfully at: a', '1'), write('2')], 'created'],
    ['before a deletion', [write('1'), result('File created successfully at: a', '1'), patch('Delete')], 'deleted'],
    ['after a deletion', [patch('Delete'), write('1'), result('File created successfully at: a', '1')], undefined],
  ])('by a Write with a result %s', (_name, parts, action) => {
    expect(changesOf(...parts).map((change) => change.action)).toEqual([action]);
  });

  test('survive a path that is a key of every object', () => {
    expect(changesOf(call('Write', { file_path: '__proto__', content: 'x' }))).toEqual([
      { path: '__proto__', added: 1 },
    ]);
  });
});
