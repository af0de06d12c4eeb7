import { type AssignedValue, isPlaceholder, isUnlikeWords } from '../secret-value.ts';
import { type RedactRule, token } from './rule.ts';

/** What stands between a program and its option: other arguments, over continued lines, but no other command. */
const ARGUMENTS = '(?:[^\\n|;&\\\\]|\\\\\\r?\\n){0,200}?';
const PROGRAM_BEGINS = '(?<![\\w.-])';
const QUOTE = '(?:\\\\{0,8}["\'])?';
/** In quotes it may hold what ends a word elsewhere. */
const VALUE =
  '(?:\\\\{0,8}"([^\\s"\\\\]{4,})(?=\\\\{0,8}")|\\\\{0,8}\'([^\\s\'\\\\]{4,})(?=\\\\{0,8}\')|([^\\s"\'`\\\\|;&<>]{4,}))';

/** Passwords among the arguments of programs, whose option alone is as short as any other. */
export const COMMANDS: readonly RedactRule[] = [
  option('mysql_password', ['mysql', 'mariadb'], '(?:mysql|mariadb)(?:dump|admin|import|show|check|slap)?', '-p'),
  option('docker_login', ['docker login', 'podman login'], '\\w{6} login', '(?:-p[ =]?|--password[ =])'),
  option('redis_password', ['redis-cli'], 'redis-cli', '(?:-a|--pass) {1,4}'),
  option('sqlcmd_password', ['sqlcmd'], 'sqlcmd', '-P ?'),
  option('ldap_password', ['ldapsearch', 'ldapmodify', 'ldapadd', 'ldapdelete', 'ldapwhoami'], 'ldap\\w{3,6}', '-w ?'),
  option('mongo_password', ['mongo'], 'mongo(?:sh|dump|restore|import|export)?', '-p ?'),
  option('openssl_key', ['openssl'], 'openssl(?= {1,4}(?:enc|aes|des|camellia))', '-k {1,4}'),
  option('archive_password', ['zip -'], '(?<=(?<![\\w.-])(?:un)?)zip', '-P ?', ''),
  option('seven_zip_password', ['7z ', '7za ', '7zz '], '7z[az]? {1,4}[aexltdu]', '-p'),
  option(
    'smb_password',
    ['smbclient', 'rpcclient'],
    '(?:smb|rpc)client',
    `(?:-U|--user)[ =]?${QUOTE}[^\\s%"']{1,100}%`,
  ),
  command(
    'net_use_password',
    ['net use'],
    `net use (?:[^\\n|;&]{0,200}?\\/user:[^\\s]{1,100} {1,4}(?!\\/)${VALUE}|[^\\n|;&/]{0,200}? ${VALUE}(?= {1,4}\\/user:))`,
  ),
  command('htpasswd_password', ['htpasswd'], htpasswd()),
  command('openssl_password', ['-pass'], `-pass(?:in|out)? {1,4}${QUOTE}pass:${VALUE}`),
  command(
    'kubectl_literal',
    ['--from-literal'],
    `(?<=create secret [^\\n|;&]{1,300})--from-literal[ =]${QUOTE}[\\w.-]{1,100}=${VALUE}`,
  ),
  command('pgpass_password', [':5432:', ':5433:', ':6432:', ':*:*:'], pgpass()),
  { ...token('aws_configure', 'AWS_SECRET', '', awsConfigure()), keywords: ['configure set'] },
];

/** The option of a program, with all that stands between it and the value. */
function option(name: string, keywords: readonly string[], program: string, flag: string, begins = PROGRAM_BEGINS) {
  return command(name, keywords, `${begins}${program}(?=\\s)${ARGUMENTS}\\s${flag}${VALUE}`);
}

function command(name: string, keywords: readonly string[], source: string): RedactRule {
  return { ...token(name, 'PASSWORD', '', new RegExp(source)), keywords, accept: isGiven };
}

/** With `-b` the password comes last, behind the user, and the user behind the file unless `-n` says that there is none. */
function htpasswd(): string {
  const options = '(?:-[A-Zac-z] {1,4}(?:\\d{1,2} {1,4})?){0,3}';
  const last = `[^\\s]{1,100} {1,4}${VALUE}`;
  return `htpasswd {1,4}${options}-(?:(?=\\w{0,8}b)(?=\\w{0,8}n)\\w{1,8} {1,4}${last}|(?=\\w{0,8}b)(?!\\w{0,8}n)\\w{1,8} {1,4}(?:-[A-Za-z] {1,4}){0,2}[^\\s]{1,200} {1,4}${last})`;
}

function awsConfigure(): RegExp {
  const name = '(?:[\\w.-]{1,60}\\.)?aws_(?:secret_access_key|session_token)';
  return new RegExp(`configure set ${name} {1,4}${QUOTE}([A-Za-z0-9+/=]{16,})`);
}

/** A line of `.pgpass`: host, port, database, user, password. */
function pgpass(): string {
  const host = '(?<=(?:^|[=\\s"\'`\\\\])[\\w.*-]{1,100})';
  const field = '[^\\s:/"\']{1,60}';
  return `${host}:(?:5432|5433|6432|\\*):${field}:${field}:([^\\s:"'\`\\\\]{4,})(?=[\\s\\\\"'\`]|$)`;
}

/** The program takes it for a password, so a word is one; a port, a path, a variable or an option of letters is none. */
function isGiven({ value }: AssignedValue): boolean {
  const isOther = /^(?:[\d.]*:?\d{2,5}:\d{2,5}.*|\d{1,5}|\.{0,2}\/.*|-.*|[A-Za-z]:\\.*|@.*)$/.test(value);
  const isName = /^(?:ass(?:word|wd)?|pass(?:word|wd)?|pwd|secret|token|value|none|null|true|false|string)$/i.test(
    value,
  );
  const isLongOption = /^(?:ort|rint|retty|rotocol|arallel|lugins?|refix|roject|rofile|ackage|ager)(?![a-z])/.test(
    value,
  );
  return !isOther && !isName && !isLongOption && !isPlaceholder(value) && !isCode(value);
}

const isCode = (value: string): boolean => /[({[].*[)}\]]|^[({[]|,$/.test(value) && !isUnlikeWords(value);
