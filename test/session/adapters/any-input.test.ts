import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SourceLine } from '../../../src/session/adapters/adapter.ts';
import { findAdapter } from '../../../src/session/adapters/find-adapter.ts';
import { RecoverySelection } from '../../../src/session/recovery.ts';
import { EVERYTHING, parsed, placed } from './story.ts';

const KEYS = (
  'type payload role content text message timestamp ts cwd id uuid messages history parts toolCalls result name args ' +
  'arguments output call_id data _meta metadata $set $rewindTo sessionId attachment prompt functionResponse functionCall ' +
  'response tool_calls function tool_name tool_input tool_output record_type displayContent action tools status'
).split(' ');
const WORDS = (
  'user assistant tool system gemini model message response_item session_meta turn_context event_msg compacted reasoning ' +
  'function_call function_call_output custom_tool_call local_shell_call text tool_use tool_result input_text input_image ' +
  'image attachment queued_command header footer info __proto__ constructor toString 2026-03-06T10:00:00Z error [image]'
).split(' ');

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.constantFrom(...WORDS, '', null, true, 0, -1, 1e308),
    fc.string(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(fc.constantFrom(...KEYS), tie('value')), { maxLength: 8 }).map(Object.fromEntries),
  ),
}));
const lineText = fc.oneof(
  { weight: 6, arbitrary: value.map((line) => JSON.stringify(line)) },
  fc.string(),
  fc.constantFrom('', ' ', '{', '[', '}', ']', '{}', '[]', 'null', '{"type":', '\u0000', '\ufeff{}'),
);

describe.each(['claude-code', 'codex', 'gemini', 'generic'])('whatever %s is given', (name) => {
  const adapter = findAdapter(name);

  test('it never throws, and every line is told as something', () => {
    fc.assert(
      fc.property(fc.array(lineText, { maxLength: 8 }), (lines) => {
        const read = parsed(adapter, lines);
        if (name !== 'gemini') expect(read).toHaveLength(lines.length);
        for (const line of read) expectWellFormed(line);
        const selection = new RecoverySelection(EVERYTHING);
        const entries = read.flatMap((line) => selection.take(line));
        const { counts } = selection;
        const unknown = Object.values(counts.unknownTypes).reduce((sum, count) => sum + count, 0);
        expect(entries).toHaveLength(counts.entries);
        expect(counts.understood - counts.duplicates + counts.dropped + counts.malformed + unknown).toBe(
          read.filter((line) => line.kind !== 'blank').length,
        );
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['lists', '['.repeat(20_000) + ']'.repeat(20_000)],
    ['objects', `${'{"message":'.repeat(20_000)}1${'}'.repeat(20_000)}`],
  ])('nesting of %s does not stop it', (_name, deep) => {
    const lines = ['type', 'payload', 'content', 'message', 'data', 'tool_input', 'role', 'messages', '$set'].flatMap(
      (key) => [
        `{"${key}":${deep}}`,
        `{"type":"user","${key}":${deep}}`,
        `{"type":"response_item","payload":{"type":"function_call_output","output":${deep}}}`,
        `{"type":"gemini","toolCalls":[{"args":${deep},"result":${deep}}]}`,
        `{"role":"tool","content":${deep}}`,
      ],
    );
    for (const line of parsed(adapter, lines)) expectWellFormed(line);
  });

  test('a line of one long word, tag or brace is read in no time', () => {
    const lines = ['<', '<image ', '{', '\n', 'Exit code: ', '<system-reminder>', '# Context from my IDE setup:'].map(
      (part) =>
        JSON.stringify({ type: 'message', role: 'user', content: [{ type: 'text', text: part.repeat(100_000) }] }),
    );
    const startedMs = performance.now();
    expect([...adapter.parse(placed(lines))]).toHaveLength(lines.length);
    expect(performance.now() - startedMs).toBeLessThan(20_000);
  });
});

function expectWellFormed(line: SourceLine): void {
  if (line.kind === 'dropped' || line.kind === 'unknown') expect(typeof line.type).toBe('string');
  if (line.kind !== 'entries') return;
  expect(line.entries.length).toBeGreaterThan(0);
  for (const entry of line.entries) {
    expect(['user', 'assistant', 'system', 'tool']).toContain(entry.type);
    for (const [key, held] of Object.entries(entry))
      expect(typeof held).toBe(key === 'is_error' ? 'boolean' : 'string');
    if (entry.ts !== undefined) expect(entry.ts).toMatch(/^[+-]?\d{4,6}-\d\d-\d\dT/);
  }
}
