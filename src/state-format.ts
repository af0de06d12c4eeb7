import type { SessionMemory } from './ledger/survey.ts';
import { isObject, type JsonObject } from './session/json-object.ts';
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
    lastDetectAt: typeof value.last_detect_at === 'number' ? value.last_detect_at : undefined,
    stats: parseStats(value.stats),
    recent: parseProcesses(value.recent),
    active: parseProcesses(value.active),
    journal: parseNames(value.journal),
    unclean: parseNames(value.unclean),
    sessions: parseSessions(value.sessions),
    lastPass: parseLastPass(value.last_pass),
    clone: parseClone(value.clone),
    claimsTakenBy: typeof value.claims_taken_by === 'string' ? value.claims_taken_by : undefined,
    claimsRefusedBy: typeof value.claims_refused_by === 'string' ? value.claims_refused_by : undefined,
    claudeFlags: parseFlags(value.claude_flags),
  };
}

function parseNames(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('is not JSON');
  }
}

function parseLastPass(value: unknown): PassSummary | undefined {
  if (!isObject(value)) return undefined;
  const hasTexts = ['started_at', 'ended_at', 'pushed'].every((key) => typeof value[key] === 'string');
  const hasCounts = ['done', 'failed', 'remaining'].every((key) => typeof value[key] === 'number');
  const isWhole = hasTexts && hasCounts && areOptional(value, 'string', 'stopped', 'stopped_by');
  return isWhole ? (value as unknown as PassSummary) : undefined;
}

function parseClone(value: unknown): CloneIdentity | undefined {
  if (!isObject(value) || typeof value.id !== 'string' || typeof value.where !== 'string') return undefined;
  return { id: value.id, where: value.where };
}

/** Whether each of these is of the type, or not there. */
function areOptional(value: JsonObject, type: 'string' | 'number', ...keys: readonly string[]): boolean {
  return keys.every((key) => value[key] === undefined || typeof value[key] === type);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function parseRateWindow(value: unknown): RateWindow | undefined {
  if (!isObject(value) || typeof value.startedAt !== 'number' || typeof value.used !== 'number') return undefined;
  return { startedAt: value.startedAt, used: Math.max(0, value.used) };
}

function parseStats(value: unknown): AgentWorkStats {
  if (!isObject(value)) return NO_STATS;
  const count = (key: keyof AgentWorkStats) => (typeof value[key] === 'number' ? value[key] : 0);
  return {
    total_invocations: count('total_invocations'),
    successes: count('successes'),
    failures: count('failures'),
  };
}

function parseProcesses(value: unknown): AgentProcess[] {
  if (!Array.isArray(value)) return [];
  return value.filter((entry): entry is AgentProcess => {
    if (!isObject(entry) || typeof entry.target !== 'string' || typeof entry.started_at !== 'string') return false;
    const hasNumbers = areOptional(entry, 'number', 'duration', 'exit_code', 'tokens_in', 'tokens_out', 'cost_usd');
    return hasNumbers && areOptional(entry, 'string', 'error', 'model', 'status');
  });
}

function parseSessions(value: unknown): Record<string, SessionMemory> {
  if (!isObject(value)) return {};
  const entries = Object.entries(value).filter((pair): pair is [string, JsonObject] => {
    const [, memory] = pair;
    if (!isObject(memory) || !isCount(memory.attempts ?? 0) || !Array.isArray(memory.left_out ?? [])) return false;
    return areOptional(memory, 'string', 'last_error', 'complaint', 'verdict', 'reason', 'staged_as', 'upgraded');
  });
  return Object.fromEntries(entries) as Record<string, SessionMemory>;
}

function parseFlags(value: unknown): Record<string, readonly string[]> {
  if (!isObject(value)) return {};
  return Object.fromEntries(Object.entries(value).filter((pair): pair is [string, string[]] => Array.isArray(pair[1])));
}
