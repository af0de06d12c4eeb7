import { describe, expect, test } from 'vitest';
import { buildBriefSummary, buildOfflineSummary, isBrief } from '../../src/session/offline-summary.ts';
import { outlineOf } from '../../src/session/outline.ts';
import { formatSummaryJson } from '../../src/session/summary.ts';
import { assistant, call, type Part, result, session, user } from './entries.ts';

const HEADER = { agentType: 'claude-code', model: 'claude-x' };
const SESSION = session(
  user('/ox-session-start'),
  user('Fix the login redirect loop'),
  call('Bash', { command: 'ls' }),
  call('Bash', { command: 'npm test' }, '1'),
  result('Exit code 1\nTypeError: x is undefined', '1', true),
  call('Edit', { file_path: '/home/ryan/work/auth/login.ts', old_string: 'a', new_string: 'b\nc' }),
  call('mcp__github__create_issue', { title: 'x' }),
  call('Read', { file_path: 'a.ts' }),
  call('Read', { file_path: 'b.ts' }),
  assistant('Done: the cookie path was wrong.'),
  user('ok'),
  assistant('Anything else?'),
);

const offline = (...parts: Part[]) => buildOfflineSummary(outlineOf(session(...parts)), HEADER);

describe('buildOfflineSummary', () => {
  test('tells a person what happened', () => {
    const summary = buildOfflineSummary(outlineOf(SESSION), HEADER);
    expect(summary).toMatchObject({
      title: 'Fix the login redirect loop',
      provider: 'offline',
      outcome: 'success',
      topics_found: ['typescript', 'auth', 'npm', 'github'],
      chapter_titles: ['Fix the login redirect loop', 'Discussion'],
      files_changed: [{ path: '/home/ryan/work/auth/login.ts', added: 2, removed: 1 }],
      key_actions: [
        'Asked: Fix the login redirect loop',
        'Changed /home/ryan/work/auth/login.ts (+2 −1)',
        'Ran npm test',
      ],
    });
    expect(summary.summary).toBe(
      'The user asked: “Fix the login redirect loop” and made 1 more request, the last: “ok”. ' +
        'In 11 s, Claude Code (claude-x) made 6 tool calls, changed 1 file (+2 −1) and ran 2 commands. ' +
        '1 call ended with an error, the first with “TypeError: x is undefined”. ' +
        'It ended with: “Anything else?”',
    );
    expect(summary).not.toHaveProperty('quality_score');
    expect(summary).not.toHaveProperty('quality_category');
    expect(summary.chapters?.map(({ title }) => title)).toEqual(summary.chapter_titles);
  });

  test('is the same bytes for the same session', () => {
    const once = () => formatSummaryJson(buildOfflineSummary(outlineOf(SESSION), HEADER));
    expect(once()).toBe(once());
  });

  test.each([
    ['# Add **bold** `code`\n\nand more', 'Add bold code and more'],
    ['- see [the docs](https://x.example/y) first', 'see the docs first'],
    ['rename foo_bar to __init__ in a*b', 'rename foo_bar to __init__ in a*b'],
    ['\u001b[31mred\u001b[0m alert\u0007', 'red alert'],
    [`${'word '.repeat(40)}end`, `${'word '.repeat(19)}word…`],
    ['x'.repeat(300), `${'x'.repeat(99)}…`],
  ])('makes of %j the title %j', (request, title) => {
    expect(offline(user(request), assistant('ok')).title).toBe(title);
  });

  test.each([
    ['/ox-session-start'],
    ['<command-name>/init</command-name>'],
    ['<system-reminder>Today is Monday</system-reminder>'],
    ['This session is being continued from a previous conversation that ran out of context'],
  ])('takes no title from %j', (text) => {
    expect(offline(user(text), user('hi'), user('Real work'), assistant('ok')).title).toBe('Real work');
  });

  test.each([
    [
      'Changed a.ts and 1 more file',
      [call('Write', { file_path: 'x/a.ts', content: 'a' }), call('Write', { file_path: 'x/b.ts', content: '' })],
    ],
    ['Ran make all', [call('Bash', { command: 'make all' })]],
    ['2 tool calls without a request', [call('Task', {}), call('Task', {})]],
    ['Session without a request', [assistant('hello'), assistant('there')]],
  ])('has the title %j when nobody asked', (title, parts) => {
    const summary = offline(...parts);
    expect(summary.title).toBe(title);
    expect(summary.key_actions.length).toBeGreaterThan(0);
    expect(summary.summary.length).toBeGreaterThanOrEqual(20);
  });

  test.each([
    ['success', [user('a b c'), assistant('done')]],
    ['failed', [user('a b c'), call('Bash', { command: 'x' })]],
    ['failed', [user('a b c'), call('Bash', { command: 'x' }, '1'), result('no', '1', true), assistant('sorry')]],
    ['partial', [user('a b c'), call('Write', { file_path: 'a', content: 'b' })]],
    ['partial', [user('a b c'), call('Read', {}), call('Read', {}, '1'), result('no', '1', true), assistant('half')]],
  ])('rates as %s: %j', (outcome, parts) => {
    expect(offline(...parts).outcome).toBe(outcome);
  });
});

const calls = (count: number) => Array.from({ length: count }, () => call('Bash', { command: 'make' }));

describe('a brief session', () => {
  test.each<[boolean, Part[]]>([
    [true, []],
    [true, [user('hello there')]],
    [true, [user('hello'), user('anyone?')]],
    [true, [user('u'.repeat(500)), user('u'.repeat(500))]],
    [true, [user('fix it'), assistant('done')]],
    [true, [user('fix it'), ...calls(2)]],
    [true, [user('u'.repeat(79)), assistant('a'.repeat(199)), ...calls(2)]],
    [true, [user('<system-reminder>much</system-reminder>'.repeat(9)), assistant('hi')]],
    [false, [user('u'.repeat(80)), assistant('done')]],
    [false, [user('u'.repeat(40)), assistant('ok'), user('u'.repeat(40))]],
    [false, [user(`/review ${'u'.repeat(80)}`), assistant('fine')]],
    [false, [user('why?'), assistant('a'.repeat(200))]],
    [false, [user('why?'), assistant('a'.repeat(100)), assistant('a'.repeat(100))]],
    [false, [user('fix it'), ...calls(3)]],
    [false, [user('fix it'), ...calls(500)]],
    [false, [user('fix it'), call('Write', { file_path: 'a', content: 'b' }), assistant('done')]],
  ])('is %s for %j', (brief, parts) => {
    expect(isBrief(outlineOf(session(...parts)))).toBe(brief);
  });

  test.each([
    [[user('one')], 'The user asked “one”; no work of Claude Code was recorded.'],
    [[user('one'), user('two')], 'The user asked “one” and “two”; no work of Claude Code was recorded.'],
    [
      [user('one'), user('two'), user('three')],
      'The user asked “one”, “two” and “three”; no work of Claude Code was recorded.',
    ],
    [['1', '2', '3', '4'].map(user), 'The user asked “1” plus 3 more; no work of Claude Code was recorded.'],
    [[], 'Nothing was asked in this session, and nothing was done.'],
    [[user('hi'), assistant('Hello!')], 'The user asked “hi”; Claude Code answered “Hello!”'],
    [
      [user('hi'), ...calls(2), assistant('ok')],
      'The user asked “hi”; Claude Code made 2 tool calls and answered “ok”.',
    ],
    [[user('/init'), ...calls(1)], 'Nothing was asked in this session; Claude Code made 1 tool call.'],
  ])('says of %j what was asked', (parts, text) => {
    const brief = buildBriefSummary(outlineOf(session(...parts)), HEADER);
    expect(brief.summary).toBe(text);
    expect(brief).toMatchObject({ title: 'Brief session', provider: 'offline', quality_category: 'skip' });
    expect(brief.score_reason).toMatch(/^prefilter skip — /);
  });

  test.each<[string, Part[]]>([
    ['fewer than two entries', [user('hi')]],
    ['no answer and no tool call', [user('hi'), user('anyone?')]],
    ['hardly a word, hardly a tool call and no file changed', [user('hi'), assistant('Hello!')]],
  ])('gives the reason: %s', (reason, parts) => {
    const brief = buildBriefSummary(outlineOf(session(...parts)), HEADER);
    expect(brief.score_reason).toBe(`prefilter skip — ${reason}`);
  });
});
