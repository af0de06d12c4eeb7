import { type AssignedValue, isPlaceholder, isSaidPassword, isUnlikeWords } from '../secret-value.ts';
import { type RedactRule, token } from './rule.ts';

/** What people tell each other, and what headers and files say in words: no sign of an assignment stands there. */
export const PROSE: readonly RedactRule[] = [
  spoken(
    'said_password',
    'PASSWORD',
    ['password', 'passphrase', 'passwort', 'kennwort', 'mot de passe', 'contrase', 'senha', 'wachtwoord'],
    passwordWord(),
  ),
  {
    ...spoken(
      'said_key',
      'API_KEY',
      ['api key', 'api-key', 'api_key', 'apikey', 'access token', 'auth token', 'access key', 'secret key'],
      '(?:api[ _-]?key|(?:access|auth|secret) (?:key|token))',
    ),
    accept: isSaidKey,
  },
  { ...token('login_password', 'PASSWORD', '', loginPassword()), keywords: ['login '], accept: isSaidPassword },
  {
    ...token(
      'cookie_secret',
      'SESSION_COOKIE',
      'session= sessionid= session_id= sid= sess= auth= token= jwt=',
      cookie(),
    ),
    accept: isCookie,
  },
];

/** `The password for the host is x`, `Kennwort: x`. Up to a sign that ends the sentence. */
function spoken(name: string, kind: string, keywords: readonly string[], word: string): RedactRule {
  const owner =
    '(?: (?:for|of|to|on|from|at|für|von|zu|vom|de|del|pour|para|do|da|voor|van) [^\\s:=]{1,60}(?: [^\\s:=]{1,40}){0,3}?)?';
  const verb = '(?: {0,2}[:=]| (?:is|was|ist|war|lautet|est|était|es|era|é)(?: now| jetzt)?:?) {1,4}';
  const value = '(?:\\\\{0,8}["\'`]|\\*\\*)?([^\\s"\'`<>\\\\]{5,120}[^\\s"\'`<>\\\\.,;:)*])';
  return {
    ...token(name, kind, '', new RegExp(`${word}${owner}${verb}${value}`, 'i')),
    keywords,
    accept: isSaidPassword,
  };
}

function passwordWord(): string {
  return '(?:password|passphrase|passwort|kennwort|mot de passe|contrase(?:ñ|n)a|senha|wachtwoord)';
}

/** A part of `.netrc` without its machine. */
function loginPassword(): RegExp {
  return /login\s{1,4}(?!(?:page|form|screen|and|with)\s)[^\s]{1,120}\s{1,8}password\s{1,4}([^\s"'`\\]{6,})/;
}

/** Of a header, or of what a command or a program sends as one. */
function cookie(): RegExp {
  const value = '([^\\s;,"\'`\\\\&<>]{16,})';
  return new RegExp(
    `(?=[a-z_]{3,10}=[^\\s;,"'\`\\\\&<>]{16})(?<=(?:cookie|curl )[^\\n]{0,300})(?:session(?:_?id)?|sid|sess|auth|token|jwt)=${value}`,
    'i',
  );
}

function isSaidKey(assigned: AssignedValue): boolean {
  return assigned.value.length >= 16 && isSaidPassword(assigned);
}

function isCookie({ value }: AssignedValue): boolean {
  return (
    /\d/.test(value) && /[a-z]/i.test(value) && isUnlikeWords(value) && !isPlaceholder(value) && !/[({[]/.test(value)
  );
}
