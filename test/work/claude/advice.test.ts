import { expect, test } from 'vitest';
import { adviceFor } from '../../../src/work/claude/advice.ts';
import type { RunFailureKind } from '../../../src/work/runner.ts';

/** Every kind, so that a new one is thought about: what a person can do. */
const KINDS: Readonly<Record<RunFailureKind, RegExp | undefined>> = {
  not_installed: /^install claude .*PATH.*agentwork\.claudePath$/,
  unsupported: undefined,
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
  aborted: undefined,
};

test.each(Object.entries(KINDS))('%s', (name, advice) => {
  const kind = name as RunFailureKind;
  if (advice === undefined) expect(adviceFor(kind)).toBeUndefined();
  else expect(adviceFor(kind)).toMatch(advice);
});
