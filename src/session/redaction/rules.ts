import { type AssignedValue, isMixed, isPassword, isPlaceholder, isSecret } from './secret-value.ts';

/** One kind of secret. */
export interface RedactRule {
  readonly name: string;
  /** Where to look at all, in lower case. A rule costs nothing in a text that has none of them. */
  readonly keywords: readonly string[];
  /**
   * Tried where a keyword begins, and only there. The group that matched is the secret, and the match ends with it;
   * without a group all of the match is. Loops run over one class of characters, so a try is linear.
   */
  readonly pattern: RegExp;
  readonly placeholder: string;
  /** How many characters before the keyword the secret begins. */
  readonly before?: number;
  readonly accept: (assigned: AssignedValue) => boolean;
}

/** Secrets that are known by their own shape, the more specific first. */
export const TOKEN_RULES: readonly RedactRule[] = [
  // Whatever it is called in a comment or a file name: nobody needs to see one.
  { ...token('private_key', 'PRIVATE_KEY', '-----begin', privateKey()), accept: () => true },
  token('aws_access_key', 'AWS_KEY', 'akia asia abia acca', /(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Z0-9])/),
  assigned('aws_secret_key', 'AWS_SECRET', 'aws_secret secret_access_key secretaccesskey', {
    name: '(?:aws_secret_(?:access_)?key|secret_?access_?key)',
    value: '([A-Za-z0-9/+=]{40})(?![A-Za-z0-9/+=])',
  }),
  token('github_fine_grained_pat', 'GITHUB_PAT', 'github_pat_', /github_pat_[A-Za-z0-9_]{22,}/),
  token('github_token', 'GITHUB_TOKEN', 'ghp_ gho_ ghu_ ghs_ ghr_', /gh[pousr]_[A-Za-z0-9]{30,}/),
  token(
    'gitlab_token',
    'GITLAB_TOKEN',
    'glpat- gldt- glrt- glcbt- glptt- glft- glsoat- glimt- glagent- gloas-',
    /gl(?:pat|dt|rt|cbt|ptt|ft|soat|imt|agent|oas)-[\w-]{20,}(?:\.[\w-]+)*/,
  ),
  token(
    'slack_token',
    'SLACK_TOKEN',
    'xoxa- xoxb- xoxe- xoxe. xoxo- xoxp- xoxr- xoxs- xapp-',
    /(?:xox[a-z]|xapp)[-.][\w.-]{10,}/,
  ),
  token(
    'slack_webhook',
    'SLACK_WEBHOOK',
    'hooks.slack.com',
    /hooks\.slack\.com\/(?:services|workflows|triggers)\/([\w/+-]{16,})/,
  ),
  token(
    'discord_webhook',
    'DISCORD_WEBHOOK',
    'discord.com/api discordapp.com/api',
    /discord(?:app)?\.com\/api\/webhooks\/([\w/-]{20,})/,
  ),
  token('stripe_key', 'STRIPE_KEY', 'sk_live_ sk_test_ rk_live_ rk_test_', /[rs]k_(?:live|test)_[A-Za-z0-9]{10,}/),
  token('stripe_webhook', 'STRIPE_KEY', 'whsec_', /whsec_[A-Za-z0-9+/=]{20,}/),
  token('twilio_key', 'TWILIO_KEY', 'sk', /SK[0-9a-f]{32}(?![0-9a-zA-Z])/),
  token('sendgrid_key', 'SENDGRID_KEY', 'sg.', /SG\.[\w-]{16,}\.[\w-]{16,}/),
  { ...token('mailchimp_key', 'MAILCHIMP_KEY', '-us', /[0-9a-f]{32}-us\d{1,2}(?!\w)/), before: 32 },
  token('mailgun_key', 'MAILGUN_KEY', 'key-', /key-[0-9a-f]{32}(?!\w)/),
  token('npm_token', 'NPM_TOKEN', 'npm_', /npm_[A-Za-z0-9]{30,}/),
  token('pypi_token', 'PYPI_TOKEN', 'pypi-', /pypi-[\w-]{50,}/),
  token('rubygems_key', 'RUBYGEMS_KEY', 'rubygems_', /rubygems_[0-9a-f]{48}(?!\w)/),
  token('docker_token', 'DOCKER_TOKEN', 'dckr_', /dckr_(?:pat|oat)_[\w-]{20,}/),
  token('heroku_key', 'HEROKU_KEY', 'hrku-', /HRKU-[\w-]{30,}/),
  token('anthropic_key', 'ANTHROPIC_KEY', 'sk-ant-', /sk-ant-[a-z]{1,10}\d{0,3}-[\w-]{20,}/),
  token('openrouter_key', 'OPENROUTER_KEY', 'sk-or-', /sk-or-v\d-[0-9a-f]{32,}/),
  token('openai_key', 'OPENAI_KEY', 'sk-proj- sk-svcacct- sk-admin-', /sk-(?:proj|svcacct|admin)-[\w-]{20,}/),
  { ...token('openai_legacy_key', 'OPENAI_KEY', 'sk-', /sk-[\w-]{20,}/), accept: isRandom },
  token('google_api_key', 'GOOGLE_KEY', 'aiza', /AIza[\w-]{35}(?!\w)/),
  token('google_oauth_secret', 'GOOGLE_SECRET', 'gocspx-', /GOCSPX-[\w-]{24,}/),
  token('google_oauth_token', 'GOOGLE_TOKEN', 'ya29.', /ya29\.[\w-]{20,}/),
  token('huggingface_token', 'HUGGINGFACE_TOKEN', 'hf_', /hf_[A-Za-z0-9]{30,}/),
  token('groq_key', 'GROQ_KEY', 'gsk_', /gsk_[A-Za-z0-9]{40,}/),
  token('xai_key', 'XAI_KEY', 'xai-', /xai-[A-Za-z0-9]{60,}/),
  token('perplexity_key', 'PERPLEXITY_KEY', 'pplx-', /pplx-[A-Za-z0-9]{40,}/),
  token('replicate_token', 'REPLICATE_TOKEN', 'r8_', /r8_[A-Za-z0-9]{37,}/),
  token('azure_account_key', 'AZURE_KEY', 'accountkey accesskey', /A(?:ccount|ccess)Key=([A-Za-z0-9+/]{40,}={0,2})/i),
  token('azure_sas', 'AZURE_SAS', 'sig=', /sig=([A-Za-z0-9%+/]{40,}={0,2})/),
  token('vercel_token', 'VERCEL_TOKEN', 'vcp_ vci_ vca_ vcr_ vck_', /vc[piark]_[A-Za-z0-9]{24,}/),
  token('vercel_blob_token', 'VERCEL_TOKEN', 'vercel_blob_rw_', /vercel_blob_rw_[A-Za-z0-9_]{20,}/),
  token('supabase_token', 'SUPABASE_TOKEN', 'sbp_ sb_secret_', /(?:sbp_[0-9a-f]{40}(?!\w)|sb_secret_[\w-]{20,})/),
  token('linear_key', 'LINEAR_KEY', 'lin_api_ lin_oauth_', /lin_(?:api|oauth)_[A-Za-z0-9]{32,}/),
  token('shopify_token', 'SHOPIFY_TOKEN', 'shpat_ shpca_ shppa_ shpss_', /shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}(?!\w)/),
  token('digitalocean_token', 'DIGITALOCEAN_TOKEN', 'dop_v1_ doo_v1_ dor_v1_', /do[opr]_v1_[0-9a-f]{64}(?!\w)/),
  token('databricks_token', 'DATABRICKS_TOKEN', 'dapi', /dapi[0-9a-f]{32}(?:-\d)?(?!\w)/),
  token('vault_token', 'VAULT_TOKEN', 'hvs. hvb.', /hv[sb]\.[\w-]{24,}/),
  token('grafana_token', 'GRAFANA_TOKEN', 'glsa_ glc_', /gl(?:sa|c)_[A-Za-z0-9+/_=]{32,}/),
  token('atlassian_token', 'ATLASSIAN_TOKEN', 'atatt3', /ATATT3[\w=-]{40,}/),
  token('notion_token', 'NOTION_TOKEN', 'ntn_', /ntn_[A-Za-z0-9]{40,}/),
  token('figma_token', 'FIGMA_TOKEN', 'figd_', /figd_[\w-]{36,}/),
  token('postman_key', 'POSTMAN_KEY', 'pmak-', /PMAK-[0-9a-f]{24}-[0-9a-f]{34}(?!\w)/),
  token('sentry_token', 'SENTRY_TOKEN', 'sntrys_ sntryu_', /sntry[su]_[A-Za-z0-9+/_=]{40,}/),
  token('age_key', 'PRIVATE_KEY', 'age-secret-key-', /AGE-SECRET-KEY-1[A-Z0-9]{58}(?!\w)/),
  token('jwt_token', 'JWT', 'eyj', /(?<![\w-]{2})eyJ[\w-]{10,}\.eyJ[\w-]{8,}\.[\w-]*/),
];

/** Secrets that are known by what stands before them. They yield to the rules above where both find one. */
export const CONTEXT_RULES: readonly RedactRule[] = [
  {
    ...token('connection_string', 'CONNECTION_STRING', '://', connectionString()),
    accept: ({ value }) => isUrlPassword(value.slice(value.indexOf(':') + 1)),
  },
  {
    ...token('url_password', 'PASSWORD', '://', /:\/\/[^\s:@/"'`<>]{0,200}:([^\s/"'`<>]+)(?=@)/),
    accept: ({ value }) => isUrlPassword(value),
  },
  { ...token('bearer_token', 'BEARER_TOKEN', 'bearer', /bearer\s{1,4}([\w.~+/=-]{16,})/i), accept: isToken },
  token(
    'basic_auth',
    'BASIC_AUTH',
    'basic',
    /(?<=authorization\\{0,8}["']?\s{0,4}[:=]\s{0,4}\\{0,8}["']?)basic\s{1,4}([A-Za-z0-9+/]{8,}={0,2})/i,
  ),
  assigned('export_secret', 'EXPORT', 'export', {
    name: 'export\\s{1,4}[A-Z0-9_]{0,60}(?:SECRET|TOKEN|PASSWORD|PASSWD|_KEY|CREDENTIALS?)[A-Z0-9_]{0,20}',
    accept: (assignment) => isPassword({ ...assignment, name: 'EXPORT' }),
  }),
  assigned('generic_password', 'PASSWORD', 'password passwd passphrase pwd', {
    name: '(?:password|passwd|passphrase|pwd)',
    accept: isPassword,
  }),
  assigned('generic_secret', 'SECRET', 'secret', { name: 'secret', accept: isSecret }),
  assigned('generic_token', 'TOKEN', 'token', { name: '(?<!page[_-]?|continuation[_-]?)token', accept: isSecret }),
  assigned('generic_api_key', 'API_KEY', '_key -key apikey secretkey accesskey privatekey signingkey encryptionkey', {
    name: `${harmlessKeys()}(?:[_-]|api|secret|access|private|signing|encryption)key`,
    accept: isSecret,
  }),
  { ...token('flag_secret', 'PASSWORD', '--password --token --secret --api-key', flag()), accept: isPassword },
];

function token(name: string, kind: string, keywords: string, pattern: RegExp): RedactRule {
  const sticky = new RegExp(pattern.source, `${pattern.flags}y`);
  const accept = ({ value }: AssignedValue): boolean => !isPlaceholder(value);
  return { name, keywords: keywords.split(' '), pattern: sticky, placeholder: `[REDACTED_${kind}]`, accept };
}

interface Assignment {
  readonly name: string;
  readonly value?: string;
  readonly accept?: RedactRule['accept'];
}

/** `name = value` as environment files, shells, YAML, JSON (escaped any number of times) and code write it. */
function assigned(name: string, kind: string, keywords: string, assignment: Assignment): RedactRule {
  const suffix = '(?:_(?:base|value|prod|dev|staging|live|test)|_?\\d{1,2})?';
  const type = '(?:\\??: ?(?:string|str|&str) ?(?==))?';
  const operator = `(?:\\\\{0,8}["'\`])?\\]?[ \\t]{0,4}${type}(?::=|=>|==?|:)[ \\t]{0,4}`;
  const source = `${assignment.name}${suffix}${operator}${assignment.value ? `(?:\\\\{0,8}["'])?${assignment.value}` : anyValue()}`;
  const rule = token(name, kind, keywords, new RegExp(source, 'i'));
  return assignment.accept === undefined ? rule : { ...rule, accept: assignment.accept };
}

function anyValue(): string {
  const quoted = ['"', "'", '`'].map(
    (quote) => `\\\\{0,8}${quote}([^${quote}\\\\\\n]+(?:\\\\(?!\\\\{0,8}["'\`])[^${quote}\\\\\\n]*)*)`,
  );
  return `(?:${quoted.join('|')}|([^\\s"'\`,;&|(){}<>[\\]\\\\]+))`;
}

/** Header, body and footer, whatever stands before each line; without a footer, the lines that are base64. */
function privateKey(): RegExp {
  const header = '-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----';
  const footer = '-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----';
  const whole = `[^-]{0,16000}(?:-(?!----)[^-]{0,16000}){0,300}-?${footer}`;
  const lines = '(?:(?:\\\\{1,8}[nrt]|[\\s"\'+-]|\\d{1,6}[→:|])*[A-Za-z0-9+/=]{20,})*';
  return new RegExp(`${header}(?:${whole}|${lines})`);
}

function connectionString(): RegExp {
  const schemes =
    'postgres(?:ql)?|mysql2?|mariadb|mongodb(?:\\+srv)?|rediss?|amqps?|mssql|sqlserver|clickhouse|cockroachdb';
  return new RegExp(`(?<=(?:${schemes})(?:\\+\\w{1,12})?):\\/\\/([^\\s:@/"'\`<>]{0,200}:[^\\s/"'\`<>]+)(?=@)`, 'i');
}

function flag(): RegExp {
  return /--(?:password|token|secret|api-key)[ =]["']?([^\s"'`,;&|(){}<>[\]\\]+)/;
}

/** What is called a key and is none: database columns, cache entries, public halves. */
function harmlessKeys(): string {
  const kinds =
    'public|primary|foreign|cache|sort|partition|object|row|map|unique|index|idempotency|registry|lookup|host|dict|storage|query|state|shard|routing|group|hash|range|join|parent|i18n|translation|list|item|event|config|dedup';
  return `(?<!${kinds})(?<!(?:${kinds})[_-])`;
}

function isUrlPassword(secret: string): boolean {
  return !isPlaceholder(secret) && !/^(?:pass(?:word|wd)?|pwd?|secret|token)$/i.test(secret);
}

function isToken({ value }: AssignedValue): boolean {
  return isMixed(value) && !isPlaceholder(value);
}

/** CSS class names begin with `sk-` too; a key has digits and capitals, or is one long number. */
function isRandom({ value }: AssignedValue): boolean {
  if (isPlaceholder(value)) return false;
  return (/\d/.test(value) && /[A-Z]/.test(value)) || /^sk-[0-9a-f]{32,}$/.test(value);
}
