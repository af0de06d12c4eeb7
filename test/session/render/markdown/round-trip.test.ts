import fc from 'fast-check';
import type { RootContent } from 'mdast';
import { describe, expect, test } from 'vitest';
import type { SessionDocument } from '../../../../src/session/document.ts';
import { outlineOf } from '../../../../src/session/outline.ts';
import { cutText, OUTPUT_LIMIT } from '../../../../src/session/render/cut-text.ts';
import { visibleText } from '../../../../src/session/render/escape.ts';
import { renderSessionMarkdown } from '../../../../src/session/render/markdown/session-markdown.ts';
import { renderSummaryMarkdown } from '../../../../src/session/render/markdown/summary-markdown.ts';
import type { Entry } from '../../../../src/session/transcript.ts';
import {
  foldDepth,
  linksOf,
  nodesOf,
  parseGithub,
  type ReadEntry,
  readSession,
  shownText,
  tablesOf,
} from '../../../support/github-markdown.ts';
import { richDocument, richEntries } from '../../../support/rich-document.ts';
import {
  assistant,
  numberEntries,
  sampleDocument,
  sampleEntries,
  system,
  toolCall,
  toolError,
  user,
} from '../../../support/sample-document.ts';

type Session = readonly [SessionDocument, readonly Entry[]];

/** What GitHub makes of both files is what the session has, and nothing else. */
function expectReadBack([document, entries]: Session): void {
  const markdown = [...renderSessionMarkdown(document, entries)].join('');
  const { head, entries: read } = readSession(markdown);
  expect(read.map(({ anchor }) => anchor)).toEqual(entries.map(({ seq }) => `msg-${seq}`));
  expect(headingsOf(head)).toEqual(HEAD_HEADINGS.filter((title) => !title.startsWith('Key') || hasMoments(document)));
  expectHarmless(markdown);
  entries.forEach((entry, index) => {
    expectEntry(document, entry, read[index] as ReadEntry);
  });

  const summary = renderSummaryMarkdown(document);
  expectHarmless(summary);
  expectTables(document, head, summary);
  const anchors = new Set(read.map(({ anchor }) => `#${anchor}`));
  const inside = [...linksOf(parseGithub(markdown)), ...linksOf(parseGithub(summary))]
    .map((address) => address.replace(/^session\.md(?=#)/, ''))
    .filter((address) => address.startsWith('#'));
  expect(inside.filter((address) => !anchors.has(address))).toEqual([]);
}

const HEAD_HEADINGS = ['Agent Session', 'Session Information', 'Conversation', 'Key Moments ★'];

const hasMoments = ({ summary }: SessionDocument): boolean => (summary.aha_moments ?? []).length > 0;

const headingsOf = (nodes: readonly RootContent[]): readonly string[] =>
  nodes.filter(({ type }) => type === 'heading').map(shownText);

const OUR_TAG =
  /^(?:<a id="msg-\d+">|<\/a>|<\/?(?:span|code)>|<details(?: open)?>\n<summary>.*<\/summary>|<\/details>)$/;
const ADDRESS =
  /^(?:(?:session\.md)?#msg-\d+|session\.(?:md|html)|summary\.(?:md|json)|raw\.jsonl|https?:\/\/\S+|mailto:\S+)$/;
const FOREIGN = ['image', 'imageReference', 'linkReference', 'definition', 'footnoteReference', 'footnoteDefinition'];

/** No tag but ours, no link but to us, the web and mail, nothing that acts outside of its place, nothing that no eye sees. */
function expectHarmless(markdown: string): void {
  const root = parseGithub(markdown);
  const nodes = [...nodesOf(root)];
  expect(nodes.flatMap((node) => (node.type === 'html' && !OUR_TAG.test(node.value) ? [node.value] : []))).toEqual([]);
  expect(nodes.filter(({ type }) => FOREIGN.includes(type))).toEqual([]);
  expect(linksOf(root).filter((address) => !ADDRESS.test(address))).toEqual([]);
  expect(foldDepth(root)).toBeLessThanOrEqual(1);
  expect(visibleText(markdown)).toBe(markdown);
}

function expectTables(document: SessionDocument, head: readonly RootContent[], summary: string): void {
  const [information = [], ...others] = tablesOf({ type: 'root', children: [...head] });
  expect(others).toEqual([]);
  expect(information.filter((row) => row.length !== 2)).toEqual([]);
  expect(information.find(([field]) => field === 'Agent Version')?.[1]).toBe(
    document.header.agentVersion && oneLine(document.header.agentVersion.slice(0, 300)),
  );
  const files = document.summary.files_changed ?? [];
  const paths = parseGithub(summary).children.flatMap((node) =>
    node.type === 'table' && shownText(node).startsWith('PathAction') ? node.children.slice(1) : [],
  );
  expect(paths.map(({ children }) => children.length)).toEqual(files.map(() => 2));
  expect(paths.map(({ children: [path] }) => path && oneLine(shownText(path))).sort()).toEqual(
    files.map(({ path }) => oneLine(path)).sort(),
  );
}

function expectEntry({ header }: SessionDocument, entry: Entry, read: ReadEntry): void {
  const said = { user: entry.coworker ?? header.username ?? 'User', system: 'System', info: 'Info' };
  const names = { ...said, assistant: undefined, tool: 'Tool Call', tool_result: 'Tool Result' };
  const name = names[entry.kind];
  if (name !== undefined) expect(read.heading).toContain(oneLine(name.slice(0, 100)) || 'Unknown');
  expect(read.body.filter((node) => node.type === 'heading' && node.depth < 4)).toEqual([]);
  expect(foldDepth({ type: 'root', children: [...read.body] })).toBeLessThanOrEqual(1);
  if (entry.toolOutput?.trim()) expect(codeOf(read, 'text')).toBe(shownOutput(entry.toolOutput));
  if (entry.kind === 'tool') expect(read.body[0]).toMatchObject({ children: [{ type: 'inlineCode' }] });
  if (entry.kind === 'user' || entry.kind === 'system') expect(quoteOf(read)).toBe(shownTyped(entry.text));
}

function codeOf({ body }: ReadEntry, lang: string): string | undefined {
  return body.flatMap((node) => (node.type === 'code' && node.lang === lang ? [node.value] : []))[0];
}

const quoteOf = ({ body }: ReadEntry): string =>
  body
    .filter(({ type }) => type === 'blockquote')
    .map(shownText)
    .join('\n\n');

const shownOutput = (output: string): string => visibleText(cutText(output, OUTPUT_LIMIT).head).trimEnd();

const oneLine = (text: string): string => visibleText(text).replace(/\s+/g, ' ').trim();

/** Spaces within a line and empty lines in a row are one, the beginning of a line keeps its spaces. */
function shownTyped(text: string): string {
  const lines = visibleText(text)
    .trim()
    .split('\n')
    .map((line) => {
      const indent = /^\s*/.exec(line)?.[0].replaceAll('\t', '    ').length ?? 0;
      return line.trim() === '' ? '' : '\u00a0'.repeat(Math.min(40, indent)) + oneLine(line);
    });
  return lines.join('\n').replace(/\n{3,}/g, '\n\n');
}

/** The text in every place that a transcript or a summary can put one. */
function sessionOf(text: string, entries: readonly Entry[] = numberEntries(saidOf(text))): Session {
  const { summary, ...base } = sampleDocument();
  const outline = outlineOf(entries);
  const moment = { role: text, type: 'insight' as const, highlight: text, why: text };
  const header = { agentId: text, agentType: text, agentVersion: text, model: text, username: text, sessionId: text };
  return [
    {
      ...base,
      header,
      outline,
      summary: {
        ...summary,
        title: text,
        summary: text,
        key_actions: [text, `a ${text} b`],
        topics_found: [text],
        final_plan: text,
        diagrams: [text, `graph TD\na["${text}"] --> b`],
        files_changed: [{ path: text, added: 1 }],
        aha_moments: [0, entries.length - 1, entries.length].map((seq) => ({ ...moment, seq })),
        agent_summary: { decisions: [{ what: text, why: text, owner: text }], open_questions: [{ question: text }] },
      },
    },
    entries,
  ];
}

function saidOf(text: string): readonly Omit<Entry, 'seq' | 'atMs'>[] {
  return [
    user(text),
    assistant(text),
    assistant(`${text}\n\n${text}\n- ${text}\n> ${text}`),
    system(`a ${text} b`),
    { ...user(text), coworker: text },
    toolCall('1', text, { file_path: text, pattern: text }),
    toolCall('2', 'Edit', { file_path: text, old_string: text, new_string: `${text}\n${text}` }),
    toolError('2', text),
    {
      ...toolCall('3', 'apply_patch', { input: `*** Begin Patch\n*** Add File: ${text}\n+${text}` }),
      toolOutput: text,
    },
  ];
}

describe('GitHub reads back what was written', () => {
  test.each<[string, Session]>([
    ['a small session', [sampleDocument(), sampleEntries()]],
    ['a session with a bit of everything', [richDocument(), richEntries()]],
    ['a session of nothing', [{ ...sampleDocument(), outline: outlineOf([]) }, []]],
  ])('of %s', (_name, session) => {
    expectReadBack(session);
  });

  test.each([
    '</details>',
    '<details><summary>x',
    '<!-- never closed',
    '<b',
    'a </a> <a id="msg-1"> <br> &lt; &amp;',
    '```',
    '````md\n```ts\nx\n```\n````',
    '~~~\nopen',
    '- ```\n  open',
    '> ```\n> x',
    '| a | b |\n| --- | --- |\n| `|` | \\| |',
    '|\\',
    '\\',
    '`',
    '`` ` ``',
    ' lead and trail ',
    '**',
    '* * *',
    '---',
    '===',
    'a\n===',
    'a\n---',
    '# msg-1',
    '<h3 id="msg-1">',
    '[^1]\n\n[^1]: note',
    '> [!NOTE]\n> alert',
    '@team #123 GH-1 user@example.com',
    ':tada: 10:100:5',
    '$a$ $$b$$ $`c`$',
    'http://a.b/x_y www.c.d ftp://e.f xmpp:g@h.i mailto:j@k.l',
    '[x]: https://a.b\n\n[x] ![x] ![y](https://c.d)',
    '[x](<javascript:1>) [y](  data:z) <javascript:1>',
    'a\0b\u202ec\u200bd\ud800e',
    'a\r\nb\rc\r\n',
    '\ttab\n    code\n\n        deep',
    '1. one\n2. two\n   - three',
    '<script>\n\n</script>',
    '<pre>\n\n```\n</pre>',
    '<![CDATA[ <?php <!X',
    `${'`'.repeat(500)} x`,
    '>'.repeat(300),
    `${'- '.repeat(200)}x`,
    '['.repeat(500),
    '*a_'.repeat(300),
  ])('of hostile text %#', (text) => {
    expectReadBack(sessionOf(text));
  });

  test('of a line of a megabyte', () => {
    const line = `<b> & ${'x'.repeat(1_000_000)}`;
    expectReadBack(
      sessionOf(
        'x',
        numberEntries([user('x'), assistant(line), toolCall('1', 'Bash', { command: line }), toolError('1', line)]),
      ),
    );
  });

  test('of any mixture of it', () => {
    fc.assert(
      fc.property(HOSTILE, (text) => {
        expectReadBack(sessionOf(text));
      }),
      { seed: 20260306, numRuns: 150 },
    );
  });
});

const HOSTILE: fc.Arbitrary<string> = fc
  .array(
    fc.constantFrom(
      ...'` `` ``` ~~~ < > <b> </details> <details> <!-- --> <a \\ | || * ** _ ~~ [ ] ( ) ![ ]( ]: [^ ^ : ; & &lt; &#8238; # ## - + 1. 1) === --- > $ $$ @a #1 :tada: http:// www. a.b javascript: " \''.split(
        ' ',
      ),
      ...[
        '\n',
        '\n\n',
        '\r\n',
        '\r',
        '\t',
        ' ',
        '    ',
        '\0',
        '\u202e',
        '\ud800',
        '\u00a0',
        '\u2028',
        '😀',
        'a',
        'word',
        'é',
      ],
    ),
    { minLength: 1, maxLength: 25 },
  )
  .map((pieces) => pieces.join(''));
