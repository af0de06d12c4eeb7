/** A rule that is added to the built-in ones. */
export interface PolicyRule {
  /** What reports call it; nothing of what it looks for. */
  readonly name: string;
  readonly placeholder: string;
  /** Where it applies: in order, none overlapping another, none empty. */
  find(text: string): Iterable<Range>;
  /**
   * Whether it might find something in a string of a JSON text, which is given as it is written. Strings with a mark of
   * the scan, as all escapes of letters and signs are, are searched anyway; when in doubt, it might.
   */
  mightFind(json: string): boolean;
  /** What it finds begins with a mark of the scan: in a text that is not disguised there is nothing of it. */
  readonly isMarked?: true;
}

/** `[start, end)`, in characters. */
export type Range = readonly [start: number, end: number];

/** What is redacted beside what the table of rules finds. No rule takes anything from another: where two overlap, all of it goes. */
export interface RedactionPolicy {
  readonly rules: readonly PolicyRule[];
}

/** Names of rules -> how often each replaced something. Never what it replaced. */
export type Findings = Readonly<Record<string, number>>;

/** How many secrets that are. */
export function countFindings(findings: Findings): number {
  return Object.values(findings).reduce((sum, count) => sum + count, 0);
}

export function addFindings(some: Findings, others: Findings): Findings {
  const sum = Object.entries(others).map(([rule, count]) => [rule, count + (some[rule] ?? 0)]);
  return { ...some, ...Object.fromEntries(sum) };
}

/** `<private>…</private>` means it, whoever else has rules or none. */
export const BUILT_IN: RedactionPolicy = {
  rules: [
    {
      name: 'private_span',
      placeholder: '[REDACTED_PRIVATE]',
      find: findPrivateSpans,
      isMarked: true,
      // Marked strings are searched.
      mightFind: () => false,
    },
  ],
};

/** The table of rules and nothing else. */
export const TABLE_ONLY: RedactionPolicy = { rules: [] };

/** The same policy with further rules behind it. What a placeholder says is nothing that they could find. */
export function extendPolicy(policy: RedactionPolicy, rules: readonly PolicyRule[]): RedactionPolicy {
  const placeholders = [...policy.rules, ...rules].map(({ placeholder }) => placeholder.replace(/[^\w ]/g, '\\$&'));
  const taken = new RegExp(['\\[REDACTED_[A-Z0-9_]+\\]', ...placeholders].join('|'), 'g');
  const added = rules.map((rule) => ({ ...rule, find: (text: string) => outside(taken, text, rule.find(text)) }));
  return { rules: [...policy.rules, ...added] };
}

/** A rule for an exact text, which is not empty. */
export function literalRule(name: string, placeholder: string, literal: string): PolicyRule {
  // JSON writes quotes, backslashes and control characters in another way; what lies between them is written as it is.
  const parts = literal.split(/["\\\p{Cc}]/u);
  const longest = parts.reduce((best, part) => (part.length > best.length ? part : best));
  return {
    name,
    placeholder,
    mightFind: (json) => json.includes(longest),
    *find(text) {
      for (let at = text.indexOf(literal); at !== -1; at = text.indexOf(literal, at + literal.length)) {
        yield [at, at + literal.length];
      }
    },
  };
}

/** Of the ranges those that touch nothing that the pattern finds. */
function* outside(pattern: RegExp, text: string, ranges: Iterable<Range>): Generator<Range> {
  let taken: IterableIterator<RegExpExecArray> | undefined;
  let next: Range | undefined;
  const after = (start: number): Range => {
    taken ??= text.matchAll(pattern);
    while (next === undefined || next[1] <= start) {
      const { value } = taken.next();
      next = value ? [value.index, value.index + value[0].length] : [Infinity, Infinity];
    }
    return next;
  };
  for (const range of ranges) if (after(range[0])[0] >= range[1]) yield range;
}

/** What opens a private span, in lower case. */
export const PRIVATE_TAG = '<private';

/**
 * From a tag to the one that closes it, or to the last that closes anything. One that opens a line, a quotation or an item
 * of a list and is never closed hides all that follows: it was meant to hide something.
 */
function* findPrivateSpans(text: string): Generator<Range> {
  let open: { start: number; depth: number; end?: number; hidesRest?: number } | undefined;
  for (const { index, 0: tag, 1: slash } of text.matchAll(/<(\/?)private(?:\s[^<>]{0,200})?>/gi)) {
    if (slash === '') {
      open ??= { start: index, depth: 0 };
      open.depth += 1;
      if (opensLine(text, index)) open.hidesRest ??= index;
    } else if (open) {
      open.depth -= 1;
      open.end = index + tag.length;
      delete open.hidesRest;
      if (open.depth > 0) continue;
      yield [open.start, open.end];
      open = undefined;
    }
  }
  if (open?.end !== undefined) yield [open.start, open.end];
  if (open?.hidesRest !== undefined) yield [open.hidesRest, text.length];
}

const LONGEST_MARKS = 20;

/** Whether nothing but the marks of quotations and lists stands before it in its line. */
function opensLine(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - LONGEST_MARKS - 1), at);
  return /(?:^|\n)[\s>*+-]*$/.test(before) && (before.includes('\n') || before.length === at);
}
