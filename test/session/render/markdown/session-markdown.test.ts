import { expect, test } from 'vitest';
import { outlineOf } from '../../../../src/session/outline.ts';
import { renderSessionMarkdown } from '../../../../src/session/render/markdown/session-markdown.ts';
import { renderSummaryMarkdown } from '../../../../src/session/render/markdown/summary-markdown.ts';
import type { Entry } from '../../../../src/session/transcript.ts';
import { richDocument, richEntries } from '../../../support/rich-document.ts';
import {
  assistant,
  numberEntries,
  sampleDocument,
  sampleEntries,
  toolCall,
  toolResult,
  user,
} from '../../../support/sample-document.ts';

const render = (entries: readonly Entry[], changes = {}): string =>
  [...renderSessionMarkdown(sampleDocument(changes), entries)].join('');

test('a small session reads as it did', async () => {
  await expect(render(sampleEntries())).toMatchFileSnapshot('__snapshots__/session.md.snap');
});

test('its summary reads as it did', async () => {
  await expect(renderSummaryMarkdown(sampleDocument())).toMatchFileSnapshot('__snapshots__/summary.md.snap');
});

test('a session with a bit of everything reads as it did', async () => {
  const markdown = [...renderSessionMarkdown(richDocument(), richEntries())].join('');
  await expect(markdown).toMatchFileSnapshot('__snapshots__/rich-session.md.snap');
  await expect(renderSummaryMarkdown(richDocument())).toMatchFileSnapshot('__snapshots__/rich-summary.md.snap');
});

test('a summary of a session of which nothing is known has no empty sections', () => {
  const { outline } = sampleDocument();
  const summary = {
    title: 'Brief session',
    summary: 'Nothing happened.',
    key_actions: [],
    outcome: 'partial' as const,
    topics_found: [],
  };
  const markdown = renderSummaryMarkdown(
    sampleDocument({
      header: {},
      summary,
      outline: outlineOf([]),
    }),
  );
  expect(outline.entryCount).toBeGreaterThan(0);
  expect(markdown.match(/^#+ .*$/gm)).toEqual(['# Session Summary', '## Session Info', '## Summary']);
  expect(markdown).toContain('_No metadata available_');
});

test('the headings of a full summary come in the order that other tools know', () => {
  const summary = { ...sampleDocument().summary, diagrams: ['graph TD; a-->b'], final_plan: '1. Ship it' };
  const headings = renderSummaryMarkdown(sampleDocument({ summary })).match(/^##? .*$/gm) ?? [];
  expect(headings.slice(0, 8)).toEqual([
    '# Session Summary',
    '## Session Info',
    '## Summary',
    '## Key Actions',
    '## Diagrams',
    '## Final Plan',
    '## Files Modified',
    '## Topics',
  ]);
});

test('a session without entries has its head and its end', () => {
  const markdown = render([]);
  expect(markdown).toContain('## Conversation');
  expect(markdown).toContain('_Session closed: 2026-03-06T10:07:00Z_');
});

test('a message over ten lines folds behind a preview of two hundred characters', () => {
  const text = Array.from({ length: 11 }, (_, index) => `point ${index + 1} of what I would like to have`).join('\n');
  const [preview = ''] = render(numberEntries([user(text)])).match(/(?<=<summary>).*(?=<\/summary>)/) ?? [];
  expect(preview.length).toBeGreaterThan(150);
  expect(preview.length).toBeLessThanOrEqual(200);
  expect(render(numberEntries([user('a\nb')]))).not.toContain('<details>');
});

test('output over five hundred characters folds, and over two hundred lines is cut', () => {
  const output = Array.from({ length: 300 }, (_, index) => `line ${index + 1}`).join('\n');
  const markdown = render(numberEntries([toolCall('a', 'Bash', { command: 'npm test' }), toolResult('a', output)]));
  expect(markdown).toContain('`>_ Bash  npm test`');
  expect(markdown).toContain('line 200\n```\n\n_100 more lines in raw.jsonl_\n\n</details>');
});

test('what someone typed keeps its lines and its indentation', () => {
  expect(render(numberEntries([user('if x:\n    y()\n\n# no title')]))).toContain(
    '> if x:\\\n> &nbsp;&nbsp;&nbsp;&nbsp;y()\n>\n> \\# no title',
  );
});

test('the markdown of a session streams entry by entry', () => {
  let taken = 0;
  function* entries(): Generator<Entry> {
    for (const entry of numberEntries([user('a'), assistant('b'), user('c')])) {
      taken++;
      yield entry;
    }
  }
  const chunks = renderSessionMarkdown(sampleDocument(), entries());
  chunks.next();
  expect(taken).toBe(0);
  chunks.next();
  expect(taken).toBe(1);
});
