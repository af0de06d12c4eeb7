import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { withheldSessions } from '../src/session-memory.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const NOW = Date.parse('2026-03-06T10:00:00Z');
const withheldIn = (folder: string, bytes = 2) => ({
  verdict: 'withheld' as const,
  withheld_at: NOW,
  recording: { path: folder, bytes },
});

test('what the remote refused within the day stays, as long as its recording is the same', () => {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'raw.jsonl'), '{}');
  const memories = { same: withheldIn(folder), grown: withheldIn(folder, 1), gone: withheldIn(`${folder}/gone`) };
  expect(withheldSessions(memories, NOW)).toEqual({ withheld: ['same'], due: ['grown', 'gone'] });
});

test.each([
  ['too long', '/a'.repeat(5000)],
  ['none', 'a\0b'],
  ['below a file', `${import.meta.filename}/a`],
])('a recording whose path is %s is not known again', (_, folder) => {
  expect(withheldSessions({ a: withheldIn(folder) }, NOW)).toEqual({ withheld: [], due: ['a'] });
});
