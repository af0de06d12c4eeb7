import type { RecoveredEntry, SourceFacts, SourceLine } from './adapters/adapter.ts';
import { shortLine } from './plain-text.ts';

/** What of an agent's transcript belongs to one recording. */
export interface RecoveryScope {
  readonly startedAtMs?: number;
  readonly stoppedAtMs?: number;
  /** Half open; `toMs` may be Infinity. */
  readonly pauses: readonly { readonly fromMs: number; readonly toMs: number }[];
  /** Half open ranges of the offsets of lines. */
  readonly pausedBytes: readonly { readonly from: number; readonly to: number }[];
  /** Lines that start before it are captured already, or older than the session. Their facts are facts all the same. */
  readonly fromOffset: number;
  /** False for a folder in another repository. */
  readonly isOurs: (cwd: string) => boolean;
  /** Whether the entry is in the recording already. */
  readonly isCaptured?: (entry: RecoveredEntry) => boolean;
}

/** In lines, but for `entries`. A line that is not blank is either taken or in exactly one of the other counts. */
export interface RecoveryCounts extends Readonly<Record<LeftOut, number>> {
  readonly entries: number;
  /** Lines that said something, left out or not: none means that nothing of this transcript is understood. */
  readonly understood: number;
  /** Names that are safe to print. */
  readonly unknownTypes: Readonly<Record<string, number>>;
}

type LeftOut =
  | 'captured'
  | 'beforeStart'
  | 'afterStop'
  | 'paused'
  | 'otherRepository'
  | 'duplicates'
  | 'malformed'
  /** Bookkeeping of the agent. */
  | 'dropped';

type SpokenLine = Extract<SourceLine, { kind: 'entries' }>;

/** Chooses, line by line, what belongs to a recording, and remembers what it left out and what the transcript told. */
export class RecoverySelection {
  readonly #scope: RecoveryScope;
  readonly #seen = new Set<string>();
  readonly #unknown = new TypeCounter();
  readonly #counts = {
    ...{ entries: 0, understood: 0, captured: 0, beforeStart: 0, afterStop: 0, paused: 0, otherRepository: 0 },
    ...{ duplicates: 0, malformed: 0, dropped: 0 },
  };
  #facts: Omit<SourceFacts, 'cwd'> = {};
  #cwd: string | undefined;

  constructor(scope: RecoveryScope) {
    this.#scope = scope;
  }

  get counts(): RecoveryCounts {
    return { ...this.#counts, unknownTypes: this.#unknown.counts };
  }

  /** The model that answered first, and the session that was last: a forked one starts with lines of its parent. */
  get facts(): Omit<SourceFacts, 'cwd'> {
    return this.#facts;
  }

  /** The entries of the line that belong to the recording. */
  take(line: SourceLine): readonly RecoveredEntry[] {
    if (line.kind === 'blank') return [];
    this.#remember(line);
    if (line.kind === 'entries') return this.#choose(line);
    if (isBefore(line, this.#scope.fromOffset)) return this.#leaveOut('captured');
    if (line.kind === 'malformed') return this.#leaveOut('malformed');
    if (line.kind !== 'unknown') return this.#leaveOut('dropped');
    this.#unknown.add(line.type);
    return [];
  }

  #choose(line: SpokenLine): readonly RecoveredEntry[] {
    this.#counts.understood += 1;
    const isRepeated = line.id !== undefined && this.#seen.has(line.id);
    if (line.id !== undefined) this.#seen.add(line.id);
    const reason = this.#reasonAgainst(line, isRepeated);
    if (reason) return this.#leaveOut(reason);
    const { isCaptured } = this.#scope;
    const taken = isCaptured ? line.entries.filter((entry) => !isCaptured(entry)) : line.entries;
    if (taken.length === 0) return this.#leaveOut('captured');
    this.#counts.entries += taken.length;
    return taken;
  }

  /** A line without a time or a folder is taken: nothing says that it does not belong. */
  #reasonAgainst(line: SpokenLine, isRepeated: boolean): LeftOut | undefined {
    const { startedAtMs, stoppedAtMs, pauses, fromOffset, isOurs } = this.#scope;
    const { atMs } = line;
    if (isBefore(line, fromOffset)) return 'captured';
    if (isRepeated) return 'duplicates';
    if (atMs !== undefined && startedAtMs !== undefined && atMs < startedAtMs) return 'beforeStart';
    if (atMs !== undefined && stoppedAtMs !== undefined && atMs > stoppedAtMs) return 'afterStop';
    if (atMs !== undefined && pauses.some(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs)) return 'paused';
    if (this.#isInPausedBytes(line)) return 'paused';
    return this.#cwd !== undefined && !isOurs(this.#cwd) ? 'otherRepository' : undefined;
  }

  #isInPausedBytes({ offset }: SpokenLine): boolean {
    return offset !== undefined && this.#scope.pausedBytes.some(({ from, to }) => from <= offset && offset < to);
  }

  #remember(line: SourceLine): void {
    if (line.kind !== 'entries' && line.kind !== 'facts') return;
    const { cwd, ...facts } = line.facts ?? {};
    this.#cwd = (line.kind === 'entries' ? line.cwd : undefined) ?? cwd ?? this.#cwd;
    const { sessionId } = facts;
    this.#facts = { ...facts, ...this.#facts, ...(sessionId === undefined ? {} : { sessionId }) };
  }

  #leaveOut(reason: LeftOut): readonly RecoveredEntry[] {
    this.#counts[reason] += 1;
    return [];
  }
}

const isBefore = ({ offset }: SourceLine, fromOffset: number): boolean => offset !== undefined && offset < fromOffset;

const MAX_TYPES = 50;
const TYPE_MAX = 60;
const OTHER_TYPES = 'other';

/** A transcript may name as many types as it likes, and name them as it likes. */
class TypeCounter {
  readonly #counts = new Map<string, number>();

  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  add(type: string): void {
    const name = shortLine(type, TYPE_MAX) || OTHER_TYPES;
    const key = this.#counts.has(name) || this.#counts.size < MAX_TYPES ? name : OTHER_TYPES;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }
}

const REASONS: readonly (readonly [LeftOut, string])[] = [
  ['beforeStart', 'from before its start'],
  ['afterStop', 'from after its stop'],
  ['paused', 'from pauses'],
  ['otherRepository', 'from another repository'],
  ['duplicates', 'told twice'],
];
const TYPES_TOLD = 5;

/** What was left out and why, for people; empty when it was nothing but bookkeeping, and what was recorded already. */
export function describeRecovery(counts: RecoveryCounts): string {
  const unknown = Object.entries(counts.unknownTypes).sort(([, a], [, b]) => b - a);
  const unknownLines = unknown.reduce((sum, [, count]) => sum + count, 0);
  const parts = [
    ...REASONS.map(([reason, words]) => [counts[reason], words] as const),
    [unknownLines, `of unknown type (${typeList(unknown)})`] as const,
    [counts.malformed, 'malformed'] as const,
  ].filter(([count]) => count > 0);
  if (parts.length === 0) return '';
  const told = parts.map(([count, words], index) => `${index > 0 ? count : lines(count)} ${words}`);
  return `left out: ${told.join(', ')}`;
}

const lines = (count: number): string => (count === 1 ? '1 line' : `${count} lines`);

function typeList(types: readonly (readonly [string, number])[]): string {
  const told = types.slice(0, TYPES_TOLD).map(([type, count]) => `${type} ${count}`);
  const more = types.length - told.length;
  return [...told, ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}
