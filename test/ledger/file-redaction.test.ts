import { symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { isBinary, searchFile, searchText } from '../../src/ledger/file-redaction.ts';
import { BUILT_IN } from '../../src/session/redaction/policy.ts';
import { pointerTo } from '../support/git-lfs.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const TOKEN = ['ghp', 'a1B2c3D4'.repeat(5)].join('_');
const ESCAPED = TOKEN.replace('g', '\\u0067');

function search(name: string, content: string | Buffer) {
  const file = path.join(temporaryFolder(), name);
  writeFileSync(file, content);
  return searchFile(file, name, BUILT_IN);
}

test.each([
  ['notes.md', `a ${TOKEN}`, { github_token: 1 }],
  ['raw.jsonl', `{"a":"${ESCAPED}"}\nnot json ${TOKEN}\n`, { github_token: 2 }],
  ['meta.json', `{"a":["${ESCAPED}"]}`, { github_token: 1 }],
  ['notes.md', 'nothing', {}],
  ['empty.txt', '', {}],
])('the secrets in %s (%j) are counted, on disk and in history', (name, text, findings) => {
  expect(search(name, text)).toEqual({ kind: 'searched', findings });
  expect(searchText(text, name, BUILT_IN)).toEqual(findings);
});

test.each([
  ['a picture is no text', 'shot.png', Buffer.from([0x89, 0x50, 0, 1]), { kind: 'no-text' }],
  [
    'a recording is text whatever stands in it',
    'raw.jsonl',
    `\0${TOKEN}`,
    { kind: 'searched', findings: { github_token: 1 } },
  ],
  [
    'a pointer is not its content',
    'session.html',
    pointerTo('x'),
    { kind: 'unsearched', reason: expect.stringMatching(/^a Git LFS pointer/) },
  ],
  [
    'text of another encoding',
    'old.txt',
    Buffer.from([0x66, 0xfc, 0x72]),
    { kind: 'unsearched', reason: expect.stringMatching(/no UTF-8/) },
  ],
  [
    'text that is too large to be held',
    'large.txt',
    'x'.repeat(64 * 1024 * 1024 + 1),
    { kind: 'unsearched', reason: expect.stringMatching(/larger than 64 MB/) },
  ],
])('%s', (_, name, content, expected) => {
  expect(search(name, content)).toEqual(expected);
});

test('a link leads nowhere', () => {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'secret'), TOKEN);
  symlinkSync('secret', path.join(folder, 'link.txt'));
  expect(searchFile(path.join(folder, 'link.txt'), 'link.txt', BUILT_IN).kind).toBe('unsearched');
});

test('what follows the beginning does not make a picture of a text', () => {
  expect(isBinary(`${'x'.repeat(9000)}\0`, 'a.txt')).toBe(false);
});
