import { parseTime } from '../../../clock.ts';
import { stringAt } from '../../json-object.ts';
import { parseSessionName } from '../../name.ts';
import type { RedactionPolicy } from '../../redaction/policy.ts';
import type { StoredSession } from '../../stored-session.ts';
import type { SummaryOrigin } from '../../summary.ts';
import { rowText } from './row-text.ts';

/** What can be said of how a session ended, in the order in which it is drawn. */
export const STATES = ['success', 'partial', 'failed', 'waiting', 'unreadable'] as const;
export type RowState = (typeof STATES)[number];

/** A session as the page lists it: bounded, without secrets, every sign of it visible. */
export interface SessionRow {
  readonly name: string;
  /** The folder's name as a part of an address; undefined where there is no page to go to. */
  readonly link?: string;
  readonly title: string;
  readonly summary: string;
  readonly state: RowState;
  readonly who: string;
  readonly atMs?: number;
  readonly topics: readonly string[];
  readonly files: readonly string[];
  /** Files that were changed and are not named here. */
  readonly moreFiles: number;
  /** Of the summary, in and out. */
  readonly tokens?: number;
  readonly costUsd?: number;
  readonly notes: readonly string[];
}

export interface RowLimits {
  readonly summaryChars: number;
  readonly files: number;
}

const LONGEST_NAME = 255;
const LONGEST_TITLE = 200;
const LONGEST_WHO = 80;
const LONGEST_TOPIC = 60;
const LONGEST_NOTE = 200;
const MOST_TOPICS = 12;
const MOST_TOKENS = 1e12;
const MOST_COST_USD = 1e6;

// A small ledger is listed whole; one of ten thousand sessions has to be opened by a browser.
const SUMMARY_BUDGET = 6_000_000;
const FILES_BUDGET = 300_000;

/** How much of each session a page of so many can hold. */
export function limitsFor(sessionCount: number): RowLimits {
  const share = (budget: number, least: number, most: number) =>
    Math.max(least, Math.min(most, Math.floor(budget / Math.max(1, sessionCount))));
  return { summaryChars: share(SUMMARY_BUDGET, 320, 8000), files: share(FILES_BUDGET, 16, 400) };
}

/** Makes rows. */
export function rowBuilder(limits: RowLimits, policy: RedactionPolicy): (session: StoredSession) => SessionRow {
  const clean = rowText(policy);
  return (session) => {
    const { name, summary, meta } = session;
    const named = parseSessionName(name);
    const files = summary?.files_changed ?? [];
    const topics = summary?.topics_found ?? [];
    const atMs = parseTime(meta?.created_at) ?? parseTime(named.startedAtLocal && `${named.startedAtLocal}:00Z`);
    const link = session.hasPage ? linkTo(name) : undefined;
    return {
      name: clean.words(name, LONGEST_NAME),
      ...(link !== undefined && { link }),
      title: clean.words(summary?.title ?? stringAt(meta, 'title', 'summary') ?? name, LONGEST_TITLE) || '(no title)',
      summary: clean.words(summary?.summary ?? '', limits.summaryChars),
      state: stateOf(session),
      who: clean.words(stringAt(meta, 'username') ?? named.username ?? '', LONGEST_WHO),
      ...(atMs !== undefined && { atMs }),
      topics: unique(topics.slice(0, MOST_TOPICS).map((topic) => clean.words(topic, LONGEST_TOPIC))),
      files: unique(files.slice(0, limits.files).map(({ path }) => clean.path(path))),
      moreFiles: Math.max(0, files.length - limits.files),
      ...figuresOf(summary?.agentwork),
      notes: notesOf(session).map((note) => clean.words(note, LONGEST_NOTE)),
    };
  };
}

/** Newest first; what bears no time comes last. */
export function compareRows(a: SessionRow, b: SessionRow): number {
  return (b.atMs ?? Number.NEGATIVE_INFINITY) - (a.atMs ?? Number.NEGATIVE_INFINITY) || (a.name < b.name ? 1 : -1);
}

function stateOf({ summary, troubles }: StoredSession): RowState {
  return summary?.outcome ?? (troubles.length > 0 ? 'unreadable' : 'waiting');
}

function notesOf({ summary, troubles }: StoredSession): readonly string[] {
  return summary?.summary_status === 'unrecoverable' ? [...troubles, 'no agent could summarise it'] : troubles;
}

/** What the summary took, as far as it tells. Nobody has paid more than this: such a number is a slip or a joke. */
function figuresOf(origin: SummaryOrigin | undefined): Pick<SessionRow, 'tokens' | 'costUsd'> {
  const { tokens_in: read, tokens_out: written, cost_usd: cost = Number.POSITIVE_INFINITY } = origin ?? {};
  const tokens = read === undefined && written === undefined ? Number.POSITIVE_INFINITY : (read ?? 0) + (written ?? 0);
  return { ...(tokens <= MOST_TOKENS && { tokens }), ...(cost <= MOST_COST_USD && { costUsd: cost }) };
}

/** Undefined for a name that no address can hold: half of a surrogate pair. */
function linkTo(name: string): string | undefined {
  try {
    return encodeURIComponent(name);
  } catch {
    return undefined; // It is listed all the same, and leads nowhere.
  }
}

const unique = (words: readonly string[]): readonly string[] => [...new Set(words.filter((word) => word !== ''))];
