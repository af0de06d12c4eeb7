import type { SessionMemory } from './ledger/recording-stamp.ts';
import { parseMemory } from './ledger/session-memory-record.ts';
import { type PaidAnswer, parsePaidAnswer } from './paid-answer.ts';
import { isObject } from './session/json-object.ts';
import { objectParser, type Parser, parseAmount, parseCount, parseNumber, parseText } from './session/json-shape.ts';
import { type BudgetMemory, parseInterrupted, parseReservations } from './work/budget.ts';
import { type Lessons, parseLessons } from './work/estimator.ts';
import { type AgentPause, parsePause } from './work/pause.ts';
import type { RateWindow } from './work/rate-limiter.ts';
import { type AgentProcess, type AgentWorkStats, NO_STATS } from './work/status.ts';
import { parseUsageByDay } from './work/usage.ts';

const SCHEMA_VERSION = 1;

/** How a pass ended, for `status`. Times are RFC 3339. */
export interface PassSummary {
  readonly started_at: string;
  readonly ended_at: string;
  readonly done: number;
  readonly failed: number;
  readonly remaining: number;
  readonly pushed: string;
  readonly stopped?: string;
  /** The cause by its code. */
  readonly stopped_by?: string;
}

export interface CloneIdentity {
  /** UUID. */
  readonly id: string;
  /** Host, folder and inode. */
  readonly where: string;
}

/** Everything that one pass leaves for the next, in `<git common dir>/agentwork/state.json`. */
export interface State {
  readonly rateWindow: RateWindow | undefined;
  /** What was spent on each of the last days, and what runs under way may spend. */
  readonly spending: BudgetMemory;
  /** Until when no agent is asked. */
  readonly pause: AgentPause | undefined;
  /** What earlier runs taught about the cost of the next. */
  readonly lessons: Lessons;
  /** Milliseconds since the epoch. */
  readonly lastDetectAt: number | undefined;
  readonly stats: AgentWorkStats;
  readonly recent: readonly AgentProcess[];
  /** Meaningful only while the pass that wrote it holds the lock. */
  readonly active: readonly AgentProcess[];
  /** Sessions whose artifacts were begun and are not known to be committed. */
  readonly journal: readonly string[];
  /** Sessions of which commits that no remote has hold secrets, as far as was known when they were last searched. */
  readonly unclean: readonly string[];
  readonly sessions: Readonly<Record<string, SessionMemory>>;
  /** Answers that were paid for, and that no commit holds yet. */
  readonly answers: readonly PaidAnswer[];
  readonly lastPass: PassSummary | undefined;
  /** Who this clone is to others, as long as it lies where it lay. */
  readonly clone: CloneIdentity | undefined;
  /** The remote that took claims once, and the one that refused them when it was last asked. */
  readonly claimsTakenBy: string | undefined;
  readonly claimsRefusedBy: string | undefined;
  /** Flags that a `claude` binary lists, by what identifies the binary. */
  readonly claudeFlags: Readonly<Record<string, readonly string[]>>;
}

export const EMPTY_STATE: State = {
  rateWindow: undefined,
  spending: { days: {}, reserved: [], interrupted: {} },
  pause: undefined,
  lessons: {},
  lastDetectAt: undefined,
  stats: NO_STATS,
  recent: [],
  active: [],
  journal: [],
  unclean: [],
  sessions: {},
  answers: [],
  lastPass: undefined,
  clone: undefined,
  claimsTakenBy: undefined,
  claimsRefusedBy: undefined,
  claudeFlags: {},
};

/** The text of `state.json`. */
export function formatState(state: State): string {
  const document = {
    schema_version: SCHEMA_VERSION,
    rate_window: state.rateWindow,
    usage: state.spending.days,
    reserved: state.spending.reserved,
    interrupted: state.spending.interrupted,
    pause: state.pause,
    lessons: state.lessons,
    last_detect_at: state.lastDetectAt,
    stats: state.stats,
    recent: state.recent,
    active: state.active,
    journal: state.journal,
    unclean: state.unclean,
    sessions: state.sessions,
    answers: state.answers,
    last_pass: state.lastPass,
    clone: state.clone,
    claims_taken_by: state.claimsTakenBy,
    claims_refused_by: state.claimsRefusedBy,
    claude_flags: state.claudeFlags,
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** What it knows cannot be told here, and must not be lost: what was spent, tried and given up. */
export class NewerStateError extends Error {}

/** Throws an Error whose message completes "<file> …". Fields of the wrong type read as empty: the state only saves work. */
export function parseState(text: string): State {
  const value = parseJson(text);
  if (!isObject(value) || typeof value.schema_version !== 'number') throw new Error('is not a state of agentwork');
  if (value.schema_version > SCHEMA_VERSION) throw new NewerStateError('was written by a newer agentwork');
  return {
    rateWindow: parseRateWindow(value.rate_window),
    spending: {
      days: parseUsageByDay(value.usage),
      reserved: parseReservations(value.reserved),
      interrupted: parseInterrupted(value.interrupted),
    },
    pause: parsePause(value.pause),
    lessons: parseLessons(value.lessons),
    lastDetectAt: parseNumber(value.last_detect_at),
    stats: parseStats(value.stats) ?? NO_STATS,
    recent: parseList(value.recent, parseProcess),
    active: parseList(value.active, parseProcess),
    journal: parseList(value.journal, parseText),
    unclean: parseList(value.unclean, parseText),
    sessions: parseSessions(value.sessions),
    answers: parseList(value.answers, parsePaidAnswer),
    lastPass: parseLastPass(value.last_pass),
    clone: parseClone(value.clone),
    claimsTakenBy: parseText(value.claims_taken_by),
    claimsRefusedBy: parseText(value.claims_refused_by),
    claudeFlags: parseFlags(value.claude_flags),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('is not JSON');
  }
}

const parseLastPass = objectParser<PassSummary>(['started_at', 'ended_at', 'done', 'failed', 'remaining', 'pushed'], {
  started_at: parseText,
  ended_at: parseText,
  done: parseAmount,
  failed: parseAmount,
  remaining: parseAmount,
  pushed: parseText,
  stopped: parseText,
  stopped_by: parseText,
});

const parseClone = objectParser<CloneIdentity>(['id', 'where'], { id: parseText, where: parseText });

const parseRateWindow = objectParser<RateWindow>(['startedAt', 'used'], {
  startedAt: parseNumber,
  // Less than none would be more than the limit allows.
  used: (value) => parseNumber(value) && Math.max(0, value as number),
});

const parseStats = objectParser<AgentWorkStats>(['total_invocations', 'successes', 'failures'], {
  total_invocations: parseCount,
  successes: parseCount,
  failures: parseCount,
});

const STATUSES: ReadonlySet<unknown> = new Set<AgentProcess['status']>(['running', 'completed', 'failed']);

const parseProcess = objectParser<AgentProcess>(['pid', 'work_type', 'target', 'started_at', 'status'], {
  pid: parseNumber,
  work_type: parseText,
  target: parseText,
  started_at: parseText,
  status: (value) => (STATUSES.has(value) ? (value as AgentProcess['status']) : undefined),
  duration: parseNumber,
  error: parseText,
  exit_code: parseNumber,
  model: parseText,
  tokens_in: parseNumber,
  tokens_out: parseNumber,
  cost_usd: parseNumber,
});

/** What cannot be read of a list is left out of it. */
function parseList<T>(value: unknown, parse: Parser<T>): readonly T[] {
  if (!Array.isArray(value)) return [];
  return value.map(parse).filter((item) => item !== undefined);
}

function parseSessions(value: unknown): Record<string, SessionMemory> {
  if (!isObject(value)) return {};
  const sessions = Object.entries(value).map(([name, memory]) => [name, parseMemory(memory)] as const);
  return Object.fromEntries(sessions.filter((pair): pair is [string, SessionMemory] => pair[1] !== undefined));
}

function parseFlags(value: unknown): Record<string, readonly string[]> {
  if (!isObject(value)) return {};
  const lists = Object.entries(value).filter(([, flags]) => Array.isArray(flags));
  return Object.fromEntries(lists.map(([program, flags]) => [program, parseList(flags, parseText)]));
}
