/** What stands behind `name =`, with what tells a secret from code that merely speaks of one. */
export interface AssignedValue {
  readonly value: string;
  /** The name, as written. */
  readonly name: string;
  readonly quoted: boolean;
  /** The character behind an unquoted value: `(` makes it a call, `[` a look-up. */
  readonly next: string;
}

const MASKED = /^(?:[*•.xX#?_-]+|(.)\1{5,}|<.*>?|&(?:lt|#x3[cC]|#60);.*|\$(?:\w+|[{(].*)|%\w+%?|\{\{.*)$/;
const EXAMPLE_WORD = /example|placeholder|changeme|change[-_]me|redacted|dummy|replace[-_]?(?:me|with)|x{6,}|\*{3,}/i;
const YOUR_VALUE = /(?:^|[-_])(?:your|my)[-_]/i;
const PLACE = /^(?:\.{0,2}\/|~\/|(?:process|os|env|self|this)\.|[a-z]+:\/\/)/i;
const MEMBER = /^[\w-]+\??\.(?:[\w-]+\??\.)*[a-z_]\w*(?:[+-]\d{1,3})?$/i;
const LITERAL =
  /^(?:true|false|null|nil|none|undefined|required|optional|disabled|enabled|u?int8array|number|boolean|buffer|unknown)$/i;
const SPEAKS_OF_SECRETS =
  /pass(?:word|wd|phrase)?|pwd|secret|token|key|cred|auth|user|name|string|field|input|label|value|type/i;
const IDENTIFIER = /^[a-z_$-][\w$-]*$/i;
const UPPER_CASE = /^[^a-z]*[A-Z][^a-z]*$/;
/** The keys that providers print in their documentation and emulators, by the part that is theirs alone. */
const DOCUMENTED =
  /4eC39HqLyjWDarjtT1zdp7dc|BQokikJOvBiI2HlWgH4olfQ2|Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1|C2y6yDjf5\/R\+ob0N8A7Cgv30VRDJIWEH|SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c/;
const COMMON_IDENTIFIER = /^(?:[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;
const ALGORITHM = /argon2|scrypt|bcrypt|pbkdf2|sha-?\d|md[45]|base-?\d\d|aes-?\d|utf-?\d|latin1|rfc-?\d|oauth2|x509/i;
/** Scripts without spaces, whose sentences look like one word, entities, variables, and constants. */
const TEXT =
  /[\u3000-\u9fff\uac00-\ud7af\uff00-\uffef]|&(?:#|quot|amp|lt|gt|apos|nbsp)|^\$[a-z_]\w|^[A-Z][A-Z\d]*(?:_[A-Z\d]+)+$/;
/** Capitals change too often for words in camel case. */
const RANDOM_CASE = /[a-z][A-Z][a-z][A-Z]/;
const MIN_PASSWORD = 6;
const MIN_SECRET = 12;
const LONG = 16;
/** Random text of letters alone shows itself only at some length. */
const MIN_LETTERS = 20;

/** Already masked, a variable, or a word that documentation uses where a secret would stand. */
export function isPlaceholder(value: string): boolean {
  return MASKED.test(value) || EXAMPLE_WORD.test(value) || DOCUMENTED.test(value) || isYours(value);
}

/** Would a careful reader take the value of a `…password…` for a real one? */
export function isPassword({ value, name, quoted, next }: AssignedValue): boolean {
  if (value.length < MIN_PASSWORD || isNoValue(value) || isExpression(quoted, next)) return false;
  if (!quoted && UPPER_CASE.test(name)) return !isReference(value);
  if (isReference(value) && !/[!@#%^&*]/.test(value)) return false;
  if (quoted) return value.length >= 8 && !(IDENTIFIER.test(value) && isWordy(value));
  return isMixed(value) && !(IDENTIFIER.test(value) && SPEAKS_OF_SECRETS.test(value));
}

/** The same for a `…token…`, `…secret…` or `…key…`, which are random where passwords may be words. */
export function isSecret({ value, name, quoted, next }: AssignedValue): boolean {
  if (value.length < 8 || isNoValue(value) || isExpression(quoted, next) || isReference(value)) return false;
  if (/^[\d.]+$/.test(value)) return false;
  if (UPPER_CASE.test(name))
    return isMixed(value) ? !(quoted && isName(value)) : value.length >= LONG && !isName(value);
  if (COMMON_IDENTIFIER.test(value)) return false;
  const isRandom = isMixed(value) || (quoted && value.length >= MIN_LETTERS && RANDOM_CASE.test(value));
  return value.length >= MIN_SECRET && isRandom && !(IDENTIFIER.test(value) && isWordy(value));
}

/**
 * Is it a password though only a sentence around it says so? Words describe passwords there, and how they are kept:
 * `the password is base64-encoded`.
 */
export function isSaidPassword({ value }: Pick<AssignedValue, 'value'>): boolean {
  if (isNoValue(value) || isReference(value) || /[()[\]{}]|^[-+/!]|:\/\/|password/i.test(value)) return false;
  const isVaried = isMixed(value) || (/[a-z]/.test(value) && /[A-Z]/.test(value));
  return isVaried && isUnlikeWords(value) && !ALGORITHM.test(value);
}

/** Letters with digits or signs, and neither words with a number, as names of things are, nor a piece of a text. */
export function isUnlikeWords(value: string): boolean {
  const hasSigns = /[a-z]/i.test(value) && /[\d!@#$%^&*~]/.test(value);
  return hasSigns && !isMadeOfWords(value) && !TEXT.test(value);
}

/** Digits and letters together, as random text of some length has. */
export function isMixed(value: string): boolean {
  return /\d/.test(value) && /[a-z]/i.test(value);
}

/** Of a value that has the length and the letters of a secret: is it none of the program's own names? */
export function isRandomText({ value, name, quoted, next }: AssignedValue): boolean {
  if (!quoted && /[([{]/.test(next)) return false;
  if (looksRandom(value)) return true;
  return (quoted || UPPER_CASE.test(name)) && !SPEAKS_OF_SECRETS.test(value);
}

/** Has digits, or letters that make no words. */
export function looksRandom(value: string): boolean {
  return isMixed(value) || RANDOM_CASE.test(value) || !isMadeOfWords(value);
}

/** `your-token-goes-here`; by chance, the same letters stand between hyphens in random text. */
const isYours = (value: string): boolean => YOUR_VALUE.test(value) && isMadeOfWords(value);

/** A path, an address, or members of members, whose names are words where a password with a dot has none. */
const isReference = (value: string): boolean =>
  (PLACE.test(value) && (!/^\.{0,2}\//.test(value) || isPath(value))) ||
  (MEMBER.test(value) && wordsOf(value).every((word) => /^[A-Za-z]*\d{0,5}[A-Z]?[a-z]*$/.test(word)));

/** A path has names in it that are words; by chance, base64 begins with its sign. */
export function isPath(value: string): boolean {
  return value.length < LONG || isMadeOfWords(value);
}

/** A constant holds a name as well as a secret: of a header, an event, an error. */
const isName = (value: string): boolean =>
  isWordy(value) || /^(?:[A-Z][a-z]{2,}){2,}$/.test(value) || (/^\D*[_./]\D*$/.test(value) && isMadeOfWords(value));

const isNoValue = (value: string): boolean => isPlaceholder(value) || LITERAL.test(value) || /\s/.test(value);

const isExpression = (quoted: boolean, next: string): boolean => !quoted && /[([{<]/.test(next);

/** An identifier, a label or a file name that speaks of secrets. */
const isWordy = (value: string): boolean => isMadeOfWords(value) && SPEAKS_OF_SECRETS.test(value);

/** Words joined by `-`, `_` or a capital, with at most a number at an end; random letters make no such words. */
function isMadeOfWords(value: string): boolean {
  return wordsOf(value).every((word) => /^(?:[A-Za-z]?[a-z]+\d{0,2}|[A-Z]+|v?\d{1,4})$/.test(word));
}

const wordsOf = (value: string): readonly string[] =>
  value.split(/[-+_$?./]|(?<=[a-z])(?=[A-Z])/).filter((word) => word !== '');
