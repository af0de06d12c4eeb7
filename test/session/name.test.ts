import { describe, expect, test } from 'vitest';
import { parseSessionName, type SessionNameParts, unsafeNameReason } from '../../src/session/name.ts';

const AT = { startedAtLocal: '2026-01-06T14:32' };

test.each<[string, SessionNameParts]>([
  ['2026-01-06T14-32-ryan-Ox7f3a', { ...AT, username: 'ryan', agentId: 'Ox7f3a' }],
  ['2026-01-06T14-32-mary-jane-w-Ox7f3a', { ...AT, username: 'mary-jane-w', agentId: 'Ox7f3a' }],
  ['2026-01-06T14-32-ryan@example.com x-Ox7f3a', { ...AT, username: 'ryan@example.com x', agentId: 'Ox7f3a' }],
  ['2026-01-06T14-32-Ox7f3a', { ...AT, agentId: 'Ox7f3a' }],
  ['2026-01-06T14-32-ryan-', { ...AT, username: 'ryan' }],
  ['2026-01-06T14-32-', AT],
  ['2026-01-06T14-32', {}],
  ['2026-1-6T14-32-ryan-Ox7f3a', {}],
  ['my notes', {}],
  ['', {}],
])('%j tells %j', (name, parts) => {
  expect(parseSessionName(name)).toEqual(parts);
});

describe('a name', () => {
  test.each([
    ['2026-01-06T14-32-ryan-Ox7f3a'],
    ['a'],
    ['with spaces & *'],
    [':colon'],
    ['.hidden'],
    ['…'],
    ['日本語'],
    ['\ud83d\ude80'],
    ['constructor'],
    ['a..b'],
    ['x'.repeat(255)],
  ])('%j is safe', (name) => {
    expect(unsafeNameReason(name)).toBeUndefined();
  });

  test.each([
    ['', 'the name is no name'],
    ['.', 'the name is no name'],
    ['..', 'the name is no name'],
    ['a/b', 'the name holds a path separator'],
    ['a\\b', 'the name holds a path separator'],
    ['a\nb', 'the name holds control characters'],
    ['a\u001b[31m', 'the name holds control characters'],
    ['a\u0000', 'the name holds control characters'],
    ['a\u007f', 'the name holds control characters'],
    ['a\u009b31m', 'the name holds control characters'],
    ['a\u2028b', 'the name holds control characters'],
    ['gnp.\u202eexe', 'the name holds control characters'],
    ['a\u2066b', 'the name holds control characters'],
    ['--force', 'the name starts with a dash'],
    ['x'.repeat(256), 'the name is too long'],
  ])('%j is not', (name, reason) => {
    expect(unsafeNameReason(name)).toBe(reason);
  });
});
