import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { listStoredSessions, readStoredSession } from '../../src/ledger/stored-sessions.ts';
import { temporaryFolder, writeFiles } from '../support/temporary-folder.ts';

const SUMMARY = '{"title":"Fix it","summary":"It was fixed.","outcome":"success"}';
const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12\n`;

function sessionsOf(files: Readonly<Record<string, string>>, prepare = (_folder: string) => {}) {
  const folder = temporaryFolder();
  writeFiles(folder, files);
  prepare(folder);
  const found = listStoredSessions(folder).map((entry) => readStoredSession(folder, entry));
  return found.filter((session) => session !== undefined);
}

test('a finished session is its summary and its meta', () => {
  expect(
    sessionsOf({ 'a/summary.json': SUMMARY, 'a/meta.json': '{"username":"ryan"}', 'a/session.html': 'x' }),
  ).toEqual([
    {
      name: 'a',
      summary: expect.objectContaining({ title: 'Fix it', outcome: 'success' }),
      meta: { username: 'ryan' },
      troubles: [],
      hasPage: true,
    },
  ]);
});

test('a recording, a marker or a draft is a session without a summary; anything else is none', () => {
  const sessions = sessionsOf({
    'a/raw.jsonl': '',
    'b/.recording.json': '{}',
    'c/meta.json': '{"draft":true}',
    'd/notes.txt': 'x',
    'raw/summary.json': SUMMARY,
    'loose.json': '{}',
  });
  expect(sessions.map(({ name, troubles, hasPage }) => ({ name, troubles, hasPage }))).toEqual(
    ['a', 'b', 'c'].map((name) => ({ name, troubles: [], hasPage: false })),
  );
});

test.each([
  ['summary.json', '{"title": "Ha', 'summary.json is broken'],
  ['summary.json', POINTER, 'summary.json is a Git LFS pointer'],
  ['summary.json', '<<<<<<< HEAD\n{}\n=======\n[]\n>>>>>>> b\n', 'summary.json has the marks of a merge conflict'],
  ['summary.json', '{"title": "Summary failed content validation"}', 'summary.json says nothing of use'],
  ['meta.json', 'null', 'meta.json says nothing of use'],
  ['meta.json', '', 'meta.json is empty'],
])('a %s of %j is named, and the session stays', (file, content, trouble) => {
  expect(sessionsOf({ [`a/${file}`]: content })).toEqual([{ name: 'a', troubles: [trouble], hasPage: false }]);
});

test('links, folders in the place of files and unsafe names are named, and nothing behind them is read', () => {
  const sessions = sessionsOf({ 'real/summary.json': SUMMARY, 'evil\u202egnp/summary.json': SUMMARY }, (folder) => {
    symlinkSync(path.join(folder, 'real'), path.join(folder, 'a-link'));
    mkdirSync(path.join(folder, 'odd', 'summary.json'), { recursive: true });
    mkdirSync(path.join(folder, 'linked'));
    symlinkSync(path.join(folder, 'real', 'summary.json'), path.join(folder, 'linked', 'summary.json'));
  });
  expect(Object.fromEntries(sessions.map(({ name, troubles }) => [name, troubles]))).toEqual({
    'a-link': ['not looked into: a symbolic link, not a folder'],
    'evil\u202egnp': ['not looked into: the name holds control characters'],
    linked: ['summary.json cannot be read: ELOOP'],
    odd: ['summary.json cannot be read: not a regular file'],
    real: [],
  });
});

test.skipIf(process.getuid?.() === 0)('a folder that may not be entered is named', () => {
  const sessions = sessionsOf({ 'a/summary.json': SUMMARY }, (folder) => chmodSync(path.join(folder, 'a'), 0));
  expect(sessions[0]?.troubles).toEqual(['the folder cannot be read: EACCES']);
});

test('a ledger without a folder of sessions has none; one that cannot be read is not an empty one', () => {
  const folder = temporaryFolder();
  expect(listStoredSessions(path.join(folder, 'sessions'))).toEqual([]);
  writeFiles(folder, { sessions: 'a file' });
  expect(() => listStoredSessions(path.join(folder, 'sessions'))).toThrow(/cannot read/);
  symlinkSync(folder, path.join(folder, 'linked'));
  expect(() => listStoredSessions(path.join(folder, 'linked'))).toThrow(/is a symbolic link/);
});
