import { expect, test } from 'vitest';
import { findAdapter } from '../../../src/session/adapters/find-adapter.ts';

test.each([
  ['claude-code', 'claude-code'],
  ['Claude', 'claude-code'],
  [undefined, 'claude-code'],
  ['codex', 'codex'],
  [' OpenAI-Codex ', 'codex'],
  ['gemini-cli', 'gemini'],
  ['generic', 'generic'],
  ['cursor', 'generic'],
  ['', 'generic'],
  ['__proto__', 'generic'],
])('the transcripts of %j are understood as those of %s', (name, adapter) => {
  expect(findAdapter(name).name).toBe(adapter);
});
