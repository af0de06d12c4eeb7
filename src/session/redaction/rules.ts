import { AI } from './rules/ai.ts';
import { APPS } from './rules/apps.ts';
import { AWS } from './rules/aws.ts';
import { AZURE } from './rules/azure.ts';
import { CI } from './rules/ci.ts';
import { CLOUDS } from './rules/clouds.ts';
import { COMMANDS } from './rules/commands.ts';
import { CONTEXTS } from './rules/context.ts';
import { CRYPTO } from './rules/crypto.ts';
import { DATABASES } from './rules/databases.ts';
import { FRAMEWORKS } from './rules/frameworks.ts';
import { GOOGLE } from './rules/google.ts';
import { HOSTING } from './rules/hosting.ts';
import { IDENTITY } from './rules/identity.ts';
import { MESSAGING } from './rules/messaging.ts';
import { OBSERVABILITY } from './rules/observability.ts';
import { PACKAGES } from './rules/packages.ts';
import { PAYMENTS } from './rules/payments.ts';
import { PROSE } from './rules/prose.ts';
import type { RedactRule } from './rules/rule.ts';
import { SHORT_NAMES } from './rules/short-names.ts';
import { SOCIAL } from './rules/social.ts';
import { SOURCE_HOSTING } from './rules/source-hosting.ts';

export type { RedactRule } from './rules/rule.ts';

/** Secrets that are known by their own shape, or by their provider's name beside a shape. */
export const TOKEN_RULES: readonly RedactRule[] = [
  ...[SOURCE_HOSTING, AWS, AZURE, GOOGLE, CLOUDS, HOSTING, AI, PAYMENTS, MESSAGING, SOCIAL, OBSERVABILITY].flat(),
  ...[CI, PACKAGES, DATABASES, IDENTITY, APPS, CRYPTO, FRAMEWORKS].flat(),
];

/** Secrets that are known by what stands before them. They yield to the rules above where both find one. */
export const CONTEXT_RULES: readonly RedactRule[] = [...CONTEXTS, ...SHORT_NAMES, ...PROSE, ...COMMANDS];
