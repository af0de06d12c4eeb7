import { KeywordIndex } from './keyword-index.ts';
import { CONTEXT_RULES, type RedactRule, TOKEN_RULES } from './rules.ts';

/** Where a secret stands: from `start` up to, not including, `end`. */
export interface Finding {
  readonly start: number;
  readonly end: number;
  readonly rule: RedactRule;
}

const KEYWORDS = [...TOKEN_RULES, ...CONTEXT_RULES].flatMap((rule) =>
  rule.keywords.map((keyword) => ({ keyword, rule, isContext: CONTEXT_RULES.includes(rule) })),
);
const INDEX = new KeywordIndex(KEYWORDS.map(({ keyword }) => keyword));
const LONG_MATCH = 256;

/** All secrets of a text in order, none overlapping another; in time proportional to the text, whatever stands in it. */
export function findSecrets(text: string): readonly Finding[] {
  const search = new SecretSearch(text);
  INDEX.walk(text, (at, keyword) => {
    search.visit(at, keyword);
    return false;
  });
  return search.finish();
}

/** May any rule apply at all? */
export function mayHoldSecrets(text: string): boolean {
  return INDEX.walk(text, () => true);
}

/** What one rule found, before it is known whether another one knows better. */
interface Match extends Finding {
  readonly at: number;
  readonly keywordLength: number;
}

class SecretSearch {
  readonly #text: string;
  readonly #tokens: Match[] = [];
  readonly #contexts: Match[] = [];
  /** How far a long match of each rule went, so that no run of text is walked again and again. */
  readonly #reach = new Map<RedactRule, number>();
  #tokenEnd = -1;

  constructor(text: string) {
    this.#text = text;
  }

  /** Tries the rule of a keyword where the keyword stands. */
  visit(keywordAt: number, index: number): void {
    const { keyword = '', rule, isContext } = KEYWORDS[index] ?? {};
    if (rule === undefined) return;
    const at = keywordAt - (rule.before ?? 0);
    if (at < (this.#reach.get(rule) ?? 0)) return;
    // Right behind another secret a token begins as well as behind a space: so it is once that one is replaced.
    if (!isContext && at !== this.#tokenEnd && !beginsWord(this.#text, at)) return;
    const match = this.#match(rule, at, keyword.length);
    if (match === undefined) return;
    (isContext ? this.#contexts : this.#tokens).push(match);
    if (!isContext) this.#tokenEnd = match.end;
  }

  /** Rules that know a secret by its shape win over those that know it by its context. */
  finish(): readonly Finding[] {
    if (this.#tokens.length === 0 && this.#contexts.length === 0) return [];
    const tokens = withoutOverlaps(this.#tokens);
    let next = 0;
    const contexts = withoutOverlaps(this.#contexts).filter(({ start, end }) => {
      while ((tokens[next]?.end ?? Infinity) <= start) next += 1;
      return (tokens[next]?.start ?? Infinity) >= end;
    });
    return [...tokens, ...contexts].sort((a, b) => a.start - b.start);
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

/** Is there no letter or digit before it? The `n` of an escaped newline is none. */
function beginsWord(text: string, at: number): boolean {
  if (at <= 0 || !/[A-Za-z0-9]/.test(text.charAt(at - 1))) return at >= 0;
  return /[nrt]/.test(text.charAt(at - 1)) && text.charAt(at - 2) === '\\';
}
