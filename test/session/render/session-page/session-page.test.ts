import { expect, test } from 'vitest';
import { MINUTE_MS } from '../../../../src/clock.ts';
import { outlineOf } from '../../../../src/session/outline.ts';
import { renderSessionHtml } from '../../../../src/session/render/session-page/session-page.ts';
import type { Entry } from '../../../../src/session/transcript.ts';
import {
  assistant,
  numberEntries,
  sampleDocument,
  sampleEntries,
  toolCall,
  toolError,
  toolResult,
  user,
} from '../../../support/sample-document.ts';

const render = (entries: readonly Entry[], changes = {}): string =>
  [...renderSessionHtml(sampleDocument(changes), entries)].join('');

const renderSample = (changes = {}): string => render(sampleEntries(), changes);

const WITHOUT_CHAPTERS = { outline: { ...sampleDocument().outline, chapters: [] } };

test('a small session looks as it did', async () => {
  const page = renderSample()
    .replace(/<(style|script)>[\s\S]*?<\/\1>/g, '<$1>…</$1>')
    .replaceAll(/'sha256-[^']+'/g, "'sha256-…'");
  await expect(page).toMatchFileSnapshot('__snapshots__/session.html');
});

test('the same session gives the same bytes', () => {
  expect(renderSample()).toBe(renderSample());
});

test('a session without entries is a page that says so', () => {
  const page = render([], { outline: outlineOf([]) });
  expect(page).toContain('This session has no entries.');
  expect(page).toContain('</html>');
  expect(page).not.toContain('<svg');
});

test('every entry has its anchor, and every link inside the page a target', () => {
  const page = renderSample();
  const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  expect(sampleEntries().filter(({ seq }) => !ids.has(`entry-${seq}`))).toEqual([]);
  expect(deadLinks(page)).toEqual([]);
});

test('the head tells what was lost and what was hidden', () => {
  const page = renderSample({ malformedLines: [7, 12], redactions: 1 });
  expect(page).toContain('2 lines of raw.jsonl could not be read and stayed out of this page: 7, 12.');
  expect(page).toContain('<dd>1 secret replaced</dd>');
});

test('of hundreds of broken lines the first twenty are named', () => {
  const page = renderSample({ malformedLines: Array.from({ length: 300 }, (_, index) => index + 1) });
  expect(page).toContain('300 lines of raw.jsonl could not be read');
  expect(page).toContain('19, 20 and 280 more.');
});

test('a run of calls is one fold that names its tools and its errors', () => {
  const page = renderSample();
  expect(page).toContain('<strong>3 tool calls</strong> <span class="tools">Edit 1, Write 1, Bash 1</span>');
  expect(page).toContain('<span class="error-count">1 error</span>');
  expect(page).toContain('<b>error</b> FAIL src/auth/guard.test.ts');
});

test('beyond four tools the rest is a number', () => {
  const names = ['A', 'A', 'B', 'C', 'D', 'E', 'F'];
  const page = render(numberEntries(names.map((name, index) => toolCall(`c${index}`, name, {}))), WITHOUT_CHAPTERS);
  expect(page).toContain('<strong>7 tool calls</strong> <span class="tools">A 2, B 1, C 1, D 1, 2 more</span>');
});

test('an edit is a diff with its context, not its arguments', () => {
  const input = { file_path: 'a.ts', old_string: 'one\ntwo\nthree', new_string: 'one\n2\nthree', replace_all: false };
  const page = render(numberEntries([toolCall('a', 'Edit', input)]));
  expect(page).toContain('<span> one\n</span><del>-two\n</del><ins>+2\n</ins><span> three\n</span>');
  expect(page).toContain('<b>replace_all</b> <code>false</code>');
  expect(page).not.toContain('old_string');
});

test('long output is cut after 200 lines, and the page says how much is missing', () => {
  const output = Array.from({ length: 1250 }, (_, index) => `line ${index + 1}`).join('\n');
  const page = render(numberEntries([toolCall('a', 'Bash', { command: 'seq' }), toolResult('a', output)]));
  expect(page).toContain('line 200</pre><p class="cut">1,050 more lines in raw.jsonl</p>');
  expect(page).toContain('<b>output</b> 1,250 lines');
  expect(page).not.toContain('line 201');
});

test('calls that were never answered, and input that is not JSON, are shown as they are', () => {
  const odd: Omit<Entry, 'seq'> = { kind: 'tool', text: '', toolName: 'patch', toolInput: '{ not json' };
  const page = render(numberEntries([odd, { kind: 'tool', text: '' }]));
  expect(page).toContain('<b>input</b> <code>{ not json</code>');
  expect(page).toContain('no result recorded');
});

test('the summary cannot link to an entry that is not there', () => {
  const summary = {
    ...sampleDocument().summary,
    aha_moments: [{ seq: 99, role: 'user', type: 'insight' as const, highlight: 'h', why: 'w' }],
  };
  expect(renderSample({ summary })).not.toContain('#entry-99');
});

/** Entries that count how many of them were taken. */
function countedEntries(count: number, makeEntry: (seq: number) => Omit<Entry, 'seq'>) {
  const taken = { count: 0 };
  function* entries(): Generator<Entry> {
    for (let seq = 0; seq < count; seq++) {
      taken.count++;
      yield { ...makeEntry(seq), seq };
    }
  }
  return { taken, entries: entries() };
}

test.each([
  ['turns', (seq: number) => (seq % 2 === 0 ? user('go on') : assistant('done')), 1],
  ['calls', (seq: number) => (seq % 2 === 0 ? toolCall(`c${seq}`, 'Bash', {}) : toolError(`c${seq - 1}`, 'x')), 201],
  ['results that nobody asked for', (seq: number) => toolResult(`c${seq}`, 'x'), 401],
])('fifty thousand %s stream through: few are held at a time', (_name, makeEntry, most) => {
  const { taken, entries } = countedEntries(50_000, makeEntry);
  let shown = 0;
  let held = 0;
  for (const chunk of renderSessionHtml(sampleDocument(WITHOUT_CHAPTERS), entries)) {
    held = Math.max(held, taken.count - shown);
    shown += chunk.match(/ id="entry-\d+"/g)?.length ?? 0;
  }
  expect(shown).toBe(50_000);
  expect(held).toBeLessThanOrEqual(most + 1);
});

test('the first chunk needs no entry at all', () => {
  const { taken, entries } = countedEntries(10, () => user('x'));
  expect(renderSessionHtml(sampleDocument(), entries).next().value).toContain('<h1>Fix the login redirect loop');
  expect(taken.count).toBe(0);
});

test('long output is folded, with its size', () => {
  const output = Array.from({ length: 31 }, (_, index) => `line ${index}`).join('\n');
  const entries = numberEntries([toolCall('a', 'Bash', { command: 'seq' }), toolResult('a', output)]);
  const page = render(entries, WITHOUT_CHAPTERS);
  expect(page).toContain(
    '<details class="result" id="entry-1"><summary><b>output</b> 31 lines, 237 bytes</summary><pre class="output">line 0',
  );
});

test('a picture has its place in what was said and in what a tool returned', () => {
  const page = render(
    numberEntries([user('Like this:\n[image: png, 34 KB]'), toolCall('a', 'Read', {}), toolResult('a', '[image]')]),
  );
  expect(page).toContain('<div class="said">Like this:\n<span class="image">image: png, 34 KB</span></div>');
  expect(page).toContain('<pre class="output"><span class="image">image</span></pre>');
});

test('an edit tells how much it changed before it is opened', () => {
  const input = { file_path: 'a.ts', old_string: 'one', new_string: 'one\ntwo' };
  expect(render(numberEntries([toolCall('a', 'Edit', input)]))).toContain(
    '<code>a.ts</code> <span class="sums"><span class="added">+2</span> <span class="removed">−1</span></span>',
  );
});

test.each([
  ['is told', 16, '<p class="silence">16 min later</p>'],
  ['is told with the new day', 14 * 60, '<p class="silence">14 h later, 2026-03-07 00:00 UTC</p>'],
])('a long silence %s', (_name, minutes, expected) => {
  const [first, second] = numberEntries([user('go on'), assistant('done')]);
  const late = { ...second, atMs: (first?.atMs ?? 0) + minutes * MINUTE_MS } as Entry;
  expect(render([first as Entry, late])).toContain(expected);
});

test('what the summary took is told, as far as it is known', () => {
  const { summary } = sampleDocument();
  const agentwork = { ...summary.agentwork, tokens_in: 12_000, tokens_out: 345, cost_usd: 0.0123 };
  const shown = renderSample({ summary: { ...summary, agentwork } });
  expect(shown).toContain('<dt>Summary</dt><dd>12,345 tokens, $0.012</dd>');
  expect(renderSample()).not.toContain('<dt>Summary</dt>');
});

test('a chapter that the summary gives no title is called by the request that began it', () => {
  const { chapter_titles: _titles, ...summary } = sampleDocument().summary;
  const page = renderSample({ summary });
  expect(page).toContain('<span class="number">2</span> Yes, clear it in the guard</h3>');
});

test('links to what a very long page leaves out lead to the word about it', () => {
  const turns = Array.from({ length: 30_000 }, (_, index) => (index % 100 === 0 ? user('go on') : assistant('done')));
  const entries = numberEntries(turns);
  const aha_moments = [{ seq: 15_050, role: 'user', type: 'insight' as const, highlight: 'h', why: 'w' }];
  const summary = { ...sampleDocument().summary, aha_moments };
  const page = render(entries, { outline: outlineOf(entries), summary });
  expect(page).toContain('<a href="#entry-19999"><q>h</q></a>');
  expect(deadLinks(page)).toEqual([]);
});

function deadLinks(page: string): readonly (string | undefined)[] {
  const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  return [...page.matchAll(/ href="#([^"]+)"/g)].map(([, target]) => target).filter((target) => !ids.has(target));
}

test('a single call that failed is found by the filter for errors', () => {
  const page = render(numberEntries([toolCall('a', 'Bash', {}), toolError('a', 'no such file')]), WITHOUT_CHAPTERS);
  expect(page).toContain('<div class="work failed">');
});

test.each<[string, Entry['toolInput']]>([
  ['deeper than a stack', `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`],
  [
    'of many deep members',
    `{${Array.from({ length: 100 }, (_, n) => `"k${n}":${'['.repeat(2000)}${']'.repeat(2000)}`)}}`,
  ],
  ['of very many members', JSON.stringify(Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`k${n}`, 1])))],
  ['with a very long name', JSON.stringify({ ['k'.repeat(1_000_000)]: 1 })],
  ['of empty lines', JSON.stringify({ file_path: 'a', content: '\n'.repeat(3_000_000) })],
])('arguments %s make a page that is bounded', (_name, toolInput = '') => {
  const call = { kind: 'tool' as const, text: '', toolName: 'Write', toolInput, callId: 'a' };
  const entries = numberEntries([call, toolResult('a', 'ok')]);
  expect(render(entries, { outline: outlineOf(entries) }).length).toBeLessThan(150_000);
});

test('signs without width make no page that is many times as long as its session', () => {
  const entries = numberEntries(Array.from({ length: 20 }, () => assistant('\u200b'.repeat(100_000))));
  expect(render(entries, { outline: outlineOf(entries) }).length).toBeLessThan(2_000_000);
});

test('code in a prompt looks like code, and the rest as it was typed', () => {
  const page = render(numberEntries([user('Make `a.ts` *fast*:\n```ts\nconst a = 1;\n```\nand ```open')]));
  expect(page).toContain('Make <code>a.ts</code> *fast*:<pre class="code" tabindex="0"><code><i>const</i> a = ');
  expect(page).toContain('</code></pre>and ```open');
});

test('a long prompt is shown so far, and the rest folds away', () => {
  const lines = Array.from({ length: 60 }, (_, index) => `line ${index}`);
  const page = render(numberEntries([user(lines.join('\n'))]));
  expect(page).toContain(
    'line 19</div><details class="rest"><summary>40 more lines</summary><div class="said">line 20',
  );
});

test.each([
  [
    '<command-message>init</command-message>\n<command-name>/init</command-name>\n<command-args>be brief</command-args>',
    'Command',
    '/init be brief',
  ],
  ['<local-command-stdout>Compacted</local-command-stdout>', 'Command output', 'Compacted'],
  ['<system-reminder>mind the gap</system-reminder>', 'Reminder', 'mind the gap'],
  ['This session is being continued from a previous conversation that ran out', 'Compaction', 'This session is being'],
  ['SessionStart hook: done', 'System', 'SessionStart hook: done'],
])('the note %j is called what it is', (text, kind, preview) => {
  const page = render(numberEntries([{ kind: 'system', text }]));
  expect(page).toContain(`<span class="note-kind">${kind}</span> <span class="preview">${preview}`);
});

test('what no agent has judged looks so, and a brief session is called by what was asked', () => {
  const { summary } = sampleDocument();
  const offline = renderSample({ summary: { ...summary, provider: 'offline' } });
  expect(offline).toContain('<span class="badge guessed success" title="A guess from the transcript');
  const brief = renderSample({ summary: { ...summary, provider: 'offline', title: 'Brief session' } });
  expect(brief).toContain('<span class="badge">Brief</span>');
  expect(brief).toMatch(/<h1>Logging in sends people in circles[^<]*<\/h1>/);
});

test('tasks of an agent can be ticked off, and its plan reads as Markdown', () => {
  const todos = [
    { content: 'Read', status: 'completed' },
    { content: 'Write', status: 'in_progress' },
    { content: 'Test' },
  ];
  const page = render(
    numberEntries([
      toolCall('a', 'TodoWrite', { todos }),
      toolCall('b', 'ExitPlanMode', { plan: '# Plan\n\n1. **Read**' }),
    ]),
    WITHOUT_CHAPTERS,
  );
  expect(page).toContain('<code>☑ Read\n◐ Write\n☐ Test</code>');
  expect(page).toContain('<div class="markdown"><h5>Plan</h5>');
});

test('where a long prompt is folded, no block of code is divided', () => {
  const code = ['```js', ...Array.from({ length: 30 }, (_, index) => `f(${index});`), '```'];
  const lines = [
    ...Array.from({ length: 15 }, (_, index) => `line ${index}`),
    ...code,
    'then',
    '```sh',
    'ls',
    '```',
    'end',
  ];
  const page = render(numberEntries([user(lines.join('\n'))]));
  expect(page.match(/<pre class="code"/g)).toHaveLength(2);
  expect(page).toContain(
    '<details class="rest"><summary>5 more lines</summary><div class="said">then<pre class="code"',
  );
});
