import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CONTEXT_RULES, type RedactRule, TOKEN_RULES } from '../../../src/session/redaction/rules.ts';
import { marksIn } from '../../../src/session/redaction/secret-scan.ts';
import { plantedSecrets } from './corpus.ts';
import { IN_CONTEXT, LOOK_ALIKES } from './secrets.ts';

const RULES = [...TOKEN_RULES, ...CONTEXT_RULES].filter(({ sequel }) => sequel !== undefined);

type Writer = (text: string) => string;

const hex = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
const inJson: Writer = (text) => JSON.stringify(text).slice(1, -1);
/** As it is said, as JSON has it, and as some have JSON that is to be ASCII. */
const WRITERS: Readonly<Record<string, Writer>> = {
  said: (text) => text,
  JSON: inJson,
  'JSON in ASCII': (text) => inJson(text).replace(/[^ -~]/g, hex),
};

/** Each place at which a rule finds a secret in the text, and its sequel does not let it look there. */
function missed(rule: RedactRule, text: string): readonly string[] {
  return rule.keywords.flatMap((keyword) =>
    placesOf(keyword, text).flatMap((place) => {
      if (!finds(rule, keyword, text, place)) return [];
      const isLost = ([, write]: [string, Writer]) => {
        const written = write(text.slice(0, place)).length;
        return !matchesAt(rule.sequel, write(text), written + keyword.length);
      };
      return Object.entries(WRITERS)
        .filter(isLost)
        .map(([how]) => `${rule.name} ${how}: ${JSON.stringify(text)}`);
    }),
  );
}

function placesOf(keyword: string, text: string): readonly number[] {
  const places: number[] = [];
  const lower = text.toLowerCase();
  for (let at = lower.indexOf(keyword); at !== -1; at = lower.indexOf(keyword, at + 1)) places.push(at);
  return places;
}

/** What the scan asks of a rule. */
function finds({ pattern, accept }: RedactRule, keyword: string, text: string, place: number): boolean {
  pattern.lastIndex = place;
  const match = pattern.exec(text);
  if (match === null) return false;
  const end = place + match[0].length;
  const value = match.slice(1).find((group) => group !== undefined) ?? match[0];
  const quoted = /["'`]/.test(text.charAt(end - value.length - 1));
  return accept({ value, name: match[0].slice(0, keyword.length), quoted, next: text.charAt(end) });
}

function matchesAt(pattern: RegExp | undefined, text: string, at: number): boolean {
  if (pattern === undefined) return true;
  pattern.lastIndex = at;
  return pattern.test(text);
}

const SPACES = ['', '', ' ', '  ', '\t', '\n', '\r\n', '\u2003', '\f'];
const QUOTES = ['', '', '"', "'", '`', '\\"', '\\\\\\"', "\\'"];
const NAMES = ['token', 'TOKEN', 'api_key', 'MY-KEY', 'secretkey', 'password', 'DB_SECRET', 'page_token'];
const SUFFIXES = ['', '', '_1', '12', '_prod', 's', 'izer', ']', ','];
const SIGNS = ['=', ':', ':=', '=>', '==', '!==', ': string =', '?: str =', '\\n'];
const VALUES = [
  ...['a1b2c3d4e5f6g7h8', 'Zk8$mN2!qR5^tY', 'abcDefGhijKlmNopQrsTuvWx', 'QWERTYUIOPZXCVBN', 'x\\y1z2a3b4c5d6e7'],
  ...['\u4e2d\u6587a1b2c3d4e5f6', 'a\bb2c3d4e5f6g7h8', "it's12aBcDeFgHiJ", 'a&b1c2d3e4f5g6', 'await', 'ZkmNqRtY1'],
  ...['a/b1c2d3e4f5g6', '0123456789abcdef', 'a1b2c3d4e5f6g7h8i9j0a1b2c3d4e5f6'],
];
const USERS = ['', 'user', 'us\\er', '\u4e2d\u6587', 'a1b2c3d4e5f6g7h8i9j0a1b2c3d4e5f6'];

/** Texts of one of each of the lists. */
const joined = (...lists: readonly (readonly string[])[]): fc.Arbitrary<string> =>
  fc.tuple(...lists.map((list) => fc.constantFrom(...list))).map((parts) => parts.join(''));

const VALUE = [SPACES, QUOTES, VALUES, QUOTES];
const SHAPES = [
  joined(NAMES, SUFFIXES, QUOTES, SPACES, SIGNS, ...VALUE),
  joined(['export'], SPACES, ['DB_', ''], NAMES, SUFFIXES, SPACES, SIGNS, ...VALUE),
  joined(NAMES, SUFFIXES, QUOTES, [',', '\\n', ...SPACES], SPACES, QUOTES, ['value', 'Value'], QUOTES, SIGNS, ...VALUE),
  joined(
    ['postgres', 'https', 'amqp+ssl'],
    ['://'],
    USERS,
    [':', ''],
    VALUES,
    ['@', ':x-oauth-basic@', '/', ' '],
    ['host'],
  ),
];
const ANYTHING = joined([...SPACES, ...QUOTES, ...NAMES, ...SUFFIXES, ...SIGNS, ...VALUES]);

describe('the sequel of a rule', () => {
  const around = fc.array(ANYTHING, { maxLength: 3 }).map((parts) => parts.join(''));
  const text = fc.tuple(around, fc.oneof(...SHAPES), around).map((parts) => parts.join(''));

  test('lets it look wherever it finds something, however that is written', () => {
    const found = new Set<string>();
    const property = fc.property(text, (said) => {
      for (const rule of RULES) {
        // A text may have been JSON itself.
        for (const each of [said, inJson(said)]) {
          expect(missed(rule, each)).toEqual([]);
          if (rule.keywords.some((word) => placesOf(word, each).some((at) => finds(rule, word, each, at))))
            found.add(rule.name);
        }
      }
    });
    fc.assert(property, { numRuns: 5000 });
    expect([...found].sort()).toEqual(RULES.map(({ name }) => name).sort());
  });

  test('lets it look wherever it finds something that is known', () => {
    const planted = plantedSecrets([1, 2, 3]).map((each) => each.text);
    const known = IN_CONTEXT.map(([each]) => each.replace(/[{}]/g, ''));
    for (const rule of RULES) {
      expect([...planted, ...known, ...LOOK_ALIKES].flatMap((each) => missed(rule, each))).toEqual([]);
    }
  });

  test.each([
    'the token that every module has',
    'if (token) return;',
    '{ token: \\"cache\\", limit: 3 }',
    'const token = await request(server);',
    'export function cacheFrom(',
    'see https://example.org/a, http://localhost:80/b?c=d',
    '{ value: 12 }, value\\n',
    'a primary_key, sort-key: name',
  ])('does not let it look where %j is written', (written) => {
    const { secrets, idle } = marksIn(`{"content":"${written}"}`);
    expect(secrets).toEqual([]);
    expect(idle.length).toBeGreaterThan(0);
  });
});
