import { describe, expect, test } from 'vitest';
import { escapeGlob, parseGlob } from '../../src/session/glob.ts';

const matches = (glob: string, text: string) => parseGlob(glob)?.(text);

describe('a glob', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['main', ['main'], ['Main', 'mains', 'xmain', '']],
    ['private/*', ['private/a', 'private/.a', 'private/'], ['private', 'private/a/b', 'xprivate/a']],
    ['private/**', ['private', 'private/a', 'private/a/.b/c'], ['privates', 'x/private']],
    ['**/secret', ['secret', '/secret', '/a/b/secret'], ['/a/bsecret', 'secret/a']],
    ['/a/**/b', ['/a/b', '/a/x/b', '/a/x/y/b'], ['/ab', '/a/xb', '/a/b/x']],
    ['/**/a/**/b', ['/a/b', '/x/a/y/b'], ['/a', '/b']],
    ['**', ['', 'a', 'a/b/.c'], []],
    ['a**z', ['az', 'a/b/z'], ['a', 'z']],
    ['*', ['', 'a', '.a'], ['a/b']],
    ['fix-?', ['fix-1', 'fix-ä'], ['fix-', 'fix-12', 'fix-/']],
    ['*@example.com', ['ryan@example.com', '@example.com'], ['ryan@example_com', 'a/b@example.com']],
    ['{a,b}/*', ['a/x', 'b/x'], ['c/x', '{a,b}/x']],
    ['/{a,b/{c,d}}/x', ['/a/x', '/b/c/x', '/b/d/x'], ['/b/x', '/c/x']],
    ['x{,y}', ['x', 'xy'], ['xyy']],
    ['{a}', ['a'], ['{a}']],
    ['\\*', ['*'], ['a', '\\*']],
    ['\\{a,b\\}', ['{a,b}'], ['a']],
    ['!main', ['!main'], ['dev', 'main']],
    ['@(a|b)', ['@(a|b)'], ['a', 'b']],
    ['[ab]+(x).^$', ['[ab]+(x).^$'], ['a', 'ax']],
    ['a\nb', ['a\nb'], ['a', 'b']],
  ])('%j', (glob, those, others) => {
    expect(those.filter((text) => matches(glob, text) !== true)).toEqual([]);
    expect(others.filter((text) => matches(glob, text) !== false)).toEqual([]);
  });

  test.each([['{a'], ['a}'], ['{a,{b}'], ['}{'], ['{a,b}{a,b}'.repeat(6)]])('%s is none', (glob) => {
    expect(parseGlob(glob)).toBeUndefined();
  });

  test.each([
    ['in another', '{', '}'],
    ['after another', '{a}', ''],
  ])('with thousands of braces, each %s, is none', (_, open, close) => {
    expect(parseGlob(`${open.repeat(20_000)}${close.repeat(20_000)}`)).toBeUndefined();
  });

  test('takes a text that was escaped as it stands', () => {
    const text = '/h{a,b}*?\\/**';
    expect(matches(escapeGlob(text), text)).toBe(true);
    expect(matches(escapeGlob(text), '/hax')).toBe(false);
  });

  // Where each star is tried at each place this takes longer than anybody waits.
  test.each([
    ['/**/a/**/a/**/a/**/a/**/b', `/${'a/'.repeat(5000)}`],
    ['/*a*a*a*a*a*a*b', `/${'a'.repeat(10_000)}`],
  ])('%s is no longer looked for than the text is long', (glob, text) => {
    expect(matches(glob, text)).toBe(false);
    expect(matches(glob, `${text}b`)).toBe(true);
  });
});
