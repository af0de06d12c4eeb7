import { type JsonObject, parseObject } from './json-object.ts';
import { cutText } from './plain-text.ts';
import { isDiagnostic, type SessionSummary } from './summary.ts';
import { parseModelFields } from './summary-schema.ts';

/** What the answer is about: its limits, and how much a summary has to say. */
export interface AnswerContext {
  readonly entryCount: number;
  readonly chapterCount: number;
}

export type SummaryAnswer =
  | { readonly ok: true; readonly summary: SessionSummary }
  | { readonly ok: false; readonly reason: string };

type Fields = Partial<SessionSummary>;

const MAX_OUTPUT = 2_000_000;
const MAX_OBJECTS = 200;
/** So many characters are looked at, some of them again and again: an answer may be full of braces that never close. */
const MAX_SCANNED = 20_000_000;
const TITLE = { min: 3, max: 200 };
const SUMMARY_MIN = 20;
const LONG_SESSION = { entries: 20, summaryMin: 80, actionsMin: 3 };
const VERY_LONG_SESSION = { entries: 50 };
// Only at the start of a title: sessions about permissions, tools or MCP have these words elsewhere, and rightly so.
const NARRATION =
  /^(?:i need|i['’]ll|i will|i cannot|i can['’]t|i['’]m (?:sorry|unable)|i am (?:sorry|unable)|i apologi[sz]e|let me|unfortunately|could you|please (?:approve|grant)|here is the|here['’]s the)\b/i;

/** Reads a model's reply. A reason names the field and never repeats what the model or the transcript said. */
export function parseSummaryAnswer(output: string, context: AnswerContext): SummaryAnswer {
  const answers = jsonObjects(output.slice(0, MAX_OUTPUT)).map((value) => readAnswer(value, context));
  const summary = answers.find((answer) => answer.ok);
  return summary ?? answers[0] ?? { ok: false, reason: 'no JSON object in the answer' };
}

function readAnswer(value: JsonObject, context: AnswerContext): SummaryAnswer {
  const fields = parseModelFields(value);
  const complaint = complaintOf(fields, context);
  return complaint === undefined
    ? { ok: true, summary: buildSummary(fields, context) }
    : { ok: false, reason: complaint };
}

/** What is wrong with the answer; undefined when nothing is. A verdict "skip" needs no summary, only its reason. */
function complaintOf(fields: Fields, { entryCount }: AnswerContext): string | undefined {
  const { title = '', summary = '', key_actions = [], aha_moments = [] } = fields;
  if (NARRATION.test(title)) return 'title: narration instead of a title';
  if (isDiagnostic(title) || isDiagnostic(summary)) return 'title: a diagnostic instead of a title';
  if (fields.quality_category === 'skip' && (title !== '' || fields.score_reason !== undefined)) return undefined;
  if (title === '') return 'title: missing or blank';
  if (title.length < TITLE.min || title.length > TITLE.max) return 'title: not 3 to 200 characters';
  if (summary.length < SUMMARY_MIN) return 'summary: shorter than 20 characters';
  if (key_actions.length === 0) return 'key_actions: none given';
  if (fields.outcome === undefined) return 'outcome: not success, partial or failed';
  if (entryCount <= LONG_SESSION.entries) return undefined;
  if (summary.length < LONG_SESSION.summaryMin) return 'summary: shorter than 80 characters for a long session';
  if (key_actions.length < LONG_SESSION.actionsMin) return 'key_actions: fewer than 3 for a long session';
  if (entryCount <= VERY_LONG_SESSION.entries || aha_moments.some(({ seq }) => seq < entryCount)) return undefined;
  return 'aha_moments: none for a very long session';
}

function buildSummary(fields: Fields, { entryCount, chapterCount }: AnswerContext): SessionSummary {
  const { aha_moments, sageox_insights, chapter_titles, ...rest } = fields;
  const isInside = ({ seq }: { readonly seq: number }): boolean => seq < entryCount;
  return {
    ...rest,
    title: cutText(fields.title ?? 'Brief session', TITLE.max),
    summary: fields.summary ?? fields.score_reason ?? '',
    key_actions: fields.key_actions ?? [],
    outcome: fields.outcome ?? 'partial',
    topics_found: fields.topics_found ?? [],
    ...(chapter_titles && { chapter_titles: chapter_titles.slice(0, chapterCount) }),
    ...(aha_moments && { aha_moments: aha_moments.filter(isInside) }),
    ...(sageox_insights && { sageox_insights: sageox_insights.filter(isInside) }),
  };
}

/** What stands between braces in a reply and is JSON, in prose and code fences too, in its order. */
function jsonObjects(output: string): JsonObject[] {
  const found: JsonObject[] = [];
  let scanned = 0;
  let start = output.indexOf('{');
  while (start !== -1 && scanned < MAX_SCANNED && found.length < MAX_OBJECTS) {
    const end = objectEnd(output, start);
    const value = parseObject(output.slice(start, end));
    if (value !== undefined) found.push(value);
    scanned += end - start;
    start = output.indexOf('{', value === undefined ? start + 1 : end);
  }
  return found;
}

/** Behind the brace that closes the one at `start`, braces inside of strings not counted; the end of all, if none does. */
function objectEnd(text: string, start: number): number {
  let [depth, isInString] = [0, false];
  for (let at = start; at < text.length; at += 1) {
    const char = text[at];
    if (isInString && char === '\\') at += 1;
    else if (char === '"') isInString = !isInString;
    else if (!isInString && char === '{') depth += 1;
    else if (!isInString && char === '}') depth -= 1;
    if (depth === 0) return at + 1;
  }
  return text.length;
}
