import { describe, expect, test } from 'vitest';
import { buildClaudeEnvironment } from '../../../src/work/claude/environment.ts';

const FIXED = {
  CLAUDE_CODE_DISABLE_ATTACHMENTS: '1',
  CLAUDE_CODE_DISABLE_FILE_MENTIONS: '1',
  CLAUDE_CODE_MAX_RETRIES: '2',
  CLAUDE_CODE_DISABLE_REFUSAL_RETRY: '1',
  API_TIMEOUT_MS: '120000',
  CLAUDE_CODE_MAX_OUTPUT_TOKENS: '4000',
  CLAUDE_CODE_DISABLE_THINKING: '1',
  MAX_THINKING_TOKENS: '0',
  DISABLE_AUTO_COMPACT: '1',
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  DISABLE_TELEMETRY: '1',
  DISABLE_AUTOUPDATER: '1',
  AGENTWORK_PASS: '1',
  OX_SESSION_RECORDING: 'disabled',
  SAGEOX_DAEMON: 'false',
};

const SCOPE = { maxTokens: 4000, userSettings: false };

test('an empty environment becomes the fixed one', () => {
  expect(buildClaudeEnvironment({}, SCOPE)).toEqual(FIXED);
});

test('a variable that is not set is not passed on', () => {
  expect(buildClaudeEnvironment({ HOME: undefined }, SCOPE)).toStrictEqual(FIXED);
});

test.each([
  'HOME',
  'PATH',
  'USER',
  'TMPDIR',
  'TZ',
  'LANG',
  'LC_ALL',
  'LC_MESSAGES',
  'CLAUDE_CONFIG_DIR',
  'CLAUDE_CODE_OAUTH_TOKEN',
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_BASE_URL',
  'ANTHROPIC_CUSTOM_HEADERS',
  'CLAUDE_CODE_USE_BEDROCK',
  'CLAUDE_CODE_USE_VERTEX',
  'CLAUDE_CODE_SKIP_VERTEX_AUTH',
  'HTTPS_PROXY',
  'https_proxy',
  'no_proxy',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'SystemRoot',
  'Path',
  'LOCALAPPDATA',
])('%s is passed on', (name) => {
  expect(buildClaudeEnvironment({ [name]: 'x' }, SCOPE)).toEqual({ ...FIXED, [name]: 'x' });
});

test.each([
  'GIT_DIR',
  'GIT_INDEX_FILE',
  'GIT_AUTHOR_NAME',
  'CLAUDECODE',
  'CLAUDE_CODE_CHILD_SESSION',
  'CLAUDE_CODE_SESSION_ID',
  'CLAUDE_CODE_ENTRYPOINT',
  'CLAUDE_ENV_FILE',
  'CLAUDE_PROJECT_DIR',
  'NODE_OPTIONS',
  'NODE_PATH',
  'LD_PRELOAD',
  'npm_config_registry',
  'GITHUB_TOKEN',
  'OPENAI_API_KEY',
  'AGENTWORK_LEDGER',
  'SSH_AUTH_SOCK',
  'ANTHROPIC_LOG',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_PROFILE',
  'AZURE_CLIENT_SECRET',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'GCLOUD_PROJECT',
  'CLOUDSDK_CORE_PROJECT',
  'CLOUD_ML_REGION',
  'PWD',
])('%s is not', (name) => {
  expect(buildClaudeEnvironment({ [name]: 'x' }, SCOPE)).toEqual(FIXED);
});

const AWS = { AWS_REGION: 'eu-west-1', AWS_BEARER_TOKEN_BEDROCK: 'made-up' };
const GOOGLE = {
  ...{ GOOGLE_APPLICATION_CREDENTIALS: '/x', GCLOUD_PROJECT: 'x', CLOUDSDK_CONFIG: '/x', CLOUD_ML_REGION: 'x' },
  VERTEX_REGION_CLAUDE_HAIKU_4_5: 'x',
};
const AZURE = { AZURE_CLIENT_ID: 'x' };

describe('the variables of a cloud', () => {
  test.each([
    ['CLAUDE_CODE_USE_BEDROCK', '1', AWS],
    ['CLAUDE_CODE_USE_MANTLE', 'true', AWS],
    ['CLAUDE_CODE_USE_ANTHROPIC_AWS', '1', AWS],
    ['CLAUDE_CODE_USE_VERTEX', 'yes', GOOGLE],
    ['CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD', '1', GOOGLE],
    ['CLAUDE_CODE_USE_FOUNDRY', '1', AZURE],
    ['CLAUDE_CODE_USE_BEDROCK', '0', {}],
    ['CLAUDE_CODE_USE_VERTEX', 'False', {}],
    ['CLAUDE_CODE_USE_FOUNDRY', '', {}],
  ])('are passed on where the model is asked there: %s=%s', (name, value, expected) => {
    const source = { ...AWS, ...GOOGLE, ...AZURE, [name]: value };
    expect(buildClaudeEnvironment(source, SCOPE)).toEqual({ ...FIXED, [name]: value, ...expected });
  });

  test('are passed on where the settings of the user may choose one', () => {
    const source = { ...AWS, ...GOOGLE, ...AZURE };
    expect(buildClaudeEnvironment(source, { ...SCOPE, userSettings: true })).toEqual({ ...FIXED, ...source });
  });
});

test('what is fixed cannot be changed from outside', () => {
  const source = { MAX_THINKING_TOKENS: '9', AGENTWORK_PASS: '0', CLAUDE_CODE_MAX_OUTPUT_TOKENS: '1' };
  expect(buildClaudeEnvironment(source, SCOPE)).toEqual(FIXED);
});
