import { lintSource } from '@secretlint/core';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';
import { expect, test } from 'vitest';
import { BUILT_IN } from '../../../src/session/redaction/policy.ts';
import { createRedactor } from '../../../src/session/redaction/redactor.ts';
import { Chance } from '../../support/chance.ts';
import { plantedSecrets } from './corpus.ts';
import { RandomText } from './random-text.ts';
import { SECRETLINT_FORMS } from './secretlint-forms.ts';

/** What secretlint reports and we leave, and why. */
const NO_SECRETS: Readonly<Record<string, string>> = {
  AWSAccountID: 'it says whose the cloud is and opens nothing',
};

/** Of these two it takes anything for a token, and its range begins too early: so it cuts our placeholder. */
const PLACEHOLDER = /^(?:_authToken=|https:\/\/)\[REDACTE/;

interface Report {
  readonly rule: string;
  readonly found: string;
}

async function secretlintReports(content: string, filePath = 'notes.txt'): Promise<readonly Report[]> {
  const ext = filePath.slice(filePath.lastIndexOf('.'));
  const { messages } = await lintSource({
    source: { filePath, content, ext, contentType: 'text' },
    options: { config: { rules: [{ id: 'preset', rule: creator, options: {}, rules: RULES }] } },
  });
  return messages
    .filter(({ messageId }) => !(messageId in NO_SECRETS))
    .map(({ ruleId, range }) => ({ rule: ruleId.replace(/^.*secretlint-rule-/, ''), found: content.slice(...range) }))
    .filter(({ found }) => !PLACEHOLDER.test(found));
}

const RULES = [{ id: '@secretlint/secretlint-rule-aws', options: { enableIDScanRule: true } }];

const SURROUNDINGS = ['@', ' @ ', '"@"', '`@`', '(@)', '=@;', '\n@\n', 'x: @,', '_@', '<b>@</b>', 'a|@|b'];

test.each(SECRETLINT_FORMS.map((form, index) => [form.rule, index, form] as const))(
  'what secretlint knows as %s (%i) is replaced wherever it stands',
  async (rule, index, { make, file }) => {
    for (const [seed, surrounding] of (file === undefined ? SURROUNDINGS : ['@']).entries()) {
      const text = surrounding.replace('@', () => make(new RandomText(new Chance(index * 997 + seed))));
      if (seed === 0) expect((await secretlintReports(text, file)).map((report) => report.rule)).toContain(rule);
      expect(await secretlintReports(createRedactor(BUILT_IN).text(text), file)).toEqual([]);
    }
  },
);

test('what secretlint finds among the planted secrets is replaced', async () => {
  const texts = plantedSecrets([5, 6]).map(({ text }) => text);
  expect((await secretlintReports(texts.join('\n\n'))).length).toBeGreaterThan(300);
  const clean = texts.map((text) => createRedactor(BUILT_IN).text(text));
  expect(await secretlintReports(clean.join('\n\n'))).toEqual([]);
});
