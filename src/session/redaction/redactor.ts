import { isObject } from '../json-object.ts';
import { cleanText } from '../plain-text.ts';
import type { Entry } from '../transcript.ts';
import type { RedactionPolicy } from './policy.ts';
import { type Finding, findSecrets, mayHoldSecrets } from './secret-scan.ts';

/** Replaces secrets by placeholders and counts what it replaced. Redacting twice changes nothing more. */
export interface Redactor {
  text(value: string): string;
  entry(entry: Entry): Entry;
  /** Every string in the value, and what a key such as `password` holds; a key that holds a secret itself is cleaned, too. */
  json<T>(value: T): T;
  /** Rule name -> replacements so far. */
  readonly counts: ReadonlyMap<string, number>;
  readonly total: number;
}

export function createRedactor(policy: RedactionPolicy): Redactor {
  return new CountingRedactor(policy);
}

const MAX_ROUNDS = 5;
const MAX_DEPTH = 200;
const TOO_DEEP = '[REDACTED_TOO_DEEP]';

/** What may stand in a text without being seen: everything that `cleanText` takes out is among it. */
const HIDING = /[^\t\n\r -~]/;

class CountingRedactor implements Redactor {
  readonly #counts = new Map<string, number>();
  readonly #policy: RedactionPolicy;
  #total = 0;

  constructor(policy: RedactionPolicy) {
    this.#policy = policy;
  }

  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  get total(): number {
    return this.#total;
  }

  text(value: string): string {
    const clean = this.#clean(value);
    if (!HIDING.test(clean)) return clean;
    // Where colours and signs without width are taken out, what they part is joined: a token that nobody saw before.
    const bare = cleanText(clean);
    return findSecrets(bare).length === 0 ? clean : this.#clean(bare);
  }

  /** Looks again where something was replaced: without its neighbour, a text may be a secret that it was not before. */
  #clean(value: string): string {
    let clean = this.#byPolicy(value);
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const findings = findSecrets(clean);
      if (findings.length === 0) break;
      clean = this.#replace(clean, findings);
    }
    return clean;
  }

  #byPolicy(value: string): string {
    let clean = value;
    for (const rule of this.#policy.rules) {
      const findings = [...rule.find(clean)].map(([start, end]) => ({ start, end, rule }));
      if (findings.length > 0) clean = this.#replace(clean, findings);
    }
    return clean;
  }

  entry(entry: Entry): Entry {
    const before = this.#total;
    const clean = {
      ...entry,
      text: this.text(entry.text),
      ...(entry.toolName === undefined ? {} : { toolName: this.text(entry.toolName) }),
      ...(entry.toolInput === undefined ? {} : { toolInput: this.#string(entry.toolInput, 0) }),
      ...(entry.toolOutput === undefined ? {} : { toolOutput: this.#string(entry.toolOutput, 0) }),
      ...(entry.coworker === undefined ? {} : { coworker: this.text(entry.coworker) }),
    };
    return this.#total === before ? entry : clean;
  }

  json<T>(value: T): T {
    return this.#deep(value, '', 0) as T;
  }

  #deep(value: unknown, key: string, depth: number): unknown {
    if (typeof value === 'string') return this.#member(key, value, depth);
    if (typeof value !== 'object' || value === null) return value;
    if (depth > MAX_DEPTH) {
      this.#count('too_deep');
      return TOO_DEEP;
    }
    if (Array.isArray(value)) return value.map((item) => this.#deep(item, key, depth + 1));
    if (!isObject(value)) return value;
    const entries = Object.entries(value);
    return Object.fromEntries(entries.map(([name, item]) => [this.text(name), this.#deep(item, name, depth + 1)]));
  }

  #member(key: string, value: string, depth: number): string {
    const clean = this.#string(value, depth);
    const finding = key === '' ? undefined : findByKey(key, clean);
    if (finding === undefined) return clean;
    this.#count(finding.rule.name);
    return finding.rule.placeholder;
  }

  /** JSON inside of a string is redacted string by string, so that it stays JSON and escapes hide nothing. */
  #string(text: string, depth: number): string {
    if (!/^\s*[[{]/.test(text)) return this.text(text);
    if (this.#policy.rules.length === 0 && !mayHoldSecrets(text) && !text.includes('\\u') && !HIDING.test(text))
      return text;
    const parsed = parseJson(text);
    if (parsed === undefined) return this.text(text);
    const before = this.#total;
    const clean = this.#deep(parsed, '', depth + 1);
    return this.#total === before ? text : JSON.stringify(clean);
  }

  #replace(text: string, findings: readonly Replaceable[]): string {
    const parts: string[] = [];
    let from = 0;
    for (const { start, end, rule } of findings) {
      parts.push(text.slice(from, start), rule.placeholder);
      this.#count(rule.name);
      from = end;
    }
    return parts.join('') + text.slice(from);
  }

  #count(rule: string): void {
    this.#counts.set(rule, (this.#counts.get(rule) ?? 0) + 1);
    this.#total += 1;
  }
}

type Replaceable = Pick<Finding, 'start' | 'end'> & { readonly rule: Pick<Finding['rule'], 'name' | 'placeholder'> };

const LONGEST_KEY = 100;
const LONGEST_VALUE = 10_000;

/** Is the value a secret because of its key? Asked as if both stood on one line. */
function findByKey(name: string, content: string): Finding | undefined {
  const [key, value] = [cleanText(name), cleanText(content).trim()];
  if (key.startsWith('[REDACTED_')) return undefined;
  if (key.length > LONGEST_KEY || value.length > LONGEST_VALUE || /\s/.test(value)) return undefined;
  if (!mayHoldSecrets(key)) return undefined;
  const line = `${key}="${value.replace(/["'`\\]/g, '_')}"`;
  return findSecrets(line).find(({ start }) => start === key.length + 2);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Cut off or no JSON at all: it is redacted as the text that it is.
  }
}
