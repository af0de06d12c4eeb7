import { describe, expect, test } from 'vitest';
import { piecesOfJson } from '../../../src/session/redaction/json-pieces.ts';
import { type JsonCleaner, rewriteJson } from '../../../src/session/redaction/json-rewrite.ts';
import { marksIn, type Scan } from '../../../src/session/redaction/secret-scan.ts';

const GITHUB = `ghp_${'a1B2'.repeat(9)}`;

/** What a string says, as the cleaner got it: under which name, and what is found in it, or `?` where something may hide. */
type Look = readonly [said: string, name: string, found: string];

const shown = (text: string, { findings, isDisguised }: Scan): string =>
  findings.map(({ start, end }) => text.slice(start, end)).join(',') + (isDisguised ? '?' : '');

/** Writes `#` for each of the words. */
function rewrite(text: string, words: readonly string[] = [], looksAtAll = false): [string, readonly Look[]] {
  const looks: Look[] = [];
  const clean = (said: string): string => words.reduce((left, word) => left.replaceAll(word, '#'), said);
  const cleaner: JsonCleaner = {
    looksAtAll,
    name(name, scan) {
      looks.push([name, 'NAME', shown(name, scan)]);
      return clean(name);
    },
    value(value, name, scan) {
      looks.push([value, name, shown(value, scan)]);
      return clean(value);
    },
    deep: () => 'DEEP',
  };
  return [rewriteJson(text, piecesOfJson(text, 4) ?? [], marksIn(text), cleaner), looks];
}

const looksAt = (text: string): readonly Look[] => rewrite(text)[1];

const valuesIn = (text: string): readonly Look[] => looksAt(text).filter(([, name]) => name !== 'NAME');

describe('the strings that are looked at', () => {
  test('are those with a mark in them, up to their edges', () => {
    expect(looksAt(`["a","ghp_","b","x ${GITHUB}","c"]`)).toEqual([
      ['ghp_', '', ''],
      [`x ${GITHUB}`, '', GITHUB],
    ]);
    expect(looksAt('["a","\u200b","b"]')).toEqual([['\u200b', '', '?']]);
    expect(looksAt('["a","x\u200b\u200b","b\u200b","c"]')).toEqual([
      ['x\u200b\u200b', '', '?'],
      ['b\u200b', '', '?'],
    ]);
    expect(looksAt('["\u200b ghp_","a"]')).toEqual([['\u200b ghp_', '', '?']]);
  });

  test('are none between which the mark stands', () => {
    expect(looksAt('{"a":"b","c":1}')).toEqual([]);
    expect(looksAt('{"pass":"a"}').map(([said]) => said)).toEqual(['pass', 'a']);
  });

  test('are those of a name with a mark, also in lists, and not in other objects', () => {
    expect(looksAt('{"password":["a",["b"],{"c":"d","token":"e"},"f"],"g":"h","i":["j"]}')).toEqual([
      ['password', 'NAME', ''],
      ['a', 'password', ''],
      ['b', 'password', ''],
      ['token', 'NAME', ''],
      ['e', 'token', ''],
      ['f', 'password', ''],
    ]);
  });

  test('are those that a neighbour names', () => {
    expect(valuesIn('[{"value":"a","name":"password","x":"b"},{"name":"title","value":"c"},{"value":"d"}]')).toEqual([
      ['a', 'password', ''],
      ['password', '', ''],
      ['c', 'value', ''],
      ['d', 'value', ''],
    ]);
    expect(valuesIn('{"Name":"token","token":"a","Value":["b",{"value":"c"}]}')).toEqual([
      ['a', 'token', ''],
      ['b', 'token', ''],
      ['c', 'value', ''],
    ]);
    expect(valuesIn('{"title":"token","value":"a"}')).toEqual([['a', 'value', '']]);
    expect(valuesIn('{"name":{"token":1},"value":"a","key":["token"]}')).toEqual([['a', 'token', '']]);
    expect(valuesIn('{"name":"to\\u006ben","value":"a"}')).toEqual([
      ['token', '', '?'],
      ['a', 'token', ''],
    ]);
  });

  test('are none in which nothing follows a keyword, unless they may be JSON with such a name', () => {
    expect(looksAt('["the token of a","token: b"]')).toEqual([]);
    const nested = '{"x":"token"}';
    expect(looksAt(JSON.stringify([`  ${nested}`, `a ${nested}`, 'the token']))).toEqual([[`  ${nested}`, '', '']]);
    expect(looksAt(JSON.stringify(['"token"', '\n["token"]']))).toHaveLength(2);
  });

  test('are all where all are to be', () => {
    expect(rewrite('{"a":"b","name":"d","value":["e"]}', [], true)[1]).toEqual([
      ['a', 'NAME', ''],
      ['b', '', ''],
      ['name', 'NAME', ''],
      ['d', '', ''],
      ['value', 'NAME', ''],
      ['e', 'value', ''],
    ]);
  });
});

describe('what a string says', () => {
  test.each([
    [`\\n\\t\\"\\\\ ${GITHUB} x`, GITHUB],
    [`\\u001b[1m ${GITHUB}`, `${GITHUB}?`],
    [`${GITHUB} \\n ${GITHUB}`, `${GITHUB},${GITHUB}`],
    [`\\n ${GITHUB} \\b ${GITHUB}`, `${GITHUB},${GITHUB}?`],
    [`\\u0067hp_${'a1B2'.repeat(9)}`, `${GITHUB}?`],
    [`\\u0067\\u0068p_${'a1B2'.repeat(9)} \\u001b`, `${GITHUB}?`],
    [`gh\\u0070_${'a1B2'.repeat(9)}`, `${GITHUB}?`],
    ['https:\\/\\/bob:hunter22@h', 'hunter22?'],
    ['\\u001b\\u0020 x', '?'],
    [`\\u0020${GITHUB}`, `${GITHUB}?`],
    ['\\u1070', '?'],
    [`\\\\u0067hp_${'a1B2'.repeat(9)}`, '?'],
    [`\\\\${GITHUB}`, GITHUB],
    [`\\q ${GITHUB}`, GITHUB],
    ['x \\"pass\\": \\"s3cr3tp4ss\\"', 's3cr3tp4ss'],
    ['\\"password\\": \\"hunter2x\\"', 'hunter2x'],
  ])('is searched through its escapes: %j', (text, found) => {
    const [, looks] = rewrite(`["first \\n","${text}"]`);
    expect(looks.map((look) => look[2])).toEqual([found]);
  });

  test('is taken as it is written where it has an unknown escape', () => {
    expect(looksAt('["\\\\q","\\q ghp_"]').map(([said]) => said)).toEqual(['\\q ghp_']);
  });
});

describe('a text', () => {
  test('keeps all but the strings that change', () => {
    const text = ' {"a" : ["ghp_x", 1.50, "ghp_\\u00e9"],\n"password":"y\\/y" } ';
    expect(rewrite(text)[0]).toBe(text);
    expect(rewrite(text, ['x'])[0]).toBe(text.replace('x', '#'));
    expect(rewrite(text, ['ghp_', 'y'])[0]).toBe(' {"a" : ["#x", 1.50, "#é"],\n"password":"#/#" } ');
  });

  test('changes where it begins with a string that changes', () => {
    expect(rewrite('"ghp_"', ['ghp_'])[0]).toBe('"#"');
  });

  test('loses what is nested too deep', () => {
    expect(rewrite('[[[["a",["b"],{"c":"d"},"e"]]]]')[0]).toBe('[[[["a","DEEP","DEEP","e"]]]]');
    expect(valuesIn('{"name":[[[["token"]]]],"value":"a"}')).toEqual([['a', 'value', '']]);
  });

  test('keeps apart names that become the same, object by object', () => {
    const [clean] = rewrite('{"ghp_":1,"#":2,"x":{"ghp_":3},"ghp_ghp_":4,"\\u0067hp_":5}', ['ghp_']);
    expect(clean).toBe('{"# (2)":1,"#":2,"x":{"#":3},"##":4,"# (3)":5}');
    expect(rewrite('{"ghp_":"#"}', ['ghp_'])[0]).toBe('{"#":"#"}');
  });

  test('is named by what the names said before they changed', () => {
    const [clean, looks] = rewrite('{"token":"a","pass\\u0077ord":"b"}', ['token', 'word']);
    expect(clean).toBe('{"#":"a","pass#":"b"}');
    expect(looks.map(([, name]) => name)).toEqual(['NAME', 'token', 'NAME', 'password']);
  });
});
