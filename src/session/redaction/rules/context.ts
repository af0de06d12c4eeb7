import { type AssignedValue, isMixed, isPassword, isPlaceholder, isSecret, looksRandom } from '../secret-value.ts';
import { assigned, assignedSecret, HARMLESS_KEY, type RedactRule, token } from './rule.ts';

/** Long options whose value is a secret, whatever program takes them. */
const FLAGS =
  'password token secret api-key passphrase http-password ftp-password proxy-password vault-password auth-token access-token'.split(
    ' ',
  );

/** What is secret in an address ends at an `@`, and has nothing in it that ends a word. */
const USER_OF_ADDRESS = /[^\s/"'`<>\\@]*[@\\]/y;
const EXPORTED = /\s{0,4}(?:\\|[A-Z0-9_]{0,60}(?:SECRET|TOKEN|PASSW|_KEY|CREDENTIAL))/iy;
/** Looks back: only quotes, commas, spaces and their escapes part a name and `value`. Of a quote only the escape may be read. */
const PAIRED =
  /(?<=(?:pass|secret|token|key)\w{0,28}(?:[\s"'`,\\]|\\[nrtf]|\\u[\da-f]{4}){1,300}value.)(?:(?<!\\)|[\\"'`])/iy;

/** Secrets that are known only by what stands before them, whoever made them. */
export const CONTEXTS: readonly RedactRule[] = [
  {
    ...token('connection_string', 'CONNECTION_STRING', '://', connectionString()),
    accept: ({ value }) => isUrlPassword(value.slice(value.indexOf(':') + 1)),
    sequel: USER_OF_ADDRESS,
  },
  { ...token('url_token', 'TOKEN', '://', urlToken()), accept: isToken, sequel: USER_OF_ADDRESS },
  {
    ...token('url_password', 'PASSWORD', '://', /:\/\/[^\s:@/"'`<>]{0,256}:([^\s/"'`<>]+)(?=@)/),
    accept: ({ value }) => isUrlPassword(value),
    sequel: USER_OF_ADDRESS,
  },
  { ...token('bearer_token', 'BEARER_TOKEN', 'bearer', /bearer\s{1,4}([\w.~+/=-]{16,})/i), accept: isToken },
  token(
    'basic_auth',
    'BASIC_AUTH',
    'basic',
    /(?<=authorization\\{0,8}["']?\s{0,4}[:=]\s{0,4}\\{0,8}["']?)basic\s{1,4}([A-Za-z0-9+/]{8,}={0,2})/i,
  ),
  { ...token('authorization_header', 'AUTHORIZATION', 'authorization', authorizationHeader()), accept: isToken },
  assigned('export_secret', 'EXPORT', 'export', {
    name: 'export\\s{1,4}[A-Z0-9_]{0,60}(?:SECRET|TOKEN|PASSWORD|PASSWD|_KEY|CREDENTIALS?)[A-Z0-9_]{0,20}',
    accept: (assignment) => isPassword({ ...assignment, name: 'EXPORT' }),
    sequel: EXPORTED,
  }),
  {
    ...token('config_password', 'PASSWORD', 'password passwd passphrase secret', configPassword()),
    accept: isConfigPassword,
  },
  assigned('generic_password', 'PASSWORD', 'password passwd passphrase pwd', {
    name: '(?:password|passwd|passphrase|pwd)',
    accept: isPassword,
  }),
  {
    ...token('variable_line', 'SECRET', '', variableLine()),
    keywords: ['env ', 'setx ', 'set -'],
    accept: (assignment) => isPassword({ ...assignment, name: 'ENV' }),
  },
  assigned('paired_secret', 'SECRET', 'value: value= value" value\\', {
    name: pairedName(),
    accept: (assignment) => isPassword({ ...assignment, name: 'VALUE' }),
    sequel: PAIRED,
  }),
  assigned('generic_secret', 'SECRET', 'secret', { name: 'secret', accept: isSecret }),
  assigned('generic_token', 'TOKEN', 'token', {
    name: '(?<!page[_-]?|continuation[_-]?)token',
    accept: isSecret,
    sequel: assignedSecret(),
  }),
  assigned('generic_api_key', 'API_KEY', '_key -key apikey secretkey accesskey privatekey signingkey encryptionkey', {
    name: `${HARMLESS_KEY}(?:[_-]|api|secret|access|private|signing|encryption)key`,
    accept: isSecret,
    sequel: assignedSecret(),
  }),
  {
    ...token('xml_password', 'PASSWORD', 'password> passphrase> secret> token> apikey>', xmlPassword()),
    accept: isElement,
  },
  { ...token('flag_secret', 'PASSWORD', FLAGS.map((flag) => `--${flag}`).join(' '), flag()), accept: isPassword },
  { ...token('curl_user', 'PASSWORD', 'curl', curlUser()), accept: isUserPassword },
  { ...token('sshpass_password', 'PASSWORD', 'sshpass', /sshpass\s{1,4}-p\s?["']?([^\s"'`]{4,})/), accept: isWord },
  telegramBot(),
  { ...token('netrc_password', 'PASSWORD', 'machine', netrcPassword()), accept: isWord },
];

function connectionString(): RegExp {
  const schemes =
    'postgres(?:ql)?|mysqlx?2?|mariadb|mongodb(?:\\+srv)?|rediss?|amqps?|mssql|sqlserver|clickhouse|cockroachdb';
  return new RegExp(`(?<=(?:${schemes})(?:\\+\\w{1,12})?):\\/\\/([^\\s:@/"'\`<>]{0,256}:[^\\s/"'\`<>]+)(?=@)`, 'i');
}

/** A token where the user would stand, as in `https://token@host`. That of Sentry is public, it only takes reports. */
function urlToken(): RegExp {
  return /:\/\/([A-Za-z0-9_-]{16,256})(?=:x-oauth-basic@)|:\/\/([A-Za-z0-9_]{32,256})(?=:?@(?![\w.-]{0,60}sentry))/;
}

/** Whatever scheme it names, but for those that have a rule of their own. */
function authorizationHeader(): RegExp {
  const schemes = 'token(?: token=)?|api-?key|bot|key|splunk|geniekey|digest|negotiate|signature';
  return new RegExp(
    `authorization\\\\{0,8}["']?\\s{0,4}[:=]\\s{0,4}\\\\{0,8}["']?(?:(?:${schemes})\\s{1,4})?\\\\{0,8}["']?([\\w.~+/=-]{20,})(?!\\s?[.(])`,
    'i',
  );
}

/** A line of an environment file, of YAML or of properties: all of it is the value, also where it ends elsewhere. */
function configPassword(): RegExp {
  const sign = '(?:=|: {1,4})';
  const line = `(?<=(?:^|[\\n+-]|\\\\n)[ \\t]{0,40}(?:- |export )?[\\w.-]{0,100}${sign})`;
  return new RegExp(
    `(?:password|passwd|passphrase|secret)\\w{0,30}${sign}${line}([^\\s"'\`\\\\]{6,})(?=\\s|\\\\[nr]|$)`,
    'i',
  );
}

/** A variable that is set without any sign: in a Dockerfile, in the shell of Windows, in fish. */
function variableLine(): RegExp {
  return /(?:ENV|setx|set\s-[a-zA-Z]{1,3})\s{1,4}[A-Z0-9_]{0,60}(?:SECRET|TOKEN|PASS(?:WORD|WD|PHRASE)?|KEY|CREDENTIALS?)[A-Z0-9_]{0,20}[ \t]{1,4}["']?([^\s"'`\\]{6,})/;
}

/** The name stands beside `name`, `key` and the like, and what it names beside `value`: in lists of variables, in XML. */
function pairedName(): string {
  const quote = '\\\\{0,8}["\'`]';
  const lineBreak = '(?:\\\\n\\s{0,40})?';
  const named = '(?:password|passwd|passphrase|secret|token|[_-]key|apikey)\\w{0,20}';
  return `(?<=${named}(?:${quote})?(?:,|\\s|\\\\n)\\s{0,40}${lineBreak}(?:${quote})?)value`;
}

function xmlPassword(): RegExp {
  return /(?:password|passphrase|secret|token|apikey)>([^<>\s]{6,})(?=<\/)/i;
}

function flag(): RegExp {
  return new RegExp(`--(?:${FLAGS.join('|')})[ =]["']?([^\\s"'\`,;&|(){}<>[\\]\\\\]+)`);
}

function curlUser(): RegExp {
  // A line may go on behind a backslash, and an address has its own `&`.
  return /curl\s(?:[^\n|;&]|\\\r?\n|&(?=\S)){0,500}?(?:\s-[a-zA-Z]{0,6}u|--user)[ =]?["']?[\w.@+-]{1,64}:([^\s"'`\\]{4,})/;
}

function netrcPassword(): RegExp {
  return /machine\s{1,4}[\w-]{1,60}[.:][\w.:-]{1,120}\s{1,8}login\s{1,4}[^\s]{1,120}\s{1,8}password\s{1,4}([^\s"'`\\]{4,})/;
}

/** The number before the colon says which bot it is; the secret stands behind it. */
function telegramBot(): RedactRule {
  return token('telegram_bot_token', 'TELEGRAM_TOKEN', ':aa', /(?<=(?<!\d)\d{8,10}):(AA[\w-]{33})(?![\w-])/);
}

function isUrlPassword(secret: string): boolean {
  return !isPlaceholder(secret) && !/^(?:pass(?:word|wd)?|pwd?|secret|token|x-oauth-basic)$/i.test(secret);
}

/** A command names the password, so a word is one; a variable, a mask or the word `password` is none. */
function isWord({ value }: AssignedValue): boolean {
  return isUrlPassword(value);
}

/** Has a sign that the other rules stop at, and is no call, list or next command. */
function isConfigPassword({ value }: AssignedValue): boolean {
  const isCut = /[,;|(){}<>[\]]/.test(value.slice(0, -1));
  const isCode = /^[\w.]*[([{].*[)\]}]$|[;|]{2}|[;,]$/.test(value);
  return isCut && !isCode && (isMixed(value) || /[!@#%^*~]/.test(value)) && !isPlaceholder(value);
}

/** `curl -u user:password`; a number is a group of users, as `docker run -u` takes it. */
function isUserPassword({ value }: AssignedValue): boolean {
  return isUrlPassword(value) && !/^\d{1,5}$/.test(value);
}

/** What an element holds is text: a word is not taken for a password, as labels and descriptions are words. */
function isElement(assigned: AssignedValue): boolean {
  return looksRandom(assigned.value) && isPassword({ ...assigned, quoted: true });
}

function isToken({ value }: AssignedValue): boolean {
  return isMixed(value) && !isPlaceholder(value);
}
