import { expect, test } from 'vitest';
import { flowchartText } from '../../../../src/session/render/markdown/flowchart-text.ts';

const draw = (...lines: readonly string[]): string | undefined => flowchartText(lines.join('\n'));

test('a flowchart is a tree of text, each arrow once', () => {
  expect(
    draw(
      'flowchart TD',
      '  %% the loop',
      '  B[Browser] -->|GET /cart| G{{Guard}}',
      '  G -- no session --> L("Login <b>page</b>"):::hot --> B',
      '  G ==> P((Page));',
      '  L -.-> P',
      '  classDef hot fill:#f00',
    ),
  ).toBe(
    [
      'Browser',
      '`-- GET /cart --> Guard',
      '    |-- no session --> Login page',
      '    |   |--> Browser (above)',
      '    |   `-.-> Page',
      '    `==> Page (above)',
    ].join('\n'),
  );
});

test.each([
  ['one line', ['graph LR; a-->b;b---c'], 'a\n`--> b\n    `--- c'],
  ['two beginnings', ['graph TD', 'a --> c', 'b --> c'], 'a\n`--> c\n\nb\n`--> c (above)'],
  ['a circle', ['graph TD', 'a --> b', 'b --> a', 'a --> a'], 'a\n|--> b\n|   `--> a (above)\n`--> a (above)'],
  ['a node by itself', ['graph TD', 'a[Alone]', 'b --> c'], 'b\n`--> c\n\nAlone'],
  ['names with a line', ['graph TD', 'src-a --> b_1[("a<br/>b")]'], 'src-a\n`--> a b'],
  ['a front matter', ['---', 'title: x', '---', 'graph TB', 'a --> b'], 'a\n`--> b'],
])('%s can be drawn', (_name, lines, drawing) => {
  expect(draw(...lines)).toBe(drawing);
});

test.each([
  ['another kind of diagram', ['sequenceDiagram', 'a->>b: hi']],
  ['a group', ['graph TD', 'subgraph x', 'a --> b', 'end']],
  ['several at once', ['graph TD', 'a & b --> c']],
  ['a shape of a later version', ['graph TD', 'a@{ shape: rect } --> b']],
  ['no arrow', ['graph TD', 'a[Alone]']],
  ['an arrow to nothing', ['graph TD', 'a -->']],
  ['nothing', ['']],
  ['only its name', ['graph TD']],
  ['a label that never ends', ['graph TD', 'a["x --> b']],
  ['more arrows than a drawing can have', ['graph TD', ...Array.from({ length: 41 }, (_, at) => `a --> b${at}`)]],
  [
    'a depth that no line has room for',
    ['graph TD', ...Array.from({ length: 30 }, (_, at) => `n${at} --> n${at + 1}`)],
  ],
])('%s is not drawn', (_name, lines) => {
  expect(draw(...lines)).toBeUndefined();
});

test('a label of nothing but spaces is read in one go', () => {
  expect(draw('graph TD', `a[${' '.repeat(499 - 'a[<'.length)}<`)).toBeUndefined();
  expect(draw('graph TD', `a[${' '.repeat(7900)}<`)).toBeUndefined();
});
