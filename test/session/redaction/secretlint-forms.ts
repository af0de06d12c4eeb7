import type { RandomText } from './random-text.ts';

export interface SecretlintForm {
  /** The rule of the preset that knows it. */
  readonly rule: string;
  readonly make: (r: RandomText) => string;
  /** Some rules read only files of a name. */
  readonly file?: string;
}

/** Every form that a rule of secretlint's recommended preset looks for. */
export const SECRETLINT_FORMS: readonly SecretlintForm[] = [
  ...[
    'AWS_SECRET_ACCESS_KEY',
    'aws_secretAccessKey',
    'SecretAccessKey',
    'AwsSecretAccessKey',
    'secret_access_key',
  ].flatMap((name): readonly SecretlintForm[] => [
    { rule: 'aws', make: (r) => `${name}=${r.base64(39)}${r.alnum(1)}` },
    { rule: 'aws', make: (r) => `"${name}": "${r.base64(39)}${r.alnum(1)}"` },
    { rule: 'aws', make: (r) => `'${name}' => '${r.base64(39)}${r.alnum(1)}'` },
  ]),
  ...['AKIA', 'ASIA', 'A3TX'].map((prefix): SecretlintForm => ({ rule: 'aws', make: (r) => prefix + r.upper(16) })),
  { rule: 'gcp', file: 'service-account.json', make: serviceAccount },
  {
    rule: 'npm',
    file: 'package.json',
    make: (r) => `"a": "git+https://${r.hex(40)}:x-oauth-basic@github.com/a/b.git"`,
  },
  { rule: 'npm', file: '.npmrc', make: (r) => `//registry.npmjs.org/:_authToken=${r.uuid()}` },
  { rule: 'npm', file: '.npmrc', make: (r) => `//npm.internal/:_authToken=${r.base64(40)}==` },
  { rule: 'npm', file: '.npmrc', make: (r) => `_authToken=npm_${r.alnum(36)}` },
  { rule: 'npm', file: '.npmrc', make: (r) => `npm_${r.of('abcXYZ0189_', 35)}${r.alnum(1)}` },
  ...['xoxb', 'xoxp', 'xapp', 'xoxa', 'xoxo', 'xoxr'].map(
    (prefix): SecretlintForm => ({
      rule: 'slack',
      make: (r) => `${prefix}-2-${r.digits(11)}-${r.digits(12)}-${r.alnum(24)}`,
    }),
  ),
  { rule: 'slack', make: (r) => `xoxp-${r.alnum(12)}-${r.alnum(8)}` },
  { rule: 'slack', make: (r) => `https://hooks.slack.com/services/T${r.upper(8)}/B${r.upper(8)}/${r.alnum(24)}` },
  { rule: 'basicauth', make: (r) => `https://${r.alnum(8)}:${r.urlSafe(12)}@db.internal.net/path` },
  { rule: 'basicauth', make: (r) => `ftp://${r.alnum(250)}:${r.urlSafe(250)}@files.internal.net` },
  { rule: 'basicauth', make: (r) => `ftps://deploy:${r.alnum(4)}@files.internal.net/x` },
  ...['proj', 'svcacct', 'admin'].flatMap((kind): readonly SecretlintForm[] =>
    [58, 74].map((length) => ({
      rule: 'openai',
      make: (r) => `sk-${kind}-${r.urlSafe(length)}T3BlbkFJ${r.urlSafe(length - 1)}${r.alnum(1)}`,
    })),
  ),
  { rule: 'openai', make: (r) => `sk-${r.alnum(20)}T3BlbkFJ${r.alnum(20)}` },
  ...[90, 93, 128].map(
    (length): SecretlintForm => ({ rule: 'anthropic', make: (r) => `sk-ant-api03-${r.urlSafe(length)}AA` }),
  ),
  { rule: 'groq', make: (r) => `gsk_${r.alnum(52)}` },
  { rule: 'huggingface', make: (r) => `hf_${r.letters(34)}` },
  ...[32, 40, 128].map(
    (length): SecretlintForm => ({ rule: 'linear', make: (r) => `lin_api_${r.of('abXY01_', length)}` }),
  ),
  { rule: 'notion', make: (r) => `ntn_${r.digits(11)}${r.alnum(35)}` },
  ...['RSA ', 'EC ', 'DSA ', ''].map(
    (kind): SecretlintForm => ({
      rule: 'privatekey',
      make: (r) =>
        `-----BEGIN ${kind}${'PRIVATE KEY'}-----\nMI${r.base64(62)}\n${r.base64(64)}\n-----END ${kind}${'PRIVATE KEY'}-----`,
    }),
  ),
  {
    rule: 'privatekey',
    make: (r) =>
      `-----BEGIN OPENSSH ${'PRIVATE KEY'}-----\\nb3BlbnNzaC1rZXktdjE${r.base64(62)}\\n${r.base64(64)}\\n-----END OPENSSH ${'PRIVATE KEY'}-----`,
  },
  { rule: 'sendgrid', make: (r) => `SG.${r.of('abXY01_', 22)}.${r.of('abXY01_', 21)}-${r.of('abXY01_', 21)}` },
  ...['shppa', 'shpca', 'shpat', 'shpss'].flatMap((prefix): readonly SecretlintForm[] =>
    [32, 64].map((length) => ({ rule: 'shopify', make: (r) => `${prefix}_${r.alnum(length)}` })),
  ),
  ...['ghp', 'gho', 'ghu', 'ghs', 'ghr'].map(
    (prefix): SecretlintForm => ({ rule: 'github', make: (r) => `${prefix}_${r.of('abcXYZ0189_', 36)}` }),
  ),
  { rule: 'github', make: (r) => `github_pat_${r.of('abcXYZ0189_', 82)}` },
  ...[20, 64, 128].map((length): SecretlintForm => ({ rule: 'gitlab', make: (r) => `glpat-${r.urlSafe(length)}` })),
  ...[32, 400].map((length): SecretlintForm => ({ rule: 'grafana', make: (r) => `glc_${r.base64(length)}==` })),
  { rule: 'grafana', make: (r) => `glsa_${r.alnum(32)}_${r.hex(8)}` },
  { rule: 'grafana', make: (r) => `glsa_${r.alnum(32)}_${r.upperHex(8)}` },
  { rule: '1password', make: onePassword },
  ...['mongodb', 'mongodb+srv', 'mysql', 'mysqlx', 'jdbc:mysql', 'postgres', 'postgresql'].flatMap(
    (scheme): readonly SecretlintForm[] => [
      {
        rule: 'database-connection-string',
        make: (r) => `${scheme}://app:${r.of('abcXYZ0189!#%+-.=^~', 12)}@db.internal/app?ssl=true`,
      },
      { rule: 'database-connection-string', make: (r) => `${scheme}://${r.alnum(90)}:${r.alnum(190)}@db.internal` },
    ],
  ),
  { rule: 'hashicorp-vault', make: (r) => `hvs.${r.urlSafe(95)}` },
  { rule: 'hashicorp-vault', make: (r) => `hvb.${r.urlSafe(160)}` },
  { rule: 'hashicorp-vault', make: (r) => `hvr.${r.urlSafe(95)}` },
  ...['vcp', 'vci', 'vca', 'vcr', 'vck'].flatMap((prefix): readonly SecretlintForm[] =>
    [20, 60].map((length) => ({ rule: 'vercel', make: (r) => `${prefix}_${r.alnum(length)}` })),
  ),
  { rule: 'databricks', make: (r) => `dapi${r.hex(32)}` },
  { rule: 'databricks', make: (r) => `dapi${r.upperHex(32)}-2` },
  { rule: 'docker', make: (r) => `dckr_pat_${r.urlSafe(27)}` },
  ...[40, 200].map((length): SecretlintForm => ({ rule: 'figma', make: (r) => `figd_${r.urlSafe(length)}` })),
];

function serviceAccount(r: RandomText): string {
  const key = `-----BEGIN ${'PRIVATE KEY'}-----\n${r.base64(64)}\n${r.base64(64)}\n-----END ${'PRIVATE KEY'}-----\n`;
  return JSON.stringify({
    type: 'service_account',
    private_key_id: r.hex(40),
    private_key: key,
    client_email: 'a@b.c',
  });
}

/** JSON in base64, as long as it has to be for the last letter to stand alone. */
function onePassword(r: RandomText): string {
  const payload = JSON.stringify({ email: 'a@b.c', muk: { k: r.alnum(60) }, secretKey: r.alnum(33) });
  const padding = ' '.repeat((4 - (payload.length % 3)) % 3);
  return `ops_${btoa(payload.replace(/}$/, `${padding}}`))}`;
}
