import { isObject, type JsonObject, parseJson } from './json-object.ts';
import {
  type Parser,
  type Parsers,
  parseAmount,
  parseCount,
  parseFlag,
  parseNumber,
  parseText,
  tolerantParser,
} from './json-shape.ts';
import { cleanText, cutText, oneLine, withoutMarkup, withoutTags } from './plain-text.ts';
import type {
  AgentSummary,
  AhaMoment,
  Chapter,
  FileChange,
  Insight,
  SessionSummary,
  SummaryOrigin,
} from './summary.ts';

/** Reads what a model answered: the fields that are a model's to fill, each undefined when it is missing or ill-typed. */
export function parseModelFields(value: JsonObject): Partial<SessionSummary> {
  return parseOfModel(withoutFormatting(value)) ?? {};
}

/** A model's answer as plain words. Plans are Markdown, a summary has paragraphs, and diagrams have tags of their own. */
function withoutFormatting(value: JsonObject): JsonObject {
  const { final_plan, diagrams, summary, ...lines } = value;
  const kept = { final_plan, diagrams, summary: mapWords(summary, withoutTags) };
  return { ...(mapWords(lines, withoutMarkup) as JsonObject), ...kept };
}

/** No field that counts lies deeper. */
const DEEPEST = 5;

function mapWords(value: unknown, change: (words: string) => string, depth = 0): unknown {
  if (typeof value === 'string') return change(value.slice(0, LONGEST_WORDS));
  if (depth > DEEPEST || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((member) => mapWords(member, change, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, mapWords(member, change, depth + 1)]));
}

/** Longer than any field may be. */
const LONGEST_WORDS = 20_000;

/** Reads the text of a stored summary. */
export function parseStoredFields(text: string): Partial<SessionSummary> | undefined {
  // A pointer, a conflict, a torn write: no summary, whatever it is.
  return parseStored(parseJson(text.replace(/^\ufeff/, '')));
}

/** What only a program adds, never a model. */
type Added = 'provider' | 'chapters' | 'files_changed' | 'summary_status' | 'agentwork';

/**
 * What a model or another program wrote into a summary. An ill-typed field is left out, and so is an ill-typed member of
 * a list; lengths are bounded, control characters removed. Keys that are not named here are dropped.
 */
const OF_MODEL: Parsers<Omit<SessionSummary, Added>> = {
  title: line(1000),
  summary: paragraph(8000),
  key_actions: listOf(line(500), 30),
  outcome: choice('success', 'partial', 'failed'),
  topics_found: listOf(line(80), 30),
  agent_summary: agentSummary(),
  final_plan: paragraph(20_000),
  diagrams: filled(listOf(paragraph(8000), 8)),
  // A title that is none keeps its place: titles belong to chapters by position.
  chapter_titles: filled(listOf(or(line(80), ''), 200)),
  aha_moments: filled(listOf(ahaMoment(), 20)),
  sageox_insights: filled(listOf(insight(), 20)),
  quality_category: choice('share', 'local_only', 'skip'),
  quality_score: score,
  score_reason: line(500),
};

const parseOfModel = tolerantParser<Partial<Omit<SessionSummary, Added>>>([], OF_MODEL);

const parseStored = tolerantParser<Partial<SessionSummary>>([], {
  ...OF_MODEL,
  provider: line(80),
  chapters: filled(listOf(chapter(), 500)),
  files_changed: filled(listOf(fileChange(), 5000)),
  summary_status: choice('ok', 'unrecoverable'),
  agentwork: origin(),
});

function line(max: number): Parser<string> {
  return words((value) => cutText(oneLine(value), max));
}

function paragraph(max: number): Parser<string> {
  return words((value) => cutText(cleanText(value).trim(), max));
}

/** Undefined where nothing is left of them. */
function words(clean: (value: string) => string): Parser<string> {
  return (value) => (typeof value === 'string' && clean(value)) || undefined;
}

/** One of a few words, whatever its case and whether `-` or `_` joins it. */
function choice<const T extends string>(...known: readonly T[]): Parser<T> {
  const parseWord = words((value) => value.trim().toLowerCase().replace(/[-\s]/g, '_'));
  return (value) => {
    const word = parseWord(value);
    return known.find((one) => one === word);
  };
}

function score(value: unknown): number | undefined {
  const number = parseNumber(value);
  return number === undefined ? undefined : Math.min(1, Math.max(0, number));
}

function listOf<T>(parse: Parser<T>, max: number): Parser<readonly T[]> {
  return (value) => {
    if (!Array.isArray(value)) return undefined;
    const members = value.slice(0, 10 * max).map((member) => parse(member));
    return members.filter((member) => member !== undefined).slice(0, max);
  };
}

function filled<T>(parseList: Parser<readonly T[]>): Parser<readonly T[]> {
  return (value) => {
    const members = parseList(value);
    return members?.length === 0 ? undefined : members;
  };
}

function or<T>(parse: Parser<T>, otherwise: T): Parser<T> {
  return (value) => parse(value) ?? otherwise;
}

function ahaMoment(): Parser<AhaMoment> {
  return tolerantParser<AhaMoment>(['seq', 'type', 'highlight'], {
    seq: parseCount,
    role: or(line(40), 'unknown'),
    type: choice('question', 'insight', 'decision', 'breakthrough', 'synthesis'),
    highlight: line(1000),
    why: or(line(1000), ''),
  });
}

function insight(): Parser<Insight> {
  return tolerantParser<Insight>(['seq', 'topic', 'insight'], {
    seq: parseCount,
    topic: line(200),
    insight: line(1000),
    impact: or(line(1000), ''),
  });
}

function agentSummary(): Parser<AgentSummary> {
  const [item, name] = [line(500), line(100)];
  const decision = tolerantParser<Member<'decisions'>>(['what'], { what: item, why: item, owner: name });
  const action = tolerantParser<Member<'action_items'>>(['task'], { task: item, assignee: name, priority: line(20) });
  const question = tolerantParser<Member<'open_questions'>>(['question'], { question: item, context: item });
  return tolerantParser<AgentSummary>([], {
    decisions: filled(listOf(decision, 30)),
    action_items: filled(listOf(action, 30)),
    open_questions: filled(listOf(question, 30)),
    technical_context: tolerantParser<NonNullable<AgentSummary['technical_context']>>([], {
      technologies: filled(listOf(line(80), 50)),
      architecture: paragraph(2000),
      integrations: filled(listOf(line(80), 50)),
    }),
    constraints: filled(listOf(item, 30)),
    non_goals: filled(listOf(item, 30)),
  });
}

type Member<Key extends 'decisions' | 'action_items' | 'open_questions'> = NonNullable<AgentSummary[Key]>[number];

function chapter(): Parser<Chapter> {
  return tolerantParser<Chapter>(['id', 'start_seq', 'end_seq'], {
    id: parseWhole,
    title: or(line(200), ''),
    start_seq: parseCount,
    end_seq: parseCount,
    tool_counts: or(numbersByName, {}),
    total_tools: or(parseWhole, 0),
    total_errors: parseWhole,
    has_edits: or(parseFlag, false),
  });
}

function parseWhole(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}

function numbersByName(value: unknown): Chapter['tool_counts'] | undefined {
  if (!isObject(value)) return undefined;
  // Whoever sets a key of this name sets something else.
  const named = Object.entries(value).filter(([name]) => name !== '__proto__');
  const isRight = named.every(([, number]) => parseNumber(number) !== undefined);
  return isRight ? (Object.fromEntries(named) as Chapter['tool_counts']) : undefined;
}

function fileChange(): Parser<FileChange> {
  return tolerantParser<FileChange>(['path'], {
    path: line(500),
    added: or(parseWhole, 0),
    removed: parseWhole,
    action: choice('created', 'deleted'),
  });
}

function origin(): Parser<SummaryOrigin> {
  return tolerantParser<SummaryOrigin>(['version', 'input', 'agent'], {
    version: (value) => (value === 1 ? value : undefined),
    input: tolerantParser<SummaryOrigin['input']>(['sha256', 'bytes', 'entries'], {
      sha256: digest,
      bytes: parseWhole,
      entries: parseWhole,
    }),
    agent: line(80),
    model: line(200),
    runs: parseAmount,
    tokens_in: parseAmount,
    tokens_out: parseAmount,
    cost_usd: parseAmount,
    redactions: parseAmount,
  });
}

function digest(value: unknown): string | undefined {
  const text = parseText(value);
  return text !== undefined && text.length <= LONGEST_DIGEST ? text : undefined;
}

const LONGEST_DIGEST = 64;
