import { describe, expect, test } from 'vitest';
import { judgeName, parseSessionName, type SessionNameParts, unsafeNameReason } from '../../src/session/name.ts';
import { BUILT_IN } from '../../src/session/redaction/policy.ts';
import { createRedactor } from '../../src/session/redaction/redactor.ts';
import { CONTEXT_RULES, TOKEN_RULES } from '../../src/session/redaction/rules.ts';

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
    ['.gitea'],
    ['.git-work'],
    ['git'],
    ["a'b"],
    ['[x]{y,z}'],
    [':(exclude)x'],
    ['%s%n'],
    ['\ud83d\udc69\u200d\ud83d\udcbb'],
    ['\u2764\ufe0f'],
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
    ['a\u200fb', 'the name holds control characters'],
    ['a\u061cb', 'the name holds control characters'],
    ['a\u200bb', 'the name holds invisible characters'],
    ['a\u00adb', 'the name holds invisible characters'],
    ['\ufeffa', 'the name holds invisible characters'],
    ['a\u{e0041}b', 'the name holds invisible characters'],
    ['a\ufffdb', 'the name is not UTF-8'],
    ['.git', 'the name is git’s own'],
    ['.GIT', 'the name is git’s own'],
    ['.g\u200cit', 'the name is git’s own'],
    ['.git. .', 'the name is git’s own'],
    ['.git::$INDEX_ALLOCATION', 'the name is git’s own'],
    ['GIT~1', 'the name is git’s own'],
    ['.gitmodules', 'the name is git’s own'],
    ['.gitAttributes', 'the name is git’s own'],
    ['a\u2066b', 'the name holds control characters'],
    ['--force', 'the name starts with a dash'],
    ['x'.repeat(256), 'the name is too long'],
  ])('%j is not', (name, reason) => {
    expect(unsafeNameReason(name)).toBe(reason);
  });
});

describe('a name that holds a secret', () => {
  const TOKEN = ['ghp', `${'a1B2c3D4'.repeat(4)}Zz12`].join('_');

  test.each([TOKEN, `2026-01-06T14-32-${TOKEN}-Ox7f3a`, `x ${TOKEN}`])('is no session’s, and not shown: …', (name) => {
    const { shown, refusal } = judgeName(name);
    expect([shown.includes(TOKEN), refusal]).toEqual([
      false,
      'the name holds a secret: whoever made the folder can rename it',
    ]);
  });

  test.each(['2026-01-06T14-32-ryan-Ox7f3a', '2026-01-06T14-32-ryan@example.com-Ox7f3a', 'a token', 'a'.repeat(40)])(
    'is not this one: %s',
    (name) => {
      expect(judgeName(name)).toEqual({ shown: name });
    },
  );

  test('has no room for one where recorders made it of letters', () => {
    const words = [...TOKEN_RULES, ...CONTEXT_RULES].flatMap(({ keywords }) => keywords);
    const letters = new Set(words.map((word) => word.replace(/[^a-z]/gi, '')));
    const users = [...letters].flatMap((word) => [word, `${word}abcdefghijklmnop`, `xyz${word}`]);
    const redactor = createRedactor(BUILT_IN);
    for (const name of users.map((user) => `2026-01-06T14-32-${user.slice(0, 16)}-Ox7f3aB9`)) {
      expect([redactor.text(name), judgeName(name).shown]).toEqual([name, name]);
    }
  });
});
