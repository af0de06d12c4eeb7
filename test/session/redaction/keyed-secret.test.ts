import { expect, test } from 'vitest';
import { ruleForKey } from '../../../src/session/redaction/keyed-secret.ts';

const name = (key: string, value: string): string | undefined => ruleForKey(key, value)?.name;

test.each([
  ['password', 'hunter2x', 'generic_password'],
  ['DB_PASSWORD', 'correcthorse', 'generic_password'],
  ['api_key', 'Ab12Cd34Ef56Gh78', 'generic_api_key'],
  ['password', ' hunter2x\n', 'generic_password'],
  ['password', 'hun"ter\\2x', 'generic_password'],
  ['password', 'hunt"r2x', 'generic_password'],
  ["config['password']", 'hunter2x', 'generic_password'],
  ['pass\u200bword', 'hunter2x', 'generic_password'],
  ['password', 'hun\u200bter2x', 'generic_password'],
  ['password', `a1${'B'.repeat(9_998)}`, 'generic_password'],
  ['password', `hunter2x${'\u200b'.repeat(39_992)}`, 'generic_password'],
  [`${'x'.repeat(92)}password`, 'hunter2x', 'generic_password'],
  [`${'\u200b'.repeat(308)}${'x'.repeat(84)}password`, 'hunter2x', 'generic_password'],
])('%s makes a secret of %j', (key, value, rule) => {
  expect(name(key, value)).toBe(rule);
});

test.each([
  ['title', 'hunter2x'],
  ['password', ''],
  ['password', 'of two words1'],
  ['password', '[REDACTED_TOKEN]'],
  ['[REDACTED_PASSWORD]', 'hunter2x'],
  ['a password for', 'hunter2x'],
  ['password', `a1${'B'.repeat(9_999)}`],
  ['password', `hunter2x${'\u200b'.repeat(40_000)}`],
  [`${'x'.repeat(93)}password`, 'hunter2x'],
  [`${'\u200b'.repeat(393)}password`, 'hunter2x'],
  [`ghp_${'a1B2'.repeat(9)}`, 'hunter2x'],
  ['link', 'https://bob:hunter22@h'],
])('%s makes none of %j', (key, value) => {
  expect(name(key, value)).toBeUndefined();
});
