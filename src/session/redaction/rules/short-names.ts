import {
  type AssignedValue,
  isPassword,
  isPlaceholder,
  isSaidPassword,
  isSecret,
  isUnlikeWords,
} from '../secret-value.ts';
import { assigned, type RedactRule, token } from './rule.ts';

/** Keywords end with what may follow the name: alone, so short a name would stand in half of all words. */
const PASS = ['pass', 'pw'].flatMap((name) => ['=', ':', ' ', '"', "'", '`', '\\', '_'].map((sign) => name + sign));

/** What a password is for. Before `pass` it leaves no doubt, where `first_pass` or `bypass` speak of other things. */
const SERVICE =
  'db|database|(?:my)?sql|mariadb|pg(?:sql)?|postgres(?:ql)?|mongo(?:db)?|redis|rabbit(?:mq)?|smtp|e?mail|imap|s?ftp|ssh|ldap|http|proxy|auth|admin|root|user|usr|login|account|service|svc|registry|docker|nexus|git|jenkins|vpn|wifi|server|key|keystore|truststore|pfx|sudo|prod|staging|backup|vault';

/** No letter stands before it; that of an escaped line break is none. */
const BEGINS = '(?:(?<![a-z])|(?<=\\\\[nrt]))';

/** Names that are so short that other things are called so, too. */
export const SHORT_NAMES: readonly RedactRule[] = [
  named('service_password', {
    name: `(?<=${BEGINS}(?:${SERVICE})[_.-]?)(?:pass|pw)`,
    accept: isServicePassword,
  }),
  named('short_password', { name: `${BEGINS}(?:pass|pw)`, accept: isShortPassword }),
  assigned('generic_credentials', 'CREDENTIALS', 'auth creds credentials', {
    name: `${BEGINS}(?:auth|creds|credentials)`,
    accept: isCredential,
  }),
  { ...token('ado_password', 'PASSWORD', 'password pwd', adoPassword()), accept: isPartOfString },
  { ...token('jdbc_password', 'PASSWORD', 'password=', jdbcPassword()), accept: isPartOfString },
];

function named(name: string, assignment: Parameters<typeof assigned>[3]): RedactRule {
  // The keywords hold spaces, so they cannot be parted by them.
  return { ...assigned(name, 'PASSWORD', '', assignment), keywords: PASS };
}

/** `Server=h;User Id=u;Password=x;`: that it is no program shows in what stands before. */
function adoPassword(): RegExp {
  const before =
    '(?:server|data source|user id|uid|user|username|database|initial catalog|driver|dsn|port|address|addr|host)';
  return new RegExp(
    `(?<=${before} ?= ?[^;="'\\n]{1,120}; ?)(?:password|pwd) ?= ?([^\\s;"'\`\\\\<>&]{4,})(?=;|\\\\|["'\`\\n]|$)`,
    'i',
  );
}

function jdbcPassword(): RegExp {
  return /(?<=jdbc:[^\s"'`<>]{1,300}[?&;])password=([^\s;"'`\\<>&]{4,})/i;
}

/** In capitals it is a variable of the environment, which may hold a word with a number, as people choose them. */
function isServicePassword(assigned: AssignedValue): boolean {
  const { name, quoted, value } = assigned;
  if (!isPassword(assigned) || !/[\d!@#%^*~]/.test(value)) return false;
  return (quoted && /\d/.test(value)) || !/[a-z]/.test(name) || isUnlikeWords(value);
}

/** `PASS: x` and `PASS x` are what runners of tests write. */
function isShortPassword(assigned: AssignedValue): boolean {
  const { name, quoted, value } = assigned;
  if (!quoted && /^PASS[: ]/.test(name)) return false;
  return isPassword(assigned) && isUnlikeWords(value) && !/^[\d.,:/%-]+[a-z]{0,3}$|::|[()]/i.test(value);
}

function isCredential(assigned: AssignedValue): boolean {
  const { value } = assigned;
  return value.length >= 10 && !value.startsWith('&') && isSecret(assigned) && isSaidPassword(assigned);
}

/** All of such a string is data, so a word is a password in it; `password` itself only shows where one would stand. */
function isPartOfString({ value }: AssignedValue): boolean {
  return !isPlaceholder(value) && !/^(?:your)?(?:pass(?:word|wd)?|pwd)$|[({+]|^["'%]|^\w+\.\w+$/i.test(value);
}
