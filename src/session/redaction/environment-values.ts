import { literalRule, type PolicyRule } from './policy.ts';
import { isPlaceholder } from './secret-value.ts';

/** Shorter values are words, numbers and names that stand everywhere. */
const MIN_LENGTH = 12;

const SECRET_NAME =
  /(?:PASS(?:WORD|WD|PHRASE)?|PWD|SECRET|TOKEN|CREDENTIALS?|AUTH|PAT|(?:^|[_-])KEY|API_?KEY|(?:ACCESS|PRIVATE|SIGNING|ENCRYPTION|ACCOUNT)_?KEY|SALT|CONNECTION_?STRING)S?(?:[_-]|\d|$)/i;

/** Of an address, whatever the variable is called and whatever option stands before it. */
const URL_PASSWORD = /:\/\/[^\s:@/]*:([^\s@]+)@/;

/** Paths, addresses, flags and numbers are none, whatever their variable is called. */
const NO_SECRET = /^(?:~?\.{0,2}[\\/]|[a-z]:[\\/]|[a-z][a-z\d+.-]*:\/\/|\d+(?:\.\d+)*$)/i;

/**
 * Rules for the very values of the variables that by their name hold a secret, as they stand in this process's own
 * environment: what an agent printed of them has no other mark.
 */
export function environmentRules(environment: Readonly<Record<string, string | undefined>>): readonly PolicyRule[] {
  const values = new Set(Object.entries(environment).flatMap(([name, value = '']) => secretIn(name, value.trim())));
  return [...values].map((value) => literalRule('environment_value', '[REDACTED_ENV_VALUE]', value));
}

function secretIn(name: string, value: string): readonly string[] {
  const password = URL_PASSWORD.exec(value)?.[1];
  const secret = password ?? (SECRET_NAME.test(name) && !NO_SECRET.test(value) ? value : '');
  return secret.length >= MIN_LENGTH && !isPlaceholder(secret) ? [secret] : [];
}
