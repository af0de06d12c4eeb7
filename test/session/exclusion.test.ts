import { describe, expect, test } from 'vitest';
import { exclusionReason, type Provenance, parseExclusion, splitExclusions } from '../../src/session/exclusion.ts';

const HOME = '/home/dev (old)';
const RYANS: Provenance = {
  users: ['ryan', 'ryan@example.com'],
  branches: ['main', 'private/talks'],
  paths: [`${HOME}/clients/acme`],
};

const excludes = (pattern: string, provenance = RYANS) => parseExclusion(pattern, 'here', HOME)?.matches(provenance);

describe('a pattern', () => {
  test.each([
    ['user:ryan', true],
    ['user:*@example.com', true],
    ['user:Ryan', false],
    ['user:main', false],
    ['branch:private/*', true],
    ['branch:{main,release/*}', true],
    ['branch:private', false],
    ['branch:~/clients', false],
    ['path:~/clients/**', true],
    ['path:~/clients/acme', true],
    ['path:~/clients', false],
    ['path:**/acme', true],
    ['path:/home/*/clients/*', true],
    ['path:/home/dev/**', false],
  ])('%s excludes a session of Ryan’s: %s', (pattern, expected) => {
    expect(excludes(pattern)).toBe(expected);
  });

  test.each<[string, keyof Provenance, string]>([
    ['path:~/clients/', 'paths', `${HOME}/clients`],
    ['path:~/clients/', 'paths', `${HOME}/clients/acme/shop`],
    ['path:~//clients/./acme', 'paths', `${HOME}/clients/acme`],
    ['path:**/acme/', 'paths', '/srv/acme/shop'],
    ['path://server/share/**', 'paths', '/server/share/shop'],
    ['path:c:/work/**', 'paths', 'C:/work/shop'],
    ['path:C:/work/**', 'paths', 'c:/work/shop'],
    ['path:/caf\u00e9/**', 'paths', '/cafe\u0301/shop'],
    ['branch:refs/heads/private/*', 'branches', 'private/talks'],
    ['branch:private/*', 'branches', 'refs/heads/private/talks'],
    ['user: ryan ', 'users', 'ryan'],
  ])('%s excludes by %s what is the same and written otherwise: %s', (pattern, told, name) => {
    expect(excludes(pattern, { users: [], branches: [], paths: [], [told]: [name] })).toBe(true);
  });

  test('takes a home that is written as Windows does', () => {
    const windows = parseExclusion('path:~/clients/**', 'here', 'C:\\Users\\ryan');
    expect(windows?.matches({ users: [], branches: [], paths: ['c:/Users/ryan/clients/acme'] })).toBe(true);
  });

  test.each([['user:**'], ['branch:**'], ['path:**']])('%s excludes nothing that tells of none', (pattern) => {
    expect(excludes(pattern, { users: [], branches: [], paths: [] })).toBe(false);
  });

  test.each([
    [''],
    ['ryan'],
    ['user:'],
    ['User:ryan'],
    ['team:core'],
    [':x'],
    ['branch:{a,b'],
    ['path:clients/**'],
    ['path:~ryan/x'],
    ['path:./x'],
    ['path:/home/../x'],
    ['path:~/clients/..'],
    ['user: '],
    ['true'],
  ])('%j is none', (pattern) => {
    expect(parseExclusion(pattern, 'here', HOME)).toBeUndefined();
  });

  test('is named with its place', () => {
    const all = ['user:mia', 'branch:main', 'user:ryan'].flatMap(
      (text) => parseExclusion(text, `${text} there`, HOME) ?? [],
    );
    expect(exclusionReason(all, RYANS)).toBe('branch:main there excludes branch:main');
    expect(exclusionReason(all.slice(0, 1), RYANS)).toBeUndefined();
  });
});

test('commas separate patterns, those within braces do not', () => {
  expect(splitExclusions(' user:a, branch:{b,c/{d,e}}/*,,path:/f ')).toEqual([
    'user:a',
    'branch:{b,c/{d,e}}/*',
    'path:/f',
  ]);
});
