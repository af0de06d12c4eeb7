import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { isSilent } from '../../../src/ledger/recovery/silent-transcript.ts';
import type { Recording } from '../../../src/session/recording.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const line = (value: object) => `${JSON.stringify({ sessionId: 's', version: '2.1.330', ...value })}\n`;
const said = (type: string, content: unknown, more: object = {}) =>
  line({ type, message: { role: type, content }, ...more });

const BOOKS = line({ type: 'mode', mode: 'default' }) + line({ type: 'file-history-snapshot', snapshot: {} });
const HOOK = line({ type: 'system', subtype: 'stop_hook_summary' });
const LEAVING =
  said('user', '<command-name>/exit</command-name>') +
  said('user', '<local-command-stdout>Bye!</local-command-stdout>');
const WORDS = said('user', 'Fix the export, please') + said('assistant', [{ type: 'text', text: 'It is done.' }]);

/** A transcript and the recording that begins at `from`, in bytes. */
function scene(text: string, more: Partial<Recording> = {}) {
  const file = path.join(temporaryFolder(), '0b1c2d3e.jsonl');
  writeFileSync(file, text);
  const recording: Recording = { adapterName: 'claude-code', sessionFile: file, ...more };
  const bytes = Buffer.byteLength(text);
  return {
    file,
    recording,
    transcript: { kind: 'there', path: file, bytes, changedAtMs: 0, foundBy: 'marker' } as const,
  };
}

describe('nothing was said', () => {
  test.each<[string, string, Partial<Recording>?]>([
    ['in a session that was opened and closed', BOOKS + HOOK],
    ['in one that was left by a command', BOOKS + LEAVING],
    ['in one whose start only the program wrote of', `${BOOKS}\n${said('user', 'Caveat: …', { isMeta: true })}`],
    ['since it was resumed', WORDS + BOOKS + LEAVING, { startOffset: WORDS.length }],
    ['where it was resumed and not a line was added', WORDS, { startOffset: WORDS.length }],
  ])('%s', (_, text, more) => {
    const { transcript, recording } = scene(text, more);
    expect(isSilent(transcript, recording)).toBe(true);
  });
});

describe('nobody calls silent', () => {
  test.each<[string, string, Partial<Recording>?]>([
    ['one word of a person', BOOKS + said('user', 'hello')],
    ['one word of the agent', BOOKS + said('assistant', [{ type: 'text', text: 'hello' }])],
    ['words where they are not looked for', line({ type: 'user', content: 'hello' })],
    ['an image alone', said('user', [{ type: 'image', source: {} }])],
    ['a thought alone', said('assistant', [{ type: 'thinking', thinking: 'hello' }])],
    ['a call without a word', said('assistant', [{ type: 'tool_use', name: 'Bash', id: '1', input: {} }])],
    ['words before a resumption that is not told', WORDS + BOOKS],
    ['a line that is broken', `${BOOKS}{"type":"user","mess`],
    ['a line of a kind that nobody knows', BOOKS + line({ type: 'something-new' })],
    ['a transcript that is shorter than it was', BOOKS, { startOffset: BOOKS.length + 1 }],
    ['a beginning in the middle of a line', WORDS + BOOKS, { startOffset: 7 }],
    ['more than is read for a look', BOOKS.repeat(20_000)],
    ['the transcript of another agent', BOOKS, { adapterName: 'codex' }],
  ])('%s', (_, text, more) => {
    const { transcript, recording } = scene(text, more);
    expect(isSilent(transcript, recording)).toBe(false);
  });

  test('a transcript that is gone, or may not be read', () => {
    const { file, transcript, recording } = scene(BOOKS);
    expect(isSilent({ kind: 'none' }, recording)).toBe(false);
    expect(isSilent({ kind: 'unclear', path: file, reason: 'permission denied' }, recording)).toBe(false);
    expect(isSilent({ ...transcript, foundBy: 'agent_id' }, recording)).toBe(false);
    chmodSync(file, 0o000);
    if (process.getuid?.() !== 0) expect(isSilent(transcript, recording)).toBe(false);
    rmSync(file);
    expect(isSilent(transcript, recording)).toBe(false);
  });
});
