import { lintSource } from '@secretlint/core';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';
import { describe, expect, test } from 'vitest';
import { BUILT_IN } from '../../../src/session/redaction/policy.ts';
import { createRedactor } from '../../../src/session/redaction/redactor.ts';
import { Chance } from '../../support/chance.ts';
import { plantedSecrets } from './corpus.ts';
import { lookAlikes } from './corpus-look-alikes.ts';
import { RandomText } from './random-text.ts';
import { SECRETLINT_FORMS, type SecretlintForm } from './secretlint-forms.ts';

/** What secretlint reports and we leave, and why. */
const NO_SECRETS: Readonly<Record<string, string>> = {
  AWSAccountID: 'it says whose the cloud is and opens nothing',
};

/** Of these two it takes anything for a token, and its range begins too early: so it cuts our placeholder. */
const PLACEHOLDER = /^(?:_authToken=|https:\/\/)\[REDACTE/;

/** Nobody's secrets: x for every letter, `your`, the words `user` and `pass`. */
const EXAMPLES: readonly string[] = [
  `ghp_${'x'.repeat(36)}`,
  `xoxb-${'your-token-here-please'}`,
  'https://user:pass@example.com',
];

interface Report {
  readonly rule: string;
  readonly at: number;
  readonly found: string;
}

const RULES = [{ id: '@secretlint/secretlint-rule-aws', options: { enableIDScanRule: true } }];

/** Called seldom: it keeps the time of every step it takes, and searches through all of them at each. */
async function secretlintReports(content: string, filePath = 'notes.txt'): Promise<readonly Report[]> {
  const ext = filePath.slice(filePath.lastIndexOf('.'));
  const { messages } = await lintSource({
    source: { filePath, content, ext, contentType: 'text' },
    options: { config: { rules: [{ id: 'preset', rule: creator, options: {}, rules: RULES }] } },
  });
  return messages
    .filter(({ messageId }) => !(messageId in NO_SECRETS))
    .map(({ ruleId, range: [at, end] }) => ({
      rule: ruleId.replace(/^.*secretlint-rule-/, ''),
      at,
      found: content.slice(at, end),
    }))
    .filter(({ found }) => !PLACEHOLDER.test(found));
}

/** What it reports of each of the texts, all read as one. */
async function reportsOfEach(texts: readonly string[]): Promise<readonly (readonly Report[])[]> {
  const reports = await secretlintReports(texts.join('\n\n'));
  let start = 0;
  return texts.map((text) => {
    const [from, to] = [start, start + text.length];
    start = to + 2;
    return reports.filter(({ at }) => at >= from && at < to);
  });
}

const clean = (text: string): string => createRedactor(BUILT_IN).text(text);

const SURROUNDINGS = ['@', ' @ ', '"@"', '`@`', '(@)', '=@;', '\n@\n', 'x: @,', '_@', '<b>@</b>', 'a|@|b'];

const made = ({ make }: SecretlintForm, seed: number): string => make(new RandomText(new Chance(seed)));

describe('what secretlint knows is replaced', async () => {
  const forms = SECRETLINT_FORMS.filter(({ file }) => file === undefined);
  const texts = forms.map((form, index) =>
    SURROUNDINGS.map((place, seed) => place.replace('@', () => made(form, index * 997 + seed))),
  );
  const before = await reportsOfEach(texts.flat());
  const after = await reportsOfEach(texts.flat().map(clean));

  test.each(forms.map(({ rule }, index) => [rule, index] as const))('%s (%i) wherever it stands', (rule, index) => {
    const [from, to] = [index * SURROUNDINGS.length, (index + 1) * SURROUNDINGS.length];
    expect((before[from] ?? []).map((report) => report.rule)).toContain(rule);
    expect(after.slice(from, to).flat()).toEqual([]);
  });
});

const FORMS_OF_FILES = SECRETLINT_FORMS.flatMap(({ file, ...form }) => (file === undefined ? [] : [{ file, ...form }]));

test.each(FORMS_OF_FILES.map((form, index) => [form.rule, form.file, index, form] as const))(
  'what secretlint knows as %s in %s (%i) is replaced',
  async (rule, file, index, form) => {
    const text = made(form, index);
    expect((await secretlintReports(text, file)).map((report) => report.rule)).toContain(rule);
    expect(await secretlintReports(clean(text), file)).toEqual([]);
  },
);

test('what secretlint finds among the planted secrets is replaced', async () => {
  const texts = plantedSecrets([5, 6]).map(({ text }) => text);
  expect((await secretlintReports(texts.join('\n\n'))).length).toBeGreaterThan(300);
  expect((await reportsOfEach(texts.map(clean))).flat()).toEqual([]);
});

test('what secretlint finds among the look-alikes is what stands for a secret in documentation', async () => {
  const reports = (await reportsOfEach(lookAlikes())).flat();
  expect([...new Set(reports.map(({ found }) => found))].sort()).toEqual([...EXAMPLES].sort());
});
