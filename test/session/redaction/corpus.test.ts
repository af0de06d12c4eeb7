import { describe, expect, test } from 'vitest';
import { BUILT_IN } from '../../../src/session/redaction/policy.ts';
import { createRedactor } from '../../../src/session/redaction/redactor.ts';
import { CONTEXT_RULES, TOKEN_RULES } from '../../../src/session/redaction/rules.ts';
import { KINDS, leakOf, type Planted, plantedSecrets, sample } from './corpus.ts';
import { lookAlikes } from './corpus-look-alikes.ts';

const SEEDS = [1, 2, 3];
const NAMES = [...TOKEN_RULES, ...CONTEXT_RULES].map(({ name }) => name);

describe('the table of rules', () => {
  test('knows at least 200 kinds of secrets, each by its own name', () => {
    expect(NAMES.length).toBeGreaterThanOrEqual(200);
    expect(new Set(NAMES).size).toBe(NAMES.length);
  });

  test('has a sample in these tests for every rule', () => {
    expect([...KINDS].sort()).toEqual([...NAMES].sort());
  });

  test.each([
    ['aws_access_key', 'AWS_KEY'],
    ['aws_secret_key', 'AWS_SECRET'],
    ['github_token', 'GITHUB_TOKEN'],
    ['github_fine_grained_pat', 'GITHUB_PAT'],
    ['gitlab_token', 'GITLAB_TOKEN'],
    ['slack_token', 'SLACK_TOKEN'],
    ['stripe_key', 'STRIPE_KEY'],
    ['twilio_key', 'TWILIO_KEY'],
    ['sendgrid_key', 'SENDGRID_KEY'],
    ['mailchimp_key', 'MAILCHIMP_KEY'],
    ['npm_token', 'NPM_TOKEN'],
    ['pypi_token', 'PYPI_TOKEN'],
    ['heroku_key', 'UUID'],
    ['export_secret', 'EXPORT'],
    ['connection_string', 'CONNECTION_STRING'],
    ['bearer_token', 'BEARER_TOKEN'],
    ['basic_auth', 'BASIC_AUTH'],
    ['generic_api_key', 'API_KEY'],
    ['generic_token', 'TOKEN'],
    ['generic_password', 'PASSWORD'],
    ['generic_secret', 'SECRET'],
    ['jwt_token', 'JWT'],
  ])('%s is replaced by [REDACTED_%s], as other tools of the ledger write it', (name, kind) => {
    const rule = [...TOKEN_RULES, ...CONTEXT_RULES].find((one) => one.name === name);
    expect(rule?.placeholder).toBe(`[REDACTED_${kind}]`);
  });

  test.each(NAMES)('%s finds its sample', (name) => {
    const { secret, name: called } = sample(name, 7);
    const redactor = createRedactor(BUILT_IN);
    redactor.text(called === 'setting' ? `see ${secret} here` : `${called}=${secret}`);
    expect([...redactor.counts.keys()]).toContain(name);
  });
});

describe('planted secrets', () => {
  const planted = plantedSecrets(SEEDS);
  const missed = (clean: (planted: Planted) => string): readonly string[] =>
    planted.flatMap((one) => {
      const leak = leakOf(one, clean(one));
      return leak === undefined ? [] : [`${one.rule} in ${one.form}: ${leak} of ${one.text}`];
    });

  test('are many', () => {
    expect(KINDS.length).toBeGreaterThanOrEqual(60);
    expect(planted.length).toBeGreaterThanOrEqual(KINDS.length * 7 * SEEDS.length);
  });

  test('go completely, whatever they stand in', () => {
    expect(missed(({ text }) => createRedactor(BUILT_IN).text(text))).toEqual([]);
  });

  test('go completely out of values', () => {
    expect(
      missed(({ text, form }) =>
        JSON.stringify(createRedactor(BUILT_IN).json(form === 'JSON' ? JSON.parse(text) : { text })),
      ),
    ).toEqual([]);
  });
});

describe('look-alikes', () => {
  const texts = lookAlikes();
  const changed = (clean: (text: string) => string): readonly string[] =>
    texts.flatMap((text) => (clean(text) === text ? [] : [`${text} became ${clean(text)}`]));

  test('are many, and no two are the same', () => {
    expect(texts.length).toBeGreaterThanOrEqual(400);
    expect(new Set(texts).size).toBe(texts.length);
  });

  test('stay as they are', () => {
    expect(changed((text) => createRedactor(BUILT_IN).text(text))).toEqual([]);
  });

  test('stay as they are in JSON that is text', () => {
    const inJson = (text: string): string => JSON.parse(createRedactor(BUILT_IN).text(JSON.stringify(text))) as string;
    expect(changed(inJson)).toEqual([]);
  });
});
