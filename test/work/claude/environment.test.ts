import { expect, test } from 'vitest';
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

test('an empty environment becomes the fixed one', () => {
  expect(buildClaudeEnvironment({}, { maxTokens: 4000 })).toEqual(FIXED);
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
  'AWS_REGION',
  'AWS_PROFILE',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'CLOUD_ML_REGION',
  'VERTEX_REGION_CLAUDE_HAIKU_4_5',
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
  expect(buildClaudeEnvironment({ [name]: 'x' }, { maxTokens: 4000 })).toEqual({ ...FIXED, [name]: 'x' });
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
  'PWD',
])('%s is not', (name) => {
  expect(buildClaudeEnvironment({ [name]: 'x' }, { maxTokens: 4000 })).toEqual(FIXED);
});

test('what is fixed cannot be changed from outside', () => {
  const source = { MAX_THINKING_TOKENS: '9', AGENTWORK_PASS: '0', CLAUDE_CODE_MAX_OUTPUT_TOKENS: '1' };
  expect(buildClaudeEnvironment(source, { maxTokens: 4000 })).toEqual(FIXED);
});
