import { expect, test } from 'vitest';
import { commitMessage } from '../../../src/ledger/git/own-commits.ts';

test.each<[readonly string[], string]>([
  [['2026-03-06T10-00-ryan-Ox7f3a'], 'finalize session 2026-03-06T10-00-ryan-Ox7f3a\n\nFinalized-by: agentwork\n'],
  [['a', 'b'], 'finalize 2 sessions\n\na\nb\n\nFinalized-by: agentwork\n'],
])('the message for %j', (sessions, message) => {
  expect(commitMessage(sessions)).toBe(message);
});
