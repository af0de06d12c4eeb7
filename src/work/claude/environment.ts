export interface ClaudeLimits {
  /** Upper bound of one answer, in tokens. */
  readonly maxTokens: number;
}

/**
 * The whole environment of a `claude` that we start: what login, provider, proxy and locale need, and what keeps the
 * run bounded and quiet. Everything else stays out: `GIT_*` of a hook would lead it into a repository, `CLAUDECODE` of
 * an agent around us would make it a child session, `NODE_OPTIONS` would load code into it.
 */
export function buildClaudeEnvironment(source: NodeJS.ProcessEnv, limits: ClaudeLimits): Record<string, string> {
  const kept = Object.entries(source).filter((entry): entry is [string, string] => {
    return entry[1] !== undefined && isAllowed(entry[0]);
  });
  return { ...Object.fromEntries(kept), ...fixedEnvironment(limits) };
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
  CLAUDE_CODE_USE_BEDROCK CLAUDE_CODE_USE_VERTEX CLAUDE_CODE_USE_FOUNDRY
  CLAUDE_CODE_SKIP_BEDROCK_AUTH CLAUDE_CODE_SKIP_VERTEX_AUTH CLAUDE_CODE_SKIP_FOUNDRY_AUTH
  CLAUDE_CODE_CLIENT_CERT CLAUDE_CODE_CLIENT_KEY CLAUDE_CODE_CLIENT_KEY_PASSPHRASE
  CLOUD_ML_REGION GCLOUD_PROJECT
  HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY
  NODE_EXTRA_CA_CERTS NODE_USE_SYSTEM_CA SSL_CERT_FILE SSL_CERT_DIR
  SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT USERPROFILE USERNAME USERDOMAIN HOMEDRIVE HOMEPATH
  APPDATA LOCALAPPDATA PROGRAMDATA PROGRAMFILES PROGRAMFILES(X86) CLAUDE_CODE_GIT_BASH_PATH
  `
    .trim()
    .split(/\s+/),
);

const ALLOWED_PREFIXES = ['ANTHROPIC_', 'AWS_', 'AZURE_', 'GOOGLE_', 'CLOUDSDK_', 'VERTEX_REGION_', 'LC_'] as const;

/** Without regard to case: Windows has none, and proxies are written both ways everywhere. */
function isAllowed(name: string): boolean {
  const upper = name.toUpperCase();
  return ALLOWED_NAMES.has(upper) || ALLOWED_PREFIXES.some((prefix) => upper.startsWith(prefix));
}
