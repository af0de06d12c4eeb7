import type { RunError, RunFailureKind } from '../runner.ts';

/** What a person can do about a failure of this kind, where the failure itself does not say it already. */
export function adviceFor({ kind, message }: Pick<RunError, 'kind' | 'message'>): string | undefined {
  return ADVICE[kind]?.find(({ unless }) => !unless?.test(message))?.advice;
}

interface Way {
  readonly advice: string;
  /** Not where the failure says this. */
  readonly unless?: RegExp;
}

const ADVICE: Readonly<Partial<Record<RunFailureKind, readonly Way[]>>> = {
  unsupported: [
    {
      advice: 'bring it up to date (`claude update`), or install it anew; `claude --version` says whether it starts',
      unless: /^the temporary folder/,
    },
  ],
  not_logged_in: [
    {
      advice:
        'run `claude` and type /login; for cron and launchd, which may not see that login, put the token of ' +
        '`claude setup-token` into CLAUDE_CODE_OAUTH_TOKEN',
      unless: /api[ _]key/i,
    },
    {
      advice:
        'correct the API key (ANTHROPIC_API_KEY, or an apiKeyHelper in the settings of claude); without one, claude ' +
        'uses the plan that /login logs in to',
    },
  ],
  billing: [
    {
      advice: 'add credit at https://platform.claude.com/settings/billing, or unset ANTHROPIC_API_KEY to use your plan',
    },
  ],
  model_not_found: [{ advice: 'name a model that your account has, by `--model` or agentwork.model' }],
  not_installed: [
    {
      advice:
        'install it (`npm install --global @anthropic-ai/claude-code`), or put its folder on PATH, which is short in ' +
        'cron, or its path into agentwork.claudePath; --agent offline needs none',
      unless: /^there is no program|is not executable$/,
    },
    {
      advice: 'make it executable (`chmod +x`), or name another by agentwork.claudePath',
      unless: /^there is no program/,
    },
  ],
};
