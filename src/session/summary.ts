import { parseStoredFields } from './summary-schema.ts';

/** What stands in `summary.json`: the SummarizeResponse of ox (field names are its), plus our own `agentwork` key. */
export interface SessionSummary {
  readonly title: string;
  /** Which summariser wrote it: `claude`, `offline`. */
  readonly provider?: string;
  readonly summary: string;
  readonly key_actions: readonly string[];
  readonly outcome: Outcome;
  readonly topics_found: readonly string[];
  readonly agent_summary?: AgentSummary;
  readonly final_plan?: string;
  /** Mermaid source. */
  readonly diagrams?: readonly string[];
  readonly chapter_titles?: readonly string[];
  readonly chapters?: readonly Chapter[];
  readonly files_changed?: readonly FileChange[];
  readonly aha_moments?: readonly AhaMoment[];
  readonly sageox_insights?: readonly Insight[];
  readonly quality_category?: QualityCategory;
  /** 0 to 1; absent means unscored, which is not 0. */
  readonly quality_score?: number;
  readonly score_reason?: string;
  readonly summary_status?: 'ok' | 'unrecoverable';
  readonly agentwork?: SummaryOrigin;
}

export type Outcome = 'success' | 'partial' | 'failed';
export type QualityCategory = 'share' | 'local_only' | 'skip';

/** What the summary was made of and by: the fact behind "same input", and behind "paid once". */
export interface SummaryOrigin {
  readonly version: 1;
  readonly input: InputDigest;
  readonly agent: string;
  readonly model?: string;
  /** Agent runs, those that gave nothing of use among them; the three below are of all of them. */
  readonly runs?: number;
  readonly tokens_in?: number;
  readonly tokens_out?: number;
  readonly cost_usd?: number;
  readonly redactions?: number;
}

/** The `raw.jsonl` bytes as they stand in the ledger. `sha256` is the LFS object id of the same bytes. */
export interface InputDigest {
  readonly sha256: string;
  readonly bytes: number;
  readonly entries: number;
}

export interface Chapter {
  readonly id: number;
  readonly title: string;
  /** First and last entry (`Entry.seq`), both inclusive. */
  readonly start_seq: number;
  readonly end_seq: number;
  readonly tool_counts: Readonly<Record<string, number>>;
  readonly total_tools: number;
  readonly total_errors?: number;
  readonly has_edits: boolean;
}

export interface FileChange {
  readonly path: string;
  /** Lines. */
  readonly added: number;
  readonly removed?: number;
  /** Only where a tool said so; any other change is one of a file that may have been there. */
  readonly action?: 'created' | 'deleted';
}

export interface AhaMoment {
  readonly seq: number;
  readonly role: string;
  readonly type: 'question' | 'insight' | 'decision' | 'breakthrough' | 'synthesis';
  readonly highlight: string;
  readonly why: string;
}

export interface Insight {
  readonly seq: number;
  readonly topic: string;
  readonly insight: string;
  readonly impact: string;
}

export interface AgentSummary {
  readonly decisions?: readonly { readonly what: string; readonly why?: string; readonly owner?: string }[];
  readonly action_items?: readonly { readonly task: string; readonly assignee?: string; readonly priority?: string }[];
  readonly open_questions?: readonly { readonly question: string; readonly context?: string }[];
  readonly technical_context?: {
    readonly technologies?: readonly string[];
    readonly architecture?: string;
    readonly integrations?: readonly string[];
  };
  readonly constraints?: readonly string[];
  readonly non_goals?: readonly string[];
}

/** What an existing `summary.json` says, whichever program and version wrote it; undefined when it is no summary. */
export function parseStoredSummary(text: string): SessionSummary | undefined {
  const fields = parseStoredFields(text);
  if (fields?.title === undefined || isDiagnostic(fields.title)) return undefined;
  return {
    ...fields,
    title: fields.title,
    summary: fields.summary ?? '',
    key_actions: fields.key_actions ?? [],
    outcome: fields.outcome ?? 'partial',
    topics_found: fields.topics_found ?? [],
  };
}

/** The text of `summary.json`: always the same keys in the same order, so that a new summary is a small diff. */
export function formatSummaryJson(summary: SessionSummary): string {
  const keys = Object.keys(KEY_ORDER) as (keyof SessionSummary)[];
  const ordered = Object.fromEntries(keys.map((key) => [key, summary[key]]));
  return `${JSON.stringify(ordered, undefined, 2)}\n`;
}

/** Texts that older programs put where a title belongs when they had none. */
export function isDiagnostic(title: string): boolean {
  return DIAGNOSTIC.test(title);
}

const DIAGNOSTIC =
  /^(?:summary (?:failed (?:content|richness) validation|generation failed)|\d+ user messages?, \d+ assistant responses?)/i;

/** All of them; the values say nothing. */
const KEY_ORDER: Readonly<Record<keyof SessionSummary, null>> = {
  title: null,
  provider: null,
  summary: null,
  key_actions: null,
  outcome: null,
  topics_found: null,
  agent_summary: null,
  final_plan: null,
  diagrams: null,
  chapter_titles: null,
  chapters: null,
  files_changed: null,
  aha_moments: null,
  sageox_insights: null,
  quality_category: null,
  quality_score: null,
  score_reason: null,
  summary_status: null,
  agentwork: null,
};
