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

/** Never ask at a terminal, never take a lock only to look, and speak the language that is parsed here. */
const OWN_VARIABLES = { GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' };

/**
 * A file-system monitor that the clone's own configuration names would be a program that others may have put there. A
 * folder that looks like a bare repository comes with any commit, and its configuration with it: none is gone into. An
 * address that is a command is nobody's ledger. Submodules are none of a pass's business, and their hooks least of all.
 * Nothing is repacked while a pass runs. What is parsed is plain.
 */
const OWN_CONFIG = [
  ['core.fsmonitor', 'false'],
  ['safe.bareRepository', 'explicit'],
  ['protocol.ext.allow', 'never'],
  ['submodule.recurse', 'false'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['log.showSignature', 'false'],
  ['color.ui', 'false'],
] as const;

/** The hooks of the clone judge what people write; they have no say over files that nobody wrote by hand. */
const WITHOUT_HOOKS = ['core.hooksPath', '/dev/null'] as const;

/** Set for single calls, and never taken from outside. */
const CALL_VARIABLES = ['GIT_INDEX_FILE', 'GIT_AUTHOR_NAME', 'GIT_AUTHOR_EMAIL', 'GIT_AUTHOR_DATE'];

/** Every guarded variable that a call of ours may have: simple-git wants them named. */
export const ALLOWED_VARIABLES = [
  ...KEPT_GIT_VARIABLES,
  'SSH_ASKPASS',
  ...Object.keys(OWN_VARIABLES),
  ...Object.keys(configVariables([...OWN_CONFIG, WITHOUT_HOOKS])),
  ...CALL_VARIABLES,
];

const DROPPED = /^(GIT_.*|EDITOR|VISUAL|PAGER|PREFIX)$/i;

/** The environment of a git call of ours, made from the process's own. */
export function gitEnvironment(environment: NodeJS.ProcessEnv, withHooks = false): Record<string, string> {
  const kept = new Set<string>(KEPT_GIT_VARIABLES);
  const entries = Object.entries(environment).filter(
    (pair): pair is [string, string] => pair[1] !== undefined && (kept.has(pair[0]) || !DROPPED.test(pair[0])),
  );
  const config = withHooks ? OWN_CONFIG : [...OWN_CONFIG, WITHOUT_HOOKS];
  return { ...Object.fromEntries(entries), ...OWN_VARIABLES, ...configVariables(config) };
}

/** As `git -c key=value`, for this call and the programs that it starts. */
function configVariables(config: readonly (readonly [key: string, value: string])[]): Record<string, string> {
  const pairs = config.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(config.length), ...Object.fromEntries(pairs) };
}
