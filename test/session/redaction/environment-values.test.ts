import { expect, test } from 'vitest';
import { environmentRules } from '../../../src/session/redaction/environment-values.ts';
import { BUILT_IN, extendPolicy } from '../../../src/session/redaction/policy.ts';
import { createRedactor } from '../../../src/session/redaction/redactor.ts';

const VALUE = 'correct-horse-battery';

function redacted(name: string, value: string, text = `it says ${value}, and goes on`): string {
  return createRedactor(extendPolicy(BUILT_IN, environmentRules({ [name]: value }))).text(text);
}

test.each([
  'DB_PASSWORD',
  'PGPASSWORD',
  'MYSQL_PWD',
  'SSHPASS',
  'CLIENT_SECRET',
  'NODE_AUTH_TOKEN',
  'npm_config__auth',
  'OPENAI_API_KEY',
  'APIKEY',
  'SECRET_KEY_BASE',
  'AWS_SECRET_ACCESS_KEY',
  'GITHUB_PAT',
  'GOOGLE_CREDENTIALS',
  'API_TOKENS',
  'DEPLOY_KEY_2',
  'KEY',
  'PrivateKey',
  'GCP_CREDENTIAL',
  'CONNECTIONSTRING',
])('the value of %s is replaced wherever it stands', (name) => {
  expect(redacted(name, VALUE)).toBe('it says [REDACTED_ENV_VALUE], and goes on');
});

test.each([
  ['DATABASE_URL', `postgres://me:${VALUE}@db/app`],
  ['PIP_ARGS', `--extra-index-url https://:${VALUE}@pypi.internal/simple`],
])('the password in the address in %s is a secret', (name, value) => {
  expect(redacted(name, value, `the password is ${VALUE}`)).toBe('the password is [REDACTED_ENV_VALUE]');
});

test.each(['twelve chars', 'a/b+c/d+e/f+g=', '12-horse-battery', '1234.horse.battery', `\t${VALUE}\n`])(
  'the value %j is a secret, without the spaces around it',
  (value) => {
    expect(redacted('DB_PASSWORD', value)).toBe(
      `it says ${value.replace(value.trim(), '[REDACTED_ENV_VALUE]')}, and goes on`,
    );
  },
);

test.each([
  ['a short one', 'DB_PASSWORD', 'elevenchars'],
  ['a name that holds no secret', 'EDITOR_COMMAND', VALUE],
  ['a word of which KEY is a part', 'KEYBOARD_LAYOUT', 'qwerty-international'],
  ['a path', 'SSH_KEY_PATH', '/home/me/.ssh/id_ed25519'],
  ['a socket', 'SSH_AUTH_SOCK', '/tmp/ssh-abcdef/agent.1234'],
  ['a folder on Windows', 'OLDPWD', 'C:\\Users\\me\\projects'],
  ['an address without a password', 'TOKEN_URL', 'https://git.internal/token'],
  ['an address with a user', 'TOKEN_URL', 'git+ssh://git@git.internal/token'],
  ['an address with a number', 'TOKEN_STORE', 's3://bucket/tokens/app'],
  ['a number', 'TOKEN_LIMIT', '100000000000'],
  ['a version', 'TOKEN_VERSION', '2026.11.26.1200'],
  ['a placeholder', 'API_TOKEN', 'your-api-token-here'],
])('%s stays', (_, name, value) => {
  expect(environmentRules({ [name]: value })).toEqual([]);
  expect(redacted(name, value)).toBe(`it says ${value}, and goes on`);
});

test('a variable without a value is none', () => {
  expect(environmentRules({ API_TOKEN: undefined })).toEqual([]);
});

test('of two values of which one is part of the other, the longer one goes whole', () => {
  const rules = environmentRules({ A_TOKEN: VALUE, B_TOKEN: `${VALUE}-staple-again` });
  const redactor = createRedactor(extendPolicy(BUILT_IN, rules));
  expect(redactor.text(`${VALUE}-staple-again`)).toBe('[REDACTED_ENV_VALUE]');
  expect([...redactor.counts]).toEqual([['environment_value', 1]]);
});
