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
const MAX_OBJECTS = 50;
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

function readAnswer(value: unknown, context: AnswerContext): SummaryAnswer {
  const fields = parseModelFields(value);
  if (fields === undefined) return { ok: false, reason: 'the answer is not a JSON object' };
  const complaint = complaintOf(fields, context);
  return complaint === undefined
    ? { ok: true, summary: buildSummary(fields, context) }
    : { ok: false, reason: complaint };
}

/** What is wrong with the answer; undefined when nothing is. A verdict "skip" needs no summary, only its reason. */
function complaintOf(fields: Fields, { entryCount }: AnswerContext): string | undefined {
  const { title, summary = '', key_actions = [] } = fields;
  if (title !== undefined && NARRATION.test(title)) return 'title: narration instead of a title';
  if (isDiagnostic(title ?? '') || isDiagnostic(summary)) return 'title: a diagnostic instead of a title';
  if (fields.quality_category === 'skip' && (title ?? fields.score_reason) !== undefined) return undefined;
  if (title === undefined) return 'title: missing or blank';
  if (title.length < TITLE.min || title.length > TITLE.max) return 'title: not 3 to 200 characters';
  if (summary.length < SUMMARY_MIN) return 'summary: shorter than 20 characters';
  if (key_actions.length === 0) return 'key_actions: none given';
  if (fields.outcome === undefined) return 'outcome: not success, partial or failed';
  if (entryCount > LONG_SESSION.entries) return richnessComplaint(fields, entryCount);
  return undefined;
}

function richnessComplaint(
  { summary = '', key_actions = [], aha_moments }: Fields,
  entryCount: number,
): string | undefined {
  if (summary.length < LONG_SESSION.summaryMin) return 'summary: shorter than 80 characters for a long session';
  if (key_actions.length < LONG_SESSION.actionsMin) return 'key_actions: fewer than 3 for a long session';
  if (entryCount > VERY_LONG_SESSION.entries && !aha_moments?.some(({ seq }) => seq < entryCount)) {
    return 'aha_moments: none for a very long session';
  }
  return undefined;
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

/** The JSON objects in a reply, the likelier places first: all of it, code fences, anything between braces. */
function jsonObjects(output: string): readonly unknown[] {
  const fences = fencedBlocks(output);
  const json = fences.filter(({ language }) => language === 'json');
  const texts = [output, ...[...json, ...fences].map(({ body }) => body), ...bracedTexts(output)];
  return texts.slice(0, 3 * MAX_OBJECTS).flatMap(parseObject);
}

interface Fence {
  readonly language: string;
  readonly body: string;
}

// By hand here and below: a regular expression looks again and again for an end that is not there.
function fencedBlocks(text: string): readonly Fence[] {
  const blocks: Fence[] = [];
  let start = text.indexOf(FENCE);
  while (start !== -1 && blocks.length < MAX_OBJECTS) {
    const lineEnd = text.indexOf('\n', start);
    const end = lineEnd === -1 ? -1 : text.indexOf(FENCE, lineEnd);
    if (end === -1) return blocks;
    const info = text.slice(start + FENCE.length, Math.min(lineEnd, start + 100));
    blocks.push({ language: (/^\w*/.exec(info)?.[0] ?? '').toLowerCase(), body: text.slice(lineEnd + 1, end) });
    start = text.indexOf(FENCE, end + FENCE.length);
  }
  return blocks;
}

const FENCE = '```';

function parseObject(text: string): readonly object[] {
  if (!text.trimStart().startsWith('{')) return [];
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? [value] : [];
  } catch {
    return []; // Not JSON: another place may hold it.
  }
}

function bracedTexts(output: string): readonly string[] {
  const texts: string[] = [];
  let start = output.indexOf('{');
  for (let tries = 0; start !== -1 && tries < MAX_OBJECTS; tries += 1) {
    const end = closingBrace(output, start) ?? start;
    const text = output.slice(start, end + 1);
    const isObject = parseObject(text).length > 0;
    if (isObject) texts.push(text);
    start = output.indexOf('{', isObject ? end + 1 : start + 1);
  }
  return texts;
}

/** Where the brace at `start` is closed, braces inside of strings not counted. */
function closingBrace(text: string, start: number): number | undefined {
  let [depth, isInString] = [0, false];
  for (let at = start; at < text.length; at += 1) {
    const char = text[at];
    if (isInString && char === '\\') at += 1;
    else if (char === '"') isInString = !isInString;
    else if (!isInString && char === '{') depth += 1;
    else if (!isInString && char === '}') depth -= 1;
    if (depth === 0) return at;
  }
  return undefined;
}
