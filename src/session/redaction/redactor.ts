import { ExpectedError } from '../../errors.ts';
import { isObject } from '../json-object.ts';
import type { Entry } from '../transcript.ts';
import { type View, viewsOf } from './hidden-text.ts';
import { type JsonPiece, piecesOfJson } from './json-pieces.ts';
import { rewriteJson } from './json-rewrite.ts';
import { ruleForKey } from './keyed-secret.ts';
import { isPairName, isPairValue, MemberNames } from './member-names.ts';
import { OpenKey } from './open-key.ts';
import type { PolicyRule, RedactionPolicy } from './policy.ts';
import { type Finding, isSuspicious, type Marks, marksIn, type Scan, scanText } from './secret-scan.ts';

/**
 * Replaces secrets by placeholders and counts what it replaced. Redacting twice changes nothing more. Whatever goes wrong
 * on the way, no text comes out: all of it throws REDACTION_FAILED then, which says nothing of the text.
 */
export interface Redactor {
  text(value: string): string;
  entry(entry: Entry): Entry;
  /**
   * Every string in the value, and what a key such as `password` holds; a key that holds a secret itself is cleaned, too.
   * A string that is JSON stays byte for byte what it was but for the strings in it that had to change.
   */
  json<T>(value: T): T;
  /** Rule name -> replacements so far. */
  readonly counts: ReadonlyMap<string, number>;
  readonly total: number;
}

export function createRedactor(policy: RedactionPolicy): Redactor {
  return new CountingRedactor(policy);
}

const MAX_ROUNDS = 8;
const MAX_DEPTH = 200;
const TOO_DEEP = '[REDACTED_TOO_DEEP]';

class CountingRedactor implements Redactor {
  readonly #counts = new Map<string, number>();
  readonly #policy: RedactionPolicy;
  readonly #openKey = new OpenKey();
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
    return closedOnFailure(() => this.#text(value));
  }

  entry(entry: Entry): Entry {
    return closedOnFailure(() => this.#entry(entry));
  }

  json<T>(value: T): T {
    return closedOnFailure(() => this.#deep(value, '', 0) as T);
  }

  /**
   * Looks again where something was replaced: without its neighbour, a text may be a secret that it was not before. The
   * scan is what a first look at the text showed, if there was one.
   */
  #text(value: string, scan?: Scan): string {
    const rest = this.#openKey.restIn(value);
    let text = rest ? this.#replace(value, [rest]) : value;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const findings = this.#findings(text, text === value ? scan : undefined);
      if (findings.length === 0) break;
      text = this.#replace(text, findings);
    }
    return text;
  }

  /** By all rules on the same text: none makes another one blind for what it finds. */
  #findings(text: string, known?: Scan): readonly Finding[] {
    const scan = known ?? scanText(text);
    if (scan.isKeyOpen) this.#openKey.open();
    return joined([
      ...scan.findings,
      ...this.#byPolicy(text, scan),
      ...(mayHide(text, scan) ? this.#hidden(text) : []),
    ]);
  }

  #byPolicy(text: string, { isDisguised }: Scan): readonly Finding[] {
    return this.#policy.rules.flatMap((rule) => (rule.isMarked && !isDisguised ? [] : foundBy(rule, text)));
  }

  /** Secrets that a reader of the text would see, and who looks at its characters does not. */
  #hidden(text: string): readonly Finding[] {
    for (const view of viewsOf(text)) {
      const scan = scanText(view.text);
      if (scan.isKeyOpen) this.#openKey.open();
      const findings = [...scan.findings, ...this.#byPolicy(view.text, scan)];
      if (findings.length > 0) return findings.map((finding) => written(finding, view));
      if (!mayHide(view.text, scan)) break;
    }
    return [];
  }

  #entry(entry: Entry): Entry {
    const before = this.#total;
    const clean = {
      ...entry,
      text: this.#text(entry.text),
      ...(entry.toolName === undefined ? {} : { toolName: this.#text(entry.toolName) }),
      ...(entry.toolInput === undefined ? {} : { toolInput: this.#string(entry.toolInput, 0) }),
      ...(entry.toolOutput === undefined ? {} : { toolOutput: this.#string(entry.toolOutput, 0) }),
      ...(entry.coworker === undefined ? {} : { coworker: this.#text(entry.coworker) }),
    };
    return this.#total === before ? entry : clean;
  }

  #deep(value: unknown, key: string, depth: number): unknown {
    if (typeof value === 'string') return this.#member(key, value, depth);
    if (!Array.isArray(value) && !isObject(value)) return value;
    if (depth > MAX_DEPTH) return this.#tooDeep();
    if (Array.isArray(value)) return value.map((item) => this.#deep(item, key, depth + 1));
    const names = new MemberNames(Object.keys(value));
    const called = nameOfValue(value);
    const members = Object.entries(value).map(([name, item]) => {
      const clean = this.#text(name);
      const key = isPairValue(name) ? (called ?? name) : name;
      return [clean === name ? name : names.free(clean), this.#deep(item, key, depth + 1)];
    });
    return Object.fromEntries(members);
  }

  #member(key: string, value: string, depth: number, scan?: Scan): string {
    const clean = this.#string(value, depth, scan);
    const rule = key === '' ? undefined : ruleForKey(key, clean);
    if (rule === undefined) return clean;
    this.#count(rule.name);
    return rule.placeholder;
  }

  /** JSON inside of a string is redacted string by string, so that it stays JSON and escapes hide nothing. */
  #string(text: string, depth: number, scan?: Scan): string {
    if (!/^\s*[[{"]/.test(text)) return this.#text(text, scan);
    const marks = marksIn(text);
    const mightFind = this.#policy.rules.some((rule) => rule.mightFind(text));
    const isWanted = this.#openKey.isOpen || mightFind || !text.isWellFormed();
    if (marks.secrets.length + marks.disguises.length + marks.idle.length === 0 && !isWanted) return text;
    const pieces = piecesOfJson(text, MAX_DEPTH - depth);
    return pieces === undefined ? this.#text(text) : this.#jsonText(text, pieces, { marks, isWanted }, depth + 1);
  }

  #jsonText(text: string, pieces: readonly JsonPiece[], { marks, isWanted }: JsonLook, depth: number): string {
    const openKey = this.#openKey;
    return rewriteJson(text, pieces, marks, {
      get looksAtAll() {
        return isWanted || openKey.isOpen;
      },
      name: (name, scan) => this.#text(name, scan),
      value: (value, name, scan) => this.#member(name, value, depth, scan),
      deep: () => this.#tooDeep(),
    });
  }

  #tooDeep(): string {
    this.#count('too_deep');
    return TOO_DEEP;
  }

  #replace(text: string, findings: readonly Finding[]): string {
    const parts: string[] = [];
    let from = 0;
    for (const { start, end, rule } of findings) {
      parts.push(text.slice(from, start), rule.placeholder);
      this.#count(rule.name);
      from = end;
    }
    return from === 0 ? text : parts.join('') + text.slice(from);
  }

  #count(rule: string): void {
    this.#counts.set(rule, (this.#counts.get(rule) ?? 0) + 1);
    this.#total += 1;
  }
}

/** What a first look at a JSON text showed. */
interface JsonLook {
  readonly marks: Marks;
  /** All of its strings are to be searched. */
  readonly isWanted: boolean;
}

/** Half a pair of surrogates is nothing to see, and nothing that a keyword could tell. */
const mayHide = (text: string, scan: Scan): boolean => scan.isDisguised || !text.isWellFormed();

function foundBy(rule: PolicyRule, text: string): readonly Finding[] {
  return [...rule.find(text)].map(([start, end]) => ({ start, end, rule }));
}

/** What an object says that its `value` is, where that may make a secret of it. */
function nameOfValue(value: object): string | undefined {
  for (const [name, item] of Object.entries(value))
    if (isPairName(name) && typeof item === 'string' && isSuspicious(`${item}=`)) return item;
  return undefined;
}

/** In order; those that overlap are one, which is called by the longest of them, or the first of these. */
function joined(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length < 2) return findings;
  const parts: { finding: Finding; longest: number }[] = [];
  for (const finding of [...findings].sort((a, b) => a.start - b.start)) {
    const last = parts.at(-1);
    const length = finding.end - finding.start;
    if (last === undefined || finding.start >= last.finding.end) parts.push({ finding, longest: length });
    else {
      const { rule } = length > last.longest ? finding : last.finding;
      const end = Math.max(last.finding.end, finding.end);
      last.finding = { start: last.finding.start, end, rule };
      last.longest = Math.max(last.longest, length);
    }
  }
  return parts.map(({ finding }) => finding);
}

/** A finding in a view, where it stands in the text. */
function written({ start, end, rule }: Finding, view: View): Finding {
  const [writtenStart, writtenEnd] = view.written(start, end);
  return { start: writtenStart, end: writtenEnd, rule };
}

/** An error may quote the text that it is about: nothing of it is passed on but what kind of error it was. */
function closedOnFailure<T>(redact: () => T): T {
  try {
    return redact();
  } catch (error) {
    // A rule that gives up names itself, and no text.
    if (error instanceof ExpectedError && error.code === 'REDACTION_FAILED') throw error;
    const kind = error instanceof Error ? error.constructor.name : typeof error;
    throw new ExpectedError('REDACTION_FAILED', `the search for secrets broke off (${kind}), so its text is not used`);
  }
}
