/** A rule of a REDACT.md, as it is written there. */
export interface WrittenRule {
  readonly kind: 'literal' | 'regex';
  /** The text itself, or a pattern in the syntax of RE2. */
  readonly pattern: string;
  readonly placeholder: string;
  /** One-based. */
  readonly line: number;
}

export interface RedactFile {
  readonly rules: readonly WrittenRule[];
  /** Lines that are no rule although they stand where rules do, and why. */
  readonly faults: readonly { readonly line: number; readonly message: string }[];
}

/**
 * The rules in a REDACT.md: Markdown for people, in which fenced blocks tagged `redact` hold one rule a line,
 * `literal "TEXT" -> [NAME]` or `regex "PATTERN" -> [NAME]`, beside empty lines and comments behind `#`. The format is
 * that of ox. Between the outer quotes everything is taken as it stands, backslashes and quotes too.
 */
export function parseRedactFile(text: string): RedactFile {
  const rules: WrittenRule[] = [];
  const faults: { line: number; message: string }[] = [];
  let fence: Fence | undefined;
  text.split(/\r?\n/).forEach((content, index) => {
    const line = index + 1;
    if (fence === undefined) {
      fence = openFence(content);
      if (fence?.isNearly)
        faults.push({
          line,
          message: 'write ```redact, in lower case and with nothing behind it: other blocks hold no rules',
        });
    } else if (closes(content, fence)) fence = undefined;
    else if (fence.isOfRules && !/^\s*(?:#|$)/.test(content)) {
      const rule = parseRule(content, line);
      if (typeof rule === 'string') faults.push({ line, message: rule });
      else rules.push(rule);
    }
  });
  return { rules, faults };
}

interface Fence {
  readonly marks: string;
  readonly isOfRules: boolean;
  /** Somebody meant a block of rules, and wrote another tag. */
  readonly isNearly: boolean;
}

function openFence(line: string): Fence | undefined {
  const match = /^\s*(`{3,}|~{3,})\s*([^`]*?)\s*$/.exec(line);
  if (!match) return undefined;
  const [, marks = '', tag = ''] = match;
  const isOfRules = tag === 'redact';
  return { marks, isOfRules, isNearly: !isOfRules && /^\W*redact\b/i.test(tag) };
}

function closes(line: string, { marks }: Fence): boolean {
  const [, closing = ''] = /^\s*(`{3,}|~{3,})\s*$/.exec(line) ?? [];
  return closing.startsWith(marks);
}

const RULE = /^\s*(literal|regex)\s+"(.*)"\s*->\s*(\[.*\])\s*$/;
const PLACEHOLDER = /^\[[\p{L}\p{N}][\p{L}\p{N} _.:-]{0,59}\]$/u;

function parseRule(content: string, line: number): WrittenRule | string {
  const match = RULE.exec(content);
  if (!match) return 'a rule is `literal "TEXT" -> [NAME]` or `regex "PATTERN" -> [NAME]`';
  const [, kind, pattern = '', placeholder = ''] = match;
  if (pattern === '') return 'this rule looks for an empty text';
  if (!PLACEHOLDER.test(placeholder)) {
    return 'what this rule puts in its place has to be letters, digits, spaces and _ . : - between brackets, 60 at most';
  }
  return { kind: kind as WrittenRule['kind'], pattern, placeholder, line };
}
