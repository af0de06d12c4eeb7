export interface ClaudeLimits {
  /** Upper bound of one answer, in tokens. */
  readonly maxTokens: number;
}

export interface ClaudeScope extends ClaudeLimits {
  /** The user's own settings are let in, and may choose the provider. */
  readonly userSettings: boolean;
}

/**
 * The whole environment of a `claude` that we start: what login, provider, proxy and locale need, and what keeps the
 * run bounded and quiet. Everything else stays out: `GIT_*` of a hook would lead it into a repository, `CLAUDECODE` of
 * an agent around us would make it a child session, `NODE_OPTIONS` would load code into it, and the keys of a cloud that
 * does not serve the model are none of its business.
 */
export function buildClaudeEnvironment(source: NodeJS.ProcessEnv, scope: ClaudeScope): Record<string, string> {
  const given = Object.entries(source).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const clouds = CLOUDS.filter(({ services }) => scope.userSettings || isInUse(services, given));
  const kept = given.filter(([name]) => isAllowed(name, clouds));
  return { ...Object.fromEntries(kept), ...fixedEnvironment(scope) };
}

/** What bounds a run, whatever else is set: settings that a user lets in may not undo it. */
export function fixedEnvironment({ maxTokens }: ClaudeLimits): Record<string, string> {
  return { ...FIXED, CLAUDE_CODE_MAX_OUTPUT_TOKENS: String(maxTokens) };
}

const FIXED = {
  // A path after `@` in the prompt would be read and sent.
  CLAUDE_CODE_DISABLE_ATTACHMENTS: '1',
  CLAUDE_CODE_DISABLE_FILE_MENTIONS: '1',
  CLAUDE_CODE_MAX_RETRIES: '2',
  // A refusal is an answer; asking again costs the same and says the same.
  CLAUDE_CODE_DISABLE_REFUSAL_RETRY: '1',
  API_TIMEOUT_MS: '120000',
  // Each of the two does it in some version only.
  CLAUDE_CODE_DISABLE_THINKING: '1',
  MAX_THINKING_TOKENS: '0',
  // Too long a prompt would be compacted by a paid call and answered from its own summary.
  DISABLE_AUTO_COMPACT: '1',
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  DISABLE_TELEMETRY: '1',
  DISABLE_AUTOUPDATER: '1',
  // No recursion: neither we nor a recorder of sessions may start inside our own child.
  AGENTWORK_PASS: '1',
  OX_SESSION_RECORDING: 'disabled',
  SAGEOX_DAEMON: 'false',
} as const;

const ALLOWED_NAMES: ReadonlySet<string> = new Set(
  `
  HOME USER LOGNAME PATH TMPDIR TEMP TMP TZ LANG LANGUAGE
  CLAUDE_CONFIG_DIR CLAUDE_CODE_OAUTH_TOKEN CLAUDE_CODE_API_KEY_HELPER_TTL_MS
  CLAUDE_CODE_CLIENT_CERT CLAUDE_CODE_CLIENT_KEY CLAUDE_CODE_CLIENT_KEY_PASSPHRASE
  HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY
  NODE_EXTRA_CA_CERTS NODE_USE_SYSTEM_CA SSL_CERT_FILE SSL_CERT_DIR
  SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT USERPROFILE USERNAME USERDOMAIN HOMEDRIVE HOMEPATH
  APPDATA LOCALAPPDATA PROGRAMDATA PROGRAMFILES PROGRAMFILES(X86) CLAUDE_CODE_GIT_BASH_PATH
  `
    .trim()
    .split(/\s+/),
);

const ALLOWED_PREFIXES = ['ANTHROPIC_', 'LC_'] as const;

/** It puts a log amid the output that we read. */
const NOISY = 'ANTHROPIC_LOG';

interface Cloud {
  /** `X` is asked where `CLAUDE_CODE_USE_X` says so. */
  readonly services: readonly string[];
  /** How the variables of this cloud begin: who one is there, and where. */
  readonly prefixes: readonly string[];
}

const CLOUDS: readonly Cloud[] = [
  { services: ['BEDROCK', 'MANTLE', 'ANTHROPIC_AWS'], prefixes: ['AWS_'] },
  {
    services: ['VERTEX', 'ANTHROPIC_GOOGLE_CLOUD'],
    prefixes: ['GOOGLE_', 'GCLOUD_PROJECT', 'CLOUDSDK_', 'CLOUD_ML_REGION', 'VERTEX_REGION_'],
  },
  { services: ['FOUNDRY'], prefixes: ['AZURE_'] },
];

const SERVICE_VARIABLES: ReadonlySet<string> = new Set(
  CLOUDS.flatMap(({ services }) => services).flatMap((service) => [useOf(service), `CLAUDE_CODE_SKIP_${service}_AUTH`]),
);

function useOf(service: string): string {
  return `CLAUDE_CODE_USE_${service}`;
}

/** Each version has words of its own for yes; what means no is the same everywhere. */
function isInUse(services: readonly string[], given: readonly (readonly [string, string])[]): boolean {
  const switches = new Set(services.map(useOf));
  return given.some(([name, value]) => switches.has(name.toUpperCase()) && !/^\s*(?:|0|false|no|off)\s*$/i.test(value));
}

/** Without regard to case: Windows has none, and proxies are written both ways everywhere. */
function isAllowed(name: string, clouds: readonly Cloud[]): boolean {
  const upper = name.toUpperCase();
  if (upper === NOISY) return false;
  if (ALLOWED_NAMES.has(upper) || SERVICE_VARIABLES.has(upper)) return true;
  return [...ALLOWED_PREFIXES, ...clouds.flatMap(({ prefixes }) => prefixes)].some((prefix) =>
    upper.startsWith(prefix),
  );
}
