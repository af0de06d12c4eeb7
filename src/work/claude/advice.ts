import type { RunFailureKind } from '../runner.ts';

/** What a person can do about a failure of this kind, where the failure itself does not say it already. */
export function adviceFor(kind: RunFailureKind): string | undefined {
  return ADVICE[kind];
}

const ADVICE: Readonly<Partial<Record<RunFailureKind, string>>> = {
  not_logged_in:
    'run `claude` and type /login; on macOS cron and launchd do not see that login, which lies in the keychain: ' +
    '`claude setup-token` gives a token to set there as CLAUDE_CODE_OAUTH_TOKEN',
  billing:
    'add credit at https://platform.claude.com/settings/billing, or unset ANTHROPIC_API_KEY to use the plan that you are logged in to',
  model_not_found: 'name a model that your account has, by `--model` or agentwork.model',
  not_installed:
    'install claude (`npm install --global @anthropic-ai/claude-code`); if it is installed, put its folder on PATH, ' +
    'which is short in cron, or its path into agentwork.claudePath',
};
