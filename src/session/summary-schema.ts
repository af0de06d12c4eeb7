import * as z from 'zod';
import type { JsonObject } from './json-object.ts';
import { cleanText, cutText, oneLine, withoutMarkup, withoutTags } from './plain-text.ts';
import type { SessionSummary } from './summary.ts';

/** Reads what a model answered: the fields that are a model's to fill, each undefined when it is missing or ill-typed. */
export function parseModelFields(value: JsonObject): Partial<SessionSummary> {
  return withoutUndefined(summaryFields.parse(withoutFormatting(value)));
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
  const { success, data } = storedFields.safeParse(parseJson(text));
  return success ? withoutUndefined(data) : undefined;
}

/**
 * What a model or another program wrote into a summary. An ill-typed field becomes undefined, an ill-typed member of a
 * list is left out, lengths are bounded, control characters removed. Keys that are not named here are dropped.
 */
const summaryFields = z.object({
  title: field(line(1000)),
  summary: field(paragraph(8000)),
  key_actions: field(listOf(line(500), 30)),
  outcome: field(choice(['success', 'partial', 'failed'])),
  topics_found: field(listOf(line(80), 30)),
  agent_summary: field(agentSummary()),
  final_plan: field(paragraph(20_000)),
  diagrams: field(filled(listOf(paragraph(8000), 8))),
  // A title that is none keeps its place: titles belong to chapters by position.
  chapter_titles: field(filled(listOf(line(80).catch(''), 200))),
  aha_moments: field(filled(listOf(ahaMoment(), 20))),
  sageox_insights: field(filled(listOf(insight(), 20))),
  quality_category: field(choice(['share', 'local_only', 'skip'])),
  quality_score: field(z.number().transform((score) => Math.min(1, Math.max(0, score)))),
  score_reason: field(line(500)),
});

/** What only a program adds, never a model. */
const storedFields = summaryFields.extend({
  provider: field(line(80)),
  chapters: field(filled(listOf(chapter(), 500))),
  files_changed: field(filled(listOf(fileChange(), 5000))),
  summary_status: field(choice(['ok', 'unrecoverable'])),
  agentwork: field(origin()),
});

function withoutUndefined(data: z.infer<typeof storedFields> | z.infer<typeof summaryFields>): Partial<SessionSummary> {
  return JSON.parse(JSON.stringify(data)) as Partial<SessionSummary>;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    return undefined; // A pointer, a conflict, a torn write: no summary, whatever it is.
  }
}

function field<T extends z.ZodType>(schema: T) {
  return schema.optional().catch(undefined);
}

function line(max: number) {
  return words((value) => cutText(oneLine(value), max));
}

function paragraph(max: number) {
  return words((value) => cutText(cleanText(value).trim(), max));
}

function words(clean: (value: string) => string) {
  return z.string().transform(clean).pipe(z.string().min(1));
}

/** One of a few words, whatever its case and whether `-` or `_` joins it. */
function choice<const T extends readonly [string, ...string[]]>(values: T) {
  return words((value) => value.trim().toLowerCase().replace(/[-\s]/g, '_')).pipe(z.enum(values));
}

function listOf<T>(member: z.ZodType<T>, max: number) {
  return z.array(z.unknown()).transform((members): readonly T[] => {
    const read = members.slice(0, 10 * max).map((value) => member.safeParse(value));
    return read.flatMap((result) => (result.success ? [result.data] : [])).slice(0, max);
  });
}

function filled<T>(list: z.ZodType<readonly T[]>) {
  return list.refine((members) => members.length > 0);
}

function ahaMoment() {
  return z.object({
    seq: z.int().min(0),
    role: line(40).catch('unknown'),
    type: choice(['question', 'insight', 'decision', 'breakthrough', 'synthesis']),
    highlight: line(1000),
    why: line(1000).catch(''),
  });
}

function insight() {
  return z.object({ seq: z.int().min(0), topic: line(200), insight: line(1000), impact: line(1000).catch('') });
}

function agentSummary() {
  return z.object({
    decisions: field(filled(listOf(z.object({ what: line(500), why: field(line(500)), owner: field(line(100)) }), 30))),
    action_items: field(
      filled(listOf(z.object({ task: line(500), assignee: field(line(100)), priority: field(line(20)) }), 30)),
    ),
    open_questions: field(filled(listOf(z.object({ question: line(500), context: field(line(500)) }), 30))),
    technical_context: field(
      z.object({
        technologies: field(filled(listOf(line(80), 50))),
        architecture: field(paragraph(2000)),
        integrations: field(filled(listOf(line(80), 50))),
      }),
    ),
    constraints: field(filled(listOf(line(500), 30))),
    non_goals: field(filled(listOf(line(500), 30))),
  });
}

function chapter() {
  return z.object({
    id: z.int(),
    title: line(200).catch(''),
    start_seq: z.int().min(0),
    end_seq: z.int().min(0),
    tool_counts: z.record(z.string(), z.number()).catch({}),
    total_tools: z.int().catch(0),
    total_errors: field(z.int()),
    has_edits: z.boolean().catch(false),
  });
}

function fileChange() {
  return z.object({
    path: line(500),
    added: z.int().catch(0),
    removed: field(z.int()),
    action: field(choice(['created', 'deleted'])),
  });
}

function origin() {
  const count = field(z.number().min(0));
  return z.object({
    version: z.literal(1),
    input: z.object({ sha256: z.string().max(64), bytes: z.int(), entries: z.int() }),
    agent: line(80),
    model: field(line(200)),
    runs: count,
    tokens_in: count,
    tokens_out: count,
    cost_usd: count,
    redactions: count,
  });
}
