/**
 * Variables of git that our own calls keep: how to reach a remote, and where the user's own configuration lies.
 * A hook exports many more (GIT_DIR, GIT_INDEX_FILE, GIT_AUTHOR_*…); any of those would turn our calls to another
 * repository, another index, or another author.
 */
export const KEPT_GIT_VARIABLES = [
  'GIT_SSH',
  'GIT_SSH_COMMAND',
  'GIT_SSH_VARIANT',
  'GIT_ASKPASS',
  'GIT_SSL_CAINFO',
  'GIT_SSL_CAPATH',
  'GIT_SSL_CERT',
  'GIT_SSL_KEY',
  'GIT_SSL_NO_VERIFY',
  'GIT_SSL_VERSION',
  'GIT_HTTP_PROXY_AUTHMETHOD',
  'GIT_PROXY_SSL_CAINFO',
  'GIT_CONFIG_GLOBAL',
  'GIT_CONFIG_SYSTEM',
  'GIT_CONFIG_NOSYSTEM',
] as const;

/**
 * Never ask at a terminal, never take a lock only to look, and speak the language that is parsed here. A file-system
 * monitor that the clone's own configuration names would be a program that others may have put there.
 */
const OWN_VARIABLES = {
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  LC_ALL: 'C',
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'core.fsmonitor',
  GIT_CONFIG_VALUE_0: 'false',
};

/** Every guarded variable that `gitEnvironment` may set: simple-git wants them named. */
export const ALLOWED_VARIABLES = [...KEPT_GIT_VARIABLES, 'SSH_ASKPASS', ...Object.keys(OWN_VARIABLES)];

const DROPPED = /^(GIT_.*|EDITOR|VISUAL|PAGER|PREFIX)$/i;

/** The environment of every git call of ours, made from the process's own. */
export function gitEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  const kept = new Set<string>(KEPT_GIT_VARIABLES);
  const entries = Object.entries(environment).filter(
    (pair): pair is [string, string] => pair[1] !== undefined && (kept.has(pair[0]) || !DROPPED.test(pair[0])),
  );
  return { ...Object.fromEntries(entries), ...OWN_VARIABLES };
}
