import { DISGUISES, invisibleCodeUnits } from './hidden-text.ts';
import { KeywordIndex } from './keyword-index.ts';
import { PRIVATE_TAG } from './policy.ts';
import { findPrivateKeys, KEY_MARKS } from './private-key.ts';
import { CONTEXT_RULES, type RedactRule, TOKEN_RULES } from './rules.ts';

/** Where a secret stands: from `start` up to, not including, `end`. */
export interface Finding {
  readonly start: number;
  readonly end: number;
  readonly rule: Pick<RedactRule, 'name' | 'placeholder'>;
}

export const PRIVATE_KEY: Finding['rule'] = { name: 'private_key', placeholder: '[REDACTED_PRIVATE_KEY]' };

/** What one look at a text shows. */
export interface Scan {
  /** In order, none overlapping another. */
  readonly findings: readonly Finding[];
  /** There is something in the text that may hide a secret. */
  readonly isDisguised: boolean;
  /** The text ends within a private key, and the one that comes next may go on with it. */
  readonly isKeyOpen: boolean;
}

/** All secrets of a text; in time proportional to the text, whatever stands in it. */
export function scanText(text: string): Scan {
  const search = new SecretSearch(text);
  index().walk(text, (at, keyword) => search.visit(at, keyword));
  return search.finish();
}

/** A keyword that stands in a text: where it ends, and which it is. */
export interface Mark {
  readonly end: number;
  readonly keyword: number;
}

/** Where something may be a secret, and where something may hide one: without any of both, a text holds none. */
export interface Marks {
  readonly secrets: readonly Mark[];
  /** Where each possible disguise ends: of these there are many where text is coloured. */
  readonly disguises: readonly number[];
  /** Where keywords end that are no secrets here, and would be in the name of something. */
  readonly idle: readonly number[];
}

/** Of a JSON text, as it is written. */
export function marksIn(text: string): Marks {
  const secrets: Mark[] = [];
  const disguises: number[] = [];
  const idle: number[] = [];
  index().walk(text, (at, keyword) => {
    const end = at + lengthOf(keyword);
    if (keyword >= FIRST_DISGUISE) disguises.push(end);
    else if (mayGoOn(text, end, KEYWORDS[keyword]?.rule)) secrets.push({ end, keyword });
    else idle.push(end);
  });
  return { secrets, disguises, idle };
}

/** Is what stands behind a keyword of the rule enough for it to be tried? */
function mayGoOn(text: string, at: number, rule: RedactRule | undefined): boolean {
  if (rule?.sequel === undefined) return true;
  rule.sequel.lastIndex = at;
  return rule.sequel.test(text);
}

/** Is there a mark in a text? */
export function isSuspicious(text: string): boolean {
  return index().first(text) !== -1;
}

/** The same as `scanText` for a text whose marks are known, or may be: one more than there are does no harm. */
export function scanMarked(text: string, secrets: readonly Mark[], isDisguised: boolean): Scan {
  if (secrets.length === 0) return isDisguised ? DISGUISED : CLEAN;
  const search = new SecretSearch(text);
  for (const { end, keyword } of secrets) search.visit(end - lengthOf(keyword), keyword);
  return { ...search.finish(), isDisguised };
}

const CLEAN: Scan = { findings: [], isDisguised: false, isKeyOpen: false };
const DISGUISED: Scan = { ...CLEAN, isDisguised: true };

/** What a keyword is for: a rule, or else something that may be a disguise or a part of a private key. */
interface Keyword {
  readonly keyword: string;
  readonly rule?: RedactRule;
  readonly kind: 'token' | 'context' | 'key' | 'disguise';
}

const KEYWORDS: readonly Keyword[] = [
  ...TOKEN_RULES.flatMap((rule) => rule.keywords.map((keyword) => ({ keyword, rule, kind: 'token' as const }))),
  ...CONTEXT_RULES.flatMap((rule) => rule.keywords.map((keyword) => ({ keyword, rule, kind: 'context' as const }))),
  ...KEY_MARKS.map((keyword) => ({ keyword, kind: 'key' as const })),
  ...[...DISGUISES, PRIVATE_TAG].map((keyword) => ({ keyword, kind: 'disguise' as const })),
];

const FIRST_DISGUISE = KEYWORDS.findIndex(({ kind }) => kind === 'disguise');

let built: KeywordIndex | undefined;

/** Built for the first text that is looked at: most commands start without it. */
function index(): KeywordIndex {
  built ??= new KeywordIndex(
    KEYWORDS.map(({ keyword }) => keyword),
    invisibleCodeUnits(),
  );
  return built;
}

/** What nobody sees is one code unit, and no keyword of the list. */
const lengthOf = (keyword: number): number => KEYWORDS[keyword]?.keyword.length ?? 1;

const LONG_MATCH = 256;

/** What one rule found, before it is known whether another one knows better. */
interface Match extends Finding {
  readonly at: number;
  readonly keywordLength: number;
}

class SecretSearch {
  readonly #text: string;
  readonly #tokens: Match[] = [];
  readonly #contexts: Match[] = [];
  readonly #keyMarks: number[] = [];
  /** How far a long match of each rule went, so that no run of text is walked again and again. */
  readonly #reach = new Map<RedactRule, number>();
  #lastEnd = -1;
  #isDisguised = false;

  constructor(text: string) {
    this.#text = text;
  }

  /** Tries the rule of a keyword where the keyword stands. */
  visit(keywordAt: number, index: number): void {
    const known = KEYWORDS[index];
    if (known?.rule !== undefined) this.#try(known.rule, keywordAt, known);
    else if (known?.kind === 'key') this.#keyMarks.push(keywordAt);
    else this.#isDisguised = true;
  }

  #try(rule: RedactRule, keywordAt: number, { keyword, kind }: Keyword): void {
    const at = keywordAt - (rule.before ?? 0);
    const isToken = kind === 'token';
    // Right behind another secret a token begins as well as behind a space: so it is once that one is replaced.
    if (at < 0 || (isToken && at !== this.#lastEnd && !beginsWord(this.#text, at))) return;
    if (this.#reach.size > 0 && at < (this.#reach.get(rule) ?? 0)) return;
    if (!mayGoOn(this.#text, keywordAt + keyword.length, rule)) return;
    const match = this.#match(rule, at, keyword.length);
    if (match === undefined) return;
    (isToken ? this.#tokens : this.#contexts).push(match);
    this.#lastEnd = match.end;
  }

  /** A private key wins over what is found in it; rules that know a secret by its shape over those that know its context. */
  finish(): Scan {
    if (this.#keyMarks.length + this.#tokens.length + this.#contexts.length === 0)
      return this.#isDisguised ? DISGUISED : CLEAN;
    const keys = findPrivateKeys(this.#text, this.#keyMarks);
    const isKeyOpen = keys.at(-1)?.isOpen ?? false;
    const inKeys = keys.map(({ start, end }) => ({ start, end, rule: PRIVATE_KEY }));
    const tokens = merged(inKeys, withoutOverlaps(this.#tokens));
    const findings = merged(tokens, withoutOverlaps(this.#contexts));
    return { findings, isDisguised: this.#isDisguised, isKeyOpen };
  }

  #match(rule: RedactRule, at: number, keywordLength: number): Match | undefined {
    rule.pattern.lastIndex = at;
    const match = rule.pattern.exec(this.#text);
    if (match === null) return undefined;
    const end = at + match[0].length;
    const value = match.slice(1).find((group) => group !== undefined) ?? match[0];
    const start = end - value.length;
    if (end - at > LONG_MATCH) this.#reach.set(rule, end);
    const name = match[0].slice(0, keywordLength);
    const quoted = /["'`]/.test(this.#text.charAt(start - 1));
    if (!rule.accept({ value, name, quoted, next: this.#text.charAt(end) })) return undefined;
    return { start, end, rule, at, keywordLength };
  }
}

/** The first of overlapping matches; of two at one place, the one with the longer keyword, which knows better. */
function withoutOverlaps(matches: readonly Match[]): readonly Match[] {
  let end = 0;
  return [...matches]
    .sort((a, b) => a.at - b.at || b.keywordLength - a.keywordLength)
    .filter((match) => {
      if (match.at < end) return false;
      end = match.end;
      return true;
    });
}

/** The findings of both in order, without those of the second that overlap one of the first. */
function merged(first: readonly Finding[], second: readonly Finding[]): readonly Finding[] {
  if (second.length === 0) return first;
  let next = 0;
  const rest = second.filter(({ start, end }) => {
    while ((first[next]?.end ?? Infinity) <= start) next += 1;
    return (first[next]?.start ?? Infinity) >= end;
  });
  return [...first, ...rest].sort((a, b) => a.start - b.start);
}

/** Is there no letter or digit before it? The letter of an escaped line break is none. */
function beginsWord(text: string, at: number): boolean {
  if (!isLetterOrDigit(text.charCodeAt(at - 1))) return true;
  return /[nrt]/.test(text.charAt(at - 1)) && text.charAt(at - 2) === '\\';
}

function isLetterOrDigit(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
}
