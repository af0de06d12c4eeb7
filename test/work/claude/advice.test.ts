import { expect, test } from 'vitest';
import { adviceFor } from '../../../src/work/claude/advice.ts';
import type { RunFailureKind } from '../../../src/work/runner.ts';

/** Every kind, so that a new one is thought about: what a person can do. */
const KINDS: Readonly<Record<RunFailureKind, RegExp | undefined>> = {
  not_installed: /^install it .*PATH.*agentwork\.claudePath; --agent offline needs none$/,
  unsupported: /^bring it up to date/,
  not_logged_in: /^run `claude` and type \/login; .*`claude setup-token`.*CLAUDE_CODE_OAUTH_TOKEN$/,
  billing: /^add credit at https:/,
  model_not_found: /`--model` or agentwork\.model$/,
  rate_limited: undefined,
  usage_limited: undefined,
  network: undefined,
  server_error: undefined,
  prompt_too_long: undefined,
  refused: undefined,
  max_tokens: undefined,
  over_budget: undefined,
  timed_out: undefined,
  malformed: undefined,
  crashed: undefined,
  not_started: undefined,
  aborted: undefined,
};

test.each(Object.entries(KINDS))('%s', (name, advice) => {
  const kind = name as RunFailureKind;
  const said = adviceFor({ kind, message: 'claude failed' });
  if (advice === undefined) expect(said).toBeUndefined();
  else expect(said).toMatch(advice);
});

test('a key that is wrong is no login that is missing, and a path that is wrong no program that is missing', () => {
  expect(adviceFor({ kind: 'not_logged_in', message: 'claude is not logged in: Invalid API key' })).toMatch(
    /^correct the API key \(ANTHROPIC_API_KEY, or an apiKeyHelper/,
  );
  expect(adviceFor({ kind: 'not_installed', message: 'there is no program at /nope' })).toBeUndefined();
  expect(adviceFor({ kind: 'not_installed', message: '/bin/x is not executable' })).toMatch(/^make it executable/);
  expect(adviceFor({ kind: 'unsupported', message: 'the temporary folder /nope is missing' })).toBeUndefined();
});
