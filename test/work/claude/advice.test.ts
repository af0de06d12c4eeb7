import { expect, test } from 'vitest';
import { adviceFor } from '../../../src/work/claude/advice.ts';
import { isTransient, type RunFailureKind } from '../../../src/work/runner.ts';

/** Every kind, so that a new one is thought about: what a person can do, and whether it may pass by itself. */
const KINDS: Readonly<Record<RunFailureKind, [advice: RegExp | undefined, transient: boolean]>> = {
  not_installed: [/^install claude .*PATH.*agentwork\.claudePath$/, false],
  unsupported: [/^update claude/, false],
  not_logged_in: [/^run `claude` and type \/login; .*`claude setup-token`.*CLAUDE_CODE_OAUTH_TOKEN$/, false],
  billing: [/^add credit at https:/, false],
  model_not_found: [/`--model` or agentwork\.model$/, false],
  rate_limited: [undefined, true],
  usage_limited: [undefined, false],
  network: [undefined, true],
  server_error: [undefined, true],
  prompt_too_long: [undefined, false],
  refused: [undefined, false],
  max_tokens: [undefined, false],
  over_budget: [undefined, false],
  timed_out: [undefined, false],
  malformed: [undefined, false],
  crashed: [undefined, false],
  aborted: [undefined, false],
};

test.each(Object.entries(KINDS))('%s', (name, [advice, transient]) => {
  const kind = name as RunFailureKind;
  if (advice === undefined) expect(adviceFor(kind)).toBeUndefined();
  else expect(adviceFor(kind)).toMatch(advice);
  expect(isTransient(kind)).toBe(transient);
});
