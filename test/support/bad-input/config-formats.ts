import path from 'node:path';
import { expect } from 'vitest';
import { buildConfig } from '../../../src/config.ts';
import { RedactionPolicies } from '../../../src/ledger/redaction-policy.ts';
import { exclusionReason } from '../../../src/session/exclusion.ts';
import { createRedactor } from '../../../src/session/redaction/redactor.ts';
import { writeFiles } from '../temporary-folder.ts';
import { buffers, type InputFormat } from './input-format.ts';

/** What people set, and what they want to have redacted. */
export function configFormats(place: string): readonly InputFormat[] {
  const team = path.join(place, 'team');
  return [
    {
      name: 'git config',
      thousands: 10,
      samples: buffers(GIT_CONFIG, ...SETTINGS.map(gitEntry)),
      read: (bytes) => readConfig({}, bytes.toString('utf8')),
      named: /agentwork\./i,
    },
    {
      name: 'environment',
      thousands: 10,
      samples: buffers(...SETTINGS.map(([, variable, value]) => `${variable}=${value}`)),
      read: (bytes) => {
        const [name = '', ...value] = bytes.toString('utf8').split('=');
        return readConfig({ [name]: value.join('=') }, '');
      },
      named: 'AGENTWORK_',
    },
    {
      name: 'REDACT.md',
      thousands: 5,
      samples: buffers(REDACT, REDACT.replace('regex', 'literal')),
      read: async (bytes) => {
        writeFiles(team, { 'REDACT.md': bytes });
        const policies = await RedactionPolicies.open(team, { HOME: path.join(place, 'nobody') });
        const once = createRedactor(policies.general).text(TEXT);
        expect(createRedactor(policies.general).text(once)).toBe(once);
        return once;
      },
      named: path.join(team, 'REDACT.md'),
    },
  ];
}

const SETTINGS = [
  ['agent', 'AGENTWORK_AGENT', 'offline'],
  ['model', 'AGENTWORK_MODEL', 'claude-haiku-4-5'],
  ['maxConcurrent', 'AGENTWORK_MAX_CONCURRENT', '4'],
  ['maxInvocationsPerHour', 'AGENTWORK_MAX_INVOCATIONS_PER_HOUR', '60'],
  ['maxCostUsd', 'AGENTWORK_MAX_COST_USD', '0.50'],
  ['maxCostUsdPerDay', 'AGENTWORK_MAX_COST_USD_PER_DAY', '2'],
  ['maxTokensPerDay', 'AGENTWORK_MAX_TOKENS_PER_DAY', '5_000_000'],
  ['price', 'AGENTWORK_PRICE', 'claude-haiku-4-5=1/5,x=0/0'],
  ['timeout', 'AGENTWORK_TIMEOUT', '5m'],
  ['qualityUploadThreshold', 'AGENTWORK_QUALITY_UPLOAD_THRESHOLD', '0.3'],
  ['qualityDiscardThreshold', 'AGENTWORK_QUALITY_DISCARD_THRESHOLD', '0.1'],
  ['push', 'AGENTWORK_PUSH', 'true'],
  ['claim', 'AGENTWORK_CLAIM', 'no'],
  ['lfsThreshold', 'AGENTWORK_LFS_THRESHOLD', '5m'],
  ['maxFileBytes', 'AGENTWORK_MAX_FILE_BYTES', '50m'],
  ['sessionCache', 'AGENTWORK_SESSION_CACHE', '/a:/b'],
  ['exclude', 'AGENTWORK_EXCLUDE', 'path:~/clients/{a,b{c,d}}/**'],
  ['exclude', 'AGENTWORK_EXCLUDE', 'branch:private/*'],
  ['claudePath', 'AGENTWORK_CLAUDE_PATH', '/usr/bin/claude'],
  ['claudeSettings', 'AGENTWORK_CLAUDE_SETTINGS', 'user'],
] as const;

const gitEntry = ([key, , value]: (typeof SETTINGS)[number]) =>
  `local\0file:.git/config\0agentwork.${key.toLowerCase()}\n${value}\0`;
const GIT_CONFIG = `system\0file:/etc/gitconfig\0core.editor\nvi\0${SETTINGS.map(gitEntry).join('')}`;

const TOLD = { users: ['mia'], branches: ['private/x'], paths: ['/home/mia/clients/a/b/c', 'a/'.repeat(1000)] };

function readConfig(environment: NodeJS.ProcessEnv, gitConfig: string): unknown {
  const config = buildConfig({}, { HOME: '/home/mia', ...environment }, gitConfig);
  return [config, exclusionReason(config.exclude, TOLD)];
}

export const REDACT = `# What nobody is to read

\`\`\`redact
# customers
literal "Blue Harvest" -> [CUSTOMER]
regex "ticket-[0-9]{4,}" -> [TICKET]
regex "(?i)\\\\bproject (kestrel|osprey)\\\\b" -> [PROJECT]
\`\`\`

Anything else is prose.
`;
const TEXT = `Blue Harvest wants Project Kestrel, see ticket-12345. ${'aaaa '.repeat(2000)}`;
