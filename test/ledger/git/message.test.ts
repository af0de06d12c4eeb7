import { expect, test } from 'vitest';
import { gitMessage } from '../../../src/ledger/git/message.ts';

test.each([
  ['fatal: not a git repository\n', 'not a git repository'],
  ['error: one\nhint: do this\n\nfatal: two', 'one; two'],
  ['x'.repeat(600), 'x'.repeat(500)],
  [
    `fatal: cannot lock ref 'HEAD': Unable to create '/clones/a/.git/HEAD.lock': File exists.\n\nAnother git process seems…`,
    "cannot lock ref 'HEAD': another git process is at work in this clone (HEAD.lock is there; if none is, it was left behind: remove it)",
  ],
  ["fatal: unable to access 'https://me:h7Gk2pQ9@host/a'", "unable to access 'https://me:[REDACTED_PASSWORD]@host/a'"],
])('git’s words %j in one line', (text, expected) => {
  expect(gitMessage(new Error(text))).toBe(expected);
});
