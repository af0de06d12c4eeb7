import { expect, test } from 'vitest';
import { gitMessage } from '../../../src/ledger/git/message.ts';

test.each([
  ['fatal: not a git repository\n', 'not a git repository'],
  ['error: one\nhint: do this\n\nfatal: two', 'one; two'],
  ['x'.repeat(600), 'x'.repeat(500)],
  ["fatal: unable to access 'https://me:h7Gk2pQ9@host/a'", "unable to access 'https://me:[REDACTED_PASSWORD]@host/a'"],
])('git’s words %j in one line', (text, expected) => {
  expect(gitMessage(new Error(text))).toBe(expected);
});
