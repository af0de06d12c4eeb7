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
])('the value of %s is replaced wherever it stands', (name) => {
  expect(redacted(name, VALUE)).toBe('it says [REDACTED_ENV_VALUE], and goes on');
});

test('the password in an address is a secret, whatever the variable is called', () => {
  const text = `the password is ${VALUE}`;
  expect(redacted('DATABASE_URL', `postgres://me:${VALUE}@db/app`, text)).toBe('the password is [REDACTED_ENV_VALUE]');
});

test.each([
  ['a short one', 'DB_PASSWORD', 'elevenchars'],
  ['a name that holds no secret', 'EDITOR_COMMAND', VALUE],
  ['a word of which KEY is a part', 'KEYBOARD_LAYOUT', 'qwerty-international'],
  ['a path', 'SSH_KEY_PATH', '/home/me/.ssh/id_ed25519'],
  ['a socket', 'SSH_AUTH_SOCK', '/tmp/ssh-abcdef/agent.1234'],
  ['a folder on Windows', 'OLDPWD', 'C:\\Users\\me\\projects'],
  ['an address without a password', 'TOKEN_URL', 'https://example.org/token'],
  ['a number', 'TOKEN_LIMIT', '100000000000'],
  ['a placeholder', 'API_TOKEN', 'your-api-token-here'],
])('%s stays', (_, name, value) => {
  expect(redacted(name, value)).toBe(`it says ${value}, and goes on`);
});

test('of two values of which one is part of the other, the longer one goes whole', () => {
  const rules = environmentRules({ A_TOKEN: VALUE, B_TOKEN: `${VALUE}-staple-again` });
  const redactor = createRedactor(extendPolicy(BUILT_IN, rules));
  expect(redactor.text(`${VALUE}-staple-again`)).toBe('[REDACTED_ENV_VALUE]');
  expect(redactor.total).toBe(1);
});
