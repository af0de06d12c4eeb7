import { type AssignedValue, isPlaceholder, isRandomText, looksRandom } from '../secret-value.ts';

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
  /**
   * What stands behind a keyword wherever the rule finds something, in the text as in the JSON that it is written in: there,
   * an escape of a letter or a sign is the only other chance. Most keywords stand in sentences and in code, and their
   * strings need not be read for them.
   */
  readonly sequel?: RegExp;
  readonly accept: (assigned: AssignedValue) => boolean;
}

/** A secret that is known by its own shape. The keywords are parted by spaces. */
export function token(name: string, kind: string, keywords: string, pattern: RegExp): RedactRule {
  const sticky = new RegExp(pattern.source, `${pattern.flags}y`);
  const accept = ({ value }: AssignedValue): boolean => !isPlaceholder(value);
  return { name, keywords: keywords.split(' '), pattern: sticky, placeholder: `[REDACTED_${kind}]`, accept };
}

/** The same for a short prefix that words of a program have, too: what follows has to be no words. */
export function randomToken(name: string, kind: string, keywords: string, pattern: RegExp): RedactRule {
  const accept = ({ value }: AssignedValue): boolean =>
    looksRandom(value.slice(value.indexOf('_') + 1)) && !isPlaceholder(value);
  return { ...token(name, kind, keywords, pattern), accept };
}

export interface Assignment {
  /** A pattern for the name, which begins with the keyword. */
  readonly name: string;
  /** A pattern with one group for the value; any value where it is left out. */
  readonly value?: string;
  readonly accept?: RedactRule['accept'];
  readonly sequel?: RegExp;
}

/** `name = value` as environment files, shells, YAML, JSON (escaped any number of times) and code write it. */
export function assigned(name: string, kind: string, keywords: string, assignment: Assignment): RedactRule {
  const value = assignment.value === undefined ? anyValue() : `${OPENING_QUOTE}${assignment.value}`;
  const rule = token(name, kind, keywords, new RegExp(`${assignment.name}${SUFFIX}${operator(SIGNS)}${value}`, 'i'));
  const { accept = rule.accept, sequel } = assignment;
  return { ...rule, accept, ...(sequel && { sequel }) };
}

/** The sequel of names that end with their keyword, and whose values have a digit or sixteen characters. */
export function assignedSecret(): RegExp {
  const least = 16;
  const value = (sign: string, more: string) => `(?:${sign}{${least}}|${sign}{0,${least - 1}}(?:\\d|${more}))`;
  // Whatever is escaped may go on with the value, but for a quote behind one that is escaped as well: that ends it.
  const escapedQuote = `${WRITTEN.escapes}"${value('[^\\s\\\\]', '\\\\+[^"\'`\\\\]')}`;
  const otherQuotes = ["'", '`'].map((quote) => `${WRITTEN.escapes}${quote}${value(`[^\\s\\\\${quote}]`, '\\\\')}`);
  const word = value('[^\\s"\'`,;|(){}<>[\\]\\\\]', '\\\\[ub]');
  return new RegExp(`${SUFFIX}${operator(SIGNS, WRITTEN)}(?:${[escapedQuote, ...otherQuotes, word].join('|')})`, 'iy');
}

/**
 * A secret that only the provider's name beside it tells from any other random text: `datadog_api_key: 0a1b…`,
 * `the Datadog API key is 0a1b…`. The keywords are ways to write the provider's name, the shape is the value's.
 */
export function provided(name: string, kind: string, keywords: string, shape: string): RedactRule {
  const provider = keywords.split(' ').map(escapeForPattern).join('|');
  const called = `(?:${provider})[\\w .-]{0,24}?${CALLED_SECRET}${SUFFIX}`;
  const source = `${called}${operator(`${SIGNS}|,|>| is| to`)}${OPENING_QUOTE}(${shape})(?![\\w-])`;
  return { ...token(name, kind, keywords, new RegExp(source, 'i')), accept: isProvided };
}

export const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

/** What is called a key and is none: database columns, cache entries, public halves. */
const KEYS_OF_NOTHING =
  'public|primary|foreign|cache|sort|partition|object|row|map|unique|index|idempotency|registry|lookup|host|dict|storage|query|state|shard|routing|group|hash|range|join|parent|i18n|translation|list|item|event|config|dedup';

/** Stands before the pattern of a key and keeps those out. */
export const HARMLESS_KEY = `(?<!${KEYS_OF_NOTHING})(?<!(?:${KEYS_OF_NOTHING})[_-])`;

const CALLED_SECRET =
  '(?:(?<!(?:cache|public|primary|project|commit|object)[ ._-]?)key|token|secret|pass(?:word|wd)?|pat|auth|credentials?|license)';
const SUFFIX = '(?:_(?:base|value|prod|dev|staging|live|test)|_?\\d{1,2})?';
/** A comparison gives the value away as well as an assignment. */
const SIGNS = ':=|=>|!==?|={1,3}|:';
const OPENING_QUOTE = '(?:\\\\{0,8}["\'`])?';

/** How a text has what stands around an operator; and how JSON writes that text. */
const SAID = { escapes: '\\\\{0,8}', space: '[ \\t]' };
const WRITTEN: typeof SAID = { escapes: '\\\\{0,17}', space: '(?:[ \\t]|\\\\t)' };

/** What stands between a name and its value, the quote after the name included; values are aligned below each other. */
function operator(signs: string, { escapes, space } = SAID): string {
  const type = '(?:\\??: ?(?:string|str|&str) ?(?==))?';
  return `(?:${escapes}["'\`]\\]?)?${space}{0,60}${type}(?:${signs})${space}{0,60}`;
}

/**
 * Up to the quote that opened it, or, unquoted, up to what ends a word. A `&` belongs to a password, unless another
 * parameter of an address or another command follows it.
 */
function anyValue(): string {
  const quoted = ['"', "'", '`'].map(
    (quote) => `\\\\{0,8}${quote}([^${quote}\\\\\\n]+(?:\\\\(?!\\\\{0,8}["'\`])[^${quote}\\\\\\n]*)*)`,
  );
  const word = '[^\\s"\'`,;&|(){}<>[\\]\\\\]+';
  const ampersand = '&(?!amp;|quot;|#|[\\w.%-]{1,60}=)';
  return `(?:${quoted.join('|')}|(${word}(?:${ampersand}${word})*))`;
}

function isProvided(assigned: AssignedValue): boolean {
  return isRandomText(assigned) && !isPlaceholder(assigned.value);
}

function escapeForPattern(word: string): string {
  return word.replace(/[.+*?^$()[\]{}|\\]/g, '\\$&');
}
